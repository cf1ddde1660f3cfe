"""The workflows of this repository and of a new lab: what they may do, and that their commands exist."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
OURS = ROOT / ".github" / "workflows"
THEIRS = ROOT / "tools" / "labnotes" / "scaffold" / "lab" / "dot-github" / "workflows"
FILES = sorted([*OURS.glob("*.yml"), *THEIRS.glob("*.yml")])


def ident(path):
    return f"{'lab' if path.is_relative_to(THEIRS) else 'ours'}-{path.stem}"


@pytest.fixture(params=FILES, ids=ident)
def workflow(request):
    found = yaml.safe_load(request.param.read_text())
    found["on"] = found.pop(True)  # YAML 1.1 reads the key `on` as a truth
    return request.param, found


def steps(found):
    return [step for job in found["jobs"].values() for step in job.get("steps", [])]


def test_both_have_the_same_four():
    assert {path.name for path in OURS.glob("*.yml")} == {path.name for path in THEIRS.glob("*.yml")}
    assert {path.stem for path in OURS.glob("*.yml")} == {"check", "publish", "weekly", "site"}


def test_nothing_can_be_written_but_the_published_branch(workflow):
    path, found = workflow
    assert found["permissions"] == {"contents": "read"}
    writing = {name for name, job in found["jobs"].items() if "write" in str(job.get("permissions", ""))}
    assert writing == {"check": set(), "publish": {"site"}, "weekly": {"site"}, "site": {"deploy"}}[path.stem]
    for name in writing - {"site"}:
        ran = "\n".join(step.get("run", "") for step in found["jobs"][name]["steps"])
        assert not re.search(r"labnotes|make|pip|python", ran), "the job that may write runs nothing of the repository"


def test_strangers_get_no_secret_and_leave_no_cache(workflow):
    path, found = workflow
    text = path.read_text()
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert "actions/cache" not in text
    assert "cache:" not in text
    for step in steps(found):
        if step.get("uses", "").startswith("actions/checkout") and "git push" not in text:
            assert step["with"]["persist-credentials"] is False
    for step in steps(found):
        assert "${{ github." not in step.get("run", ""), "values of an event go through the environment, not into a script"
        assert "${{ matrix." not in step.get("run", "")


def test_actions_are_pinned_and_say_how(workflow):
    path, found = workflow
    used = [step["uses"] for step in steps(found) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)
    assert "pinned to tags" in path.read_text()


def test_triggers(workflow):
    path, found = workflow
    on = found["on"] if isinstance(found["on"], dict) else {found["on"]: None}
    assert (
        set(on)
        == {
            "check": {"pull_request"},
            "publish": {"push", "workflow_dispatch"},
            "weekly": {"schedule", "workflow_dispatch"},
            "site": {"workflow_call"},
        }[path.stem]
    )
    if path.stem == "publish":
        assert on["push"] == {"branches": ["main"]}


def test_every_command_of_ours_exists(workflow, lab):
    _, found = workflow
    lines = [line.strip() for step in steps(found) for line in step.get("run", "").splitlines()]
    commands = [match.group(1) for line in lines for match in re.finditer(r"(?:^|then )(?:\.venv/bin/)?labnotes ([^;]*)", line)]
    for words in map(shlex.split, commands):
        shown = lab(words[0], "--help")
        assert shown.code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.out, words
    targets = {match.group(1) for line in lines for match in re.finditer(r"^make (\S+)", line)}
    made = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{re.escape(target)}\b.*:|[ :]{re.escape(target)}\b", made, re.MULTILINE) for target in targets), targets


def test_results_reach_the_site():
    """What check jobs upload is what the site job downloads and gives to build."""
    for folder in (OURS, THEIRS):
        site = (folder / "site.yml").read_text()
        assert "pattern: result-*, path: checks, merge-multiple: true" in site
        assert "build --checks checks" in site
        for name in ("publish", "weekly"):
            text = (folder / f"{name}.yml").read_text()
            assert re.search(r"name: \"?result-.*path: report/checks", text)
            assert "uses: ./.github/workflows/site.yml" in text
