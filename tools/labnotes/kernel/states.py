"""Digests of what the variables of a note hold after each cell: by these an audit names the cell in which two runs part.

Only values that have a meaning apart from this process are digested: numbers, texts, containers, arrays, tensors, data frames, generators of
random numbers and plain objects made of such. Whatever else a variable holds is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import struct
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

STATE = "state"
"""The kind of a finding: the number of a cell, and digests of variables after it."""

VARIABLES_TOLD = 1000
"""Variables of one finding; of more there are several."""

STATES = "LABNOTES_STATES"
"""Set in the environment of runs whose states are wanted."""

DEEPEST = 40
LARGEST = 200_000
"""The most levels, and the most parts that are no arrays, of one variable; a variable with more is left out."""

_SKIPPED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)
_OPAQUE = ("matplotlib", "IPython", "asyncio", "threading", "_thread", "weakref")
"""Packages whose objects hold a process's own things: places in memory, caches, times."""


class _NotDigestible(Exception):
    pass


def watch_variables(shell: Any, write: Callable[[int, dict[str, str]], None]) -> None:
    """After each cell, tell `write` its number (from 1) and a digest of each variable."""
    known = set(shell.user_ns)
    count = 0

    def write_states(result: Any) -> None:
        nonlocal count
        count += 1
        variables = {name: value for name, value in shell.user_ns.items() if name not in known and not name.startswith("_")}
        told = list(variable_digests(variables).items())
        for i in range(0, max(len(told), 1), VARIABLES_TOLD):
            write(count, dict(told[i : i + VARIABLES_TOLD]))

    shell.events.register("post_run_cell", write_states)


def variable_digests(variables: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each variable that can have one, by the variable's name."""
    digests = {}
    for name, value in variables.items():
        with contextlib.suppress(Exception):  # besides _NotDigestible, whatever an object's own methods raise
            if not isinstance(value, _SKIPPED):
                digests[name] = value_digest(value)
    return digests


def value_digest(value: Any) -> str:
    hasher = _ValueHasher()
    hasher.hash_value(value, 0)
    return hasher.hash.hexdigest()


class _ValueHasher:
    """A hash of a value, made part by part, each with its kind, so that no two values give the same bytes to the hash."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=12)
        self._open: set[int] = set()
        self._parts = 0

    def hash_value(self, value: Any, depth: int) -> None:
        self._parts += 1
        if depth > DEEPEST or self._parts > LARGEST or isinstance(value, types.GeneratorType):
            raise _NotDigestible
        if isinstance(value, _SKIPPED):
            self._hash_content(str(type(value).__name__), str(getattr(value, "__qualname__", "")))
        elif value is None or isinstance(value, bool | int | str | bytes | complex):
            self._hash_content(type(value).__name__, repr(value))
        elif isinstance(value, float):
            self._hash_content("float", struct.pack("<d", value))
        elif id(value) in self._open:
            self._hash_content("again", "")
        else:
            self._open.add(id(value))
            self._hash_compound(value, depth + 1)
            self._open.discard(id(value))

    def _hash_compound(self, value: Any, depth: int) -> None:
        kind, package = type(value).__name__, type(value).__module__.partition(".")[0]
        if isinstance(value, Mapping):
            self._hash_parts(kind, (part for item in value.items() for part in item), depth)
        elif isinstance(value, list | tuple):
            self._hash_parts(kind, value, depth)
        elif isinstance(value, set | frozenset):  # whose order is no value
            self._hash_parts(kind, sorted(value_digest(part) for part in value), depth)
        elif package == "numpy":
            self._hash_numpy(value, depth)
        elif package == "torch":
            self._hash_torch(value, depth)
        elif package == "pandas":
            self._hash_pandas(value, depth)
        elif isinstance(value, random.Random):
            self._hash_parts(kind, value.getstate(), depth)
        elif package in _OPAQUE or not hasattr(value, "__dict__"):
            raise _NotDigestible
        else:
            self._hash_parts(f"{type(value).__module__}.{kind}", (part for item in sorted(vars(value).items()) for part in item), depth)

    def _hash_numpy(self, value: Any, depth: int) -> None:
        import numpy as np

        if isinstance(value, np.random.Generator):
            self.hash_value(value.bit_generator.state, depth)
        elif isinstance(value, np.random.RandomState):
            self.hash_value(value.get_state(legacy=False), depth)
        elif isinstance(value, np.ndarray | np.generic):
            array = np.asarray(value)
            self._hash_content("array", f"{array.dtype} {array.shape}")
            if array.dtype.hasobject:
                self._hash_parts("objects", array.ravel().tolist(), depth)
            else:
                self.hash.update(np.ascontiguousarray(array).tobytes())
        else:
            raise _NotDigestible

    def _hash_torch(self, value: Any, depth: int) -> None:
        if hasattr(value, "detach"):
            self._hash_content("tensor", f"{value.dtype} {tuple(value.shape)}")
            plain = value.detach().cpu()
            try:
                self.hash_value(plain.numpy(), depth)
            except TypeError:  # a kind of number that NumPy does not have, such as bfloat16
                self.hash_value(plain.float().numpy(), depth)
        elif hasattr(value, "get_state"):
            self.hash_value(value.get_state(), depth)
        elif hasattr(value, "state_dict"):
            self.hash_value(dict(value.state_dict()), depth)
        else:
            raise _NotDigestible

    def _hash_pandas(self, value: Any, depth: int) -> None:
        if hasattr(value, "columns"):
            self._hash_parts("frame", [list(value.columns), value.index, *(value.iloc[:, i] for i in range(value.shape[1]))], depth)
        elif hasattr(value, "to_numpy"):
            self._hash_content("column", f"{value.dtype} {value.name}")
            self.hash_value(value.to_numpy(), depth)
        else:
            raise _NotDigestible

    def _hash_parts(self, kind: str, parts: Iterable[Any], depth: int) -> None:
        self._hash_content("begin", kind)
        for part in parts:
            self.hash_value(part, depth)
        self._hash_content("end", "")

    def _hash_content(self, kind: str, content: str | bytes) -> None:
        data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
        self.hash.update(f"{kind}:{len(data)}:".encode() + data)
