"""How much of what the plotting functions of pandas, seaborn and cartopy draw is read: each is called with data made here, and its figure is read,
written and compared with itself.

    .venv/bin/python benchmarks/plotting_functions.py [pandas seaborn cartopy] [--out FILE] [--seconds 8]

As `galleries.py` does for scripts; what is not installed is left out. Maps are drawn without coastlines, whose data would have to be fetched.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import resource
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from galleries import EMPTY, FAILED, FULLY, NOTHING, PARTLY, ReadScript, _read_one, show_table

Calls = dict[str, Callable[[], Any]]

POINTS = 60


def _frame() -> Any:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    made = pd.DataFrame({"a": rng.normal(size=POINTS), "b": rng.normal(size=POINTS), "c": rng.gamma(2, size=POINTS)})
    made["t"], made["g"], made["h"] = np.arange(POINTS), rng.choice(list("uvw"), POINTS), rng.choice(list("xy"), POINTS)
    return made


def pandas_calls() -> Calls:
    import numpy as np
    import pandas as pd
    from pandas import plotting

    frame = _frame()
    numbers, counts = frame[["a", "b", "c"]], frame[["a", "c"]].abs()
    dates = numbers.set_index(pd.date_range("2026-01-01", periods=POINTS))
    calls: Calls = {f"DataFrame.plot.{name}": getattr(numbers.plot, name) for name in ("line", "box", "density", "kde", "hist")}
    calls |= {f"DataFrame.plot.{name}": getattr(counts.head(6).plot, name) for name in ("area", "bar", "barh")}
    calls |= {
        f"Series.plot.{name}": getattr(counts["a"].head(6).plot, name)
        for name in ("line", "area", "bar", "barh", "box", "hist", "kde", "pie")
    }
    return calls | {
        "DataFrame.plot.pie": lambda: counts.head(4).plot.pie(subplots=True),
        "DataFrame.plot.scatter": lambda: numbers.plot.scatter("a", "b", c="c", s="c"),
        "DataFrame.plot.hexbin": lambda: numbers.plot.hexbin("a", "b", gridsize=8),
        "DataFrame.plot.line, dates": dates.plot.line,
        "DataFrame.plot.line, subplots": lambda: dates.plot.line(subplots=True),
        "DataFrame.plot.line, second axis": lambda: numbers.plot.line(secondary_y=["b"]),
        "DataFrame.plot.line, logarithmic": lambda: counts.plot.line(logy=True),
        "DataFrame.plot.bar, stacked with errors": lambda: counts.head(5).plot.bar(stacked=True, yerr=counts.head(5) / 9),
        "DataFrame.plot, table": lambda: counts.head(4).plot(table=True),
        "DataFrame.boxplot": lambda: frame.boxplot(["a", "b"], by="g"),
        "DataFrame.hist": numbers.hist,
        "Series.hist": numbers["a"].hist,
        "DataFrameGroupBy.boxplot": lambda: frame[["a", "b", "g"]].groupby("g").boxplot(),
        "DataFrameGroupBy.plot": lambda: frame.groupby("g")["a"].plot(),
        "plotting.andrews_curves": lambda: plotting.andrews_curves(frame[["a", "b", "c", "g"]], "g"),
        "plotting.autocorrelation_plot": lambda: plotting.autocorrelation_plot(frame["a"]),
        "plotting.bootstrap_plot": lambda: plotting.bootstrap_plot(frame["a"], size=20, samples=50),
        "plotting.boxplot": lambda: plotting.boxplot(numbers),
        "plotting.lag_plot": lambda: plotting.lag_plot(frame["a"]),
        "plotting.parallel_coordinates": lambda: plotting.parallel_coordinates(frame[["a", "b", "c", "g"]], "g"),
        "plotting.radviz": lambda: plotting.radviz(frame[["a", "b", "c", "g"]], "g"),
        "plotting.scatter_matrix": lambda: plotting.scatter_matrix(numbers, diagonal="kde"),
        "plotting.table": lambda: plotting.table(__import__("matplotlib.pyplot").pyplot.gca(), counts.head(3).round(2)),
        "Series.plot, periods": lambda: pd.Series(np.arange(24.0), pd.period_range("2025-01", periods=24, freq="M")).plot(),
    }


def seaborn_calls() -> Calls:
    import numpy as np
    import seaborn as sns
    from seaborn import objects as so

    frame = _frame()
    along: dict[str, tuple[str, ...]] = {
        "x, y": ("relplot", "scatterplot", "lineplot", "lmplot", "regplot", "residplot", "jointplot", "kdeplot")
    }
    calls: Calls = {}
    for name in along["x, y"]:
        hue = {} if name in ("regplot", "residplot", "kdeplot") else {"hue": "g"}
        calls[name] = lambda name=name, hue=hue: getattr(sns, name)(frame, x="a", y="b", **hue)
    for name in ("displot", "histplot", "ecdfplot", "rugplot"):
        calls[name] = lambda name=name: getattr(sns, name)(frame, x="a", hue="g")
    for name in ("catplot", "stripplot", "swarmplot", "boxplot", "violinplot", "boxenplot", "pointplot", "barplot"):
        calls[name] = lambda name=name: getattr(sns, name)(frame, x="g", y="a", hue="h")
    for kind in ("strip", "swarm", "box", "violin", "boxen", "point", "bar"):
        calls[f"catplot, {kind}"] = lambda kind=kind: sns.catplot(frame, x="g", y="a", col="h", kind=kind)
    for kind in ("hist", "kde", "ecdf"):
        calls[f"displot, {kind}"] = lambda kind=kind: sns.displot(frame, x="a", row="h", kind=kind)
    for kind in ("scatter", "kde", "hist", "hex", "reg", "resid"):
        calls[f"jointplot, {kind}"] = lambda kind=kind: sns.jointplot(frame, x="a", y="b", kind=kind)
    square = np.corrcoef(frame[["a", "b", "c"]].T)
    calls |= {
        "countplot": lambda: sns.countplot(frame, x="g", hue="h"),
        "histplot, two": lambda: sns.histplot(frame, x="a", y="b", cbar=True),
        "kdeplot, filled": lambda: sns.kdeplot(frame, x="a", y="b", fill=True),
        "lineplot, styles": lambda: sns.lineplot(frame, x="t", y="a", hue="g", style="h", markers=True),
        "scatterplot, sizes": lambda: sns.scatterplot(frame, x="a", y="b", hue="c", size="c", style="g"),
        "heatmap": lambda: sns.heatmap(square, annot=True),
        "clustermap": lambda: sns.clustermap(frame[["a", "b", "c"]]),
        "pairplot": lambda: sns.pairplot(frame[["a", "b", "c", "g"]], hue="g"),
        "PairGrid": lambda: sns.PairGrid(frame[["a", "b"]]).map_diag(sns.histplot).map_offdiag(sns.kdeplot),
        "FacetGrid": lambda: sns.FacetGrid(frame, col="g").map(sns.scatterplot, "a", "b"),
        "JointGrid": lambda: sns.JointGrid(frame, x="a", y="b").plot(sns.scatterplot, sns.kdeplot),
        "palplot": lambda: sns.palplot(sns.color_palette()),
    }
    for mark in ("Dot", "Dots", "Line", "Lines", "Path", "Paths", "Bar", "Bars", "Area", "Dash"):
        calls[f"objects.{mark}"] = lambda mark=mark: so.Plot(frame, "t", "c", color="g").add(getattr(so, mark)())
    for mark in ("Band", "Range"):
        calls[f"objects.{mark}"] = lambda mark=mark: so.Plot(frame.assign(d=frame["c"] + 1), "t", ymin="c", ymax="d").add(
            getattr(so, mark)()
        )
    calls["objects.Text"] = lambda: so.Plot(frame, "a", "b", text="g").add(so.Text())
    calls["objects, estimates in facets"] = lambda: (
        so.Plot(frame, "g", "c").facet("h").add(so.Bar(), so.Agg()).add(so.Range(), so.Est(errorbar="sd"))
    )
    calls["objects.Hist"] = lambda: so.Plot(frame, "c", color="g").add(so.Bars(), so.Hist())
    calls["objects.KDE"] = lambda: so.Plot(frame, "c", color="g").add(so.Area(), so.KDE())
    return calls


def cartopy_calls() -> Calls:
    import matplotlib.pyplot as plt
    import numpy as np
    from cartopy import crs

    east, north = np.meshgrid(np.linspace(-90, 90, 13), np.linspace(-40, 60, 11))
    height = np.cos(np.radians(east)) * np.sin(np.radians(2 * north))
    plain = crs.PlateCarree()

    def on(projection: Any, draw: Callable[[Any], Any]) -> Callable[[], Any]:
        return lambda: draw(plt.figure().add_subplot(projection=projection))

    drawings: dict[str, Callable[[Any], Any]] = {
        "plot": lambda ax: ax.plot([-60, 0, 60], [0, 40, 10], transform=plain),
        "plot, geodetic": lambda ax: ax.plot([-60, 60], [40, 40], transform=crs.Geodetic()),
        "scatter": lambda ax: ax.scatter(east, north, c=height, transform=plain),
        "contour": lambda ax: ax.contour(east, north, height, transform=plain),
        "contourf": lambda ax: ax.contourf(east, north, height, transform=plain),
        "pcolormesh": lambda ax: ax.pcolormesh(east, north, height, transform=plain),
        "imshow": lambda ax: ax.imshow(height, extent=(-90, 90, -40, 60), transform=plain),
        "quiver": lambda ax: ax.quiver(east, north, height, -height, transform=plain),
        "barbs": lambda ax: ax.barbs(east, north, 20 * height, 30 * height, transform=plain),
        "streamplot": lambda ax: ax.streamplot(east, north, height, 1 - height, transform=plain),
        "fill": lambda ax: ax.fill([0, 40, 40, 0], [0, 0, 30, 30], transform=plain),
        "text": lambda ax: ax.text(10, 20, "here", transform=plain),
        "tissot": lambda ax: ax.tissot(lons=[0, 30], lats=[0, 30]),
        "gridlines": lambda ax: ax.gridlines(draw_labels=True),
        "stock_img": lambda ax: ax.stock_img(),
    }
    places = {"PlateCarree": plain, "Robinson": crs.Robinson(), "Orthographic": crs.Orthographic(10, 20), "Mercator": crs.Mercator()}
    return {f"{name} on {place}": on(projection, draw) for place, projection in places.items() for name, draw in drawings.items()}


GALLERIES: dict[str, Callable[[], Calls]] = {"pandas": pandas_calls, "seaborn": seaborn_calls, "cartopy": cartopy_calls}


def read_call(call: Callable[[], Any], name: str, sender: Connection, seconds: int) -> None:
    """Call a plotting function in this process and send what was read of its figures."""
    import matplotlib.pyplot as plt

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    made = ReadScript(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = call()
            figures = [plt.figure(number) for number in plt.get_fignums()]
            for fig in figures or [drawn]:
                _read_one(fig, made)
        made.state = EMPTY if not (made.marks or made.unread) else NOTHING if not made.marks else PARTLY if made.unread else FULLY
    except BaseException as error:
        made.what, made.state = f"{type(error).__name__}: {error}"[:300], FAILED
    sender.send(asdict(made))


def read_calls(calls: Calls, seconds: int) -> Iterator[ReadScript]:
    context = multiprocessing.get_context("fork")
    for name, call in calls.items():
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=read_call, args=(call, name, sender, seconds))
        child.start()
        sender.close()
        try:
            yield ReadScript(**receiver.recv())
        except EOFError:
            yield ReadScript(name, FAILED, what=f"over {seconds} s of processor time")
        child.join()
        receiver.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", choices=[*GALLERIES, []], default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=int, default=8)
    given = parser.parse_args()
    import matplotlib as mpl

    mpl.use("Agg")
    everything = []
    for library in given.libraries or GALLERIES:
        if importlib.util.find_spec(library) is None:
            print(f"{library}: not installed")
            continue
        read = list(read_calls(GALLERIES[library](), given.seconds))
        everything += read
        print(f"\n== {library}", end="")
        show_table(read)
        for item in read:
            if item.state != FULLY:
                print(f"  {item.script}: {item.state} {item.unread or ''} {item.what}")
    if given.out:
        given.out.write_text("".join(json.dumps(asdict(item)) + "\n" for item in everything))


if __name__ == "__main__":
    main()
