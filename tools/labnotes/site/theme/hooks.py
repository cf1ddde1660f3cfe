"""Spares the site builder work that no page shows. Without it every page is the same, only later.

Lists of notes are made of front matter. Material's blog renders the whole text of each note again for every list that it stands in: at 1,000
notes most of a build.
"""

from material.plugins.blog.structure import Excerpt


def _no_text(excerpt, page, separator):
    excerpt.content = ""


def on_startup(**_):
    Excerpt.render = _no_text
