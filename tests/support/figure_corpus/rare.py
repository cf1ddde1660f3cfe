"""Figures of the rarer kinds, and ordinary ones in unusual ways."""

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib import patches
from matplotlib.collections import PatchCollection
from matplotlib.tri import Triangulation

SIDE = np.linspace(-2, 2, 13)
GX, GY = np.meshgrid(SIDE, SIDE)
FIELD = np.exp(-(GX**2) - GY**2) + 0.3 * GX
POINTS = np.random.default_rng(0).normal(size=(200, 2))
GROUPS = [POINTS[:40, 0], POINTS[40:80, 0] + 1, POINTS[80:120, 1] * 2]
NET = np.column_stack([np.cos(np.arange(12) * 2.4), np.sin(np.arange(12) * 2.4)]) * np.sqrt(np.arange(12.0))[:, None]
TURN = np.linspace(0, 2 * np.pi, 20)
X = np.linspace(1, 10, 10)


def contour(factor=1.0, levels=(0.0, 0.2, 0.4, 0.6), labels=None, colors=None, bar=False):
    fig, ax = plt.subplots()
    drawn = ax.contour(GX, GY, FIELD * factor, levels=levels, colors=colors)
    if labels:
        ax.clabel(drawn, fmt=labels)
    if bar:
        fig.colorbar(drawn)
    return fig


def labelled_contour(factor=1.0, levels=(0.0, 0.2, 0.4, 0.6), labels="%.1f"):
    return contour(factor, levels, labels)


def contour_bar(levels=(0.0, 0.2, 0.4, 0.6), lines=True, at=0.3):
    fig, ax = plt.subplots()
    bar = fig.colorbar(ax.contourf(GX, GY, FIELD, levels=levels), label="density")
    drawn = ax.contour(GX, GY, FIELD, levels=levels[1:], colors="k")
    if lines:
        bar.add_lines(drawn)
    bar.ax.axhline(at, color="r")
    bar.ax.plot([0.5], [at + 0.1], "o")
    return fig


def filled_contour(factor=1.0, levels=(-0.6, 0.0, 0.4, 1.0), extend="neither", hatches=(None,), vmax=None):
    fig, ax = plt.subplots()
    ax.contourf(GX, GY, FIELD * factor, levels=levels, extend=extend, hatches=hatches, vmax=vmax)
    return fig


def hatched(hatches=(None, "//", "xx")):
    fig, ax = plt.subplots()
    ax.contourf(GX, GY, FIELD, levels=(-0.6, 0.0, 0.4, 1.0), hatches=hatches, alpha=0)
    return fig


def box(moved=0.0, names=("a", "b", "c"), notch=False, filled=False, widths=0.5):
    fig, ax = plt.subplots()
    ax.boxplot([GROUPS[0] + moved, *GROUPS[1:]], notch=notch, patch_artist=filled, widths=widths)
    ax.set_xticks([1, 2, 3], names)
    return fig


def filled_box(moved=0.0, names=("a", "b", "c"), notch=False, widths=0.5):
    return box(moved, names, notch, True, widths)


def violin(moved=0.0, medians=True, positions=(1, 2, 3)):
    fig, ax = plt.subplots()
    ax.violinplot([GROUPS[0] * (1 + moved), *GROUPS[1:]], positions, showmedians=medians)
    return fig


def hexbin(dropped=0, size=8, bins=None, vmax=None):
    fig, ax = plt.subplots()
    kept = POINTS[dropped:]
    fig.colorbar(ax.hexbin(kept[:, 0], kept[:, 1], gridsize=size, extent=(-3, 3, -3, 3), bins=bins, vmax=vmax))
    return fig


def log_hexbin(dropped=0, size=6, mincnt=1, end=2.0):
    fig, ax = plt.subplots()
    x, y = np.exp(POINTS[dropped:]).T
    ax.hexbin(x, y, gridsize=size, xscale="log", yscale="log", mincnt=mincnt, marginals=True, extent=(-2, end, -2, 2))
    return fig


def hist2d(dropped=0, bins=6, high=3.0):
    fig, ax = plt.subplots()
    ax.hist2d(*POINTS[dropped:].T, bins=bins, range=[(-3, high), (-3, 3)])
    return fig


def pcolor(factor=1.0, edge=2.0, vmax=None):
    fig, ax = plt.subplots()
    side = np.array([-2, -1, 0, 1, edge])
    ax.pcolor(side, side, FIELD[:4, :4] * factor, vmax=vmax)
    return fig


def polar(moved=0.0, direction=1, zero="E", scattered=1.0, bar=1.0, rmax=None, names=None):
    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    ax.plot(TURN, 2 + np.cos(3 * TURN) * (1 + moved), label="rose")
    ax.scatter(TURN[:5], np.full(5, scattered), label="runs")
    ax.bar(TURN[:4], [1, 2, 3, bar], width=0.2, label="counts")
    ax.fill_between(TURN, 1, 1.5, alpha=0.2)
    ax.set_theta_direction(direction)
    ax.set_theta_zero_location(zero)
    ax.set_rmax(rmax) if rmax else None
    if names:
        ax.set_xticks([0, np.pi], names)
    ax.legend()
    return fig


def secondary(factor=2.0, label="other unit", ticks=None, y=False, shift=0.0):
    fig, ax = plt.subplots()
    ax.plot(X, X**2)
    add = ax.secondary_yaxis if y else ax.secondary_xaxis
    other = add("right" if y else "top", functions=(lambda v: v * factor + shift, lambda v: (v - shift) / factor))
    other.set_xlabel(label) if not y else other.set_ylabel(label)
    if ticks:
        other.set_xticks(range(1, 1 + len(ticks)), ticks)
    return fig


def pie(sizes=(5, 3, 2), names=("a", "b", "c"), ring=None, radius=1.0, startangle=0, legend=("a", "b", "c"), shadow=False):
    fig, ax = plt.subplots()
    made = ax.pie(sizes, labels=names, radius=radius, startangle=startangle, autopct="%.0f%%", shadow=shadow, wedgeprops={"width": ring})
    wedges = made[0] if isinstance(made, tuple) else made.wedges
    ax.legend(wedges, legend)
    return fig


def stacked(factor=1.0, names=("a", "b"), baseline="zero"):
    fig, ax = plt.subplots()
    ax.stackplot(X, X * factor, X**1.5, labels=names, baseline=baseline)
    ax.legend()
    return fig


def sideways(factor=1.0, label="95 %", step=None):
    fig, ax = plt.subplots()
    ax.fill_betweenx(X, X - factor, X + 1, label=label, step=step)
    return fig


def shaded(end=4.0, along="x"):
    """Bands, lines and points that stand along one axis, in shares of the axes along the other."""
    fig, ax = plt.subplots()
    ax.plot(X, X)
    ax.fill_between([2, end], 0, 1, transform=ax.get_xaxis_transform(), alpha=0.2)
    ax.vlines([2, end], 0, 0.5, transform=ax.get_xaxis_transform())
    ax.scatter([2, end], [0.02, 0.02], transform=ax.get_xaxis_transform())
    return fig


def events(moved=0.0, orientation="horizontal", offset=1.0, length=1.0):
    fig, ax = plt.subplots()
    ax.eventplot([np.array([1, 2 + moved, 4.0]), [2.0, 3.0]], orientation=orientation, lineoffsets=[offset, 3], linelengths=length)
    return fig


def quiver(u=1.0, x=0.0, pivot="tail", key=1.0, coloured=False, units=None):
    fig, ax = plt.subplots()
    more = {"angles": "xy", "scale_units": "xy", "scale": units} if units else {}
    along, across = np.cos(GX[::4, ::4]), np.sin(GY[::4, ::4])
    along[0, 0] *= u
    drawn = ax.quiver(GX[::4, ::4] + x, GY[::4, ::4], along, across, *([along] if coloured else []), pivot=pivot, **more)
    ax.quiverkey(drawn, 0.9, 1.05, key, "1 m/s")
    return fig


def coloured_quiver(u=1.0, x=0.0, units=1.0):
    return quiver(u, x, coloured=True, units=units)


def stream(factor=1.0, density=0.4, start=None):
    fig, ax = plt.subplots()
    ax.streamplot(SIDE, SIDE, np.cos(GX) * factor, np.sin(GY) + GX, density=density, start_points=start)
    return fig


def barbs(u=20.0, x=1.0, increments=None):
    fig, ax = plt.subplots()
    ax.barbs([x, 2.0, 3.0], [1.0, 2.0, 3.0], [u, 40, 60], [5, 10, 20], barb_increments=increments or {})
    return fig


def space_lines(moved=0.0, label="path", z=1.0, zlabel="height", zlim=None):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.plot(np.cos(TURN) + moved, np.sin(TURN), TURN * z, label=label)
    ax.text(0, 0, z, "start")
    ax.text2D(0, 1, "panel", transform=ax.transAxes)
    ax.set(xlabel="a", ylabel="b", zlabel=zlabel)
    ax.set_zlim(zlim) if zlim else None
    ax.legend()
    return fig


def space_scatter(moved=0.0, size=2.0, value=1.0, coloured=True):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    places = np.column_stack([POINTS[:12], np.arange(12.0)])
    places[5, 2] += moved
    sizes = np.arange(1.0, 13)
    sizes[1] = size
    ax.scatter(*places.T, s=sizes, c=[value, *range(2, 13)] if coloured else ["r", "b"] * 6, label="runs")
    return fig


def coloured_space_scatter(moved=0.0, size=2.0):
    return space_scatter(moved, size, coloured=False)


def surface(factor=1.0, x=0.0, coloured=True, vmax=None):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.plot_surface(GX[:5, :6] + x, GY[:5, :6], FIELD[:5, :6] * factor, cmap="viridis" if coloured else None, vmax=vmax)
    return fig


def plain_surface(factor=1.0, x=0.0):
    return surface(factor, x, coloured=False)


def wireframe(factor=1.0, x=0.0, stride=2):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.plot_wireframe(GX + x, GY, FIELD * factor, rstride=stride, cstride=stride)
    return fig


def space_bars(height=3.0, x=0.0, width=0.5):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.bar3d([x, 1, 2], [0, 1, 2], 0, width, width, [1, 2, height])
    return fig


def space_triangles(factor=1.0, x=0.0, dropped=0):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.plot_trisurf(NET[dropped:, 0] + x, NET[dropped:, 1], np.arange(dropped, 12.0) * factor)
    return fig


def space_contour(factor=1.0, levels=(0.0, 0.2, 0.4), offset=None):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.contour(GX, GY, FIELD * factor, levels=levels, offset=offset)
    return fig


def table(cell="3", columns=("n", "rate"), rows=("a", "b")):
    fig, ax = plt.subplots()
    ax.table([["1", "2"], [cell, "4"]], colLabels=columns, rowLabels=rows)
    return fig


def shapes(radius=1.0, angle=30.0, theta=90.0, width=2.0, corner=1.0, label="cell"):
    fig, ax = plt.subplots()
    ax.plot([0, 10], [0, 10])
    ax.add_patch(patches.Circle((2, 2), radius, label=label))
    ax.add_patch(patches.Ellipse((5, 5), width, 1, angle=angle))
    ax.add_patch(patches.Arc((5, 5), 4, 4, theta1=0, theta2=theta))
    ax.add_patch(patches.Wedge((8, 2), 1, 0, theta))
    ax.add_patch(patches.RegularPolygon((2, 8), 5, radius=radius))
    ax.add_patch(patches.FancyBboxPatch((7, 7), width, 1))
    ax.add_patch(patches.PathPatch(mpl.path.Path([(1, 1), (corner, 2), (2, 1), (0, 0)], [1, 3, 3, 79])))
    ax.add_patch(patches.Annulus((6, 2), 1.5, 0.5))
    return fig


def arrows(x=1.0, dx=2.0, style="->", label="force"):
    fig, ax = plt.subplots()
    ax.plot([0, 10], [0, 10])
    ax.arrow(x, 1, dx, 1, width=0.1, label="push")
    ax.add_patch(patches.FancyArrowPatch((x, 5), (x + dx, 6), arrowstyle=style, mutation_scale=10, label=label))
    return fig


def joined(x=2.0, between=1):
    """A line from one pair of axes to another, and one on the figure itself."""
    fig, axes = plt.subplots(1, 3)
    for ax in axes:
        ax.plot([0, 5], [0, 5])
    fig.add_artist(patches.ConnectionPatch((x, 2), (3, 3), "data", "data", axesA=axes[0], axesB=axes[between]))
    fig.add_artist(plt.Line2D([0.5, 0.5], [0.1, 0.9]))
    return fig


def regions(corner=1.0, value=1.0, vmax=3.0):
    fig, ax = plt.subplots()
    collection = PatchCollection([patches.Polygon([(0, 0), (corner, 0), (0, 1)]), patches.Rectangle((2, 2), 1, 1)])
    collection.set_array(np.array([value, 3.0]))
    collection.set_clim(0, vmax)
    ax.add_collection(collection)
    ax.set(xlim=(0, 4), ylim=(0, 4))
    return fig


def triangulated(factor=1.0, levels=(2.0, 5.0, 8.0), filled=False, x=0.0):
    fig, ax = plt.subplots()
    (ax.tricontourf if filled else ax.tricontour)(NET[:, 0] + x, NET[:, 1], np.arange(12.0) * factor, levels=levels)
    return fig


def filled_triangulated(factor=1.0, levels=(2.0, 5.0, 8.0), x=0.0):
    return triangulated(factor, levels, filled=True, x=x)


def tripcolor(factor=1.0, x=0.0, shading="flat", vmax=None):
    fig, ax = plt.subplots()
    ax.tripcolor(NET[:, 0] + x, NET[:, 1], np.arange(12.0) * factor, shading=shading, vmax=vmax)
    return fig


def smooth_tripcolor(factor=1.0, x=0.0, vmax=None):
    return tripcolor(factor, x, "gouraud", vmax)


def triplot(x=0.0, style="-o", label="net"):
    fig, ax = plt.subplots()
    moved = NET.copy()
    moved[5, 0] += x
    ax.triplot(Triangulation(*moved.T, Triangulation(*NET.T).triangles), style, label=label)
    return fig


def endless(slope=2.0, at=1.0, label="fit"):
    fig, ax = plt.subplots()
    ax.plot([0, 5], [0, 5])
    ax.axline((0, at), slope=slope, label=label)
    ax.axline((0, 0), (1, at), label="diagonal")
    return fig


def broken(size=0.02, low=20.0, marks=True):
    """Two pairs of axes that show one broken axis, with its diagonal marks in shares of the axes."""
    fig, (upper, lower) = plt.subplots(2, 1, sharex=True)
    for ax, limits in ((upper, (low, 30)), (lower, (0, 5))):
        ax.plot(X, X**1.4)
        ax.set_ylim(limits)
    if marks:
        upper.plot([-size, size], [-size, size], transform=upper.transAxes, color="k", clip_on=False)
        lower.plot([0, 1], [1, 1], transform=lower.transAxes, marker=[(-1, -0.5), (1, 0.5)], linestyle="none", color="k", clip_on=False)
        lower.add_patch(patches.Rectangle((1 - size, 1 - size), size, size, transform=lower.transAxes))
    return fig


def uneven(factor=1.0, end=4.0, vmax=None):
    fig, ax = plt.subplots()
    image = mpl.image.NonUniformImage(ax, extent=(0, 4, 0, 4))
    image.set_data([0, 1, end], [0, 2, 3], (FIELD[:3, :3] + 1) * factor)
    image.set_clim(0, vmax)
    ax.add_image(image)
    return fig


def zoomed(at=2.0, end=4.0, y=1.0):
    fig, ax = plt.subplots()
    ax.plot(X, X)
    inner = ax.inset_axes([0.6, 0.1, 0.3, 0.3], xlim=(at, end), ylim=(at, end))
    inner.plot(X, X * y)
    ax.indicate_inset_zoom(inner)
    return fig


DRAWINGS = [
    contour, labelled_contour, contour_bar, filled_contour, hatched, box, filled_box, violin, hexbin, log_hexbin, hist2d, pcolor, polar,
    secondary, pie, stacked, sideways, shaded, events, quiver, coloured_quiver, stream, barbs, space_lines, space_scatter,
    coloured_space_scatter, surface, plain_surface, wireframe, space_bars, space_triangles, space_contour, table, shapes, arrows, joined,
    regions, triangulated, filled_triangulated, tripcolor, smooth_tripcolor, triplot, endless, broken, uneven, zoomed,
]  # fmt: skip
