"""Charts of Altair, read from what Vega draws: a change of data is seen, the size of the chart and its colours are style."""

import json

import pytest

from labnotes.author.figures import readers
from labnotes.author.figures.vega import figure_reader, labels
from labnotes.compare.figures import compare_figures
from labnotes.errors import AuthorError
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData
from labnotes.model.verdicts import Verdict

ROWS = [{"a": 1, "b": 3.0, "g": "u"}, {"a": 2, "b": 1.0, "g": "v"}, {"a": 3, "b": 4.0, "g": "u"}, {"a": 4, "b": 1.5, "g": "v"}]
MOVED = [*ROWS[:2], {"a": 3, "b": 3.9, "g": "u"}, ROWS[3]]
A, B, G = ({"field": "a", "type": "quantitative"}, {"field": "b", "type": "quantitative"}, {"field": "g", "type": "nominal"})
DAYS = [{"t": f"2026-01-{day:02}", "b": float(day % 5), "g": "uv"[day % 2]} for day in range(1, 29)]


def chart(mark, rows=None, width=None, config=None, **encoding):
    view = {"mark": mark, "encoding": {channel: value for channel, value in encoding.items() if value}}
    made = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"values": rows or ROWS}, **view}
    return {**made, **({"width": width} if width else {}), **({"config": config} if config else {})}


def recorded(spec):
    data = json.loads(json.dumps(encode_value(figure_reader.read_figure(spec)), allow_nan=False))
    return Figure("f", 1, "c", "a", decode_value(FigureData, data))


COUNT = {"aggregate": "count", "type": "quantitative"}
CHARTS = {
    "points": ({"mark": "point", "x": A, "y": B, "color": G}, "scatter: y[2] is 3.9, recorded 4"),
    "bars of sums": ({"mark": "bar", "x": G, "y": {**B, "aggregate": "sum"}}, "rectangles: yhigh[0] is 6.9, recorded 7"),
    "a line": ({"mark": "line", "x": A, "y": B}, "line: y[2] is 3.9"),
    "lines by colour": ({"mark": "line", "x": A, "y": B, "color": G}, "line 1 of 'u': y[1] is 3.9"),
    "an area": ({"mark": "area", "x": A, "y": B}, "area: y[2] is 3.9"),
    "bins": ({"mark": "bar", "x": {**B, "bin": True}, "y": COUNT}, ""),
    "a field": ({"mark": "rect", "x": {**A, "bin": True}, "y": G, "color": {**B, "aggregate": "mean"}}, ""),
    "rules": ({"mark": "rule", "y": {**B, "aggregate": "mean"}}, "rules: y[0] is 2.35, recorded 2.375"),
    "texts": ({"mark": "text", "x": A, "y": B, "text": G}, "texts: y[2] is 3.9"),
    "arcs": ({"mark": "arc", "theta": B, "color": G}, "arcs: theta"),
    "a logarithmic axis": ({"mark": "point", "x": A, "y": {**B, "scale": {"type": "log"}}}, "scatter: y[2] is 3.9"),
    "an axis turned round": ({"mark": "point", "x": A, "y": {**B, "scale": {"reverse": True}}}, "scatter: y[2] is 3.9"),
    "boxes": ({"mark": "boxplot", "x": G, "y": B}, "y"),
    "sizes": ({"mark": "point", "x": A, "y": A, "size": B}, "size[0]"),
    "facets": ({"mark": "point", "x": A, "y": B, "column": G}, "axes 1, scatter: y[1] is 3.9"),
}


QUICK = ("points", "bars of sums", "bins")


@pytest.mark.parametrize(
    ("given", "told"),
    [pytest.param(*case, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, case in CHARTS.items()],  # 0.5 s each
)
def test_a_change_of_data_is_seen_and_the_size_is_style(given, told):
    then = recorded(chart(**given))
    assert then.data.unverified == ()
    seen = compare_figures(then, recorded(chart(**given, rows=MOVED)))
    if told:
        assert seen.verdict is Verdict.CHANGED and told in "\n".join(seen.details), seen.details
    if "column" not in given:
        wider = compare_figures(then, recorded(chart(**given, width=450)))
        assert wider.verdict in (Verdict.EXACT, Verdict.WITHIN), wider.details
    looks = {"mark": {"color": "red"}, "axis": {"grid": False, "labelFontSize": 14}, "range": {"category": ["#111111", "#dd2222"]}}
    assert compare_figures(then, recorded(chart(**given, config=looks))).verdict in (Verdict.EXACT, Verdict.WITHIN)


def test_a_line_along_time_is_compared_by_shares_of_its_axis():
    time = {"field": "t", "type": "temporal"}
    then = recorded(chart("line", DAYS, x=time, y=B))
    assert list(then.data.axes[0].marks[0].arrays) == ["xshare", "y"]
    moved = [*DAYS[:5], {**DAYS[5], "b": 4.2}, *DAYS[6:]]
    assert "line: y[5] is" in "\n".join(compare_figures(then, recorded(chart("line", moved, x=time, y=B))).details)
    assert compare_figures(then, recorded(chart("line", DAYS, x=time, y=B, width=500))).verdict in (Verdict.EXACT, Verdict.WITHIN)


def test_words_of_a_chart_are_compared():
    then = chart("point", x={**A, "title": "dose"}, y=B, color=G)
    for now, told in (
        (chart("point", x={**A, "title": "time"}, y=B, color=G), "x axis: label is 'time', recorded 'dose'"),
        ({**then, "title": "Now"}, "title is 'Now'"),
        (chart("point", [{**row, "g": row["g"] + "!"} for row in ROWS], x={**A, "title": "dose"}, y=B, color=G), "legend entries are"),
    ):
        assert told in "\n".join(compare_figures(recorded(then), recorded(now)).details)


def test_marks_that_exchange_their_colours_are_seen():
    other = [{**row, "g": "u"} if row["a"] == 2 else row for row in ROWS]
    seen = compare_figures(recorded(chart("point", x=A, y=B, color=G)), recorded(chart("point", other, x=A, y=B, color=G)))
    assert "shares its colour with other marks" in "\n".join(seen.details)


def test_colours_that_stand_for_values_are_read_off_the_legend():
    def coloured(last=28.5, scheme="blues"):
        rows = [{"a": i, "b": i * 1.5 if i < 19 else last} for i in range(20)]
        return chart("rect", rows, x={**A, "type": "ordinal"}, color={**B, "scale": {"scheme": scheme, "domain": [0, 30]}})

    then = recorded(coloured())
    (mark,) = then.data.axes[0].marks
    assert mark.arrays["value"] == pytest.approx([i * 1.5 for i in range(20)], abs=0.2)
    assert "value[19] is" in "\n".join(compare_figures(then, recorded(coloured(last=20))).details)
    assert recorded(coloured(scheme="viridis")).data.axes[0].marks[0].arrays["value"] == pytest.approx(mark.arrays["value"], abs=0.2)


UNREAD = {
    "data by address": (
        {**chart("point", x=A, y=B), "data": {"url": "https://example.org/a.csv"}},
        "data by address: https://example.org/a.csv",
    ),
    "colours that stand for values, without a legend": (
        chart("point", [{"a": i, "b": i * 1.5} for i in range(20)], x=A, y=B, color={**B, "legend": None}),
        "colours of symbol marks, which stand for values",
    ),
    "what is no chart": ({"mark": "nonsense", "data": {"values": []}}, "cannot be drawn"),
    "a JSON that is none": ({}, "cannot be drawn"),
    "marks of another type": (chart({"type": "image", "url": "https://example.org/a.png"}, x=A, y=B), "marks of the type image"),
    "zero on a logarithmic axis": (
        chart("point", [{"a": 1, "b": 0}, {"a": 2, "b": -3}], x=A, y={**B, "scale": {"type": "log"}}),
        "places that are no numbers",
    ),
}


def test_a_chart_that_vega_cannot_draw_is_told_by_figure():
    with pytest.raises(AuthorError) as caught:
        figure_reader.render_picture({**chart("geoshape"), "data": {"url": "https://example.org/a.json", "format": {"type": "topojson"}}})
    assert "cannot be drawn by Vega" in str(caught.value) and "External data url not allowed" in str(caught.value)


@pytest.mark.parametrize("where", ["data", "datasets"])
def test_a_chart_of_too_many_rows_is_refused_with_their_number(where):
    rows = [{"a": 1, "b": 2}] * 200_001
    given = {
        **chart("point", x=A, y=B),
        **({"datasets": {"d": rows}, "data": {"name": "d"}} if where == "datasets" else {"data": {"values": rows}}),
    }
    with pytest.raises(AuthorError, match="has 200,001 rows of data, and at most 200,000"):
        figure_reader.read_figure(given)


def test_an_empty_chart_and_one_of_gaps_are_compared():
    for rows in ([{}], [{"a": 1, "b": None}, {"a": None, "b": 2}]):
        empty = recorded(chart("point", rows, x=A, y=B))
        assert compare_figures(empty, empty).verdict is Verdict.EXACT


@pytest.mark.parametrize(("spec", "named"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_is_named(spec, named):
    data = figure_reader.read_figure(spec)
    assert any(named in what for what in data.unverified), data.unverified


def test_a_chart_has_the_picture_that_vega_draws_with_colours_that_a_page_can_turn():
    kind, picture = figure_reader.render_picture(chart("bar", x=G, y=B))
    assert kind == "image/svg+xml"
    assert 'style="fill: #1f4fa8' in picture and 'fill="' not in picture
    assert picture == figure_reader.render_picture(chart("bar", x=G, y=B))[1]
    assert figure_reader.card_picture(chart("bar", x=G, y=B)).startswith("iVBOR")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,000", 1000),
        ("\N{MINUS SIGN}0.5", -0.5),
        ("2k", 2000),
        ("10%", 0.1),
        ("$5", 5),
        ("1e-3", 0.001),
        ("u", None),
        ("Jan 03", None),
        ("a1", None),
    ],
)
def test_a_label_says_its_number(text, number):
    assert labels.number_in(text) == (pytest.approx(number) if number is not None else None)


def test_charts_of_the_package_itself_are_read_and_known():
    altair = pytest.importorskip("altair")
    rows = altair.Data(values=[{"a": i, "b": i % 7} for i in range(6000)])
    made = altair.Chart(rows).mark_point().encode(x="a:Q", y="b:Q")
    assert readers.reader_of(made) is figure_reader
    data = figure_reader.read_figure(made)
    assert data.unverified == () and len(data.axes[0].marks[0].arrays["x"]) == 6000


NOTE = """
# %%
import altair as alt
from labnotes import figure
chart = alt.Chart(alt.Data(values=[{"a": 1, "b": 2}, {"a": 2, "b": 3}])).mark_point().encode(x="a:Q", y="b:Q")
figure(chart, "points", caption="Points.", alt="Two points.")

# %%
alt.renderers.enable("mimetype")
chart.mark_line()

# %%
from IPython.display import display
display({"application/vnd.vegalite.v5+json": {**chart.to_dict(), "$schema": "https://vega.github.io/schema/vega-lite/v5.8.0.json"}}, raw=True)

# %%
display({"application/vnd.of-its-own.v1.json": {"a": 1}, "text/plain": "its own"}, raw=True)
"""


@pytest.mark.slow  # 6 s: two runs
def test_a_chart_that_is_recorded_or_merely_shown_is_compared_by_its_data(lab):
    folder = lab.record_note("drawn", NOTE)
    assert {path.name for path in (folder / "record" / "figures").iterdir()} == {
        *(f"{label}.{kind}" for label in ("points", "auto-1", "auto-2") for kind in ("json", "svg", "interactive.json")),
        "auto-3.json",  # JSON that nobody reads
    }
    source = folder / "note.py"
    source.write_text(source.read_text().replace('"b": 3', '"b": 2.5'))
    done = lab("check", "drawn", "--no-log")
    assert "scatter: y[1] is 2.5, recorded 3" in done.out and "line: y[1] is 2.5, recorded 3" in done.out
