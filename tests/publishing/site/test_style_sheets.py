"""The style sheets of the pages, read as text: names of colours and sizes, what is Material's, widths, and rules that nothing wears."""

import ast
import re
from pathlib import Path

import pytest

from labnotes.model import verdicts
from labnotes.report.overlay import axes_style
from labnotes.site.stage import note_page, pictures

PACKAGE = Path(verdicts.__file__).parents[1]
THEME = PACKAGE / "site" / "theme" / "overrides"
ASSETS = THEME / "assets" / "labnotes"
ORDER = ("tokens", "material", "note", "badge", "lists", "claims", "search", "page")
"""In which a page loads them."""

NOTEBOOK = "notebook"
"""What only the pages of notebooks in docs/ load."""

PART = "part"
"""What the pages of a note's parts load after the names of colours and the looks of a note."""

FIGURE = "interactive"
"""What the page of a figure that its library draws loads alone."""

EMBED = "embed"
"""What the page of a figure alone loads after the tokens."""

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS = {name: COMMENT.sub("", (ASSETS / "css" / f"{name}.css").read_text()) for name in (*ORDER, NOTEBOOK, PART)}
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")


def rules(css):
    """Selector and declarations of each rule, those within @media too."""
    return [(" ".join(selector.split()), body) for selector, body in RULE.findall(css)]


def declared(body):
    return [tuple(part.strip() for part in line.split(":", 1)) for line in body.split(";") if ":" in line]


# -- files -------------------------------------------------------------------------------------------------------------------------------


def test_pages_load_every_style_sheet_in_order_and_the_script_as_a_module():
    page = (THEME / "main.html").read_text()
    named = re.search(r"for name in (\(.*?\)) %}<link rel=\"stylesheet\"", page)
    assert named and ast.literal_eval(named[1]) == ORDER
    assert {path.stem for path in (ASSETS / "css").iterdir()} == {*ORDER, NOTEBOOK, PART, FIGURE, EMBED}
    assert f'{{% if page and page.nb_url %}}<link rel="stylesheet" href="{{{{ \'assets/labnotes/css/{NOTEBOOK}.css\' | url }}}}">' in page
    assert '<script type="module" src="{{ \'assets/labnotes/js/main.js\' | url }}">' in page


def test_every_module_of_the_script_is_reached_from_the_first():
    modules = {path.name: path.read_text() for path in (ASSETS / "js").iterdir()}
    reached, left = set(), ["main.js"]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += re.findall(r'(?:from |import\()"\./(\w+\.js)"', modules[name])
    assert reached == set(modules)


@pytest.mark.parametrize("name", CSS)
def test_rules_are_read_as_they_are_written(name):
    assert CSS[name].count("{") == CSS[name].count("}")
    outer = len(re.findall(r"@(?:media|supports)\b", CSS[name]))
    assert len(rules(CSS[name])) == CSS[name].count("{") - outer > 0


# -- tokens ------------------------------------------------------------------------------------------------------------------------------

BASE = dict(declared(next(body for selector, body in rules(CSS["tokens"]) if selector == ":root")))
TOKENS = {name: value for name, value in BASE.items() if name.startswith("--")}


def test_a_token_is_defined_once_and_only_for_contrast_and_paper_anew():
    first = [name for name, _ in declared(CSS["tokens"].split(":root", 1)[1].split("{", 1)[1].split("}")[0]) if name.startswith("--")]
    assert len(first) == len(set(first)) > 20
    for media, block in re.findall(r"@media ([^{]+) \{(.*?)\n\}", CSS["tokens"], re.DOTALL):
        anew = [name for _, body in rules(block) for name, _ in declared(body) if name.startswith("--")]
        assert not anew or media in ("(prefers-contrast: more)", "print"), media
        assert len(anew) == len(set(anew)) and set(anew) <= set(first), media
    elsewhere = [name for css in CSS if css != "tokens" for name in re.findall(r"(--ln-[\w-]+)\s*:", CSS[css])]
    assert elsewhere == []


def test_every_token_is_used_and_every_one_used_is_defined():
    used = set(re.findall(r"var\((--ln-[\w-]+)", "".join(CSS.values())))
    of_figures = {name for name in TOKENS if name.startswith("--ln-fig-")}  # for the widgets of notes
    assert used == set(TOKENS) - of_figures and len(of_figures) == 6


def test_widgets_of_this_lab_use_no_other():
    named = {name for path in Path(__file__).parents[3].glob("notes/*/widget.js") for name in re.findall(r"--ln-[\w-]+", path.read_text())}
    assert named
    assert named <= set(TOKENS)


COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|\b(?:white|black|red|green|blue|gr[ae]y|orange)\b"
)


@pytest.mark.parametrize("name", [name for name in CSS if name != "tokens"])
def test_no_colour_stands_outside_the_tokens(name):
    values = [value for _, body in rules(CSS[name]) for _, value in declared(body)]
    assert values
    assert [value for value in values if COLOUR.search(re.sub(r'var\([^)]*\)|"[^"]*"', "", value))] == []


# -- Material ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CSS if name != "material"])
def test_only_one_file_names_what_is_materials(name):
    assert re.findall(r"\.md-[\w-]+|\[data-md[\w-]*|--md-[\w-]+", CSS[name]) == []


def test_that_file_does():
    assert len(re.findall(r"\.md-[\w-]+", CSS["material"])) > 20


IMPORTANT = {"material": 3, "page": 4}
"""How often a file says it, with a comment why."""


def test_what_is_important_is_counted():
    said = {name: css.count("!important") for name, css in CSS.items() if "!important" in css}
    assert said == IMPORTANT
    for name in said:
        assert "!important" in "".join(COMMENT.findall((ASSETS / "css" / f"{name}.css").read_text()))


# -- widths ------------------------------------------------------------------------------------------------------------------------------

WIDTHS = {"45em", "60em", "76.25em"}


def test_there_are_three_widths_at_which_a_page_changes():
    found = [condition for css in CSS.values() for condition in re.findall(r"@media ([^{]+)", css) if "width" in condition]
    assert {width for condition in found for width in re.findall(r"[\d.]+em", condition)} == WIDTHS
    for condition in found:
        assert re.fullmatch(r"\(width (<|>=) [\d.]+em\) ", condition), condition


# -- what the rules are for --------------------------------------------------------------------------------------------------------------


def written():
    """Names of classes that templates, Python and the script may write."""
    paths = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".j2", ".html", ".js") and path.is_file()]
    names = {name for path in paths for name in re.findall(r"(?<![\w-])(?:ln|v)-[a-z0-9-]+", path.read_text())}
    words = [*(verdict.value for verdict in verdicts.Verdict), note_page.RUN_FAILED, note_page.NOT_RERUN]
    names |= {f"v-{word.replace(' ', '-')}" for word in words}
    names |= {f"ln-tone-{tone.value}" for tone in verdicts.ResultTone}
    names |= {*re.findall(r"\.(ln-[a-z-]+)", (PACKAGE.parents[1] / "docs" / "writing.md").read_text())}  # for the pages of a lab's authors
    return names | {"ln-left", "ln-right"}  # alignment of MathML's cells: "ln-" and the word of the source


def test_every_class_of_ours_that_a_rule_names_is_written_somewhere():
    named = {name for css in CSS.values() for selector, _ in rules(css) for name in re.findall(r"\.((?:ln|v)-[\w-]+)", selector)}
    assert len(named) > 100
    assert named - written() == set()


# -- the same colours elsewhere ----------------------------------------------------------------------------------------------------------

LIGHT_DARK = re.compile(r"light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)")
PALETTE = {name.removeprefix("--ln-"): match.groups() for name, value in TOKENS.items() if (match := LIGHT_DARK.fullmatch(value))}

APART = {"rule": ("#d9dad6", "#33373d"), "wash": ("#f3f3ef", "#1f2226")}
"""What the report has a shade of its own for."""


def test_the_report_of_a_check_has_the_colours_of_the_site():
    text = (PACKAGE / "report" / "report.html.j2").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", line)) for line in re.findall(r":root \{(.*?)\}", text)[:2])
    assert set(light) == set(dark) > {"paper", "ink", "link"}
    assert {name: (light[name], dark[name]) for name in light} == {name: APART.get(name, PALETTE[name]) for name in light}


def test_a_picture_on_a_dark_page_has_the_paper_and_the_inks_of_that_page():
    turned = pictures.DARK
    for name in ("ink", "ink-2", "edge", "paper", "none"):
        light, dark = PALETTE[name]
        assert turned[light] == dark, name


def test_figures_in_our_style_are_drawn_in_colours_that_have_a_partner_in_the_dark():
    text = (PACKAGE / "style.mplstyle").read_text()
    drawn = {f"#{colour}" for colour in re.findall(r"\b[0-9a-f]{6}\b", re.sub(r"^#.*", "", text, flags=re.MULTILINE))}
    assert drawn <= set(pictures.DARK)
    roles = dict(re.findall(r"^([\w.]+): ([0-9a-f]{6})$", text, re.MULTILINE))
    assert f"#{roles['text.color']}" == PALETTE["ink"][0]
    assert f"#{roles['axes.labelcolor']}" == f"#{roles['xtick.labelcolor']}" == PALETTE["ink-2"][0]
    assert f"#{roles['axes.edgecolor']}" == f"#{roles['xtick.color']}" == PALETTE["edge"][0]
    assert re.search(r"cycler\('color', \['(\w+)'", text)[1] == PALETTE["link"][0].removeprefix("#")


def test_an_overlay_is_drawn_on_the_paper_of_the_site_and_observed_in_its_link_colour():
    assert PALETTE["paper"][0] == axes_style.PAPER
    assert PALETTE["link"][0] == axes_style.OBSERVED
