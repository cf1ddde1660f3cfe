"""What other libraries display: one plot is one figure, and what prepares the browser for plots is none."""

from types import SimpleNamespace

import pytest

from labnotes.execute.outputs import OutputCollector
from labnotes.model.observation import Provenance
from labnotes.site.stage.published_outputs import publishable_data, why_no_picture

BROWSER = (
    '<div></div><script>var docs_json = {"7d":{"roots":[{"type":"object","name":"panel.models.browser.BrowserInfo","id":"3a"}]}}</script>'
)
DRAWN = '<div id="f2" data-root-id="f2"></div><script>var docs_json = {"82":{"roots":[{"type":"object","name":"Row"}]}}</script>'
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def observed(tmp_path, *shown):
    """What is kept of outputs that show this data, each for itself."""
    collector = OutputCollector(tmp_path, tmp_path / "scratch")
    cell = SimpleNamespace(number=1, cell_digest="d", line_place=lambda: "note.py:1")
    collector.add_outputs(cell, [{"output_type": "display_data", "data": data, "metadata": {}} for data in shown])
    return collector.collected_observation(Provenance.__new__(Provenance))


LOADERS = {
    "of Bokeh": {"application/javascript": "'use strict'", "application/vnd.bokehjs_load.v0+json": "'use strict'"},
    "of HoloViews": {"application/vnd.holoviews_load.v0+json": "if (x)", "application/javascript": "if (x)"},
    "of both": {"application/vnd.bokehjs_load.v0+json": "", "application/vnd.holoviews_load.v0+json": ""},
    "of Panel, about the browser": {"text/html": BROWSER, "application/vnd.holoviews_exec.v0+json": ""},
}


@pytest.mark.parametrize("data", LOADERS.values(), ids=LOADERS)
def test_what_only_prepares_the_browser_is_no_figure(tmp_path, data):
    seen = observed(tmp_path, data)
    assert seen.figures == {} and seen.cells[0].outputs == ()


PLOTS = {
    "of Bokeh": ({"application/javascript": "(x)", "application/vnd.bokehjs_exec.v0+json": ""}, "application/vnd.bokehjs_exec.v0+json"),
    "of HoloViews": (
        {"text/html": DRAWN, "application/vnd.holoviews_exec.v0+json": "", "text/plain": ":Curve"},
        "application/vnd.holoviews_exec.v0+json",
    ),
    "of graphviz": ({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}, "image/svg+xml"),
    "of what has only _repr_png_, as WordCloud or PyVista": ({"image/png": PICTURE, "text/plain": "<object>"}, "image/png"),
}


@pytest.mark.parametrize(("data", "mime"), PLOTS.values(), ids=PLOTS)
def test_a_plot_whose_data_cannot_be_read_is_one_figure_named_as_not_verified(tmp_path, data, mime):
    figures = observed(tmp_path, data).figures
    assert [figure.data.unverified for figure in figures.values()] == [(f"{mime} without plotted data",)]


def test_a_page_says_why_a_plot_of_bokeh_is_missing_and_what_to_do():
    said = why_no_picture("application/vnd.bokehjs_exec.v0+json without plotted data")
    assert "its library draws it by a script" in said and "shown by matplotlib, or saved as a picture, it stands here" in said


def test_the_empty_place_of_a_plot_of_bokeh_is_no_output_of_its_own():
    assert publishable_data({"text/html": '\n  <div id="a7" data-root-id="p1008" style="display: contents;"></div>\n'}) == {}
