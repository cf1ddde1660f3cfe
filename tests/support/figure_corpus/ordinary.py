"""Figures of the ordinary kinds, drawn as research papers draw them."""

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt

RNG = np.random.default_rng(7)
STEPS = np.arange(0.0, 101, 5)
CLOUD = RNG.normal(size=(60, 2))
COUNTS = np.array([[50.0, 3, 2], [4, 41, 10], [1, 7, 47]])
DOSES = np.array([0.01, 0.1, 1.0, 10.0, 100.0])
NAMES = ["base", "tuned", "steered"]


def learning_curves(end=0.2, width=0.05, moved=0.0, labels=("train", "test"), scale="linear"):
    """Two means over seeds, each with its band."""
    fig, ax = plt.subplots()
    for label, low in zip(labels, (end, 0.4), strict=True):
        mean = low + (1 - low) * np.exp(-STEPS / 30)
        mean[7] += moved
        ax.plot(STEPS, mean, label=label)
        ax.fill_between(STEPS, mean - width, mean + width, alpha=0.25)
    ax.set(xlabel="step", ylabel="loss", title="Training", yscale=scale)
    ax.legend(title="split")
    return fig


def sized_scatter(moved=0.0, size=20.0, value=0.0, label="seed"):
    fig, ax = plt.subplots()
    places = CLOUD.copy()
    places[17, 1] += moved
    sizes, values = np.linspace(5, 60, 60), np.linspace(0, 1, 60)
    sizes[3] = size
    values[40] += value
    drawn = ax.scatter(places[:, 0], places[:, 1], s=sizes, c=values, cmap="plasma")
    fig.colorbar(drawn, label=label)
    return fig


def marked_scatter(moved=0.0, swapped=False, names=("human", "model")):
    """Two groups that differ in marker and colour, hollow and filled."""
    fig, ax = plt.subplots()
    places = CLOUD.copy()
    places[4, 0] += moved
    first, second = (places[30:], places[:30]) if swapped else (places[:30], places[30:])
    ax.scatter(*first.T, marker="o", facecolors="none", edgecolors="C0", label=names[0])
    ax.scatter(*second.T, marker="^", color="C3", label=names[1])
    ax.axhline(0, color="grey", linewidth=0.8)
    ax.legend()
    return fig


def grouped_bars(height=0.6, error=0.05, names=("mild", "strong"), groups=("a", "b", "c")):
    """Two series side by side with error bars, and their values written above."""
    fig, ax = plt.subplots()
    places = np.arange(3)
    for i, (name, heights) in enumerate(zip(names, ([0.2, 0.4, height], [0.3, 0.5, 0.8]), strict=True)):
        drawn = ax.bar(places + 0.4 * i, heights, 0.4, yerr=error, capsize=3, label=name)
        ax.bar_label(drawn, fmt="%.3f", padding=3)
    ax.set_xticks(places + 0.2, groups)
    ax.set(ylabel="rate", ylim=(0, 1))
    ax.legend()
    return fig


def stacked_bars(part=0.3, names=("yes", "no"), groups=("a", "b", "c")):
    fig, ax = plt.subplots()
    lower = np.array([0.5, 0.2, part])
    ax.bar(groups, lower, label=names[0])
    ax.bar(groups, 1 - lower, bottom=lower, label=names[1], hatch="//")
    ax.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    ax.legend()
    return fig


def ranked_bars(width=3.0, order=("alpha", "beta", "gamma"), chance=1.0):
    """Horizontal bars, the largest on top."""
    fig, ax = plt.subplots()
    ax.barh(order, [width, 2.0, 1.5], xerr=[[0.2, 0.1, 0.1], [0.3, 0.1, 0.2]])
    ax.axvline(chance, linestyle="--", label="chance")
    ax.invert_yaxis()
    ax.set_xlabel("score")
    ax.legend()
    return fig


def histograms(bins=12, weight=1.0, shift=0.0, density=False):
    fig, ax = plt.subplots()
    edges = np.linspace(-3, 3, bins + 1)
    for values, label in ((CLOUD[:, 0], "control"), (CLOUD[:, 1] + shift, "treated")):
        ax.hist(values, bins=edges, weights=np.full(60, weight), alpha=0.5, density=density, label=label)
    ax.legend()
    return fig


def outlined_histogram(bins=12, weight=1.0, cumulative=False):
    fig, ax = plt.subplots()
    edges = np.linspace(-3, 3, bins + 1)
    ax.hist(CLOUD[:, 0], bins=edges, weights=np.full(60, weight), histtype="step", cumulative=cumulative, label="control")
    ax.hist(CLOUD[:, 1], bins=edges, histtype="stepfilled", alpha=0.3, label="treated")
    ax.legend()
    return fig


def counted_steps(count=7.0, edge=4.0, baseline=0.0):
    """A histogram whose counts were computed elsewhere."""
    fig, ax = plt.subplots()
    ax.stairs([1, 5, count, 2], [0, 1, 2, 3, edge], baseline=baseline, fill=True, label="events")
    ax.legend()
    return fig


def confusion(count=41.0, names=("cat", "dog", "owl"), vmax=60.0, written="%.1f"):
    """An image with named rows and columns, a number in each cell and a colour bar."""
    fig, ax = plt.subplots()
    counts = COUNTS.copy()
    counts[1, 1] = count
    drawn = ax.imshow(counts, cmap="Blues", vmin=0, vmax=vmax)
    for (row, column), value in np.ndenumerate(counts):
        ax.text(column, row, written % value, ha="center", va="center", color="w" if value > 30 else "k")
    ax.set(xlabel="predicted", ylabel="true")
    ax.set_xticks(range(3), names)
    ax.set_yticks(range(3), names)
    fig.colorbar(drawn, label="count", extend="max")
    return fig


def spectrogram(factor=1.0, cell=1.0, end=4.0, low=1e-3):
    """A mesh under a logarithmic norm on a logarithmic axis."""
    fig, ax = plt.subplots()
    power = 10.0 ** (-np.add.outer(np.arange(5.0), np.arange(4.0)) / 2) * factor
    power[2, 1] *= cell
    drawn = ax.pcolormesh([0, 1, 2, 3, end], [1, 3, 10, 30, 100, 300], power, norm=mpl.colors.LogNorm(low, 1))
    ax.set(yscale="log", xlabel="time", ylabel="frequency")
    fig.colorbar(drawn, label="power")
    return fig


def error_bars(middle=2.0, error=0.3, labels=("treated", "control"), across=None):
    """Asymmetric intervals of two groups, points only."""
    fig, ax = plt.subplots()
    ax.errorbar([1, 2, 3], [1, middle, 4], yerr=[[0.1, 0.2, error], [0.3, 0.2, 0.4]], xerr=across, fmt="o", capsize=4, label=labels[0])
    ax.errorbar([1.1, 2.1, 3.1], [1.5, 2.5, 3.5], yerr=0.2, fmt="s", label=labels[1])
    ax.legend()
    return fig


def forest(effect=0.3, width=0.4, names=("first", "second", "third"), null=0.0):
    """Effects of several studies with intervals, one below the other."""
    fig, ax = plt.subplots()
    ax.errorbar([effect, -0.1, 0.5], range(3), xerr=[width, 0.3, 0.2], fmt="D", color="k")
    ax.axvline(null, color="grey", linestyle=":")
    ax.axvspan(-0.1, 0.1, alpha=0.1)
    ax.set_yticks(range(3), names)
    ax.invert_yaxis()
    return fig


def dose_response(top=1.0, half=1.0, observed=0.5, text="EC50"):
    """Points and a fitted curve on a logarithmic axis, one point of it marked."""
    fig, ax = plt.subplots()
    along = np.geomspace(0.01, 100, 41)
    ax.semilogx(along, top * along / (along + half), label="fit")
    ax.plot(DOSES, [0.02, 0.1, observed, 0.9, 1.0], "o", label="observed")
    ax.axhline(top / 2, linestyle=":")
    ax.annotate(text, (half, top / 2), xytext=(20, -20), textcoords="offset points", arrowprops={"arrowstyle": "->"})
    ax.set(xlabel="dose", ylabel="response")
    ax.legend()
    return fig


def power_law(exponent=-1.0, moved=1.0, ylim=None):
    fig, ax = plt.subplots()
    size = np.geomspace(1e6, 1e10, 9)
    loss = (size / 1e6) ** exponent
    loss[4] *= moved
    ax.loglog(size, loss, "o-", label="models")
    ax.fill_between(size, loss / 1.5, loss * 1.5, alpha=0.2)
    ax.set_ylim(ylim) if ylim else None
    ax.legend()
    return fig


def survival(at=4.0, last=0.3, where="post", censored=5.0):
    """Steps with marks where somebody left the study."""
    fig, ax = plt.subplots()
    ax.step([0, 2, at, 7, 10], [1, 0.8, 0.6, 0.45, last], where=where, label="treated")
    ax.step([0, 1, 3, 6, 10], [1, 0.7, 0.5, 0.3, 0.1], where=where, linestyle="--", label="control")
    ax.plot([censored], [0.6], "k+", label="censored")
    ax.set(ylim=(0, 1.05), xlabel="months", ylabel="alive")
    ax.legend()
    return fig


def twin_units(rain=30.0, warm=1.0, label="temperature (°C)", log=False):
    """Bars on one y axis, a line on the other."""
    fig, ax = plt.subplots()
    months = np.arange(1, 7)
    ax.bar(months, [10, 20, rain, 25, 15, 5], color="lightblue", label="rain")
    other = ax.twinx()
    other.plot(months, np.array([5, 8, 12, 16, 20, 22]) + warm, "r-o", label="temperature")
    ax.set(xlabel="month", ylabel="rain (mm)")
    other.set(ylabel=label, yscale="log" if log else "linear")
    return fig


def dated(shift=0, moved=0.0, event="2026-02-10", hours=0.0):
    """A series over dates, one period shaded."""
    fig, ax = plt.subplots()
    days = pd.date_range("2026-01-01", periods=60) + pd.Timedelta(days=shift)
    values = np.sin(np.arange(60) / 9)
    values[30] += moved
    ax.plot(days, values, label="index")
    ax.axvspan(pd.Timestamp("2026-01-20") + pd.Timedelta(hours=hours), pd.Timestamp("2026-02-01"), alpha=0.2)
    ax.axvline(pd.Timestamp(event), color="k")
    ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.legend()
    return fig


def paired(after=2.0, names=("before", "after"), mean=2.1):
    """One line for each subject between two conditions."""
    fig, ax = plt.subplots()
    for first, second in [(1, after), (1.5, 2.5), (2, 1.8)]:
        ax.plot(names, [first, second], color="grey", marker="o")
    ax.hlines([1.5, mean], [-0.1, 0.9], [0.1, 1.1], color="r", label="mean")
    return fig


def panels(factor=1.0, title="(c) cubic", share=True, sup="Growth", ylabel="size"):
    """Four panels with shared axes and words for all of them."""
    fig, axes = plt.subplots(2, 2, sharex=True, sharey="row" if share else False)
    for i, ax in enumerate(axes.flat):
        ax.plot(np.arange(6.0), np.arange(6.0) ** (i + 1) * (factor if i == 2 else 1))
        ax.set_title(title if i == 2 else f"panel {i}")
    fig.suptitle(sup)
    fig.supylabel(ylabel)
    return fig


def shared_legend(second=2.0, names=("A", "B"), moved=0.0):
    """One legend of the figure for two panels of unequal size."""
    fig, axes = plt.subplot_mosaic("aab")
    for key, exponent in (("a", 1.0), ("b", second)):
        for name, slope in zip(names, (1, 2), strict=True):
            y = slope * np.arange(5.0) ** exponent
            y[3] += moved * np.ptp(y) if key == "b" and slope == 2 else 0
            axes[key].plot(y, label=name)
    fig.legend(*axes["a"].get_legend_handles_labels(), loc="upper center", ncols=2)
    return fig


def stems(height=3.0, at=2.0, label="impulse", base=0.0):
    fig, ax = plt.subplots()
    ax.stem([0, 1, at, 4], [1, 2, height, -1], bottom=base, label=label)
    ax.legend()
    return fig


def where_significant(end=6.0, level=2.0, step=None):
    """A line with a band over parts of it only, and stars."""
    fig, ax = plt.subplots()
    along = np.linspace(0, 10, 51)
    ax.plot(along, 3 * np.sin(along))
    ax.fill_between(along, -3, 3, where=(along > 1) & (along < end), step=step, alpha=0.3, label="p < .05")
    ax.axhline(level, linestyle="--", label="threshold")
    ax.plot([2.0, 3.0], [level, level], "*", color="k")
    ax.legend()
    return fig


def residuals(moved=0.0, linthresh=0.1, low=-10.0):
    """Points over several decades on both sides of zero."""
    fig, ax = plt.subplots()
    left = CLOUD[:30, 0] * 10.0 ** np.linspace(-2, 1, 30)
    left[9] += moved
    ax.scatter(np.arange(30.0), left, s=12)
    ax.axhspan(-0.1, 0.1, alpha=0.2)
    ax.set_yscale("symlog", linthresh=linthresh)
    ax.set_ylim(low, 20)
    return fig


def roc(area=0.91, moved=0.0, label=None):
    """A curve with its area in the legend, the diagonal, and a magnified part."""
    fig, ax = plt.subplots()
    along = np.linspace(0, 1, 21)
    rates = along ** (1 / area - 1)
    rates[5] += moved
    for curve_axes in (ax, ax.inset_axes([0.5, 0.15, 0.45, 0.4], xlim=(0, 0.3), ylim=(0.6, 1))):
        curve_axes.plot(along, rates, label=label or f"area {area:.2f}")
    ax.plot([0, 1], [0, 1], "k--", label="chance")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    return fig


def schedule(start=2.0, length=3.0, names=("collect", "train"), colours=("tab:blue", "tab:orange")):
    """Periods as bars in two rows."""
    fig, ax = plt.subplots()
    ax.broken_barh([(0, 1), (start, length)], (-0.4, 0.8), facecolors=list(colours))
    ax.broken_barh([(1, 2)], (0.6, 0.8), facecolors=colours[0])
    ax.set_yticks([0, 1], names)
    return fig


def photograph(pixel=0.5, width=4.0, red=1.0):
    """A picture in colours with a scale."""
    fig, ax = plt.subplots()
    shown = np.linspace(0, 1, 3 * 4 * 5).reshape(4, 5, 3)
    shown[1, 2, 0] = pixel
    shown[..., 0] *= red
    ax.imshow(shown, extent=(0, width, 0, 3))
    ax.plot([0.2, 1.2], [0.2, 0.2], color="w")
    ax.text(0.2, 0.3, "1 mm", color="w")
    return fig


DRAWINGS = [
    learning_curves, sized_scatter, marked_scatter, grouped_bars, stacked_bars, ranked_bars, histograms, outlined_histogram, counted_steps,
    confusion, spectrogram, error_bars, forest, dose_response, power_law, survival, twin_units, dated, paired, panels, shared_legend, stems,
    where_significant, residuals, roc, schedule, photograph,
]  # fmt: skip
