"""What the formulas of a note have in common: macros of cells before, numbers of equations, labels and references to them."""

import contextlib
import html
import re
import time

import pytest

from labnotes.source.formulas.mathml import REFERENCE, NoteMath, UnsupportedMath


def set_cells(*cells, macros=None):
    """The MathML of each segment, cell after cell."""
    note = NoteMath(cells, macros or {})
    return [
        [html.unescape(math.to_mathml(segment)) for segment in cell]
        for cell, math in zip(cells, map(note.cell, range(len(cells))), strict=True)
    ]


def shown_tags(made):
    """Id and text of each number at the end of a line."""
    return re.findall('<mtd class="ln-tag"(?: id="([^"]*)")?><mtext>([^<]*)</mtext></mtd>', made)


def drawn_text(made):
    return re.sub("<[^>]*>", "", made)


@pytest.mark.parametrize(
    ("definition", "use", "drawn"),
    [
        (r"$\newcommand{\RR}{\mathbb{R}}$", r"$\RR^n$", "ℝn"),
        (r"$\newcommand\RR{\mathbb R}$", r"$\RR x$", "ℝx"),
        (r"$$\newcommand*{\pair}[2]{(#1; #2)}$$", r"$\pair a{bc}$", "(a;bc)"),
        (r"$\newcommand{\E}[2][p]{E_{#1} #2}$", r"$\E{x}\E[q]y$", "EpxEqy"),
        (r"$\def\v#1{#1!}$", r"$\v x$", "x!"),
        (r"$\DeclareMathOperator{\tr}{tr}$", r"$\tr(A)$", "tr\N{FUNCTION APPLICATION}(A)"),
        (r"$\DeclareMathOperator*{\argmin}{arg\,min}$", r"$\argmin_x$", "arg\N{THIN SPACE}minx"),
        (r"$\let\old\phi \renewcommand{\phi}{[\old]}$", r"$\phi$", "[ϕ]"),
        (r"$\newcommand{\a}{\b}\newcommand{\b}{c}$", r"$\a$", "c"),
        (r"$\providecommand{\a}{b}\providecommand{\a}{c}$", r"$\a$", "b"),
        (r"$\global\long\def\a{b}$", r"$\a$", "b"),
        (r"$\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}}$", r"$$\be x \ee$$", "x"),
        (r"$\newcommand{\rows}{a \\ b}$", r"$$\rows$$", "ab"),
        (r"$\newcommand{\set}[1]{\text{all $#1$}}$", r"$\set x$", "all\N{NO-BREAK SPACE}x"),
    ],
)
def test_a_macro_holds_in_the_cells_below(definition, use, drawn):
    defined, used = set_cells([definition], [use])
    assert defined == [""]
    assert drawn_text(used[0]) == drawn


def test_a_macro_holds_from_its_definition_on_and_is_defined_anew():
    cells = [[r"$\newcommand{\a}{1}$", r"$\a$"], [r"$\a \renewcommand{\a}{2} \a$"], [r"$\a$"]]
    assert [[drawn_text(made) for made in cell] for cell in set_cells(*cells)] == [["", "1"], ["12"], ["2"]]
    with pytest.raises(UnsupportedMath, match=r"unknown command \"\\a\""):
        set_cells([r"$\a$"], [r"$\newcommand{\a}{1}$"])


def test_cells_are_set_again_from_their_beginning():
    note = NoteMath([[r"$\newcommand{\a}{1}$"], [r"$\a \renewcommand{\a}{2}$"]])
    assert [drawn_text(note.cell(1).to_mathml(r"$\a \renewcommand{\a}{2}$")) for _ in range(2)] == ["1", "1"]
    assert drawn_text(note.below_all_cells().to_mathml(r"$\a$")) == "2"


def test_macros_of_the_settings():
    made = set_cells([r"$\RR \norm{x}$"], macros={"RR": r"\mathbb{R}", "norm": r"\lVert #1 \rVert"})
    assert drawn_text(made[0][0]) == "ℝ‖x‖"


def test_tags():
    first, starred, signs, none = set_cells(
        [r"$$x \tag{2.3}$$", r"\begin{equation}x \tag*{A}\end{equation}", r"$$x \tag{$\ast$}$$", "$$x$$"]
    )[0]
    assert [shown_tags(made) for made in (first, starred, signs, none)] == [[("", "(2.3)")], [("", "A")], [("", "(∗)")], []]
    assert '<mtable displaystyle="true" scriptlevel="0" class="ln-numbered"><mtr><mtd class="ln-side"></mtd><mtd><mi>x</mi></mtd>' in first


def test_labelled_equations_are_numbered_through_the_note_and_referred_to_from_everywhere():
    cells = [
        [r"$\eqref{eq:b}, \ref{one}$", r"\begin{equation} a \label{one} \end{equation}"],
        [r"\begin{align} b &= c \label{eq:b} \\ d &= e \notag \\ f &= g \end{align}", r"\begin{align*} h &= i \end{align*}", "$$j$$"],
        [r"$$k \label{k}$$", r"$$l \label{l} \tag{L}$$", r"\begin{multline} m \label{m} \\ n \end{multline}", r"$\eqref{l}$"],
    ]
    made = set_cells(*cells)
    assert [shown_tags(formula) for cell in made for formula in cell] == [
        *([], [("eq-one", "(1)")]),
        *([("eq-eq:b", "(2)"), ("", "(3)")], [], []),
        *([("eq-k", "(4)")], [("eq-l", "(L)")], [("eq-m", "(5)")], []),
    ]
    links = re.findall('<a class="ln-xref" href="([^"]*)">([^<]*)</a>', "".join(made[0] + made[2]))
    assert links == [("#eq-eq:b", "(2)"), ("#eq-one", "1"), ("#eq-l", "(L)")]


def test_without_labels_equations_have_no_numbers_as_in_jupyter():
    assert [shown_tags(made) for made in set_cells([r"\begin{align} a \\ b \end{align}", r"\begin{equation} c \end{equation}"])[0]] == [
        [],
        [],
    ]


def test_an_environment_in_a_line_of_text_has_no_number_and_counts_nothing():
    """Jupyter sets it, and a note that labels equations elsewhere does so as well."""
    ((first, inline, last),) = set_cells(
        [r"\begin{align} a \label{a} \end{align}", r"$\begin{align} b &= c \\ d &= e \end{align}$", r"\begin{align} f \end{align}"]
    )
    assert (shown_tags(first), shown_tags(inline), shown_tags(last)) == ([("eq-a", "(1)")], [], [("", "(2)")])
    assert drawn_text(inline) == "b=cd=e"
    with pytest.raises(UnsupportedMath, match="stand by themselves"):
        set_cells([r"$x \tag{1}$"])


def test_lines_within_a_formula_give_it_one_number():
    made = set_cells(
        [
            r"\begin{equation} \begin{aligned} a \\ b \end{aligned} \label{a} \end{equation}",
            r"\begin{equation} c \\ d \end{equation}",
            r"\begin{gather} e \\ \begin{split} f \\ g \label{f} \end{split} \\ \end{gather}",
            r"$$\begin{aligned} h &= i \tag{H} \\ j &= k \tag{J} \end{aligned}$$",
        ]
    )[0]
    assert [shown_tags(formula) for formula in made] == [
        [("eq-a", "(1)")],
        [("", "(2)")],
        [("", "(3)"), ("eq-f", "(4)")],
        [("", "(H)"), ("", "(J)")],
    ]


def test_a_label_without_a_formula_shows_nothing_and_counts_nothing():
    assert set_cells([r"$$\label{toc}$$", r"\begin{align} a \end{align}"])[0][0] == ""
    assert shown_tags(set_cells([r"$$\label{toc}$$", r"\begin{align} a \end{align}"])[0][1]) == []


def test_a_label_of_two_equations_is_refused_at_both():
    note = NoteMath([[r"$$a \label{x}$$"], [r"$$b \label{x}$$"]])
    for place, segment in enumerate([r"$$a \label{x}$$", r"$$b \label{x}$$"]):
        with pytest.raises(UnsupportedMath, match="the label 'x' is given to several equations"):
            note.cell(place).to_mathml(segment)


def test_an_unknown_label_is_told_with_the_known_ones():
    with pytest.raises(UnsupportedMath, match=r"no equation of the note has the label 'loss'; did you mean 'eq:loss'\? known: a, eq:loss"):
        set_cells([r"$$x \label{eq:loss}$$", r"$$y \label{a}$$", r"$\eqref{loss}$"])


def test_a_reference_in_prose():
    math = NoteMath([[r"$$x \label{a_b <i>}$$", r"$$y \tag{<b>}\label{c}$$"]]).cell(0)
    text = r"see \eqref{a_b <i>} and \ref{c}"
    assert [math.reference_html(match[0]) for match in REFERENCE.finditer(text)] == [
        '<a class="ln-xref" href="#eq-a_b--i-">&#40;1&#41;</a>',
        '<a class="ln-xref" href="#eq-c">&#60;b&#62;</a>',
    ]
    with pytest.raises(UnsupportedMath, match="no equation of the note has the label 'd'"):
        math.reference_html(r"\eqref{d}")


def test_bindings_in_a_formula_do_not_disturb_its_number():
    note = NoteMath([[r"$$x = {{ rate }} \label{a}$$"]])
    assert shown_tags(html.unescape(note.cell(0).to_mathml(r"$$x = 0.5 \label{a}$$"))) == [("eq-a", "(1)")]


@pytest.mark.parametrize(
    "tex",
    [
        *(
            opening * (1900 // opening.count("\\"))
            for opening in (r"\text{$", r"\begin{equation}", r"\color{", r"\left(", r"\verb|", r"\\[", r"\class{a}")
        ),
        *("%" * 19_000 + "\n", "_" * 19_000, "&lt;" * 4_900, r"\begin{array}{" + "@{" * 900 + "}", r"\begin{array}{" + "p " * 9_000 + "}"),
        r"\def\a#1{#1}" + r"\a{" * 900 + "x" * 15_000 + "}" * 900,
        r"\newcommand{\a}[1]{#1#1}" + r"\a{" * 600 + "x" + "}" * 600,
        r"\begin{align}" + r"a \label{b} \\" * 600 + r"\end{align}",
        r"\begin{equation}" * 400 + "x" + r"\end{equation}" * 400,
        r"\text{" * 300 + "$x$" + "}" * 300,
        "\n> " * 4_000,
    ],
    ids=lambda tex: f"{tex[:24]}…",
)
def test_hostile_formulas_take_no_time(tex):
    start = time.process_time()
    for segment in (f"$${tex}$$", f"${tex}$"):
        with contextlib.suppress(UnsupportedMath):
            NoteMath([[segment]]).cell(0).to_mathml(segment)
    assert time.process_time() - start < 1.5
