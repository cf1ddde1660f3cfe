"""Where labnotes comes from, and the exact command that installs it with one of its extras. Only this module names its distribution.

The package index has no release of labnotes: the name `labnotes` belongs to another project there. So no text may say `pip install` and a
name alone, which would install the code of that project. Every command names the address to install from as well.
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

from packaging.utils import canonicalize_name

DISTRIBUTION = "labnotes-reexecuted"
"""The name of what pip installs, in pyproject.toml. The package that it holds and the command are called `labnotes`."""

STRANGER = "labnotes"
"""The distribution that the package index has under the name of our package: another project."""

REPOSITORY = "git+REPOSITORY-OF-LABNOTES"
"""Stands for the address of the repository where it is not known. pip refuses it before it asks any index."""

WHICH_REPOSITORY = "REPOSITORY-OF-LABNOTES stands for the address of the repository, or use `NAME @ file:///path/to/its/checkout`"


@dataclass(frozen=True)
class InstallOrigin:
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

    def requirement_line(self, *extras: str) -> str:
        """The line of a requirements file that names labnotes with these extras."""
        return f"{DISTRIBUTION}{_extras_text(extras)} @ {self.url}"

    def pip_command(self, *extras: str) -> str:
        """The command for a shell that installs labnotes with these extras."""
        if self.checkout is None:
            return f"pip install {shlex.quote(self.requirement_line(*extras))}" + ("" if self.is_known else f"\n{WHICH_REPOSITORY}")
        pins = self.checkout / "constraints.txt"
        constraint = f"--constraint {shlex.quote(str(pins))} " if pins.is_file() else ""
        return f"pip install {constraint}--editable {shlex.quote(f'{self.checkout}{_extras_text(extras)}')}"


UNKNOWN = InstallOrigin(REPOSITORY)


def running_origin() -> InstallOrigin:
    """The place from which the running labnotes was installed."""
    return find_origin(Path(__file__).resolve().parent, _own_distribution())


def install_command(*extras: str) -> str:
    """The command that installs labnotes with these extras from the same place as the running one."""
    return running_origin().pip_command(*extras)


def running_version() -> str:
    """The version of the running labnotes."""
    distribution = _own_distribution()
    if distribution is not None:
        return distribution.version
    checkout = find_checkout(Path(__file__).resolve().parent)
    assert checkout is not None, f"{DISTRIBUTION} is not installed, and {__file__} lies in no checkout of it"
    return str(_project_table(checkout)["version"])


def find_origin(package: Path, distribution: importlib.metadata.Distribution | None) -> InstallOrigin:
    """Where a package folder came from: its checkout, else what pip kept of its installation (PEP 610), else the project's own address."""
    checkout = find_checkout(package)
    if checkout is not None:
        return InstallOrigin(checkout.as_uri(), checkout)
    if distribution is None:
        return UNKNOWN
    kept = distribution.read_text("direct_url.json")
    return (_recorded_origin(json.loads(kept)) if kept else None) or _published_origin(distribution) or UNKNOWN


def find_checkout(package: Path) -> Path | None:
    """The folder of sources that holds this package folder as tools/labnotes; None for a package that an installation copied."""
    root = package.parents[1]
    return root if package.parent.name == "tools" and _project_table(root).get("name") == DISTRIBUTION else None


def foreign_requirements(line: str) -> list[str]:
    """Those words after `pip install` that would fetch labnotes from the package index, where the name is another project's or nobody's."""
    named = [re.match(r"[A-Za-z0-9._-]+", word) for word in shlex.split(join_at_signs(line))]
    return [
        match.string
        for match in named
        if match
        and canonicalize_name(match.group()) in (STRANGER, DISTRIBUTION)
        and not re.match(r"(\[[^\]]*\])?@", match.string[match.end() :])
    ]


def join_at_signs(line: str) -> str:
    """The same requirements with no space about an @, so that a shell takes each as one word."""
    return re.sub(r"\s+@\s+", "@", line)


def _recorded_origin(kept: Mapping[str, Any]) -> InstallOrigin | None:
    """The place that pip recorded in direct_url.json; None for a file or folder that is gone."""
    url, vcs = str(kept["url"]), kept.get("vcs_info")
    if vcs:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    place = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None
    if place is not None and not place.exists():
        return None
    if "subdirectory" in kept:
        url += f"#subdirectory={kept['subdirectory']}"
    return InstallOrigin(url, place if kept.get("dir_info", {}).get("editable") else None)


def _published_origin(distribution: importlib.metadata.Distribution) -> InstallOrigin | None:
    """The repository that the metadata of the distribution names, if any."""
    urls = dict(re.split(r"\s*,\s*", line, maxsplit=1) for line in distribution.metadata.get_all("Project-URL") or [])
    named = next((url for label, url in urls.items() if label.lower() in ("repository", "source", "source code")), None)
    return InstallOrigin(f"git+{named}") if named else None


def _own_distribution() -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None


def _project_table(root: Path) -> Mapping[str, Any]:
    path = root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")).get("project", {}) if path.is_file() else {}


def _extras_text(extras: tuple[str, ...]) -> str:
    return f"[{','.join(extras)}]" if extras else ""
