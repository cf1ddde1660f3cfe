"""Every kind of mark beyond the ordinary ones: science is seen and named, style is not, and two versions of matplotlib read the same."""

import importlib.util
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from labnotes import figures
from labnotes.comparing.figures import compare_figures
from labnotes.quantities import Figure, FigureData, Verdict

CORPUS = Path(__file__).with_name("figure_corpus.py")
OLDEST = os.environ.get("LABNOTES_OLDEST_PYTHON", "")

_spec = importlib.util.spec_from_file_location("figure_corpus", CORPUS)
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)
plt = corpus.plt
NAMED = {draw.__name__: draw for draw in corpus.DRAWINGS}


def recorded(fig):
    """What is read back from a record of `fig`."""
    data = json.loads(json.dumps(figures.extract(fig).as_json(), allow_nan=False))
    plt.close(fig)
    return as_figure(data)


def as_figure(data):
    return Figure("f", 1, "c", "a", FigureData.from_json(data))


# drawing function: its changes, and what the message must name
SCIENTIFIC = {
    "contour": [
        ({"factor": 1.001}, ["contours", "recorded"]),
        ({"levels": (0.0, 0.2, 0.401, 0.6)}, ["contours: level[2] is 0.401"]),
        ({"levels": (0.0, 0.2, 0.4)}, ["contours: level has 3 values, recorded 4"]),
        ({"colors": "k"}, ["contours"]),
        ({"labels": "%.1f"}, ["contours: labels is ['0.0', '0.2', '0.4', '0.6'], recorded absent"]),
    ],
    "labelled_contour": [
        ({"factor": 1.001}, ["contours"]),
        ({"labels": "%.2f"}, ["contours: labels", "'0.20'"]),
        ({"levels": (0.0, 0.2, 0.5, 0.6)}, ["contours: level[2]"]),
    ],
    "contour_bar": [
        ({"at": 0.301}, ["axes 2, horizontal line: y[0] is 0.301"]),
        ({"lines": False}, ["axes 2, lines of contours is gone"]),
        ({"levels": (0.0, 0.2, 0.45, 0.6)}, ["axes 1, filled contours", "axes 1, contours: level[1]"]),
    ],
    "filled_contour": [
        ({"factor": 1.001}, ["filled contours"]),
        ({"levels": (-0.6, 0.0, 0.5, 1.0)}, ["filled contours: level[2] is 0.5"]),
        ({"extend": "max"}, ["filled contours: extended is 'max', recorded absent"]),
        ({"vmax": 0.7}, ["filled contours: norm[1]"]),
        ({"hatches": (None, "//")}, ["filled contours: hatches"]),
    ],
    "hatched": [
        ({"hatches": ("//", None, "xx")}, ["filled contours: hatches is [0, None, 1], recorded [None, 0, 1]"]),
        ({"hatches": (None, "//", "//")}, ["filled contours: hatches"]),
        ({"hatches": (None,)}, ["nothing is drawn any more"]),
    ],
    "box": [
        ({"moved": 0.01}, ["line", "y["]),
        ({"names": ("b", "a", "c")}, ["x axis: named ticks"]),
        ({"notch": True}, ["line"]),
        ({"filled": True}, ["shape 1 is new"]),
    ],
    "filled_box": [
        ({"moved": 0.01}, ["shape 1: y["]),
        ({"notch": True}, ["shape 1: x has"]),
        ({"names": ("b", "a", "c")}, ["x axis: named ticks"]),
        ({"widths": 0.6}, ["shape 1: x["]),
    ],
    "violin": [
        ({"moved": 0.002}, ["band 1: y["]),
        ({"medians": False}, ["segments", "gone"]),
        ({"positions": (1, 2, 3.5)}, ["band 3: x["]),
    ],
    "hexbin": [
        ({"dropped": 1}, ["hexagonal bins: value["]),
        ({"size": 9}, ["hexagonal bins: value has"]),
        ({"vmax": 9}, ["hexagonal bins: norm[1] is 9"]),
        ({"bins": "log"}, ["hexagonal bins: norm is 'LogNorm'"]),
    ],
    "log_hexbin": [
        ({"dropped": 20}, ["value["]),
        ({"size": 5}, ["value has"]),
        ({"mincnt": 3}, ["value has"]),
    ],
    "hist2d": [
        ({"dropped": 1}, ["heat map: value["]),
        ({"bins": 7}, ["heat map: value has 7 × 7 values, recorded 6 × 6"]),
        ({"high": 3.003}, ["heat map: x["]),
    ],
    "pcolor": [
        ({"factor": 1.001}, ["heat map: value["]),
        ({"edge": 2.004}, ["heat map: x[0, 4] is 2.004"]),
        ({"vmax": 2}, ["heat map: norm[1]"]),
    ],
    "polar": [
        ({"moved": 0.002}, ["line 'rose': y["]),
        ({"direction": -1}, ["polar axes: clockwise is True, recorded False"]),
        ({"zero": "N"}, ["polar axes: zero is 90.0, recorded 0.0"]),
        ({"scattered": 1.002}, ["scatter 'runs': y["]),
        ({"bar": 1.002}, ["bars 'counts': height[3] is 1.002"]),
        ({"rmax": 2.5}, ["y axis: limits"]),
        ({"names": ("day", "night")}, ["x axis: named ticks are ['day', 'night']"]),
    ],
    "secondary": [
        ({"factor": 2.002}, ["secondary x axis: value["]),
        ({"shift": 0.02}, ["secondary x axis: value["]),
        ({"label": "degrees"}, ["secondary x axis: label is 'degrees', recorded 'other unit'"]),
        ({"ticks": ["a", "b"]}, ["secondary x axis: ticks"]),
        ({"y": True}, ["secondary x axis is gone", "secondary y axis is new"]),
    ],
    "pie": [
        ({"sizes": (5.01, 3, 2)}, ["wedge 'a': theta2[0]"]),
        ({"names": ("b", "a", "c")}, ["wedge 'a': labels are swapped"]),
        ({"ring": 0.4}, ["wedge 'a': width is new"]),
        ({"radius": 1.002}, ["wedge 'a': radius[0] is 1.002"]),
        ({"startangle": 1, "names": None}, ["wedge"]),
        ({"legend": ("b", "a", "c")}, ["legend labels are swapped"]),
    ],
    "stacked": [
        ({"factor": 1.002}, ["band 'a': y[", "band 'b': y["]),
        ({"names": ("b", "a")}, ["band 'a': labels are swapped"]),
        ({"baseline": "sym"}, ["band 'a': y["]),
    ],
    "sideways": [
        ({"factor": 1.01}, ["band '95 %': x["]),
        ({"label": "90 %"}, ["band '90 %': was recorded as band '95 %'"]),
        ({"step": "pre"}, ["band '95 %': y has"]),
    ],
    "shaded": [
        ({"end": 4.01}, ["band: x[", "segments: x[", "scatter: x[1] is 4.01"]),
        ({"end": 9.0}, ["band: x["]),
        ({"end": 1.0}, ["band: x["]),
    ],
    "events": [
        ({"moved": 0.003}, ["events 1: x[1] is 2.003"]),
        ({"orientation": "vertical"}, ["events 1: x"]),
        ({"offset": 1.5}, ["events 1: y[0] is 1.5"]),
        ({"length": 1.1}, ["events 1: height[0] is 1.1"]),
    ],
    "quiver": [
        ({"u": 1.01}, ["vectors: u[0]", "range of vectors"]),
        ({"x": 0.004}, ["vectors: x["]),
        ({"pivot": "tip"}, ["vectors: pivot is 'tip', recorded 'tail'"]),
        ({"key": 2.0}, ["vector key: u[0] is 2"]),
        ({"units": 1.0}, ["vectors: scale is [1.0, 'xy'], recorded absent"]),
    ],
    "coloured_quiver": [
        ({"u": 1.01}, ["vectors: u[0]"]),
        ({"x": 0.004}, ["vectors: x["]),
        ({"units": 2.0}, ["vectors: scale is [2.0, 'xy'], recorded [1.0, 'xy']"]),
    ],
    "stream": [
        ({"factor": 1.01}, ["segments"]),
        ({"density": 0.5}, ["arrow 24 is new"]),
        ({"start": [[0.0, 0.0]]}, ["arrow 2 is gone"]),
    ],
    "barbs": [
        ({"u": 20.05}, ["barbs: u[0] is 20.05"]),
        ({"x": 1.002}, ["barbs: x[0] is 1.002"]),
        ({"increments": {"full": 20}}, ["barbs: increment of a full is 20.0, recorded absent"]),
    ],
    "space_lines": [
        ({"moved": 0.002}, ["line 'path': x["]),
        ({"label": "way"}, ["line 'way': was recorded as line 'path'"]),
        ({"z": 1.001}, ["line 'path': z["]),
        ({"zlabel": "depth"}, ["z axis: label is 'depth', recorded 'height'"]),
        ({"zlim": (0, 9)}, ["z axis: z is new"]),
    ],
    "space_scatter": [
        ({"moved": 0.012}, ["scatter 'runs': z[5] is 5.012"]),
        ({"size": 2.5}, ["scatter 'runs': size[1] is 2.5"]),
        ({"value": 1.02}, ["scatter 'runs': value[0] is 1.02"]),
    ],
    "coloured_space_scatter": [
        ({"moved": 0.012}, ["scatter 'runs': z[5] is 5.012"]),
        ({"moved": -5.0}, ["scatter 'runs': z[5]"]),
        ({"size": 2.5}, ["scatter 'runs': size[1] is 2.5"]),
    ],
    "surface": [
        ({"factor": 1.001}, ["surface: z["]),
        ({"x": 0.003}, ["surface: x["]),
        ({"vmax": 2.0}, ["surface: norm[1] is 2"]),
    ],
    "plain_surface": [
        ({"factor": 1.001}, ["surface: z["]),
        ({"x": 0.003}, ["surface: x["]),
        ({"factor": -1.0}, ["surface: z["]),
    ],
    "wireframe": [
        ({"factor": 1.001}, ["segments: z["]),
        ({"x": 0.004}, ["segments: x["]),
        ({"stride": 3}, ["segments: x has"]),
    ],
    "space_bars": [
        ({"height": 3.003}, ["bars: depth[2] is 3.003"]),
        ({"x": 0.003}, ["bars: x[0] is 0.003"]),
        ({"width": 0.51}, ["bars: width[", "bars: height["]),
    ],
    "space_triangles": [
        ({"factor": 1.001}, ["surface: z["]),
        ({"x": 0.007}, ["surface: x["]),
        ({"dropped": 1}, ["surface: x has 11 values, recorded 12"]),
    ],
    "space_contour": [
        ({"factor": 1.001}, ["contours: "]),
        ({"levels": (0.0, 0.2, 0.41)}, ["contours: level[2] is 0.41"]),
        ({"offset": -1.0}, ["contours: z["]),
    ],
    "table": [
        ({"cell": "5"}, ["table: cell 2, 0 is '5', recorded '3'"]),
        ({"columns": ("rate", "n")}, ["table: cell 0, 0 is 'rate', recorded 'n'"]),
        ({"rows": ("a", "c")}, ["table: cell 2, -1 is 'c', recorded 'b'"]),
    ],
    "shapes": [
        ({"radius": 1.01}, ["circle 'cell': radius[0] is 1.01"]),
        ({"angle": 31.0}, ["ellipse: angle[0] is 31"]),
        ({"theta": 91.0}, ["arc: theta2[0] is 91", "wedge: theta2[0] is 91"]),
        ({"width": 2.01}, ["ellipse: width[0] is 2.01", "rectangle: width[0] is 2.01"]),
        ({"corner": 1.01}, ["shape", "x[1] is 1.01"]),
        ({"label": "nucleus"}, ["circle 'nucleus': was recorded as circle 'cell'"]),
    ],
    "arrows": [
        ({"x": 1.01}, ["arrow 'push': x0[0] is 1.01", "arrow 'force': x0[0] is 1.01"]),
        ({"dx": 2.01}, ["arrow 'push': x[0] is 3.01"]),
        ({"style": "<-"}, ["arrow 'force': heads is 'start', recorded 'end'"]),
        ({"label": "weight"}, ["arrow 'weight': was recorded as arrow 'force'"]),
    ],
    "joined": [
        ({"x": 2.01}, ["axes 1, connection: x0[0] is 2.01"]),
        ({"between": 2}, ["axes 1, connection: between axes is [0, 2], recorded [0, 1]"]),
        ({"x": 2.5, "between": 2}, ["connection"]),
    ],
    "regions": [
        ({"corner": 1.004}, ["shapes: x[1] is 1.004"]),
        ({"value": 1.002}, ["shapes: value[0] is 1.002"]),
        ({"vmax": 4.0}, ["shapes: norm[1] is 4"]),
    ],
    "triangulated": [
        ({"factor": 1.001}, ["contours"]),
        ({"levels": (2.0, 5.0, 8.01)}, ["contours: level[2] is 8.01"]),
        ({"levels": (2.0, 5.0)}, ["contours: level has 2 values"]),
    ],
    "filled_triangulated": [
        ({"factor": 1.001}, ["filled contours"]),
        ({"levels": (2.0, 5.0, 8.01)}, ["filled contours: level[2] is 8.01"]),
        ({"levels": (2.0, 5.0)}, ["filled contours: level has 2 values"]),
    ],
    "tripcolor": [
        ({"factor": 1.001}, ["coloured cells: value["]),
        ({"x": 0.007}, ["coloured cells: x["]),
        ({"vmax": 20}, ["coloured cells: norm[1] is 20"]),
    ],
    "smooth_tripcolor": [
        ({"factor": 1.001}, ["triangle mesh: value["]),
        ({"x": 0.007}, ["triangle mesh: x["]),
        ({"vmax": 20}, ["triangle mesh: norm[1] is 20"]),
    ],
    "triplot": [
        ({"x": 0.007}, ["line 'net': x["]),
        ({"label": "mesh"}, ["line 'mesh': was recorded as line 'net'"]),
        ({"style": "-"}, ["line is gone"]),
    ],
    "endless": [
        ({"slope": 2.002}, ["endless line 'fit': slope[0] is 2.002"]),
        ({"at": 1.005}, ["endless line 'fit': y[0] is 1.005", "endless line 'diagonal': y[1] is 1.005"]),
        ({"label": "model"}, ["endless line 'model': was recorded as endless line 'fit'"]),
    ],
    "broken": [
        ({"size": 0.03}, ["axes 1, line on the axes: xshare[", "axes 2, shape on the axes"]),
        ({"low": 19.9}, ["axes 1, y axis: limits are 19.9"]),
        ({"marks": False}, ["line on the axes is gone", "shape on the axes is gone"]),
    ],
    "uneven": [
        ({"factor": 1.001}, ["uneven image: value["]),
        ({"end": 4.01}, ["uneven image: x[2] is 4.01"]),
        ({"vmax": 3.0}, ["uneven image: norm[1] is 3"]),
    ],
    "zoomed": [
        ({"at": 2.01}, ["axes 1, rectangle: x[0] is 2.01"]),
        ({"end": 4.01}, ["axes 1, rectangle: width[0]"]),
        ({"y": 1.001}, ["axes 2, line: y["]),
    ],
}
CASES = {
    f"{name}-{', '.join(f'{k}={v}' for k, v in change.items())}": (name, change, said)
    for name, c in SCIENTIFIC.items()
    for change, said in c
}

STYLES = {
    "font": {"font.family": "serif", "font.size": 17},
    "size": {"figure.figsize": (3, 9)},
    "dpi": {"figure.dpi": 200, "savefig.dpi": 50},
    "grid": {"axes.grid": True, "axes.grid.which": "both"},
    "colour cycle": {"axes.prop_cycle": mpl.cycler(color=["#b84a14", "#1f4fa8", "#1d8170", "#776655"])},
    "line width": {"lines.linewidth": 5, "patch.linewidth": 3, "contour.linewidth": 4, "boxplot.boxprops.linewidth": 3},
    "colour map": {"image.cmap": "magma"},
    "margins": {"axes.xmargin": 0.3, "axes.ymargin": 0.3},
    "layout": {"figure.constrained_layout.use": True},
}
SHEETS = ["ggplot", "dark_background", "seaborn-v0_8", "grayscale", "bmh", "fivethirtyeight", "classic", "Solarize_Light2"]

CLASSIC = {
    **dict.fromkeys(("box", "filled_box", "polar", "shaded"), "colour"),  # box plots in three colours; scatters outside the colour cycle
    **dict.fromkeys(("surface", "plain_surface"), "surface"),  # every tenth row and column alone is drawn
}
"""Where the style sheet of matplotlib before version 2 changes what is drawn, and what the message names."""


def test_every_kind_has_its_changes():
    assert set(SCIENTIFIC) == set(NAMED)
    assert all(len(changes) >= 3 for changes in SCIENTIFIC.values())


@pytest.mark.parametrize("draw", NAMED.values(), ids=NAMED)
def test_everything_is_read_and_reading_changes_nothing(draw):
    fig = draw()
    data = [figures.extract(fig).as_json() for _ in range(2)]
    assert data[0]["unverified"] == []
    figures.render(fig)
    data.append(figures.extract(fig).as_json())
    plt.close(fig)
    assert len({json.dumps(each, allow_nan=False) for each in data}) == 1


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_scientific_change_is_seen_and_its_mark_named(case):
    name, change, said = case
    found = compare_figures(recorded(NAMED[name]()), recorded(NAMED[name](**change)))
    assert found.verdict is Verdict.CHANGED, found
    text = "\n".join(found.details)
    assert all(part in text for part in said), text


@pytest.mark.parametrize("draw", NAMED.values(), ids=NAMED)
def test_style_is_no_difference(draw):
    then = recorded(draw())
    for name, style in STYLES.items():
        with mpl.rc_context(style), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="findfont")
            fig = draw()
            fig.draw_without_rendering() if name != "layout" else None
            found = compare_figures(then, recorded(fig))
        assert found.verdict is Verdict.EXACT, (name, found.details)


@pytest.mark.parametrize("draw", NAMED.values(), ids=NAMED)
def test_style_sheets_are_no_difference(draw):
    then = recorded(draw())
    for sheet in SHEETS:
        with plt.style.context(sheet):
            found = compare_figures(then, recorded(draw()))
        if sheet == "classic" and draw.__name__ in CLASSIC:
            assert CLASSIC[draw.__name__] in "\n".join(found.details)
        else:
            assert found.verdict is Verdict.EXACT, (sheet, found.details)


# -- decoration ---------------------------------------------------------------------------------------------------------------------------


def decorated(size=1.0, word="_decoration: axis break", bars=False, drawn=True):
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], label="A")
    if drawn:
        ax.plot([0, size], [0, size], transform=ax.transAxes, label=word)
    if bars:
        ax.bar([0, 1], [size, 1], label="_decoration")
        ax.errorbar([0, 1], [size, 1], 0.5, label="_decoration")
    ax.legend()
    return fig


def test_declared_decoration_is_recorded_as_such_and_may_change():
    then = recorded(decorated(bars=True))
    (axes,) = then.data.axes
    assert [(mark.kind, mark.label) for mark in axes.marks if mark.kind != "line"] == [
        ("decoration", ""),
        ("decoration", ""),
        ("decoration", "axis break"),
    ]
    assert [entry.text for entry in axes.legend] == ["A"]
    assert compare_figures(then, recorded(decorated(size=0.5, bars=True))).verdict is Verdict.EXACT


def test_decoration_that_comes_or_goes_is_told():
    found = compare_figures(recorded(decorated()), recorded(decorated(drawn=False)))
    assert found.details == ("decoration 'axis break' is gone",)
    found = compare_figures(recorded(decorated(word="a mark")), recorded(decorated()))
    assert "line on the axes 'a mark' is gone" in "\n".join(found.details)


@pytest.mark.parametrize("word", ["_decorations", "decoration", "_nolegend_"])
def test_only_the_word_itself_declares_decoration(word):
    assert not [mark for mark in recorded(decorated(word=word)).data.axes[0].marks if mark.kind == "decoration"]


# -- what is not read ----------------------------------------------------------------------------------------------------------------------


def test_what_has_coordinates_of_its_own_is_unverified():
    fig, ax = plt.subplots()
    shifted = mpl.transforms.offset_copy(ax.transData, fig, x=0.1)
    ax.add_patch(mpl.patches.Circle((0, 0), 1, transform=shifted))
    ax.add_collection(mpl.collections.EllipseCollection([1], [1], [0], offsets=[(1, 1)], offset_transform=ax.transData))
    fig.figimage(np.zeros((2, 2)))
    assert recorded(fig).data.unverified == (
        "axes 0: Circle",
        "axes 0: EllipseCollection",
        "figure: FigureImage outside the axes",
    )


def test_what_stands_in_the_plane_of_a_picture_of_space_is_unverified():
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.add_patch(mpl.patches.Circle((0, 0), 1))
    assert recorded(fig).data.unverified == ("axes 0: Circle",)


# -- another matplotlib --------------------------------------------------------------------------------------------------------------------

KNOWN = {
    "hist2d": "limits are automatic, recorded -3 to 3",  # before matplotlib 3.9 hist2d sets the limits
    "log_hexbin": "hexagonal bins is new",  # matplotlib 3.11 draws one shape at many places also on logarithmic axes
}
"""Where versions of matplotlib do another thing, not only by other classes."""


@pytest.mark.skipif(
    not OLDEST,
    reason="needs another matplotlib: python -m venv OLD && OLD/bin/pip install -r constraints-oldest.txt && "
    "LABNOTES_OLDEST_PYTHON=OLD/bin/python pytest tests/publishing/test_figure_kinds.py",
)
def test_the_oldest_matplotlib_reads_the_same():
    tools = str(Path(figures.__file__).parents[2])
    made = subprocess.run([OLDEST, CORPUS], env={**os.environ, "PYTHONPATH": tools}, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    old = json.loads(made.stdout)
    assert old["matplotlib"] != mpl.__version__
    for name, draw in NAMED.items():
        found = compare_figures(as_figure(old["figures"][name]), recorded(draw()))
        if name in KNOWN:
            assert KNOWN[name] in "\n".join(found.details)
        else:
            assert found.verdict in (Verdict.EXACT, Verdict.WITHIN), (name, found.details)


def test_the_corpus_runs_by_itself():
    made = subprocess.run([sys.executable, CORPUS], capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    assert set(json.loads(made.stdout)["figures"]) == set(NAMED)
