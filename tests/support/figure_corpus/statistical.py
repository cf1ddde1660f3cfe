"""Figures drawn by seaborn, which computes what it draws: densities, fits, bootstrapped intervals (all with a seed), places of a swarm."""

import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt
import seaborn as sns

RNG = np.random.default_rng(5)
ROWS = 90
TRIALS = pd.DataFrame(
    {
        "group": np.repeat(["a", "b", "c"], 30),
        "site": np.tile(["north", "south"], 45),
        "week": np.tile(np.arange(15.0), 6),
        "score": RNG.normal(size=ROWS).round(3) + np.repeat([0, 1, 2], 30),
        "weight": RNG.integers(1, 5, ROWS),
    }
)
SITES = ("north", "south")
BOOT = {"seed": 0, "n_boot": 50}


def changed_trials(by=0.0, shift=0.0, renamed=None, **columns):
    """The data with one score moved, all scores of the first group moved, two names exchanged, or values of one row replaced."""
    data = TRIALS.copy()
    data.loc[20, "score"] += by
    data.loc[data["group"] == "a", "score"] += shift
    for name, value in columns.items():
        data.loc[20, name] = value
    return data.replace(dict(zip(renamed, renamed[::-1], strict=True))) if renamed else data


def lines_with_bands(measure=("ci", 95), order=("a", "b", "c"), **change):
    fig, ax = plt.subplots()
    sns.lineplot(changed_trials(**change), x="week", y="score", hue="group", hue_order=order, errorbar=measure, ax=ax, **BOOT)
    return fig


def lines_with_bars(measure="sd", label="score", **change):
    """Two groups of one colour that differ in dash and marker."""
    fig, ax = plt.subplots()
    drawn = {"errorbar": measure, "err_style": "bars", "markers": True, "color": "k", "style_order": ("north", "south")}
    sns.lineplot(changed_trials(**change), x="week", y="score", style="site", ax=ax, **drawn)
    ax.set_ylabel(label)
    return fig


def scatter_by_group(title="group", **change):
    fig, ax = plt.subplots()
    sns.scatterplot(changed_trials(**change), x="week", y="score", hue="group", hue_order=("a", "b", "c"), ax=ax)
    ax.get_legend().set_title(title)
    return fig


def scatter_of_everything(**change):
    """Colour, size and marker show one variable each."""
    fig, ax = plt.subplots()
    orders = {"hue_order": ("a", "b", "c"), "style_order": ("north", "south")}
    sns.scatterplot(changed_trials(**change), x="week", y="score", hue="group", size="weight", style="site", ax=ax, **orders)
    sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1))
    return fig


def bars_with_errors(level=95, order=("a", "b", "c"), estimator="mean", **change):
    fig, ax = plt.subplots()
    drawn = {"order": order, "errorbar": ("ci", level), "estimator": estimator, "capsize": 0.2, "hue_order": SITES}
    sns.barplot(changed_trials(**change), x="group", y="score", hue="site", ax=ax, **drawn, **BOOT)
    return fig


def counts(names=None, **change):
    fig, ax = plt.subplots()
    sns.countplot(changed_trials(**change), x="weight", hue="group", hue_order=("a", "b", "c"), ax=ax)
    if names:
        sns.move_legend(ax, "best", labels=names)
    return fig


def boxes(whis=1.5, order=("a", "b", "c"), notch=False, **change):
    fig, ax = plt.subplots()
    drawn = {"order": order, "hue_order": SITES, "whis": whis, "notch": notch}
    _draw_quietly(sns.boxplot, changed_trials(**change), x="group", y="score", hue="site", ax=ax, **drawn)
    return fig


def letter_values(depth="tukey", order=("a", "b", "c"), **change):
    fig, ax = plt.subplots()
    sns.boxenplot(changed_trials(**change), x="group", y="score", k_depth=depth, order=order, ax=ax)
    return fig


def violins(inner="quart", bandwidth=1.0, **change):
    """Two halves for each group, with quartiles."""
    fig, ax = plt.subplots()
    drawn = {"split": True, "inner": inner, "bw_adjust": bandwidth, "hue_order": SITES, "gridsize": 40}
    sns.violinplot(changed_trials(**change), x="group", y="score", hue="site", ax=ax, **drawn)
    return fig


def violins_with_boxes(bandwidth=1.0, **change):
    """Two halves, each with a small box that stands a few points beside the middle."""
    return violins("box", bandwidth, **change)


def strips(order=("a", "b", "c"), **change):
    fig, ax = plt.subplots()
    np.random.seed(0)  # the jitter takes no seed of its own
    sns.stripplot(changed_trials(**change), x="group", y="score", hue="site", order=order, hue_order=SITES, ax=ax)
    return fig


def swarms(order=("a", "b", "c"), **change):
    """Points beside each other where they would cover each other: how far depends on their size in pixels."""
    fig, ax = plt.subplots()
    sns.swarmplot(changed_trials(**change), x="group", y="score", order=order, size=4, ax=ax)
    return fig


def lying_swarms(order=("a", "b", "c"), **change):
    fig, ax = plt.subplots()
    sns.swarmplot(changed_trials(**change), x="score", y="group", hue="site", dodge=True, order=order, hue_order=SITES, size=3, ax=ax)
    return fig


def points_with_intervals(level=95, estimator="mean", **change):
    fig, ax = plt.subplots()
    drawn = {"hue_order": SITES, "errorbar": ("ci", level), "estimator": estimator, "dodge": 0.3}
    sns.pointplot(changed_trials(**change), x="group", y="score", hue="site", markers=["o", "s"], ax=ax, **drawn, **BOOT)
    return fig


def histogram_with_density(bins=10, stat="count", multiple="layer", high=5.0, **change):
    fig, ax = plt.subplots()
    drawn = {"bins": bins, "binrange": (-3, high), "stat": stat, "multiple": multiple, "kde": True, "hue_order": ("a", "b", "c")}
    sns.histplot(changed_trials(**change), x="score", hue="group", ax=ax, **drawn)
    return fig


def histogram_of_two(dropped=0, bins=6, high=5.0):
    fig, ax = plt.subplots()
    data = TRIALS.drop(index=range(dropped))
    sns.histplot(data, x="week", y="score", bins=bins, binrange=((0, 14), (-3, high)), cbar=True, cbar_kws={"label": "trials"}, ax=ax)
    return fig


def densities(bandwidth=1.0, fill=True, **change):
    fig, ax = plt.subplots()
    data, shared = changed_trials(**change), {"x": "score", "hue": "group", "hue_order": ("a", "b", "c"), "ax": ax}
    sns.kdeplot(data, fill=fill, bw_adjust=bandwidth, gridsize=60, **shared)
    sns.rugplot(data, legend=False, **shared)
    return fig


def density_of_two(levels=5, bandwidth=1.0, **change):
    fig, ax = plt.subplots()
    sns.kdeplot(changed_trials(**change), x="week", y="score", fill=True, levels=levels, bw_adjust=bandwidth, gridsize=40, ax=ax)
    return fig


def shares_below(stat="proportion", complementary=False, **change):
    fig, ax = plt.subplots()
    drawn = {"hue_order": ("a", "b", "c"), "stat": stat, "complementary": complementary}
    sns.ecdfplot(changed_trials(**change), x="score", hue="group", ax=ax, **drawn)
    return fig


def written_heat_map(vmax=3.0, label="mean score", written=".2f", **change):
    fig, ax = plt.subplots()
    means = changed_trials(**change).pivot_table(index="group", columns="weight", values="score")
    drawn = {"fmt": written, "vmin": -1, "vmax": vmax, "cbar_kws": {"label": label}}
    _draw_quietly(sns.heatmap, means, annot=True, linewidths=0.5, ax=ax, **drawn)
    return fig


def clusters(method="average", rows=True, **change):
    means = changed_trials(**change).pivot_table(index="weight", columns="week", values="score").fillna(0)
    with mpl.rc_context({"figure.constrained_layout.use": False}):  # seaborn arranges these axes itself and fails under another layout
        return sns.clustermap(means, method=method, row_cluster=rows, figsize=(5, 4)).figure


def regression(order=1, level=95, **change):
    fig, ax = plt.subplots()
    sns.regplot(changed_trials(**change), x="week", y="score", order=order, ci=level, ax=ax, **BOOT)
    return fig


def two_regressions(level=95, **change):
    return sns.lmplot(changed_trials(**change), x="week", y="score", hue="site", hue_order=SITES, ci=level, height=3, **BOOT).figure


def facets(order=("a", "b", "c"), **change):
    drawn = {"col_order": order, "hue_order": SITES, "height": 2}
    return sns.relplot(changed_trials(**change), x="week", y="score", col="group", hue="site", **drawn).figure


def facets_of_boxes(order=("a", "b", "c"), whis=1.5, **change):
    drawn = {"order": order, "whis": whis, "col_order": SITES, "height": 2}
    return _draw_quietly(sns.catplot, changed_trials(**change), x="group", y="score", col="site", kind="box", **drawn).figure


def facets_of_bars(level=95, order=("a", "b", "c"), **change):
    drawn = {"order": order, "errorbar": ("ci", level), "row_order": SITES, "height": 2, **BOOT}
    return sns.catplot(changed_trials(**change), x="group", y="score", row="site", kind="bar", **drawn).figure


def stacked_distributions(bins=8, high=5.0, multiple="stack", **change):
    drawn = {"bins": bins, "binrange": (-3, high), "multiple": multiple, "hue_order": SITES, "height": 2}
    return sns.displot(changed_trials(**change), x="score", col="group", hue="site", **drawn).figure


def joint(**change):
    return sns.jointplot(changed_trials(**change), x="week", y="score", hue="site", hue_order=SITES, height=3).figure


def every_pair(**change):
    data = changed_trials(**change)[["week", "score", "group"]]
    return sns.pairplot(data, hue="group", hue_order=("a", "b", "c"), height=1.5).figure


def _draw_quietly(draw, *args, **kwargs):
    """Draw without warnings of deprecation: seaborn 0.13.2 still draws boxes and cells in ways that matplotlib 3.11 deprecates."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="vert: bool was deprecated|The set_bad function")
        return draw(*args, **kwargs)


DRAWINGS = [
    lines_with_bands, lines_with_bars, scatter_by_group, scatter_of_everything, bars_with_errors, counts, boxes, letter_values, violins, violins_with_boxes,
    strips, swarms, lying_swarms, points_with_intervals, histogram_with_density, histogram_of_two, densities, density_of_two, shares_below,
    written_heat_map, clusters, regression, two_regressions, facets, facets_of_boxes, facets_of_bars, stacked_distributions, joint, every_pair,
]  # fmt: skip
