"""The pages under docs/reference/ are made of docstrings: each public function and class has one, and stands on a page."""

import ast
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from lxml import html

import labnotes
from labnotes import installation
from labnotes.commands import build
from labnotes.errors import UsageError
from labnotes.source.labs import Lab

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / "tools"
REFERENCE = ROOT / "docs" / "reference"

SENTENCE = re.compile(r".*\w.*\.")
"""The first line of a docstring: lists of functions show it alone, so it must be whole."""

SHOWN = re.compile(r"^::: (\S+)", re.MULTILINE)
"""The line of a page in whose place the docstrings of a module come."""


class PublicDefinition(NamedTuple):
    """A public function, method or class: its full name, the file and line where it begins, its docstring."""

    name: str
    where: str
    docstring: str | None


def module_name(path, tools=TOOLS):
    return ".".join(path.relative_to(tools).with_suffix("").parts)


def public_definitions(path, tools=TOOLS):
    """The public functions and classes of a file, with the public methods of the latter."""

    def definitions_below(body, prefix):
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                name = f"{prefix}.{node.name}"
                yield PublicDefinition(name, f"{path.relative_to(tools.parent).as_posix()}:{node.lineno}", ast.get_docstring(node))
                if isinstance(node, ast.ClassDef):
                    yield from definitions_below(node.body, name)

    return list(definitions_below(ast.parse(path.read_text(encoding="utf-8")).body, module_name(path, tools)))


def author_functions():
    """What a note imports, by the names under which it does."""
    written = {
        definition.name.rpartition(".")[2]: definition for definition in public_definitions(TOOLS / "labnotes" / "author" / "api.py")
    }
    return [written[name]._replace(name=f"labnotes.{name}") for name in labnotes.__all__]


MODULES = sorted(path for path in (TOOLS / "smallmodels").rglob("*.py") if path.read_text(encoding="utf-8").strip())
PUBLIC = [*author_functions(), *(definition for path in MODULES for definition in public_definitions(path))]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}


def without_sentence(public):
    return [
        f"{definition.where}: {definition.name} has no docstring whose first line is a sentence"
        for definition in public
        if not SENTENCE.fullmatch((definition.docstring or "").partition("\n")[0])
    ]


def placement_faults(modules, pages):
    """What to do so that each module is on one page, to which the index links."""
    places = [(name, page) for page, text in sorted(pages.items()) for name in SHOWN.findall(text) if name != "labnotes"]
    for name in modules:
        if name not in dict(places):
            yield f"{name} is on no page: add the line `::: {name}` to the page of docs/reference/ where it belongs"
    for name, page in places:
        link = f"[`{name.partition('.')[2]}`]({page}#{name})"
        if name not in modules:
            yield f"docs/reference/{page} shows {name}, which is no module: take the line out"
        elif dict(places)[name] != page:
            yield f"{name} is on {page} and on {dict(places)[name]}: take one line out"
        elif link not in pages["index.md"]:
            yield f"docs/reference/index.md has no link to {name}: add {link}"


def test_every_public_function_and_class_has_a_docstring_that_begins_with_a_sentence():
    faults = without_sentence(PUBLIC)
    assert not faults, "\n".join(faults)


def test_every_module_of_the_research_library_is_on_one_page_that_the_index_links_to():
    faults = list(placement_faults([module_name(path) for path in MODULES], PAGES))
    assert not faults, "\n".join(faults)


def test_the_page_of_labnotes_shows_all_that_a_note_can_import():
    options = yaml.safe_load(PAGES["labnotes.md"].partition("::: labnotes\n")[2])["options"]
    assert sorted(options["members"]) == sorted(labnotes.__all__), "docs/reference/labnotes.md: members"


def test_what_has_no_sentence_is_told_with_file_and_line(tmp_path):
    path = tmp_path / "tools" / "smallmodels" / "new.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        'class Reader:\n    """A reader."""\n\n    def read(self):\n        """Read a\n        line."""\n\n    def _hidden(self): ...\n\ndef load(): ...\n'
    )
    assert without_sentence(public_definitions(path, tmp_path / "tools")) == [
        "tools/smallmodels/new.py:4: smallmodels.new.Reader.read has no docstring whose first line is a sentence",
        "tools/smallmodels/new.py:10: smallmodels.new.load has no docstring whose first line is a sentence",
    ]


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ({"a.md": "::: smallmodels.newer"}, ["smallmodels.new is on no page: add the line `::: smallmodels.new`", "is no module"]),
        ({"a.md": "::: smallmodels.new"}, ["add [`new`](a.md#smallmodels.new)"]),
        (
            {"a.md": "::: smallmodels.new", "b.md": "::: smallmodels.new", "index.md": "[`new`](b.md#smallmodels.new)"},
            ["on a.md and on b.md"],
        ),
        ({"a.md": "::: smallmodels.new", "index.md": "[`new`](a.md#smallmodels.new)"}, []),
    ],
    ids=["on no page", "not in the index", "on two pages", "as it should be"],
)
def test_a_module_that_is_not_where_it_should_be_is_told_with_what_to_do(pages, told):
    faults = list(placement_faults(["smallmodels.new"], {"index.md": "", **pages}))
    assert len(faults) == len(told)
    assert all(part in fault for part, fault in zip(told, faults, strict=True)), faults


@pytest.fixture(scope="module")
def headings(tmp_path_factory):
    """The ids of all headings of the reference, built alone with the plugin's settings of this repository's site, where torch is missing."""
    folder = tmp_path_factory.mktemp("reference")
    (folder / "docs").mkdir()
    for page, text in PAGES.items():
        (folder / "docs" / page).write_text(text, encoding="utf-8")
    plugin = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["plugins"]["mkdocstrings"]
    plugin["handlers"]["python"]["paths"] = [str(TOOLS)]
    plugin["custom_templates"] = str(ROOT / plugin["custom_templates"])
    settings = {
        "site_name": "Reference",
        "theme": {"name": "material", "font": False},
        "plugins": {"mkdocstrings": plugin},
        "markdown_extensions": ["md_in_html", "pymdownx.highlight", "pymdownx.superfences", "tables"],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "missing").mkdir()
    for name in ("torch", "matplotlib"):
        (folder / "missing" / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}')")
    environment = {**build.mkdocs_environment(), "PYTHONPATH": str(folder / "missing")}
    done = subprocess.run(build.mkdocs_command(Lab(folder), "build"), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = [html.parse(path) for path in (folder / "site").rglob("index.html")]
    return [element.get("id", "") for page in pages for element in page.iter("h2", "h3", "h4", "h5")]


@pytest.mark.slow
def test_the_built_pages_show_every_public_name_once_and_no_private_one(headings):
    assert {definition.name for definition in PUBLIC} - set(headings) == set()
    assert len(headings) == len(set(headings))
    assert [name for name in headings if re.search(r"(^|\.)_", name)] == []


@pytest.mark.parametrize("plugins", ["[search, material/tags, no-such-plugin]", "{tags: {}, no-such-plugin: {}}", "[{no-such-plugin: {}}]"])
def test_a_plugin_that_is_not_installed_is_named_before_anything_is_built(lab, plugins):
    (lab.root / "mkdocs.yml").write_text(f"site_name: A\nplugins: {plugins}\n")
    with pytest.raises(UsageError) as error:
        build.prepare_site(Lab(lab.root))
    [problem] = error.value.problems
    assert problem.what == "no-such-plugin is not installed"


def test_where_the_plugin_of_the_reference_is_missing_the_message_gives_the_command(lab, monkeypatch):
    (lab.root / "mkdocs.yml").write_text("site_name: A\nplugins: {mkdocstrings: {}}\n")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: ())
    with pytest.raises(UsageError, match="mkdocstrings is not installed") as error:
        build.prepare_site(Lab(lab.root))
    assert installation.install_command("site", "reference") in str(error.value)
