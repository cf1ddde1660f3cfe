"""Figures of Plotly, read from their JSON: every trace is a mark or named, a change of data is seen, one of style is none."""

import base64
import json

import numpy as np
import pytest

from labnotes.author.figures import readers
from labnotes.author.figures.plotly import drawing, figure_reader
from labnotes.compare.figures import compare_figures
from labnotes.errors import AuthorError
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData
from labnotes.model.verdicts import Verdict

SCATTER = {"type": "scatter", "mode": "markers", "x": [1, 2, 3], "y": [1, 2, 3], "name": "a"}


def recorded(traces, layout=None, **more):
    made = {"data": traces if isinstance(traces, list) else [traces], "layout": layout or {}, **more}
    data = json.loads(json.dumps(encode_value(figure_reader.read_figure(made)), allow_nan=False))
    return Figure("f", 1, "c", "a", decode_value(FigureData, data))


def details(then, now):
    return "\n".join(compare_figures(then, now).details)


def packed(numbers, dtype="f8", shape=None):
    made = {"dtype": dtype, "bdata": base64.b64encode(np.asarray(numbers, dtype).tobytes()).decode()}
    return {**made, "shape": shape} if shape else made


TRACES = {
    "points": (
        SCATTER,
        {"y": [1, 2, 4]},
        {"marker": {"symbol": "square", "line": {"width": 2}}, "hovertemplate": "x"},
        "scatter 'a': y[2] is 4",
    ),
    "a line": ({**SCATTER, "mode": "lines"}, {"y": [1, 2, 4]}, {"line": {"width": 5, "dash": "dot"}}, "line 'a': y[2]"),
    "steps": ({**SCATTER, "mode": "lines"}, {"line": {"shape": "hv"}}, {"opacity": 0.5}, "line.shape is 'hv'"),
    "what is filled": ({**SCATTER, "mode": "lines"}, {"fill": "tozeroy"}, {"fillcolor": "red"}, "fill is 'tozeroy'"),
    "error bars": (
        {**SCATTER, "error_y": {"type": "data", "array": [0.1, 0.2, 0.3]}},
        {"error_y": {"type": "data", "array": [0.1, 0.2, 0.4]}},
        {"hoverinfo": "y"},
        "error bars 'a': yhigh[2]",
    ),
    "values by colour": (
        {**SCATTER, "marker": {"color": [1, 2, 3], "colorscale": "Viridis"}},
        {"marker": {"color": [1, 2, 4], "colorscale": "Viridis"}},
        {"marker": {"color": [1, 2, 3], "colorscale": "Magma"}},
        "value[2] is 4",
    ),
    "sizes": ({**SCATTER, "marker": {"size": [5, 9, 7]}}, {"marker": {"size": [5, 9, 8]}}, {"cliponaxis": False}, "size[2] is 8"),
    "colours of points": (
        {**SCATTER, "marker": {"color": ["red", "red", "blue"]}},
        {"marker": {"color": ["red", "blue", "blue"]}},
        {"marker": {"color": ["green", "green", "black"]}},
        "shares its colour",
    ),
    "bars": ({"type": "bar", "x": ["a", "b"], "y": [1, 2]}, {"y": [1, 3]}, {"marker": {"color": "red"}}, "bars: height[1] is 3"),
    "names of bars": ({"type": "bar", "x": ["a", "b"], "y": [1, 2]}, {"x": ["a", "c"]}, {"width": None}, "named ticks are"),
    "a histogram": (
        {"type": "histogram", "x": [1, 2, 2, 5]},
        {"x": [1, 2, 2, 4]},
        {"marker": {"color": "red"}},
        "histogram of values: x[3] is 4",
    ),
    "its bins, and not the order of values": ({"type": "histogram", "x": [1, 2, 2, 5]}, {"nbinsx": 3}, {"x": [5, 2, 2, 1]}, "nbinsx is 3"),
    "a box": ({"type": "box", "y": [1, 2, 9]}, {"y": [1, 2, 8]}, {"boxpoints": "all", "jitter": 0.3}, "boxes of values: y[2] is 8"),
    "a violin": ({"type": "violin", "y": [1, 2, 9]}, {"bandwidth": 2}, {"meanline": {"visible": True}}, "bandwidth is 2"),
    "a field": (
        {"type": "heatmap", "z": [[1, 2], [3, 4]]},
        {"z": [[1, 2], [3, 5]]},
        {"colorscale": "Magma", "xgap": 1},
        "value[1, 1] is 5",
    ),
    "contours": (
        {"type": "contour", "z": [[1, 2], [3, 4]]},
        {"contours": {"start": 2, "end": 3, "size": 1}},
        {"line": {"width": 0}},
        "contours.start is 2",
    ),
    "a pie": ({"type": "pie", "labels": ["a", "b"], "values": [1, 2]}, {"values": [1, 3]}, {"hole": 0.4}, "pie: value[1] is 3"),
    "a tree": (
        {"type": "sunburst", "labels": ["a", "b"], "parents": ["", "a"], "values": [2, 1]},
        {"parents": ["", ""]},
        {"maxdepth": 2},
        "parents is",
    ),
    "flows": (
        {"type": "sankey", "node": {"label": ["a", "b"]}, "link": {"source": [0], "target": [1], "value": [3]}},
        {"link": {"source": [0], "target": [1], "value": [4]}},
        {"arrangement": "snap"},
        "flows: value[0] is 4",
    ),
    "points in space": (
        {"type": "scatter3d", "mode": "markers", "x": [1, 2], "y": [1, 2], "z": [1, 2]},
        {"z": [1, 3]},
        {"projection": {"x": {"show": True}}},
        "z[1] is 3",
    ),
    "a surface": ({"type": "surface", "z": [[1, 2], [3, 4]]}, {"z": [[1, 2], [3, 5]]}, {"lighting": {"ambient": 0.5}}, "z[1, 1] is 5"),
    "around a middle": (
        {"type": "scatterpolar", "r": [1, 2], "theta": [0, 90]},
        {"theta": [0, 80]},
        {"hoverinfo": "r"},
        "polar line: angle[1] is 80",
    ),
    "regions": (
        {"type": "choropleth", "locations": ["DEU", "FRA"], "z": [1, 2]},
        {"locations": ["DEU", "ITA"]},
        {"colorscale": "Magma"},
        "locations is",
    ),
    "prices": (
        {"type": "ohlc", "x": ["2026-01-01"], "open": [1], "high": [3], "low": [0], "close": [2]},
        {"low": [0.5]},
        {"tickwidth": 0.1},
        "ylow[0]",
    ),
    "a table": (
        {"type": "table", "header": {"values": ["a"]}, "cells": {"values": [[1, 2]]}},
        {"cells": {"values": [[1, 3]]}},
        {"columnwidth": 2},
        "column 1",
    ),
    "a number": ({"type": "indicator", "mode": "number", "value": 3}, {"value": 4}, {"align": "left"}, "indicator: value[0] is 4"),
}


@pytest.mark.parametrize(("trace", "science", "style", "told"), TRACES.values(), ids=TRACES)
def test_a_trace_is_read_whole_a_change_of_data_is_seen_and_one_of_style_is_none(trace, science, style, told):
    then = recorded(trace)
    assert then.data.unverified == ()
    assert told in details(then, recorded({**trace, **science}))
    assert compare_figures(then, recorded({**trace, **style})).verdict is Verdict.EXACT


@pytest.mark.parametrize(
    "spelt", [packed([1, 2, 3.5]), np.array([1, 2, 3.5]), (1, 2, 3.5), ["1", "2", "3.5"], packed([[1, 2, 3.5]], shape="3")], ids=str
)
def test_values_are_the_same_however_they_are_spelt(spelt):
    plain = recorded({**SCATTER, "y": [1, 2, 3.5]})
    assert compare_figures(plain, recorded({**SCATTER, "y": spelt})).verdict is Verdict.EXACT


LAYOUTS = {
    "a title": ({"title": {"text": "Then"}}, {"title": {"text": "Now"}}, "texts are"),
    "a label": ({"xaxis": {"title": {"text": "dose"}}}, {"xaxis": {"title": {"text": "time"}}}, "x axis: label is 'time'"),
    "a scale": ({}, {"yaxis": {"type": "log"}}, "y axis: scale is 'log'"),
    "limits": ({"xaxis": {"range": [0, 4]}}, {"xaxis": {"range": [0, 5]}}, "limits are 0 to 5"),
    "limits on a logarithmic axis": (
        {"xaxis": {"type": "log", "range": [0, 2]}},
        {"xaxis": {"type": "log", "range": [0, 3]}},
        "limits are 1 to 1000",
    ),
    "a direction": ({}, {"yaxis": {"autorange": "reversed"}}, "direction is 'inverted'"),
    "named ticks": (
        {"xaxis": {"tickvals": [1, 2], "ticktext": ["a", "b"]}},
        {"xaxis": {"tickvals": [1, 2], "ticktext": ["b", "a"]}},
        "named ticks are",
    ),
    "an annotation": (
        {"annotations": [{"text": "here", "x": 1, "y": 2}]},
        {"annotations": [{"text": "here", "x": 2, "y": 2}]},
        "annotation: x[0] is 2",
    ),
    "a shape": (
        {"shapes": [{"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper"}]},
        {"shapes": [{"type": "line", "x0": 2, "x1": 2, "y0": 0, "y1": 1, "yref": "paper"}]},
        "shape across the axes: x[0] is 2",
    ),
    "a unit": ({}, {"yaxis": {"ticksuffix": " %"}}, "are written"),
}


@pytest.mark.parametrize(("then", "now", "told"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_is_compared(then, now, told):
    assert told in details(recorded(SCATTER, then), recorded(SCATTER, now))


def test_the_looks_of_a_layout_are_style():
    style = {"template": {"layout": {}}, "width": 900, "font": {"size": 9}, "paper_bgcolor": "red", "legend": {"x": 0}, "margin": {"l": 0}}
    assert compare_figures(recorded(SCATTER), recorded(SCATTER, style)).verdict is Verdict.EXACT


UNREAD = {
    "a type of trace": ({"type": "splom", "dimensions": []}, {}, {}, "axes 0: trace splom"),
    "an attribute": ({**SCATTER, "transforms": [{"type": "filter"}]}, {}, {}, "axes 0: scatter 'a': transforms"),
    "values": ({**SCATTER, "y": {"dtype": "f16", "bdata": ""}}, {}, {}, "axes 0: trace scatter 'a', values of the type 'f16'"),
    "pictures behind the data": (SCATTER, {"images": [{"source": "https://example.org/a.png"}]}, {}, "figure: images"),
    "buttons": (SCATTER, {"updatemenus": [{}]}, {}, "figure: updatemenus"),
    "an animation": (SCATTER, {}, {"frames": [{}]}, "figure: frames of an animation"),
    "regions by address": (
        {"type": "choropleth", "geojson": "https://example.org/a.json", "locations": ["a"], "z": [1]},
        {},
        {},
        "axes 0: choropleth: regions by address: https://example.org/a.json",
    ),
    "no trace": ([], {}, {}, "figure: it has no traces that are shown"),
}


@pytest.mark.parametrize(("trace", "layout", "more", "named"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_is_named(trace, layout, more, named):
    then = recorded(trace, layout, **more)
    assert named in then.data.unverified
    assert compare_figures(then, then).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"data": 3},
        {"data": [], "layout": []},
        {"data": "x"},
        *({"data": [SCATTER], "layout": odd} for odd in ({"annotations": [3]}, {"shapes": "x"})),
    ],
    ids=str,
)
def test_a_json_that_is_no_figure_is_told(given):
    data = figure_reader.read_figure(given)
    assert data.unverified == ("figure: its JSON is none of Plotly",) and data.axes == ()


NOT_FINITE = {
    "gaps and infinities": {**SCATTER, "y": [1, None, float("inf")]},
    "no number at all": {**SCATTER, "y": [None, float("nan"), None]},
    "numbers too far apart to draw": {**SCATTER, "y": [1e308, -1e308, 1e-320]},
    "lengths that differ": {**SCATTER, "y": [1]},
    "a wedge below zero": {"type": "pie", "labels": ["a", "b"], "values": [-1, 2]},
    "a field with gaps": {"type": "heatmap", "z": [[None, float("inf")], [1, float("-inf")]]},
    "an empty box": {"type": "box", "y": [None]},
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what matplotlib says of such numbers while it draws
@pytest.mark.parametrize("trace", NOT_FINITE.values(), ids=NOT_FINITE)
def test_values_that_are_no_numbers_or_cannot_be_drawn_are_compared_and_have_a_picture(trace):
    then = recorded(trace)
    assert compare_figures(then, recorded(trace)).verdict is Verdict.EXACT
    assert compare_figures(then, recorded({**trace, "name": "other"})).verdict is Verdict.CHANGED
    assert figure_reader.render_picture({"data": [trace]})[0] == "image/svg+xml"


def test_the_token_of_a_map_is_in_no_record():
    data = figure_reader.read_figure(
        {"data": [{"type": "scattermapbox", "lat": [1, 2], "lon": [3, 4]}], "layout": {"mapbox": {"accesstoken": "pk.of-mine"}}}
    )
    assert data.unverified == () and "pk.of-mine" not in json.dumps(encode_value(data))


@pytest.mark.parametrize("spelt", [list, np.array, packed], ids=["lists", "arrays", "base64"])
def test_a_figure_of_fifty_megabytes_is_refused_with_its_size_and_what_to_do(spelt):
    many = [0.5] * 600_000
    with pytest.raises(AuthorError, match="values, and at most 1,000,000 of a figure of Plotly are read") as caught:
        figure_reader.read_figure({"data": [{"type": "scatter", "x": spelt(many), "y": spelt(many)}]})
    assert "draw fewer points or a density" in str(caught.value)


def test_a_trace_that_is_not_shown_is_no_data():
    hidden = {**SCATTER, "name": "b", "visible": "legendonly"}
    assert (
        compare_figures(recorded(SCATTER, {"showlegend": False}), recorded([SCATTER, hidden], {"showlegend": False})).verdict
        is Verdict.EXACT
    )


def test_traces_stand_on_the_axes_that_they_name():
    data = recorded([SCATTER, {**SCATTER, "xaxis": "x2", "yaxis": "y2"}], {"xaxis2": {"title": "second"}}).data
    assert [axes.x.label for axes in data.axes] == ["", "second"]
    assert [len(axes.marks) for axes in data.axes] == [1, 1]


def test_polar_traces_share_the_axes_that_they_name_and_the_first_are_named_by_default():
    polar = {"r": [1, 2, 3], "theta": [0, 90, 180]}
    traces = [
        {"type": "scatterpolar", **polar},
        {"type": "scatterpolargl", **polar, "subplot": "polar"},
        {"type": "barpolar", **polar},
        {"type": "scatterpolar", **polar, "subplot": "polar2"},
    ]
    kinds = [[mark.kind for mark in axes.marks] for axes in recorded(traces).data.axes]
    assert kinds == [["projection", "polar line", "polar line", "polar bars"], ["projection", "polar line"]]


DRAWN = ("a line", "bars", "a box")


@pytest.mark.parametrize(
    "trace",
    [pytest.param(case[0], id=name, marks=() if name in DRAWN else pytest.mark.slow) for name, case in TRACES.items()],  # 0.3 s each
)
def test_every_trace_has_a_picture(trace):
    kind, picture = figure_reader.render_picture({"data": [trace], "layout": {"title": "Costs $5 <b>each</b>"}})
    assert kind == "image/svg+xml" and "Costs $5 each" in picture
    assert picture == figure_reader.render_picture({"data": [trace], "layout": {"title": "Costs $5 <b>each</b>"}})[1]


@pytest.mark.parametrize(
    ("mode", "feet"), [("group", [0, 1, 0, 0]), ("overlay", [0, 0, 0, 0]), ("stack", [0, 1, 3, 0]), ("relative", [0, 1, 0, 0])]
)
@pytest.mark.parametrize("lies", [False, True])
def test_bars_of_one_place_are_drawn_where_plotly_draws_them(mode, feet, lies):
    """Where Plotly 4.1.1 lets the bars begin, as seen in a browser."""
    places, lengths = ["a", "a", "a", "b"], [1, 2, -1, 1]
    trace = {"type": "bar", "orientation": "h", "y": places, "x": lengths} if lies else {"type": "bar", "x": places, "y": lengths}
    data = figure_reader.read_figure({"data": [trace], "layout": {"barmode": mode}})
    (ax,) = drawing.drawn_figure(data).axes
    assert [bar.get_x() if lies else bar.get_y() for bar in ax.patches] == feet
    assert [bar.get_width() if lies else bar.get_height() for bar in ax.patches] == lengths


def test_figures_of_the_package_itself_are_read_and_known():
    express = pytest.importorskip("plotly.express")
    fig = express.bar(x=["a", "b"], y=[1, 2], color=["c", "d"], title="Bars")
    assert readers.reader_of(fig) is figure_reader
    data = figure_reader.read_figure(fig)
    assert data.unverified == ()
    assert [mark.label for mark in data.axes[0].marks] == ["c", "d"]
    assert data.library == "Plotly"


NOTE = """
# %%
import plotly.graph_objects as go
from labnotes import figure
fig = go.Figure(go.Bar(x=["a", "b"], y=[1, 2]))
figure(fig, "bars", caption="Bars.", alt="Two bars.")

# %%
go.Figure(go.Scatter(x=[1, 2], y=[1, 2]))

# %%
go.Figure(go.Scatter(x=[1, 2], y=[1, 2])).show()
"""


@pytest.mark.slow  # 6 s: two runs
def test_a_figure_that_is_recorded_or_merely_shown_is_compared_by_its_data(lab):
    folder = lab.record_note("drawn", NOTE)
    record = json.loads((folder / "record" / "figures" / "auto-2.json").read_text())
    assert record["axes"][0]["marks"][0]["arrays"] == {"x": [1.0, 2.0], "y": [1.0, 2.0]}
    names = {path.name.split(".", 1)[1] for path in (folder / "record" / "figures").iterdir()}
    assert names == {"json", "svg", "interactive.json"}
    source = folder / "note.py"
    source.write_text(
        source.read_text().replace("y=[1, 2]))\nfigure", "y=[1, 3]))\nfigure").replace("y=[1, 2])).show()", "y=[1, 4])).show()")
    )
    done = lab("check", "drawn", "--no-log")
    assert "bars: height[1] is 3, recorded 2" in done.out
    assert "line: y[1] is 4, recorded 2" in done.out
    assert "auto-1" not in "".join(line for line in done.out.splitlines() if "changed" in line)
