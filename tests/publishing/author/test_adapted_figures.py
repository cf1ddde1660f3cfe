"""What other libraries draw by matplotlib and hand on in objects of their own: read as the figure in them, however often it is drawn."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.transforms import Affine2D

from figure_corpus.rare import plt
from labnotes.author.figures import readers
from labnotes.compare.figures import compare_figures
from labnotes.errors import AuthorError
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData
from labnotes.model.verdicts import Verdict

POINTS = 40


def recorded(made):
    data = readers.reader_of(made).read_figure(made)
    return Figure("f", 1, "c", "a", decode_value(FigureData, json.loads(json.dumps(encode_value(data), allow_nan=False))))


def details(then, now):
    return "\n".join(compare_figures(then, now).details)


# -- plotnine ----------------------------------------------------------------------------------------------------------------------------


def frame(**change):
    """A data frame, and the same with other values in row 7."""
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"x": np.arange(POINTS) / 4, "y": rng.normal(size=POINTS), "z": rng.uniform(1, 9, POINTS)})
    made["g"], made["k"] = rng.choice(list("abc"), POINTS), rng.choice(list("uv"), POINTS)
    for name, value in change.items():
        made.loc[7, name] = value
    return made


def ggplot(data, *parts, **mapping):
    import plotnine

    return plotnine.ggplot(data, plotnine.aes(**mapping)) + [getattr(plotnine, name)(**given) for name, given in parts]


GGPLOTS = {
    "points": ([("geom_point", {})], {"x": "x", "y": "y"}, {"y": 0.3}, "scatter: y[7] is 0.3"),
    "groups": ([("geom_point", {})], {"x": "x", "y": "y", "color": "g"}, {"g": "a"}, "[7] shares its colour with other marks"),
    "values by colour": ([("geom_point", {})], {"x": "x", "y": "y", "color": "z"}, {"z": 2.0}, "place on the colour map[7] is 0.0769"),
    "values by a gradient of its own": (
        [("geom_tile", {}), ("scale_fill_gradient2", {"low": "blue", "high": "red", "midpoint": 4})],
        {"x": "x", "y": "y", "fill": "z"},
        {"z": 2.0},
        "band: place on the colour map[7] is 0.0769",
    ),
    "sizes": ([("geom_point", {})], {"x": "x", "y": "y", "size": "z"}, {"z": 2.0}, "scatter: size[7] is"),
    "opacity": ([("geom_point", {})], {"x": "x", "y": "y", "alpha": "z"}, {"z": 2.0}, "scatter: opacity[7] is"),
    "panels": ([("geom_line", {}), ("facet_wrap", {"facets": "g"})], {"x": "x", "y": "y"}, {"y": 0.3}, "axes 3, line: y[2] is 0.3"),
    "bars": ([("geom_bar", {"position": "dodge"})], {"x": "g", "fill": "k"}, {"g": "a"}, "band: y["),
    "a histogram": ([("geom_histogram", {"bins": 8})], {"x": "y"}, {"y": 2.0}, "band: y[13] is 3, recorded 4"),
    "boxes": ([("geom_boxplot", {})], {"x": "g", "y": "y"}, {"y": 0.3}, "band 3: y[0] is"),
    "a fit": ([("geom_smooth", {"method": "lm"})], {"x": "x", "y": "y"}, {"y": 0.3}, "band: y[0] is"),
    "error bars": (
        [("geom_errorbar", {})],
        {"x": "x", "ymin": "z-1", "ymax": "z+1"},
        {"z": 2.0},
        "segments: y[21] is 1",
    ),
    "texts": ([("geom_text", {})], {"x": "x", "y": "y", "label": "g"}, {"g": "a"}, "text 8: text is 'a', recorded 'c'"),
    "a logarithmic axis": ([("geom_point", {}), ("scale_y_log10", {})], {"x": "x", "y": "z"}, {"z": 2.0}, "scatter: y[7] is 0.30103"),
}
QUICK = ("groups", "values by a gradient of its own", "panels")


@pytest.mark.parametrize(
    ("parts", "mapping", "change", "told"),
    [pytest.param(*case, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, case in GGPLOTS.items()],  # 0.5 s each
)
def test_a_plot_of_plotnine_is_read_whole_a_change_of_data_is_seen_and_a_theme_is_style(parts, mapping, change, told):
    plotnine = pytest.importorskip("plotnine")
    then = recorded(ggplot(frame(), *parts, **mapping))
    assert then.data.unverified == () and then.data.library == "plotnine"
    assert told in details(then, recorded(ggplot(frame(**change), *parts, **mapping)))
    other = ggplot(frame(), *parts, **mapping) + plotnine.theme_bw() + plotnine.theme(figure_size=(4, 3), legend_position="bottom")
    assert compare_figures(then, recorded(other)).verdict is Verdict.EXACT


def test_strips_legends_and_bars_of_colours_of_plotnine_are_titles_and_legend_entries():
    pytest.importorskip("plotnine")
    panels = recorded(ggplot(frame(), ("geom_point", {}), ("facet_grid", {"rows": "k", "cols": "g"}), x="x", y="y")).data
    assert [axes.title for axes in panels.axes] == ["a", "b", "c | u", "", "", "v"]
    coloured = recorded(ggplot(frame(), ("geom_point", {}), x="x", y="y", color="g", size="z")).data
    entries = [(entry.text, entry.colour) for entry in coloured.axes[0].legend]
    assert [text for text, _ in entries][:4] == ["g", "a", "b", "c"]
    assert {colour for _, colour in entries[1:4]} == set(coloured.axes[0].marks[0].exact["colours"])
    by_value = recorded(ggplot(frame(), ("geom_point", {}), x="x", y="y", color="z")).data
    assert [entry.text for entry in by_value.axes[0].legend] == ["z", "3", "5", "7"]


def test_a_name_in_a_strip_or_a_legend_that_changes_is_seen():
    pytest.importorskip("plotnine")
    renamed = frame().replace({"g": {"a": "A"}})
    for parts, mapping, told in (
        ([("facet_wrap", {"facets": "g"})], {}, "title is 'A', recorded 'a'"),
        ([], {"color": "g"}, "legend entries are"),
    ):
        plots = [ggplot(data, ("geom_point", {}), *parts, x="x", y="y", **mapping) for data in (frame(), renamed)]
        assert told in details(*map(recorded, plots))


def test_what_is_added_to_a_plot_after_it_was_drawn_is_read_and_nothing_stays_open():
    plotnine = pytest.importorskip("plotnine")
    plot = ggplot(frame(), ("geom_point", {}), x="x", y="y")
    reader = readers.reader_of(plot)
    before = len(plt.get_fignums())
    assert [[mark.kind for mark in axes.marks] for axes in reader.read_figure(plot).axes] == [["scatter"]]
    picture = reader.render_picture(plot)
    assert picture[0] == "image/svg+xml"
    plot.draw()
    plot += plotnine.geom_line()
    assert [mark.kind for mark in reader.read_figure(plot).axes[0].marks] == ["scatter", "line"]
    assert reader.render_picture(plot)[1] != picture[1]
    assert reader.card_picture(plot).startswith("iVBOR")
    reader.close_figure(plot)
    assert len(plt.get_fignums()) == before


def test_a_composition_of_plotnine_is_read_panel_by_panel():
    pytest.importorskip("plotnine")
    points, bars = ggplot(frame(), ("geom_point", {}), x="x", y="z"), ggplot(frame(), ("geom_bar", {}), x="g")
    data = recorded(points | bars).data
    assert data.unverified == ()
    assert [axes.panel for axes in data.axes] == [(0, 0), (0, 1)]


# -- others ------------------------------------------------------------------------------------------------------------------------------


def test_labels_along_edges_of_a_graph_are_read():
    networkx = pytest.importorskip("networkx")

    def read(label):
        fig, ax = plt.subplots()
        graph, places = networkx.DiGraph([(1, 2)]), {1: (0, 0), 2: (1, 1)}
        networkx.draw_networkx(graph, places, ax=ax)
        networkx.draw_networkx_edge_labels(graph, places, {(1, 2): label}, ax=ax)
        made = recorded(fig)
        plt.close(fig)
        return made

    then = read("a")
    assert then.data.unverified == ()
    assert "text is 'b', recorded 'a'" in details(then, read("b"))


def test_a_plot_of_sympy_is_read_whether_it_was_shown_or_not():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    made = sympy.plot(sympy.sin(x), show=False, adaptive=False, n=50)
    then = recorded(made)
    assert then.data.unverified == () and [mark.kind for mark in then.data.axes[0].marks] == ["line"]
    assert "line 'sin(x)': y[" in details(then, recorded(sympy.plot(sympy.sin(x), (x, 0, 3), show=False, adaptive=False, n=50)))
    readers.reader_of(made).close_figure(made)
    plt.close("all")


@pytest.mark.filterwarnings("ignore")  # of libraries that are not pinned here
def test_a_plot_of_holoviews_is_read_as_matplotlib_draws_it():
    holoviews = pytest.importorskip("holoviews")
    then = recorded(holoviews.Curve([1, 2, 3]))
    assert then.data.unverified == () and then.data.library == "HoloViews"
    assert "line: y[2] is 4" in details(then, recorded(holoviews.Curve([1, 2, 4])))
    frames = recorded(holoviews.HoloMap({i: holoviews.Curve([1, i]) for i in range(3)}))
    assert frames.data.unverified == ("figure: frames of an animation, but for the first",)


@pytest.mark.filterwarnings("ignore")  # of libraries that are not pinned here
def test_a_grid_of_xarray_is_read():
    xarray = pytest.importorskip("xarray")
    values = xarray.DataArray(np.arange(24.0).reshape(2, 3, 4), dims=("k", "a", "b"))
    assert [axes.title for axes in recorded(values.plot(col="k")).data.axes][:2] == ["k = 0", "k = 1"]
    plt.close("all")


class InterProjectionTransform(Affine2D):
    """As cartopy's: from the coordinates in which data are given to those of the map."""

    source_projection = type("PlateCarree", (), {})()


MAPS = {
    "points": (lambda ax, on, top: ax.scatter([1, 2, 3], [1, 2, top], transform=on), "scatter: y[2] is 4"),
    "values of cells": (lambda ax, on, top: ax.pcolormesh([[1, 2], [3, top]], transform=on), "value[1, 1] is 4"),
    "contours": (lambda ax, on, top: ax.contourf([[1, 2], [3, top]], [1, 2, 3, 5], transform=on), "filled contours: "),
    "vectors": (lambda ax, on, top: ax.quiver([1, 2], [1, 2], [1, top], [1, 1], transform=on), "vectors: u[1] is 4"),
    "barbs": (lambda ax, on, top: ax.barbs([1, 2], [1, 2], [10, top], [10, 20], transform=on), "barbs: u[1] is 4"),
    "words": (lambda ax, on, top: ax.text(1, top, "a", transform=on), "text: y[0] is 4"),
}


@pytest.mark.parametrize(("draw", "told"), MAPS.values(), ids=MAPS)
def test_what_a_map_projects_is_read_in_the_coordinates_in_which_it_is_given(draw, told):
    def read(top, **style):
        fig, ax = plt.subplots(**style)
        ax.set(xlim=(0, 20), ylim=(0, 20))
        draw(ax, InterProjectionTransform().scale(2) + ax.transData, top)
        made = recorded(fig)
        plt.close(fig)
        return made

    then = read(3)
    assert then.data.unverified == ()
    assert told in details(then, read(4))
    assert compare_figures(then, read(3, figsize=(3, 3), dpi=50)).verdict is Verdict.EXACT


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # seaborn 0.13 with pandas 3
@pytest.mark.parametrize("mark", ["Bar", "Area"])
def test_marks_of_seaborn_objects_that_their_own_outline_cuts_off_are_read(mark):
    objects = pytest.importorskip("seaborn.objects")

    def drawn(top):
        return recorded(objects.Plot({"x": [1, 2, 3], "y": [1, 2, top]}, "x", "y").add(getattr(objects, mark)()))

    then = drawn(3)
    assert then.data.unverified == ()
    assert "is 4" in details(then, drawn(4))


def test_what_a_library_cannot_draw_is_told_with_what_it_says():
    pytest.importorskip("plotnine")
    plot = ggplot(frame(), ("geom_point", {}), x="x", y="nothing")
    with pytest.raises(AuthorError) as caught:
        readers.reader_of(plot).read_figure(plot)
    assert "plotnine cannot draw this ggplot by matplotlib: PlotnineError" in str(caught.value)


NOTE = """
# %%
import pandas as pd
from plotnine import aes, geom_line, geom_point, ggplot
from labnotes import figure
plot = ggplot(pd.DataFrame({"x": [1, 2], "y": [1, 2]}), aes("x", "y")) + geom_point()
figure(plot, "points", caption="Points.", alt="Two points.")

# %%
plot + geom_line()
"""


@pytest.mark.slow  # 8 s: two runs
def test_a_plot_of_plotnine_that_is_recorded_or_merely_shown_is_compared_by_its_data(lab):
    pytest.importorskip("plotnine")
    folder = lab.record_note("drawn", NOTE)
    assert {path.name for path in (folder / "record" / "figures").iterdir()} == {"points.json", "points.svg", "auto-1.json", "auto-1.svg"}
    source = folder / "note.py"
    source.write_text(source.read_text().replace('"y": [1, 2]', '"y": [1, 3]'))
    done = lab("check", "drawn", "--no-log")
    assert "scatter: y[1] is 3, recorded 2" in done.out and "line: y[1] is 3, recorded 2" in done.out
