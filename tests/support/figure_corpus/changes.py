"""Changes of science: for each drawing what is changed, and what the message of a check must name.

Nearly every drawing has a change as small as 0.1 % of the range of its axis or of its values; the tests measure it.
"""

from typing import Any

Change = tuple[dict[str, Any], list[str]]
"""Arguments for the drawing function, and parts of what must be said."""

ORDINARY: dict[str, list[Change]] = {
    "learning_curves": [
        ({"end": 0.2008}, ["line 'train': y[", "band 1 of 'train': y["]),
        ({"moved": 0.0009}, ["line 'train': y[7] is", "line 'test': y[7] is"]),
        ({"width": 0.0525}, ["band 1 of 'train': y[", "band 2 of 'test': y["]),
        ({"labels": ("test", "train")}, ["line 'train': labels are swapped", "legend labels are swapped"]),
        ({"scale": "log"}, ["y axis: scale is 'log', recorded 'linear'"]),
    ],
    "sized_scatter": [
        ({"moved": 0.004}, ["axes 1, scatter: y[17] is"]),
        ({"size": 21.0}, ["axes 1, scatter: size[3] is 21"]),
        ({"value": 0.001}, ["axes 1, scatter: value[40] is"]),
        ({"label": "score"}, ["axes 2, y axis: label is 'score', recorded 'seed'"]),
    ],
    "marked_scatter": [
        ({"moved": 0.004}, ["scatter 'human': x[4] is"]),
        ({"swapped": True}, ["scatter 'human': labels are swapped"]),
        ({"names": ("model", "human")}, ["scatter 'human': labels are swapped"]),
    ],
    "grouped_bars": [
        ({"height": 0.601}, ["bars 'mild': height[2] is 0.601", "annotation 3: y[0] is 0.651"]),
        ({"error": 0.051}, ["error bars 1: yhigh[", "error bars 2: ylow["]),
        ({"names": ("strong", "mild")}, ["bars 'mild': labels are swapped"]),
        ({"groups": ("a", "c", "b")}, ["x axis: named ticks are ['a', 'c', 'b'], recorded ['a', 'b', 'c']"]),
    ],
    "stacked_bars": [
        ({"part": 0.301}, ["bars 'yes': height[2] is 0.301"]),
        ({"names": ("no", "yes")}, ["bars 'yes': labels are swapped"]),
        ({"groups": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
    ],
    "ranked_bars": [
        ({"width": 3.003}, ["bars: width[0] is 3.003"]),
        (
            {"order": ("beta", "alpha", "gamma")},
            ["y axis: named ticks are ['beta', 'alpha', 'gamma'], recorded ['alpha', 'beta', 'gamma']"],
        ),
        ({"chance": 1.1}, ["vertical line 'chance': x["]),
    ],
    "histograms": [
        ({"weight": 1.001}, ["bars 'control': height[", "bars 'treated': height["]),
        ({"bins": 13}, ["bars 'control': height has 13 values, recorded 12"]),
        ({"shift": 0.3}, ["bars 'treated': height["]),
        ({"density": True}, ["bars 'control': height["]),
    ],
    "outlined_histogram": [
        ({"weight": 1.001}, ["polygon 'control': y["]),
        ({"bins": 13}, ["polygon 'control': x has 28 values, recorded 26"]),
        ({"cumulative": True}, ["polygon 'control': y["]),
    ],
    "counted_steps": [
        ({"count": 7.007}, ["stairs 'events': y[2] is 7.007"]),
        ({"edge": 4.004}, ["stairs 'events': x[4] is 4.004"]),
        ({"baseline": 0.5}, ["stairs 'events': y0[0] is 0.5"]),
    ],
    "confusion": [
        ({"count": 41.05}, ["axes 1, image: value[1, 1] is 41.05"]),
        ({"names": ("dog", "cat", "owl")}, ["axes 1, x axis: named ticks are ['dog', 'cat', 'owl'], recorded ['cat', 'dog', 'owl']"]),
        ({"vmax": 60.06}, ["axes 1, image: norm[1] is 60.06"]),
        ({"written": "%.0f"}, ["axes 1, text 1: text is '50', recorded '50.0'"]),
    ],
    "spectrogram": [
        ({"cell": 1.01}, ["axes 1, heat map: value[2, 1] is"]),
        ({"factor": 1.01}, ["axes 1, heat map: value["]),
        ({"end": 4.004}, ["axes 1, heat map: x["]),
        ({"low": 0.0001}, ["axes 1, heat map: norm[0] is 0.0001"]),
    ],
    "error_bars": [
        ({"middle": 2.003}, ["error bars 'treated': y[1] is 2.003"]),
        ({"error": 0.303}, ["error bars 'treated': ylow[2] is 3.697"]),
        ({"labels": ("control", "treated")}, ["error bars 'treated': labels are swapped"]),
        ({"across": 0.1}, ["error bars 'treated': xhigh is new"]),
    ],
    "forest": [
        ({"effect": 0.301}, ["error bars: x[0] is 0.301"]),
        ({"width": 0.401}, ["error bars: xhigh[0] is 0.701"]),
        (
            {"names": ("second", "first", "third")},
            ["y axis: named ticks are ['second', 'first', 'third'], recorded ['first', 'second', 'third']"],
        ),
        ({"null": 0.1}, ["vertical line: x["]),
    ],
    "dose_response": [
        ({"top": 1.001}, ["line 'fit': y["]),
        ({"observed": 0.501}, ["line 'observed': y[2] is 0.501"]),
        ({"half": 1.01}, ["line 'fit': y["]),
        ({"text": "IC50"}, ["annotation: text is 'IC50', recorded 'EC50'"]),
    ],
    "power_law": [
        ({"moved": 1.01}, ["line 'models': y[4] is 0.0101"]),
        ({"exponent": -1.001}, ["line 'models': y["]),
        ({"ylim": (1e-05, 1)}, ["y axis: limits are 1e-05 to 1, recorded automatic"]),
    ],
    "survival": [
        ({"at": 4.01}, ["line 'treated': x[2] is 4.01"]),
        ({"last": 0.301}, ["line 'treated': y[4] is 0.301"]),
        ({"where": "pre"}, ["line 'treated': steps is 'pre', recorded 'post'"]),
        ({"censored": 6.0}, ["line 'censored': x[0] is 6"]),
    ],
    "twin_units": [
        ({"rain": 30.03}, ["axes 1, bars 'rain': height[2] is 30.03"]),
        ({"warm": 1.02}, ["axes 2, line 'temperature': y["]),
        ({"label": "temperature (K)"}, ["axes 2, y axis: label is 'temperature (K)', recorded 'temperature (°C)'"]),
        ({"log": True}, ["axes 2, y axis: scale is 'log', recorded 'linear'"]),
    ],
    "dated": [
        ({"moved": 0.002}, ["line 'index': y[30] is"]),
        ({"shift": 1}, ["line 'index': x["]),
        ({"event": "2026-02-11"}, ["vertical line: x["]),
        ({"hours": 1.4}, ["vertical span: x[0] is"]),
    ],
    "paired": [
        ({"after": 2.0015}, ["line 1: y[1] is 2.0015"]),
        ({"names": ("after", "before")}, ["x axis: named ticks are ['after', 'before'], recorded ['before', 'after']"]),
        ({"mean": 2.1015}, ["segments 'mean': y["]),
    ],
    "panels": [
        ({"factor": 1.001}, ["axes 3, line: y["]),
        ({"title": "(d) cubic"}, ["axes 3, title is '(d) cubic', recorded '(c) cubic'"]),
        ({"sup": "Decay"}, ["the figure's texts are ['Decay', 'size'], recorded ['Growth', 'size']"]),
        ({"ylabel": "weight"}, ["the figure's texts are ['Growth', 'weight'], recorded ['Growth', 'size']"]),
    ],
    "shared_legend": [
        ({"moved": 0.001}, ["axes 2, line 'B': y[3] is 18.032"]),
        ({"second": 2.001}, ["axes 2, line 'B': y["]),
        ({"names": ("B", "A")}, ["axes 1, line 'A': labels are swapped"]),
    ],
    "stems": [
        ({"height": 3.004}, ["stems 'impulse': y[2] is 3.004"]),
        ({"at": 2.004}, ["stems 'impulse': x[2] is 2.004"]),
        ({"label": "response"}, ["stems 'response': was recorded as stems 'impulse'"]),
        ({"base": -0.5}, ["stems 'impulse': y0["]),
    ],
    "where_significant": [
        ({"end": 5.0}, ["band 'p < .05': x has 41 values, recorded 51"]),
        ({"level": 2.006}, ["horizontal line 'threshold': y["]),
        ({"step": "mid"}, ["band 'p < .05': x has 99 values, recorded 51"]),
    ],
    "residuals": [
        ({"moved": 0.0025}, ["scatter: y[9] is"]),
        ({"linthresh": 0.2}, ["y axis: parameters of the scale are", "'linthresh': 0.2"]),
        ({"low": -20.0}, ["y axis: limits are −20 to 20, recorded −10 to 20"]),
    ],
    "roc": [
        ({"moved": 0.0004}, ["axes 1, line 'area 0.91': y[5] is"]),
        ({"area": 0.9105}, ["axes 1, line 'area 0.91': y["]),
        ({"label": "area 0.95"}, ["axes 1, line 'area 0.95': was recorded as line 'area 0.91'"]),
    ],
    "schedule": [
        ({"start": 2.005}, ["band 1: x["]),
        ({"length": 3.005}, ["band 1: x["]),
        ({"names": ("train", "collect")}, ["y axis: named ticks are ['train', 'collect'], recorded ['collect', 'train']"]),
        ({"colours": ("tab:blue", "tab:blue")}, ["band 1: [1] shares its colour with other marks than recorded"]),
    ],
    "photograph": [
        ({"pixel": 0.501}, ["image: value[1, 2, 0] is 0.501"]),
        ({"width": 4.004}, ["image: x[1] is 4.004"]),
        ({"red": 0.9}, ["image: value["]),
    ],
}

STATISTICAL: dict[str, list[Change]] = {
    "lines_with_bands": [
        ({"by": 0.006}, ["band 1 of 'a': y[6] is", "line 1 of 'a': y[5] is"]),
        ({"measure": "sd"}, ["band 1 of 'a': y[", "band 2 of 'b': y[", "band 3 of 'c': y["]),
        ({"renamed": ("a", "b")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
        ({"group": "b"}, ["band 1 of 'a': x has 35 values, recorded 33"]),
    ],
    "lines_with_bars": [
        ({"shift": 0.006}, ["line 1 of 'north': y[", "error bars 2: ylow["]),
        ({"measure": "se"}, ["error bars 1: yhigh["]),
        ({"renamed": ("north", "south")}, ["legend labels are swapped: 'north', 'south' now names what another label named"]),
        ({"label": "loss"}, ["y axis: label is 'loss', recorded 'score'"]),
    ],
    "scatter_by_group": [
        ({"by": 0.006}, ["scatter: y[20] is −0.707"]),
        ({"group": "c"}, ["scatter: [20] shares its colour with other marks than recorded"]),
        ({"renamed": ("a", "b")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
        ({"title": "arm"}, ["legend entries are arm, a, b, c"]),
    ],
    "scatter_of_everything": [
        ({"by": 0.006}, ["scatter: y[20] is −0.707"]),
        ({"weight": 3}, ["scatter: size[20] is 54"]),
        ({"site": "south"}, ["scatter: markers[20] is"]),
        ({"group": "b"}, ["scatter: [20] shares its colour with other marks than recorded"]),
        ({"renamed": ("a", "c")}, ["legend labels are swapped: 'a', 'c' now names what another label named"]),
        ({"renamed": ("north", "south")}, ["scatter: markers["]),
    ],
    "bars_with_errors": [
        ({"shift": 0.002}, ["bars 2 of 'south': height[0] is", "line 1: y["]),
        ({"level": 68}, ["line 5: y["]),
        ({"order": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
        ({"estimator": "median"}, ["line 2: y["]),
        ({"renamed": ("north", "south")}, ["line 2: y["]),
    ],
    "counts": [
        ({"weight": 4}, ["bars 1 of 'a': height["]),
        ({"group": "b"}, ["bars 1 of 'a': height[0] is 5"]),
        ({"names": ("b", "a", "c")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
        ({"renamed": ("a", "b")}, ["bars 1 of 'a': height["]),
    ],
    "boxes": [
        ({"shift": 0.005}, ["shape 1: y["]),
        ({"whis": 0.5}, ["line 26 is new"]),
        ({"order": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
        ({"notch": True}, ["shape 1: x has 12 values, recorded 6"]),
        ({"renamed": ("north", "south")}, ["line 7: y["]),
    ],
    "letter_values": [
        ({"shift": 0.005}, ["shapes 1: y["]),
        ({"depth": "full"}, ["shapes 1: x has 53 values, recorded 5"]),
        ({"order": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
    ],
    "violins": [
        ({"shift": 0.006}, ["band 1 of 'north': y["]),
        ({"inner": "stick"}, ["line 1 is gone"]),
        ({"bandwidth": 1.01}, ["band 3 of 'north': y["]),
        ({"renamed": ("north", "south")}, ["band 3 of 'north': y["]),
    ],
    "violins_with_boxes": [
        ({"shift": 0.006}, ["band 1 of 'north': y[", "line 1: y["]),
        ({"bandwidth": 1.01}, ["band 3 of 'north': y["]),
        ({"renamed": ("north", "south")}, ["band 3 of 'north': y["]),
    ],
    "strips": [
        ({"by": 0.006}, ["scatter 1: y[20] is −0.707"]),
        ({"site": "south"}, ["scatter 1: [20] shares its colour with other marks than recorded"]),
        ({"order": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
        ({"renamed": ("north", "south")}, ["legend labels are swapped: 'north', 'south' now names what another label named"]),
    ],
    "swarms": [
        ({"by": 0.006}, ["scatter 1: y[20] is −0.707"]),
        ({"order": ("b", "a", "c")}, ["x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
        ({"group": "b"}, ["scatter 1: y has 29 values", "scatter 2: y has 31 values"]),
    ],
    "lying_swarms": [
        ({"by": 0.006}, ["scatter 1 of 'north': x[10] is −0.707"]),
        ({"site": "south"}, ["scatter 1 of 'north': x has 14 values, recorded 15"]),
        ({"renamed": ("north", "south")}, ["scatter 1 of 'north': x["]),
    ],
    "points_with_intervals": [
        ({"shift": 0.002}, ["line 5 of 'south': y[0] is"]),
        ({"level": 68}, ["line 7: y["]),
        ({"renamed": ("north", "south")}, ["line 3: y["]),
        ({"estimator": "median"}, ["line 3: y["]),
    ],
    "histogram_with_density": [
        ({"shift": 0.001}, ["line 1 of 'c': y["]),
        ({"high": 5.01}, ["bars 3 of 'a': height[", "bars 1 of 'c': x["]),
        ({"bins": 11}, ["bars 1 of 'c': height has 11 values, recorded 10"]),
        ({"stat": "density"}, ["y axis: label is 'Density', recorded 'Count'"]),
        ({"multiple": "stack"}, ["bars 3 of 'a': y["]),
        ({"renamed": ("a", "b")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
    ],
    "histogram_of_two": [
        ({"dropped": 1}, ["axes 1, heat map: value[1, 0] is 3"]),
        ({"bins": 7}, ["axes 1, heat map: value has 7 × 7 values, recorded 6 × 6"]),
        ({"high": 5.01}, ["axes 1, heat map: y["]),
    ],
    "densities": [
        ({"by": 0.008}, ["segments: x[60] is", "band 3 of 'a': y["]),
        ({"bandwidth": 1.001}, ["band 1 of 'c': y["]),
        ({"fill": False}, ["band 1 of 'c' is gone"]),
        ({"group": "b"}, ["segments: [20] shares its colour", "band 2 of 'b': y["]),
        ({"renamed": ("a", "b")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
    ],
    "density_of_two": [
        ({"shift": 0.0025}, ["filled contours: the line of level"]),
        ({"levels": 6}, ["filled contours: level has 6 values, recorded 5"]),
        ({"bandwidth": 1.0009}, ["filled contours: the line of level"]),
    ],
    "shares_below": [
        ({"by": 0.006}, ["line 3 of 'a': x[10] is −0.707"]),
        ({"stat": "count"}, ["y axis: label is 'Count', recorded 'Proportion'"]),
        ({"complementary": True}, ["line 1 of 'c': y["]),
        ({"renamed": ("a", "b")}, ["legend labels are swapped: 'a', 'b' now names what another label named"]),
    ],
    "written_heat_map": [
        ({"by": 0.02}, ["axes 1, heat map: value[0, 0] is"]),
        ({"vmax": 3.003}, ["axes 1, heat map: norm[1] is 3.003"]),
        ({"label": "median score"}, ["axes 2, y axis: label is 'median score', recorded 'mean score'"]),
        ({"written": ".1f"}, ["text 1: text is '-0.5', recorded '-0.52'"]),
    ],
    "clusters": [
        ({"by": 0.011}, ["axes 3, heat map: value[0, 9] is"]),
        ({"method": "single"}, ["axes 3, heat map: value[", "axes 2, segments: y["]),
        ({"rows": False}, ["axes 1, x axis: direction is 'normal', recorded 'inverted'"]),
    ],
    "regression": [
        ({"by": 0.006}, ["scatter: y[20] is", "band: y["]),
        ({"order": 2}, ["band: y["]),
        ({"level": 68}, ["band: y["]),
    ],
    "two_regressions": [
        ({"by": 0.006}, ["scatter 'north': y[10] is", "band 1 of 'north': y["]),
        ({"site": "south"}, ["scatter 'north': x has 44 values, recorded 45"]),
        ({"level": 68}, ["band 1 of 'north': y["]),
        ({"renamed": ("north", "south")}, ["scatter 'north': labels are swapped"]),
    ],
    "facets": [
        ({"by": 0.004}, ["axes 1, scatter: y[20] is −0.709"]),
        ({"order": ("b", "a", "c")}, ["axes 1, title is 'group = b'", "axes 1, scatter: y["]),
        ({"renamed": ("north", "south")}, ["axes 1, legend labels are swapped: 'north', 'south' now names what another label named"]),
        ({"group": "b"}, ["axes 1, scatter: x has 29 values, recorded 30"]),
    ],
    "facets_of_boxes": [
        ({"shift": 0.005}, ["axes 2, shape 1: y["]),
        ({"order": ("b", "a", "c")}, ["axes 1, x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
        ({"whis": 0.5}, ["axes 1, line 10 is new"]),
    ],
    "facets_of_bars": [
        ({"shift": 0.002}, ["axes 2, bars: height[0] is"]),
        ({"level": 68}, ["axes 2, line 2: y["]),
        ({"order": ("b", "a", "c")}, ["axes 1, x axis: named ticks are ['b', 'a', 'c'], recorded ['a', 'b', 'c']"]),
    ],
    "stacked_distributions": [
        ({"by": 1.0}, ["axes 1, bars 2 of 'north': height["]),
        ({"bins": 9}, ["axes 1, bars 1 of 'south': height has 9 values, recorded 8"]),
        ({"high": 5.002}, ["axes 1, bars 1 of 'south': x["]),
        ({"multiple": "dodge"}, ["axes 3, bars 2 of 'north': y["]),
        ({"renamed": ("north", "south")}, ["axes 3, bars 1 of 'south': height["]),
    ],
    "joint": [
        ({"by": 0.006}, ["axes 1, scatter: y[20] is", "axes 3, band 2 of 'north': x["]),
        ({"site": "south"}, ["axes 1, scatter: [20] shares its colour with other marks than recorded"]),
        ({"renamed": ("north", "south")}, ["axes 1, legend labels are swapped: 'north', 'south' now names what another label named"]),
    ],
    "every_pair": [
        ({"by": 0.006}, ["axes 2, scatter: x[20] is", "axes 3, scatter: y[20] is", "axes 6, band 3 of 'a': y["]),
        ({"group": "b"}, ["axes 2, scatter: [20] shares its colour with other marks than recorded"]),
        ({"renamed": ("a", "b")}, ["axes 2, scatter: [0] shares its colour with other marks than recorded"]),
    ],
}

RARE: dict[str, list[Change]] = {
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
        ({"at": 0.3006}, ["axes 2, horizontal line: y[0] is 0.3006"]),
        ({"lines": False}, ["axes 2, lines of contours is gone"]),
        ({"levels": (0.0, 0.2, 0.45, 0.6)}, ["axes 1, filled contours", "axes 1, contours: level[1]"]),
    ],
    "filled_contour": [
        ({"factor": 1.001}, ["filled contours"]),
        ({"levels": (-0.6, 0.0, 0.5, 1.0)}, ["filled contours: level[2] is 0.5"]),
        ({"extend": "max"}, ["filled contours: extended is 'max', recorded absent"]),
        ({"vmax": 0.9984}, ["filled contours: norm[1] is 0.9984"]),
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
        ({"vmax": 16.016}, ["hexagonal bins: norm[1] is 16.016"]),
        ({"bins": "log"}, ["hexagonal bins: norm is 'LogNorm'"]),
    ],
    "log_hexbin": [
        ({"dropped": 20}, ["value["]),
        ({"end": 2.004}, ["coloured cells 1: x["]),
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
        ({"factor": 1.003}, ["segments"]),
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
        ({"x": 2.005}, ["axes 1, connection: x0[0] is 2.005"]),
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
        ({"x": 0.007}, ["contours: the line of level"]),
    ],
    "filled_triangulated": [
        ({"factor": 1.001}, ["filled contours"]),
        ({"levels": (2.0, 5.0, 8.01)}, ["filled contours: level[2] is 8.01"]),
        ({"levels": (2.0, 5.0)}, ["filled contours: level has 2 values"]),
        ({"x": 0.007}, ["filled contours: the line of level"]),
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
        ({"low": 19.99}, ["axes 1, y axis: limits are 19.99"]),
        ({"marks": False}, ["line on the axes is gone", "shape on the axes is gone"]),
    ],
    "uneven": [
        ({"factor": 1.001}, ["uneven image: value["]),
        ({"end": 4.004}, ["uneven image: x[2] is 4.004"]),
        ({"vmax": 3.0}, ["uneven image: norm[1] is 3"]),
    ],
    "zoomed": [
        ({"at": 2.01}, ["axes 1, rectangle: x[0] is 2.01"]),
        ({"end": 4.01}, ["axes 1, rectangle: width[0]"]),
        ({"y": 1.0002}, ["axes 2, line: y["]),
    ],
}

CHANGES = ORDINARY | STATISTICAL | RARE
