"""Modules that a run takes from outside the lab: refused where the lab has its own, else kept by digest."""

import json

import pytest

pytestmark = pytest.mark.slow  # 8 s: every test needs an environment of its own

NOTE = """
# %%
from labnotes import claim
from ours.rates import rate
claim("rate", rate())
"""


def write_module(root, value, name="rates"):
    folder = root / "ours"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text("")
    (folder / f"{name}.py").write_text(f"def rate():\n    return {value}\n")
    return root


@pytest.fixture
def other(tmp_path):
    """Another checkout, whose code answers for the lab's: as with one environment for two checkouts."""
    return write_module(tmp_path / "other-checkout" / "tools", 0.9)


def test_a_module_of_the_lab_that_was_loaded_from_another_checkout_is_an_error(lab, other):
    write_module(lab.root / "tools", 0.5)
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(lab.root / "tools")
    lab.run_and_accept("a")
    done = lab("check", "--fresh", PYTHONPATH=str(other))
    assert done.code == 2, done.text
    assert "ours was loaded from" in done.err
    assert "not from this lab, which has its own (tools/ours/" in done.err
    assert "PYTHONPATH=tools" in done.err
    assert "agrees" not in done.out.replace("1 problem", "")
    assert "accept" not in done.out, "nothing to propose"
    assert not (lab.root / "notes" / "a" / "checks.jsonl").exists()
    ran = lab("run", "a", PYTHONPATH=str(other))
    assert ran.code == 2, ran.text
    own = lab("check", "--fresh")
    assert own.code == 0, own.text


@pytest.mark.parametrize("place", [".", "notes/a", "src", "tools"])
def test_wherever_in_the_lab_its_own_module_lies(lab, other, place):
    lab.write_note("a", NOTE)
    write_module(lab.root / place, 0.5)
    done = lab("run", "a", PYTHONPATH=str(other))  # it comes first on the path, and hides the lab's
    assert done.code == 2, done.text
    assert "ours was loaded from" in done.err


def test_another_notes_helper_is_not_the_labs_own(lab, tmp_path):
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "helper.py").write_text("X = 1\n")
    lab.write_note("b", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    (lab.root / "notes" / "b" / "helper.py").write_text("X = 2\n")
    lab.write_note("a", "# %%\nfrom labnotes import claim\nimport helper\nclaim('x', helper.X)\n")
    done = lab("run", "a", PYTHONPATH=str(tmp_path / "libs"))
    assert done.code == 0, done.text


def test_a_library_installed_from_elsewhere_is_a_dependency_with_a_digest(lab, other):
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(other)
    ran = lab("run", "a")
    assert "imports modules that are installed from elsewhere, whose digests the record keeps: ours/__init__.py, ours/rates.py" in ran.out
    lab.run_and_accept("a")
    needs = json.loads((lab.root / "notes/a/record/provenance.json").read_text())["dependencies"]
    assert set(needs["elsewhere"]) == {"ours/__init__.py", "ours/rates.py"}
    assert str(other) not in (lab.root / "notes/a/record/provenance.json").read_text(), "no path of this machine"
    assert lab("check", "--fresh").code == 0
    write_module(other, 0.9 + 1e-9)  # the same number as far as it is printed, from other code
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    listed = lab("list").out
    assert "it had other inputs: installed elsewhere: ours/rates.py" in listed
