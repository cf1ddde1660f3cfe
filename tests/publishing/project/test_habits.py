"""What the files around the code say of it: citation, security, forms, hooks, fragments of the changelog, decisions, releases."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from pre_commit.clientlib import load_config

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md")
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(path for path in DECISIONS.glob("*.md") if path.name != "index.md")
WORKFLOWS = ROOT / ".github" / "workflows"
CONSTRAINTS = dict(line.split("#")[0].strip().split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)


def file_stem(path):
    return path.stem


# -- files with a schema -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ("citation-file-format", ["CITATION.cff"]),
        ("dependabot", [".github/dependabot.yml"]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
        ("github-issue-forms", [path.relative_to(ROOT).as_posix() for path in FORMS]),
        ("github-workflows", [path.relative_to(ROOT).as_posix() for path in sorted(WORKFLOWS.glob("*.yml"))]),
    ],
)
def test_a_file_that_github_reads_has_the_form_that_it_reads(schema, names):
    assert names
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", f"vendor.{schema}", *(str(ROOT / name) for name in names)])
    assert done.exit_code == 0, done.output


def test_the_citation_names_the_version_the_licence_and_the_authors():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]
    [author] = citation["authors"]
    assert f"Copyright (c) 2026 {author['name']}\n" in (ROOT / "LICENSE").read_text()


ASKED = {
    "does-not-reproduce": {"note", "said", "commit", "machine", "installed"},
    "fault": {"did", "happened", "expected", "versions"},
    "proposal": {"question", "expected", "method"},
}


@pytest.mark.parametrize("path", FORMS, ids=file_stem)
def test_an_issue_form_asks_for_what_an_answer_needs(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "title", "labels", "body"} <= set(form)
    asked = {field["id"] for field in form["body"] if field.get("validations", {}).get("required")}
    assert asked == ASKED[path.stem]


def test_there_is_a_form_for_each_kind_of_issue_and_no_way_around_them():
    assert {path.stem for path in FORMS} == set(ASKED)
    assert yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml").read_text()) == {"blank_issues_enabled": False}


def test_the_oldest_versions_are_not_raised_by_a_machine():
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"]: update["schedule"] for update in updates} == {
        "github-actions": {"interval": "weekly"},
        "pip": {"interval": "weekly"},
    }
    [pip] = [update for update in updates if update["package-ecosystem"] == "pip"]
    assert pip["exclude-paths"] == ["constraints-oldest.txt"]
    assert pip["groups"]["pins"]["patterns"] == ["*"]


def test_security_says_how_to_report_and_what_is_not_promised():
    text = (ROOT / "SECURITY.md").read_text()
    assert "*Report a vulnerability*" in text
    assert "It is no barrier" in text
    for name in ("widget.js", "Landlock", "pickle"):
        assert name in text, name


# -- hooks -------------------------------------------------------------------------------------------------------------------------------


def hooks_by_id():
    [local] = load_config(str(ROOT / ".pre-commit-config.yaml"))["repos"]
    assert local["repo"] == "local", "nothing is fetched"
    return {hook["id"]: hook for hook in local["hooks"]}


def test_hooks_are_the_commands_of_make():
    recipes = re.findall(r"^\t@?(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = {line.replace("$(BIN)", ".venv/bin") for line in recipes}
    entries = {name: hook["entry"] for name, hook in hooks_by_id().items() if name != "yaml"}
    assert set(entries) == {"ruff-check", "ruff-format", "mypy", "layers"}
    assert f'told=$$({entries.pop("layers")}) || {{ echo "$$told"; exit 1; }}' in commands
    assert set(entries.values()) <= commands
    assert all(hook["language"] == "unsupported" for hook in hooks_by_id().values()), "what pre-commit calls `system`: it installs nothing"
    assert not any(hook["pass_filenames"] for name, hook in hooks_by_id().items() if name != "yaml")


def read_yaml(*paths):
    python, *words = shlex.split(hooks_by_id()["yaml"]["entry"])
    assert python == ".venv/bin/python"
    return subprocess.run([sys.executable, *words, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_hook_refuses_yaml_that_cannot_be_read(tmp_path):
    (tmp_path / "good.yml").write_text("a: [1]\n")
    (tmp_path / "bad.yml").write_text("a: [1\n")
    assert read_yaml(tmp_path / "good.yml").returncode == 0
    refused = read_yaml(tmp_path / "good.yml", tmp_path / "bad.yml")
    assert refused.returncode != 0
    assert "expected ',' or ']'" in refused.stderr
    all_of_ours = [*ROOT.glob("*.yml"), *ROOT.glob(".*.yaml"), *ROOT.glob(".github/**/*.yml"), *ROOT.glob("notes/*/note.yml")]
    assert len(all_of_ours) > 10
    assert read_yaml(*all_of_ours).returncode == 0


# -- the changelog -----------------------------------------------------------------------------------------------------------------------

KINDS = [kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]]


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_says_its_kind_and_a_sentence(path):
    assert re.fullmatch(rf"(\d+|\+[a-z0-9]+(-[a-z0-9]+)*)\.({'|'.join(KINDS)})\.md", path.name), f"no name of a fragment: {path.name}"
    text = path.read_text()
    assert re.match(r"[A-Z`]", text)
    assert text.endswith(".\n")
    assert not re.search(r"^(#|[-*] )", text, re.MULTILINE), "towncrier writes headings and bullets"


def test_contributors_are_told_the_kinds():
    for name in ("CONTRIBUTING.md", "changelog.d/README.md"):
        text = (ROOT / name).read_text()
        assert all(f"`{kind}`" in text for kind in KINDS), name


def run_towncrier(folder, *words):
    command = [sys.executable, "-m", "towncrier", "build", "--version", "9.9.9", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_fragments_become_the_text_of_a_release(tmp_path):
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "changelog.d", tmp_path / "changelog.d")
    (tmp_path / "changelog.d" / "+for-this-test.records.md").write_text("A record is another.\n")
    draft = run_towncrier(tmp_path, "--draft")
    for path in (tmp_path / "changelog.d").glob("[+0-9]*"):
        assert path.read_text().splitlines()[0] in draft
    before = (tmp_path / "CHANGELOG.md").read_text()
    run_towncrier(tmp_path, "--yes", "--date", "2026-12-24")
    after = (tmp_path / "CHANGELOG.md").read_text()
    head, marker, old = before.partition("<!-- towncrier release notes start -->\n")
    assert marker
    assert after.startswith(f"{head}{marker}\n## 9.9.9 (2026-12-24)\n")
    assert after.endswith(old.lstrip("\n"))
    assert "- A record is another.\n" in after
    assert [path.name for path in (tmp_path / "changelog.d").iterdir()] == ["README.md"]


# -- decisions ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", RECORDS, ids=file_stem)
def test_a_decision_has_its_four_parts_on_one_page(path):
    text = path.read_text()
    number = int(path.stem[:4])
    _, front, body = text.split("---\n", 2)
    settings = yaml.safe_load(front)
    assert body.startswith(f"\n# {number}. {settings['title']}\n")
    assert settings["description"].startswith(f"Decision {number}. ")
    assert re.findall(r"^\*\*(.+?)\.\*\*", body, re.MULTILINE) == ["Context", "Decision", "Consequences", "What would change our mind"]
    assert len(text.splitlines()) <= 40


def test_every_decision_is_in_the_index_by_its_number_and_title():
    rows = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\) \| (.+?) \|$", (DECISIONS / "index.md").read_text(), re.MULTILINE)
    titles = [yaml.safe_load(path.read_text().split("---\n")[1])["title"] for path in RECORDS]
    assert [(int(number), title, name) for number, title, name, _ in rows] == [
        (number, title, path.name) for number, (title, path) in enumerate(zip(titles, RECORDS, strict=True), start=1)
    ]
    assert len(rows) >= 8
    assert all(state == "in force" or re.fullmatch(r"taken back by \d+", state) for *_, state in rows)
    assert "decisions/index.md" in (ROOT / "docs" / "architecture.md").read_text()


# -- workflows ---------------------------------------------------------------------------------------------------------------------------


def job_steps(workflow, job):
    return yaml.safe_load((WORKFLOWS / f"{workflow}.yml").read_text())["jobs"][job]["steps"]


def step_script(workflow, job, said):
    [script_text] = [step["run"] for step in job_steps(workflow, job) if said in step.get("run", "")]
    return script_text


def run_script(text, folder, **environment):
    plain = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **environment}
    done = subprocess.run(["bash", "-e", "-c", text], cwd=folder, env=plain, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_pull_request_is_tested_under_every_python_and_wholly_under_the_oldest():
    job = yaml.safe_load((WORKFLOWS / "check.yml").read_text())["jobs"]["test"]
    versions = job["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13"]
    assert PROJECT["project"]["requires-python"] == f">={versions[0]}"
    ran = {step["run"].strip().splitlines()[-1]: step["if"] for step in job["steps"] if "run" in step}
    assert ran == {"make test-all": "${{ matrix.python == '3.11' }}", "make test": "${{ matrix.python != '3.11' }}"}


def test_the_oldest_of_every_dependency_is_tested():
    pinned = re.findall(r"^([\w.-]+)==\d", (ROOT / "constraints-oldest.txt").read_text(), re.MULTILINE)
    needed = {re.split("[<>=]", wanted)[0] for wanted in PROJECT["project"]["dependencies"]}
    assert needed <= set(pinned)
    ran = step_script("check", "oldest", "pytest")
    assert "make .venv-oldest/.done\n" in ran
    assert '"-r", "constraints-oldest.txt"' in (ROOT / "scripts" / "set_up.py").read_text()
    [names] = re.findall(r"tests/publishing/\{(.+?)\}\.py", ran)
    assert all((ROOT / "tests" / "publishing" / f"{name}.py").exists() for name in names.split(","))


def test_every_week_the_newest_dependencies_are_tested(tmp_path):
    """`make test` installs with the pins of constraints.txt, which is empty then."""
    (tmp_path / "constraints.txt").write_text("numpy==1\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "make").write_text('#!/bin/sh\necho "make $*: $(wc -c < constraints.txt)"\n')
    (tmp_path / "bin" / "make").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert run_script(step_script("weekly", "newest", "make"), tmp_path, PATH=path) == (0, "make test: 0\n")
    assert '"-c", "constraints.txt"' in (ROOT / "scripts" / "set_up.py").read_text()


def test_every_week_properties_are_tried_with_other_inputs():
    steps = yaml.safe_load((WORKFLOWS / "weekly.yml").read_text())["jobs"]["experiments"]["steps"]
    [anew] = [step for step in steps if "env" in step]
    [(variable, _)] = anew["env"].items()
    module = anew["run"].split()[-1]
    assert f'not os.environ.get("{variable}")' in (ROOT / module).read_text()


def run_git(folder, *words):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["tools/labnotes/cli/app.py"], True),
        (["tools/labnotes/cli/app.py", "changelog.d/README.md"], True),
        (["tools/labnotes/cli/app.py", "changelog.d/+a.fixed.md"], False),
        (["tools/labnotes/cli/app.py", "changelog.d/12.fixed.md"], False),
        (["docs/index.md"], False),
    ],
)
def test_a_pull_request_is_told_of_a_missing_fragment(tmp_path, changed, told):
    run_git(tmp_path, "init", "--quiet")
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "+old.added.md").write_text("Old.\n")
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "--message", "Base")
    base = run_git(tmp_path, "rev-parse", "HEAD")
    for name in changed:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("New.\n")
    run_git(tmp_path, "rm", "--quiet", "changelog.d/+old.added.md")  # as a release does
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "--message", "Change")
    code, said = run_script(step_script("check", "fragment", "changelog.d"), tmp_path, BASE=base)
    assert code == 0, said
    assert ("::warning title=No fragment::" in said) == told


# -- a release ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tagged(tmp_path):
    """What the job that builds says of a tag, and the text of the release."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.2.0 (2026-12-24)\n\n### Added\n\n- New.\n\n## 1.1.0 (2026-12-01)\n\n- Old.\n"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)

    def check_tag(tag):
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        code, said = run_script(step_script("release", "build", "GITHUB_REF_NAME"), tmp_path, GITHUB_REF_NAME=tag, PATH=path)
        return code, said, tmp_path / "notes-of-release" / "notes.md"

    return check_tag


def test_a_release_has_the_version_of_its_tag_and_its_own_text(tagged):
    code, said, notes = tagged("v1.2.0")
    assert code == 0, said
    assert notes.read_text() == "\n### Added\n\n- New.\n\n"


@pytest.mark.parametrize("tag", ["v1.2.1", "v1.2.0rc1", "1.2.0", "v1.1.0"])
def test_a_tag_of_another_version_is_refused(tagged, tag):
    code, said, _ = tagged(tag)
    assert code == 1
    assert f"the tag is {tag}, pyproject.toml says 1.2.0" in said


def test_a_release_without_its_text_is_refused(tagged, tmp_path):
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0\n\n## 1.1.0 (2026-12-01)\n\n- Old.\n")
    code, said, _ = tagged("v1.2.0")
    assert code == 1
    assert "no section '## 1.2.0 (date)'" in said


def test_what_builds_a_release_is_pinned():
    assert "--constraint constraints.txt build\n" in step_script("release", "build", "python -m build")
    assert {"build", "pyproject_hooks", "setuptools"} <= set(CONSTRAINTS)


def test_whoever_releases_is_told_each_step():
    text = (ROOT / "RELEASING.md").read_text()
    for name in ("pyproject.toml", "CITATION.cff", "towncrier build", "git tag", "trusted publish", "`pypi`"):
        assert name in text, name


# -- what is said once more ---------------------------------------------------------------------------------------------------------------


def test_what_contributing_names_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert len(text.splitlines()) <= 96
    named = set(re.findall(r"`((?:tools|tests|docs|notes|changelog\.d|\.github)/[\w./-]+|[\w-]+\.(?:toml|txt|md|yaml))`", text))
    assert len(named) > 15
    missing = {name for name in named if not (ROOT / name).exists()}
    assert not missing
    markers = {line.partition(":")[0] for line in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    assert all(f"| `{marker}` |" in text for marker in markers), markers
    [(file, word)] = re.findall(r"^\.venv/bin/pytest (\S+) -k (\w+)", text, re.MULTILINE)
    assert re.search(rf"^def test_\w*{word}", (ROOT / file).read_text(), re.MULTILINE)
    targets = set(re.findall(r"(?:^|`)make ([\w-]+)", text, re.MULTILINE))
    assert {"test", "test-all"} <= targets
    made = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", made, re.MULTILINE) for target in targets), targets


def test_the_modules_that_begin_first_exist():
    tree = ast.parse((ROOT / "tests" / "conftest.py").read_text())
    [names] = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "LONGEST_FIRST"]
    assert len(set(names)) == len(names) > 10
    assert [name for name in names if not (ROOT / "tests" / f"{name}.py").exists()] == []


@pytest.mark.parametrize("package", ["labnotes", "smallmodels"])
def test_a_package_says_that_it_is_typed(package):
    assert (ROOT / "tools" / package / "py.typed").read_bytes() == b""


def test_every_rule_that_is_left_out_says_why():
    """In pyproject.toml a line that ignores something carries its reason; in the code, what follows `noqa`."""
    table = (ROOT / "pyproject.toml").read_text().partition("[tool.ruff.lint]")[2]
    ignored = [line for line in table.splitlines() if re.match(r'\s*"[^"]+"(, "[^"]+")*,\s|"[^"]+" = \[', line)]
    assert len(ignored) >= 4
    assert all("#" in line for line in ignored), ignored
    noted = [(path, line) for path in (ROOT / "tools").rglob("*.py") for line in path.read_text().splitlines() if "# noqa" in line]
    assert noted
    bare = [(path.name, line.strip()) for path, line in noted if not re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)*,? +(- )?\w", line)]
    assert not bare
    assert len(noted) < 40
