"""What is mended in an adopted notebook, and what is told of it."""

import base64
import time
from dataclasses import replace

import pytest

from foreign_notebooks import draft_with, sources
from labnotes.adoption import mends

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def mended_texts(*texts, folder=None, **files):
    draft = draft_with(*(("text", text) for text in texts), **({"folder": folder} if folder else {}))
    mends.mend_draft(draft)
    return draft


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("# T\n\n# A\n## B\n# C",), ["# T\n\n## A\n### B\n## C"]),
        (("# T", "### A", "##### B", "### C"), ["# T", "## A", "### B", "## C"]),
        (("# T", "## A\n### B"), ["# T", "## A\n### B"]),
        (("# T", "A\n=\n\nText\n\nB\n---"), ["# T", "## A\n\n\nText\n\n### B\n"]),
        (("# T", "<h1>A</h1>"), ["# T", "<h2>A</h2>"]),
        (("# T", "```\n# no heading\n```\n# A"), ["# T", "```\n# no heading\n```\n## A"]),
        (("Words", "# A"), ["Words", "## A"]),
    ],
)
def test_headings_move_below_the_title_and_keep_their_order(texts, expected):
    draft = mended_texts(*texts)
    assert sources(draft) == expected
    assert bool(draft.mended) == (list(texts) != expected)


def test_a_moved_heading_is_told_by_its_cell():
    [told] = mended_texts("# T", "# A").mended
    assert (told.where, told.what) == ("text cell 2", "moved to fit below the title: A (# to ##)")


def test_pasted_pictures_and_pictures_in_text_become_files():
    draft = draft_with(
        ("text", "![a](attachment:My%20Shot.png)"), ("text", f"![b](data:image/png;base64,{base64.b64encode(PICTURE).decode()})")
    )
    pasted = {"My Shot.png": {"image/png": base64.b64encode(PICTURE + b"1").decode()}}
    draft.cells[0] = replace(draft.cells[0], attachments=pasted)
    mends.mend_draft(draft)
    assert sources(draft) == ["![a](my-shot.png)", "![b](picture.png)"]
    assert draft.files == {"my-shot.png": PICTURE + b"1", "picture.png": PICTURE}
    assert not draft.cells[0].attachments


def test_two_pictures_of_one_name_are_two_files():
    pictures = [base64.b64encode(PICTURE + sign).decode() for sign in (b"1", b"2")]
    draft = mended_texts(*(f"![b](data:image/png;base64,{picture})" for picture in pictures))
    assert sources(draft) == ["![b](picture.png)", "![b](picture-2.png)"]


def test_pictures_beside_the_notebook_come_along_and_get_words(tmp_path):
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "Pic.PNG").write_bytes(PICTURE)
    draft = mended_texts("![](img/pic.png) <img src='img/Pic.PNG' width=\"40\">", folder=tmp_path)
    assert draft.files == {"img/Pic.PNG": tmp_path / "img" / "Pic.PNG"}
    words = "To fill in: what Pic.PNG shows"
    assert sources(draft) == [f'![{words}](img/Pic.PNG) <img src="img/Pic.PNG" alt="{words}" width="40">']
    assert [told.what for told in draft.remaining] == ["the picture img/Pic.PNG has no words for who cannot see it"] * 2


def test_pictures_from_elsewhere_are_links_and_badges_their_words():
    draft = mended_texts(
        "[![Open In Colab](https://x.org/badge.svg)](https://colab.research.google.com/n) ![plot](https://x.org/a.png) "
        '<a href="https://x.org"><img src="https://x.org/b.svg"/></a> <img src="//x.org/my_plot.png" alt="A & B">'
    )
    assert sources(draft) == [
        "[Open In Colab](https://colab.research.google.com/n) [plot](https://x.org/a.png) "
        '<a href="https://x.org">b</a> <a href="//x.org/my_plot.png">A &amp; B</a>'
    ]


def test_a_picture_that_is_nowhere_is_its_words():
    draft = mended_texts("![the plot](gone.png) and `![code](gone.png)`")
    assert sources(draft) == ["*the plot* and `![code](gone.png)`"]
    assert draft.remaining[0].what == "shows gone.png, which is not there: its words stand in its place"


def test_links_to_what_does_not_come_along_are_words(tmp_path):
    (tmp_path / "data.csv").write_text("a\n1\n")
    (tmp_path / "other.ipynb").write_text("{}")
    draft = mended_texts(
        "[a](data.csv) [b](other.ipynb) [c](gone.html) [d](https://x.org) [e](#the-part) [f](#gone)\n\n## The part", folder=tmp_path
    )
    assert sources(draft) == ["[a](data.csv) b c [d](https://x.org) [e](#the-part) f\n\n## The part"]
    assert list(draft.files) == ["data.csv"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('::: {.callout-note collapse="true"}\nA\n:::', ":::{note}\nA\n:::"),
        ("::: {.panel-tabset}\n:::: {.callout-tip}\nA\n::::\nB\n:::", ":::{tip}\nA\n:::\nB"),
        ("::: {#fig-x}\nA", "A"),
        ("A\n:::", "A"),
        (":::{note}\nA\n:::", ":::{note}\nA\n:::"),
    ],
)
def test_divisions_of_quarto_are_admonitions_or_what_is_in_them(text, expected):
    assert sources(mended_texts(text)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<style>\np {}\n</style>\nText <iframe src="https://x.org/v"></iframe>', '\nText <a href="https://x.org/v">https://x.org/v</a>'),
        ("A <SCRIPT>x()</script> b <link rel=x> c <script>d", "A  b  c d"),
        ("`<script>` and\n```\n<style>a</style>\n```", "`<script>` and\n```\n<style>a</style>\n```"),
        ("<embed src=a> text <embed src=b></embed> more", " text  more"),
    ],
)
def test_styles_scripts_and_frames_leave_the_text(text, expected):
    assert sources(mended_texts(text)) == [expected]


@pytest.mark.parametrize(
    "unit",
    ["<iframe src=a>", *(pytest.param(unit, marks=pytest.mark.slow) for unit in ("<style>", "`a` ![x](y) ", "<script></style>", "[a]("))],
)
def test_mending_takes_time_by_the_length_of_the_text_alone(unit):
    """Unclosed elements took the square of it: 12 s for these."""
    draft = draft_with(("text", unit * 20_000))
    before = time.process_time()
    for mend in (mends._mend_active_html, mends._mend_pictures, mends._mend_links):
        mend(draft.cells[0].source, mends._Reader(draft, 0))
    assert time.process_time() - before < 6


def test_braces_and_citations_that_mean_nothing_are_text():
    draft = mended_texts("Use {{ x }} as in [@ada2020], not `{{ y }}`.")
    assert sources(draft) == ["Use \\{{ x }} as in \\[@ada2020], not `{{ y }}`."]


def test_a_cell_that_shows_an_error_on_purpose_may_raise():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []}
    draft = draft_with(("code", "fail()"), ("code", "x"), ("code", "fail()"))
    draft.cells = [replace(cell, outputs=(error,) if cell.source == "fail()" else ({"output_type": "stream"},)) for cell in draft.cells]
    mends.mend_draft(draft)
    assert [cell.metadata.get("tags") for cell in draft.cells] == [["raises-exception"], None, None]
    assert draft.mended[0].where == "cell 1"


def test_what_installs_packages_is_a_comment():
    draft = draft_with(
        ("code", "!pip install -q numpy 'pandas>=2' # now\nimport numpy"),
        ("code", "if COLAB:\n    %pip install a \\\n        b\nx = 1"),
        ("code", "pip install torch"),
        ("code", "!{sys.executable} -m pip install -r requirements.txt"),
        ("code", "!apt-get install -y ffmpeg"),
        ("code", "print('pip install x')"),
    )
    mends.mend_draft(draft)
    assert sources(draft) == [
        "# in requirements.txt: numpy pandas>=2\nimport numpy",
        "if COLAB:\n    pass  # in requirements.txt: a b\nx = 1",
        "# in requirements.txt: torch",
        "# !{sys.executable} -m pip install -r requirements.txt",
        "# !apt-get install -y ffmpeg",
        "print('pip install x')",
    ]
    assert draft.requirements == ["numpy", "pandas>=2", "a", "b", "torch"]


def test_a_percent_sign_in_math_is_one_and_begins_no_comment():
    draft = draft_with(("text", "It is $100-52.2=47.8%$, $11 \\%$ or 12 %, `$5%$`.\n\n$$\na % said\n+ b %\n+ c\n$$"))
    mends.mend_draft(draft)
    assert sources(draft) == ["It is $100-52.2=47.8\\%$, $11 \\%$ or 12 %, `$5%$`.\n\n$$\na \\% said\n+ b %\n+ c\n$$"]
    assert [told.what for told in draft.mended] == ["a percent sign in math begins a comment, so 2 of them have a backslash now"]
