"""What machines wrote is validated once: the second reading of the same content gives the same objects without pydantic."""

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import pytest

from labnotes.model import encoding
from labnotes.model.audit import Audit
from labnotes.model.claims import Claim
from labnotes.model.observation import Provenance
from labnotes.model.quantities import QuantityKind, Tolerance
from labnotes.source import content_cache, settings, settings_file, validated
from labnotes.store.check_log import LoggedCheck


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    content_cache._known_results.cache_clear()
    yield
    content_cache._known_results.cache_clear()


@dataclass(frozen=True)
class Part:
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    kind: QuantityKind
    share: float
    count: int = 0
    at: tuple[int, str] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    listed: list[str | Part] = field(default_factory=list)


GIVEN = {"kind": "claim", "share": 1, "count": 2, "at": [3, "x"], "parts": {"a": {"words": ["b"]}}, "listed": ["c", {"words": []}]}
MADE = Whole(QuantityKind.CLAIM, 1.0, 2, (3, "x"), {"a": Part(("b",))}, ["c", Part(())])


def read_twice(kind, given):
    content = json.dumps(given).encode()
    return [validated.read_once("an object", content, lambda: encoding.decode_value(kind, given)) for _ in range(2)]


def test_both_readings_give_the_same_objects_down_to_the_types_of_numbers():
    assert [repr(made) for made in read_twice(Whole, GIVEN)] == [repr(MADE)] * 2
    assert repr(encoding.convert_known(Whole, GIVEN)) == repr(MADE)


@pytest.mark.parametrize(
    ("change", "share", "count"),
    [({"share": "NaN"}, math.nan, 2), ({"share": "0.5"}, 0.5, 2), ({"count": "7"}, 1.0, 7), ({"count": 7.0}, 1.0, 7)],
    ids=["a number as text", "a share as text", "a count as text", "a whole float"],
)
def test_what_pydantic_converts_is_converted_in_the_second_reading_too(change, share, count):
    for made in read_twice(Whole, {**GIVEN, **change}):
        assert repr((made.share, made.count)) == repr((share, count))


@pytest.mark.parametrize(
    "change", [{"share": "long"}, {"kind": "song"}, {"at": [1]}, {"parts": {"a": {"words": 3}}}, {"count": None}], ids=str
)
def test_what_does_not_fit_is_refused_in_every_reading(change):
    for _ in range(2):
        with pytest.raises(ValueError, match=next(iter(change))):
            read_twice(Whole, {**GIVEN, **change})


def test_other_content_is_validated_anew():
    read_twice(Whole, GIVEN)
    with pytest.raises(ValueError, match="share"):
        read_twice(Whole, {**GIVEN, "share": "long"})


def test_only_inside_of_a_reading_is_json_taken_for_valid():
    with encoding.known_to_be_valid():
        assert encoding.decode_value(Whole, {**GIVEN, "count": "many"}).count == "many"
    with pytest.raises(ValueError, match="count"):
        encoding.decode_value(Whole, {**GIVEN, "count": "many"})


def test_a_claim_keeps_its_tolerance_and_its_tuples():
    claim = Claim("a", 1, 2, ".0f", low=0.5, replicates=(0.5, 1.5), prediction=(0.0, 2.0), tolerance=Tolerance(0.1, "measured"))
    for made in read_twice(Claim, encoding.encode_whole(claim)):
        assert repr(made) == repr(claim)


def test_every_field_of_what_is_kept_can_be_read_without_pydantic():
    for kind in (Audit, LoggedCheck, Provenance, Claim, settings.NoteSettings):
        assert encoding._field_converters(kind).keys() == {attribute.name for attribute in fields(kind)}


def test_the_settings_are_the_keys_of_the_file_and_what_was_given():
    assert {attribute.name for attribute in fields(settings.NoteSettings)} == {*settings_file._NoteFile.model_fields, "given"}
    for plain, checked in ((settings.NoteAuthor, "_Author"), (settings.NoteUpdate, "_Update"), (settings.PinnedInput, "_PinnedInput")):
        assert {attribute.name for attribute in fields(plain)} == {*getattr(settings_file, checked).model_fields}


SETTINGS = """
title: A title
date: 2026-11-21
authors: [Ada, {name: Bo, orcid: 0000-0002-1825-0097}]
summary: Short.
timeout: 2m
inputs: [notes/note.yml, {url: "https://example.org/x.csv", sha256: "%s"}]
updates: [{date: 2026-11-22, kind: correction, text: Why.}]
""" % ("a" * 64)


def test_settings_are_the_same_when_they_are_read_again_and_new_when_the_file_changes(shared_lab):
    path = shared_lab.root / "notes" / "note.yml"
    path.write_text(SETTINGS)
    lab = settings.Lab(shared_lab.root)
    first, second = (settings.read_settings(path, lab, []) for _ in range(2))
    assert repr(first) == repr(second)
    assert (first.timeout, first.seed, first.status, first.authors[1].name, first.updates[0].date.day) == (120.0, 0, "draft", "Bo", 22)
    assert first.input_paths == ["notes/note.yml"] and first.input_pins[0].address == "https://example.org/x.csv"
    assert first.given == ("authors", "date", "inputs", "summary", "timeout", "title", "updates")
    path.write_text(SETTINGS.replace("2m", "soon"))
    for _ in range(2):
        problems = []
        assert settings.read_settings(path, lab, problems) is None
        assert [problem.where for problem in problems] == ["notes/note.yml:6: timeout"]
    path.write_text(SETTINGS.replace("notes/note.yml", "notes/gone.csv"))
    (path.parent / "gone.csv").write_text("")
    assert settings.read_settings(path, lab, []) is not None
    (path.parent / "gone.csv").unlink()
    problems = []
    assert settings.read_settings(path, lab, problems) is None, "the file is the same, the lab is not"
    assert [problem.where for problem in problems] == ["notes/note.yml:7: inputs"]
    path.unlink()
    assert settings.read_settings(path, lab, problems) is None and "does not exist" in problems[-1].what


def test_a_problem_of_prose_is_told_in_every_reading_and_gone_when_it_is_mended(lab, edit):
    folder = lab.write_note(
        "a",
        "# %% [markdown]\n# It is {{ rte }}, see [there](nowhere.csv) and [^1].\n\n# %%\nfrom labnotes import claim\nclaim('rate', 1)\n",
    )
    told = [lab("list") for _ in range(2)]
    for done in told:
        assert done.code == 2
        assert "names an unknown claim 'rte'" in done.err and "nowhere.csv is not there" in done.err and "[^1] has no text" in done.err
    assert told[0].err == told[1].err
    (folder / "nowhere.csv").write_text("")  # the text is the same, the files around it are not
    mended = lab("list").err
    assert "is not there" not in mended
    assert "[^1] has no text" in mended
    edit(folder / "note.py", "rte", "rate")
    edit(folder / "note.py", "see [there](nowhere.csv) and [^1]", "so")
    done = lab("list")
    assert done.code == 0, done.err


def test_a_record_that_was_validated_is_read_without_pydantic(lab):
    lab.record_note("a", "# %%\nfrom labnotes import claim\nclaim('rate', 1)\n")
    assert lab("check", "--fresh").code == 0
    assert lab("list").code == 0
    code = "import sys\nfrom labnotes.cli import main\ntry:\n    main()\nfinally:\n    print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "list"], cwd=lab.root, env=lab.command_environment(), capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False" and "agrees" in done.stdout, done.stdout + done.stderr
