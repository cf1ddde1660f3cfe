"""The recorded picture of a figure is the one that its code draws: an edited picture beside the right data is no verified figure."""

import json
from dataclasses import replace

import pytest

from labnotes.compare.observations import compare_observations
from labnotes.model.digests import bytes_digest
from labnotes.model.observation import FigurePicture, Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.verdicts import Verdict

AXIS = AxisData("", "linear", (0.0, 10.0), inverted=False, ticks=None)

NOTE = """
# %%
import matplotlib.pyplot as plt
from labnotes import figure
fig, ax = plt.subplots()
ax.plot([1, 2, 3], [2, 1, 3])
figure(fig, "lines", caption="c", alt="a")
"""


def make_observation(picture, *, suffix="svg", python="3.11.7", code="c", **versions):
    figure = Figure(
        "f", 1, "c", "a", FigureData((AxesData("", "axes", AXIS, AXIS, (Mark("line", "", 0, {"x": [1.0], "y": [2.0]}),), ()),), (), ())
    )
    environment = RunEnvironment(python=python, system="", machine="", cpu="", labnotes="", isolation="")
    dependencies = RunDependencies(code=code, distributions={"matplotlib": "3.10.9", "numpy": "2.4", **versions})
    return Observation({}, {"f": figure}, {}, (), {"f": FigurePicture(suffix, picture)}, Provenance("", 0, 0, 1, environment, dependencies))


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ({}, Verdict.UNVERIFIED),
        ({"matplotlib": "3.11"}, Verdict.EXACT),
        ({"python": "3.12.1"}, Verdict.EXACT),
        ({"code": "d"}, Verdict.EXACT),
        ({"suffix": "png"}, Verdict.EXACT),
    ],
)
def test_another_picture_of_the_same_data_is_unverified_where_the_same_is_due(other, verdict):
    recorded = make_observation(b"<svg>edited</svg>", suffix=other.get("suffix", "svg"))
    (comparison,) = compare_observations(recorded, make_observation(b"<svg>drawn</svg>", **other))
    assert comparison.verdict is verdict
    assert ("its recorded picture is not the one" in " ".join(comparison.details)) is (verdict is Verdict.UNVERIFIED)


def test_the_same_picture_and_changed_data_are_judged_by_the_data():
    same = make_observation(b"<svg/>")
    assert compare_observations(same, same)[0].verdict is Verdict.EXACT
    figure = same.figures["f"]
    marks = (replace(figure.data.axes[0].marks[0], arrays={"x": [1.0], "y": [3.0]}),)
    changed = replace(figure, data=replace(figure.data, axes=(replace(figure.data.axes[0], marks=marks),)))
    other = replace(make_observation(b"<svg>other</svg>"), figures={"f": changed})
    assert compare_observations(same, other)[0].verdict is Verdict.CHANGED


def test_an_edited_picture_is_told_by_a_check(lab):
    folder = lab.record_note("a", NOTE) / "record"
    assert lab("check", "a", "--fresh").code == 0
    picture = folder / "figures/lines.svg"
    picture.write_bytes(picture.read_bytes().replace(b"stroke-width", b"stroke-widths", 1))
    provenance = json.loads((folder / "provenance.json").read_text())
    provenance["digests"]["figures/lines.svg"] = bytes_digest(picture.read_bytes())
    (folder / "provenance.json").write_text(json.dumps(provenance))
    done = lab("check", "a", "--fresh")
    assert "unverified figure lines" in done.out
    assert "its recorded picture is not the one that the same code and data draw" in done.out
