"""What staging needs to know of the site: the lab's mkdocs.yml, read without its site builder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from labnotes import installation
from labnotes.errors import Problem, UsageError
from labnotes.source import identifiers

REPRODUCE = "labnotes check {slug} --fresh"

INSTALL = f"install: {installation.DISTRIBUTION} @ git+https://github.com/owner/repository"
"""An example: what follows `pip install`, with the place that labnotes comes from."""


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What staging needs to know of the site. `url` ends in a slash; "" if the lab has no address yet. `language` is
    that of the theme.

    From `extra: labnotes:` come `reproduce`, the commands that repeat a note from a clean checkout ({slug} stands for it); `colab`, where
    the published site lies on GitHub as owner/repository/branch; `install`, what a notebook has to install there; `licence`, that of notes
    that state none, as SPDX names it; `contact`, an address of mail or of a page; `report`, where a problem is reported, and `source`, where
    a line of a file can be seen, with words in braces in the place of what is filled in (`talk_back`). `repository` is `repo_url`. `tagged`
    tells that the lab has a page of tags, `menu` are the pages that its `nav` names.
    """

    name: str = "Lab notes"
    url: str = ""
    docs: Path = Path("docs")
    language: str = "en"
    reproduce: str = REPRODUCE
    colab: str = ""
    install: str = ""
    licence: str = ""
    contact: str = ""
    report: str = ""
    source: str = ""
    repository: str = ""
    tagged: bool = False
    menu: tuple[str, ...] = ()


def read_settings(path: Path) -> SiteSettings:
    """Read the settings from a mkdocs.yml. Raises UsageError, with all that is wrong, for settings that cannot be used."""
    settings = _yaml_fields(path)
    extra: Any = settings.get("extra")
    own: Any = (extra.get("labnotes") if isinstance(extra, dict) else None) or {}
    problems = []
    known = ("reproduce", "colab", "install", "licence", "contact", "report", "source")
    for key in own if isinstance(own, dict) else ["labnotes"]:
        if key not in known or not isinstance(own[key], str):
            problems.append(Problem(f"{path}: extra.labnotes.{key}", "is no text setting of labnotes", f"known: {', '.join(known)}"))
    if isinstance(own, dict) and own.get("colab") and len(str(own["colab"]).split("/")) < 3:
        problems.append(Problem(f"{path}: extra.labnotes.colab", f"found {own['colab']!r}", "colab: owner/repository/branch"))
    if isinstance(own, dict) and own.get("colab") and not own.get("install"):
        problems.append(Problem(f"{path}: extra.labnotes.install", "is missing: a notebook on Colab has nothing installed", INSTALL))
    if isinstance(own, dict) and isinstance(own.get("install"), str):
        problems += _install_problems(f"{path}: extra.labnotes.install", own["install"])
    problems += [*_address_problems(path, settings), *(_own_text_problems(path, own) if isinstance(own, dict) else ())]
    if problems:
        raise UsageError(*problems)
    url, theme = str(settings.get("site_url") or ""), settings.get("theme")
    docs = path.parent / str(settings.get("docs_dir") or "docs")
    return SiteSettings(
        name=str(settings.get("site_name") or SiteSettings.name),
        url=url and url.rstrip("/") + "/",
        docs=docs,
        language=str((theme.get("language") if isinstance(theme, dict) else "") or SiteSettings.language),
        reproduce=own.get("reproduce", REPRODUCE).strip(),
        colab=own.get("colab", ""),
        install=installation.join_at_signs(own.get("install", "")),
        licence=identifiers.checked_licence(own.get("licence", "")),
        contact=own.get("contact", "").strip(),
        report=own.get("report", "").strip(),
        source=own.get("source", "").strip(),
        repository=str(settings.get("repo_url") or "").rstrip("/"),
        tagged=(docs / "tags.md").is_file(),
        menu=tuple(_menu_pages(settings.get("nav"))),
    )


def _menu_pages(entry: Any) -> Iterator[str]:
    """The paths that a menu names, at whatever depth."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list | dict):
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from _menu_pages(part)


def own_plugins(path: Path) -> list[str]:
    """The names of the plugins that a lab's own mkdocs.yml gives, which may be more than those of the theme.

    Raises UsageError for settings that cannot be read.
    """
    named = _yaml_fields(path).get("plugins") or []
    entries = named if isinstance(named, list) else [named]
    return [str(name) for entry in entries for name in (entry if isinstance(entry, dict) else [entry])]


OWN_HOOKS = ".labnotes/site/hooks.py"
"""The hooks that labnotes writes into a lab before every build. A lab with hooks of its own names these first, to keep what they do."""


def code_named(path: Path) -> str:
    """The code of the lab that its own mkdocs.yml has MkDocs run, in words: hooks, plugins, macros of tags; "" if there is none.

    Raises UsageError for settings that cannot be read.
    """
    fields = _yaml_fields(path)
    hooks = fields.get("hooks") or []
    named = [str(name) for name in hooks] if isinstance(hooks, list) else []
    parts = {"hooks": [name for name in named if name != OWN_HOOKS], "plugins": own_plugins(path)}
    theme = fields.get("theme")
    if isinstance(theme, dict) and theme.get("custom_dir"):
        parts["templates"] = [str(theme["custom_dir"])]
    if "!!python/" in path.read_text(encoding="utf-8"):
        parts["tags"] = ["!!python/"]
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in parts.items() if names)


def code_paths(path: Path) -> list[Path]:
    """The hooks and the folder of templates of the lab that its own mkdocs.yml names.

    Raises UsageError for settings that cannot be read.
    """
    fields = _yaml_fields(path)
    hooks, theme = fields.get("hooks"), fields.get("theme")
    names = [str(name) for name in hooks if name != OWN_HOOKS] if isinstance(hooks, list) else []
    names += [str(theme["custom_dir"])] if isinstance(theme, dict) and theme.get("custom_dir") else []
    return [path.parent / name for name in names]


def _yaml_fields(path: Path) -> dict[str, Any]:
    try:
        fields = yaml.load(path.read_text(encoding="utf-8"), Loader=_AnyTag)
    except yaml.YAMLError as error:
        raise UsageError(Problem(str(path), f"is no YAML: {error}")) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            Problem(str(path), f"is no UTF-8: byte {error.start} is {error.object[error.start]:#04x}", "save it as UTF-8")
        ) from None
    return fields if isinstance(fields, dict) else {}


REPORTED = ("title", "body", "note", "section", "claim", "address", "commit")
"""What `report` may have filled in."""

SEEN = ("commit", "path", "line", "last")
"""What `source` may have filled in: of a cell its first line and its last."""

MAIL = re.compile(r"[^@\s/:?]+@[^@\s/:?]+\.[^@\s/:?]+")


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a browser opens from anywhere: with scheme and host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:  # such as [ without ]
        return False


def _address_problems(path: Path, settings: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the addresses that MkDocs itself knows; it says so, too, but after all notes are staged."""
    for key, example in (("site_url", "https://lab.example.org/"), ("repo_url", "https://github.com/owner/repository")):
        value = settings.get(key)
        if value and not (isinstance(value, str) and is_web_address(value)):
            what = f"found {value!r:.80}, which is no whole address: it begins with https:// or http://"
            yield Problem(f"{path}: {key}", what, f"{key}: {example}")


def _own_text_problems(path: Path, own: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the texts of `extra.labnotes` that name a licence or addresses."""
    where = f"{path}: extra.labnotes"
    texts = {key: value.strip() for key, value in own.items() if isinstance(value, str)}
    try:
        identifiers.checked_licence(texts.get("licence", ""))
    except ValueError as error:
        yield Problem(f"{where}.licence", f"{error}; found {texts['licence']!r:.80}", "licence: CC-BY-4.0")
    if texts.get("contact") and not (is_web_address(texts["contact"]) or MAIL.fullmatch(texts["contact"])):
        yield Problem(f"{where}.contact", f"found {texts['contact']!r:.80}, which is no address", "contact: lab@example.org, or https://…")
    report, source = texts.get("report", ""), texts.get("source", "")
    if report and not MAIL.fullmatch(report):
        example = "report: https://github.com/owner/lab/issues/new?title={title}&body={body}, or lab@example.org"
        yield from _template_problems(f"{where}.report", report, REPORTED, example)
    if source:
        yield from _template_problems(f"{where}.source", source, SEEN, "source: https://git.example.org/lab/blob/{commit}/{path}#L{line}")


def _template_problems(where: str, template: str, words: tuple[str, ...], example: str) -> Iterator[Problem]:
    if not is_web_address(re.sub(r"\{\w+\}", "x", template)):
        yield Problem(where, f"found {template!r:.80}, which is no whole address", example)
    unknown = [word for word in re.findall(r"\{([^{}]*)\}", template) if word not in words]
    if unknown:
        known = ", ".join(f"{{{word}}}" for word in words)
        yield Problem(where, f"has {{{unknown[0]}}}, and nothing is filled in there; known: {known}", example)


def _install_problems(where: str, line: str) -> list[Problem]:
    """What is wrong with the words that will follow `pip install`."""
    try:
        foreign = installation.foreign_requirements(line)
    except ValueError as error:
        return [Problem(where, f"found {line!r}, which no shell can read: {error}", INSTALL)]
    what = f"would come from the package index, where {installation.STRANGER} is another project and {installation.DISTRIBUTION} is none"
    return [Problem(where, f"found {word!r}: it {what}", INSTALL) for word in foreign]


class _AnyTag(yaml.SafeLoader):
    """Site settings may hold tags that only the site builder knows (!ENV, !!python/name)."""


def _no_value(loader: Any, suffix: Any, node: Any) -> None:
    return None


def _environment_value(loader: Any, node: Any) -> Any:
    """`!ENV NAME` or `!ENV [NAME, …, default]`, as MkDocs reads it."""
    names = loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else [loader.construct_scalar(node)]
    given = next((os.environ[str(name)] for name in names if str(name) in os.environ), None)
    return given if given is not None else (names[-1] if len(names) > 1 else None)


_AnyTag.add_multi_constructor("", _no_value)
_AnyTag.add_constructor("!ENV", _environment_value)
