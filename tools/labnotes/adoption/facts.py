"""What note.yml says of an adopted notebook: title, authors, date, language and summary, each from the best place that has it."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from labnotes.adoption import git_facts
from labnotes.adoption.drafts import Draft, Told
from labnotes.source import bindings, languages, markdown_reader, plain_yaml, prose_facts, raw_cells
from labnotes.source.setting_texts import TO_FILL_IN

LONGEST_SUMMARY = 300
"""Characters of a summary that is taken from the text."""

NO_SUMMARY = f"{TO_FILL_IN}: one sentence that says what was found."

_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z\"'(]|\s*$)", re.DOTALL)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


@dataclass(frozen=True, kw_only=True)
class NoteAuthorFacts:
    """An author as front matter names one."""

    name: str
    affiliation: str = ""
    orcid: str = ""

    def as_yaml(self) -> object:
        more = {key: value for key, value in (("affiliation", self.affiliation), ("orcid", self.orcid)) if value}
        return {"name": self.name, **more} if more else self.name


@dataclass(frozen=True, kw_only=True)
class NoteFacts:
    """The facts of note.yml. `summary_given` tells that the notebook has the summary."""

    title: str
    authors: tuple[NoteAuthorFacts, ...]
    date: datetime.date
    language: str
    summary: str
    tags: tuple[str, ...]

    @property
    def summary_given(self) -> bool:
        return self.summary != NO_SUMMARY

    def settings_text(self) -> str:
        """The text of note.yml."""
        fields: dict[str, object] = {
            "title": self.title,
            "date": self.date.isoformat(),
            "authors": [author.as_yaml() for author in self.authors],
            "summary": self.summary,
            "tags": list(self.tags),
            "status": "draft",
        }
        if self.language:
            fields["language"] = self.language
        lines = []
        for key, value in fields.items():
            text = (
                json.dumps(value, ensure_ascii=False)
                if isinstance(value, list)
                else str(value)
                if key == "date"
                else plain_yaml.text_value(str(value))
            )
            lines.append(f"{key}: {text}\n")
        return "".join(lines)


def take_facts(draft: Draft, today: datetime.date) -> NoteFacts:
    """The facts of a draft. Its front matter is taken out of it, since note.yml has what it says."""
    said = _take_front_matter(draft)
    history = git_facts.file_history(draft.origin)
    title = _first_text(said, "title", "pagetitle") or _heading_title(draft) or _metadata_title(draft) or _file_title(draft)
    authors = list(authors_in(said.get("authors", said.get("author")))) or list(authors_in(draft.metadata.get("authors")))
    if not authors:
        names = history.authors or (git_facts.configured_author(),)
        authors = [NoteAuthorFacts(name=name) for name in names]
    summary = _first_text(said, "description", "abstract", "summary") or summary_in_text(draft)
    return NoteFacts(
        title=title,
        authors=tuple(authors),
        date=min(_date_in(said.get("date")) or history.first or _changed_on(draft), today),
        language=_language_in(said.get("lang", said.get("language"))),
        summary=_one_line(summary) or NO_SUMMARY,
        tags=tuple(_tags_in(said.get("tags", said.get("categories", said.get("keywords"))))),
    )


def _take_front_matter(draft: Draft) -> dict[str, object]:
    """The front matter of a draft, which is its first cell or begins it."""
    first = draft.cells[0] if draft.cells else None
    text = raw_cells.front_matter(first.source) if first is not None and first.kind in ("raw", "text") else ""
    if not text or first is None:
        return {}
    try:
        said = plain_yaml.read_yaml(text)[1]
    except (plain_yaml.UnreadableYaml, yaml.YAMLError):
        return {}
    if not isinstance(said, dict):
        return {}
    rest = re.sub(r"\A\s*---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", "", first.source, count=1, flags=re.DOTALL)
    if rest.strip():
        draft.replace_source(0, rest.lstrip("\n"))
    else:
        del draft.cells[0]
    used = (
        "title",
        "author",
        "authors",
        "date",
        "lang",
        "language",
        "description",
        "abstract",
        "summary",
        "tags",
        "categories",
        "keywords",
    )
    left = [str(key) for key in said if key not in used]
    what = "its front matter is in note.yml now" + (f"; left out, since no note has them: {', '.join(left)}" if left else "")
    draft.mended.append(Told("", what))
    return {str(key): value for key, value in said.items()}


def _first_text(said: Mapping[str, object], *keys: str) -> str:
    texts = (said.get(key) for key in keys)
    return next((_one_line(text) for text in texts if isinstance(text, str) and text.strip()), "")


def _one_line(text: str) -> str:
    plain = re.sub(r"!\[[^\]]*\]\([^)]*\)|<[^<>]*>|\[@[^\]]*\]", "", text)
    return " ".join(bindings.reader_words(plain).replace("{{", "{ {").split())


def _heading_title(draft: Draft) -> str:
    """The words of the first heading of the first level, else of the first of any level in the first cell of text."""
    headings = [(level, words, number) for _, number, cell in draft.cells_of("text") for level, words in _headings(cell.source)]
    first = next((words for level, words, _ in headings if level == 1), "")
    return _one_line(first or next((words for _, words, number in headings if number == 1), ""))


def _headings(text: str) -> Iterator[tuple[int, str]]:
    for heading in prose_facts.text_facts(text).headings:
        if heading.words.strip():
            yield heading.level, heading.words


def _metadata_title(draft: Draft) -> str:
    title = draft.metadata.get("title")
    return _one_line(title) if isinstance(title, str) else ""


def _file_title(draft: Draft) -> str:
    words = re.sub(r"[\s_-]+", " ", re.sub(r"^plot_", "", draft.origin.stem)).strip()
    return words[:1].upper() + words[1:]


def authors_in(given: object) -> Iterator[NoteAuthorFacts]:
    """The authors that front matter or metadata names: a text, a list of texts, entries with a name in one piece or in parts."""
    if isinstance(given, str):
        parts = re.split(r"\s*;\s*|\s+and\s+|\s+&\s+", given.strip())
        if len(parts) == 1 and all(" " in name.strip() for name in given.split(",")):
            parts = given.split(",")
        else:
            parts = [name for part in parts for name in (part.split(",") if all(" " in n.strip() for n in part.split(",")) else [part])]
        yield from (NoteAuthorFacts(name=" ".join(name.split())) for name in parts if name.strip(" ,"))
    elif isinstance(given, Mapping):
        name = given.get("name")
        if isinstance(name, Mapping):
            parts = [name.get("literal")] if name.get("literal") else [name.get("given"), name.get("family")]
            name = " ".join(str(part) for part in parts if part)
        if isinstance(name, str) and name.strip():
            orcid = _ORCID.search(str(given.get("orcid", "")))
            home = given.get("affiliation", given.get("affiliations", ""))
            while isinstance(home, list) and home:
                home = home[0]
            home = home.get("name", "") if isinstance(home, Mapping) else home
            affiliation = home.strip() if isinstance(home, str) else ""
            yield NoteAuthorFacts(name=" ".join(name.split()), affiliation=affiliation, orcid=orcid[0] if orcid else "")
    elif isinstance(given, Sequence):
        for entry in given:
            yield from [NoteAuthorFacts(name=entry.strip())] if isinstance(entry, str) and entry.strip() else authors_in(entry)


def _date_in(given: object) -> datetime.date | None:
    text = str(given or "").strip()
    match = re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text)
    try:
        if match:
            return datetime.date(*map(int, match.groups()))
        for form in ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%m/%d/%Y"):
            try:
                return datetime.datetime.strptime(text, form).date()
            except ValueError:
                continue
    except ValueError:
        return None
    return None


def _changed_on(draft: Draft) -> datetime.date:
    return datetime.datetime.fromtimestamp(draft.origin.stat().st_mtime, datetime.UTC).date()


def _language_in(given: object) -> str:
    if not isinstance(given, str) or given.lower() in ("python", "r", "julia"):
        return ""
    try:
        return languages.checked_language(given)
    except ValueError:
        return ""


def _tags_in(given: object) -> Iterator[str]:
    words = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    yield from (" ".join(word.split()) for word in words if isinstance(word, str) and word.strip() and not set("<>") & set(word))


def summary_in_text(draft: Draft) -> str:
    """The first sentences of the text after the title; "" if the first thing there is no paragraph of words."""
    for _, number, cell in draft.cells_of("text"):
        if number > 2:
            break
        tokens = markdown_reader.read_markdown(cell.source)
        for at, token in enumerate(tokens):
            if token.type != "inline" or tokens[at - 1].type != "paragraph_open" or tokens[at - 1].level > 0:
                continue
            words = _one_line(token.content)
            sentences = _SENTENCE.findall(words)
            if not sentences or len(sentences[0].split()) < 4:
                continue
            both = " ".join(sentence.strip() for sentence in sentences[:2])
            text = both if len(both) <= LONGEST_SUMMARY else sentences[0].strip()
            return text if len(text) <= LONGEST_SUMMARY else ""
    return ""
