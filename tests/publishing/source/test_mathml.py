"""What becomes MathML, what is refused, and that Markdown leaves it alone."""

import html
import re
import unicodedata
from html.parser import HTMLParser

import markdown
import pytest

from labnotes.source.formulas.mathml import UnsupportedMath, to_mathml

EXTENSIONS = ["attr_list", "md_in_html", "tables", "footnotes", "toc", "pymdownx.superfences", "pymdownx.highlight"]
INLINE, DISPLAY = (
    ("span", {"class": "ln-m"}),
    ("span", {"class": "ln-eq ln-scroll", "tabindex": "0", "role": "group", "aria-label": "Equation"}),
)


def inner_mathml(tex):
    """What stands in <math>, with characters for references."""
    return html.unescape(re.search(r"<math[^>]*>(.*)</math>", to_mathml(f"${tex}$")).group(1))


def drawn_text(tex):
    """The characters in <math>, without those that only choose between two forms of a letter."""
    return re.sub("<[^>]*>|\N{VARIATION SELECTOR-1}", "", inner_mathml(tex))


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


@pytest.mark.parametrize("segment", ["$x$", r"\(x\)", r"\\(x\\)", "$ x $", "$\nx\n$"])
def test_inline(segment):
    assert to_mathml(segment) == '<span class="ln-m"><math class="ln-math"><mi>x</mi></math></span>'


@pytest.mark.parametrize(
    "segment",
    [
        "$$x$$",
        r"\[x\]",
        r"\\[x\\]",
        "$$\nx\n$$",
        "$$\n> x\n> $$",
        r"$$\begin{equation}x\end{equation}$$",
        r"\begin{equation}x\end{equation}",
        "\\begin{equation*}\nx\n\\end{equation*}",
    ],
)
def test_display(segment):
    frame = '<span class="ln-eq ln-scroll" tabindex="0" role="group" aria-label="Equation">'
    assert to_mathml(segment) == f'{frame}<math display="block" class="ln-math"><mi>x</mi></math></span>'


SYMBOLS = r"""
\alpha α \epsilon ϵ \varepsilon ε \theta θ \phi ϕ \varphi φ \Gamma Γ \Omega Ω \pm ± \times × \cdot ⋅ \circ ∘ \ast ∗ \star ⋆ \oplus ⊕ \otimes ⊗ \odot ⊙
\le ≤ \leq ≤ \ge ≥ \ll ≪ \gg ≫ \ne ≠ \neq ≠ \approx ≈ \sim ∼ \simeq ≃ \equiv ≡ \propto ∝ \in ∈ \notin ∉ \subset ⊂ \subseteq ⊆ \cup ∪ \cap ∩ \setminus ∖
\mid ∣ \nmid ∤ \parallel ∥ \perp ⟂ \triangleq ≜ \coloneqq ≔ \to → \rightarrow → \leftarrow ← \gets ← \Rightarrow ⇒ \implies ⟹ \iff ⟺ \mapsto ↦ \uparrow ↑
\forall ∀ \exists ∃ \neg ¬ \land ∧ \lor ∨ \infty ∞ \partial ∂ \nabla ∇ \emptyset ∅ \ell ℓ \hbar ℏ \Re ℜ \aleph ℵ \top ⊤ \bot ⊥ \prime ′ \degree °
\sum ∑ \prod ∏ \int ∫ \oint ∮ \bigcup ⋃ \bigoplus ⨁ \ldots ... \dots ... \cdots ⋯ \vdots ⋮ \ddots ⋱ \langle ⟨ \rangle ⟩ \lfloor ⌊ \rceil ⌉ \lVert ‖ \rvert | \| ‖
\{ { \} } \% % \$ $ \# # \& & \_ _ \backslash \ \log log \exp exp \arg arg \max max \Pr Pr
"""


@pytest.mark.parametrize(("command", "character"), re.findall(r"(\\\S+) (\S+)", SYMBOLS))
def test_symbols(command, character):
    assert drawn_text(command) == character


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
        (r"{\bf x}y", "𝐱y"),
    ],
)
def test_fonts_are_characters(tex, letters):
    assert drawn_text(tex) == letters
    assert "mathvariant" not in inner_mathml(tex)


@pytest.mark.parametrize(
    ("tex", "result"),
    [
        (r"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\dfrac ab", '<mfrac displaystyle="true"><mi>a</mi><mi>b</mi></mfrac>'),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\Gamma", '<mrow><mspace></mspace><mi mathvariant="normal">Γ</mi></mrow>'),
        (r"\mathrm{d}", '<mrow><mspace></mspace><mi mathvariant="normal">d</mi></mrow>'),
        (r"\mathrm{KL}", "<mrow><mspace></mspace><mi>KL</mi></mrow>"),
        (r"\text{ if } ", "<mtext>\N{NO-BREAK SPACE}if\N{NO-BREAK SPACE}</mtext>"),
        (r"\text{5 cm}", "<mtext>5\N{NO-BREAK SPACE}cm</mtext>"),
        (r"\text{5\% of a\_b}", "<mtext>5%\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}a_b</mtext>"),
        (r"1{,}204", '<mn>1</mn><mo rspace="0">,</mo><mn>204</mn>'),
        (r"a := b", '<mi>a</mi><mo lspace="0.2778em" rspace="0">:</mo><mo lspace="0">=</mo><mi>b</mi>'),
        (r"(-1)", '<mo stretchy="false">(</mo><mo lspace="0" rspace="0">−</mo><mn>1</mn><mo stretchy="false">)</mo>'),
        (r"a - 1", "<mi>a</mi><mo>−</mo><mn>1</mn>"),
        (
            r"2\log x",
            '<mn>2</mn><mspace width="0.1667em"></mspace><mrow><mrow><mspace></mspace><mi>log</mi></mrow><mo lspace="0.1667em">\N{FUNCTION APPLICATION}</mo><mi>x</mi></mrow>',
        ),
        (
            r"=\log(",
            '<mo lspace="0">=</mo><mrow><mrow><mspace></mspace><mi>log</mi></mrow><mo>\N{FUNCTION APPLICATION}</mo><mo stretchy="false">(</mo></mrow>',
        ),
        (
            r"\operatorname{tr}A",
            '<mrow><mrow><mspace></mspace><mi>tr</mi></mrow><mo lspace="0.1667em">\N{FUNCTION APPLICATION}</mo><mi>A</mi></mrow>',
        ),
        (r"\sum_i", '<munder><mo lspace="0" rspace="0">∑</mo><mi>i</mi></munder>'),
        (r"\sum\limits_i", '<munder><mo movablelimits="false" lspace="0" rspace="0">∑</mo><mi>i</mi></munder>'),
        (r"\int_0^1", '<msubsup><mo lspace="0" rspace="0">∫</mo><mn>0</mn><mn>1</mn></msubsup>'),
        (r"\max_x", "<msub><mrow><mspace></mspace><mi>max</mi></mrow><mi>x</mi></msub>"),
        (r"\underset{x}{\max}", "<munder><mrow><mspace></mspace><mi>max</mi></mrow><mi>x</mi></munder>"),
        (r"\operatorname*{arg\,max}_x", "<msub><mrow><mspace></mspace><mi>arg\N{THIN SPACE}max</mi></mrow><mi>x</mi></msub>"),
        (r"\mathbb{E}_x", "<msub><mi>𝔼</mi><mi>x</mi></msub>"),
        (r"\hat x", '<mover accent="true"><mi>x</mi><mo stretchy="false">ˆ</mo></mover>'),
        (r"\widehat{x}", '<mover accent="true"><mi>x</mi><mo stretchy="true">\N{COMBINING CIRCUMFLEX ACCENT}</mo></mover>'),
        (r"\tilde x", '<mover accent="true"><mi>x</mi><mo stretchy="false">˜</mo></mover>'),
        (r"\vec x", '<mover accent="false"><mi>x</mi><mo stretchy="false">→</mo></mover>'),
        (r"\overline{x}", '<mover accent="true"><mi>x</mi><mo stretchy="true">\N{COMBINING LOW LINE}</mo></mover>'),
        (
            r"\overline{\max}",
            '<mover accent="true"><mrow><mspace></mspace><mi>max</mi></mrow><mo stretchy="true">\N{COMBINING LOW LINE}</mo></mover>',
        ),
        (r"\underline{x}", '<munder accentunder="true"><mi>x</mi><mo stretchy="true">\N{COMBINING LOW LINE}</mo></munder>'),
        (r"\underbrace{x}_n", '<munder><munder accentunder="true"><mi>x</mi><mo>⏟</mo></munder><mi>n</mi></munder>'),
        (r"\overset{d}{=}", '<mover><mo lspace="0">=</mo><mi>d</mi></mover>'),
        (r"\stackrel{d}{\to}", '<mover><mo stretchy="false" lspace="0">→</mo><mi>d</mi></mover>'),
        (
            r"\xrightarrow{p}",
            '<mrow><mspace width="0.2777778em"></mspace><mover><mo lspace="0" rspace="0">→</mo><mover><mrow><mspace width="0.4286em"></mspace><mi>p</mi><mspace width="0.4286em"></mspace></mrow><mspace width="3.5em"></mspace></mover></mover><mspace width="0.2777778em"></mspace></mrow>',
        ),
        (r"a\not=b", "<mi>a</mi><mo>≠</mo><mi>b</mi>"),
        (r"\not\in", '<mo lspace="0" rspace="0">∉</mo>'),
        (r"\bigl\langle", '<mo minsize="1.2em" maxsize="1.2em">⟨</mo>'),
        (r"\Big\|", '<mo stretchy="true" symmetric="true" lspace="0" rspace="0" minsize="1.623em" maxsize="1.623em">‖</mo>'),
        (r"\lVert", '<mo stretchy="false" form="prefix">‖</mo>'),
        (r"\left<x\right.", "<mrow><mo>⟨</mo><mi>x</mi><mo>\N{INVISIBLE SEPARATOR}</mo></mrow>"),
        (r"x\,\!\quad", '<mi>x</mi><mspace width="0.16666667em"></mspace><mspace width="1em"></mspace>'),
        (r"f''", "<msup><mi>f</mi><mo>″</mo></msup>"),
        (r"A^{\top}", "<msup><mi>A</mi><mi>⊤</mi></msup>"),
        (r"\textbf{a b}", "<mtext><b>a\N{NO-BREAK SPACE}b</b></mtext>"),
        (r"\texttt{x1}", "<mtext><code>x1</code></mtext>"),
        (r"\text{a {b} c}", "<mtext>a\N{NO-BREAK SPACE}b\N{NO-BREAK SPACE}c</mtext>"),
        (r"\omega*v", '<mi>ω</mi><mo lspace="0.2222em" rspace="0.2222em">∗</mo><mi>v</mi>'),
        (r"2mm", "<mn>2</mn><mi>m</mi><mi>m</mi>"),
        (r"\mathop{x}y", '<mrow><mi>x</mi><mspace width="0.1667em"></mspace></mrow><mi>y</mi>'),
        (
            r"a\mathbin{@}b",
            '<mi>a</mi><mrow><mspace width="0.2222em"></mspace><mi>@</mi><mspace width="0.2222em"></mspace></mrow><mi>b</mi>',
        ),
        (r"\text{5\% of}", "<mtext>5%\N{NO-BREAK SPACE}of</mtext>"),
        (r"a &lt; b", "<mi>a</mi><mo><</mo><mi>b</mi>"),
        ("a % comment\n+ b", "<mi>a</mi><mo>+</mo><mi>b</mi>"),
        ("\\\n a\\ ", "<mtext>\N{NO-BREAK SPACE}</mtext><mi>a</mi><mtext>\N{NO-BREAK SPACE}</mtext>"),
        (r"\newcommand{\w}[1]{\alpha#1}\w x", "<mi>α</mi><mi>x</mi>"),
        (r"\color{red}{x} y", '<mrow mathcolor="#FF0000"><mi>x</mi></mrow><mi>y</mi>'),
        (r"x {\color{red} y z}", '<mi>x</mi><mrow mathcolor="#FF0000"><mi>y</mi><mi>z</mi></mrow>'),
        (r"\textcolor[rgb]{0,0,1}{x} y", '<mrow mathcolor="#0000FF"><mi>x</mi></mrow><mi>y</mi>'),
        (r"\color{#0a0}{x}", '<mrow mathcolor="#00AA00"><mi>x</mi></mrow>'),
        (r"\color{green}{x}", '<mrow mathcolor="#008000"><mi>x</mi></mrow>'),  # as CSS, not as LaTeX
        (r"x {\large y} z", '<mi>x</mi><mrow mathsize="1.2em"><mi>y</mi></mrow><mi>z</mi>'),
        (r"\class{md-nav}{x}\cssId{a}{y}\require{cancel}", "<mi>x</mi><mi>y</mi>"),
        (r"\cancel{x}", '<menclose notation="updiagonalstrike"><mi>x</mi></menclose>'),
        (r"x\hspace{1em}y\hspace{-1em}z", '<mi>x</mi><mspace width="1em"></mspace><mi>y</mi><mspace></mspace><mi>z</mi>'),
        (r"\hspace*{1em}", '<mspace width="1em"></mspace>'),
        (r"n \choose k", '<mrow><mo>(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>)</mo></mrow>'),
        (r"x_\rm{max} y", "<msub><mi>x</mi><mrow><mspace></mspace><mi>max</mi></mrow></msub><mi>y</mi>"),
        (r"\Big{|}", '<mo stretchy="true" symmetric="true" lspace="0" rspace="0" minsize="1.623em" maxsize="1.623em">|</mo>'),
        (r"\text{a $b$ c}", "<mrow><mtext>a\N{NO-BREAK SPACE}</mtext><mi>b</mi><mtext>\N{NO-BREAK SPACE}c</mtext></mrow>"),
        (r"\textbf{a \(b\)}", "<mrow><mtext><b>a\N{NO-BREAK SPACE}</b></mtext><mi>b</mi></mrow>"),
        (
            r"\text{a \textbf{b $c$}}",
            "<mrow><mtext>a\N{NO-BREAK SPACE}</mtext><mrow><mtext><b>b\N{NO-BREAK SPACE}</b></mtext><mi>c</mi></mrow></mrow>",
        ),
        (
            r"\text{a \textbf{b} $c$}",
            "<mrow><mrow><mtext>a\N{NO-BREAK SPACE}</mtext><mtext><b>b</b></mtext><mtext>\N{NO-BREAK SPACE}</mtext></mrow><mi>c</mi></mrow>",
        ),
        (r"x_\text{a$b$}", "<msub><mi>x</mi><mrow><mtext>a</mtext><mi>b</mi></mrow></msub>"),
        (r"\mbox{\bf a_b} \hbox{c}", "<mtext><b>a_b</b></mtext><mtext>c</mtext>"),
        (r"\textsc{a}", '<mtext><span class="ln-small-caps">a</span></mtext>'),
        (r"\verb|a_<b|", "<mtext><code>a_<b</code></mtext>"),
        (r"\rule[-1mm]{0mm}{2mm}x", "<mi>x</mi>"),
        (r"\smash[b]{x}", "<mi>x</mi>"),
        (r"\widetilde{a}", '<mover accent="true"><mi>a</mi><mo stretchy="true">~</mo></mover>'),
        (
            r"\sum_{\substack{a \\ b}} x",
            '<munder><mo lspace="0">∑</mo><mtable displaystyle="false" scriptlevel="1"><mtr><mtd><mi>a</mi></mtd></mtr><mtr><mtd><mi>b</mi></mtd></mtr></mtable></munder><mi>x</mi>',
        ),
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
        (r"\begin{array}{lcr} a & b & c \end{array}", [3], ["ln-left", None, "ln-right"]),
        (r"\substack{a \\ b}", [1, 1], [None]),
        (r"a \\ b + c", [1, 1], [None]),
        (r"a &= b \\ &= c", [2, 2], ["ln-right", "ln-left"]),
        (r"a &= b \newline &= c \\", [2, 2], ["ln-right", "ln-left"]),
        (r"\begin{eqnarray} a & = & b \nonumber \\ & \le & c \end{eqnarray}", [2, 2], ["ln-right", "ln-left"]),
        (r"\begin{alignat}{2} a &= b & c &= d \end{alignat}", [4], ["ln-right", "ln-left"] * 2),
        (r"\begin{pmatrix} a \cr b \cr \end{pmatrix}", [1, 1], [None]),
        (r"\pmatrix{a & b \cr c & d}", [2, 2], [None, None]),
        (r"\begin{bmatrix*}[r] a \\ b \end{bmatrix*}", [1, 1], [None]),
        (r"\begin{aligned}[t] a \\* b \end{aligned}", [1, 1], ["ln-right"]),
        (r"\begin{array}[t]{@{}l*{2}{r}p{2cm}} a & b & c & d \end{array}", [4], ["ln-left", "ln-right", "ln-right", "ln-left"]),
    ],
)
def test_tables(tex, rows, cells):
    cell_classes = [re.findall(r"<mtd(?: class=\"([\w-]+)\")?>", row) for row in re.findall(r"<mtr>(.*?)</mtr>", inner_mathml(tex))]
    assert [len(row) for row in cell_classes] == rows
    assert [name or None for name in cell_classes[0]] == cells


def test_lines_of_an_array():
    drawn = inner_mathml(r"\begin{array}{|l|c:c} \hline\hline a & b & c \\ \hdashline d & e & f \\ \hline \end{array}")
    assert re.search('<mtable[^>]* class="([^"]*)"', drawn)[1] == "ln-solid-left ln-solid-top ln-solid-bottom"
    assert re.findall('<mtd(?: class="([^"]*)")?>', drawn) == [
        *("ln-left ln-solid-right", "ln-dashed-right", ""),
        *("ln-left ln-dashed-top ln-solid-right", "ln-dashed-top ln-dashed-right", "ln-dashed-top"),
    ]


def test_a_long_formula_in_a_line_breaks_behind_its_signs():
    made = to_mathml("$" + " + ".join(f"x_{{{number}}}" for number in range(20)) + r" = (-1) \left(a + b\right)$")
    parts = [html.unescape(part) for part in re.findall("<math[^>]*>(.*?)</math>", made)]
    assert len(parts) == 21
    assert parts[0] == '<msub><mi>x</mi><mn>0</mn></msub><mo form="infix">+</mo>'
    assert parts[-2] == '<msub><mi>x</mi><mn>19</mn></msub><mo form="infix">=</mo>'
    assert to_mathml("$a + b = c$").count("<math") == 1
    sized = to_mathml(r"$\displaystyle " + " + ".join(f"x_{{{number}}}" for number in range(20)) + "$")
    row = '<mrow displaystyle="true" scriptlevel="0">'
    assert sized.count(f'<math class="ln-math">{row}') == sized.count("</mrow></math>") == 20, "each part has the size of the whole"
    assert to_mathml("$$" + "a + " * 20 + "a$$").count("<math") == 1


def test_fences_stretch_to_their_own_matrix():
    row = r"<mrow><mo[^>]*>{}</mo><mtable [^>]*>.*?</mtable><mo[^>]*>{}</mo></mrow>"
    tex = r"\begin{pmatrix} a \\ b \end{pmatrix}\begin{Bmatrix} c \end{Bmatrix}"
    assert re.fullmatch(f"{row.format('[(]', '[)]')}{row.format('[{]', '[}]')}", inner_mathml(tex)), (
        "brackets stretch where nothing else is said"
    )


@pytest.mark.parametrize(
    ("segment", "part"),
    [
        (r"$\KL(p)$", r'unknown command "\KL"'),
        (r"$x + \foo$", r"\foo"),
        (r"$\mathfoo{x}$", r"\mathfoo"),
        (r"$\left\foo x \right)$", r"\foo"),
        (r"$\begin{foo} a \end{foo}$", 'unknown environment "foo"'),
        (r"$\href{javascript:alert(1)}{x}$", r"\href"),
        (r"$\style{color:red}{x}$", r"\style"),
        (r"$\unicode{x3c}$", r"\unicode"),
        (r"$\htmlmath{x}$", r"\htmlmath"),
        (r"$\lim\nolimits_x$", r"\nolimits"),
        (r"$\operatorname{top-k}$", r"\operatorname takes letters"),
        (r"$\dddot{x}$", r"\dddot is not supported"),
        (r"$\lvec{x}$", r"\lvec"),
        (r"$\frac{a}$", "argument"),
        (r"${\frac{a}} + b$", "argument"),
        (r"$\hat$", "argument"),
        (r"$x^$", "expected argument"),
        (r"$x_a_b$", "duplicate subscript"),
        (r"$x_a^b_c$", "duplicate subscript"),
        (r"$\left( x$", r'expected closing token "\right"'),
        (r"$\left x\right)$", r'must be a parenthesis after "\left"'),
        (r"$\big x$", r'must be a parenthesis after "\big'),
        (r"$\left{x\right}$", r'must be a parenthesis after "\left"'),
        (r"${a$", 'expected closing token "}"'),
        (r"$a}$", 'unmatched closing token: "}"'),
        (r"$}{$", 'unmatched closing token: "}"'),
        (r"$\begin{cases} a$", r'expected closing token "\end'),
        (r"$a \end{cases}$", r"\end"),
        (r"$\begin{array} a & b \end{array}$", "columns"),
        (r"$\begin{array}{*{99}{cc}*{99}{cc}} a \end{array}$", "at most 200 columns"),
        (r"$\boxed{a \\ b}$", r"\\ outside of an environment"),
        (r"$\left( a \\ b \right)$", r"\\ outside of an environment"),
        (r"$\\bar{x}$", "a command begins with one backslash"),
        (r"$x \tag{1}$", r"\tag and \label are for equations that stand by themselves"),
        (r"$\begin{equation} x \label{a} \end{equation}$", r"\tag and \label are for equations that stand by themselves"),
        (r"$$a \tag{1} \tag{2}$$", r"a line has one \tag"),
        (r"$$a \tag$$", r"\tag lacks its argument"),
        (r"$\eqref{a}$", "no equation of the note has the label 'a'; none is defined"),
        (r"$$a \label{x} \\ b \label{x}$$", "the label 'x' is given to several equations"),
        (r"$\color{mauve} x$", 'unknown color "mauve"'),
        (r"$\textcolor{red}$", r"\textcolor lacks its second argument"),
        (r"$\class{a$", r"\class lacks its argument"),
        (r"$$\text{a $b}$$", r"the math in \text does not end"),
        (r"$\verb|\alpha|$", r"\verb with commands"),
        (r"$\verb|a$", r"\verb lacks the second |"),
        (r"$\rule{1pt}{2pt}$", r"\rule that can be seen"),
        (r"$\KL(p)$", r"\newcommand in a cell above defines it, or KL under `macros` in note.yml"),
        (r"$\newcommand{\a}[x]{b}$", "a macro takes 0 to 9 arguments"),
        (r"$\newcommand{a}{b}$", r"names a, which is no command"),
        (r"$\newcommand{\a}{#1}\a$", r"the macro \a has 0 arguments and uses #1"),
        (r"$\newcommand{\a}[2]{#1#2}\a{b}$", r"\a lacks an argument of its 2"),
        (r"$\newcommand{\a}{b$", r"the argument of \newcommand does not end"),
        (r"$\def\a(#1){b}\a$", "signs between arguments"),
        (r"$\def\a#2{b}\a$", "does not number its arguments"),
        (r"$\def\a{\a}\a$", r"the macro \a stands for too much, or for itself"),
        (r"$\def\a{\b\b}\def\b{\c\c}\def\c{\a}\a$", "stands for too much, or for itself"),
        (r"$\begin{pmatrix}[c] a \end{pmatrix}$", "columns"),
        (r"$a & b$", 'found "&", which may only appear in a table'),
        (r"$$a $b$ c$$", 'unexpected "$"'),
        (r"$50%$", r"write \%"),
        ("$$a\n> b$$", r"write \gt"),
        ("$a\x02b$", "control character"),
        ("$$$$", "empty"),
        ("$$\n$$", "empty"),
        (r"\[ \]", "empty"),
        (r"\begin{equation}\end{equation}", "empty"),
        ("x", "delimiters"),
        (r"$\newcommand{\a}[1]{#1#1#1#1#1#1#1#1}\a{\a{\a{\a{\a{\a{x}}}}}}$", "stands for too much"),
        ("$" + r"\hat " * 30_000 + "x$", "more than 2000 commands"),
        ("$" + "{" * 30_000 + "}" * 30_000 + "$", "more than 2000 commands and braces"),
        ("$" + "x^{" * 1900 + "y" + "}" * 1900 + "$", "nested too deeply"),
    ],
    ids=lambda text: text[:60],
)
def test_what_would_come_out_wrong_is_refused(segment, part):
    with pytest.raises(UnsupportedMath) as caught:
        to_mathml(segment)
    assert part in str(caught.value)


MARKUP = (
    r"|x|_i^* < \text{*a* \_b\_ `c` [d](e) ![f] <img src=x onerror=alert(1)> \& lt; ~~g~~ == | http://i.org :k: '\_\%}"
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
    ("written", "character"),
    [*((sign, sign) for sign in "*[]!|:<>=()+-@"), (r"\_", "_"), (r"\#", "#"), (r"\&", "&"), (r"\{", "{"), (r"\%", "%"), (r"\$", "$")],
)
def test_no_character_of_markup_is_left(written, character):
    assert re.sub("<[^<>]*>", "", to_mathml(rf"$\text{{{written}}}$")) == f"&#{ord(character)};"


def test_quotes_in_text_are_those_of_tex():
    assert drawn_text(r"\text{`a' ~}") == "‘a’\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"


def test_no_more_than_the_known_attributes_come_out():
    tex = r"\left\{\bigl(\hat x_i \in \overline{ab}\mathbf{c}\;\middle|\;\sum_{j}\binom nk \dfrac12 \begin{array}{lr} a & b \\ c & d \end{array} \boxed{e}\right\}"
    attributes = set(re.findall(r" ([\w-]+)=", to_mathml(f"${tex}$")))
    assert attributes == {
        *(
            "accent",
            "class",
            "displaystyle",
            "linethickness",
            "lspace",
            "maxsize",
            "minsize",
            "notation",
            "rspace",
            "scriptlevel",
            "stretchy",
        ),
        "width",
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
