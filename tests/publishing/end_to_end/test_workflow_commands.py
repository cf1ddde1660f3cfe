"""The commands of the workflows, run as they stand in the files: what a check finds reaches the published page.

GitHub's part is played here: a bare repository is the origin, each job has a clone of its own, `uses:` of the few actions that we use do what those do.
`pip install` is the one thing that is not done: .venv sees the packages of the environment that the tests run in, and keeps what it was asked for.
"""

import fnmatch
import json
import os
import re
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
OURS = ROOT / ".github" / "workflows"
THEIRS = ROOT / "tools" / "labnotes" / "commands" / "templates" / "lab" / "dot-github" / "workflows"
NOTE = "hello-world"
GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def run_git(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, env={**os.environ, **GIT}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.strip()


def tracked_files(root):
    listed = run_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """This repository as it is here, with one note, and a bare repository that it was pushed to."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git here to list the files of the repository")
    folder = tmp_path_factory.mktemp("sources")
    for name in tracked_files(ROOT):
        if not name.startswith("notes/") or name.startswith(f"notes/{NOTE}/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    run_git(folder, "init", "--quiet", "--initial-branch", "main")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


def new_origin(folder, sources):
    run_git(folder, "clone", "--quiet", "--bare", str(sources), "origin.git")
    return folder / "origin.git"


@dataclass
class WorkflowServer:
    """What runs workflows: an origin, artifacts, and for each job a machine. `hidden` are packages that a job of that name does not find."""

    folder: Path
    origin: Path
    hidden: dict[str, list[str]] = field(default_factory=dict)
    asked_of_pip: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)

    def run_workflow(self, name):
        path = OURS / f"{name}.yml"
        jobs = yaml.safe_load(path.read_text())["jobs"]
        done = set()
        while len(done) < len(jobs):
            ready = [
                job
                for job in jobs
                if job not in done and set([jobs[job].get("needs", [])] if isinstance(jobs[job].get("needs"), str) else []) <= done
            ]
            assert ready, jobs
            for job in ready:
                if "uses" in jobs[job]:
                    self.run_workflow(Path(jobs[job]["uses"]).stem)
                else:
                    self.run_job(job, jobs[job])
                done.add(job)

    def run_job(self, name, job):
        machine = self.folder / name
        workspace = machine / "work"
        (machine / "home").mkdir(parents=True)
        workspace.mkdir()
        for step in job["steps"]:
            said = step.get("name") or step.get("run") or step["uses"]
            status, output = self.run_step(name, machine, workspace, step)
            self.outcomes[f"{name}: {said.splitlines()[0]}"] = status
            assert status == 0 or step.get("continue-on-error") is True, f"{name}: {said}\n{output}"

    def run_step(self, name, machine, workspace, step):
        if "run" in step:
            if re.match(r"make\b", step["run"]):
                self.plant_environment(name, workspace)
            words = ["bash", "-e", "-c", step["run"]]
            done = subprocess.run(
                words, cwd=workspace, env=self.job_environment(machine), capture_output=True, text=True, timeout=900, check=False
            )
            log = workspace / ".venv" / "pip.log"
            self.asked_of_pip[name] = log.read_text() if log.exists() else ""
            return done.returncode, done.stdout + done.stderr
        action, given = step["uses"].partition("@")[0], step.get("with", {})
        return getattr(self, action.removeprefix("actions/").replace("-", "_"))(
            workspace, **{key.replace("-", "_"): value for key, value in given.items()}
        ), ""

    def job_environment(self, machine):
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "LD_LIBRARY_PATH") if key in os.environ}
        sha = run_git(self.origin, "rev-parse", "main")
        return {**kept, "HOME": str(machine / "home"), "CI": "true", "GITHUB_SHA": sha, "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "200"}

    def checkout(self, workspace, path=".", ref="main", persist_credentials=True, fetch_depth=1):
        target = workspace / path
        if not run_git(self.origin, "branch", "--list", ref):
            return 1
        if path != ".":
            target.parent.mkdir(parents=True, exist_ok=True)
        run_git(workspace, "clone", "--quiet", "--depth", "1", "--branch", ref, self.origin.as_uri(), str(target))
        run_git(target, "checkout", "--quiet", "--detach")
        run_git(target, "branch", "--quiet", "--delete", "--force", ref)
        return 0

    def setup_python(self, workspace, python_version):
        return 0

    def upload_artifact(self, workspace, name, path, if_no_files_found="warn", include_hidden_files=False):
        if (workspace / path).exists():
            shutil.copytree(workspace / path, self.folder / "artifacts" / name)
        return 0

    def download_artifact(self, workspace, path, name=None, pattern=None, merge_multiple=False):
        stored = self.folder / "artifacts"
        matching = sorted(
            artifact for artifact in (stored.iterdir() if stored.is_dir() else []) if fnmatch.fnmatch(artifact.name, name or pattern)
        )
        for artifact in matching:
            shutil.copytree(artifact, workspace / path, dirs_exist_ok=True)
        return 0 if matching or pattern else 1

    def plant_environment(self, name, workspace):
        """Make a .venv that has everything but what is hidden from this job, and a pip that only writes down what it is asked for."""
        place = workspace / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
        [packages] = place.glob("lib/python*/site-packages")
        (packages / "all.pth").write_text("\n".join([str(workspace / "tools"), *site.getsitepackages(), "import hidden_packages"]) + "\n")
        (packages / "hidden_packages.py").write_text(HIDING.format(hidden=self.hidden.get(name, [])))
        if (Path(sys.prefix) / "share").is_dir():  # templates of nbconvert
            (place / "share").symlink_to(Path(sys.prefix) / "share")
        run = f"#!{place}/bin/python\nfrom labnotes.cli import main\nmain()\n"
        for command, text in (("labnotes", run), ("pip", '#!/bin/sh\necho "$*" >> .venv/pip.log\n')):
            (place / "bin" / command).write_text(text)
            (place / "bin" / command).chmod(0o755)


HIDING = """
import sys


class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Hiding())
"""


# -- the whole way -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # 40 s each
@pytest.mark.parametrize(
    "hidden",
    [{}, {"check": ["charset_normalizer"]}, {"build": ["charset_normalizer", "torch", "sklearn", "pandas"]}],
    ids=["all jobs have the same packages", "the check has one less", "the build has fewer"],
)
def test_what_a_check_finds_is_on_the_published_page(tmp_path, sources, hidden):
    server = WorkflowServer(tmp_path, new_origin(tmp_path, sources), hidden)
    server.run_workflow("publish")
    published = tmp_path / "published"
    run_git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(server.origin), str(published))
    page = re.sub(r"<[^>]+>", " ", (published / "notes" / NOTE / "index.html").read_text())
    assert "Re-executed on" in page, server.outcomes
    assert re.search(r"\b(\d+) of \1 claims", page)
    assert "not re-executed" not in page
    [line] = run_git(server.origin, "show", f"checks:notes/{NOTE}/checks.jsonl").splitlines()
    assert json.loads(line)
    assert '"agrees"' in line
    assert requested_extras(server.asked_of_pip["build"]) <= requested_extras(server.asked_of_pip["check"]), (
        "what made a result is not what reads it"
    )


def requested_extras(asked):
    [named] = re.findall(r"-e \.\[([\w,]+)\]", asked)
    return set(named.split(","))


# -- one step at a time ------------------------------------------------------------------------------------------------------------------


def step_script(folder, workflow, said):
    """Return the commands of the only step of a workflow that mentions `said`."""
    jobs = yaml.safe_load((folder / f"{workflow}.yml").read_text())["jobs"]
    [command] = [step["run"] for job in jobs.values() for step in job.get("steps", []) if said in step.get("run", "")]
    return command


def run_script(text, folder, **environment):
    words = ["bash", "-e", "-c", text]
    done = subprocess.run(words, cwd=folder, env={**os.environ, **GIT, **environment}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


both = pytest.mark.parametrize("workflows", [OURS, THEIRS], ids=["ours", "lab"])


@pytest.fixture
def log(tmp_path):
    """An origin and a clone of it, as the job that keeps the log has it; calling it keeps new lines and gives what the branch then holds."""
    first = tmp_path / "first"
    (first / "notes" / "a").mkdir(parents=True)
    (first / "notes" / "a" / "note.py").write_text("print()\n")
    run_git(first, "init", "--quiet", "--initial-branch", "main")
    run_git(first, "add", "--all")
    run_git(first, "commit", "--quiet", "--message", "First")
    origin = new_origin(tmp_path, first)

    def keep_lines(workflows, new, code=0, **environment):
        workspace = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
        run_git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "main", origin.as_uri(), str(workspace))
        (workspace / "new").mkdir()
        for name, text in new.items():
            (workspace / "new" / name).write_text(text)
        done = run_script(step_script(workflows, "site", "git push --quiet origin"), workspace, GITHUB_SHA="0" * 40, **environment)
        assert done[0] == code, done[1]
        names = run_git(origin, "ls-tree", "-r", "--name-only", "checks").splitlines()
        return {name: run_git(origin, "show", f"checks:{name}") for name in names if name != "notes/.keep"}, done[1]

    keep_lines.origin = origin
    return keep_lines


@both
def test_new_lines_are_appended_and_the_old_ones_stay(log, workflows):
    held, _ = log(workflows, {"a.jsonl": '{"x": 1}\n{"x": 2}\n', "long-name-2.jsonl": '{"y": 1}'})
    assert held == {"notes/a/checks.jsonl": '{"x": 1}\n{"x": 2}', "notes/long-name-2/checks.jsonl": '{"y": 1}'}
    held, _ = log(workflows, {"a.jsonl": '{"x": 0}\n{"x": 2}\n{"x": 0}\n'})
    assert held == {"notes/a/checks.jsonl": '{"x": 1}\n{"x": 2}\n{"x": 0}', "notes/long-name-2/checks.jsonl": '{"y": 1}'}
    before = run_git(log.origin, "rev-parse", "checks")
    assert run_git(log.origin, "rev-list", "--count", "checks") == "2", "the log has a history"
    again, said = log(workflows, {"a.jsonl": '{"x": 0}\n'})
    assert again == held
    assert "no new line" in said
    assert run_git(log.origin, "rev-parse", "checks") == before


@both
def test_what_is_no_line_of_a_log_is_left_out(log, workflows):
    odd = {
        "../a.jsonl"[3:]: 'text\n["x"]\n{"x": 1}\n\n{"cut',
        "A.jsonl": "{}\n",
        "a b.jsonl": "{}\n",
        "-n.jsonl": "{}\n",
        ".jsonl": "{}\n",
        "a.json": "{}\n",
        "$(touch x).jsonl": "{}\n",
    }
    held, said = log(workflows, odd)
    assert held == {"notes/a/checks.jsonl": '{"x": 1}'}
    assert "left out: new/A.jsonl" in said


@both
def test_a_branch_is_there_to_build_from_before_the_first_line(log, workflows):
    assert log(workflows, {})[0] == {}
    assert run_git(log.origin, "ls-tree", "-r", "--name-only", "checks") == "notes/.keep"


@both
def test_lines_that_somebody_else_pushed_in_between_stay(log, workflows, tmp_path):
    log(workflows, {"a.jsonl": '{"x": 1}\n'})
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", "--branch", "checks", log.origin.as_uri(), str(other))
    with (other / "notes" / "a" / "checks.jsonl").open("a") as file:
        file.write('{"theirs": 1}\n')
    (other / "README.md").write_text("The log of checks.\n")
    run_git(other, "add", "--all")
    run_git(other, "commit", "--quiet", "--message", "Theirs")
    real = shutil.which("git")
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"""#!/bin/sh
if [ "$1" = push ] && [ ! -e {tmp_path}/pushed ]; then touch {tmp_path}/pushed; {real} -C {other} push --quiet origin checks; fi
exec {real} "$@"
""")
    fake.chmod(0o755)
    held, _ = log(workflows, {"a.jsonl": '{"x": 2}\n'}, PATH=f"{fake.parent}:{os.environ['PATH']}")
    assert held == {"README.md": "The log of checks.", "notes/a/checks.jsonl": '{"x": 1}\n{"theirs": 1}\n{"x": 2}'}


@both
def test_a_log_that_cannot_be_pushed_is_a_failure(log, workflows):
    log(workflows, {"a.jsonl": '{"x": 1}\n'})
    hook = log.origin / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    held, _ = log(workflows, {"a.jsonl": '{"x": 2}\n'}, code=1)
    assert held == {"notes/a/checks.jsonl": '{"x": 1}'}


@both
def test_a_check_knows_earlier_lines_of_the_notes_that_there_are(tmp_path, workflows):
    for name, text in {
        ".labnotes/earlier/notes/a/checks.jsonl": '{"x": 1}\n{"x": 2}\n',
        ".labnotes/earlier/notes/b/checks.jsonl": '{"y": 1}\n',
        ".labnotes/earlier/notes/removed/checks.jsonl": '{"z": 1}\n',
        "notes/a/checks.jsonl": '{"x": 2}\n{"x": 3}\n',
        "notes/b/note.py": "",
        "notes/c/note.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    code, said = run_script(step_script(workflows, "publish", "earlier="), tmp_path)
    assert code == 0, said
    held = {path.relative_to(tmp_path / "notes").as_posix(): path.read_text() for path in (tmp_path / "notes").rglob("*.jsonl")}
    assert held == {"a/checks.jsonl": '{"x": 1}\n{"x": 2}\n{"x": 3}\n', "b/checks.jsonl": '{"y": 1}\n'}
    shutil.rmtree(tmp_path / ".labnotes")
    assert run_script(step_script(workflows, "publish", "earlier="), tmp_path)[0] == 0, "before the first line there is no branch"


@both
def test_a_pull_request_checks_the_notes_that_it_touches(tmp_path, workflows):
    for name in ("notes/a/note.py", "notes/b/note.py", "notes/gone/note.py", "docs/index.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
    run_git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "--message", "Base")
    base = run_git(tmp_path, "rev-parse", "HEAD")
    command = tmp_path / ".venv" / "bin" / "labnotes"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\necho "asked: $*"\n')
    command.chmod(0o755)
    step = step_script(workflows, "check", "--from-nothing")
    path = f"{command.parent}:{os.environ['PATH']}"

    def commit_change(name, text):
        (tmp_path / name).write_text(text) if text else shutil.rmtree((tmp_path / name).parent)
        run_git(tmp_path, "add", "--", name)
        run_git(tmp_path, "commit", "--quiet", "--message", "A change")
        code, said = run_script(step, tmp_path, BASE=base, PATH=path)
        assert code == 0, said
        return said

    assert "asked" not in commit_change("docs/index.md", "2\n")
    assert "asked" not in commit_change("notes/gone/note.py", None)
    assert "asked: check --from-nothing --report report/touched -- b\n" in commit_change("notes/b/note.py", "2\n")
    assert "asked: check --from-nothing --report report/touched -- a b\n" in commit_change("notes/a/note.py", "2\n")


@both
@pytest.mark.skipif(shutil.which("jq") is None, reason="the job lists notes with jq, which GitHub's machines have")
def test_the_weekly_run_lists_every_note(tmp_path, workflows):
    for name in ("b-2", "a", ".hidden", "_draft"):
        (tmp_path / "notes" / name).mkdir(parents=True)
    (tmp_path / "notes" / "file.md").touch()
    code, said = run_script(step_script(workflows, "weekly", "GITHUB_OUTPUT"), tmp_path, GITHUB_OUTPUT=str(tmp_path / "output"))
    assert code == 0, said
    assert (tmp_path / "output").read_text() == 'slugs=["a","b-2"]\n'
