"""Code with the four colours that the theme has: keywords, strings, numbers, comments. A site builder's own highlighting doubles a page."""

from __future__ import annotations

import html

from pygments.lexer import Lexer
from pygments.lexers import PythonLexer, get_lexer_by_name
from pygments.token import Comment, Keyword, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

_CLASSES = ((Keyword, "k"), (Operator.Word, "k"), (String, "s"), (Number, "mi"), (Comment, "c"))


def highlight_code(code: str, language: str) -> str:
    """`code` as HTML in the colours of its language; without, if pygments knows none of that name."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return html.escape(code, quote=False)
    return _highlighted(code, lexer)


def highlight_python(code: str) -> str:
    return _highlighted(code, PythonLexer(stripnl=False, ensurenl=False))


def _highlighted(code: str, lexer: Lexer) -> str:
    """`code` as HTML. Neighbouring tokens of one colour share one element."""
    made: list[str] = []
    current, text = "", ""
    for token, part in lexer.get_tokens(code):
        name = _class_of(token)
        if name != current and (part.strip() or current in ("s", "c")):
            made.append(_coloured_span(current, text))
            current, text = name, ""
        text += part
    return "".join([*made, _coloured_span(current, text)])


def _class_of(token: _TokenType) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")


def _coloured_span(name: str, text: str) -> str:
    escaped = html.escape(text, quote=False)
    return f'<span class="{name}">{escaped}</span>' if name and text else escaped
