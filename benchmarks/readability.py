"""How the code reads, in numbers: sizes, names, types. The same count for any package, so that two can stand side by side.

python benchmarks/readability.py tools/labnotes tools/smallmodels [FOLDER ...]
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BANNED = ("found", "each", "one", "here", "it")
"""Names that say nothing of what they hold."""

WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Numbers:
    """What was counted in one package; shares are between 0 and 1, lengths in lines."""

    modules: int
    lines: int
    median_module: float
    longest_module: int
    entries_at_the_top: int
    functions: int
    median_function: float
    ninetieth_function: float
    longest_function: int
    annotated: float
    one_word_names: float
    banned_names: int
    any_types: int
    bare_dictionaries: int
    public_docstrings: float


def is_one_word(name: str) -> bool:
    """Whether a name is a single word, leading underscores aside."""
    plain = name.strip("_")
    return "_" not in plain and len(WORD.findall(plain)) <= 1


def module_trees(package: Path) -> Iterator[tuple[Path, str, ast.Module]]:
    """Each Python file of a package, its text and its syntax tree."""
    for path in sorted(package.rglob("*.py")):
        if "__pycache__" not in path.parts:
            text = path.read_text(encoding="utf-8")
            yield path, text, ast.parse(text)


def definitions(tree: ast.AST) -> list[Definition]:
    """Functions, methods and classes, those of the language (dunders) aside."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, Definition)]
    return [node for node in nodes if not (node.name.startswith("__") and node.name.endswith("__"))]


def banned_bindings(tree: ast.AST) -> int:
    """How often a banned name is bound: assigned, looped over, or an argument."""
    bound = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    arguments = (node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    return sum(name in BANNED for name in (*bound, *arguments))


def is_annotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the result and every argument but self and cls has a type."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return function.returns is not None and all(argument.annotation or argument.arg in ("self", "cls") for argument in arguments)


def count_package(package: Path) -> Numbers:
    """The numbers of one package."""
    texts = [(text, tree) for _, text, tree in module_trees(package)]
    lengths = [text.count("\n") for text, _ in texts]
    named = [node for _, tree in texts for node in definitions(tree)]
    functions = [node for _, tree in texts for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = sorted((node.end_lineno or node.lineno) - node.lineno + 1 for node in functions)
    public = [node for node in named if not node.name.startswith("_")]
    entries = [path for path in package.iterdir() if path.name not in ("__pycache__", "py.typed")]
    whole = "\n".join(text for text, _ in texts)
    return Numbers(
        modules=len(texts),
        lines=sum(lengths),
        median_module=statistics.median(lengths),
        longest_module=max(lengths),
        entries_at_the_top=len(entries),
        functions=len(functions),
        median_function=statistics.median(sizes),
        ninetieth_function=sizes[int(len(sizes) * 0.9)],
        longest_function=sizes[-1],
        annotated=sum(map(is_annotated, functions)) / len(functions),
        one_word_names=sum(is_one_word(node.name) for node in named) / len(named),
        banned_names=sum(banned_bindings(tree) for _, tree in texts),
        any_types=len(re.findall(r"\bAny\b", whole)) - len(re.findall(r"import .*\bAny\b", whole)),
        bare_dictionaries=len(re.findall(r"(?:dict|Mapping)\[str, Any\]", whole)),
        public_docstrings=sum(ast.get_docstring(node) is not None for node in public) / len(public),
    )


def main() -> None:
    """Print one column for each package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="+", type=Path)
    packages: list[Path] = parser.parse_args().packages
    columns = [vars(count_package(package)) for package in packages]
    print(f"{'':22}" + "".join(f"{package.name:>16}" for package in packages))
    for name in columns[0]:
        values = (column[name] for column in columns)
        cells = (f"{value:.0%}" if isinstance(value, float) and value <= 1 else f"{value:g}" for value in values)
        print(f"{name.replace('_', ' '):22}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
