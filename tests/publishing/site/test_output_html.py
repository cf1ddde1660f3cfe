"""What is published of what a cell displays and prints: colours, words for what is left out, sound, drawings, long and coloured text."""

import base64
import re

import pytest
from lxml import html as lxml_html

from labnotes.site.stage import output_styles, sanitising, terminal_colours
from labnotes.site.stage.published_outputs import publishable_data

STYLER = """<style type="text/css">
#T_1 th { color: navy; }
#T_1_row1_col0, #T_1_row0_col1 { background-color: yellow; }
#T_1_row1_col0 { font-weight: bold; text-align: right; }
#T_1 td.data { background-color: #222; }
#T_1 td:hover { color: red; }
</style>
<table id="T_1"><thead><tr><th>a</th><th>b</th></tr></thead>
<tbody><tr><td id="T_1_row0_col0" class="data">1</td><td id="T_1_row0_col1" class="data">2</td></tr>
<tr><td id="T_1_row1_col0" class="data">3</td><td>4</td></tr></tbody></table>"""


def styles(made, tag):
    return [element.get("style") for element in lxml_html.fromstring(f"<div>{made}</div>").iter(tag)]


def test_rules_of_a_tables_own_style_sheet_stand_at_its_cells():
    made = sanitising.sanitised_output(STYLER)
    assert styles(made, "th") == ["color:light-dark(navy, #8080c0)"] * 2
    first, second, third, last = styles(made, "td")
    assert first == "background-color:#222;color:#ffffff;color-scheme:dark"
    assert second == "background-color:#222;color:#ffffff;color-scheme:dark", "two classes within an id weigh more than an id alone"
    assert set(third.split(";")) == {"background-color:#222", "color:#ffffff", "color-scheme:dark", "font-weight:bold", "text-align:right"}
    assert last is None
    assert "T_1" not in made and "<style" not in made


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("background-color: yellow", "background-color:yellow;color:#1d1f22;color-scheme:light"),
        ("background: #000", "background:#000;color:#ffffff;color-scheme:dark"),
        ("background-color: #111; color: #ddd", "background-color:#111;color:#ddd;color-scheme:dark"),
        ("color: red", "color:light-dark(red, #ff1a1a)"),
        ("color: black", "color:light-dark(black, #999999)"),
        ("color: white", "color:white"),
        ("color: currentcolor", "color:currentcolor"),
        (
            "background: linear-gradient(90deg, red 50%, transparent 50%)",
            "background:linear-gradient(90deg, red 50%, transparent 50%);background-color:#fdfdfb;color:#1d1f22;color-scheme:light",
        ),
        ("background: url(https://example.org/x); color: white", "color:white"),
        ("background: image-set('x.png' 1x)", ""),
        ("}{;;", ""),
    ],
)
def test_colours_of_an_output_are_read_on_light_and_dark_pages(given, made):
    assert output_styles.readable_style(given).replace(": ", ":") == made.replace(": ", ":")


@pytest.mark.parametrize("name", ["navy", "black", "red", "#123456", "darkgreen", "#008080"])
def test_a_colour_of_text_is_lifted_until_it_is_read_on_a_dark_page(name):
    colour = output_styles._opaque_colour(name)
    assert output_styles._contrast(colour, output_styles.DARK_PAPER) < 4.5
    assert output_styles._contrast(output_styles.lifted_colour(colour), output_styles.DARK_PAPER) >= 4.5


ELSEWHERE = "it lies at cdn.example, and a page loads nothing from elsewhere."


ELSEWHERE_SOUND = '<span class="ln-left-out">Sound is not shown: it is not held in the output.</span>'


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('<img src="https://cdn.example/a.png" alt="a cat">', f"A picture (a cat) is not shown: {ELSEWHERE}"),
        ("<img src=//cdn.example/a.png>", f"A picture is not shown: {ELSEWHERE}"),
        ('<img src="photo.png">', "A picture is not shown: the output names the file photo.png and does not hold it."),
        ("<img src='data:text/html,x'>", "A picture is not shown: it is not held in the output."),
        ("<img src='http://[x'>", "A picture is not shown: it is not held in the output."),
        ('<iframe src="https://cdn.example/v"></iframe>', f"A frame is not shown: {ELSEWHERE}"),
        ("<embed src='report.pdf'>", "The element embed is not shown: the output names the file report.pdf and does not hold it."),
        ("<canvas></canvas><script>draw()</script>", "The element canvas is not shown: a script would draw it."),
        ('<audio controls><source src="https://cdn.example/a.mp3"></audio>', f"Sound is not shown: {ELSEWHERE}"),
        ('<video src="clip.mp4"></video>', "A film is not shown: the output names the file clip.mp4 and does not hold it."),
        ("<svg><rect></svg>", "A drawing is not shown: it is no SVG that can be read."),
        ('<img src="#left-out:<script>x</script>">', "A picture is not shown: <script>x</script>."),
    ],
)
def test_words_stand_in_the_place_of_what_is_left_out(given, said):
    made = lxml_html.fromstring(f"<div>before {sanitising.sanitised_output(given)} after</div>")
    assert [element.text for element in made.xpath("//span[@class='ln-left-out']")] == [said]
    assert {element.tag for element in made.iter()} == {"div", "span"}
    assert " ".join(made.text_content().split()) == f"before {said} after"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/", True),
        ("mailto:a@b.org", True),
        ("note.py", False),
        ("#x", False),
        ("data:text/html,x", False),
        ("//a.b", False),
    ],
)
def test_links_of_an_output_lead_to_other_sites_or_nowhere(address, kept):
    assert sanitising.sanitised_output(f'<a href="{address}">x</a>') == (f'<a href="{address}">x</a>' if kept else "<a>x</a>")


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ('<font color="red" size=5 face="Arial">x</font>', '<span style="color:light-dark(red, #ff1a1a);font-size:x-large">x</span>'),
        ("<font>x</font>", "<span>x</span>"),
        ("<FONT COLOR='00ff00' style='color:blue'>x</FONT>", '<span style="color:light-dark(blue, #8080ff)">x</span>'),
        ('<font color="expression(x)">x</font>', "<span>x</span>"),
        ('<p align="center">x</p>', '<p style="text-align:center">x</p>'),
        ('<div title="color=red" bgcolor=#000>x</div>', '<div style="background-color:#000;color:#ffffff;color-scheme:dark">x</div>'),
        (
            '<table align=center><tr bgcolor="ffff00"><td align="right" style="color:blue">x</td></tr></table>',
            '<table class="ln-grid" role="presentation" style="margin-left:auto;margin-right:auto"><tbody>'
            '<tr style="background-color:#ffff00;color:#1d1f22;color-scheme:light"><td style="text-align:right;color:light-dark(blue, #8080ff)">x</td>'
            "</tr></tbody></table>",
        ),
        ("<p title=\"a > b <font color='red'>\">x</p>", "<p>x</p>"),
    ],
)
def test_old_attributes_of_looks_are_styles(given, made):
    assert sanitising.sanitised_output(given) == made


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        (
            "<table><tr><th>a</th></tr></table><table><tr><td>b</td></tr></table>",
            [None, "presentation"],
        ),  # as scikit-learn shows estimators
        ("<table><thead><tr><td>a</td></tr></thead></table>", ["presentation"]),
        ("<table><tr><th></th></tr></table>", ["presentation"]),
        ("<table><tr><td>a", ["presentation"]),
    ],
)
def test_each_table_of_an_output_without_a_header_cell_is_one_of_layout(given, roles):
    made = lxml_html.fromstring(f"<div>{sanitising.sanitised_output(given)}</div>")
    assert [table.get("role") for table in made.xpath("//table")] == roles


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("<form action=/x><label>Name <input name=a></label><button>Go</button></form> end", ["A form is not shown"]),
        ("<form></form> and <form></form> end", ["A form is not shown"] * 2),
        ("<button>Go</button> <input type=range><select><option>1</option></select> end", ["A control is not shown"]),
        ("<input id=a type='checkbox'><label for=a>section</label> end", []),
    ],
)
def test_a_form_of_an_output_is_told_in_its_place(given, told):
    made = lxml_html.fromstring(f"<div>{sanitising.sanitised_output(given)}</div>")
    assert [element.text for element in made.xpath("//span[@class='ln-left-out']")] == [
        f"{what}: a page has nothing to fill in." for what in told
    ]
    assert made.text_content().endswith("end") and not made.xpath("//form | //input | //button | //select")


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("<progress value='3' max='10'></progress> done", "3 of 10  done"),
        ("<meter value=.5></meter>", ".5 of 1 "),
        ("a<progress></progress>", "a"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
        ("<p dir=rtl lang=he>x</p>", '<p dir="rtl" lang="he">x</p>'),
        (
            "<select><option>one</option></select>x",
            '<span class="ln-left-out">A control is not shown: a page has nothing to fill in.</span>x',
        ),
    ],
)
def test_bars_are_their_number_and_direction_and_readings_stay(given, made):
    assert sanitising.sanitised_output(given) == made


def test_sound_and_films_in_an_output_have_controls():
    made = sanitising.sanitised_output(
        '<audio controls="controls" autoplay><source src="data:audio/wav;base64,AAAA" type="audio/wav" />Your browser …</audio>'
        '<video width="30" onplay="x()"><source src="data:video/mp4;base64,BBBB"></video><audio><audio>'
    )
    assert made.startswith('<audio controls src="data:audio/wav;base64,AAAA" aria-label="Sound that the code displayed"></audio>')
    assert '<video controls src="data:video/mp4;base64,BBBB" width="30" aria-label="A film that the code displayed"></video>' in made
    assert "onplay" not in made and "autoplay" not in made and made.count("<audio") == made.count("</audio>") == 1


def test_a_drawing_in_html_is_a_picture_that_runs_nothing():
    made = sanitising.sanitised_output(
        '<p>İ <SVG width="9"><rect width="5" onclick="a()"/><script>b()</script></SVG> after</p>'.replace("SVG", "svg")
    )
    (held,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]*)"', made)
    drawing = base64.b64decode(held).decode()
    assert "<rect" in drawing and "onclick" not in drawing and "script" not in drawing
    assert made.startswith("<p>İ ") and made.endswith(" after</p>")


def test_headings_of_an_output_are_no_sections_and_details_stay():
    made = sanitising.sanitised_output(
        '<h2 id="x" style="color:white">Head</h2><details open ontoggle="x()"><summary>more</summary>inside</details>'
    )
    assert made == '<div class="ln-headline" style="color:white">Head</div><details open=""><summary>more</summary>inside</details>'


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"text/plain": "1"}, {"text/plain": "1"}),
        ({"text/html": "<b>1</b>", "text/plain": "x"}, {"text/html": "<b>1</b>", "text/plain": "x"}),
        ({"text/markdown": "**1**", "text/plain": "<Markdown object>"},) * 2,
        ({"text/html": "<style>p {}</style>", "text/plain": "<IPython.core.display.HTML object>"}, {}),
        ({"text/html": "<script>1</script>", "text/plain": "a chart of 3 bars"}, {"text/plain": "a chart of 3 bars"}),
        ({"application/vnd.jupyter.widget-view+json": "{}", "text/plain": " 50%|##  | 5/10"}, {"text/plain": " 50%|##  | 5/10"}),
        ({"image/png": "AAAA", "text/latex": "$x$"}, {"text/latex": "$x$"}),
        ({"application/json": '{"a": 1}', "text/plain": "<IPython.core.display.JSON object>"}, {"text/plain": '{"a": 1}'}),
    ],
)
def test_of_an_output_that_is_kept_which_jupyter_prefers(data, kept):
    assert publishable_data(data) == kept


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"text/html": "<div id=a></div><script>draw()</script>", "text/plain": "<altair.Chart>"}, "a script makes it"),
        ({"application/javascript": "1", "text/plain": "<IPython.core.display.Javascript object>"}, "a script makes it"),
        ({"application/vnd.jupyter.widget-view+json": "{}"}, "it is a widget"),
        ({"application/pdf": "JVBE", "text/plain": "<PDF object>"}, "a page shows no application/pdf."),
        ({"text/csv": "a,b", "application/x-foo": "1"}, "a page shows no text/csv and no application/x-foo."),
    ],
)
def test_an_output_of_which_nothing_is_left_says_why(data, why):
    assert why in publishable_data(data)["text/html"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<img src="../a/x.png" alt="x">', '<img src="../a/x.png" alt="x">'),
        ('<img src="../a/x.png">', '<img alt="Picture that the code displayed" src="../a/x.png">'),
        ('<video src="../a/x.mp4"></video>', '<video controls src="../a/x.mp4" aria-label="A film that the code displayed"></video>'),
        (
            "<img src=x>",
            '<span class="ln-left-out">A picture is not shown: the output names the file x and does not hold it.</span>',
        ),
        (
            '<textarea><p title="</textarea><img src=x onerror=y()>">',
            '&lt;p title="<span class="ln-left-out">A picture is not shown: the output names the file x and does not hold it.</span>"&gt;',
        ),
        ("<audio src=https://a.example/x></audio>", ELSEWHERE_SOUND),
        ("<p><select><p>x</p></select></p>", "<p></p><p>x</p><p></p>"),
        ('<a href="">x</a>', "<a>x</a>"),
    ],
)
def test_written_outputs_show_files_of_the_page_alone(written, shown):
    assert sanitising.sanitised_written_output(written, "../a/") == shown


@pytest.mark.parametrize("html", ["<p><button><p>x</p></button></p>", "<p><label><p>x</p></label></p>", "<p><object><p>x</p></object></p>"])
def test_a_paragraph_of_an_output_holds_no_other(html):
    made = sanitising.sanitised_output(html)
    assert re.sub(r"<span.*?</span>", "", made).replace("<p></p>", "") == "<p>x</p>"


def test_style_sheets_with_characters_that_no_attribute_may_hold_are_passed_over():
    assert (
        sanitising.sanitised_output("<style>p { color: red; x: \x00\x01\ud83d }</style><p>x</p>".encode(errors="replace").decode())
        == "<p>x</p>"
    )


def test_sound_by_its_mime_type_is_played():
    assert publishable_data({"audio/mpeg": "AAAA", "text/plain": "x"})["text/html"].startswith(
        '<audio controls src="data:audio/mpeg;base64,AAAA"'
    )


# -- printed text ------------------------------------------------------------------------------------------------------------------------


def test_colours_of_printed_text_are_kept_as_classes():
    made = terminal_colours.printed_html("\x1b[31mred\x1b[0m \x1b[1;42mbold\x1b[0m <i> \x1b[38;5;18mnight\x1b[0m\x1b[?25l\n")
    assert '<span class="ansi-red-fg">red</span> <span class="ansi-green-bg ansi-bold">bold</span> &lt;i&gt; ' in made
    assert '<span style="color:light-dark(rgb(0,0,135), #' in made, "one of 256 colours is lifted on a dark page"
    assert "\x1b" not in made


@pytest.mark.parametrize(("count", "folded"), [(1, 0), (30, 0), (31, 1), (2000, 1970)])
def test_printed_text_is_folded_after_thirty_lines(count, folded):
    made = lxml_html.fromstring(f"<div>{terminal_colours.printed_html(chr(10).join(f'line {i}' for i in range(count)) + chr(10))}</div>")
    shown = made.xpath("./pre")[0].text_content().split("\n")
    assert len(shown) == count - folded and shown[0] == "line 0"
    inside = made.xpath("./details")
    assert [details.xpath("./summary")[0].text_content() for details in inside] == (
        [f"{folded:,} more line{'s' if folded > 1 else ''} of {count:,}"] if folded else []
    )
    assert [details.xpath("./pre")[0].text_content().split("\n")[-1] for details in inside] == ([f"line {count - 1}"] if folded else [])


def test_a_colour_goes_on_behind_the_fold():
    made = terminal_colours.printed_html("\x1b[32m" + "x\n" * 40)
    assert made.count('<span class="ansi-green-fg">x') == 2
