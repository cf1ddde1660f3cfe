"""What is mended in an adopted notebook, since it is sure what is meant: headings, pictures, links, HTML, installs. Each change is told."""

from __future__ import annotations

import base64
import binascii
import bisect
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from labnotes.adoption.drafts import Draft, Told, place_of
from labnotes.source import cell_options, heading_levels, markdown_checks, markdown_pieces, prose_facts
from labnotes.source.heading_addresses import heading_slug
from labnotes.source.heading_levels import LevelledHeading
from labnotes.source.setting_texts import TO_FILL_IN

_ATX = re.compile(r"^( {0,3})(#{1,6})(?=[ \t]|$)")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_IMAGE = re.compile(
    r"!\[(?P<alt>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*(?P<target><[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?P<title>\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_LINKED_IMAGE = re.compile(rf"\[\s*{_IMAGE.pattern}\s*\](?=\()")
_LINK = re.compile(r"(?<![!\\])\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)")
_IMG = re.compile(r"<img\b(?P<inner>[^<>]*?)/?>", re.IGNORECASE)
_LINKED_IMG = re.compile(r"(<a\b[^<>]*>)\s*<img\b(?P<inner>[^<>]*?)/?>\s*(</a>)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_ACTIVE = re.compile(r"<(?P<name>style|script|link)\b(?P<inner>[^<>]*)>", re.IGNORECASE)
_FRAME = re.compile(r"<(?P<name>iframe|embed|object)\b(?P<inner>[^<>]*)>", re.IGNORECASE)
_CLOSING = re.compile(r"</(?P<name>\w+)\s*>")
_CODE = re.compile(r"^(`{3,}+|~{3,}+).*?^\1|`[^`\n]++`", re.DOTALL | re.MULTILINE)
_INSTALL = re.compile(
    r"^(?P<indent>[ \t]*)(?:[!%][ \t]*)?(?:\{?sys\.executable\}?[ \t]+-m[ \t]+|python3?[ \t]+-m[ \t]+|uv[ \t]+)?(?P<tool>pip3?|conda|mamba|apt|apt-get)"
    r"[ \t]+install\b(?P<rest>.*)$"
)
_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%(?!\s*\n)")
_DIVISION = re.compile(r"^ {0,3}:{3,}[ \t]*(?:(?P<quarto>\{[ \t]*[.#][^}]*\})|(?P<other>\{?[A-Za-z][^\n]*))?[ \t]*$")
_CALLOUT = re.compile(r"\.callout-(note|tip|warning|caution|important)\b")
_DATA = re.compile(r"data:image/(?P<kind>[\w.+-]+);base64,(?P<content>[A-Za-z0-9+/=\s%]+)")
_SUFFIXES = {"jpeg": ".jpg", "svg+xml": ".svg"}
_COLAB = ("colab.research.google.com", "mybinder.org", "kaggle.com")


@dataclass(frozen=True)
class _Reader:
    """A place in a draft that is being mended."""

    draft: Draft
    index: int

    @property
    def place(self) -> str:
        return place_of(self.draft.cells, self.index)

    def tell_mended(self, what: str) -> None:
        self.draft.mended.append(Told(self.place, what))

    def tell_rest(self, what: str, hint: str) -> None:
        self.draft.remaining.append(Told(self.place, what, hint))


def mend_draft(draft: Draft) -> None:
    """Mend everything that can be mended for sure."""
    mend_headings(draft)
    mark_expected_errors(draft)
    for index, cell in enumerate(draft.cells):
        if cell.kind == "text":
            reader = _Reader(draft, index)
            for mend in (_mend_divisions, _mend_active_html, _mend_pictures, _mend_links, _mend_math, _mend_braces):
                text = mend(draft.cells[index].source, reader)
                if text != draft.cells[index].source:
                    draft.replace_source(index, text)
        elif cell.kind == "code":
            _mend_installs(draft, index)
    _drop_attachments(draft)


def mark_expected_errors(draft: Draft) -> None:
    """Tag the cells that show an error on purpose: those whose kept output is one, where the notebook went on after it."""
    last = max((index for index, cell in enumerate(draft.cells) if cell.outputs), default=-1)
    for index, number, cell in draft.cells_of("code"):
        errors = [str(output.get("ename", "an error")) for output in cell.outputs if output.get("output_type") == "error"]
        tags = cell.metadata.get("tags", [])
        if errors and index < last and isinstance(tags, list) and cell_options.MAY_RAISE not in tags:
            draft.cells[index] = replace(cell, metadata={**cell.metadata, "tags": [*tags, cell_options.MAY_RAISE]})
            what = f"shows {errors[0]} in the notebook, which goes on after it: it is tagged {cell_options.MAY_RAISE}"
            draft.mended.append(Told(f"cell {number}", what))


# -- headings ----------------------------------------------------------------------------------------------------------------------------


def mend_headings(draft: Draft) -> None:
    """Move headings to the levels at which a page shows them: below the title none is of the first level, and no level is left out."""
    texts = list(draft.cells_of("text"))
    facts = [prose_facts.text_facts(cell.source) for _, _, cell in texts]
    moved: dict[int, list[LevelledHeading]] = {}
    for shown in heading_levels.level_headings(facts, [False] * len(facts)):
        if shown.level not in (heading_levels.TITLE, shown.heading.level):
            moved.setdefault(texts[shown.cell][0], []).append(shown)
    for index, headings in moved.items():
        lines = draft.cells[index].source.split("\n")
        told = [
            f"{shown.heading.words:.60} ({'#' * shown.heading.level} to {'#' * shown.level})"
            for shown in headings
            if _move_heading(lines, shown.heading.line - 1, shown.heading.level, shown.level)
        ]
        if told:
            draft.replace_source(index, "\n".join(lines))
            draft.mended.append(Told(place_of(draft.cells, index), f"moved to fit below the title: {'; '.join(told)}"))


def _move_heading(lines: list[str], at: int, old: int, new: int) -> bool:
    """Write the heading in a line with another level; False if it is written in a way that is not known here."""
    match = _ATX.match(lines[at])
    if match and len(match[2]) == old:
        lines[at] = f"{match[1]}{'#' * new}{lines[at][match.end() :]}"
        return True
    if re.search(rf"<h{old}\b", lines[at], re.IGNORECASE):
        for number in range(at, min(at + 5, len(lines))):
            lines[number] = re.sub(rf"(</?)h{old}\b", rf"\g<1>h{new}", lines[number], flags=re.IGNORECASE)
            if re.search(rf"</h{new}\b", lines[number], re.IGNORECASE):
                break
        return True
    if at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]) and lines[at].strip():
        lines[at], lines[at + 1] = f"{'#' * new} {lines[at].strip()}", ""
        return True
    return False


# -- pictures ----------------------------------------------------------------------------------------------------------------------------


def _mend_pictures(text: str, reader: _Reader) -> str:
    text = _LINKED_IMAGE.sub(lambda match: f"[{_linked_words(match, reader)}]", text)
    text = _LINKED_IMG.sub(lambda match: f"{match[1]}{_html_words(match, reader)}{match[3]}", text)
    text = _outside_code(text, _IMAGE, lambda match: _mended_image(match, reader))
    return _outside_code(text, _IMG, lambda match: _mended_img(match, reader))


def _outside_code(text: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> str:
    """Replace what a pattern matches, but not in fenced blocks and code spans."""
    is_code = _code_places(text)
    return pattern.sub(lambda match: match[0] if is_code(match.start()) else replacement(match), text)


def _code_places(text: str) -> Callable[[int], bool]:
    """Tells whether a place of the text is in a fenced block or a code span."""
    spans = [match.span() for match in _CODE.finditer(text)]
    starts = [start for start, _ in spans]

    def is_code(place: int) -> bool:
        at = bisect.bisect_right(starts, place) - 1
        return at >= 0 and place < spans[at][1]

    return is_code


def _replace_elements(text: str, opening: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> str:
    """Replace each element outside code whose first tag a pattern matches: up to its last tag, if that comes before another of its name begins,
    else the first tag alone. Each tag is looked at once."""
    is_code, closings = _code_places(text), [*_CLOSING.finditer(text)]
    openings = [match for match in opening.finditer(text) if not is_code(match.start())]
    nexts = [*(match.start() for match in openings[1:]), len(text)]
    parts, position, at = [], 0, 0
    for match, limit in zip(openings, nexts, strict=False):
        if match.start() < position:
            continue
        end = match.end()
        while at < len(closings) and closings[at].start() < limit:
            if closings[at].start() >= match.end() and closings[at]["name"].lower() == match["name"].lower():
                end = closings[at].end()
                break
            at += 1
        parts += [text[position : match.start()], replacement(match)]
        position = end
    return "".join([*parts, text[position:]])


def _is_elsewhere(target: str) -> bool:
    return re.match(r"(?:https?:)?//", target.strip(), re.IGNORECASE) is not None


def _linked_words(match: re.Match[str], reader: _Reader) -> str:
    """What stands for a picture that is a link: its words if it lies elsewhere, as badges do; else the picture."""
    if not _is_elsewhere(match["target"]):
        return match[0][1:-1].strip()
    reader.tell_mended(f"a picture from elsewhere is its words now: {match['target']:.80}")
    return match["alt"].strip() or _words_of(match["target"])


def _html_words(match: re.Match[str], reader: _Reader) -> str:
    attributes = _attributes(match["inner"])
    if not _is_elsewhere(attributes.get("src", "")):
        return f"<img{match['inner']}>"
    reader.tell_mended(f"a picture from elsewhere is its words now: {attributes['src']:.80}")
    return attributes.get("alt", "").strip() or _words_of(attributes["src"])


def _words_of(target: str) -> str:
    """Words for a picture that has none: the site or the file."""
    if any(site in target for site in _COLAB):
        return "Open it in Colab" if "colab" in target else "Open it elsewhere"
    stem = re.sub(r"[\s_-]+", " ", unquote(Path(urlsplit(target).path).stem)).strip()
    return stem or "picture"


def _attributes(inner: str) -> dict[str, str]:
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(inner)}


def _mended_image(match: re.Match[str], reader: _Reader) -> str:
    target, alt = match["target"].strip("<>"), match["alt"].strip()
    if _is_elsewhere(target):
        reader.tell_mended(f"a picture from elsewhere is a link now, since a page loads nothing from others: {target:.80}")
        return f"[{alt or _words_of(target)}]({target})"
    name = _saved_picture(target, reader)
    if not name:
        reader.tell_rest(f"shows {target:.80}, which is not there: its words stand in its place", "save it beside the note, and show it")
        return f"*{alt or _words_of(target)}*"
    return f"![{alt or _asked_words(name, reader)}]({_as_target(name)}{match['title'] or ''})"


def _mended_img(match: re.Match[str], reader: _Reader) -> str:
    attributes = _attributes(match["inner"])
    source, alt = attributes.get("src", ""), attributes.get("alt", "").strip()
    if _is_elsewhere(source):
        reader.tell_mended(f"a picture from elsewhere is a link now, since a page loads nothing from others: {source:.80}")
        return f'<a href="{html.escape(source)}">{html.escape(alt or _words_of(source))}</a>'
    name = _saved_picture(source, reader) if source else ""
    if not name:
        reader.tell_rest(f"shows {source:.80}, which is not there: its words stand in its place", "save it beside the note, and show it")
        return f"<em>{html.escape(alt or _words_of(source))}</em>"
    kept = "".join(
        f' {key}="{html.escape(attributes[key])}"' for key in ("width", "height") if re.fullmatch(r"\d+%?", attributes.get(key, ""))
    )
    return f'<img src="{_as_target(name)}" alt="{html.escape(alt or _asked_words(name, reader))}"{kept}>'


def _as_target(name: str) -> str:
    return name.replace(" ", "%20")


def _asked_words(name: str, reader: _Reader) -> str:
    reader.tell_rest(f"the picture {name} has no words for who cannot see it", f"write them in place of '{TO_FILL_IN} …'")
    return f"{TO_FILL_IN}: what {Path(name).name} shows"


def _saved_picture(target: str, reader: _Reader) -> str:
    """The name of the file beside the note that holds a picture; "" if the picture is nowhere."""
    draft = reader.draft
    data = _DATA.fullmatch(target)
    if data:
        return _saved_bytes(unquote(data["content"]), f"picture.{data['kind']}", data["kind"], reader)
    if target.startswith(markdown_checks.ATTACHMENT):
        name = unquote(target.removeprefix(markdown_checks.ATTACHMENT))
        kinds: Mapping[str, str] = draft.cells[reader.index].attachments.get(name, {})
        kind = next(iter(kinds), "")
        return _saved_bytes(kinds[kind], name, kind.partition("/")[2], reader) if kind else ""
    path = local_file(draft.folder, target)
    if path is None:
        return ""
    return copied_name(draft, path)


def _saved_bytes(text: str, name: str, kind: str, reader: _Reader) -> str:
    content = "".join(text) if not isinstance(text, str) else text
    try:
        decoded = base64.b64decode("".join(content.split()), validate=False)
    except (binascii.Error, ValueError):
        return ""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-").lower() or "picture"
    suffix = _SUFFIXES.get(kind, f".{kind}" if kind.isalnum() else Path(name).suffix)
    made = free_name(reader.draft, f"{stem}{suffix}", decoded)
    reader.draft.files[made] = decoded
    reader.tell_mended(f"a picture in the cell is the file {made} now")
    return made


def free_name(draft: Draft, name: str, content: bytes | Path) -> str:
    """The name, or one like it, under which a file can go beside the note."""
    path, number = Path(name), 1
    while draft.files.get(name, content) != content or name in ("note.yml", f"note{draft.suffix}", "references.bib"):
        number += 1
        name = path.with_name(f"{path.stem}-{number}{path.suffix}").as_posix()
    return name


def local_file(folder: Path, target: str) -> Path | None:
    """The file that a local target names; one whose name differs in capitals alone is meant."""
    written = unquote(urlsplit(target).path) if not re.match(r"[A-Za-z][\w+.-]*:", target) else ""
    if not written or "\0" in written or len(written) > 1_000:
        return None
    path = folder / written
    try:
        if path.is_file():
            return path
        near = [other for other in path.parent.iterdir() if other.name.lower() == path.name.lower() and other.is_file()]
    except OSError:
        return None
    return near[0] if len(near) == 1 else None


def copied_name(draft: Draft, path: Path) -> str:
    """The name beside the note under which a file is copied: its path from the notebook, or its bare name if it lies elsewhere."""
    real = path.resolve()
    inside = real.relative_to(draft.folder.resolve()).as_posix() if real.is_relative_to(draft.folder.resolve()) else real.name
    name = free_name(draft, inside, path)
    draft.files[name] = path
    return name


def _drop_attachments(draft: Draft) -> None:
    for index, cell in enumerate(draft.cells):
        if cell.attachments:
            draft.cells[index] = replace(cell, attachments={})


# -- links and HTML ----------------------------------------------------------------------------------------------------------------------


def _mend_divisions(text: str, reader: _Reader) -> str:
    """Callouts of Quarto as admonitions, and its other divisions as what is in them."""
    lines: list[str] = []
    is_kept: list[bool] = []
    changed = False
    for line in text.split("\n"):
        opening = _DIVISION.match(line)
        if opening and (opening["quarto"] or opening["other"]):
            callout = _CALLOUT.search(line)
            is_kept.append(callout is not None or bool(opening["other"]))
            lines += [f":::{{{callout[1]}}}"] if callout else [line] if opening["other"] else []
            changed = changed or bool(opening["quarto"])
        elif opening and (is_kept or "{" not in line):
            kept = is_kept.pop() if is_kept else False
            lines += [":::" if kept and changed else line] if kept else []
            changed = changed or not kept
        else:
            lines.append(line)
    if changed:
        reader.tell_mended("divisions of Quarto are admonitions now, or what is in them")
    return "\n".join(lines) if changed else text


def _mend_active_html(text: str, reader: _Reader) -> str:
    def dropped(match: re.Match[str]) -> str:
        reader.tell_mended(f"left out <{match['name'].lower()}>: a page takes no styles and scripts from a note")
        return ""

    def linked(match: re.Match[str]) -> str:
        address = _attributes(match["inner"]).get("src") or _attributes(match["inner"]).get("data", "")
        reader.tell_mended(f"<{match['name'].lower()}> is a link now, since a page loads nothing from others: {address:.80}")
        return f'<a href="{html.escape(address)}">{html.escape(address)}</a>' if _is_elsewhere(address) else ""

    return _replace_elements(_replace_elements(text, _ACTIVE, dropped), _FRAME, linked)


def _mend_links(text: str, reader: _Reader) -> str:
    """Links to files: those beside the notebook are copied, those to nothing, and to other notebooks, become their words."""
    draft = reader.draft
    known = _heading_addresses(draft)

    def mended(match: re.Match[str]) -> str:
        target, words = match["target"], match["text"]
        if target.startswith("#"):
            if not target[1:] or heading_slug(unquote(target[1:])) in known or unquote(target[1:]) in known:
                return match[0]
            reader.tell_mended(f"a link to {target:.60}, which no heading has, is its words now")
            return words
        if not target or not markdown_checks.is_local(target):
            return match[0]
        path = local_file(draft.folder, target)
        if path is not None and path.suffix.lower() not in (".ipynb", ".md", ".qmd", ".rst", ".html", ".rmd"):
            name = copied_name(draft, path)
            return match[0] if name == target else f"[{words}]({_as_target(name)})"
        reader.tell_mended(f"a link to {target:.80}, which does not come along, is its words now")
        return words

    return _outside_code(text, _LINK, mended)


def _heading_addresses(draft: Draft) -> set[str]:
    known = set()
    for _, _, cell in draft.cells_of("text"):
        facts = prose_facts.text_facts(cell.source)
        known |= {heading_slug(heading.words) for heading in facts.headings} | {heading.name for heading in facts.headings}
        known |= {name for _, name in facts.anchors}
    return known


def _mend_math(text: str, reader: _Reader) -> str:
    """Percent signs in math, each with a backslash: without one the rest of the line is a comment, which nobody means within a line."""
    count = 0
    for piece in reversed(list(prose_facts.text_facts(text).pieces_of(markdown_pieces.MATH))):
        written, changed = _PERCENT.subn(r"\1\\%", piece.text)
        text, count = f"{text[: piece.start]}{written}{text[piece.end :]}", count + changed
    if count:
        reader.tell_mended(
            f"a percent sign in math begins a comment, so {'it has' if count == 1 else f'{count} of them have'} a backslash now"
        )
    return text


def _mend_braces(text: str, reader: _Reader) -> str:
    """Pairs of braces, which would bind a claim, as braces."""
    pieces = list(prose_facts.text_facts(text).pieces_of(markdown_pieces.BINDING))
    for piece in reversed(pieces):
        text = f"{text[: piece.start]}\\{{{text[piece.start + 1 :]}"
    if pieces:
        reader.tell_mended("double braces are meant as braces, so each has a backslash now")
    cited = [piece for piece in prose_facts.text_facts(text).pieces_of(markdown_pieces.CITATION)]
    for piece in reversed(cited):
        text = f"{text[: piece.start]}\\{text[piece.start :]}"
    if cited:
        reader.tell_rest(
            "cites works, which are text until references.bib has them", "write references.bib, and take the backslash before [@ away"
        )
    return text


# -- code --------------------------------------------------------------------------------------------------------------------------------


def _mend_installs(draft: Draft, index: int) -> None:
    """Turn lines that install packages into comments: a run has no network, and what it needs stands in requirements.txt."""
    lines = draft.cells[index].source.split("\n")
    wanted: list[str] = []
    changed, number = False, 0
    while number < len(lines):
        match = _INSTALL.match(lines[number])
        if match:
            words = match["rest"]
            end = number
            while lines[end].rstrip().endswith("\\") and end + 1 < len(lines):
                end += 1
                words = f"{words.rstrip().removesuffix(chr(92))} {lines[end].strip()}"
            names = _installed_names(words) if match["tool"].startswith("pip") else []
            wanted += names
            comment = f"# in requirements.txt: {' '.join(names)}" if names else f"# {lines[number].strip()}"
            lines[number : end + 1] = [f"{match['indent']}pass  {comment}" if match["indent"] else comment]
            changed = True
        number += 1
    if changed:
        draft.replace_source(index, "\n".join(lines))
        draft.requirements += [name for name in wanted if name not in draft.requirements]
        hint = f"; lines for requirements.txt: {', '.join(wanted)}" if wanted else ""
        draft.mended.append(
            Told(place_of(draft.cells, index), f"what installs packages is a comment now, since a run has no network{hint}")
        )


def _installed_names(words: str) -> list[str]:
    """The requirements that a call of pip names."""
    plain = re.split(r"\s(?:#|>|&&|\|\||;)", f" {words}")[0]
    names = [word.strip("'\"") for word in plain.split()]
    return [name for name in names if re.match(r"[A-Za-z0-9]", name) and not name.endswith((".txt", ".toml"))]
