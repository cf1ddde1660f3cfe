"""Each figure of the corpus as a record holds it, drawn once whichever tests and processes ask for it.

The environment variable FIGURE_READINGS names the folder that processes share; without it each draws for itself.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

from figure_corpus import CHANGES, DRAWINGS
from figure_corpus.rare import plt
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData


def recorded_figure(fig: Any) -> Figure:
    """A drawing as it is read back from its record; it is closed."""
    return as_figure(_read_data(fig))


def as_figure(data: Any) -> Figure:
    return Figure("f", 1, "c", "a", decode_value(FigureData, data))


@functools.cache
def corpus_figure(name: str, change: int | None = None) -> Figure:
    """A figure of the corpus as a record holds it, as it is or with one of its changes of science."""
    kept = _kept_reading(name, change)
    if kept is not None and kept.exists():
        return as_figure(json.loads(kept.read_text(encoding="utf-8")))
    data = _read_data(DRAWINGS[name](**(CHANGES[name][change][0] if change is not None else {})))
    keep_reading(name, change, json.dumps(data, allow_nan=False))
    return as_figure(data)


def keep_reading(name: str, change: int | None, text: str) -> None:
    """Keep what was read of a figure of the corpus, as JSON, for whoever asks for it."""
    kept = _kept_reading(name, change)
    if kept is not None:
        new = kept.with_suffix(f".{os.getpid()}")
        new.write_text(text, encoding="utf-8")
        new.replace(kept)


def _kept_reading(name: str, change: int | None) -> Path | None:
    folder = os.environ.get("FIGURE_READINGS")
    return Path(folder) / f"{name}-{change}.json" if folder else None


def _read_data(fig: Any) -> Any:
    data = json.loads(json.dumps(encode_value(figure_reader.read_figure(fig)), allow_nan=False))
    plt.close(fig)
    return data
