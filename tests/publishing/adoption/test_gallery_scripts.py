"""Scripts of sphinx-gallery as percent scripts in Markdown."""

import re

from labnotes.adoption import gallery_scripts

SCRIPT = '''"""
======================
Iris in *two* ways
======================

See :ref:`the guide <iris_guide>` and :class:`~sklearn.svm.SVC`, or `the page <https://example.org>`_.
The bound is :math:`x^2`.

.. note::

   Mind the ``scale``.

"""

# Authors: The developers
# SPDX-License-Identifier: BSD-3-Clause

# %%
# Load the data
# -------------
#
# There are 150 flowers::
#
#     X, y = load()
#
# .. math:: a = b

import numpy as np

x = 1

##############################################################################
# Second part

y = 2
# %%
z = 3
'''


def test_a_gallery_script_is_known_by_its_title():
    assert gallery_scripts.is_gallery_script(SCRIPT)
    assert not gallery_scripts.is_gallery_script('"""A module."""\nx = 1\n')
    assert not gallery_scripts.is_gallery_script("# %% [markdown]\n# Text\n")


def test_text_and_code_are_cells_and_the_text_is_markdown():
    made = gallery_scripts.as_percent_script(SCRIPT)
    assert made == (
        "# %% [markdown]\n# # Iris in *two* ways\n#\n"
        "#\n# See the guide and `SVC`, or [the page](https://example.org).\n# The bound is $x^2$.\n#\n#\n# > **Note.**\n# > Mind the `scale`.\n\n"
        "# %%\n# Authors: The developers\n# SPDX-License-Identifier: BSD-3-Clause\n\n"
        "# %% [markdown]\n# # Load the data\n#\n#\n# There are 150 flowers:\n#\n# ```\n# X, y = load()\n# ```\n#\n#\n# $$\n# a = b\n# $$\n\n"
        "# %%\nimport numpy as np\n\nx = 1\n\n"
        "# %% [markdown]\n# Second part\n\n"
        "# %%\ny = 2\n\n"
        "# %%\nz = 3\n"
    )


def test_what_goes_over_the_end_of_a_line_is_read_whole():
    text = """
See `the page
<https://example.org>`_, :func:`cross_val_score
<sklearn.cv>`, `Ames Housing`_, :doi:`a paper <10.1/x>` and [1]_.

.. _Ames Housing: https://example.org/ames

.. topic:: References

   * `A long
     title <https://example.org/t>`_

.. [1] The first.

::

    ``code`` `as it is`_
"""
    made = gallery_scripts.markdown_from_rst(text)
    assert re.split(r"\n\n+", made) == [
        "See [the page](https://example.org), `cross_val_score`, [Ames Housing](https://example.org/ames), [a paper](https://doi.org/10.1/x) and \\[1].",
        "> **Topic.** References\n> * [A long title](https://example.org/t)",
        "\\[1] The first.",
        "```\n``code`` `as it is`_\n```",
    ]


def test_code_after_a_block_that_is_marked_as_text_is_code():
    script = '"""\nTitle\n=====\n"""\n# %% [markdown]\n# Some *words*.\n\nfrom math import pi\n\n# %%\nprint(pi)\n'
    assert gallery_scripts.is_gallery_script(script)
    made = gallery_scripts.as_percent_script(script)
    assert made == "# %% [markdown]\n# # Title\n\n# %% [markdown]\n# Some *words*.\n\n# %%\nfrom math import pi\n\n# %%\nprint(pi)\n"
