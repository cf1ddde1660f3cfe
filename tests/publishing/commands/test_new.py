"""New labs and notes, in new folders and in those that hold something."""

import subprocess

import pytest
import yaml

from labnotes.commands.new import new_lab

NOTE = "# %%\nfrom labnotes import claim\n\n# %%\nclaim('rate', 0.5)\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "my-lab"
    made.mkdir()
    return made


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts
    }


def test_a_lab_is_made_in_a_repository_without_a_change_to_what_is_there(lab, folder):
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    theirs = {
        "README.md": "Mine.\n",
        ".gitignore": "site/\n*.log\n",
        "requirements.txt": "pandas>=2\ntorch\n",
        "docs/index.md": "# My pages\n",
        "notes/first/note.py": NOTE,
    }
    for name, text in theirs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = lab("init", ".", cwd=folder)
    assert done.code == 0, done.text
    after = contents(folder)
    assert {name: after[name] for name in theirs} == theirs
    assert "INHERIT: .labnotes/site/mkdocs.yml" in after["mkdocs.yml"]
    assert "notes/.gitkeep" not in after
    made, left = done.out.splitlines()[:2]
    assert made == "made a lab in .: " + ", ".join(sorted(after.keys() - theirs.keys(), key=_as_in_the_template))
    assert left == "left as they are: docs/index.md, .gitignore, requirements.txt"
    assert ".gitignore lacks: .venv/, __pycache__/, .ipynb_checkpoints/, .labnotes/, docs/notes/" in done.out
    assert "requirements.txt lacks: labnotes-reexecuted[site] @ " in done.out
    assert ", matplotlib" in done.out
    assert "pandas" not in done.out


def _as_in_the_template(name):
    return name.replace(".git", "dot-git", 1) if name.startswith(".git") else name


def test_a_repository_becomes_a_lab_that_builds(lab, folder):
    (folder / "notes").mkdir()
    (folder / "README.md").write_text("Mine.\n")
    assert lab("new", "first", cwd=folder).code == 0
    refused = lab("build", cwd=folder)
    assert refused.code == 2
    assert "labnotes init . writes what a lab lacks" in refused.err
    assert lab("init", ".", cwd=folder).code == 0
    built = lab("build", cwd=folder)
    assert built.code == 0, built.text
    assert "left out: first is a draft" in built.out
    assert "error" not in built.err
    assert (folder / "site" / "index.html").is_file()


def test_a_whole_lab_lacks_nothing_and_is_left_as_it_is(lab, folder):
    (folder / ".git").mkdir()
    assert lab("init", ".", cwd=folder).code == 0
    before = contents(folder)
    assert "notes/.gitkeep" in before
    again = lab("init", ".", cwd=folder)
    assert again.code == 0
    assert again.out.startswith(". lacks no file of a lab\nleft as they are: ")
    assert "add by hand" not in again.out
    assert again.out.endswith("next: labnotes new first-note\n")
    assert contents(folder) == before


def test_settings_of_another_site_are_left_and_it_is_said_what_they_lack(folder):
    (folder / "mkdocs.yml").write_text("site_name: Mine\n")
    assert new_lab(folder).lacking == ("mkdocs.yml lacks: INHERIT: .labnotes/site/mkdocs.yml",)
    assert (folder / "mkdocs.yml").read_text() == "site_name: Mine\n"


def test_a_link_that_leads_nowhere_is_not_written_through(folder, tmp_path):
    (folder / "mkdocs.yml").symlink_to(tmp_path / "elsewhere.yml")
    assert "mkdocs.yml" in new_lab(folder).left
    assert not (tmp_path / "elsewhere.yml").exists()


def test_files_where_a_lab_has_folders_are_all_named_and_nothing_is_written(lab, folder):
    (folder / "docs").touch()
    (folder / "notes").touch()
    done = lab("init", ".", cwd=folder)
    assert done.code == 2
    assert "docs: is a file, and a lab has a folder there" in done.err
    assert "notes: is a file, and a lab has a folder there" in done.err
    assert {path.name for path in folder.iterdir()} == {"docs", "notes"}


# -- notes -------------------------------------------------------------------------------------------------------------------------------


def settings_of(lab, slug):
    return yaml.safe_load((lab.root / "notes" / slug / "note.yml").read_text())


def test_a_folder_with_a_source_gets_its_settings(lab):
    source = lab.root / "notes" / "seeds-and-power" / "note.py"
    source.parent.mkdir()
    source.write_text(NOTE)
    done = lab("new", "seeds-and-power")
    assert done.code == 0, done.text
    assert done.out.startswith("made notes/seeds-and-power/note.yml\n")
    assert source.read_text() == NOTE
    assert settings_of(lab, "seeds-and-power")["title"] == "Seeds and power"
    assert {path.name for path in source.parent.iterdir()} == {"note.py", "note.yml"}


def test_a_folder_with_settings_gets_a_source(lab):
    folder = lab.write_note("a", "")
    (folder / "note.py").unlink()
    before = (folder / "note.yml").read_text()
    assert lab("new", "a", "--format", "md").out.startswith("made notes/a/note.md\n")
    assert (folder / "note.yml").read_text() == before
    assert "```python" in (folder / "note.md").read_text()


def test_an_empty_folder_gets_both(lab):
    (lab.root / "notes" / "a").mkdir()
    assert lab("new", "a").out.startswith("made notes/a/note.ipynb and notes/a/note.yml\n")


def test_a_notebook_in_the_folder_of_the_note_is_named_and_renamed(lab):
    folder = lab.root / "notes" / "a"
    folder.mkdir()
    (folder / "analysis.ipynb").write_text("{}")
    told = "labnotes new a --from notes/a/analysis.ipynb"
    assert told in lab("new", "a").err
    assert told in lab("list").err
    assert lab("new", "a", "--from", "notes/a/analysis.ipynb").code == 0
    assert {path.name for path in folder.iterdir()} == {"note.ipynb", "note.yml"}
    assert (folder / "note.ipynb").read_text() == "{}"


def test_a_note_is_made_by_its_path_as_well(lab):
    assert lab("new", "notes/a").code == 0
    assert (lab.root / "notes" / "a" / "note.yml").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("a",), "notes/a: exists already"),
        (("a", "--from", "x.py"), "--from x.py: is not there"),
        (("b", "--from", "x.txt"), "--from x.txt: is none of: .ipynb, .py, .md"),
        (("checks",), "checks: is a name that the site itself needs"),
        (("b", "--format", "docx"), "'docx' is none of: ipynb, py, md"),
        (("file",), "notes/file: is a file"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(lab, words, told):
    lab.write_note("a", NOTE)
    (lab.root / "notes" / "file").touch()
    before = contents(lab.root)
    done = lab("new", *words)
    assert done.code == 2
    assert told in done.err
    assert contents(lab.root) == before
