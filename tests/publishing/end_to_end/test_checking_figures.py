"""Figures through the real path, kernel to record to comparison: the messages an author gets, and silence for style."""

import pytest

pytestmark = (
    pytest.mark.slow
)  # 25 s: one fixture with 26 runs; figures through kernel and check are in the quick tests of test_checking_corpus.py

DRAW = """
# %%
import matplotlib.pyplot as plt
import numpy as np
from labnotes import figure
rng = np.random.default_rng(0)
STYLE = {}
plt.rcParams.update(STYLE)
x = np.arange(10.0)
points = rng.normal(size=(40, 2))
grid = rng.normal(size=(4, 5))
fig, axes = plt.subplots(2, 2)
axes[0, 0].scatter(points[:, 0], points[:, 1], label="runs")
ax = axes[0, 1]
ax.plot(x, x**2, label="A")
ax.plot(x, x + 1, label="B")
axes[0, 1].set(xlabel="step", ylabel="loss")
axes[0, 1].legend()
axes[1, 0].errorbar(x, x, yerr=0.5, fmt="o", label="treated")
axes[1, 1].imshow(grid)
figure(fig, "f", caption="c", alt="a")
"""

SCIENTIFIC = {
    "moved-point": (("grid = rng", "points[17, 1] += 0.1 * points[:, 1].std()\ngrid = rng"), "axes 1, scatter 'runs': y[17] is"),
    "swapped-labels": (
        ('ax.plot(x, x**2, label="A")\nax.plot(x, x + 1, label="B")', 'ax.plot(x, x**2, label="B")\nax.plot(x, x + 1, label="A")'),
        "axes 2, line 'A': labels are swapped, its recorded data now stands under 'B'",
    ),
    "renamed-axis": (('ylabel="loss"', 'ylabel="accuracy"'), "axes 2, y axis: label is 'accuracy', recorded 'loss'"),
    "log-scale": (('ylabel="loss"', 'ylabel="loss", yscale="log"'), "axes 2, y axis: scale is 'log', recorded 'linear'"),
    "doubled-errors": (("yerr=0.5", "yerr=1.0"), "axes 3, error bars 'treated': y"),
    "emptied-axes": (
        ('axes[1, 0].errorbar(x, x, yerr=0.5, fmt="o", label="treated")', "pass"),
        "axes 3, nothing is drawn any more: 1 marks recorded",
    ),
    "heat-map-cell": (("axes[1, 1].imshow", "grid[2, 3] += 0.01\naxes[1, 1].imshow"), "axes 4, image: value[2, 3] is"),
}
HARMLESS = {
    "font": '{"font.family": "monospace", "font.size": 14}',
    "size": '{"figure.figsize": (12, 4)}',
    "grid": '{"axes.grid": True}',
    "dpi": '{"figure.dpi": 220}',
    "colour-cycle": '{"axes.prop_cycle": plt.cycler(color=["#b84a14", "#1d8170", "#1f4fa8"])}',
    "style-sheet": 'plt.style.library["ggplot"]',
}


@pytest.fixture(scope="module")
def checked(shared_lab):
    lab = shared_lab
    for name in (*SCIENTIFIC, *HARMLESS):
        lab.write_note(name, DRAW)
    lab.run_and_accept(*SCIENTIFIC, *HARMLESS)
    for name, ((old, new), _) in SCIENTIFIC.items():
        assert old in DRAW
        lab.write_note(name, DRAW.replace(old, new))
    for name, style in HARMLESS.items():
        lab.write_note(name, DRAW.replace("STYLE = {}", f"STYLE = {style}"))
    return lab("check").out


def note_section(text, slug):
    start = text.index(f"\n{slug} ")
    return text[start : text.index("\n\n", start)]


@pytest.mark.parametrize("name", SCIENTIFIC)
def test_a_scientific_change_is_told(checked, name):
    text = note_section(checked, name)
    assert " differs " in text
    assert SCIENTIFIC[name][1] in text, text


@pytest.mark.parametrize("name", HARMLESS)
def test_a_change_of_style_is_no_difference(checked, name):
    text = note_section(checked, name)
    assert " agrees  1 of 1 figure" in text
    assert "changed" not in text.replace("the code changed", "")
