"""A run works in its own copy of the note's folder: nothing that was computed before is taken for a result of this run."""

import json
import os
import random

import pytest

CACHED = """
# %%
import json, os
from labnotes import claim
if not os.path.exists("CACHE"):
    os.makedirs(os.path.dirname("CACHE") or ".", exist_ok=True)
    json.dump(int.from_bytes(os.urandom(6), "big"), open("CACHE", "w"))
claim("drawn", json.load(open("CACHE")))
"""

READS = """
# %%
import os, sys
sys.path.insert(0, "../../lib")
import beside, below
from labnotes import claim
claim("data", float(open("data/x.csv").read()))
claim("linked", float(open("linked.csv").read()))
claim("declared", float(open("../../numbers/y.csv").read()))
claim("large", os.path.getsize("large.bin"))
claim("helpers", beside.VALUE + below.VALUE)
claim("names", " ".join(sorted(set(os.listdir(".")) - {"__pycache__"})) == "beside.py data large.bin linked.csv note.py note.yml")
try:
    open("large.bin", "r+b").write(b"x")
    claim("writable", True)
except OSError:
    claim("writable", False)
"""

WRITES = """
# %%
import os
from labnotes import claim
os.makedirs("out")
open("out/made.csv", "w").write("1")
open("given.csv", "w").write("2")
open("../stray.csv", "w").write("3")
claim("read", int(open("out/made.csv").read()) + int(open("given.csv").read()))
"""

CACHES = {"plain": "cache.json", "hidden": ".cache/result.json", "deep": "results/a/b.json"}

SLOW = pytest.mark.slow
"""Two caches in other places than the first: three runs of a second each."""


def claims_of(lab, slug):
    runs = (lab.cache / "labnotes" / "runs").glob(f"*/{slug}/*/*/record.json")
    latest = max(runs, key=lambda path: json.loads((path.parent / "provenance.json").read_text())["started"] + str(path.stat().st_mtime_ns))
    return {name: claim["value"] for name, claim in json.loads(latest.read_text())["claims"].items()}


@pytest.fixture(scope="module")
def lab(shared_lab, selected):
    caches = CACHES if any(item.get_closest_marker("slow") for item in selected) else ["plain"]
    for slug in caches:
        shared_lab.write_note(slug, CACHED.replace("CACHE", CACHES[slug]))
    folder = shared_lab.write_note("reads", READS, settings={"inputs": ["numbers"]})
    (folder / "data").mkdir()
    (folder / "data/x.csv").write_text("1.5")
    (folder / "beside.py").write_text("VALUE = 2\n")
    (folder / ".secret").write_text("never copied")
    with (folder / "large.bin").open("wb") as file:
        file.truncate(20_000_000)
    (shared_lab.root / "numbers").mkdir()
    (shared_lab.root / "numbers/y.csv").write_text("2.5")
    (shared_lab.root / "numbers/z.csv").write_text("3.5")
    (shared_lab.root / "lib").mkdir()
    (shared_lab.root / "lib/below.py").write_text("VALUE = 3\n")
    (folder / "linked.csv").symlink_to("../../numbers/z.csv")
    written = shared_lab.write_note("writes", WRITES)
    (written / "given.csv").write_text("as the author wrote it")
    slugs = [*caches, "reads", "writes"]
    ran = shared_lab("run", *slugs, "--jobs", "2")
    assert ran.code == 0, ran.text
    accepted = shared_lab("accept", *slugs, "--yes")
    assert accepted.code == 0, accepted.text
    return shared_lab


@pytest.fixture(scope="module")
def checked(lab):
    return lab("check", "--fresh", "--from-nothing", "--jobs", "2")


@pytest.mark.parametrize("slug", ["plain", pytest.param("hidden", marks=SLOW), pytest.param("deep", marks=SLOW)])
def test_a_number_that_was_kept_in_a_file_is_computed_again(lab, checked, slug):
    recorded = json.loads((lab.root / f"notes/{slug}/record/record.json").read_text())["claims"]["drawn"]["value"]
    assert claims_of(lab, slug)["drawn"] != recorded
    assert f"{slug} differs" in checked.out


@pytest.mark.parametrize("slug", ["plain", pytest.param("hidden", marks=SLOW), pytest.param("deep", marks=SLOW), "writes"])
def test_what_a_run_writes_is_gone_with_its_copy(lab, checked, slug):
    names = {path.name for path in (lab.root / "notes" / slug).rglob("*")}
    assert not names & {"cache.json", "result.json", "b.json", "made.csv"}
    assert not (lab.root / "notes" / "stray.csv").exists()
    if slug == "writes":
        assert (lab.root / "notes/writes/given.csv").read_text() == "as the author wrote it"


def test_the_record_names_what_the_run_wrote(lab):
    provenance = json.loads((lab.root / "notes/writes/record/provenance.json").read_text())
    assert provenance["dependencies"]["written"] == ["notes/stray.csv", "notes/writes/given.csv", "notes/writes/out/made.csv"]
    assert "notes/writes/given.csv" not in provenance["dependencies"]["files"]


def test_data_modules_and_links_are_where_the_note_expects_them(lab, checked):
    assert claims_of(lab, "reads") == {
        "data": 1.5,
        "linked": 3.5,
        "declared": 2.5,
        "large": 20_000_000,
        "helpers": 5,
        "names": True,
        "writable": False,
    }
    assert "reads agrees" in checked.out


def test_dependencies_are_named_by_their_places_in_the_lab(lab):
    dependencies = json.loads((lab.root / "notes/reads/record/provenance.json").read_text())["dependencies"]
    assert {"notes/reads/data/x.csv", "notes/reads/large.bin", "numbers/y.csv", "numbers/z.csv"} <= set(dependencies["files"])
    assert {"notes/reads/beside.py", "lib/below.py"} <= set(dependencies["modules"])
    assert dependencies["outside"] == []
    assert "ln-" not in json.dumps(dependencies), "no path of the copy"


def test_a_file_that_an_earlier_run_wrote_and_someone_left_in_the_folder_is_left_out(lab, checked):
    path = lab.root / "notes/plain/cache.json"
    path.write_text("42")
    try:
        done = lab("run", "plain")
        assert done.code == 0, done.text
        assert claims_of(lab, "plain")["drawn"] != 42
    finally:
        path.unlink()


def test_a_note_that_needs_such_a_file_is_told_why_it_is_not_there(lab, checked):
    source = lab.root / "notes/plain/note.py"
    kept = source.read_text()
    path = lab.root / "notes/plain/cache.json"
    path.write_text("42")
    source.write_text('# %%\nfrom labnotes import claim\nclaim("drawn", int(open("cache.json").read()))\n')
    try:
        done = lab("run", "plain")
        assert done.code == 1
        assert "FileNotFoundError" in done.out
        assert "cache.json lies in the note's folder but was written by an earlier run, so this one began without it" in done.out
        settings = lab.root / "notes/plain/note.yml"
        kept_settings = settings.read_text()
        settings.write_text(kept_settings + "inputs: [notes/plain/cache.json]\n")
        try:
            declared = lab("run", "plain")
            assert declared.code == 0, declared.text
            assert claims_of(lab, "plain") == {"drawn": 42}
        finally:
            settings.write_text(kept_settings)
    finally:
        source.write_text(kept)
        path.unlink()


@pytest.mark.slow
def test_two_runs_of_one_note_side_by_side_do_not_meet(lab):
    import subprocess
    import sys

    slug = f"meets-{random.Random(0).randrange(100)}"
    lab.write_note(
        slug,
        """
        # %%
        import os, time
        from labnotes import claim
        open(f"mark-{os.getpid()}", "w").write("x")
        time.sleep(1.5)
        claim("marks", len([name for name in os.listdir(".") if name.startswith("mark-")]))
        """,
    )
    command = [sys.executable, "-m", "labnotes", "run", slug]
    both = [
        subprocess.Popen(command, cwd=lab.root, env=lab.command_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    for process in both:
        text, _ = process.communicate(timeout=120)
        assert process.returncode == 0, text
        assert "marks = 1" in text, text


def test_the_working_folder_is_called_as_the_notes_folder(lab):
    folder = lab.write_note(
        "named", '# %%\nimport os\nfrom labnotes import claim\nclaim("right", os.path.basename(os.getcwd()) == "named")\n'
    )
    done = lab("run", "named")
    assert "right = yes" in done.out, done.text
    assert not [name for name in os.listdir(folder) if name not in ("note.py", "note.yml")]


ATTACK = """
# %%
import os
from labnotes import claim
for name, content in (("MPLCONFIGDIR", "hist.bins: 3"), ("LABNOTES_ARTIFACTS", "attacked")):
    open(os.path.join(os.environ[name], "matplotlibrc"), "w").write(content)
claim("done", True)
"""

VICTIM = """
# %%
import os
import matplotlib.pyplot as plt
from labnotes import claim
claim("bars", len(plt.hist([1, 2, 3])[0]))
claim("kept", len(os.listdir(os.environ["LABNOTES_ARTIFACTS"])))
plt.close("all")
"""


def test_notes_do_not_reach_each_other_through_what_runs_keep(lab):
    for slug, source in (("attacks", ATTACK), ("victim", VICTIM)):
        lab.write_note(slug, source)
        done = lab("run", slug)
        assert done.code == 0, done.text
    assert claims_of(lab, "victim") == {"bars": 10, "kept": 0}
    assert not list((lab.cache / "labnotes" / "matplotlib").glob("matplotlibrc"))
    assert list((lab.cache / "labnotes" / "matplotlib").glob("fontlist-*.json")), "the list of fonts is kept"
    assert (lab.artifacts_folder("attacks") / "matplotlibrc").read_text() == "attacked"


def test_data_that_git_does_not_track_is_named(lab):
    import subprocess

    folder = lab.write_note(
        "kept", 'import json\n# %%\nimport json\nfrom labnotes import claim\nclaim("x", json.load(open("cache.json")))\n'
    )
    (folder / "cache.json").write_text("42")
    (folder / "data.json").write_text("1")
    for command in (["init", "-q"], ["add", "notes/kept/data.json", "notes/kept/note.py"]):
        subprocess.run(["git", "-C", str(lab.root), *command], check=True)
    done = lab("run", "kept")
    assert done.code == 0, done.text
    assert "depends on files that git does not track: notes/kept/cache.json. Commit what is data" in done.out
    subprocess.run(["git", "-C", str(lab.root), "add", "notes/kept/cache.json"], check=True)
    again = lab("run", "kept")
    assert "git does not track" not in again.out
