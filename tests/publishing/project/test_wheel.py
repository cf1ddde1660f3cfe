"""What an installation from a wheel holds, which is how every lab outside this repository has labnotes."""

import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from labnotes import installation

ROOT = Path(__file__).parents[3]
PACKAGES = ("tools/labnotes", "tools/smallmodels")
BUILT_OF = ("pyproject.toml", "README.md", "LICENSE")


def package_sources():
    """Every file of the packages that git has or would take, by its path from the repository's root; where there is no git, every file."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PACKAGES]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())
    paths = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if "__pycache__" not in path.parts)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the archive of sources, built from a copy, in which modules were compiled."""
    copy, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("built")
    for name in (*BUILT_OF, *package_sources()):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    for folder in ("tools/labnotes", "tools/labnotes/site/theme", "tools/labnotes/kernel/child"):
        (copy / folder / "__pycache__").mkdir()
        (copy / folder / "__pycache__" / "old.cpython-311.pyc").touch()
    for kind in ("wheel", "sdist"):
        code = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", code, str(out)], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    [wheel], [archive] = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, archive


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = sorted(name for name in wheel.namelist() if ".dist-info/" not in name)
    wanted = [name.removeprefix("tools/") for name in package_sources()]
    assert "labnotes/site/theme/overrides/.icons/labnotes/mark.svg" in wanted
    assert len(wanted) > 150
    assert names == wanted


def test_so_does_the_archive_of_sources_that_a_wheel_can_be_built_of(built):
    with tarfile.open(built[1]) as archive:
        names = [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]
    assert sorted(name for name in names if name.startswith("tools/") and ".egg-info/" not in name) == package_sources()


@pytest.mark.slow  # 60 s
def test_a_lab_outside_the_repository_works_with_the_wheel_from_init_to_its_site(built, lab, tmp_path):
    wheel, library = built[0], tmp_path / "library"
    pip = [sys.executable, "-m", "pip", "--isolated"]
    installed = subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", "--target", str(library), str(wheel)], check=False)
    assert installed.returncode == 0
    lab.environment["PYTHONPATH"] = str(library)  # goes before an editable installation of the checkout
    lab.environment["PIP_NO_INDEX"] = "1"
    above = tmp_path / "outside"
    above.mkdir()
    asked = "import labnotes, labnotes.kernel.launch as launch; print(labnotes.__file__); print(launch.__file__)"
    files = subprocess.run(
        [sys.executable, "-P", "-c", asked], cwd=above, env=lab.command_environment(), capture_output=True, text=True, check=True
    ).stdout
    assert [Path(line).is_relative_to(library) for line in files.splitlines()] == [True, True], files
    for words in (
        ("init", "lab"),
        ("-C", "lab", "new", "first-note"),
        ("-C", "lab", "run", "first-note"),
        ("-C", "lab", "accept", "first-note", "--yes"),
        ("-C", "lab", "check", "--fresh"),
        ("-C", "lab", "build", "--drafts"),
    ):
        done = lab.in_own_process(*words, cwd=above, timeout=600)
        assert done.code == 0, (words, done.text)
    root = above / "lab"
    assert "Every claim" in (root / "site" / "reproducibility" / "index.html").read_text()
    for page in ("index.html", "notes/first-note/index.html"):
        text = (root / "site" / page).read_text()
        assert (ROOT / "tools/labnotes/site/theme/overrides/.icons/labnotes/mark.svg").read_text().split('d="')[1].split('"')[0] in text, (
            page
        )
    assert "Re-executed on" in text

    # its workflows install it from where it came from, with nothing edited; everything else is here
    workflow = yaml.safe_load((root / ".github" / "workflows" / "check.yml").read_text())
    [command] = {step["run"] for job in workflow["jobs"].values() for step in job["steps"] if step.get("run", "").startswith("pip install")}
    words = [*pip, *shlex.split(command)[1:], "--dry-run"]
    planned = subprocess.run(words, cwd=root, env={**os.environ, "PIP_NO_INDEX": "1"}, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr
    assert f"Would install {installation.DISTRIBUTION}-{installation.running_version()}" in planned.stdout
    assert wheel.as_uri() in (root / "requirements.txt").read_text()
