"""Every framework has one door, and docs/architecture.md draws the layers that pyproject.toml states: `lint-imports`, in `make lint`, holds the
code to them."""

import ast
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / "tools"

DOORS = {
    "nbclient": {"execute/kernel_session.py"},
    "jupyter_client": {"execute/kernel_session.py"},
    "nbformat": {"source/notebooks.py"},
    "jupytext": {"source/notebooks.py"},
    "mkdocs": {"site/preview/builder.py"},
    "mkdocs_jupyter": {"site/docs_notebooks/notebook_html.py"},
    "click": {"cli/app.py", "cli/adopting.py", "cli/commands.py"},
    "rich": {"report/terminal.py"},
    "matplotlib": {
        *(f"author/figures/matplotlib/{name}.py" for name in ("artists", "axes", "colour_values", "colours", "looks", "pictures")),
        *(f"author/figures/matplotlib/{name}.py" for name in ("packed_parts", "scatters", "solids", "tick_texts")),
        "author/figures/plotly/drawing.py",
        *(f"report/overlay/{name}.py" for name in ("drawing", "axes_style", "view")),
    },
    "PIL": {"author/figures/pixels/decoding.py"},
    **{name: set() for name in ("plotly", "seaborn", "plotnine", "holoviews", "bokeh", "sympy", "xarray")},
    "altair": {"author/figures/vega/figure_reader.py"},
    "vl_convert": {"author/figures/vega/figure_reader.py", "site/stage/interactive.py"},
    "pandas": {"author/frames.py"},
    "pydantic": {"source/settings_file.py", "model/encoding.py", "site/stage/incremental.py"},
    "pybtex": {"source/bibliography.py"},
    "lxml": {
        "commands/papers.py",
        "site/stage/output_styles.py",
        "site/stage/pictures.py",
        "site/stage/sanitising.py",
        "site/verify/pages.py",
    },
    "tinycss2": {"site/stage/output_styles.py"},
    "nh3": {"site/stage/sanitising.py"},
    "math_core": {"source/formulas/mathml.py"},
    "markdown": set(),
    "markdown_it": {"source/markdown_reader.py"},
    "mdit_py_plugins": {"source/markdown_reader.py"},
    "nbconvert": {"site/stage/notebook_page.py", "site/stage/terminal_colours.py"},
    "pygments": {"site/stage/highlighting.py"},
    "pymdownx": {"site/stage/page.py"},
    "watchdog": {"commands/serve.py"},
    "langcodes": {"source/languages.py"},
    "ipykernel": {"kernel/launch.py"},
    "time_machine": {"kernel/clock.py"},
    "torch": set(),
    "smallmodels": set(),
}


@functools.cache
def nodes_of_file(path):
    """The nodes of a file's syntax, read once for all tests."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported_modules(path):
    """Every module that a file imports, with the line."""
    for node in nodes_of_file(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "labnotes":
                yield from ((f"labnotes.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def python_files(package):
    return sorted(
        path
        for path in (TOOLS / package).rglob("*.py")
        if "__pycache__" not in path.parts and path.name != "note.py" and "theme" not in path.parts
    )


CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((TOOLS.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def test_the_documents_draw_the_layers_in_their_order():
    page = (TOOLS.parent / "docs" / "architecture.md").read_text()
    block = re.search(r"```\n(cli .*?)```", page, re.DOTALL).group(1)
    drawn = [word for line in block.splitlines() for word in line[:46].split()]  # the words after it say what the layer does
    stated = [name for layer in CONTRACTS["layers"]["layers"] for name in layer.split(" | ")]
    assert drawn == [name for name in stated if name != "__main__"]


@pytest.mark.parametrize(
    ("contract", "module", "imported"),
    [
        ("layers", "compare/claims.py", "labnotes.store.check_log"),
        ("layers", "site/stage/page.py", "labnotes.report.terminal"),
        ("siblings", "commands/check.py", "labnotes.commands.accept"),
        ("layers", "errors.py", "labnotes.installation"),
    ],
)
@pytest.mark.slow  # 3 s each
def test_an_import_upwards_or_aside_breaks_the_contract(tmp_path, contract, module, imported):
    """An import breaks the contract in a copy of the code; before it, the contract holds in that copy."""
    for name in ("labnotes", "smallmodels"):
        shutil.copytree(TOOLS / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "theme"))
    words = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    words += ["--contract", contract, str(TOOLS.parent / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    sound = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stdout
    with (tmp_path / "labnotes" / module).open("a") as file:
        file.write(f"\nimport {imported}\n")
    broken = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    importer = f"labnotes.{module.removesuffix('.py').replace('/', '.')}"
    told = f"{importer} -> {imported}" if contract == "layers" else f".{importer.rpartition('.')[2]} -> .{imported.rpartition('.')[2]}"
    assert told in broken.stdout


def test_every_framework_has_one_door():
    strangers = [
        f"{path}:{line}: {module} belongs in {DOORS[module.split('.')[0]] or 'no module'}"
        for path in python_files("labnotes")
        for module, line in imported_modules(path)
        if path.relative_to(TOOLS / "labnotes").as_posix()
        not in DOORS.get(module.split(".")[0], {path.relative_to(TOOLS / "labnotes").as_posix()})
    ]
    assert strangers == []


def test_only_the_command_line_prints_and_exits():
    for path in python_files("labnotes"):
        allowed = path.parent.name == "cli" or path.name in ("terminal.py", "api.py")  # authors see what would be recorded
        for node in nodes_of_file(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.exit", "exit", "input"):
                assert allowed, f"{path}:{node.lineno}"


def test_what_watches_child_processes_runs_on_old_pythons():
    for name in ("kernel/tracing.py", "kernel/fault_dump.py", "kernel/child/sitecustomize.py"):
        ast.parse((TOOLS / "labnotes" / name).read_text(), feature_version=(3, 8))
        tops = {module.split(".")[0] for module, _ in imported_modules(TOOLS / "labnotes" / name)}
        assert tops <= {"__future__", "_socket", "contextlib", "faulthandler", "importlib", "json", "os", "signal", "stat", "sys", "typing"}


# -- names and types ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readability():
    """The counts of benchmarks/readability.py, which prints them for any package."""
    path = TOOLS.parent / "benchmarks" / "readability.py"
    spec = importlib.util.spec_from_file_location("readability", path)
    module = sys.modules["readability"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trees():
    return {path: nodes_of_file(path)[0] for path in python_files("labnotes")}


def test_a_local_is_named_after_what_it_holds(readability, trees):
    assert [path for path, tree in trees.items() if readability.banned_bindings(tree)] == []
    assert readability.banned_bindings(ast.parse("for each in here:\n    found = each\ndef f(it): return lambda one: one")) == 4


def test_few_names_are_one_word(readability, trees):
    """A single word does not say what a function does; a quarter may be what everybody knows."""
    names = [node.name for tree in trees.values() for node in readability.definitions(tree)]
    assert len(names) > 1000
    assert sum(map(readability.is_one_word, names)) < len(names) / 4
    assert [readability.is_one_word(name) for name in ("check", "_check", "Check", "check_note", "NoteCheck", "as_JSON")] == [True] * 3 + [
        False
    ] * 3


def alike_fields(node):
    """How many fields of a dataclass that are given by position have the type that most of them have."""
    types = [ast.unparse(field.annotation) for field in node.body if isinstance(field, ast.AnnAssign)]
    positional = types[: types.index("KW_ONLY")] if "KW_ONLY" in types else types
    return max(map(positional.count, positional), default=0)


def test_fields_that_could_be_swapped_are_given_by_name():
    """With more than three fields of one type, a pair in the wrong order would pass the checker of types."""
    positional = [
        f"{path}:{node.lineno}: {node.name}"
        for path in python_files("labnotes")
        for node in nodes_of_file(path)
        if isinstance(node, ast.ClassDef) and alike_fields(node) > 3
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator) and "kw_only=True" not in ast.unparse(decorator)
    ]
    assert positional == []


BORDERS = {"as_json", "from_json", "encode_whole", "decode_value", "read_settings_file", "parse_pin", "how_to_pin"}
"""Public functions at the border to JSON and YAML, by what they do there."""

OF_THE_NOTE = {"variable_digests"}
"""Public functions that take what a note's own code made, which may be anything."""


def names_a_bare_dictionary(annotation):
    """Whether an annotation lets a dictionary with values of any kind through."""
    return annotation is not None and re.search(r"\b(dict|Mapping|MutableMapping)\[str, Any\]", ast.unparse(annotation)) is not None


def test_no_bare_dictionary_goes_from_module_to_module():
    bare = set()
    for path in python_files("labnotes"):
        for node in nodes_of_file(path):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if any(map(names_a_bare_dictionary, [node.returns, *(argument.annotation for argument in arguments)])):
                    bare.add(node.name)
    assert bare == BORDERS | OF_THE_NOTE
    assert names_a_bare_dictionary(ast.parse("list[dict[str, Any] | None]", mode="eval").body)


def test_no_bare_dictionary_is_a_field_of_a_dataclass():
    for path in python_files("labnotes"):
        for node in nodes_of_file(path):
            if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
                fields = [
                    field.target.id for field in node.body if isinstance(field, ast.AnnAssign) and names_a_bare_dictionary(field.annotation)
                ]
                assert fields == [], f"{path}: {node.name}"
