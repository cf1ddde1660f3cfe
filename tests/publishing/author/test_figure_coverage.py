"""What galleries draw and ordinary figures seldom do: read without anything left over, and a change of it is seen."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredText, AnnotationBbox, OffsetImage, TextArea
from matplotlib.patches import ConnectionPatch, Ellipse, Rectangle
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar
from mpl_toolkits.axes_grid1.axes_divider import make_axes_area_auto_adjustable
from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset
from mpl_toolkits.axisartist.axislines import AxesZero

from figure_corpus.rare import plt
from figure_corpus.readings import recorded_figure
from labnotes.author.figures import readers
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figures import compare_figures
from labnotes.model.plots import Figure
from labnotes.model.verdicts import Verdict

X = np.arange(6.0)
Y = np.array([1, 3, 2, 5, 4, 6.0])


def on(**made):
    """A figure of one pair of axes, made by `made`, on which a function draws."""

    def decorated(draw):
        def drawn(**change):
            fig = plt.figure()
            draw(fig.add_subplot(**made), **change)
            return fig

        return drawn

    return decorated


@on(axes_class=AxesZero)
def zero_axes(ax, label="zero", at=0.0):
    ax.axis["middle"] = ax.new_floating_axis(0, at)
    ax.axis["middle"].label.set_text(label)
    ax.plot(X, Y)


@on()
def two_legends(ax, second=("c", "d")):
    lines = [ax.plot(X, Y + place)[0] for place in range(4)]
    ax.add_artist(ax.legend(lines[:2], ["a", "b"], loc="upper left"))
    ax.legend(lines[2:], second)


@on()
def tilted_ellipse(ax, degrees=30):
    turned = mpl.transforms.Affine2D().rotate_deg(degrees).translate(2, 3)
    ax.add_patch(Ellipse((0, 0), 2, 1, transform=turned + ax.transData, fill=False))
    ax.set(xlim=(0, 5), ylim=(0, 6))


@on()
def turned_image(ax, degrees=30):
    image = ax.imshow([[0, 1], [2, 3]], extent=(0, 2, 0, 2))
    image.set_transform(mpl.transforms.Affine2D().rotate_deg(degrees) + ax.transData)
    ax.set(xlim=(-3, 3), ylim=(-3, 3))


@on()
def middle_labels(ax, heights=(1, 2, 3), fmt="%g"):
    ax.bar_label(ax.bar([0, 1, 2], heights), label_type="center", fmt=fmt)


@on(projection="3d")
def stems_in_space(ax, top=3):
    ax.stem([0, 1, 2], [0, 1, 2], [1, 2, top])


@on(projection="3d")
def bars_in_planes(ax, top=3):
    for plane in (0, 1):
        ax.bar([0, 1, 2], [1, 2, top], zs=plane, zdir="y")


@on(projection="3d")
def error_bars_in_space(ax, size=0.5):
    ax.errorbar([0, 1], [0, 1], [0, 1], zerr=[0.2, size])


@on(projection="mollweide")
def map_of_the_sky(ax, latitude=0.5):
    ax.plot([0, 1, 2], [0, 0.2, latitude])


@on()
def boxed_picture(ax, words="a neuron", shade=0.5, at=1):
    ax.plot(X, Y)
    ax.add_artist(AnnotationBbox(OffsetImage(np.full((4, 4), shade)), (at, 2)))
    ax.add_artist(AnnotationBbox(TextArea(words), (3, 2)))
    ax.add_artist(AnchoredText("at one side", "upper left"))


@on()
def image_on_the_figure(ax, value=1.0):
    ax.plot(X, Y)
    ax.figure.figimage([[0, value], [2, 3]])


@on()
def clipped_line(ax, right=2.0):
    (line,) = ax.plot(X, Y)
    line.set_clip_path(Rectangle((-10, -10), right + 10, 30, transform=ax.transData))


@on()
def endless_on_axes(ax, slope=0.5):
    ax.plot(X, Y)
    ax.axline((0, 0.2), slope=slope, transform=ax.transAxes)


@on()
def between_places(ax, end=0.8):
    ax.plot(X, Y)
    ax.add_artist(ConnectionPatch((1, 2), (end, 0.5), "data", "axes fraction"))


@on()
def many_ellipses(ax, width=2.0):
    ax.add_collection(
        mpl.collections.EllipseCollection([1, width], [1, 1], [0, 30], units="x", offsets=[(1, 1), (3, 3)], offset_transform=ax.transData)
    )
    ax.set(xlim=(0, 5), ylim=(0, 5))


@on()
def polygons_at_places(ax, x=3.0):
    ax.add_collection(mpl.collections.RegularPolyCollection(5, sizes=[50], offsets=[(1, 1), (x, 3)], offset_transform=ax.transData))
    ax.set(xlim=(0, 5), ylim=(0, 5))


@on()
def turned_line(ax, degrees=30):
    ax.add_line(Line2D([0, 2], [0, 0], transform=mpl.transforms.Affine2D().rotate_deg(degrees) + ax.transData))
    ax.set(xlim=(0, 3), ylim=(0, 3))


@on()
def scale_bar(ax, size=0.2):
    ax.plot([0, 1], [0, 1])
    ax.add_artist(AnchoredSizeBar(ax.transData, size, "0.2 m", "lower left"))


@on()
def marked_inset(ax, top=3):
    ax.plot(X, Y)
    inner = inset_axes(ax, 1, 1)
    inner.plot(X[:3], [1, 2, top])
    mark_inset(ax, inner, loc1=2, loc2=4)


def figure_without_axes(value=1.0):
    fig = plt.figure()
    fig.figimage([[0, value], [2, 3]])
    return fig


@on()
def clipped_by_shares(ax, right=0.5):
    (line,) = ax.plot(X, Y)
    line.set_clip_path(Rectangle((0, 0), right, 1, transform=ax.transAxes))


COVERED = {
    "an image without axes": (figure_without_axes, {"value": 1.5}, "image on the figure: value[0, 1]"),
    "what a line is cut off by, in shares": (clipped_by_shares, {"right": 0.6}, "line: xshare of clip["),
    "an axis among the data": (zero_axes, {"at": 1.0}, "axis line: y[0] is 1, recorded 0"),
    "a second legend": (two_legends, {"second": ("c", "e")}, "legend entries are"),
    "an ellipse that is turned": (tilted_ellipse, {"degrees": 40}, "shape: x["),
    "an image that is turned": (turned_image, {"degrees": 40}, "image: x["),
    "labels in the middle of bars": (middle_labels, {"heights": (1, 2, 3.5)}, "bars: height[2] is 3.5"),
    "stems in space": (stems_in_space, {"top": 3.1}, "z["),
    "bars in planes": (bars_in_planes, {"top": 3.1}, "shape"),
    "error bars in space": (error_bars_in_space, {"size": 0.6}, "z["),
    "another projection": (map_of_the_sky, {"latitude": 0.6}, "line: y[2] is 0.6"),
    "a picture in a box": (boxed_picture, {"shade": 0.6}, "pictures is"),
    "words in a box": (boxed_picture, {"words": "two neurons"}, "texts is"),
    "where a box points": (boxed_picture, {"at": 2}, "boxed 1: x[0] is 2"),
    "an image on the figure": (image_on_the_figure, {"value": 1.5}, "image on the figure: value[0, 1]"),
    "what a line is cut off by": (clipped_line, {"right": 4.0}, "line: x of clip["),
    "an endless line on the axes": (endless_on_axes, {"slope": 0.6}, "slope[0] is 0.6"),
    "a line between two places": (between_places, {"end": 0.6}, "connection: xshare[0] is 0.6"),
    "many ellipses": (many_ellipses, {"width": 2.5}, "ellipses: width[1] is 2.5"),
    "polygons at places": (polygons_at_places, {"x": 3.5}, "scatter: x[1] is 3.5"),
    "a line that is turned": (turned_line, {"degrees": 40}, "line: x["),
    "a scale bar": (scale_bar, {"size": 0.3}, "scale bar: width[0] is 0.3"),
    "an inset that is marked": (marked_inset, {"top": 4}, "y[2] is 4"),
}


@pytest.mark.parametrize(("draw", "change", "told"), COVERED.values(), ids=COVERED)
def test_what_is_drawn_seldom_is_read_whole_and_compared(draw, change, told):
    then = recorded_figure(draw())
    assert then.data.unverified == ()
    assert compare_figures(then, recorded_figure(draw())).verdict is Verdict.EXACT
    seen = compare_figures(then, recorded_figure(draw(**change)))
    assert seen.verdict is Verdict.CHANGED
    assert told in "\n".join(seen.details), seen.details


@on()
def photo(ax, shade=0.0, at=(3, 4)):
    pixels = np.random.default_rng(0).random((200, 150, 3))
    pixels[at] = shade
    ax.imshow(pixels)


def test_a_large_picture_is_kept_as_a_digest_and_means_of_its_blocks():
    then = recorded_figure(photo())
    (image,) = then.data.axes[0].marks
    assert np.shape(image.arrays["value"]) == (16, 16, 3)
    assert compare_figures(then, recorded_figure(photo())).verdict is Verdict.EXACT
    assert "image: picture is" in "\n".join(compare_figures(then, recorded_figure(photo(shade=0.1))).details)


def test_axes_that_adjust_themselves_have_a_picture():
    fig = plt.figure()
    ax = fig.add_axes([0, 0, 1, 1])
    ax.set_yticks([0.5], labels=["a long label"])
    make_axes_area_auto_adjustable(ax)
    kind, text = figure_reader.render_picture(fig)
    assert (kind, "a long label" in text) == ("image/svg+xml", True)
    assert figure_reader.card_picture(fig)


def test_a_picture_that_must_be_large_is_not_drawn_as_svg_first(monkeypatch):
    fig, ax = plt.subplots()
    ax.pcolormesh(np.random.default_rng(0).random((40, 40)), shading="gouraud")
    drawn = []
    save = fig.savefig
    monkeypatch.setattr(fig, "savefig", lambda *given, **how: (drawn.append(how["format"]), save(*given, **how)))
    assert figure_reader.render_picture(fig)[0] == "image/png"
    assert drawn == ["png"]
    ax.clear()
    ax.plot(X, Y)
    assert figure_reader.render_picture(fig)[0] == "image/svg+xml"


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def seaborn_objects(top=3):
    from seaborn import objects

    return objects.Plot({"x": [1, 2, 3], "y": [1, 2, top]}, "x", "y").add(objects.Dot())


def seaborn_grid(top=3):
    sns = pytest.importorskip("seaborn")
    return sns.relplot(pd.DataFrame({"x": [1, 2, 3], "y": [1, 2, top], "side": ["a", "b", "a"]}), x="x", y="y", col="side")


def seaborn_joint(top=3):
    sns = pytest.importorskip("seaborn")
    return sns.jointplot(pd.DataFrame({"x": [1, 2, 3], "y": [1, 2, top]}), x="x", y="y")


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # seaborn 0.13 with pandas 3
@pytest.mark.parametrize("draw", [seaborn_objects, seaborn_grid, seaborn_joint])
def test_what_seaborn_hands_on_is_read_as_the_figure_in_it(draw):
    def read(**change):
        made = draw(**change)
        return Figure("f", 1, "c", "a", readers.reader_of(made).read_figure(made))

    then = read()
    assert then.data.unverified == ()
    assert "is 4" in "\n".join(compare_figures(then, read(top=4)).details)
    made = draw()
    assert readers.reader_of(made).render_picture(made)[0] == "image/svg+xml"
    readers.reader_of(made).close_figure(made)
    assert draw is seaborn_objects or made.figure.number not in plt.get_fignums()
