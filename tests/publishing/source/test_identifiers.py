"""ORCIDs, DOIs and licences in note.yml: what is taken, in which form, and what is said of the others."""

import re

import pytest

from labnotes.source import identifiers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1694-233X", "0000-0002-1694-233X"),
        ("", ""),
    ],
)
def test_an_orcid_is_kept_without_its_address(given, kept):
    assert identifiers.checked_orcid(given) == kept


def test_an_orcid_with_any_one_digit_mistyped_is_refused():
    good = "0000-0002-1825-0097"
    places = [place for place, sign in enumerate(good) if sign.isdigit()]
    wrong = [good[:place] + digit + good[place + 1 :] for place in places for digit in "0123456789" if digit != good[place]]
    assert len(wrong) == 16 * 9
    for orcid in wrong:
        with pytest.raises(ValueError, match="does not check: an ORCID with these digits ends in"):
            identifiers.checked_orcid(orcid)


@pytest.mark.parametrize("given", ["0000-0002-1825-009", "0000000218250097", 12, "http://example.org/0000-0002-1825-0097"])
def test_what_has_another_form_is_no_orcid(given):
    with pytest.raises(ValueError, match="is no ORCID, such as"):
        identifiers.checked_orcid(given)


@pytest.mark.parametrize("given", ["10.5281/zenodo.1234567", "https://doi.org/10.5281/zenodo.1234567", "doi:10.5281/zenodo.1234567"])
def test_a_doi_is_kept_without_its_address(given):
    assert identifiers.checked_doi(given) == "10.5281/zenodo.1234567"


@pytest.mark.parametrize("given", ["zenodo.1234567", "https://example.org/10.5281/x", "10.1/x", "10.5281/a b", '10.5281/"><script>', 5])
def test_what_is_no_doi_is_refused(given):
    with pytest.raises(ValueError, match="is no DOI, such as"):
        identifiers.checked_doi(given)


@pytest.mark.parametrize(
    ("given", "kept", "addresses"),
    [
        ("cc-by-4.0", "CC-BY-4.0", ["https://creativecommons.org/licenses/by/4.0/"]),
        ("CC-BY-NC-SA-3.0", "CC-BY-NC-SA-3.0", ["https://creativecommons.org/licenses/by-nc-sa/3.0/"]),
        ("CC0-1.0", "CC0-1.0", ["https://creativecommons.org/publicdomain/zero/1.0/"]),
        ("CC-BY-4.0 and mit", "CC-BY-4.0 AND MIT", ["https://creativecommons.org/licenses/by/4.0/", "https://spdx.org/licenses/MIT.html"]),
        ("LicenseRef-house", "LicenseRef-house", []),
        ("", "", []),
    ],
)
def test_a_licence_is_spelt_as_spdx_does_and_leads_to_its_text(given, kept, addresses):
    assert identifiers.checked_licence(given) == kept
    assert list(identifiers.licence_addresses(kept).values()) == addresses


@pytest.mark.parametrize("given", ["CC-BY-9", "CC BY 4.0", "free for all", "MIT AND", 4.0])
def test_a_licence_nobody_knows_is_refused(given):
    with pytest.raises(ValueError, match=re.compile("licence", re.IGNORECASE)):
        identifiers.checked_licence(given)
