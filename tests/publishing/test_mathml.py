"""What becomes MathML, what is refused, and that Markdown leaves it alone."""

import html
import re
import unicodedata
from html.parser import HTMLParser

import markdown
import pytest

from labnotes.site.stage.mathml import UnsupportedMath, to_mathml

EXTENSIONS = ["attr_list", "md_in_html", "tables", "footnotes", "toc", "pymdownx.superfences", "pymdownx.highlight"]
INLINE, DISPLAY = (
    ("span", {"class": "ln-m"}),
    ("span", {"class": "ln-eq ln-scroll", "tabindex": "0", "role": "group", "aria-label": "Equation"}),
)


def inner_mathml(tex):
    """What stands in <math>, with characters for references."""
    return html.unescape(re.search(r"<math[^>]*>(.*)</math>", to_mathml(f"${tex}$")).group(1))


class ElementEvents(HTMLParser):
    """Tags, attributes and text in their order, of the first element that `frame` describes."""

    def __init__(self, source, frame):
        super().__init__()
        self.events, self._depth, self._frame = [], 0, frame
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        if self._depth or ((tag, dict(attrs)) == self._frame and not self.events):
            self._depth += 1
            self.events.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self._depth:
            self._depth -= 1
            self.events.append(tag)

    def handle_data(self, data):
        if self._depth:
            self.events.append(data)


@pytest.mark.parametrize("segment", ["$x$", r"\(x\)", "$ x $"])
def test_inline(segment):
    assert to_mathml(segment) == '<span class="ln-m"><math class="ln-math"><mi>x</mi></math></span>'


@pytest.mark.parametrize(
    "segment", ["$$x$$", r"\[x\]", "$$\nx\n$$", r"\begin{equation}x\end{equation}", "\\begin{equation*}\nx\n\\end{equation*}"]
)
def test_display(segment):
    frame = '<span class="ln-eq ln-scroll" tabindex="0" role="group" aria-label="Equation">'
    assert to_mathml(segment) == f'{frame}<math display="block" class="ln-math"><mi>x</mi></math></span>'


SYMBOLS = r"""
\alpha α \epsilon ϵ \varepsilon ε \theta θ \phi ϕ \varphi φ \Gamma Γ \Omega Ω \pm ± \times × \cdot · \circ ∘ \ast * \star ⋆ \oplus ⊕ \otimes ⊗ \odot ⊙
\le ≤ \leq ≤ \ge ≥ \ll ≪ \gg ≫ \ne ≠ \neq ≠ \approx ≈ \sim ∼ \simeq ≃ \equiv ≡ \propto ∝ \in ∈ \notin ∉ \subset ⊂ \subseteq ⊆ \cup ∪ \cap ∩ \setminus ∖
\mid ∣ \nmid ∤ \parallel ∥ \perp ⟂ \triangleq ≜ \coloneqq ≔ \to → \rightarrow → \leftarrow ← \gets ← \Rightarrow ⇒ \implies ⟹ \iff ⟺ \mapsto ↦ \uparrow ↑
\forall ∀ \exists ∃ \neg ¬ \land ∧ \lor ∨ \infty ∞ \partial ∂ \nabla ∇ \emptyset ∅ \ell ℓ \hbar ℏ \Re ℜ \aleph ℵ \top ⊤ \bot ⊥ \prime ′ \degree °
\sum ∑ \prod ∏ \int ∫ \oint ∮ \bigcup ⋃ \bigoplus ⨁ \ldots … \dots … \cdots ⋯ \vdots ⋮ \ddots ⋱ \langle ⟨ \rangle ⟩ \lfloor ⌊ \rceil ⌉ \lVert ‖ \rvert | \| ‖
\{ { \} } \% % \$ $ \# # \& & \_ _ \backslash \ \log log \exp exp \arg arg \max max \Pr Pr
"""


@pytest.mark.parametrize(("command", "character"), re.findall(r"(\\\S+) (\S+)", SYMBOLS))
def test_symbols(command, character):
    assert re.sub("<[^>]*>", "", inner_mathml(command)) == character


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"\mathbb{R}", "ℝ"),
        (r"\mathbb{1}", "𝟙"),
        (r"\mathds{1}", "𝟙"),
        (r"\mathbbm{1}", "𝟙"),
        (r"\mathcal{L}", "ℒ"),
        (r"\mathcal N", "𝒩"),
        (r"\mathfrak{C}", "ℭ"),
        (r"\mathbf{x}", "𝐱"),
        (r"\mathbf{W}_1", "𝐖1"),
        (r"\mathsf{E}", "𝖤"),
        (r"\mathtt{ab}", "𝚊𝚋"),
        (r"\mathit{ab}", "𝑎𝑏"),
        (r"\boldsymbol{\theta}", "𝜽"),
        (r"\bm{x}", "𝒙"),
        (r"\bm{\Sigma}", "𝚺"),
        (r"\bm{1}", "𝟏"),
        (r"\boldsymbol{\nabla}", "𝛁"),
        (r"\textbf{a b}", "𝐚\N{NO-BREAK SPACE}𝐛"),
        (r"\texttt{x1}", "𝚡𝟷"),
    ],
)
def test_fonts_are_characters(tex, letters):
    assert re.sub("<[^>]*>", "", inner_mathml(tex)) == letters
    assert "mathvariant" not in inner_mathml(tex)


@pytest.mark.parametrize(
    ("tex", "result"),
    [
        (r"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\dfrac ab", '<mstyle displaystyle="true" scriptlevel="0"><mfrac><mi>a</mi><mi>b</mi></mfrac></mstyle>'),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\Gamma", '<mi mathvariant="normal">Γ</mi>'),
        (r"\mathrm{d}", "<mtext>d</mtext>"),
        (r"\mathrm{KL}", "<mtext>KL</mtext>"),
        (r"\text{ if } ", "<mtext>\N{NO-BREAK SPACE}if\N{NO-BREAK SPACE}</mtext>"),
        (r"\text{5 cm}", "<mtext>5\N{NO-BREAK SPACE}cm</mtext>"),
        (r"\text{5\% of a\_b}", "<mtext>5%\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}a_b</mtext>"),
        (r"1{,}204", "<mrow><mn>1</mn><mtext>,</mtext><mn>204</mn></mrow>"),
        (r"a := b", "<mrow><mi>a</mi><mo>≔</mo><mi>b</mi></mrow>"),
        (r"(-1)", '<mrow><mo stretchy="false">(</mo><mo form="prefix">−</mo><mn>1</mn><mo stretchy="false">)</mo></mrow>'),
        (r"a - 1", "<mrow><mi>a</mi><mo>−</mo><mn>1</mn></mrow>"),
        (r"2\log x", '<mrow><mn>2</mn><mo lspace="0.167em" rspace="0.167em">log</mo><mi>x</mi></mrow>'),
        (r"=\log(", '<mrow><mo>=</mo><mo lspace="0em" rspace="0em">log</mo><mo stretchy="false">(</mo></mrow>'),
        (r"\operatorname{tr}A", '<mrow><mo lspace="0em" rspace="0.167em">tr</mo><mi>A</mi></mrow>'),
        (r"\sum_i", '<munder><mo movablelimits="true">∑</mo><mi>i</mi></munder>'),
        (r"\sum\limits_i", '<munder><mo movablelimits="false">∑</mo><mi>i</mi></munder>'),
        (r"\int_0^1", "<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>"),
        (r"\max_x", '<munder><mo movablelimits="true" lspace="0em" rspace="0em">max</mo><mi>x</mi></munder>'),
        (r"\underset{x}{\max}", '<munder><mo movablelimits="false" lspace="0em" rspace="0em">max</mo><mi>x</mi></munder>'),
        (
            r"\operatorname*{arg\,max}_x",
            '<munder><mo movablelimits="true" lspace="0em" rspace="0em">arg\N{THIN SPACE}max</mo><mi>x</mi></munder>',
        ),
        (r"\mathbb{E}_x", "<msub><mi>𝔼</mi><mi>x</mi></msub>"),
        (r"\hat x", '<mover accent="true"><mi>x</mi><mo stretchy="false">ˆ</mo></mover>'),
        (r"\widehat{x}", '<mover accent="true"><mi>x</mi><mo stretchy="true">ˆ</mo></mover>'),
        (r"\tilde x", '<mover accent="true"><mi>x</mi><mo stretchy="false">˜</mo></mover>'),
        (r"\vec x", '<mover accent="false"><mi>x</mi><mo stretchy="false">→</mo></mover>'),
        (r"\overline{x}", '<menclose notation="top"><mi>x</mi></menclose>'),
        (r"\overline{\max}", '<menclose notation="top"><mo movablelimits="false" lspace="0em" rspace="0em">max</mo></menclose>'),
        (r"\underline{x}", '<menclose notation="bottom"><mi>x</mi></menclose>'),
        (r"\underbrace{x}_n", '<munder><munder accentunder="true"><mi>x</mi><mo stretchy="true">⏟</mo></munder><mi>n</mi></munder>'),
        (r"\overset{d}{=}", "<mover><mo>=</mo><mi>d</mi></mover>"),
        (r"\stackrel{d}{\to}", "<mover><mo>→</mo><mi>d</mi></mover>"),
        (
            r"\xrightarrow{p}",
            '<mover><mo>→</mo><mrow><mspace width="0.4em"></mspace><mi>p</mi><mspace width="0.4em"></mspace></mrow></mover>',
        ),
        (r"a\not=b", "<mrow><mi>a</mi><mo>≠</mo><mi>b</mi></mrow>"),
        (r"\not\in", "<mo>∉</mo>"),
        (r"\bigl\langle", '<mo stretchy="true" fence="true" minsize="1.2em" maxsize="1.2em">⟨</mo>'),
        (r"\Big\|", '<mo minsize="1.623em" maxsize="1.623em" stretchy="true" lspace="0em" rspace="0em">‖</mo>'),
        (r"\lVert", '<mo stretchy="false" lspace="0em" rspace="0em">‖</mo>'),
        (r"\left<x\right.", '<mrow><mo stretchy="true" fence="true" form="prefix">⟨</mo><mi>x</mi></mrow>'),
        (r"x\,\!\quad", '<mrow><mi>x</mi><mspace width="0.167em"></mspace><mspace width="1em"></mspace></mrow>'),
        (r"f''", "<msup><mi>f</mi><mi>″</mi></msup>"),
        (r"A^{\top}", "<msup><mi>A</mi><mi>⊤</mi></msup>"),
    ],
)
def test_what_is_drawn(tex, result):
    assert inner_mathml(tex) == result


@pytest.mark.parametrize(
    ("tex", "rows", "cells"),
    [
        (r"\begin{aligned} a &= b \\[4pt] &= c \nonumber \end{aligned}", [2, 2], ["ln-right", "ln-left"]),
        (r"\begin{align} a &= b & c &= d \\ e &= f \end{align}", [4, 2], ["ln-right", "ln-left"] * 2),
        (r"\begin{align*} a &= b \end{align*}", [2], ["ln-right", "ln-left"]),
        (r"\begin{split} a &= b \\ &= c \\ \end{split}", [2, 2], ["ln-right", "ln-left"]),
        (r"\begin{gathered} a \\ b \end{gathered}", [1, 1], [None]),
        (r"\begin{cases} a & \text{if } b \\ c & \text{else} \end{cases}", [2, 2], ["ln-left", "ln-left"]),
        (r"\begin{pmatrix} 1 & 0 \\ 0 & \end{pmatrix}", [2, 2], [None, None]),
        (r"\begin{array}{lcr} a & b & c \end{array}", [3], ["ln-left", "ln-center", "ln-right"]),
        (r"\substack{a \\ b}", [1, 1], [None]),
    ],
)
def test_tables(tex, rows, cells):
    cell_classes = [re.findall(r"<mtd(?: class=\"([\w-]+)\")?>", row) for row in re.findall(r"<mtr>(.*?)</mtr>", inner_mathml(tex))]
    assert [len(row) for row in cell_classes] == rows
    assert [name or None for name in cell_classes[0]] == cells


def test_fences_stretch_to_their_own_matrix():
    row = r'<mrow><mo stretchy="true" fence="true" form="prefix">{}</mo><mtable>.*?</mtable><mo stretchy="true" fence="true" form="postfix">{}</mo></mrow>'
    tex = r"\begin{pmatrix} a \\ b \end{pmatrix}\begin{Bmatrix} c \end{Bmatrix}"
    assert re.fullmatch(f"<mrow>{row.format('[(]', '[)]')}{row.format('[{]', '[}]')}</mrow>", inner_mathml(tex))


@pytest.mark.parametrize(
    ("segment", "part"),
    [
        (r"$\KL(p)$", r"\KL is not supported"),
        (r"$x + \foo$", r"\foo"),
        (r"$\mathfoo{x}$", r"\mathfoo"),
        (r"$\left\foo x \right)$", r"\foo"),
        (r"$\begin{foo} a \end{foo}$", r"\begin{foo} is not supported"),
        (r"\begin{align} a \label{eq:x} \end{align}", r"\label"),
        (r"$$x \tag{1}$$", r"\tag"),
        (r"$\color{red} x$", r"\color"),
        (r"$\textcolor{red}{x}$", r"\textcolor"),
        (r"$\href{javascript:alert(1)}{x}$", r"\href"),
        (r"$\class{md-nav}{x}$", r"\class"),
        (r"$\style{color:red}{x}$", r"\style"),
        (r"$\unicode{x3c}$", r"\unicode"),
        (r"$\htmlmath{x}$", r"\htmlmath"),
        (r"$\verb|<img>|$", r"\verb"),
        (r"$\def\a{b}\a$", r"\def"),
        (r"$\newcommand{\a}{b}\a$", r"\newcommand"),
        (r"$\cancel{x}$", r"\cancel"),
        (r"$\mathop{x}$", r"\mathop"),
        (r"$\lim\nolimits_x$", r"\nolimits"),
        (r"$\operatorname{top-k}$", r"\operatorname takes letters"),
        (r"$\hspace{-1em}$", r"\hspace"),
        (r"$\dddot{x}$", r"\dddot"),
        (r"$\lvec{x}$", r"\lvec"),
        (r"$\frac{a}$", "argument"),
        (r"${\frac{a}} + b$", "argument"),
        (r"$\hat$", "argument"),
        (r"$x^$", "missing"),
        (r"$x_a_b$", "double subscript"),
        (r"$x_a^b_c$", "double subscript"),
        (r"$\left( x$", "missing right"),
        (r"$\left x\right)$", "x is not a delimiter"),
        (r"$\big x$", "x is not a delimiter"),
        (r"$\left{x\right}$", "delimiter"),
        (r"${a$", "braces"),
        (r"$a}$", "braces"),
        (r"$}{$", "missing"),
        (r"$\begin{cases} a$", "missing end"),
        (r"$a \end{cases}$", r"\end"),
        (r"$\begin{array}{l|r} a & b \end{array}$", "columns"),
        (r"$\begin{array} a & b \end{array}$", "columns"),
        (r"$\begin{pmatrix}[c] a \end{pmatrix}$", "columns"),
        (r"$\begin{array}{l} a \\ \hline b \end{array}$", r"\hline"),
        (r"$a \\ b$", r"\\ outside of an environment"),
        (r"$a & b$", "& is out of place"),
        (r"$a &lt; b$", "& is out of place"),
        (r"$$a $b$ c$$", "$ is out of place"),
        (r"$50%$", r"write \%"),
        (r"$2mm$", "'2mm' is read as a length"),
        (r"$\not\alpha$", r"\not"),
        (r"$\text{a $b$}$", r"\text takes plain text"),
        (r"$\text{a {b} c}$", r"\text takes plain text"),
        (r"$\textbf x$", r"\textbf takes plain text"),
        ("$$a\n> b$$", r"write \gt"),
        ("$a\x02b$", "control character"),
        ("$$$$", "empty"),
        ("$$\n$$", "empty"),
        (r"\[ \]", "empty"),
        (r"\begin{equation}\end{equation}", "empty"),
        ("x", "delimiters"),
    ],
)
def test_what_would_come_out_wrong_is_refused(segment, part):
    with pytest.raises(UnsupportedMath) as caught:
        to_mathml(segment)
    assert part in str(caught.value)


MARKUP = (
    r"|x|_i^* < \text{*a* _b_ `c` [d](e) [^1] ![f] <img src=x onerror=alert(1)> \& lt; ~~g~~ == ^h^ | http://i.org :k: '\_\%}"
    r"\{y\} \backslash \$ \# 1. >"
)
CONTEXTS = {
    "a paragraph": "one {} two",
    "the beginning": "{} one\ntwo",
    "alone": "{}",
    "a list": "- one {}\n- two",
    "the beginning of an item": "- {}\n- two",
    "a table": "| a | b |\n|---|---|\n| {} | two |",
    "a heading": "## One {} two",
    "emphasis": "*one {} two*",
    "strong": "**{}**",
    "a quotation": "> one {}\n> two",
    "a link": "[one {}](#two)",
    "a footnote": "one[^1]\n\n[^1]: two {}",
    "attributes": "one {}\n{{: .two}}",
}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize(("delimiter", "frame"), [("$", INLINE), ("$$", DISPLAY)])
def test_markdown_leaves_it_alone(context, delimiter, frame):
    made = to_mathml(f"{delimiter}{MARKUP}{delimiter}")
    page = markdown.Markdown(extensions=EXTENSIONS).convert(CONTEXTS[context].format(made))
    before = ElementEvents(made, frame).events
    assert "<img src=x onerror=alert(1)>" in "".join(part for part in before if isinstance(part, str)).replace("\N{NO-BREAK SPACE}", " ")
    assert ElementEvents(page, frame).events == before
    assert "two" in page or context in ("alone", "strong", "a link")
    assert page.count("<td") == (2 if context == "a table" else 0)


def test_a_display_equation_between_lines_stands_in_their_paragraph():
    page = markdown.Markdown(extensions=EXTENSIONS).convert(f"one\n{to_mathml('$$x$$')}\ntwo")
    assert re.fullmatch(r"<p>one\n<span .*</span>\ntwo</p>", page)


@pytest.mark.parametrize(
    "character", ["*", "_", "`", "[", "]", "!", "#", "~", "^", "|", ":", "<", ">", "=", '"', "'", "(", ")", "+", "-", "@"]
)
def test_no_character_of_markup_is_left(character):
    made = re.sub("<[^<>]*>", "", to_mathml(rf"$\text{{{character}}}$"))
    assert made == f"&#{ord(character)};"


def test_no_more_than_the_known_attributes_come_out():
    tex = r"\left\{\bigl(\hat x_i \in \overline{ab}\mathbf{c}\;\middle|\;\sum_{j}\binom nk \dfrac12 \begin{array}{lr} a & b \\ c & d \end{array} \boxed{e}\right\}"
    attributes = set(re.findall(r" ([\w-]+)=", to_mathml(f"${tex}$")))
    assert attributes == {
        *("accent", "class", "displaystyle", "fence", "form", "linethickness", "lspace", "maxsize", "minsize"),
        *("movablelimits", "notation", "rspace", "scriptlevel", "stretchy", "width"),
    }


@pytest.mark.parametrize("depth", [5, 50])
def test_nesting(depth):
    tex = "x^{" * depth + "y" + "}" * depth
    assert inner_mathml(tex).count("<msup>") == depth


def test_greek_letters_are_all_known():
    for code in [*range(0x3B1, 0x3CA)]:
        name = unicodedata.name(chr(code)).rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
        if chr(code) not in "εςοφ":  # of two forms, or written with Latin letters
            assert inner_mathml(f"\\{name}") == f"<mi>{chr(code)}</mi>"
