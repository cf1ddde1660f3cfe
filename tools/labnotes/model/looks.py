"""Looks of marks, beside their colour, that can tell marks apart.

A reader records a look of the marks of one kind where it differs between them; what is the same for all is style. In words: the number of each
part's look among those of the figure, in order of appearance, None for the default. In numbers: shares of the largest, "among all" marks of the
kind and "where chosen", which has no number (NaN) for the default.
"""

IN_WORDS = ("edge", "fill", "dash", "hatch", "marker", "class colour")
"""Colour of the edge, whether and how it is filled, dashes of its line, hatch, shape of its markers, colour of each class that it shows."""

ON_MAP = "place on the colour map"
"""Where a colour lies along the colour map that it comes from, from 0 to 1. Which map and its direction are style."""

IN_NUMBERS = ("width", "marker size", "opacity", ON_MAP)

LOOKS = (*IN_WORDS, *IN_NUMBERS)
