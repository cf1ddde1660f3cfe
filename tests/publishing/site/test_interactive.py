"""Figures that their own library draws in the reader's browser: what is kept for it, its page, and what happens at a click."""

import functools
import http.server
import importlib.util
import json
import threading
from html.parser import HTMLParser

import pytest

from labnotes.author.figures import readers
from labnotes.author.figures.plotly import figure_reader as plotly_reader
from labnotes.author.figures.vega import figure_reader as vega_reader
from labnotes.site.stage import interactive
from machine import CHROMIUM

NOTE = """
# %% [markdown]
# **In short.** See @fig:bars and @fig:points.

# %%
import altair as alt
import plotly.graph_objects as go
from labnotes import figure

figure(go.Figure(go.Bar(x=["a", "b"], y=[1, 2], name="</script><b>")), "bars", caption="Bars.", alt="Two bars.")

# %%
rows = alt.Data(values=[{"x": 1, "y": 2}, {"x": 2, "y": 1}])
chart = alt.Chart(rows).transform_calculate(twice="2 * datum.y").mark_point().encode(x="x:Q", y="twice:Q", tooltip="twice:Q")
figure(chart, "points", caption="Points.", alt="Two points.")

# %%
go.Figure(go.Scattergeo(lon=[1], lat=[2]))
"""


# -- what is kept ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "kept"),
    [
        ({"data": [{"type": "bar", "y": [1, 2]}], "layout": {}}, True),
        ({"data": [{"type": "surface", "z": [[1, 2]]}]}, True),
        ({"data": [{"type": "bar", "y": [1]}, {"type": "scattergeo", "lon": [1], "lat": [1]}]}, False),
        ({"data": [{"type": "scattermap", "lon": [1], "lat": [1]}]}, False),
        ({"data": [{"type": "scattergl", "y": [1]}]}, False),
        ({"data": [{"y": [1]}], "layout": {"images": [{"source": "https://example.org/a.png"}]}}, False),
        ({"data": []}, False),
    ],
)
def test_plotly_draws_again_what_needs_no_one_else(figure, kept):
    assert plotly_reader.interactive_json(figure) == (figure if kept else None)


def test_vega_draws_again_what_takes_no_data_from_elsewhere():
    spec = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    assert vega_reader.interactive_json(spec) == spec
    assert vega_reader.interactive_json({**spec, "data": {"url": "https://example.org/a.csv"}}) is None


def test_a_figure_of_megabytes_is_kept_as_a_picture_alone():
    values = [0.5] * (readers.MOST_INTERACTIVE // 4)
    assert plotly_reader.interactive_json({"data": [{"y": values}]}) is None
    assert vega_reader.interactive_json({"data": {"values": values}, "mark": "bar"}) is None


# -- the site ----------------------------------------------------------------------------------------------------------------------------


def test_json_closes_no_script_and_stays_what_it_was():
    given = {"name": "</script><!-- & \u2028"}
    text = interactive.json_in_page(json.dumps(given, ensure_ascii=False).encode())
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == given


def test_scripts_are_on_the_site_only_where_a_figure_needs_them():
    assert interactive.script_files([]) == {}
    assert [*interactive.script_files(iter(["Altair", "Altair", "matplotlib"]))] == ["assets/labnotes/interactive/vega.js"]
    assert [*interactive.script_files(["Plotly", "Altair"])] == [f"assets/labnotes/interactive/{name}.js" for name in ("plotly", "vega")]


class _Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.all = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def interactive_lab(new_lab):
    lab = new_lab()
    assert lab("init", "drawn", cwd=lab.root.parent).code == 0
    lab.root = lab.root.parent / "drawn"
    lab.write_note("plots", NOTE, settings={"title": "Plots"})
    lab.run_and_accept("plots")
    done = lab("build")
    assert done.code == 0, done.text
    return lab


@pytest.mark.slow  # a run that loads three libraries, and a build: 12 s
def test_a_figure_has_a_page_that_loads_nothing_from_elsewhere(interactive_lab):
    record, site = interactive_lab.root / "notes" / "plots" / "record" / "figures", interactive_lab.root / "site"
    assert {path.name for path in record.glob("*.interactive.json")} == {"bars.interactive.json", "points.interactive.json"}
    page = (site / "notes" / "plots" / "index.html").read_text()
    links = [attrs["href"] for tag, attrs in _Elements(page).all if tag == "a" and attrs.get("class") == "ln-interactive"]
    assert links == ["../plots/figures/bars.interactive.html", "../plots/figures/points.interactive.html"]
    for label, script in (("bars", "plotly.js"), ("points", "vega.js")):
        elements = _Elements((site / "notes" / "plots" / "figures" / f"{label}.interactive.html").read_text()).all
        sources = [attrs["src"] for tag, attrs in elements if tag == "script" and "src" in attrs]
        assert sources == [f"../../../assets/labnotes/interactive/{name}" for name in (script, "draw.js")]
        policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'; script-src 'self';" in policy
        assert all((site / "assets" / "labnotes" / "interactive" / name).is_file() for name in (script, "draw.js"))


@pytest.mark.slow  # a second build
def test_a_site_made_where_the_library_is_missing_says_so_and_shows_pictures(interactive_lab, monkeypatch):
    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *args: None if name == "plotly" else known(name, *args))
    interactive.installed_libraries.cache_clear()
    done = interactive_lab("build")
    interactive.installed_libraries.cache_clear()
    assert done.code == 0
    assert "plots: figure bars is shown as a picture only: plotly is not installed, which brings the script that draws it" in done.text
    page = (interactive_lab.root / "site" / "notes" / "plots" / "index.html").read_text()
    links = [attrs["href"] for tag, attrs in _Elements(page).all if tag == "a" and attrs.get("class") == "ln-interactive"]
    assert links == ["../plots/figures/points.interactive.html"]


@pytest.mark.browser
def test_a_click_draws_the_figure_in_a_frame_without_rights_and_another_shows_the_picture_again(interactive_lab):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    assert interactive_lab("build").code == 0  # before the browser: its driver keeps an event loop, in which no command can run
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=interactive_lab.root / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(f"http://127.0.0.1:{server.server_port}/notes/plots/")
        page.wait_for_selector("button.ln-interactive")
        assert not any("interactive/" in url for url in asked)  # nothing of a library before the click
        buttons = []
        for label, drawn in (("bars", ".main-svg .bars path"), ("points", "svg.marks path")):
            figure = page.locator(f"#fig-{label}")
            button = figure.locator("button.ln-interactive")
            button.scroll_into_view_if_needed()
            button.click()
            inside = figure.frame_locator("iframe[sandbox=allow-scripts]")
            inside.locator(drawn).first.wait_for(timeout=60_000)
            assert not figure.locator(".ln-frame").is_visible()
            page.emulate_media(media="print")  # paper shows the picture
            assert figure.locator(".ln-frame").is_visible() and not figure.locator("iframe").is_visible()
            page.emulate_media(media="screen")
            buttons += [made.get_attribute("data-title") for made in inside.locator(".modebar-btn").all()]
            button.click()
            assert figure.locator("iframe").count() == 0
            assert figure.locator(".ln-frame").is_visible()
        assert errors == []
        assert "Zoom" in buttons and not any("Share" in title for title in buttons)  # Plotly's own would send the data away
        assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {f"127.0.0.1:{server.server_port}"}
        browser.close()
        server.shutdown()
