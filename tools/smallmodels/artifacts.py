"""Trained weights kept from run to run.

A recipe is a function of plain arguments that returns named tensors. What it returned is kept as safetensors under a key made of the code that it
stands on (its module and all modules of this package which that imports, without comments and docstrings), the arguments, torch's version, and the
kernels and threads that it computes with: other kernels give other bits. A run that is interrupted leaves nothing half-written, two processes that
want one artifact wait for each other, and a file that cannot be read is made again.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
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
    """Decorates a recipe, so that it runs only if its artifact is not there yet.

    The arguments are numbers, strings, tuples of these, or dataclasses of these. Raises TypeError for others.
    """

    @functools.wraps(recipe)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> Tensors:
        bound = inspect.signature(recipe).bind(*args, **kwargs)
        bound.apply_defaults()
        path = _path(recipe, bound.arguments)
        if (found := _read(path)) is not None:
            return found
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if (found := _read(path)) is not None:
                return found
            made = recipe(*args, **kwargs)
            half = path.with_suffix(f".{os.getpid()}")
            save_file({name: tensor.detach().contiguous() for name, tensor in made.items()}, half)
            os.replace(half, path)
            return made

    return remembered


def folder() -> Path:
    """Where artifacts lie."""
    return Path(os.environ.get(FOLDER) or Path(user_cache_dir("labnotes")) / "artifacts")


def _path(recipe: Callable[..., Any], arguments: dict[str, Any]) -> Path:
    key = {
        "code": _code(recipe.__module__),
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
        return {type(value).__name__: asdict(value)}
    raise TypeError(f"an artifact's arguments are plain values, found {type(value).__name__}: {value!r}")


def _read(path: Path) -> Tensors | None:
    try:
        return load_file(path)
    except FileNotFoundError:
        return None
    except (SafetensorError, OSError):
        path.unlink(missing_ok=True)
        return None


@functools.cache
def _code(module: str) -> str:
    """Digest of the code of a module and of those of its package that it imports, directly or not."""
    sources: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in sources:
            continue
        tree = ast.parse(_source(name))
        sources[name] = ast.dump(_bare(tree))
        package = name.partition(".")[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            else:
                continue
            waiting += [name for name in imported if name.partition(".")[0] == package and _is_module(name)]
    return hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()


def _is_module(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # a name in a module, not a module in a package
        return False
    return spec is not None and spec.origin is not None and spec.origin.endswith(".py")


def _source(name: str) -> str:
    if name in sys.modules:
        return inspect.getsource(sys.modules[name])
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).read_text()


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
