"""Scripts of sphinx-gallery, as scikit-learn's examples are: text in a docstring and in blocks of comments, written in reStructuredText.

They are read as percent scripts. Of reStructuredText the parts are turned into Markdown that examples are full of; what is left stays as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

_UNDERLINE = re.compile(r"([=\-~^\"'`#*+.])\1{2,}\s*$")
_RULE = re.compile(r"#{20,}\s*$")
_BLOCK = re.compile(r"# ?%%(.*)$")
_MARK = re.compile(r"^\s*\[(?:markdown|md)\]")
_ROLE = re.compile(r":(?:[\w+-]+:)?(?P<role>[\w+-]+):`(?P<text>[^`]*)`")
_LINK = re.compile(r"`([^`<]+?)\s*<([^`<>]+)>`__?")
_NAMED = re.compile(r"(?<!`)`([^`<>]+)`__?(?![`\w])")
_TARGET = re.compile(r"^\.\. _([^:\n]+|`[^`\n]+`):[ \t]+(\S+)[ \t]*$\n?", re.MULTILINE)
_ANCHOR = re.compile(r"^\.\. _[^:\n]+:[ \t]*$\n?", re.MULTILINE)
_BLOCKS = re.compile(r"(^[> ]*```.*?^[> ]*```$|^[> ]*\$\$$.*?^[> ]*\$\$$)", re.DOTALL | re.MULTILINE)
_ADDRESSES = {"doi": "https://doi.org/", "arxiv": "https://arxiv.org/abs/", "pep": "https://peps.python.org/pep-"}
_DIRECTIVE = re.compile(r"^(?P<indent>[ \t]*)\.\. (?P<name>[\w-]+)::[ \t]*(?P<rest>.*)$")
_ADMONITIONS = {"note", "warning", "tip", "seealso", "important", "caution", "hint", "admonition", "attention", "danger", "topic"}


def is_gallery_script(text: str) -> bool:
    """Whether a script is one of sphinx-gallery: it begins with a docstring that has a title in reStructuredText."""
    start = re.sub(r"\A(?:\s*#[^\n]*\n|\s*\n)*", "", text)
    match = re.match(r"[rR]?(\"\"\"|''')(.*?)\1", start, re.DOTALL)
    return match is not None and any(_UNDERLINE.match(line) for line in match[2].splitlines())


def as_percent_script(text: str) -> str:
    """The same script in percent format, its text in Markdown."""
    parts = []
    for kind, content in _blocks(text):
        if kind == "text":
            lines = markdown_from_rst(content).splitlines()
            parts.append("# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in lines))
        elif content.strip():
            parts.append("# %%\n" + content.strip("\n"))
    return "\n\n".join(parts) + "\n"


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The blocks of a script in order, each after its kind, "text" or "code"."""
    tree = ast.parse(text)
    first = tree.body[0]
    assert isinstance(first, ast.Expr), "a gallery script without a docstring"
    yield "text", ast.get_docstring(tree, clean=True) or ""
    lines = text.splitlines()[first.end_lineno or 0 :]
    code: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        match = _BLOCK.match(line)
        if not match and not _RULE.match(line):
            code.append(line)
            number += 1
            continue
        number += 1
        title = _MARK.sub("", match[1]).strip() if match else ""
        words = [title] if title else []
        while number < len(lines) and lines[number].startswith("#") and not _BLOCK.match(lines[number]) and not _RULE.match(lines[number]):
            words.append(re.sub(r"^# ?", "", lines[number]))
            number += 1
        yield "code", "\n".join(code)
        code = []
        if "\n".join(words).strip():
            yield "text", "\n".join(words)
    yield "code", "\n".join(code)


def markdown_from_rst(text: str) -> str:
    """Markdown for a text in reStructuredText: headings, roles, links, code, math, notes and pictures of it."""
    targets = {_plain_name(name): address for name, address in _TARGET.findall(text)}
    text = _ANCHOR.sub("", _TARGET.sub("", text))
    made = "\n".join(_with_directives(_with_headings(text).splitlines()))
    parts = _BLOCKS.split(made)  # what stands in fences and in displayed math is every second part
    parts[::2] = [_inline_markdown(part, targets) for part in parts[::2]]
    return "".join(parts).strip("\n")


def _with_headings(text: str) -> str:
    """The text with underlined titles as lines that begin with #; the level is the order in which the signs come first."""
    lines, made = text.splitlines(), []
    signs: list[str] = []
    number = 0
    while number < len(lines):
        under = lines[number + 1] if number + 1 < len(lines) else ""
        over = _UNDERLINE.match(lines[number]) and number + 2 < len(lines) and lines[number + 2].strip() == lines[number].strip()
        title = lines[number + 1 if over else number].strip()
        is_title = bool(over) or bool(
            title and _UNDERLINE.match(under) and len(under.strip()) >= len(title) - 1 and not _UNDERLINE.match(title)
        )
        if is_title:
            sign = lines[number].strip()[0] if over else under.strip()[0]
            if sign not in signs:
                signs.append(sign)
            made += [f"{'#' * (signs.index(sign) + 1)} {title}", ""]
            number += 3 if over else 2
        else:
            made.append(lines[number])
            number += 1
    return "\n".join(made)


def _with_directives(lines: list[str]) -> Iterator[str]:
    """The lines with the directives that Markdown has a form for in that form, and without those that only sphinx understands."""
    number = 0
    while number < len(lines):
        match = _DIRECTIVE.match(lines[number])
        literal = lines[number].rstrip().endswith("::") and not match
        if not match and not literal:
            yield lines[number]
            number += 1
            continue
        end = number + 1
        depth = len(lines[number]) - len(lines[number].lstrip())
        while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
            end += 1
        body = _dedented(lines[number + 1 : end])
        if match:
            yield from _directive_lines(match["name"], match["rest"].strip(), body)
        else:
            yield re.sub(r"\s*::$", ":" if lines[number].strip() != "::" else "", lines[number].rstrip())
            yield from ["", "```", *body, "```", ""] if body else []
        number = end


def _directive_lines(name: str, rest: str, body: list[str]) -> Iterator[str]:
    content = [line for line in body if not re.match(r":[\w-]+:", line)]
    if name == "math":
        yield from ["", "$$", *filter(None, [rest, *content]), "$$", ""]
    elif name in ("code-block", "code", "sourcecode", "prompt"):
        yield from ["", f"```{rest.partition(' ')[0]}", *content, "```", ""]
    elif name in ("image", "figure"):
        alt = next((line.partition(":alt:")[2].strip() for line in body if line.startswith(":alt:")), "")
        yield from ["", f"![{alt}]({rest})", ""]
    elif name in _ADMONITIONS:
        yield from ["", f"> **{name.capitalize()}.** {rest}".rstrip(), *(f"> {line}".rstrip() for line in _with_directives(content)), ""]
    elif name in ("rubric", "centered"):
        yield from ["", f"**{rest}**", ""]


def _dedented(lines: list[str]) -> list[str]:
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    cut = [line[min(depths, default=0) :] for line in lines]
    while cut and not cut[0].strip():
        cut.pop(0)
    while cut and not cut[-1].strip():
        cut.pop()
    return cut


def _inline_markdown(text: str, targets: Mapping[str, str]) -> str:
    """A text between blocks with its roles, links, code and footnotes in Markdown. `targets` are addresses by the names that stand for them."""
    text = _ROLE.sub(_role_markdown, text)
    text = _LINK.sub(lambda match: f"[{_plain_words(match[1])}]({match[2].strip()})", text)
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = _NAMED.sub(
        lambda match: f"[{_plain_words(match[1])}]({targets[_plain_name(match[1])]})" if _plain_name(match[1]) in targets else match[1],
        text,
    )
    text = re.sub(r"^([> ]*)\.\. \[([^\]\n]+)\]", r"\1\\[\2]", text, flags=re.MULTILINE)
    return re.sub(r"(?<!\w)\[#?([A-Za-z0-9]+)\]_", r"\\[\1]", text)


def _plain_words(text: str) -> str:
    """Words that may go over the end of a line, also in a quotation, on one line."""
    return " ".join(re.sub(r"\n[> ]*", " ", text).split())


def _plain_name(text: str) -> str:
    return _plain_words(text).strip("`").lower()


def _role_markdown(match: re.Match[str]) -> str:
    role, text = match["role"], _plain_words(match["text"])
    if role == "math":
        return f"${text}$"
    target = re.search(r"<([^<>]+)>$", text)
    words = text.partition("<")[0].strip() or text
    if role in _ADDRESSES:
        address = target[1] if target else text
        return f"[{words if target else address}]({_ADDRESSES[role]}{address})"
    if role in ("ref", "doc", "term", "user_guide", "download"):
        return words
    return f"`{words.lstrip('~.!').rpartition('.')[2] if words.startswith('~') else words.lstrip('.!')}`"
