"""What authors say of a cell beside its code: tags, `#|` options and metadata, in the words of Jupyter Book, nbconvert, Quarto, nbdev and
JupyterLab.

All become tags in one spelling. Two of them belong to the code of a note, since they change what a run does; all others only say how a page
shows the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SKIPPED, MAY_RAISE = "skip-execution", "raises-exception"
"""The tags of cells that a run obeys: the cell is not run; an error in it does not end the run. Jupyter's own words."""

REMOVE_CELL, REMOVE_INPUT, REMOVE_OUTPUT = "remove-cell", "remove-input", "remove-output"
HIDE_CELL, HIDE_INPUT, HIDE_OUTPUT, SHOW_INPUT = "hide-cell", "hide-input", "hide-output", "show-input"
SCROLL, REMOVE_STDOUT, REMOVE_STDERR = "scroll-output", "remove-stdout", "remove-stderr"

OF_PAGES = frozenset(
    {REMOVE_CELL, REMOVE_INPUT, REMOVE_OUTPUT, HIDE_CELL, HIDE_INPUT, HIDE_OUTPUT, SHOW_INPUT, SCROLL, REMOVE_STDOUT, REMOVE_STDERR}
)
"""The tags that a page obeys."""

OBEYED = OF_PAGES | {SKIPPED, MAY_RAISE}

_OTHER_WORDS = {
    **{"output-scroll": SCROLL, "scrolled": SCROLL, "remove-code": REMOVE_INPUT, "remove-outputs": REMOVE_OUTPUT},
    **{"hide-code": HIDE_INPUT, "hide-outputs": HIDE_OUTPUT, "remove-all-outputs": REMOVE_OUTPUT, "remove-warnings": REMOVE_STDERR},
}
"""Other words for the same."""

_UNSEEN = re.compile(r"(?:hide|remove|show|scroll|full-width|margin|popout|skip|no)\b")
"""The beginning of a tag by which another program shows or leaves out something."""

_OPTION_LINE = re.compile(r"#[ \t]?\|[ \t]*(?P<said>\S.*?)[ \t]*\Z")
_NAMED_OPTION = re.compile(r"(?P<key>[A-Za-z][\w.-]*)[ \t]*(?::[ \t]*(?P<value>.*))?\Z")

_OFF, _ON = ("false", "no", "off"), ("true", "yes", "on")
_SILENT = {"label", "name", "id"}
"""Options that only name a cell."""


class Showing(StrEnum):
    """How a page shows the code or the outputs of a cell."""

    OPEN = "open"
    FOLDED = "folded"
    REMOVED = "removed"


@dataclass(frozen=True)
class CellView:
    """How a page shows a code cell. Code is folded where nothing is said. Outputs may scroll in a box, and streams be left out by name."""

    code: Showing = Showing.FOLDED
    outputs: Showing = Showing.OPEN
    scrolls: bool = False
    without_streams: frozenset[str] = frozenset()


def cell_view(tags: Sequence[str]) -> CellView:
    """How a page shows a code cell with these tags. Removing outweighs hiding."""
    code, outputs = Showing.FOLDED, Showing.OPEN
    if SHOW_INPUT in tags and HIDE_CELL not in tags and HIDE_INPUT not in tags:
        code = Showing.OPEN
    if HIDE_OUTPUT in tags or HIDE_CELL in tags:
        outputs = Showing.FOLDED
    if REMOVE_INPUT in tags or REMOVE_CELL in tags:
        code = Showing.REMOVED
    if REMOVE_OUTPUT in tags or REMOVE_CELL in tags:
        outputs = Showing.REMOVED
    streams = {name for tag, name in ((REMOVE_STDOUT, "stdout"), (REMOVE_STDERR, "stderr")) if tag in tags}
    return CellView(code, outputs, SCROLL in tags, frozenset(streams))


def usual_spelling(tag: str) -> str:
    """A tag as it is called here, if it says how a page shows a cell; any other as it is. `remove_cell` and `remove-cell` are the same to all
    programs, `skip_execution` is nothing to any."""
    spelled = tag.strip().lower().replace("_", "-")
    spelled = _OTHER_WORDS.get(spelled, spelled)
    return spelled if spelled in OF_PAGES else tag


def is_about_showing(tag: str) -> bool:
    """Whether a tag that is not obeyed says how another program shows a cell."""
    return tag not in OBEYED and _UNSEEN.match(tag.lower().replace("_", "-")) is not None


def all_tags(tags: Sequence[str], metadata: Mapping[str, object], code: str) -> list[str]:
    """The tags of a code cell, those that its metadata and its options mean among them, each once."""
    said = [usual_spelling(tag) for tag in tags]
    return list(dict.fromkeys([*said, *_metadata_tags(metadata), *option_tags(read_options(code))]))


def _metadata_tags(metadata: Mapping[str, object]) -> Iterator[str]:
    """The tags for what JupyterLab and the classic notebook keep of how a cell was seen last."""
    jupyter = metadata.get("jupyter")
    if isinstance(jupyter, Mapping):
        yield from [HIDE_INPUT] if jupyter.get("source_hidden") is True else []
        yield from [HIDE_OUTPUT] if jupyter.get("outputs_hidden") is True else []
    yield from [HIDE_OUTPUT] if metadata.get("collapsed") is True else []
    yield from [SCROLL] if metadata.get("scrolled") is True else []
    yield from [REMOVE_INPUT] if metadata.get("hide_input") is True else []
    yield from [REMOVE_OUTPUT] if metadata.get("hide_output") is True else []


def read_options(code: str) -> dict[str, str]:
    """The options in the first lines of a code cell (`#| echo: false`), each by its name in lower case with hyphens. A word alone has the value
    ""; items of a list below a name are joined with spaces."""
    options: dict[str, str] = {}
    last = ""
    for line in code.lstrip("\n").split("\n"):
        match = _OPTION_LINE.match(line)
        if not match:
            break
        if match["said"].startswith("- ") and last:
            options[last] = f"{options[last]} {match['said'][2:].strip()}".strip()
            continue
        named = _NAMED_OPTION.match(match["said"])
        if named:
            last = named["key"].lower().replace("_", "-").replace(".", "-")
            options[last] = _plain_value(named["value"] or "")
        else:
            last = match["said"]
            options[last] = ""
    return options


def _plain_value(value: str) -> str:
    """The value of an option without its quotes and the comment behind it."""
    plain = re.sub(r"(?:^|\s)#.*", "", value).strip()
    return plain[1:-1] if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"" else plain


def option_tags(options: Mapping[str, str]) -> Iterator[str]:
    """The tags for what options mean."""
    for key, value in options.items():
        yield from _tags_for(key, value) or ()


def unknown_options(options: Mapping[str, str]) -> list[str]:
    """The options that change nothing here, as they are written."""
    unknown = [(key, value) for key, value in options.items() if key not in _SILENT and _tags_for(key, value) is None]
    return [f"{key}: {value}" if value else key for key, value in unknown]


def _tags_for(key: str, value: str) -> Sequence[str] | None:
    """The tags that an option means, none for one that asks for what is so anyway; None for an option that is not obeyed."""
    if key == "tags":
        return [usual_spelling(word) for word in re.split(r"[\s,\"'\[\]]+", value) if word]
    spelled = usual_spelling(key)
    if key == "hide" or spelled in OF_PAGES:  # of nbdev, where a hidden cell is left out
        word = REMOVE_CELL if key == "hide" else spelled
        return [word] if value.lower() in ("", *_ON) else [] if value.lower() in _OFF else None
    return _MEANINGS.get(key, {}).get(value.lower())


def _switch(off: Sequence[str] = (), on: Sequence[str] = ()) -> Mapping[str, Sequence[str]]:
    return {**dict.fromkeys(_OFF, off), **dict.fromkeys(_ON, on)}


_MEANINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "echo": _switch(off=[REMOVE_INPUT]),
    "include": _switch(off=[REMOVE_CELL]),
    "output": _switch(off=[REMOVE_OUTPUT]),
    "results": {**_switch(off=[REMOVE_OUTPUT]), "hide": [REMOVE_OUTPUT], "markup": []},
    "code-fold": {**_switch(off=[SHOW_INPUT]), "show": [SHOW_INPUT]},
    "warning": _switch(off=[REMOVE_STDERR]),
    "message": _switch(off=[REMOVE_STDERR]),
    "eval": _switch(off=[SKIPPED]),
    "error": _switch(on=[MAY_RAISE]),
}
"""The tags for values of Quarto's options."""
