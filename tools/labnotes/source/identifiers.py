"""Identifiers that others issue, and that readers and catalogues follow: ORCIDs, DOIs, licences of SPDX. The only module that knows packaging's list of licences."""

from __future__ import annotations

import re

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/[^\s\"<>{}\\^`|]+)", re.IGNORECASE)
_CREATIVE_COMMONS = re.compile(r"CC-(?P<terms>BY(?:-NC)?(?:-ND|-SA)?)-(?P<version>\d\.\d)")
_OPERATORS = {"AND", "OR", "WITH"}


def checked_orcid(value: object) -> str:
    """An ORCID without its address; "" for "". Raises ValueError for what is none, by its last sign too (ISO 7064 MOD 11-2)."""
    if value == "":
        return ""
    match = _ORCID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("is no ORCID, such as 0000-0002-1825-0097")
    expected = _check_sign(match[1].replace("-", "")[:-1])
    if match[1][-1] != expected:
        raise ValueError(f"does not check: an ORCID with these digits ends in {expected}, so one of them is mistyped")
    return match[1]


def _check_sign(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    result = (12 - total % 11) % 11
    return "X" if result == 10 else str(result)


def checked_doi(value: object) -> str:
    """A DOI without its address; "" for "". Raises ValueError for what is none."""
    if value == "":
        return ""
    match = _DOI.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("is no DOI, such as 10.5281/zenodo.1234567")
    return match[1]


def checked_licence(value: object) -> str:
    """A licence, or several joined by AND, OR and WITH, in the spelling of SPDX; "" for "". Raises ValueError for what SPDX does not list."""
    if value == "":
        return ""
    from packaging import licenses  # 0.1 s of names, which few notes need

    if not isinstance(value, str):
        raise ValueError("is no identifier of a licence, such as CC-BY-4.0")
    try:
        return str(licenses.canonicalize_license_expression(value))
    except licenses.InvalidLicenseExpression as error:
        raise ValueError(f"is no licence that SPDX lists ({_first_lower(str(error))}); names: spdx.org/licenses") from None


def licence_addresses(expression: str) -> dict[str, str]:
    """The address of the text of each licence that an expression names, by its identifier."""
    names = [word for word in re.split(r"[\s()]+", expression) if word and word not in _OPERATORS]
    return {name: _licence_address(name) for name in dict.fromkeys(names) if not name.startswith("LicenseRef-")}


def _licence_address(name: str) -> str:
    terms = _CREATIVE_COMMONS.fullmatch(name)
    if terms:
        return f"https://creativecommons.org/licenses/{terms['terms'].lower()}/{terms['version']}/"
    if name == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return f"https://spdx.org/licenses/{name.removesuffix('+')}.html"


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:]
