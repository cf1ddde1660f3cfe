"""Files that a notebook reads, modules that it imports, and what it asks of the network."""

import pytest

from foreign_notebooks import draft_with, sources
from labnotes.adoption import read_files, requirements


@pytest.fixture
def folder(tmp_path):
    """A repository with a notebook's folder, data beside it and above it, and helper modules."""
    (tmp_path / ".git").mkdir()
    place = tmp_path / "notebooks"
    for name in (
        "notebooks/local.csv",
        "notebooks/data/a.csv",
        "notebooks/data/b.csv",
        "notebooks/data/.DS_Store",
        "data/above.csv",
        "secret.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n1\n")
    (place / "helper_of_mine.py").write_text("import other_of_mine\n")
    (place / "other_of_mine.py").write_text("x = 1\n")
    (tmp_path / "src" / "package_of_mine").mkdir(parents=True)
    (tmp_path / "src" / "package_of_mine" / "__init__.py").write_text("")
    return place


def taken(folder, *codes):
    draft = draft_with(*(("code", code) for code in codes), folder=folder)
    read_files.take_files(draft)
    return draft


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("pd.read_csv('local.csv')", {"local.csv"}),
        ("pd.read_csv(Path('data') / 'a.csv')", {"data/a.csv", "data/b.csv"}),
        ("open(f'data/{name}.csv')", {"data/a.csv", "data/b.csv"}),
        ("glob('data/*.csv')", {"data/a.csv", "data/b.csv"}),
        ("%run helper_of_mine.py", {"helper_of_mine.py"}),
        ("from helper_of_mine import x", {"helper_of_mine.py", "other_of_mine.py"}),
        ("x = 'gone.csv'; y = 'words'; z = '/etc/passwd'; w = '.'", set()),
        ("open('../../outside.txt')", set()),
    ],
)
def test_what_the_code_reads_from_beside_it_comes_along(folder, code, names):
    (folder.parents[1] / "outside.txt").touch()
    assert set(taken(folder, code).files) == names


def test_a_file_from_above_is_named_by_its_new_place(folder, monkeypatch):
    monkeypatch.setattr(read_files.git_facts, "repository_root", lambda _: folder.parent)
    draft = taken(folder, "pd.read_csv('../data/above.csv')")
    assert list(draft.files) == ["above.csv"]
    assert sources(draft) == ["pd.read_csv('above.csv')"]
    assert "../data/above.csv is above.csv now" in [told.what for told in draft.mended]


def test_a_module_from_a_folder_on_the_path_comes_along(folder, monkeypatch):
    monkeypatch.setattr(read_files.git_facts, "repository_root", lambda _: folder.parent)
    draft = taken(folder, "import sys\nsys.path.insert(0, '../src')", "import package_of_mine")
    assert set(draft.files) == {"package_of_mine/__init__.py"}


def test_large_files_are_asked_for(folder):
    with (folder / "local.csv").open("r+b") as file:
        file.truncate(read_files.LARGEST + 1)
    draft = taken(folder, "read('local.csv')")
    [large] = draft.large
    assert (draft.files, large.name, large.size) == ({}, "local.csv", 10_000_001)
    read_files.leave_large(draft, large)
    assert draft.remaining[0].what == "reads local.csv, which has 10 MB and was not copied"
    read_files.take_large(draft, large)
    assert set(draft.files) == {"local.csv"}


@pytest.mark.parametrize(
    "code",
    [
        "pd.read_csv('https://x.org/a.csv')",
        "fetch_openml('mnist')",
        "!wget https://x.org/a.csv",
        "sns.load_dataset('tips')",
        "X.from_pretrained('gpt2')",
    ],
)
def test_what_asks_the_network_is_told_by_its_cell(folder, code):
    [told] = taken(folder, "x = 1", code).remaining
    assert told.where == "cell 2"
    assert "a run has no network" in told.hint


def test_an_address_is_told_with_its_entry_among_the_inputs(folder):
    [told] = taken(folder, "df = pd.read_csv('https://x.org/a.csv')\nlink = 'https://x.org/page'").remaining
    assert 'inputs: [{url: "https://x.org/a.csv", sha256: ...}]' in told.hint


def test_missing_packages_have_the_names_of_their_distributions(folder):
    draft = draft_with(
        ("code", "import numpy, not_there_at_all.x\nfrom cv2 import imread"),
        ("code", "try:\n    import perhaps_there\nexcept ImportError:\n    pass\ndef f():\n    import later_on"),
        ("code", "import helper_of_mine, os"),
        folder=folder,
    )
    read_files.take_files(draft)
    missing = {package.name: (package.cell, package.is_certain) for package in requirements.missing_packages(draft)}
    assert missing == {"not_there_at_all": (1, True), "cv2": (1, True), "perhaps_there": (2, False), "later_on": (2, False)}
    names = [requirements.distribution_of(name) for name in ("cv2", "sklearn", "yaml", "PIL", "not_there_at_all")]
    assert names == ["opencv-python-headless", "scikit-learn", "pyyaml", "pillow", "not-there-at-all"]


def test_of_a_large_folder_what_the_code_names_comes_along(folder):
    with (folder / "data" / "b.csv").open("r+b") as file:
        file.truncate(read_files.LARGEST + 1)
    draft = taken(folder, "place = 'data/'", "pd.read_csv(place + 'a.csv')")
    assert (set(draft.files), draft.large) == ({"data/a.csv"}, [])
    assert [told.what for told in draft.mended] == ["copied data/a.csv"]
    draft = taken(folder, "place = 'data/'", "pd.read_csv(place + name)")
    assert (draft.files, [large.name for large in draft.large]) == ({}, ["data"])
