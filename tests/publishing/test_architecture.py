"""Imports go down only; every framework has one door. Says what docs/architecture.md says."""

import ast
import re
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"

LAYERS = [
    {"cli", "__main__"},
    {"serving"},
    {"checking", "accepting", "auditing", "repeating", "listing", "building", "mutating"},
    {"reporting", "staging", "verifying", "scaffold"},
    {"history", "check_log", "storing", "running", "comparing"},
    {"freshness", "audits", "mutation_score"},
    {"records", "notes"},
    {"calls", "markup", "prose", "bibliography", "notebooks"},
    {"kernel", "authoring", "frames", "figures", "__init__"},
    {"statements", "quantities", "families", "fingerprints", "content_cache", "errors", "scheduling", "fetching", "installing"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# a report and a change are told by the modules that know what they tell of
UPWARD = {
    ("reporting", "checking"),
    ("reporting", "accepting"),
    ("reporting", "listing"),
    ("reporting", "mutating"),
    ("reporting", "auditing"),
    ("reporting", "repeating"),
}

DOORS = {
    "nbclient": {"running/executing.py"},
    "jupyter_client": {"running/executing.py"},
    "nbformat": {"notebooks.py"},
    "jupytext": {"notebooks.py"},
    "mkdocs": set(),
    "typer": {"cli.py"},
    "rich": {"reporting/terminal.py"},
    "matplotlib": {
        *(f"figures/matplotlib/{name}.py" for name in ("artists", "axes", "colours", "pictures", "scatters")),
        *(f"reporting/overlay/{name}.py" for name in ("drawing", "dressing", "scenes")),
    },
    "pandas": {"frames.py"},
    "pydantic": {"notes.py", "records.py", "audits.py", "check_log.py"},
    "pybtex": {"bibliography.py"},
    "lxml": {"staging/pictures.py", "staging/sanitising.py", "verifying/pages.py"},
    "nh3": {"staging/sanitising.py"},
    "latex2mathml": {"staging/mathml.py"},
    "markdown": {"staging/body.py"},
    "nbconvert": {"staging/companion.py"},
    "pygments": {"staging/highlighting.py"},
    "pymdownx": {"staging/page.py"},
    "watchdog": {"serving.py"},
    "ipykernel": {"kernel/launch.py"},
    "time_machine": {"kernel/clock.py"},
    "torch": set(),
    "smallmodels": set(),
}


def imports(path):
    """Every module that a file imports, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "labnotes":
                yield from ((f"labnotes.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def files(package):
    return sorted(
        path
        for path in (TOOLS / package).rglob("*.py")
        if "__pycache__" not in path.parts and path.name != "note.py" and "theme" not in path.parts
    )


def part(path):
    return path.relative_to(TOOLS / "labnotes").parts[0].removesuffix(".py")


def test_every_module_has_a_layer_and_the_documents_name_it():
    modules = {part(path) for path in files("labnotes")}
    assert modules == set(LEVEL)
    page = (TOOLS.parent / "docs" / "architecture.md").read_text()
    block = re.search(r"```\n(cli .*?)```", page, re.DOTALL).group(1)
    named = {word for line in block.splitlines() for word in line[:46].split()}  # the words after it say what the layer does
    assert modules - {"__main__", "__init__"} == named


@pytest.mark.parametrize("path", files("labnotes"), ids=lambda path: path.relative_to(TOOLS).as_posix())
def test_imports_go_down_only(path):
    own = part(path)
    for module, line in imports(path):
        if not module.startswith("labnotes."):
            continue
        other = module.split(".")[1]
        if other == own or other not in LEVEL or (own, other) in UPWARD:
            continue
        assert LEVEL[own] <= LEVEL[other], f"{path}:{line}: {own} imports {other}, which stands above it"


@pytest.mark.parametrize("path", files("labnotes"), ids=lambda path: path.relative_to(TOOLS).as_posix())
def test_every_framework_has_one_door(path):
    name = path.relative_to(TOOLS / "labnotes").as_posix()
    for module, line in imports(path):
        top = module.split(".")[0]
        if top in DOORS:
            assert name in DOORS[top], f"{path}:{line}: {top} belongs in {DOORS[top] or 'no module'}"


@pytest.mark.parametrize("path", files("smallmodels"), ids=lambda path: path.relative_to(TOOLS).as_posix())
def test_the_research_library_knows_nothing_of_notebooks(path):
    tops = {module.split(".")[0] for module, _ in imports(path)}
    assert not tops & {"labnotes", "nbclient", "nbformat", "jupytext", "IPython", "ipykernel", "mkdocs", "typer", "rich"}


def test_only_the_command_line_prints_and_exits():
    for path in files("labnotes"):
        allowed = path.name in ("cli.py", "terminal.py", "authoring.py")  # authors see what would be recorded
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.exit", "exit", "input"):
                assert allowed, f"{path}:{node.lineno}"


def test_what_watches_child_processes_runs_on_old_pythons():
    for name in ("kernel/tracing.py", "kernel/child/sitecustomize.py"):
        ast.parse((TOOLS / "labnotes" / name).read_text(), feature_version=(3, 8))
        tops = {module.split(".")[0] for module, _ in imports(TOOLS / "labnotes" / name)}
        assert tops <= {"__future__", "contextlib", "importlib", "json", "os", "sys", "typing"}
