"""Pictures and data frames that cells show, as figures and tables with words."""

from dataclasses import replace

import pytest

from foreign_notebooks import draft_with
from labnotes.adoption import edits, shown_objects
from labnotes.model.observation import CellOutputs
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark


def axis(label):
    return AxisData(label, "linear", None, False, None)


def shown_figure(cell, title="", automatic=True, x="epoch", y="loss"):
    axes = AxesData(title, "axes", axis(x), axis(y), (Mark("line", "", 0, {}),), ())
    return Figure(f"auto-{cell}", cell, "", "", FigureData((axes,), (), ()), automatic=automatic)


def test_a_cell_with_one_picture_is_a_figure_with_words_from_title_heading_and_axes():
    cells = draft_with(
        ("code", "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot(x)"),
        ("text", "## How it *learns*"),
        ("code", "df.plot()"),
        ("code", "two()"),
    ).cells
    figures = {"a": shown_figure(1, "Loss over time"), "b": shown_figure(2), "c": shown_figure(3), "d": shown_figure(3)}
    first, second = shown_objects.propose_figures(cells, figures, {"loss-over-time"})
    assert (first.expression, first.label, first.caption) == ("fig", "loss-over-time-2", "Loss over time.")
    assert first.alt == "To fill in: what it shows to someone who cannot see it. Lines: loss against epoch."
    assert (second.expression, second.label) == ("plt.gcf()", "how-it-learns")
    assert second.caption == "To fill in: what this figure of How it learns shows."


def test_a_figure_below_the_title_alone_is_called_by_its_axes():
    cells = draft_with(
        ("text", "# Does it learn?"), ("code", "import matplotlib.pyplot as plt\nplt.plot(x)"), ("code", "plt.plot(y)")
    ).cells
    figures = {"a": shown_figure(1), "b": shown_figure(2, x="", y="")}
    made = list(shown_objects.propose_figures(cells, figures, set()))
    assert [(item.label, item.caption) for item in made] == [
        ("loss", "To fill in: what this figure shows."),
        ("figure-2", "To fill in: what this figure shows."),
    ]


def test_a_figure_that_has_a_label_is_left_alone():
    cells = draft_with(("code", "import matplotlib.pyplot as plt")).cells
    assert list(shown_objects.propose_figures(cells, {"a": shown_figure(1, automatic=False)}, set())) == []


FRAME = {"output_type": "execute_result", "data": {"text/html": '<table border="1" class="dataframe"><tr><td>1</td></tr></table>'}}


@pytest.mark.parametrize("data", [{"library": "Plotly"}, {"library": "Altair"}, {"axes": (), "unverified": ("image: a picture",)}])
def test_a_picture_that_is_no_figure_of_matplotlib_is_not_taken_for_the_current_one(data):
    cells = draft_with(("code", "import matplotlib.pyplot as plt\nchart.show()")).cells
    shown = shown_figure(1)
    shown = replace(shown, data=replace(shown.data, **data))
    assert list(shown_objects.propose_figures(cells, {"a": shown}, set())) == []


BARE = FigureData((), (), ("image/png without plotted data",))


@pytest.mark.parametrize(
    ("source", "expression", "written"),
    [
        ("image", "image", "figure(image, {})"),
        ("made = 1\ndisplay(image)", "image", "made = 1\nfigure(image, {})"),
        ("Image('plots/a.png')", "Image('plots/a.png')", "figure(Image('plots/a.png'), {})"),
        ("display(Image('a.png'), metadata={})", "", ""),
        ("image.show()", "", ""),
        ("image;", "", ""),
    ],
)
def test_a_picture_without_data_is_proposed_with_its_pixels_and_is_not_certain(source, expression, written):
    cells = draft_with(("text", "## The embryo"), ("code", source)).cells
    shown = {"a": Figure("auto-1", 1, "", "", BARE, automatic=True)}
    made = list(shown_objects.propose_figures(cells, shown, set()))
    assert [item.expression for item in made] == ([expression] if expression else [])
    if made:
        words = '"the-embryo", caption="To fill in: what this figure of The embryo shows.", alt="To fill in: what it shows.", by="pixels"'
        assert not made[0].is_certain
        assert edits.write_proposals(cells, [], made, ()).cells[1].source == (
            "from labnotes import figure\n" + written.format(words) + "  # from the notebook: check me"
        )


def test_a_data_frame_that_is_shown_whole_is_a_table():
    cells = draft_with(("code", "frame"), ("code", "frame.head()"), ("code", "frame;"), ("code", "cut")).cells
    cut = {**FRAME, "data": {"text/html": '<table class="dataframe"><tr><td>...</td></tr></table>'}}
    outputs = {number: CellOutputs("", (FRAME if number < 4 else cut,)) for number in (1, 2, 3, 4)}
    made = list(shown_objects.propose_tables(cells, outputs, set()))
    assert [(item.cell, item.expression, item.label, item.is_certain) for item in made] == [
        (1, "frame", "frame", True),
        (2, "frame.head()", "frame-2", False),
    ]
