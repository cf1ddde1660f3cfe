"""A record and a run whose figures two versions of the readers read: only what both read can be compared."""

from __future__ import annotations

from dataclasses import replace

from labnotes.compare.matching import match_marks
from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import AxesData, AxisData, FigureData, Mark


def as_read_by_both(then: FigureData, now: FigureData) -> tuple[FigureData, FigureData]:
    """Both sides without what only one of their readers read; as they are if one version read them."""
    if then.reader == now.reader:
        return then, now
    if not then.axes and then.unverified:  # a picture, then; of what it shows nothing is recorded
        return replace(then, texts=(), text_panels=()), replace(now, axes=(), texts=(), text_panels=(), unverified=then.unverified)
    unread = {what.partition(":")[0] for what in then.unverified}
    axes = [
        _common_axes(before, after, lacks_some=f"axes {i}" in unread or (i == 0 and "figure" in unread))
        for i, (before, after) in enumerate(zip(then.axes, now.axes, strict=False))
    ]
    rest = slice(len(axes), None)
    return (
        replace(then, axes=(*(before for before, _ in axes), *then.axes[rest]), text_panels=()),
        replace(now, axes=(*(after for _, after in axes), *now.axes[rest]), text_panels=(), unverified=then.unverified),
    )


def _common_axes(then: AxesData, now: AxesData, *, lacks_some: bool) -> tuple[AxesData, AxesData]:
    """Both without what one reader read. Where `lacks_some`, marks were drawn then that could not be read: others may be read now."""
    pairs = match_marks(then.marks, now.marks)[0]
    paired = {id(new) for _, new in pairs}
    before, after = list(then.marks), [mark for mark in now.marks if id(mark) in paired or not lacks_some]
    for old, new in pairs:
        i, j = (next(k for k, mark in enumerate(marks) if mark is paired) for marks, paired in ((before, old), (after, new)))
        before[i], after[j] = _common_marks(old, new)
    x, y = _common_axis(then.x, now.x), _common_axis(then.y, now.y)
    texts = {entry.text for entry in then.legend}
    legend = tuple(replace(entry, looks={}) for entry in now.legend if entry.text in texts or not lacks_some)
    return (
        replace(then, x=x[0], y=y[0], marks=tuple(before), panel=None),
        replace(now, x=x[1], y=y[1], marks=tuple(after), legend=legend, panel=None),
    )


def _common_axis(then: AxisData, now: AxisData) -> tuple[AxisData, AxisData]:
    """Both without the limits that one of them alone has: which are told to be an author's has changed."""
    parameters = {key: value for key, value in now.parameters.items() if key in then.parameters}

    def bare(axis: AxisData, other: AxisData) -> AxisData:
        return replace(
            axis,
            limits=axis.limits if other.limits is not None else None,
            ticks=axis.ticks if other.ticks is not None else None,
            numbers=axis.numbers if other.numbers is not None else None,
            written=(),
            shared_with=None,
        )

    return bare(then, now), replace(bare(now, then), parameters=parameters)


def _common_marks(old: Mark, new: Mark) -> tuple[Mark, Mark]:
    arrays, exact = old.arrays.keys() & new.arrays.keys(), old.exact.keys() & new.exact.keys()
    if "picture" in new.exact and "picture" not in old.exact:  # a photograph, which is recorded smaller now
        arrays -= {"value"}
    if new.kind == "annotation" and old.exact.get("arrow") is False:  # its point was recorded, and now the place of its words
        arrays -= {"x", "y"}
    colours = old.colour is not None and new.colour is not None and mark_kind(old.kind).is_series

    def bare(mark: Mark) -> Mark:
        return replace(
            mark,
            colour=mark.colour if colours else None,
            arrays={key: values for key, values in mark.arrays.items() if key in arrays},
            exact={key: value for key, value in mark.exact.items() if key in exact},
            looks={},
        )

    return bare(old), bare(new)
