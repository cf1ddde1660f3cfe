"""Math of prose as MathML Core, which browsers draw without JavaScript.

latex2mathml reads the TeX. What it would print unread is refused here, and what browsers would draw unlike TeX is mended.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from xml.etree.ElementTree import Element

from latex2mathml import commands, converter
from latex2mathml.symbols_parser import SYMBOLS


class UnsupportedMath(ValueError):
    """Math that would come out wrong. The message names the command or says what is wrong."""


_DELIMITED = re.compile(r"\$\$(.*)\$\$|\\\[(.*)\\\]|(\\begin\{.*\})|\$(.*)\$|\\\((.*)\\\)", re.DOTALL)
_TEXT = r"\\(?:text(?:bf|it|md|normal|rm|sf|tt|up)?|mbox)(?![A-Za-z])"
_PLAIN_TEXT = re.compile(_TEXT + r"\s*\{(?:[^{}\\$%&]|\\[%_&#$ ])*\}")
_FENCES = {"p": "()", "b": "[]", "B": (r"\{", r"\}"), "v": "||", "V": (r"\|", r"\|")}
_REWRITTEN = (
    (r"\\(?:nonumber|notag)(?![A-Za-z])|\\(?:begin|end)\{equation\*?\}", ""),  # equations are not numbered
    (r"(?<!\\)\\!", ""),  # MathML Core has no negative space
    (r"\\\\\s*\[-?[\d.]+\s*[a-z]+\]", r"\\\\"),  # nor other distances of rows, and the brackets would be printed
    (r"\\(begin|end)\{align(?:ed)?\}", r"\\\1{align*}"),  # of every kind of environment the library knows one
    (r"\\(begin|end)\{gather(?:ed|\*)?\}", r"\\\1{displaylines}"),
    (r"\\begin\{([pbBvV])matrix\}", lambda match: rf"\left{_FENCES[match[1]][0]}\begin{{matrix}}"),  # fences as high as their matrix
    (r"\\end\{([pbBvV])matrix\}", lambda match: rf"\end{{matrix}}\right{_FENCES[match[1]][1]}"),
    (r"&\s*(?=\\end\{)", "&{}"),  # it would drop a last row that ends in an empty cell
    (r"\\math(?:ds|bbm|bbold)(?![A-Za-z])", r"\\mathbb"),  # it would drop the font
    (r"\\math(rm|sf|tt)\s*\{([A-Za-z]+)\}", r"\\text\1{\2}"),  # words; it makes letters of them, a single one italic, \mathsf{E} a ⋿
    (r"\{,\}", r"\\text{,}"),  # in 1{,}000 MathML would put a space
    (r":=", r"\\coloneqq "),  # and here
    (r"\\not\s*=", r"\\neq "),  # it strikes out by overlapping, which browsers do not
    (r"\\arg(?![A-Za-z])", r"\\operatorname{arg}"),  # not among its functions
    (r"(\\operatorname\*?\s*\{[A-Za-z]+)\\[, ](?=[A-Za-z]+\})", "\\1\N{THIN SPACE}"),  # it reads letters and white space there
)
_WRONG = (
    (r"\A\s*\Z", "is empty"),
    (r"\n\s*>", r"at the beginning of a line quotes in Markdown; write \gt"),
    (r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", "is a control character"),
    (r"(?<!\\)(?:\\\\)*%", r"begins a comment; write \%"),
    (r"\\begin\s*\{(?!(?:split|align\*|displaylines|cases|array|(?:small)?matrix)\})[^}]*\}", "is not supported"),
    (
        r"\\begin\{array\}(?!\s*\{[lcr\s]+\})|\\begin\{(?!array)[^}]*\}\s*(?:\[|\{[lcr|]+\})",
        "is not supported: array alone takes columns, of l, c and r",
    ),
    (r"\\operatorname(?!\*?\s*\{[A-Za-z\s]+\})", r"takes letters only; write \text{…}"),
    (_TEXT, "takes plain text in braces, without math or commands"),
)
_KNOWN = {name for name, code in SYMBOLS.items() if unicodedata.category(chr(int(code, 16)))[0] in "LNPS"}  # no combining characters
_KNOWN |= {*commands.FUNCTIONS, *commands.LIMIT, *commands.LOCAL_FONTS, *commands.DIACRITICS, *commands.STYLES, *commands.BIG}
_KNOWN |= {*commands.BIG_OPEN_CLOSE, *commands.EXTENSIBLE_ARROWS, *commands.COMMANDS_WITH_TWO_PARAMETERS, *converter.MOVABLE_LIMIT_TEXTS}
_KNOWN |= {*re.findall(r"\\(?:\w+|.)", r"\left\middle\right\begin\end\limits\operatorname\sqrt\over\not\substack\boxed\phantom\bmod\pmod")}
_KNOWN |= {*re.findall(r"\\(?:\w+|.)", r"\quad\qquad\enspace\space\,\:\>\;\ \\")}
_KNOWN -= {r"\mit", r"\oldstyle", r"\mathnormal", r"\dddot", r"\ddddot"}  # not as in TeX
_UNSOUND = re.compile(
    r"<mpadded| (?!(?:accent|accentunder|class|displaystyle|fence|form|largeop|linethickness|lspace|mathvariant|maxsize|minsize"
    r'|movablelimits|notation|rspace|scriptlevel|stretchy|width)=)[a-z-]+="[^"]*"'
)

_SCRIPTS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
_MISREAD = {"~": "∼", "⧵": "∖"}  # the library's \sim and \setminus
_ORDINARY = {*"∞∂∇∀∃∄∅⊤⊥∠∁℘◻∎♯"}  # set like letters in TeX, like operators in MathML
_LIMITS = {*"∑∏∐⋂⋃⋀⋁⨀⨁⨂⨄⨆", "lim", "max", "min", "sup", "inf"}
_DELIMITERS, _CLOSING = {*"()[]{}|‖⟨⟩⌊⌋⌈⌉/\\↑↓↕⇑⇓⇕⟮⟯⌜⌝⌞⌟"}, {*")]}⟩⌋⌉|‖!…⋯"}
_WIDE = {"^": "ˆ", "~": "˜", "ˇtrue": "ˇ", "⎴true": "⎴", "⎵true": "⎵", **{char: char for char in "⏞⏟⏜⏝←→↔"}}
_ACCENTS = {"^true": "ˆ", "~false": "˜", "¯true": "¯", "→true": "→", **{char: char for char in "´˘ˇ˙¨`˚"}, **_WIDE}


def to_mathml(segment: str) -> str:
    """The HTML of a segment of math with its delimiters, on one line and with nothing left that Markdown takes for markup.

    Raises UnsupportedMath.
    """
    match = _DELIMITED.fullmatch(segment.strip())
    if match is None:
        raise UnsupportedMath("it is not between delimiters of math")
    inline = (match.lastindex or 0) > 3
    tex = _readable_tex(match[match.lastindex or 0])
    try:
        root: Element = converter.convert_to_element(tex)
    except Exception as error:  # noqa: BLE001 - the library's own have no message; where a token is missing also StopIteration, IndexError and the like
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
        raise UnsupportedMath(f"an argument, a delimiter or an end is missing or one too many ({words})") from None
    html = _element_html(_mended_element(root[0]))
    if unsound := _UNSOUND.search(html):
        cause = {"<mpadded": r"\not, with what follows it,", ' linebreak="newline"': r"\\ outside of an environment"}
        raise UnsupportedMath(f"{cause.get(unsound[0], unsound[0])} is not supported")
    if inline:
        return f'<span class="ln-m"><math class="ln-math">{html}</math></span>'
    # not a <div>: in a list or a quotation it would stand inside a paragraph
    frame = '<span class="ln-eq ln-scroll" tabindex="0" role="group" aria-label="Equation">'
    return f'{frame}<math display="block" class="ln-math">{html}</math></span>'


def _readable_tex(tex: str) -> str:
    """`tex` rewritten so that the library can read it. Raises UnsupportedMath for what it cannot."""
    for pattern, replacement in _REWRITTEN:
        tex = re.sub(pattern, replacement, tex)
    bare = _PLAIN_TEXT.sub("{}", tex)
    for pattern, why in _WRONG:
        if mistake := re.search(pattern, bare):
            raise UnsupportedMath(f"{mistake[0].strip() or repr(mistake[0])} {why}")
    if unknown := [name for name in re.findall(r"\\(?:[A-Za-z]+|.)", bare) if name not in _KNOWN]:
        raise UnsupportedMath(f"{unknown[0]} is not supported")
    braces = re.sub(r"\\.", "", bare)
    if braces.count("{") != braces.count("}"):
        raise UnsupportedMath("the braces do not match")
    return _PLAIN_TEXT.sub(lambda match: re.sub(r"\\ |\s+", "\N{NO-BREAK SPACE}", match[0]), tex)  # plain spaces would be trimmed


def _mended_element(element: Element) -> Element:
    """A copy of an element, with all it holds, changed so that browsers draw it as TeX would."""
    tag, attributes = element.tag, {key: value for key, value in element.attrib.items() if not key.startswith(("column", "rowspacing"))}
    if tag in ("mi", "mn", "mo", "mtext"):
        return _token_element(tag, element.text or "", attributes)
    parts = [_mended_element(part) for part in element if part.tag != "mo" or part.text]  # \left. leaves an empty one
    if tag not in _ARITY:
        _set_spacing(parts)
    if len(parts) == 1 and (tag == "mrow" or attributes == {"scriptlevel": "0"}):
        return parts[0]
    if tag == "mtd" and "columnalign" in element.attrib:
        attributes = {"class": "ln-" + element.attrib["columnalign"]}
    elif tag == "mpadded" and attributes.get("width", "").startswith("+"):  # the label of an arrow
        tag, attributes, parts = "mrow", {}, [Element("mspace", width="0.4em"), *parts[:-1], Element("mspace", width="0.4em")]
    elif tag in _ARITY:
        if len(parts) != _ARITY[tag] or (tag in _SCRIPTS and element[0].tag in _SCRIPTS):
            raise UnsupportedMath(
                "an argument is missing or needs braces" if len(parts) != _ARITY[tag] else "double subscript or superscript"
            )
        core, mark = _core_operator(parts[0]), parts[1]
        accent = f"{mark.text}{attributes.get('accent', '')}{element[1].get('stretchy', '')}" if element[1].tag == "mo" else ""
        if core.get("movablelimits") and tag in _SCRIPTS:
            tag = _SCRIPTS[tag]
        elif core.get("movablelimits"):  # \limits, \underset and the like
            core.set("movablelimits", "false")
        if accent.startswith("―"):  # \overline, \underline: fonts do not stretch it
            tag, attributes, parts = "menclose", {"notation": "top" if tag == "mover" else "bottom"}, parts[:1]
        elif accent in _ACCENTS and tag in ("mover", "munder"):
            mark.text, mark.attrib = _ACCENTS[accent], {"stretchy": str(accent in _WIDE).lower()}
            attributes = {"accent" if tag == "mover" else "accentunder": str(accent != "→true").lower()}  # \vec is a small one
    mended = Element(tag, attributes)
    mended.extend(parts)
    return mended


def _token_element(tag: str, raw: str, attributes: dict[str, str]) -> Element:
    """An element for one token (letter, number, operator or text), with characters where the library leaves references to them."""
    text = re.sub(r"(?<!\\)&#x([0-9A-Fa-f]+);", lambda match: chr(int(match[1], 16)), raw)
    font = attributes.pop("mathvariant", "").replace("-italic", " italic").upper()
    fence = attributes.get("fence") == "true" or "minsize" in attributes
    if tag == "mtext":
        text = re.sub(r"\\([%_&#$])", r"\1", text)
    elif raw in SYMBOLS and raw.startswith("\\"):  # a delimiter after \big, which it does not look up
        text = chr(int(SYMBOLS[raw], 16))
    elif left := re.search(r"\\[A-Za-z]*|[{}$&#]", re.sub(r"&#x[0-9A-Fa-f]+;", "", raw)):
        raise UnsupportedMath(f"{left[0]} is out of place: an argument, a delimiter or an environment is missing")
    elif tag == "mn" and not re.fullmatch(r"[\d.]+", text):
        raise UnsupportedMath(rf"{text!r} is read as a length; write \, between number and letters")
    elif tag == "mi" and not font:
        text = _MISREAD.get(text, text)
        if _is_name(text) or text in {*";:•‖"} or (len(text) == 1 and unicodedata.category(text) in ("Sm", "Ps", "Pe")):
            tag = "mo"
    if fence and (text := {"<": "⟨", ">": "⟩"}.get(text, text)) not in _DELIMITERS:
        raise UnsupportedMath(f"{text} is not a delimiter")
    tag = "mi" if tag == "mo" and text in _ORDINARY else tag
    if tag == "mo":
        attributes |= {"stretchy": str(fence).lower()} if text in _DELIMITERS else {}
        attributes |= {"lspace": "0em", "rspace": "0em"} if text in {*"|‖/"} and "form" not in attributes else {}
        attributes |= {"movablelimits": "true"} if text in _LIMITS else {}
    elif tag == "mi" and len(text) == 1 and (font == "NORMAL" or (not font and (text == "∇" or "Α" <= text <= "Ω"))):
        attributes["mathvariant"] = "normal"
    elif font:
        text = "".join(_letter_in_font(char, font) for char in text)
    token = Element(tag, attributes)
    token.text = text
    return token


def _letter_in_font(char: str, font: str) -> str:
    """`char` in a font: in MathML Core the letters of another font are other characters."""
    name = re.sub("LATIN |GREEK |LETTER |LUNATE ", "", unicodedata.name(char, ""))
    font = "BOLD" if font == "BOLD ITALIC" and ("Α" <= char <= "Ω" or char.isdigit()) else font
    for full in (f"MATHEMATICAL {font} {name}", f"{font.replace('FRAKTUR', 'BLACK-LETTER')} {name}"):
        with suppress(KeyError):
            return unicodedata.lookup(full)
    return char


def _is_name(text: str | None) -> bool:
    return text in {*"…⋯"} or (text is not None and len(text) > 1 and text[0].isalpha() and text != "mod")


def _core_operator(element: Element) -> Element:
    """The innermost base of an element with subscripts or superscripts: the whole is spaced like it."""
    return _core_operator(element[0]) if element.tag in {*_SCRIPTS, *_SCRIPTS.values()} else element


def _set_spacing(row: list[Element]) -> None:
    """Put the space of TeX around names such as `log`, and none between a sign and its term."""
    cores = [_core_operator(part) for part in row]
    for i, core in enumerate(cores):
        after_term = i > 0 and (cores[i - 1].tag != "mo" or cores[i - 1].text in _CLOSING)
        before_term = i + 1 < len(cores) and (cores[i + 1].tag != "mo" or _is_name(cores[i + 1].text))
        if core.tag == "mo" and _is_name(core.text):
            core.attrib |= {"lspace": "0.167em" if after_term else "0em", "rspace": "0.167em" if before_term else "0em"}
        elif core.tag == "mo" and core.text in {*"+−±∓"} and i and not after_term:
            core.set("form", "prefix")


def _element_html(element: Element) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    text = "".join(char if char.isalnum() or not (char.isascii() or char.isspace()) else f"&#{ord(char)};" for char in element.text or "")
    return f"<{element.tag}{attributes}>{text}{''.join(map(_element_html, element))}</{element.tag}>"
