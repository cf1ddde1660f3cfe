"""Which files are notebooks, what they are called as notes, and which cannot become one."""

import pytest

from foreign_notebooks import PYTHON, code_cell, text_cell, write_notebook
from labnotes.adoption import origins
from labnotes.errors import InvalidNote
from labnotes.source import file_limits
from labnotes.source.labs import Lab


def refusal(path):
    with pytest.raises(InvalidNote) as caught:
        origins.read_origin(path, path)
    return "\n".join(map(str, caught.value.problems))


def test_a_folder_gives_its_notebooks_without_copies_that_tools_keep(tmp_path):
    for name in ("a.ipynb", "deep/b.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", ".hidden/c.ipynb", "deep/.d.ipynb"):
        write_notebook(tmp_path / name, code_cell("1"))
    (tmp_path / "marked.py").write_text("# %%\nx = 1\n")
    (tmp_path / "helper.py").write_text("x = 1\n")
    (tmp_path / "report.qmd").write_text("```{python}\n1\n```\n")
    (tmp_path / "README.md").write_text("# Read me\n")
    found = origins.find_origins([tmp_path])
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == ["a.ipynb", "deep/b.ipynb", "marked.py", "report.qmd"]
    assert found.problems == ()


def test_paths_that_name_no_notebook_are_told_together(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").touch()
    told = [
        str(problem) for problem in origins.find_origins([tmp_path / "empty", tmp_path / "table.csv", tmp_path / "gone.ipynb"]).problems
    ]
    assert [text.splitlines()[0].partition(": ")[2] for text in told] == [
        "holds no notebook",
        "is no notebook: .csv is none of .ipynb, .py, .md, .qmd, .rmd",
        "is not there",
    ]


def test_a_notebook_in_another_language_is_refused(tmp_path):
    for language in ("R", "julia"):
        metadata = {"kernelspec": {"name": "x", "display_name": "x", "language": language}}
        assert f"is written in {language.lower()}" in refusal(write_notebook(tmp_path / "x.ipynb", code_cell("1"), metadata=metadata))
    (tmp_path / "x.qmd").write_text("# Title\n\n```{r}\nplot(1)\n```\n")
    assert "has no code in Python, only r" in refusal(tmp_path / "x.qmd")


@pytest.mark.parametrize(
    ("code", "metadata"),
    [
        ("print 'hello'", PYTHON),
        ("x = 1\nprint x, y", {}),
        ("try:\n    x()\nexcept ValueError, e:\n    pass", PYTHON),
        ("`x`", {"kernelspec": {"name": "python2", "display_name": "Python 2", "language": "python"}}),
        ("`x`", {**PYTHON, "language_info": {"name": "python", "version": "2.7.18"}}),
    ],
)
def test_python_2_is_refused_with_the_line(tmp_path, code, metadata):
    told = refusal(write_notebook(tmp_path / "x.ipynb", code_cell("ok = 1"), code_cell(code), metadata=metadata))
    assert "cell 2, line" in told
    assert "is Python 2" in told


def test_code_that_does_not_parse_is_no_python_2_for_that(tmp_path):
    told = refusal(write_notebook(tmp_path / "x.ipynb", code_cell("x = (1"), code_cell("y = = 2")))
    assert "cell 1, line 1: does not parse" in told
    assert "cell 2, line 1: does not parse" in told
    assert "Python 2" not in told


def test_a_notebook_that_is_too_large_is_refused_with_the_command_that_clears_its_outputs(tmp_path):
    path = tmp_path / "large.ipynb"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(file_limits.LARGEST_SOURCE + 1)
    told = refusal(path)
    assert "has 21 MB, mostly outputs" in told
    assert f"jupyter nbconvert --clear-output --inplace {path}" in told


def test_a_script_without_cells_and_a_text_without_code_are_refused(tmp_path):
    (tmp_path / "x.py").write_text("x = 1\n")
    assert "is a script without cells" in refusal(tmp_path / "x.py")
    assert "has no code" in refusal(write_notebook(tmp_path / "x.ipynb", text_cell("# Text")))
    (tmp_path / "y.ipynb").write_text("no json")
    assert "is not JSON" in refusal(tmp_path / "y.ipynb")


def test_what_is_installed_in_a_cell_is_no_fault_of_its_syntax(tmp_path):
    draft = origins.read_origin(write_notebook(tmp_path / "x.ipynb", code_cell("pip install numpy"), code_cell(" ")), tmp_path / "x.ipynb")
    assert [cell.source for cell in draft.cells] == ["pip install numpy"]


def test_quarto_keeps_its_options(tmp_path):
    (tmp_path / "x.qmd").write_text(
        "---\ntitle: T\n---\n\nText.\n\n::: {.x}\nA\n:::\n\n```{python}\n#| echo: false\nx = 1\n```\n\n```bash\nls\n```\n"
    )
    draft = origins.read_origin(tmp_path / "x.qmd", tmp_path / "x.qmd")
    assert draft.suffix == ".md"
    assert [(cell.kind, cell.source) for cell in draft.cells][1:] == [
        ("text", "Text.\n\n::: {.x}\nA\n:::"),
        ("code", "#| echo: false\nx = 1"),
        ("text", "```bash\nls\n```"),
    ]


@pytest.mark.parametrize(
    ("name", "title", "slug"),
    [
        ("My Analysis (final).ipynb", "T", "my-analysis-final"),
        ("plot_iris.py", "T", "iris"),
        ("Größe_über.ipynb", "T", "groe-uber"),
        ("index.ipynb", "The Ünits of It's", "the-units-of-its"),
        ("01.ipynb", "First steps", "first-steps"),
        ("统计.ipynb", "Statistics 101", "statistics-101"),
        ("checks.ipynb", "Some checks", "some-checks"),
    ],
)
def test_a_note_is_called_as_its_file_or_as_its_title(tmp_path, name, title, slug):
    assert origins.chosen_slug(tmp_path / name, title) == slug


def test_names_that_are_taken_or_meant_twice_are_told(tmp_path):
    (tmp_path / "notes" / "there").mkdir(parents=True)
    paths = [write_notebook(tmp_path / name, code_cell("1")) for name in ("a.ipynb", "b/a.ipynb", "c.ipynb")]
    drafts = [origins.read_origin(path, path.relative_to(tmp_path)) for path in paths]
    told = [str(problem) for problem in origins.slug_problems(Lab(tmp_path), drafts, ["a", "a", "there"])]
    assert told[0].startswith("a.ipynb and b/a.ipynb: would both be the note 'a'")
    assert told[1].startswith("c.ipynb: notes/there is there already")
    assert len(told) == 2


def test_a_repository_has_folders_with_notebooks(tmp_path):
    for name in ("notebooks/a.ipynb", "notebooks/b/c.ipynb", "top.ipynb", "notes/x/note.ipynb", "site/d.ipynb"):
        write_notebook(tmp_path / name, code_cell("1"))
    assert [(str(folder), count) for folder, count in origins.candidate_folders(tmp_path)] == [(".", 1), ("notebooks", 2)]
