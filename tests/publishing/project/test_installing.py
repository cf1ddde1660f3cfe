"""Nothing that we write, print or make tells anybody to install `labnotes` from the package index, where it is another project's."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.utils import canonicalize_name

from labnotes import installation as installation_module
from labnotes.commands.build import prepare_site
from labnotes.execute import traced_dependencies
from labnotes.source.labs import Lab
from labnotes.store import staleness

ROOT = Path(__file__).parents[3]

_THEN = r"['\"]?,?\s+['\"]?"  # a space in a shell, or the end of one word and the beginning of the next in a list of code
INSTALLER = rf"\b(?:uvx|(?:pip[\d.]*|pipx|uv|poetry|pdm|conda|mamba|rye){_THEN}(?:(?:pip|tool|run|install|add|download|inject)\b{_THEN})+)"
"""The words before what is installed."""


def foreign_places(text):
    """Every place of a text that would have labnotes fetched from the package index."""
    places = re.findall(r"(?<![\w/.-])labnotes\[[\w, -]+\]", text, re.IGNORECASE)  # an extra of the stranger
    for match in re.finditer(INSTALLER + r"([^\n`#;&|]*)", text, re.IGNORECASE):
        words = re.split(r"[\s,()\"']+", re.sub(r"\s+@\s+", "@", match[1]))
        places += [
            match[0] for word in words if re.fullmatch(r"labnotes(?:-reexecuted)?(?:\[[^\]]*\]?)?(?:[=<>~!].*)?[.:]?", word, re.IGNORECASE)
        ]
    return places


def foreign_requirement_lines(name, text):
    """The lines of a requirements or constraints file that would have labnotes fetched from the package index; none of another file."""
    if re.fullmatch(r"(?:requirements|constraints)[\w-]*\.(?:txt|in)", Path(name).name):
        return [
            line
            for line in text.splitlines()
            if re.match(r"\s*labnotes(?:[_.-]+reexecuted)?\s*(?:$|[\[=<>~!;#](?!.*@))", line, re.IGNORECASE)
        ]
    return []


FOREIGN = [
    "pip install labnotes", "pip3 install labnotes", "pip3.11 install --upgrade labnotes==0.1.0", "python -m pip install 'labnotes[site]'",
    "%pip install --quiet labnotes[notes]", "!pip install LabNotes", 'pip install --constraint constraints.txt "labnotes>=0.1"',
    "pip install numpy labnotes", "uv pip install labnotes", "uv add labnotes", "uv tool install labnotes", "pipx install labnotes", "pipx run labnotes",
    "uvx labnotes", "poetry add labnotes", "conda install labnotes", "pip install labnotes-reexecuted", "pip install 'labnotes-reexecuted[site]'",
    '[sys.executable, "-m", "pip", "install", "labnotes"]', 'run("pip", "download", "labnotes")', "install: labnotes[notes]", "the extra `labnotes[site]`",
]  # fmt: skip

OURS = [
    "pip install 'labnotes-reexecuted[site] @ git+https://example.org/labnotes'", "pip install labnotes-reexecuted@git+https://example.org/labnotes",
    "pip install --editable '/work/labnotes[site]'", "pip install -e .", "pip install -r requirements.txt && labnotes check", "labnotes-reexecuted[site]",
    'extra["labnotes"]["install"]', "cd labnotes && pip install .",
]  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN)
def test_the_search_finds(text):
    assert foreign_places(text), text


@pytest.mark.parametrize("text", OURS)
def test_the_search_leaves(text):
    assert foreign_places(text) == []


def test_the_search_finds_requirements():
    for line in ("labnotes", "labnotes==0.1", "labnotes[site,notes]", "  Labnotes>=1", "labnotes-reexecuted", "labnotes_reexecuted[site]"):
        assert foreign_requirement_lines("lab/requirements.txt", line), line
    for line in ("labnotes-reexecuted @ git+https://a.example", "labnotes-reexecuted[site] @ file:///a", "# labnotes is", "nbclient"):
        assert foreign_requirement_lines("lab/requirements-dev.txt", line) == [], line


def text_files(root):
    """Every text file that git tracks, or that lies there where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True
    )
    skipped = {".git", ".venv", ".labnotes", "__pycache__", "build", "site"}
    walked = (path.relative_to(root).as_posix() for path in root.rglob("*") if not skipped & set(path.relative_to(root).parts))
    for name in listed.stdout.split("\0") if listed.returncode == 0 else walked:
        path = root / name
        if path.is_file() and path != Path(__file__) and path.stat().st_size < 5_000_000:
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode("utf-8", errors="replace")


def test_no_file_of_the_repository_names_the_stranger():
    places_by_file = {name: foreign_places(text) + foreign_requirement_lines(name, text) for name, text in text_files(ROOT)}
    assert len(places_by_file) > 200
    refused = "tests/publishing/site/test_staging.py"  # settings that are refused
    assert {name: lines for name, lines in places_by_file.items() if lines and name != refused} == {}
    assert set(places_by_file[refused]) == {"labnotes[notes]"}


def test_the_project_has_the_name_and_its_extras_follow():
    project = installation_module._project_table(ROOT)
    assert project["name"] == installation_module.DISTRIBUTION
    assert canonicalize_name(installation_module.DISTRIBUTION) != installation_module.STRANGER
    assert project["scripts"] == {"labnotes": "labnotes.cli:main"}
    of_itself = [need for needs in project["optional-dependencies"].values() for need in needs if need.lower().startswith("labnotes")]
    assert of_itself == [f"{installation_module.DISTRIBUTION}[{extras}]" for extras in ("models,corpus", "altair")]


def test_documents_give_the_command_of_the_module():
    wanted = installation_module.UNKNOWN.pip_command("site").splitlines()[0]
    assert f"\n{wanted} matplotlib pandas\n" in (ROOT / "docs" / "writing.md").read_text()
    assert installation_module.DISTRIBUTION in (ROOT / "README.md").read_text()


# -- where labnotes came from ------------------------------------------------------------------------------------------------------------


def make_installation(folder, direct_url=None, project_urls=()):
    """A distribution as pip leaves it, and the folder of its package."""
    info = folder / "labnotes_reexecuted-0.1.0.dist-info"
    info.mkdir(parents=True)
    urls = "".join(f"Project-URL: {label}, {url}\n" for label, url in project_urls)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: labnotes-reexecuted\nVersion: 0.1.0\n{urls}")
    if direct_url:
        (info / "direct_url.json").write_text(json.dumps(direct_url))
    return folder / "labnotes", importlib.metadata.PathDistribution(info)


COMMIT = "0123456789abcdef0123456789abcdef01234567"

CASES = {
    "a repository": (
        {"url": "https://git.example/labnotes.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"}},
        f"git+https://git.example/labnotes.git@{COMMIT}",
    ),
    "a folder of a repository": (
        {"url": "https://git.example/all", "vcs_info": {"vcs": "git", "commit_id": COMMIT}, "subdirectory": "labnotes"},
        f"git+https://git.example/all@{COMMIT}#subdirectory=labnotes",
    ),
    "a wheel with an address": (
        {"url": "https://files.example/labnotes_reexecuted-0.1.0-py3-none-any.whl", "archive_info": {}},
        "https://files.example/labnotes_reexecuted-0.1.0-py3-none-any.whl",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_installation_from_an_address_is_repeated_from_there(tmp_path, name):
    kept, url = CASES[name]
    origin = installation_module.find_origin(*make_installation(tmp_path, kept, [("Repository", "https://other.example")]))
    assert origin.pip_command("site") == f"pip install 'labnotes-reexecuted[site] @ {url}'"
    assert origin.requirement_line() == f"labnotes-reexecuted @ {url}"
    assert origin.is_public


def test_a_local_file_is_named_while_it_is_there(tmp_path):
    wheel = tmp_path / "a folder" / "labnotes_reexecuted-0.1.0-py3-none-any.whl"
    package, distribution = make_installation(tmp_path / "lib", {"url": wheel.as_uri(), "archive_info": {}})
    assert installation_module.find_origin(package, distribution) == installation_module.UNKNOWN
    wheel.parent.mkdir()
    wheel.touch()
    origin = installation_module.find_origin(package, distribution)
    assert (
        origin.pip_command("site", "notes")
        == f"pip install 'labnotes-reexecuted[site,notes] @ {tmp_path.as_uri()}/a%20folder/{wheel.name}'"
    )
    assert origin.is_known
    assert not origin.is_public


def test_an_editable_installation_names_its_folder(tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    package, distribution = make_installation(tmp_path / "lib", {"url": sources.as_uri(), "dir_info": {"editable": True}})
    assert installation_module.find_origin(package, distribution).pip_command("site") == f"pip install --editable '{sources}[site]'"


def test_a_checkout_counts_before_what_else_is_installed(tmp_path):
    root = tmp_path / "check out"
    (root / "tools" / "labnotes").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "labnotes-reexecuted"\n')
    (root / "constraints.txt").touch()
    _, distribution = make_installation(tmp_path / "lib", CASES["a repository"][0])
    origin = installation_module.find_origin(root / "tools" / "labnotes", distribution)
    assert origin.pip_command("site") == f"pip install --constraint '{root}/constraints.txt' --editable '{root}[site]'"
    assert not origin.is_public
    (root / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert installation_module.find_origin(root / "tools" / "labnotes", distribution).is_public


def test_without_a_trace_the_projects_own_address_counts_and_else_a_word_that_pip_refuses(tmp_path):
    published = installation_module.find_origin(
        *make_installation(tmp_path / "a", None, [("Homepage", "https://h.example"), ("Source", "https://s.example/l")])
    )
    assert published.pip_command("site") == "pip install 'labnotes-reexecuted[site] @ git+https://s.example/l'"
    for origin in (
        installation_module.find_origin(*make_installation(tmp_path / "b")),
        installation_module.find_origin(tmp_path / "lib" / "labnotes", None),
    ):
        assert origin == installation_module.UNKNOWN
        assert not origin.is_public
        command, hint = origin.pip_command("site").splitlines()
        assert command == "pip install 'labnotes-reexecuted[site] @ git+REPOSITORY-OF-LABNOTES'"
        assert "REPOSITORY-OF-LABNOTES stands for" in hint


def test_pip_refuses_the_placeholder_before_it_asks_any_index():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--no-deps",
            "--no-index",
            installation_module.UNKNOWN.requirement_line("site"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "Invalid requirement" in done.stderr


@pytest.mark.parametrize(
    ("line", "foreign"),
    [
        ("labnotes", ["labnotes"]),
        ("--quiet pandas 'labnotes[notes]'", ["labnotes[notes]"]),
        ("Lab.Notes", []),
        ("labnotes_reexecuted==0.1", ["labnotes_reexecuted==0.1"]),
        ("labnotes-reexecuted[notes] @ git+https://a.example pandas", []),
        ("'labnotes-reexecuted @ git+https://a.example'", []),
        ("labnotes-reexecuted[notes] pandas@git+https://a.example", ["labnotes-reexecuted[notes]"]),
        ("git+https://a.example/labnotes", []),
    ],
)
def test_requirements_that_an_index_would_answer_are_told(line, foreign):
    assert installation_module.foreign_requirements(line) == foreign


# -- what follows it ---------------------------------------------------------------------------------------------------------------------


def test_the_version_of_a_record_is_that_of_the_project():
    assert installation_module.running_version() == installation_module._project_table(ROOT)["version"]


def test_the_version_is_known_in_a_checkout_that_nobody_installed(monkeypatch):
    def raise_missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", raise_missing)
    assert installation_module.running_version() == installation_module._project_table(ROOT)["version"]


@pytest.mark.parametrize("name", ["labnotes-reexecuted", "another-name"])
def test_no_run_depends_on_the_platform_whatever_its_distribution_is_called(monkeypatch, name):
    owners = {"labnotes": [name], "smallmodels": [name], "numpy": ["numpy"], "matplotlib_inline": ["matplotlib-inline"]}
    monkeypatch.setattr(traced_dependencies, "_package_owners", lambda installed: owners)
    assert traced_dependencies._distribution_versions(set(owners)) == {"numpy": staleness.installed_version("numpy")}


def test_messages_give_the_command(lab, monkeypatch):
    lab.environment["PYTHONPATH"] = str(lab.root)  # a folder in which mkdocs cannot be imported
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (lab.root / "mkdocs.yml").write_text("site_name: A\n")
    with pytest.raises(Exception, match="MkDocs is not installed") as error:
        prepare_site(Lab(lab.root))
    assert installation_module.install_command("site") in str(error.value)
    (lab.root / "lxml").mkdir()
    (lab.root / "lxml" / "__init__.py").write_text("raise ModuleNotFoundError('no lxml', name='lxml')")
    done = lab.in_own_process("build", PYTHONPATH=f"{lab.root}:{ROOT / 'tools'}")
    assert done.code == 2
    assert "lxml is not installed" in done.err
    assert installation_module.install_command("site") in re.sub(r"\s*\n\s*", " ", done.err)


def test_a_new_lab_names_the_place_that_labnotes_came_from(lab):
    done = lab("init", "made", cwd=lab.root.parent)
    root = lab.root.parent / "made"
    lines = [line for line in (root / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == [installation_module.running_origin().requirement_line("site"), "matplotlib", "pandas"]
    assert (
        "before its CI can run: say in requirements.txt where it gets labnotes from" in done.out
    ) is not installation_module.running_origin().is_public
    assert all(foreign_places(text) + foreign_requirement_lines(name, text) == [] for name, text in text_files(root))
    settings = (root / "mkdocs.yml").read_text()
    active = settings[: settings.index("# extra:")] + re.sub(r"^# ?", "", settings[settings.index("# extra:") :], flags=re.MULTILINE)
    assert installation_module.foreign_requirements(yaml.safe_load(active)["extra"]["labnotes"]["install"]) == []
