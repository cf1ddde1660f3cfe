"""Where labnotes comes from, and the exact command that installs it with one of its extras. The one place that names its distribution.

The package index has no release of it, and gives the name `labnotes` to another project. So nothing may say `pip install` and a name alone: that
would fetch a stranger's code, today's or tomorrow's. What is said names a place as well.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DISTRIBUTION = "labnotes-reexecuted"
"""The name of what pip installs, in pyproject.toml. The package that it holds and the command are called `labnotes`."""

STRANGER = "labnotes"
"""The distribution of that name on the package index: another project."""

REPOSITORY = "git+REPOSITORY-OF-LABNOTES"
"""Stands for a place that nobody told us. It is no address: pip refuses it before it asks any index."""

WHICH_REPOSITORY = "REPOSITORY-OF-LABNOTES stands for the address of the repository, or use `NAME @ file:///path/to/its/checkout`"


@dataclass(frozen=True)
class Origin:
    """A place to install from, as pip understands it after `NAME @`. A `checkout` is a folder of sources that is imported as it is."""

    url: str
    checkout: Path | None = None

    @property
    def is_known(self) -> bool:
        return self.url != REPOSITORY

    @property
    def is_public(self) -> bool:
        """Whether another machine may reach it."""
        return self.is_known and "file:" not in self.url

    def requirement(self, *extras: str) -> str:
        """The line of a requirements file."""
        return f"{DISTRIBUTION}{_listed(extras)} @ {self.url}"

    def command(self, *extras: str) -> str:
        """The command for a shell."""
        if self.checkout is None:
            return f"pip install {shlex.quote(self.requirement(*extras))}" + ("" if self.is_known else f"\n{WHICH_REPOSITORY}")
        pins = self.checkout / "constraints.txt"
        constraint = f"--constraint {shlex.quote(str(pins))} " if pins.is_file() else ""
        return f"pip install {constraint}--editable {shlex.quote(f'{self.checkout}{_listed(extras)}')}"


UNKNOWN = Origin(REPOSITORY)


def origin() -> Origin:
    """The place that the labnotes which is running came from."""
    return find_origin(Path(__file__).resolve().parent, _distribution())


def install_command(*extras: str) -> str:
    """What to type to install labnotes with these extras, from the place that the one running came from."""
    return origin().command(*extras)


def version() -> str:
    """The version of the labnotes that is running."""
    found = _distribution()
    if found is not None:
        return found.version
    checkout = find_checkout(Path(__file__).resolve().parent)
    assert checkout is not None, f"{DISTRIBUTION} is not installed, and {__file__} lies in no checkout of it"
    return str(_project(checkout)["version"])


def find_origin(package: Path, distribution: importlib.metadata.Distribution | None) -> Origin:
    """Where a package folder came from: its checkout, else what pip kept of its installation (PEP 610), else the project's own address."""
    checkout = find_checkout(package)
    if checkout is not None:
        return Origin(checkout.as_uri(), checkout)
    if distribution is None:
        return UNKNOWN
    kept = distribution.read_text("direct_url.json")
    return (_direct(json.loads(kept)) if kept else None) or _published(distribution) or UNKNOWN


def find_checkout(package: Path) -> Path | None:
    """The folder of sources that holds this package folder as tools/labnotes; None for one that was copied by an installation."""
    root = package.parents[1]
    return root if package.parent.name == "tools" and _project(root).get("name") == DISTRIBUTION else None


def foreign_requirements(line: str) -> list[str]:
    """Of the words that follow `pip install`, those that would fetch labnotes from the package index, where it is another project's or none."""
    named = [re.match(r"[A-Za-z0-9._-]+", word) for word in shlex.split(closed_up(line))]
    return [
        match.string
        for match in named
        if match and normal_name(match.group()) in (STRANGER, DISTRIBUTION) and not re.match(r"(\[[^\]]*\])?@", match.string[match.end() :])
    ]


def closed_up(line: str) -> str:
    """The same requirements with no space about an @, so that a shell takes each as one word."""
    return re.sub(r"\s+@\s+", "@", line)


def normal_name(name: str) -> str:
    """A distribution's name as packaging tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _direct(kept: Mapping[str, Any]) -> Origin | None:
    """What direct_url.json says; None for a file or folder that is gone."""
    url, vcs = str(kept["url"]), kept.get("vcs_info")
    if vcs:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    place = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None
    if place is not None and not place.exists():
        return None
    if "subdirectory" in kept:
        url += f"#subdirectory={kept['subdirectory']}"
    return Origin(url, place if kept.get("dir_info", {}).get("editable") else None)


def _published(distribution: importlib.metadata.Distribution) -> Origin | None:
    """The repository that the metadata names."""
    urls = dict(re.split(r"\s*,\s*", line, maxsplit=1) for line in distribution.metadata.get_all("Project-URL") or [])
    named = next((url for label, url in urls.items() if label.lower() in ("repository", "source", "source code")), None)
    return Origin(f"git+{named}") if named else None


def _distribution() -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None


def _project(root: Path) -> Mapping[str, Any]:
    path = root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")).get("project", {}) if path.is_file() else {}


def _listed(extras: tuple[str, ...]) -> str:
    return f"[{','.join(extras)}]" if extras else ""
