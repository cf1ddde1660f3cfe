"""Dataclasses as JSON: what is kept in this repository is written again byte for byte, and what is no such JSON is told by its key."""

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from labnotes.errors import InvalidNote
from labnotes.execute.outputs import OutputCollector
from labnotes.model.audit import Audit
from labnotes.model.claims import Claim
from labnotes.model.encoding import ALWAYS, APART, SparseJson, UnreadableJson, decode_value, encode_value, encode_whole
from labnotes.model.json_text import dump_json
from labnotes.model.mime_types import CLAIM_MIME, FIGURE_MIME, TABLE_MIME
from labnotes.model.observation import Provenance
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import QuantityKind, Tolerance
from labnotes.model.tables import Column, Table, TableData
from labnotes.model.verdicts import Verdict
from labnotes.source.labs import Lab
from labnotes.store import check_log, records
from labnotes.store.mutation_score import MutationScore

NOTES = Path(__file__).parents[3] / "notes"
RECORDED = sorted(path.parent.parent for path in NOTES.glob("*/record/provenance.json"))

# -- what is kept ------------------------------------------------------------------------------------------------------------------------


def test_there_are_notes_with_everything_that_is_kept():
    for name in ("record/record.json", "audit.json", "checks.jsonl", "mutations.json"):
        assert list(NOTES.glob(f"*/{name}")), name


@pytest.mark.parametrize("note", RECORDED, ids=lambda note: note.name)
def test_a_record_is_written_again_byte_for_byte(note):
    folder = note / "record"
    observation = records.read_record(folder, folder)
    files, sealed = records.record_files(observation)
    kept = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert _with_later_fields(kept.pop("provenance.json")) == files.pop("provenance.json").decode()
    assert files == kept
    assert sealed.results_digest == observation.results_digest


def _with_later_fields(provenance):
    """A provenance as it is written today, from one that may lack what was added since, with what it says of that: nothing."""
    made = json.loads(provenance)
    made = {"processor_seconds": None, "from_nothing": False, "seconds_from_nothing": None, **made}
    made["environment"] = {"files": "", "vectors": "", **made["environment"]}
    made["dependencies"] = {"fetched": {}, "elsewhere": {}, **made["dependencies"]}
    return dump_json(made)


@pytest.mark.parametrize("note", RECORDED, ids=lambda note: note.name)
def test_lines_of_a_log_are_written_again_byte_for_byte(note):
    log = check_log.read_log(Lab(NOTES.parent), note.name)
    lines = [line for line in (note / "checks.jsonl").read_text().splitlines() if line] if (note / "checks.jsonl").exists() else []
    assert log.problems == ()
    assert sorted(map(check_log.log_line, log.checks)) == sorted(set(lines))


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind, name in ((Audit, "audit.json"), (MutationScore, "mutations.json")) for path in sorted(NOTES.glob(f"*/{name}"))],
    ids=lambda value: value.parent.name if isinstance(value, Path) else value.__name__,
)
def test_audits_and_scores_are_written_again_byte_for_byte(kind, path):
    assert dump_json(decode_value(kind, json.loads(path.read_text()))) == path.read_text()


# -- the form ----------------------------------------------------------------------------------------------------------------------------

AXIS = AxisData("x", "log", (0.1, math.inf), False, ((1.0, "one"),), {"samples": [math.nan]}, ("0", "1", "2.5"))
DATA = FigureData((AxesData("t", "plain", AXIS, AXIS, (Mark("line", "a", None, {"x": [1, math.nan]}),), ()),), ("sup",), ("Sankey",))
AXIS_JSON = {
    "label": "x",
    "scale": "log",
    "limits": [0.1, "Infinity"],
    "inverted": False,
    "ticks": [[1.0, "one"]],
    "parameters": {"samples": ["NaN"]},
    "numbers": ["0", "1", "2.5"],
}
FORMS = {
    "a claim that says no more than it must": (Claim("c", 0.5, 3, ".2f"), {"value": 0.5, "cell": 3, "format": ".2f"}),
    "a claim with everything": (
        Claim(
            "c",
            math.nan,
            3,
            ".2f",
            low=-math.inf,
            high=1.0,
            n=2,
            replicates=(1.0, math.inf),
            prediction=(0.0, 1.0),
            tolerance=Tolerance(0.1, "why"),
            holds="low > 0",
            upheld=False,
            tied="kernels",
            family="main",
        ),
        {
            "value": "NaN",
            "cell": 3,
            "format": ".2f",
            "low": "-Infinity",
            "high": 1.0,
            "n": 2,
            "replicates": [1.0, "Infinity"],
            "prediction": [0.0, 1.0],
            "tolerance": {"value": 0.1, "because": "why"},
            "holds": "low > 0",
            "upheld": False,
            "tied": "kernels",
            "family": "main",
        },
    ),
    "a figure": (Figure("f", 2, "c", "a", DATA), {"cell": 2, "caption": "c", "alt": "a", "tolerance": None, "automatic": False}),
    "a figure with a tie": (
        Figure("f", 2, "c", "a", DATA, Tolerance(0.1, "why"), automatic=True, tied="python"),
        {
            "cell": 2,
            "caption": "c",
            "alt": "a",
            "tolerance": {"value": 0.1, "because": "why"},
            "automatic": True,
            "tied": "python",
        },
    ),
    "plotted data": (
        DATA,
        {
            "axes": [
                {
                    "title": "t",
                    "role": "plain",
                    "x": AXIS_JSON,
                    "y": AXIS_JSON,
                    "marks": [{"kind": "line", "label": "a", "colour": None, "arrays": {"x": [1, "NaN"]}, "exact": {}}],
                    "legend": [],
                }
            ],
            "texts": ["sup"],
            "unverified": ["Sankey"],
            "schema": 1,
        },
    ),
    "a table": (
        Table("t", 2, "c", TableData((Column("n", "text", ("NaN", None)), Column("v", "float", (math.nan, 1.5), ".2f")), 1)),
        {
            "cell": 2,
            "caption": "c",
            "data": {
                "columns": [{"name": "n", "kind": "text", "format": ""}, {"name": "v", "kind": "float", "format": ".2f"}],
                "index": 1,
                "rows": [["NaN", "NaN"], [None, 1.5]],
            },
            "tolerance": None,
        },
    ),
}


@pytest.mark.parametrize(("made", "expected"), FORMS.values(), ids=FORMS.keys())
def test_quantities_have_the_form_that_records_hold(made, expected):
    written = encode_value(made)
    assert written == expected
    apart = {name: getattr(made, name) for name in ("name", "label") if hasattr(made, name)}
    if isinstance(made, Figure):
        apart["data"] = made.data
    read = decode_value(type(made), json.loads(json.dumps(written, allow_nan=False)), apart=apart)
    assert encode_whole(read) == encode_whole(made)


@dataclass(frozen=True)
class Extended(SparseJson):
    key: str = field(metadata=APART)
    required: float
    added: int = 0
    shown: str = field(default="", metadata=ALWAYS)
    parts: Mapping[str, tuple[Tolerance, ...]] = field(default_factory=dict)
    verdict: Verdict | None = None


def test_a_field_is_declared_once():
    plain = Extended("k", 0.5)
    assert encode_value(plain) == {"required": 0.5, "shown": ""}
    assert decode_value(Extended, {"required": 0.5}, apart={"key": "k"}) == plain, "what an older version wrote"
    whole = Extended("k", math.inf, 3, "s", {QuantityKind.CLAIM: (Tolerance(1.0, "b"),)}, Verdict.DRAWN_ANEW)
    written = {
        "required": "Infinity",
        "added": 3,
        "shown": "s",
        "parts": {"claim": [{"value": 1.0, "because": "b"}]},
        "verdict": "drawn anew",
    }
    assert encode_value(whole) == written
    assert encode_whole(whole) == {**written, "key": "k"}
    assert decode_value(Extended, encode_whole(whole)) == whole


def test_kernels_write_without_what_reads():
    code = (
        "import sys, labnotes; from labnotes.model.encoding import encode_whole; from labnotes.model.claims import Claim; "
        "encode_whole(Claim('c', 1, 1, 'd')); print(sorted({'pydantic', 'numpy', 'attrs', 'cattrs'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# -- what is no such JSON ----------------------------------------------------------------------------------------------------------------

CLAIM = {"value": 0.5, "cell": 3, "format": ".2f"}
BROKEN = {
    "a key is missing": (Claim, {"value": 0.5, "cell": 3}, "format: is missing"),
    "a key is unknown": (Claim, {**CLAIM, "colour": "red"}, "colour: is no known key"),
    "a key of a part is unknown": (Claim, {**CLAIM, "tolerance": {"value": 1, "because": "b", "x": 1}}, "tolerance.x: is no known key"),
    "a text is a number": (
        Claim,
        {**CLAIM, "tolerance": {"value": 1, "because": 7}},
        "tolerance.because: Input should be a valid string (found 7)",
    ),
    "a number is a text": (
        Claim,
        {**CLAIM, "low": "lo"},
        "low: Input should be a valid number, unable to parse string as a number (found 'lo')",
    ),
    "two are wrong": (
        Claim,
        {**CLAIM, "holds": 1, "n": 1.5},
        "n: Input should be a valid integer, got a number with a fractional part (found 1.5); holds: ",
    ),
    "one of many": (Claim, {**CLAIM, "replicates": [1, 2, []]}, "replicates.2: Input should be a valid number (found [])"),
    "a list for an object": (Provenance, [], "Input should be a dictionary or an instance of Provenance (found [])"),
    "a short row": (
        Table,
        {**FORMS["a table"][1], "label": "t", "data": {"columns": [{"name": "n", "kind": "text", "format": ""}], "index": 0, "rows": [[]]}},
        "data: has another form than was written: IndexError ",
    ),
    "a text that is no number of a table": (
        Table,
        {"label": "t", "cell": 1, "caption": "", "data": {"columns": [{"name": "n", "kind": "float"}], "index": 0, "rows": [["lo"]]}},
        "data: has another form than was written: KeyError 'lo'",
    ),
    "a mark of another version": (Mark, {"kind": "line", "label": "", "colour": 0, "arrays": {}, "width": 3}, "width: is no known key"),
}


@pytest.mark.parametrize(("kind", "given", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_told_by_its_key_and_its_content(kind, given, said):
    apart = {"name": "c"} if kind is Claim else {}
    with pytest.raises(UnreadableJson) as caught:
        decode_value(kind, given, apart=apart)
    assert str(caught.value).startswith(said)
    with pytest.raises(UnreadableJson, match=r"^claims\.c: "):
        decode_value(kind, given, apart=apart, place="claims.c")


@pytest.mark.parametrize("content", ["half", [1], {}, None])
def test_a_value_that_fits_none_of_several_types_is_told_once(content):
    with pytest.raises(UnreadableJson) as caught:
        decode_value(Claim, {**CLAIM, "value": content}, apart={"name": "c"})
    text = str(caught.value)
    assert text.startswith("value: Input should be a valid boolean")
    assert text.endswith(f"Input should be a valid number (found {content!r})") or content == "half"
    assert text.count("(found ") == 1


def test_a_missing_key_of_a_part_is_told_with_its_path():
    with pytest.raises(UnreadableJson, match=r"^tolerance\.because: is missing$"):
        decode_value(Claim, {**CLAIM, "tolerance": {"value": 1}}, apart={"name": "c"})


def test_a_long_content_is_shown_in_part():
    with pytest.raises(UnreadableJson) as caught:
        decode_value(Claim, {**CLAIM, "low": "x" * 10_000}, apart={"name": "c"})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("mime", "payload", "said"),
    [
        (CLAIM_MIME, {**CLAIM, "name": "c", "value": [1]}, "a claim that cannot be read, 'c': value: Input should be a valid boolean"),
        (FIGURE_MIME, {"label": "f", "caption": "c", "alt": "a"}, "a figure that cannot be read, 'f': data: is missing"),
        (FIGURE_MIME, {"label": "../x", "caption": "c", "alt": "a"}, "'../x' as a claim, figure or table, which is no usable name"),
        (
            TABLE_MIME,
            {"label": "t", "caption": "c", "data": 3},
            "a table that cannot be read, 't': data: has another form than was written",
        ),
        (TABLE_MIME, {"label": "", "caption": "c", "data": 3}, "'' as a claim, figure or table, which is no usable name"),
        (CLAIM_MIME, "x", "None as a claim, figure or table, which is no usable name"),
    ],
)
def test_what_a_cell_publishes_by_itself_is_refused_with_a_reason(tmp_path, mime, payload, said):
    cell = SimpleNamespace(number=3, cell_digest="d", line_place=lambda: "note.py:7")
    with pytest.raises(InvalidNote) as caught:
        OutputCollector(tmp_path, tmp_path / "scratch").add_outputs(cell, [{"output_type": "display_data", "data": {mime: payload}}])
    assert f"the run published {said}" in str(caught.value)
