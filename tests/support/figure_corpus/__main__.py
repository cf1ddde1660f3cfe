"""Prints what is read of every figure as JSON."""

import json
import sys
import warnings

import matplotlib as mpl
from matplotlib import pyplot as plt

from figure_corpus import DRAWINGS
from labnotes.author.figures.matplotlib import figure_reader as reading
from labnotes.model.encoding import encode_value


def print_readings() -> None:
    readings = {}
    for name, draw in DRAWINGS.items():
        fig = draw()
        readings[name] = encode_value(reading.read_figure(fig))
        plt.close(fig)
    json.dump({"matplotlib": mpl.__version__, "figures": readings}, sys.stdout)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_readings()
