"""The author's functions: claim, figure, table, seed, seeds, const, cited, fetched.

Inside `labnotes run` they record; in any other Jupyter kernel or in plain Python they check their arguments the same way and show what
would be recorded. What they record travels as a private MIME type beside an ordinary output, so the executed notebook stays ordinary.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from labnotes.author.estimates import ClaimNumbers, numbers_from_replicates
from labnotes.author.recording import PUBLISHED, STRAYED, is_kernel, is_recording, tell_run
from labnotes.errors import AuthorError, did_you_mean
from labnotes.model.claims import TITLE_HINT, Claim, claim_text, title_problem
from labnotes.model.encoding import encode_whole
from labnotes.model.mime_types import CARD_MIME, CLAIM_MIME, FIGURE_MIME, INTERACTIVE_MIME, TABLE_MIME
from labnotes.model.quantities import AUTOMATIC, LABEL, NAME, TIES, QuantityKind, Tolerance
from labnotes.model.statements import TAKEN, Statement, claim_name_hint, label_hint, parse_statement, statement_holds

SEEDS_PER_RUN = 10_000
"""Run seed K owns the seeds K·10 000 to K·10 000 + 9 999, so two run seeds never share one."""

MIN_SEEDS = 5
"""Fewer replicates are descriptive: a statement about their interval is refused (the exact sign-flip test cannot reach p < .05)."""

LARGEST_BITS = 1023
"""Bits of the largest whole number that a claim can have: larger ones have no floating-point number near them to be compared by."""

CELL_UNKNOWN = 0
"""The cell of what is recorded, as far as the kernel can tell: its number is known to whoever runs the cells."""

_claims: dict[str, Claim] = {}

_labels: set[str] = set()

_figures: list[str] = []

T = TypeVar("T")


def seed() -> int:
    """The run's seed: what `--seed` gave, else the note's golden seed (`seed:` in note.yml, 0 by default)."""
    given = os.environ.get("LABNOTES_SEED")
    return int(given) if given is not None else _golden_seed()


def seeds(n: int) -> list[int]:
    """`n` seeds derived from the run's seed; those of another run seed are disjoint."""
    if not 1 <= n <= SEEDS_PER_RUN:
        raise AuthorError("seeds", f"n is {n}", f"give 1 to {SEEDS_PER_RUN}, for example seeds(5)")
    return [seed() * SEEDS_PER_RUN + i for i in range(n)]


def const(value: T, what: str) -> T:
    """`value` itself, a constant that no run computes; `what` says what it is. In prose: `{{ const("64", "model width") }}`."""
    if not what.strip():
        raise AuthorError("const", f"{value!r} has no description", 'write for example const(64, "model width")')
    return value


def cited(value: T, key: str) -> T:
    """`value` itself, taken from the publication `key` of references.bib. In prose: `{{ cited("40 %", "betley2025") }}`."""
    if not key.strip():
        raise AuthorError("cited", f"{value!r} names no publication", 'write for example cited(0.4, "betley2025")')
    return value


def fetched(what: str) -> Path:
    """The file of a package ("boltons==23.0.0", a wheel) or URL that `inputs` in note.yml pins.

    `labnotes run` has fetched it before the run; in any other session it is fetched now, unless it is in the cache.

    Raises AuthorError (a ValueError) for what note.yml does not name, FetchError for what cannot be had.
    """
    from labnotes.source import pinned_inputs
    from labnotes.store.inputs import fetch_inputs

    where = f"fetched {what!r}"
    if is_recording():
        given = os.environ.get(pinned_inputs.FETCHED)
        places = json.loads(Path(given).read_text(encoding="utf-8")) if given else {}
        return Path(places[_pinned_address(what, places, where)])
    path, settings = _own_settings()
    if path is None:
        raise AuthorError(where, f"there is no note.yml in {Path.cwd()}", "begin the session in the note's folder")
    inputs = settings.get("inputs")
    try:
        pins = [pinned_inputs.parse_pin(entry) for entry in inputs if isinstance(entry, dict)] if isinstance(inputs, list) else []
    except ValueError as error:
        raise AuthorError(where, f"{path}: inputs: {error}", "labnotes list says what is wrong with it") from None
    known = {pin.address: pin for pin in pins}
    pin = known[_pinned_address(what, known, where)]
    return fetch_inputs([pin], str(path))[pin.address]


def _pinned_address(what: Any, known: Iterable[str], where: str) -> str:
    """The pinned address that `what` means. `known` are the addresses that note.yml pins."""
    from labnotes.source import pinned_inputs

    addresses = {pinned_inputs.address_key(address): address for address in known}
    if isinstance(what, str) and pinned_inputs.address_key(what) in addresses:
        return addresses[pinned_inputs.address_key(what)]
    hint = "name it under inputs: in note.yml, as {package: NAME==VERSION, sha256: ...} or {url: https://..., sha256: ...}"
    raise AuthorError(where, "is no input that note.yml names", f"{did_you_mean(str(what), addresses.values())}\n{hint}")


def claim(  # noqa: PLR0913 - what an author may state of a number, each by its name
    name: str,
    value: Any = None,
    *,
    replicates: Iterable[float] | None = None,
    low: float | None = None,
    high: float | None = None,
    format: str | None = None,
    tolerance: float | None = None,
    because: str | None = None,
    holds: str | None = None,
    tied: str | None = None,
    family: str | None = None,
    title: str | None = None,
) -> None:
    """Record a value that the prose states as `{{ name }}`.

    Give `value` (a number or a yes/no), or `replicates`, one value a seed: their mean becomes the value, with a 95 % t interval and the
    interval in which the mean of as many new replicates is expected; replicates of yes and no (bool, or int that are all 0 or 1) give the share of yes, with Wilson's interval. `low` and `high` bound an interval computed otherwise; an object with
    `value` or `mean`, `low` and `high` gives all three.

    `format` is how the prose prints it (".0%", ".2f"). A re-run may differ by half a unit of the last printed digit, or by `tolerance`, stated
    with its reason `because`. `holds` is a statement such as "low > 0": with it and no tolerance, the number may move as long as the
    statement is true. `family` names the statements that this one was stated with; without a name, the statement belongs to the family of
    the note. The tests of one family are corrected for the number of its statements (Holm).

    `tied` says what a value holds only with: the same "kernels" of the CPU, or the same version of "python". With other kernels it is compared
    as a fresh draw, with another Python a difference is unverified.

    `title` is what readers see in the place of the name: `title="Bad answers at the tag"`. Without one it is made of the name, "At tag bad" of
    `at_tag_bad`. It can be reworded without a run.

    Raises AuthorError (a ValueError) for arguments that cannot be recorded.
    """
    where = f"claim {name!r}"
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in TAKEN:
        raise AuthorError(where, "is no usable name", claim_name_hint(name))
    if is_recording() and name in _claims:
        raise AuthorError(where, "is defined twice in this note", "give each claim its own name")
    if (value is None) == (replicates is None):
        raise AuthorError(where, "needs either a value or replicates", f"write claim({name!r}, 0.5) or claim({name!r}, replicates=[...])")
    if title is not None and title_problem(title):
        raise AuthorError(where, title_problem(title), TITLE_HINT)

    estimate = _claim_numbers(value, replicates, low, high, where)
    statement = parse_statement(holds, where) if holds is not None else None
    if statement and statement.uses_interval and estimate.n is not None and estimate.n < MIN_SEEDS:
        raise AuthorError(
            where,
            f"states {holds!r} about an interval of {estimate.n} replicates",
            f"with fewer than {MIN_SEEDS} seeds an interval is descriptive: use seeds({MIN_SEEDS}) or more, or state nothing about low and high",
        )
    made = Claim(
        name=name,
        cell=CELL_UNKNOWN,
        format=_checked_format(estimate.value, format, where),
        tolerance=stated_tolerance(tolerance, because, where),
        holds=holds,
        tied=stated_tie(tied, where),
        family=_stated_family(family, statement, where),
        title=title.strip() if title else "",
        **vars(estimate),
    )
    if statement:
        made = replace(made, upheld=statement_holds(statement, made, _claims, where))
    _claims[name] = made
    _publish_output(CLAIM_MIME, name, encode_whole(made), claim_text(made))


def figure(
    fig: Any,
    label: str,
    *,
    caption: str = "",
    alt: str = "",
    by: str | None = None,
    tolerance: float | None = None,
    because: str | None = None,
    tied: str | None = None,
) -> None:
    """Show `fig` and record the data plotted in it, under `label`, to be referred to as `@fig:label`.

    `fig` is a figure of a plotting library that is read, or shows a picture: the path of a PNG, JPEG, WebP, GIF or SVG, an image of PIL, an
    Image or SVG of IPython, or whatever offers Jupyter such a picture. A picture has no data to compare: it is shown and `unverified`,
    unless `by="pixels"` has it compared by its pixels, an SVG by its text. A figure of matplotlib may be compared so too.

    Both words for the reader are required: `caption`, and `alt`, which says what the picture shows to someone who cannot see it. A re-run's
    data may differ by 1e-6 of the axis range, or by the share `tolerance` of it, stated with its reason `because`; pixels not at all, or by
    the share `tolerance` of full scale. `tied` is as for claims. The figure is closed afterwards, so that it is not shown twice.

    Raises AuthorError (a ValueError) for a figure that cannot be recorded.
    """
    from labnotes.author.figures.readers import opened_figure
    from labnotes.model.plots import Figure

    where = f"figure {label!r}"
    _check_label(label, where)
    for field, text in (("caption", caption), ("alt", alt)):
        if not isinstance(text, str) or not text.strip():
            raise AuthorError(
                where, f"has no {field}", f'write figure(fig, {label!r}, caption="what is shown", alt="what a blind reader needs")'
            )
    stated = stated_tolerance(tolerance, because, where)
    tie = stated_tie(tied, where)
    try:
        reader, opened = opened_figure(fig, where, by=by, has_tolerance=stated is not None)
        data = reader.read_figure(opened)
        mime, picture = reader.render_picture(opened)
    except AuthorError as error:
        problem = error.problems[0]  # a reader does not know which figure it reads
        raise AuthorError(where, problem.what, problem.hint) from None
    made = Figure(label, CELL_UNKNOWN, caption, alt, data, stated, tied=tie, by=by or "")
    shown: dict[str, Any] = {mime: picture}
    if is_recording() and not _figures:  # the note's first figure stands for it wherever others link to it
        card = reader.card_picture(opened)
        if card:
            shown[CARD_MIME] = card
            _figures.append(label)
    interactive = reader.interactive_json(opened) if is_recording() else None
    if interactive:
        shown[INTERACTIVE_MIME] = interactive
    note = f"; not verified: {', '.join(data.unverified)}" if data.unverified else ""
    text = f"figure {label}: {data.size_text}{note}"
    _publish_output(FIGURE_MIME, label, encode_whole(made), text, shown)
    reader.close_figure(opened)


def table(
    frame: Any,
    label: str,
    *,
    caption: str = "",
    formats: Mapping[str, str] | None = None,
    tolerance: float | None = None,
    because: str | None = None,
    tied: str | None = None,
) -> None:
    """Show a pandas data frame and record it under `label`, to be referred to as `@tab:label`.

    `formats` gives a format specification for each column that needs one. Numbers of a re-run may differ by 1e-6 of their column's scale,
    or by the share `tolerance` of it, stated with its reason `because`; `tied` is as for claims.

    Raises AuthorError (a ValueError) for a table that cannot be recorded.
    """
    from labnotes.author import frames
    from labnotes.model.tables import Table

    where = f"table {label!r}"
    _check_label(label, where)
    if not isinstance(caption, str) or not caption.strip():
        raise AuthorError(where, "has no caption", f'write table(frame, {label!r}, caption="what the rows and columns are")')
    stated = stated_tolerance(tolerance, because, where)
    data = frames.read_frame(frame, where, formats or {})
    made = Table(label, CELL_UNKNOWN, caption, data, stated, stated_tie(tied, where))
    _publish_output(TABLE_MIME, label, encode_whole(made), f"table {label}\n{frame}", {"text/html": frame.to_html(border=0)})


def stated_tolerance(value: float | None, because: str | None, where: str) -> Tolerance | None:
    """A tolerance with its reason; both or neither."""
    if value is None and because is None:
        return None
    if value is None:
        raise AuthorError(where, "gives a reason but no tolerance", 'write tolerance=0.01, because="..."')
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise AuthorError(where, f"tolerance is {value!r}", "give a finite number, 0 or larger")
    if not isinstance(because, str) or not because.strip():
        raise AuthorError(where, f"tolerance {value:g} has no reason", 'say what was measured: because="two CPUs differed by 0.002"')
    return Tolerance(float(value), because.strip())


def stated_tie(word: str | None, where: str) -> str | None:
    """What a quantity is tied to, if it is one of the words known."""
    if word is None or (isinstance(word, str) and word in TIES):
        return word
    raise AuthorError(where, f"is tied to {word!r}", did_you_mean(str(word), TIES))


def _stated_family(name: str | None, statement: Statement | None, where: str) -> str | None:
    """The family of a statement; None for that of the whole note."""
    if name is None:
        return None
    if not isinstance(name, str) or not name.strip():
        raise AuthorError(where, f"has the family {name!r}", 'name what was stated together: family="place of the effect"')
    if statement is None:
        raise AuthorError(where, "has a family but states nothing", 'add a statement, for example holds="low > 0"')
    return name.strip()


def _check_label(label: Any, where: str) -> None:
    if not isinstance(label, str) or not LABEL.fullmatch(label):
        raise AuthorError(where, "is no usable label", label_hint(label))
    if AUTOMATIC.fullmatch(label):
        raise AuthorError(where, "is a label that figures without one get", "choose another")
    if is_recording() and label in _labels:
        raise AuthorError(where, "is used twice in this note", "give each figure and table its own label")
    _labels.add(label)


def _plain_number(value: Any, where: str) -> bool | int | float:
    """A plain Python number for a number of NumPy, torch or Python itself."""
    if type(value).__name__ == "MaskedConstant":
        raise AuthorError(where, "is masked, no number", "say what a missing value means: NaN, or a claim less")
    if (hasattr(value, "item") and getattr(value, "size", 1) in (1, None)) or type(value).__module__.startswith("torch"):
        with contextlib.suppress(ValueError, RuntimeError, TypeError):
            value = value.item()
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        raise AuthorError(
            where, "is a whole number beyond 1.8e308, the largest that can be compared", "claim its logarithm, or its digits' number"
        )
    if isinstance(value, bool | int | float):
        return value
    hint = "a claim is a number, a count or a yes/no (bool)"
    if isinstance(value, str | list | tuple | dict | set):
        hint += "; words and lists go into a table, which is compared too: table(frame, label, caption=...)"
    raise AuthorError(where, f"is {type(value).__name__} {value!r:.60}, no number", hint)


def _claim_numbers(value: Any, replicates: Iterable[float] | None, low: Any, high: Any, where: str) -> ClaimNumbers:
    """The numbers of a claim: those of its replicates, or a value with the ends of its interval.

    The ends are given as arguments, as attributes of `value`, or not at all.
    """
    if replicates is not None:
        if low is not None or high is not None:
            what = "has replicates and low or high"
            raise AuthorError(where, what, "the interval is computed from the replicates: leave low and high out")
        numbers = [_plain_number(v, f"{where}, replicate {i}") for i, v in enumerate(replicates)]
        if not numbers:
            raise AuthorError(where, "has no replicates", "give one value a seed")
        return numbers_from_replicates(numbers)
    if hasattr(value, "low") and hasattr(value, "high"):
        low, high, value = value.low, value.high, getattr(value, "value", getattr(value, "mean", None))
    if (low is None) != (high is None):
        raise AuthorError(where, "has only one end of its interval", "give both low= and high=")
    number = _plain_number(value, where)
    if low is None:
        return ClaimNumbers(number)
    return ClaimNumbers(number, float(_plain_number(low, f"{where}, low")), float(_plain_number(high, f"{where}, high")))


def _checked_format(number: bool | int | float, given: str | None, where: str) -> str:
    spec = given if given is not None else ("d" if isinstance(number, int) else ".3g")
    if not isinstance(number, bool):
        try:
            number.__format__(spec)
        except ValueError as error:
            raise AuthorError(
                where, f"format {spec!r} does not fit {number!r}: {error}", 'for example format=".1%" or format=".2f"'
            ) from None
    return spec


def _publish_output(mime: str, name: str, payload: Mapping[str, Any], text: str, extra: Mapping[str, Any] | None = None) -> None:
    """Show an output in the notebook, with the payload that a run records; outside Jupyter, print its text.

    Raises AuthorError in a process of a run that is not its kernel: from there nothing would arrive.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    quantity = _QUANTITIES[mime]
    if is_recording() and not is_kernel():
        tell_run(STRAYED, quantity, name, shell)
        what = f"is called in another process than the notebook's (process {os.getpid()}), from where no {quantity} can be recorded"
        raise AuthorError(f"{quantity} {name!r}", what, f"return its values to the notebook, and call {quantity}() there")
    if shell is None:
        print(text)
        return
    bundle: dict[str, Any] = {"text/plain": text, **(extra or {})}
    if is_recording():
        bundle[mime] = payload
        tell_run(PUBLISHED, quantity, name, shell)
    shell.display_pub.publish(bundle)


_QUANTITIES = {CLAIM_MIME: QuantityKind.CLAIM.value, FIGURE_MIME: QuantityKind.FIGURE.value, TABLE_MIME: QuantityKind.TABLE.value}
"""The kind of quantity that each MIME type carries."""


def _golden_seed() -> int:
    """`seed:` in note.yml, for an author's own session."""
    given = _own_settings()[1].get("seed", 0)
    return given if isinstance(given, int) else 0


def _own_settings() -> tuple[Path | None, dict[str, Any]]:
    """The note.yml beside the notebook and what it says, for an author's own session."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    for folder in (Path.cwd(), *([Path(main).resolve().parent] if main else [])):
        settings = folder / "note.yml"
        if settings.is_file():
            import yaml

            fields = yaml.safe_load(settings.read_text(encoding="utf-8"))
            return settings, fields if isinstance(fields, dict) else {}
    return None, {}
