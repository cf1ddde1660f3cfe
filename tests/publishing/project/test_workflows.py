"""The workflows of this repository and of a new lab: what they may do, and that their commands exist."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
OURS = ROOT / ".github" / "workflows"
THEIRS = ROOT / "tools" / "labnotes" / "commands" / "templates" / "lab" / "dot-github" / "workflows"
FILES = sorted([*OURS.glob("*.yml"), *THEIRS.glob("*.yml")])
PLATFORM_JOBS = {"newest", "experiments"}  # of weekly.yml: a lab of notes has no platform to test
MAY_WRITE = {
    "check": {},
    "publish": {"site": {"contents": "write"}},
    "weekly": {"site": {"contents": "write"}},
    "site": {"record": {"contents": "write"}, "deploy": {"contents": "write"}},
    "release": {
        "attach": {"contents": "write", "id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
    },
}
USED_WHERE_WRITTEN = {
    "record": {"actions/checkout", "actions/download-artifact"},
    "deploy": {"actions/checkout", "actions/download-artifact"},
    "attach": {"actions/download-artifact", "actions/attest-build-provenance"},
    "publish": {"actions/download-artifact", "pypa/gh-action-pypi-publish"},
}


def workflow_id(path):
    return f"{'lab' if path.is_relative_to(THEIRS) else 'ours'}-{path.stem}"


@pytest.fixture(params=FILES, ids=workflow_id)
def workflow(request):
    content = yaml.safe_load(request.param.read_text())
    content["on"] = content.pop(True)  # YAML 1.1 reads the key `on` as a truth
    return request.param, content


def workflow_steps(content):
    return [step for job in content["jobs"].values() for step in job.get("steps", [])]


def test_both_have_the_same_four_and_the_platform_its_release():
    assert {path.stem for path in THEIRS.glob("*.yml")} == {"check", "publish", "weekly", "site"}
    assert {path.stem for path in OURS.glob("*.yml")} == {"check", "publish", "weekly", "site", "release"}


def test_nothing_can_be_written_but_the_published_branch_the_log_and_a_release(workflow):
    path, content = workflow
    assert content["permissions"] == {"contents": "read"}
    writing = {name: job["permissions"] for name, job in content["jobs"].items() if "permissions" in job}
    assert writing == MAY_WRITE[path.stem]
    for name in writing.keys() - {"site"}:
        ran = "\n".join(step.get("run", "") for step in content["jobs"][name]["steps"])
        assert not re.search(r"\b(labnotes|make|pip|python3?|bash|sh|source|eval)\b|\./", ran), (
            "the job that may write runs nothing of the repository"
        )
        used = {step["uses"].partition("@")[0] for step in content["jobs"][name]["steps"] if "uses" in step}
        assert used == USED_WHERE_WRITTEN[name]
    pushes = [line.strip() for step in workflow_steps(content) for line in step.get("run", "").splitlines() if "git push" in line]
    assert pushes == (
        ['if git push --quiet origin "$commit:refs/heads/checks"; then exit 0; fi', "git push --quiet --force origin gh-pages"]
        if path.stem == "site"
        else []
    ), "the log is never written anew"


def test_strangers_get_no_secret_and_leave_no_cache(workflow):
    path, content = workflow
    text = path.read_text()
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert "actions/cache" not in text
    assert "cache:" not in text
    for job in content["jobs"].values():
        pushing = any("git push" in step.get("run", "") for step in job.get("steps", []))
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout") and not pushing:
                assert step["with"]["persist-credentials"] is False
    for step in workflow_steps(content):
        assert "${{ github." not in step.get("run", ""), "values of an event go through the environment, not into a script"
        assert "${{ matrix." not in step.get("run", "")


def test_actions_are_pinned_and_say_how(workflow):
    path, content = workflow
    used = [step["uses"] for step in workflow_steps(content) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@v\d+\.\d+\.\d+", name) for name in used)
    assert "pinned to tags" in path.read_text()


def test_triggers(workflow):
    path, content = workflow
    on = content["on"] if isinstance(content["on"], dict) else {content["on"]: None}
    assert (
        set(on)
        == {
            "check": {"pull_request"},
            "publish": {"push", "workflow_dispatch"},
            "weekly": {"schedule", "workflow_dispatch"},
            "site": {"workflow_call"},
            "release": {"push"},
        }[path.stem]
    )
    if path.stem == "publish":
        assert on["push"] == {"branches": ["main"]}
    if path.stem == "release":
        assert on["push"] == {"tags": ["v*"]}


def test_every_command_of_ours_exists(workflow, lab):
    _, content = workflow
    lines = [line.strip() for step in workflow_steps(content) for line in step.get("run", "").splitlines()]
    commands = [match.group(1) for line in lines for match in re.finditer(r"(?:^|then )(?:\.venv/bin/)?labnotes ([^;]*)", line)]
    for words in map(shlex.split, commands):
        shown = lab(words[0], "--help")
        assert shown.code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.out, words
    targets = {match.group(1) for line in lines for match in re.finditer(r"^make (\S+)", line)}
    made = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{re.escape(target)}\b.*:|[ :]{re.escape(target)}\b", made, re.MULTILINE) for target in targets), targets


@pytest.mark.parametrize("folder", [OURS, THEIRS], ids=["ours", "lab"])
def test_results_reach_the_site_by_way_of_the_log(folder):
    """What check jobs upload is what the job that keeps the log downloads, and the log is what the site is built with."""
    jobs = yaml.safe_load((folder / "site.yml").read_text())["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {"record": None, "build": "record", "deploy": "build"}
    record, build = (jobs[name]["steps"] for name in ("record", "build"))
    assert {"pattern": "result-*", "path": "new", "merge-multiple": True} in [step.get("with") for step in record]
    assert {"ref": "checks", "path": "checks", "persist-credentials": False} in [step.get("with") for step in build]
    assert any(step.get("run", "").endswith("labnotes build --checks checks/notes") for step in build)
    for name in ("publish", "weekly"):
        called = yaml.safe_load((folder / f"{name}.yml").read_text())["jobs"]
        assert called["site"]["uses"] == "./.github/workflows/site.yml"
        [checking] = [job for job in called.values() if any("labnotes check" in step.get("run", "") for step in job.get("steps", []))]
        checks = [step["run"] for step in checking["steps"] if "labnotes check" in step.get("run", "")]
        assert all("--report report" in command and "--no-log" not in command for command in checks)
        [uploaded] = [step["with"] for step in checking["steps"] if "upload-artifact" in step.get("uses", "")]
        assert uploaded["name"].startswith("result-")
        assert uploaded["path"] == "report/checks"


def test_a_pull_request_writes_to_no_log():
    for folder in (OURS, THEIRS):
        text = (folder / "check.yml").read_text()
        assert "result-" not in text
        assert "site.yml" not in text


def test_a_check_has_what_the_site_is_built_with():
    """A job that finds other packages than the one that reads its result looks for other modules in vain, and depends on other things."""
    extras = dict(re.findall(r"^\.venv/\.(\w+): EXTRAS := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"site", "notes", "test"} <= set(extras)
    assert set(extras["site"].split(",")) <= set(extras["notes"].split(",")) <= set(extras["test"].split(","))
    installs = {
        step["run"]
        for path in THEIRS.glob("*.yml")
        for step in workflow_steps(yaml.safe_load(path.read_text()))
        if step.get("run", "").startswith("pip ")
    }
    assert len(installs) == 1, "all jobs of a new lab install the same"


def test_the_two_sets_differ_in_how_labnotes_is_installed_and_called():
    """A change of one that was forgotten in the other."""
    for name in ("publish", "weekly", "site"):
        ours, theirs = ((folder / f"{name}.yml").read_text() for folder in (OURS, THEIRS))
        ours = ours.replace(".venv/bin/labnotes", "labnotes").replace('python-version: "3.11"', 'python-version: "3.12"')
        for job in PLATFORM_JOBS:
            ours = re.sub(rf"^  {job}:\n(    .*\n)+", "", ours, flags=re.MULTILINE)
        ours = re.sub(r"^env:\n  PIP_EXTRA_INDEX_URL: .*\n", "", ours, flags=re.MULTILINE)
        ours = re.sub(r"run: make \S+", "run: pip install --constraint constraints.txt --requirement requirements.txt", ours)
        assert ours == theirs, name


def test_names_of_a_pull_request_are_no_options_and_logs_hold_no_links(workflow):
    """A note's folder may be called --report=x, and a branch may hold a link in the place of a log."""
    _, content = workflow
    for step in workflow_steps(content):
        for line in step.get("run", "").splitlines():
            if "labnotes check" in line and "$" in line:
                assert re.search(r"-- (\$present|\"\$SLUG\")", line), line
            if "tar -x" in line:
                assert "find log -type l -delete" in step["run"]
            if '-f "$earlier"' in line:
                assert '! -L "$earlier"' in line


def test_runs_get_namespaces_where_notes_are_executed(workflow):
    _, content = workflow
    for job in content["jobs"].values():
        ran = [step.get("run", "") for step in job.get("steps", [])]
        checking = [i for i, command in enumerate(ran) if "labnotes check" in command]
        allowing = [i for i, command in enumerate(ran) if "kernel.apparmor_restrict_unprivileged_userns=0" in command]
        assert not checking or (allowing and allowing[0] < checking[0])
