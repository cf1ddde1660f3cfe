"""Trained weights kept from run to run.

A recipe is a function of plain arguments that returns named tensors. What it returned is kept as safetensors under a key made of the code that it
stands on (its module and all modules of this package which that imports, without comments and docstrings), the arguments, torch's version, and the
kernels and threads that it computes with: other kernels give other bits. A run that is interrupted leaves nothing half-written, two processes that
want one artifact wait for each other, and a damaged file is made again.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import json
import os
import tokenize
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, ParamSpec

import torch
from filelock import FileLock
from platformdirs import user_cache_dir
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

P = ParamSpec("P")
Tensors = dict[str, Tensor]

FOLDER = "LABNOTES_ARTIFACTS"
"""The variable that names the folder; without it, artifacts lie in the user's cache."""


def artifact(recipe: Callable[P, Tensors]) -> Callable[P, Tensors]:
    """Decorate a recipe, so that it runs only if its artifact is not there yet.

    The arguments are numbers, strings, tuples of these, or dataclasses of these. Raises TypeError for others, and ValueError for a recipe that
    lies in no module.
    """

    code = _code(recipe.__module__)  # now, and not when it runs: by then, the files may have been edited

    @functools.wraps(recipe)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> Tensors:
        bound = inspect.signature(recipe).bind(*args, **kwargs)
        bound.apply_defaults()
        path = _path(recipe, code, bound.arguments)
        if (found := _read(path)) is not None:
            return found
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if (found := _read(path)) is not None:
                return found
            made = recipe(*args, **kwargs)
            half = path.with_suffix(".half")
            save_file({name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in made.items()}, half)
            os.replace(half, path)
            return load_file(path)

    return remembered


def folder() -> Path:
    """The folder in which artifacts lie."""
    return Path(os.environ.get(FOLDER) or Path(user_cache_dir("labnotes")) / "artifacts")


def _path(recipe: Callable[..., Any], code: str, arguments: dict[str, Any]) -> Path:
    key = {
        "code": code,
        "recipe": recipe.__qualname__,
        "arguments": json.dumps(arguments, default=_plain, sort_keys=True),
        "torch": torch.__version__,
        "kernels": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return folder() / f"{recipe.__name__}-{digest[:32]}.safetensors"


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: {field.name: getattr(value, field.name) for field in fields(value)}}
    raise TypeError(f"an artifact's arguments are plain values, found {type(value).__name__}: {value!r}")


def _read(path: Path) -> Tensors | None:
    try:
        return load_file(path)
    except (FileNotFoundError, SafetensorError):
        return None


def _code(module: str) -> str:
    """Digest of the code of a module and of those of its package that it imports, directly or not; this one only keeps what they made."""
    if module == "__main__":
        raise ValueError("a recipe of __main__ is not kept: what a script or notebook stands on is not known; move it into a module")
    package = module.partition(".")[0]
    sources: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in sources or name == __name__ or name.partition(".")[0] != package or (spec := _spec(name)) is None:
            continue
        with tokenize.open(str(spec.origin)) as source:
            tree = ast.parse(source.read())
        sources[name] = ast.dump(_bare(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                origin = importlib.util.resolve_name("." * node.level + (node.module or ""), spec.parent)
                waiting += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
    return hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()


def _spec(name: str) -> ModuleSpec | None:
    """Where a module's source lies; None for what is no module, or not written in Python."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # a name in a module, not a module in a package
        return None
    return spec if spec and spec.origin and spec.origin.endswith(".py") else None


def _bare(tree: ast.Module) -> ast.Module:
    """Without docstrings and other strings that stand alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [
                each
                for each in node.body
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str))
            ] or [ast.Pass()]
    return tree
