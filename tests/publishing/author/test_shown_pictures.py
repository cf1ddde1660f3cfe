"""Pictures without plotted data: what each kind is recorded as, and what is said of those that cannot be."""

import base64
import builtins
import io
import os
import re
import struct
import zlib

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython import display
from PIL import Image, ImageDraw, PngImagePlugin

from labnotes.author import api
from labnotes.author.figures import readers
from labnotes.author.figures.pixels import decoding, shown_pictures
from labnotes.compare import trial_changes
from labnotes.compare.figures import compare_figures
from labnotes.errors import AuthorError
from labnotes.model.encoding import decode_value, encode_whole
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import Figure
from labnotes.model.quantities import Tolerance
from labnotes.model.verdicts import Verdict


def scene(number="0.36", *, mode="RGB", size=(240, 160), shade=(31, 79, 168)):
    """A drawing as research has it: a frame, a curve, a number."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, size[0] - 10, size[1] - 10), outline="black")
    draw.line([(x, int(80 + 40 * np.sin(x / 20))) for x in range(15, size[0] - 15)], fill=shade, width=2)
    draw.text((30, 20), f"rate {number}", fill="black")
    return image.convert(mode)


def encoded(image, kind="PNG", **how):
    target = io.BytesIO()
    image.save(target, kind, **how)
    return target.getvalue()


def read_picture(shown, *, by="pixels", tolerance=None):
    reader, opened = readers.opened_figure(shown, "figure 'f'", by=by, has_tolerance=tolerance is not None)
    stated = Tolerance(tolerance, "measured") if tolerance is not None else None
    made = Figure("f", 1, "c", "a", reader.read_figure(opened), stated, by=by or "")
    return decode_value(Figure, encode_whole(made))


def verdict_of(then, now, *, tolerance=None):
    return compare_figures(read_picture(then, tolerance=tolerance), read_picture(now, tolerance=tolerance))


def animated(*numbers, kind="GIF", **how):
    first, *others = [scene(number, mode="P" if kind == "GIF" else "RGB") for number in numbers]
    return encoded(first, kind, save_all=True, append_images=others, **{"duration": 100, **how})


class Offering:
    """An object that offers Jupyter a picture of itself by one method."""

    def __init__(self, method, content):
        self.__dict__[method] = lambda **_: content


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><metadata><date>2026</date></metadata>'
    '<defs><clipPath id="p1"><rect width="80" height="40"/></clipPath></defs><g clip-path="url(#p1)" id="free"><path d="M 0 0 L 9 9"/>'
    "<text>rate {}</text></g></svg>"
)
SAME_SVG = (
    '<?xml version="1.0"?>\n<!-- made on another day --><svg height="40" width="80" xmlns="http://www.w3.org/2000/svg">\n  <defs>\n'
    '<clipPath id="q7"><rect height="40"  width="80"/></clipPath></defs>\n<g clip-path="url(#q7)" id="other">\n<path d="M 0 0\n L 9 9"/>'
    "<text> rate  0.36 </text></g></svg>"
)


# -- each kind ---------------------------------------------------------------------------------------------------------------------------


KINDS = {
    "PIL": (scene(), scene(mode="RGBA"), scene("0.52")),
    "PNG": (Offering("_repr_png_", encoded(scene())), Offering("_repr_png_", encoded(scene(), compress_level=0)), scene("0.52")),
    "IPython Image": (display.Image(encoded(scene())), scene(), display.Image(encoded(scene("0.52")))),
    "JPEG": (
        Offering("_repr_jpeg_", encoded(scene(), "JPEG", quality=95)),
        Offering("_repr_jpeg_", encoded(scene(), "JPEG", quality=95, comment=b"another day")),
        Offering("_repr_jpeg_", encoded(scene("0.52"), "JPEG", quality=95)),
    ),
    "WebP": (
        Offering("_repr_mimebundle_", {"image/webp": encoded(scene(), "WEBP", lossless=True)}),
        Offering("_repr_mimebundle_", ({"image/png": base64.b64encode(encoded(scene())).decode()}, {"image/png": {"width": 3}})),
        Offering("_repr_mimebundle_", {"image/webp": encoded(scene("0.52"), "WEBP", lossless=True)}),
    ),
    "SVG": (
        display.SVG(SVG.format("0.36")),
        Offering("_repr_svg_", SAME_SVG),
        Offering("_repr_mimebundle_", {"image/svg+xml": SVG.format("0.52")}),
    ),
    "GIF": (
        display.Image(animated("1", "2", "3")),
        display.Image(animated("1", "2", "3", duration=300)),
        display.Image(animated("1", "2", "4")),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_same_pixels_are_exact_however_they_are_kept_and_others_are_changed(name):
    then, same, other = KINDS[name]
    assert verdict_of(then, then).verdict is Verdict.EXACT
    assert verdict_of(then, same).verdict is Verdict.EXACT
    changed = verdict_of(then, other)
    assert changed.verdict is Verdict.CHANGED
    assert len(changed.details) == 1


def test_a_path_shows_its_file(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(scene(), pnginfo=_metadata(), dpi=(300, 300)))
    (tmp_path / "a.svg").write_text(SVG.format("0.36"))
    assert verdict_of(tmp_path / "a.png", scene()).verdict is Verdict.EXACT
    assert verdict_of(str(tmp_path / "a.svg"), display.SVG(SAME_SVG)).verdict is Verdict.EXACT


def _metadata():
    made = PngImagePlugin.PngInfo()
    made.add_text("Creation Time", "another day")
    return made


def test_a_figure_of_matplotlib_may_be_compared_by_its_pixels_and_is_closed():
    made = []
    for height in (1.0, 1.0, 1.2):
        fig, ax = plt.subplots(figsize=(3, 2))
        ax.plot([0, height])
        reader, opened = readers.opened_figure(fig, "figure 'f'", by="pixels")
        made.append(Figure("f", 1, "c", "a", reader.read_figure(opened), by="pixels"))
        assert reader.render_picture(opened)[0] == "image/png"
        reader.close_figure(opened)
    assert plt.get_fignums() == []
    assert [compare_figures(made[0], other).verdict for other in made[1:]] == [Verdict.EXACT, Verdict.CHANGED]


def test_opacity_counts_and_the_colour_of_what_cannot_be_seen_does_not():
    clear, other = (Image.new("RGBA", (40, 30), colour) for colour in ((255, 0, 0, 0), (0, 0, 255, 0)))
    assert verdict_of(clear, other).verdict is Verdict.EXACT
    half = Image.new("RGBA", (40, 30), (255, 255, 255, 128))
    opaque = Image.new("RGB", (40, 30), "white")
    assert "its pixels differ by 49.8 % of full scale" in verdict_of(opaque, half).details[0]


def test_sixteen_bits_of_grey_are_told_apart():
    grey = np.linspace(0, 65535, 1200).astype(np.uint16).reshape(30, 40)
    finer = grey.copy()
    finer[3, 3] += 1
    assert verdict_of(Image.fromarray(grey), Image.fromarray(grey)).verdict is Verdict.EXACT
    changed = verdict_of(Image.fromarray(grey), Image.fromarray(finer))
    assert changed.details == ("its pixels differ, by less than 0.392 % of full scale at any place",)


def test_a_photograph_is_shown_as_its_metadata_turn_it():
    turned = scene().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = Offering("_repr_png_", encoded(turned, exif=exif))
    assert verdict_of(scene(), kept).verdict is Verdict.EXACT


# -- what differs ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("PIL", r"its pixels differ by [\d.]+ % of full scale in the upper left \(around column \d+, row \d+\)"),
        ("GIF", r"its pixels differ in frame 3 of 3"),
        ("SVG", r"its texts are others: 'rate 0.52' is new, 'rate 0.36' is gone"),
    ],
)
def test_a_message_says_where(name, message):
    then, _, other = KINDS[name]
    [said] = verdict_of(then, other).details
    assert re.fullmatch(message, said), said


@pytest.mark.parametrize(
    ("then", "now", "message"),
    [
        (scene(), scene(size=(241, 160)), "has 241 × 160 pixels, recorded 240 × 160 pixels"),
        (
            display.Image(animated("1", "2")),
            display.Image(animated("1", "2", "3")),
            "has 3 frames of 240 × 160 pixels, recorded 2 frames of 240 × 160 pixels",
        ),
        (
            display.Image(animated("1", "2", "3")),
            display.Image(animated("4", "2", "5")),
            "its pixels differ in frame 1 (2 of 3 frames differ)",
        ),
        (scene(), display.SVG(SAME_SVG), "is compared by the text of its drawing (SVG) now, recorded by its pixels"),
        (
            display.SVG(SVG.format("1")),
            display.SVG(SVG.format("1").replace("9 9", "9 8")),
            "its drawing is another: elements, texts and their order are the same, places or styles are not",
        ),
        (
            display.SVG(SVG.format("1")),
            display.SVG(SVG.format("1").replace("<path", "<path/><path")),
            "has 2 elements 'path', recorded 1",
        ),
    ],
)
def test_another_size_another_kind_or_another_frame_is_said(then, now, message):
    compared = verdict_of(then, now)
    assert compared.verdict is Verdict.CHANGED
    assert compared.details == (message,)


def test_another_way_to_compare_is_a_change_until_it_is_recorded():
    bare, compared = read_picture(scene(), by=None), read_picture(scene())
    assert compare_figures(bare, bare).verdict is Verdict.UNVERIFIED
    assert compare_figures(bare, compared).details[0] == "is compared by its pixels now, recorded not at all (not verified)"


# -- tolerance ---------------------------------------------------------------------------------------------------------------------------


def plotted(text="Rate of 0.36", *, shift=0.0, times=1):
    """A plot as an image, drawn with other edges if it is drawn larger (`times`) and made smaller again."""
    fig, ax = plt.subplots(figsize=(4, 3))
    x = np.linspace(0, 10, 100)
    ax.plot(x, np.sin(x))
    ax.plot(x, np.cos(x) + shift)
    ax.set_title(text)
    target = io.BytesIO()
    fig.savefig(target, dpi=100 * times)
    plt.close(fig)
    image = Image.open(target).convert("RGBA")
    return image.resize((image.width // times, image.height // times), Image.Resampling.BOX)


def test_other_edges_are_within_a_small_tolerance_and_another_curve_or_number_is_not():
    drawn = plotted()
    assert verdict_of(drawn, plotted(times=4)).verdict is Verdict.CHANGED
    smooth = verdict_of(drawn, plotted(times=4), tolerance=0.015)
    assert (smooth.verdict, smooth.tolerance, smooth.because) == (Verdict.WITHIN, "1.5 % of full scale", "measured")
    for other in (plotted("Rate of 0.38"), plotted("Rate of 0.39"), plotted(shift=0.05)):
        changed = verdict_of(drawn, other, tolerance=0.015)
        assert changed.verdict is Verdict.CHANGED
        assert re.fullmatch(r"its pixels differ by .* on average: in all by [\d.]+ %", changed.details[0])


def test_a_shade_of_all_pixels_is_within_and_a_tolerance_below_a_shade_is_none():
    then, now = scene(shade=(31, 79, 168)), scene(shade=(33, 79, 168))
    assert verdict_of(then, now, tolerance=0.004).verdict is Verdict.WITHIN
    assert verdict_of(then, now, tolerance=0.003).verdict is Verdict.CHANGED


def test_what_is_recorded_is_small():
    picture = read_picture(scene(size=(1600, 1200)), tolerance=0.01)
    assert len(str(picture.data)) < 20_000
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (1500, 2000, 3), np.uint8))
    assert len(str(read_picture(noise).data)) < 20_000
    assert len(str(read_picture(noise, tolerance=0.01).data)) < 1_000_000


def test_trial_changes_of_a_picture_are_noticed_up_to_its_tolerance():
    provenance = Provenance(
        "", 0, 0, 1, RunEnvironment(python="", system="", machine="", cpu="", labnotes="", isolation=""), RunDependencies(code="")
    )

    def survivors(figure):
        score = trial_changes.mutate_record("a", Observation({}, {"f": figure}, {}, (), {}, provenance))
        assert score.mutations
        return [mutation.what for mutation in score.surviving_mutations]

    for shown, _, _ in KINDS.values():
        assert survivors(read_picture(shown)) == []
    assert survivors(read_picture(plotted(), tolerance=0.01)) == [
        "one pixel by a shade",
        "a place in its middle moved by 0.1% of full scale",
        "all shades moved by 0.1% of full scale",
        "a place in its middle moved by 1.0% of full scale",
    ]


def test_a_record_that_was_edited_is_no_error():
    picture = read_picture(scene())
    mark = picture.data.picture
    for cells in ("", "1 1 !", "9 9 AAAA", "9999 9999 eJw.", None):
        mark.exact.update(cells=cells)
        assert "its pixels are others" in compare_figures(picture, read_picture(scene("1"))).details


# -- without by= -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (scene(), 'image/png without plotted data; figure(..., by="pixels") compares its pixels'),
        (display.SVG(SAME_SVG), 'image/svg+xml without plotted data; figure(..., by="pixels") compares the text of its drawing'),
    ],
)
def test_a_picture_is_shown_and_unverified_unless_its_author_asks_for_more(shown, said, capsys):
    assert read_picture(shown, by=None).data.unverified == (said,)
    api.figure(shown, "f", caption="c", alt="a")
    assert capsys.readouterr().out == f"figure f: 0 marks in 0 axes; not verified: {said}\n"


# -- what is refused ---------------------------------------------------------------------------------------------------------------------


def refusal(shown, **how):
    with pytest.raises(AuthorError) as told:
        api.figure(shown, "f", caption="c", alt="a", **how)
    problem = told.value.problems[0]
    assert problem.where == "figure 'f'"
    return problem.what, problem.hint


class Failing:
    def _repr_png_(self):
        raise RuntimeError("failed to execute 'dot',\nmake sure it is installed")


def test_an_unknown_way_to_compare():
    assert refusal(scene(), by="pixel") == (
        "is compared by 'pixel'",
        "did you mean 'pixels'? known: pixels; without by= a figure is compared by its data",
    )


def test_figures_with_data_of_other_libraries(plotly_figure):
    what = "is a figure of Plotly: it is compared by its data, which tell more than its pixels"
    assert refusal(plotly_figure, by="pixels") == (what, "leave by='pixels' out")


@pytest.fixture
def plotly_figure():
    import plotly.graph_objects as go

    return go.Figure(go.Scatter(x=[1, 2], y=[1, 2]))


@pytest.mark.parametrize("by", [None, "pixels"])
def test_files_that_are_no_pictures(tmp_path, monkeypatch, by):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "data.csv").write_text("a,b\n")
    (tmp_path / "page.html").write_text("<html><svg></svg></html>")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(50_000_000)
    as_picture = "save it as PNG, JPEG, WebP, GIF or SVG"
    assert refusal("no.png", by=by) == (
        "there is no file 'no.png'",
        "write the picture first, and give its path from the note's folder",
    )
    assert refusal("empty.png", by=by) == ("'empty.png' is empty", "write the picture before it is shown")
    assert refusal("folder", by=by) == ("'folder' is a folder", "give the path of one picture in it")
    os.mkfifo(tmp_path / "pipe")
    assert refusal("pipe", by=by)[0] == "'pipe' is a pipe"
    for name in ("data.csv", "page.html"):
        assert refusal(name, by=by) == (f"'{name}' is no picture that a page shows and that can be compared", as_picture)
    assert refusal("huge.png", by=by) == (
        "its picture has 50 MB; a record keeps 20 MB at most",
        "save fewer pixels, or the same as JPEG or WebP",
    )
    assert refusal("https://example.org/a.png", by=by) == (
        "'https://example.org/a.png' is an address, and a run has no network",
        "pin it under inputs: in note.yml, and give the file that fetched(...) returns",
    )
    assert refusal("a\0b", by=by)[0].startswith("'a\\x00b' cannot be read: ")


def test_pictures_that_cannot_be_made_or_are_too_large():
    what, hint = (
        "its picture cannot be made: RuntimeError: failed to execute 'dot', make sure it is installed",
        "what draws it must be installed",
    )
    for by in (None, "pixels"):
        said = refusal(Failing(), by=by)
        assert said[0] == what
        assert said[1].startswith(hint)
    assert (
        refusal(Offering("_repr_png_", b"\x89PNG\r\n\x1a\n" + bytes(30_000_000)))[0]
        == "its picture has 30 MB; a record keeps 20 MB at most"
    )
    assert refusal(Offering("_repr_png_", "no base64!"))[0] == "its picture is neither bytes nor base64"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pandas.DataFrame", "show it as a table: table(frame, label, caption=...)"),
        ("numpy.ndarray", "show it with matplotlib: ax.imshow(...); or as a picture: PIL.Image.fromarray(...)"),
        ("builtins.int", "write fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"),
        ("matplotlib.axes._axes.Axes", "give its figure: figure(ax.figure, ...)"),
    ],
)
@pytest.mark.parametrize("by", [None, "pixels"])
def test_objects_that_show_no_picture(name, said, by):
    import pandas as pd

    objects = {"pandas.DataFrame": pd.DataFrame({"a": [1]}), "numpy.ndarray": np.zeros((2, 2)), "builtins.int": 3}
    shown = objects[name] if name in objects else plt.subplots()[1]
    plt.close("all")
    what, hint = refusal(shown, by=by)
    assert re.fullmatch(
        r"cannot read a [\w.]+: it is no figure of matplotlib, Plotly, Altair, seaborn, seaborn.objects, plotnine, HoloViews, xarray, SymPy, "
        r"and shows no picture "
        r"\(PNG, JPEG, WebP, GIF or SVG\)",
        what,
    )
    assert hint == said


CUT = {
    "PNG": encoded(scene())[:400],
    "JPEG": encoded(scene(), "JPEG")[:1500],
    "WebP": encoded(scene(), "WEBP")[:300],
    "GIF": animated("1", "2")[:900],
    "a header": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", CUT)
def test_pictures_that_were_cut_short(name):
    what, hint = refusal(Offering("_repr_png_", CUT[name]), by="pixels")
    assert re.fullmatch(r"its picture is damaged or cut short: .+", what)
    assert hint == "write the picture anew"


def test_a_drawing_that_was_cut_short():
    what, _ = refusal(Offering("_repr_svg_", "<svg><g>"), by="pixels")
    assert what == "its SVG is damaged or cut short: no element found: line 1, column 8"


def _bomb(width, height):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "count"), [(8000, "64,000,000 (8000 × 8000)"), (60_000, "more")])
def test_more_pixels_than_are_decoded(side, count):
    what = f"its picture has {count} pixels; 50,000,000 are compared at most"
    assert refusal(Offering("_repr_png_", _bomb(side, side)), by="pixels") == (what, "save it smaller")


def test_more_frames_than_are_decoded(monkeypatch):
    monkeypatch.setattr(decoding, "MOST_PIXELS", 100_000)
    what = "its picture has 115,200 (3 frames of 240 × 160) pixels; 100,000 are compared at most"
    assert refusal(display.Image(animated("1", "2", "3")), by="pixels")[0] == what


def test_tolerances_of_what_has_none():
    how = {"by": "pixels", "tolerance": 0.01, "because": "measured"}
    assert refusal(display.SVG(SAME_SVG), **how) == (
        "is an SVG, which has no pixels: its text is compared as it is, and a tolerance says nothing of it",
        "leave tolerance and because out, or give the picture as PNG",
    )
    assert refusal(display.Image(animated("1", "2")), **how) == (
        "is an animation, whose frames are compared as they are: a tolerance is for a picture that stands still",
        "leave tolerance and because out, or give one frame",
    )
    assert refusal(scene(), by="pixels", tolerance=0.01)[0] == "tolerance 0.01 has no reason"


def test_without_pillow(monkeypatch):
    real = builtins.__import__

    def without_pillow(name, *rest):
        if name.split(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *rest)

    shown = Offering("_repr_png_", encoded(scene()))
    monkeypatch.setattr(builtins, "__import__", without_pillow)
    assert refusal(shown, by="pixels") == (
        "its pixels cannot be read: Pillow is not installed where the note runs",
        "pip install pillow, and write pillow into requirements.txt; without by= the picture is shown, and not compared",
    )
    assert read_picture(shown, by=None).data.unverified
    assert read_picture(display.SVG(SAME_SVG)).data.picture.kind == "drawing"


def test_what_begins_as_an_svg_is_one():
    for text in ("<svg/>", "<svg:svg xmlns:svg='a'>", "\n<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC 'a'>\n<!-- a -->\n<svg a='b'>"):
        assert shown_pictures.shown_content(Offering("_repr_svg_", text), "f", is_compared=False)[0] == "image/svg+xml"
