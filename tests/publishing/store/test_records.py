"""Records: the same observation gives the same bytes; what was edited is refused; a kill leaves the old one or the new one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labnotes.errors import InvalidRecord
from labnotes.model import json_text
from labnotes.model.claims import Claim
from labnotes.model.observation import CellOutputs, FigurePicture, Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.tables import Column, Table, TableData
from labnotes.store import folders, records

SHOWN = Path("notes/a/record")


def example_observation(value=0.1, points=3):
    axis = AxisData("x", "linear", (0.0, 1.0), False, ((0.0, "a"),))
    mark = Mark("line", "A", 0, {"x": list(range(points)), "y": [value, float("nan"), float("inf")] * (points // 3)})
    data = FigureData((AxesData("t", "plain", axis, axis, (mark,), ()),), ("sup",), ())
    table = TableData((Column("n", "integer", (1, 2)), Column("v", "float", (value, float("nan")), ".2f")), 1)
    provenance = Provenance(
        "2026-11-21T00:00:00Z",
        1.0,
        0,
        1,
        RunEnvironment(python="3.11", system="Linux", machine="x", cpu="cpu", labnotes="0", isolation="none"),
        RunDependencies(code="code"),
    )
    return Observation(
        {"c": Claim("c", value, 1, ".2f", replicates=(value, 1 / 3), prediction=(0.0, 1.0))},
        {"f": Figure("f", 1, "c", "a", data)},
        {"t": Table("t", 1, "c", table)},
        (CellOutputs("d", ({"output_type": "stream", "name": "stdout", "text": "hi"},)),),
        {"f": FigurePicture("svg", b"<svg/>")},
        provenance,
        interactive={"f": b'{"data": []}'},
    )


def write_record(folder, made):
    files, _ = records.record_files(made)
    folders.replace_folder(folder, files)
    return files


def test_a_record_reads_back_as_it_settles(tmp_path):
    made = example_observation(1 / 3)
    write_record(tmp_path / "record", made)
    assert repr(records.read_record(tmp_path / "record", SHOWN)) == repr(records.as_stored(made)[1])
    assert records.read_record(tmp_path / "none", SHOWN) is None


def test_the_same_observation_gives_the_same_bytes():
    assert records.record_files(example_observation())[0] == records.record_files(example_observation())[0]
    assert records.record_files(example_observation())[0]["record.json"] != records.record_files(example_observation(0.2))[0]["record.json"]


def test_another_date_changes_the_provenance_alone():
    first, made = records.record_files(example_observation())
    later = example_observation()
    second, again = records.record_files(replace(later, provenance=replace(later.provenance, started="2027-01-01T00:00:00Z")))
    assert [name for name in first if first[name] != second[name]] == ["provenance.json"]
    assert made.results_digest == again.results_digest


def test_floats_keep_twelve_digits_and_one_value_has_one_line():
    text = json_text.dump_json({"b": [1 / 3, 2.0], "a": [[1.0, 2.0], [3.0, 4.0]], "c": []})
    assert text == '{\n "a": [\n  [1.0, 2.0],\n  [3.0, 4.0]\n ],\n "b": [\n  0.333333333333,\n  2.0\n ],\n "c": []\n}\n'
    assert json.loads(text)["b"][0] == 0.333333333333


def test_large_arrays_are_kept_as_npz_without_pickle(tmp_path):
    made = example_observation(points=60_000)
    files = write_record(tmp_path / "record", made)
    assert "figures/f.npz" in files
    assert len(files["figures/f.json"]) < 2_000
    assert files == records.record_files(example_observation(points=60_000))[0]
    back = records.read_record(tmp_path / "record", SHOWN)
    np.testing.assert_array_equal(back.figures["f"].data.axes[0].marks[0].arrays["x"], np.arange(60_000))
    with np.load(tmp_path / "record" / "figures" / "f.npz", allow_pickle=False) as arrays:
        assert all(array.dtype == float for array in arrays.values())


def truncate_file(path):
    path.write_bytes(path.read_bytes()[:-20])


TAMPERINGS = {
    "a claim edited": lambda r: (r / "record.json").write_text((r / "record.json").read_text().replace("0.1", "0.2")),
    "record.json truncated": lambda r: truncate_file(r / "record.json"),
    "record.json gone": lambda r: (r / "record.json").unlink(),
    "provenance truncated": lambda r: truncate_file(r / "provenance.json"),
    "provenance gone": lambda r: (r / "provenance.json").unlink(),
    "provenance of another shape": lambda r: (r / "provenance.json").write_text("[]"),
    "plotted data edited": lambda r: (r / "figures/f.json").write_text("{}"),
    "a picture exchanged": lambda r: (r / "figures/f.svg").write_text("<svg>other</svg>"),
    "a file added": lambda r: (r / "figures/g.svg").write_text("<svg/>"),
    "a digest added": lambda r: (r / "provenance.json").write_text(
        (r / "provenance.json").read_text().replace('"digests": {', '"digests": {"../../x": "0",')
    ),
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_was_not_written_by_a_run_is_refused(tmp_path, tamper):
    write_record(tmp_path / "record", example_observation())
    tamper(tmp_path / "record")
    with pytest.raises(InvalidRecord, match="notes/a/record") as caught:
        records.read_record(tmp_path / "record", SHOWN)
    assert "restore it from version control" in str(caught.value)


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_record_or_the_new_one(tmp_path):
    folder = tmp_path / "record"
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_records import example_observation, folders, records
print("ready", flush=True)
value = 0
while True:
    value += 1
    folders.replace_folder(Path({str(folder)!r}), records.record_files(example_observation(value % 2))[0])
"""
    write_record(folder, example_observation(0))
    rng = random.Random(0)
    seen = set()
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.0, 0.08))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it wrote until then"
        process.stdout.close()
        assert (folder / "provenance.json").exists(), "the folder itself is never absent"
        seen.add(records.read_record(folder, SHOWN).claims["c"].value)
    assert seen <= {0, 1}


def test_where_folders_cannot_be_exchanged_an_interrupted_write_is_undone(tmp_path, monkeypatch):
    folder = tmp_path / "record"
    write_record(folder, example_observation(0.1))
    monkeypatch.setattr(sys, "platform", "other")
    rename = Path.rename

    def interrupt_rename(self, target):
        if self.name.startswith(".record.new-") and not target.exists():  # the old record is aside by now
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupt_rename)
    with pytest.raises(KeyboardInterrupt):
        write_record(folder, example_observation(0.2))
    monkeypatch.undo()
    assert not folder.exists()
    assert records.read_record(folder, SHOWN).claims["c"].value == 0.1
    assert folder.exists()


def test_without_exchange_a_record_is_replaced_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "other")
    write_record(tmp_path / "record", example_observation(0.1))
    write_record(tmp_path / "record", example_observation(0.2))
    assert records.read_record(tmp_path / "record", SHOWN).claims["c"].value == 0.2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["record"]


def test_a_full_disk_leaves_the_old_record(tmp_path, monkeypatch):
    folder = tmp_path / "record"
    write_record(folder, example_observation(0.1))

    def raise_disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_record(folder, example_observation(0.2))
    assert records.read_record(folder, SHOWN).claims["c"].value == 0.1
    assert [path.name for path in tmp_path.iterdir()] == ["record"]
