"""What is found in a package's files, and what the evaluated packages may be used for."""

import importlib.metadata
import re

import pytest

from smallmodels.verifier import corpus
from smallmodels.verifier.corpus import PACKAGES, Package, read, root

TEXT = '''"""Module.

>>> 1
1
"""
from typing import overload

def twice(x):
    """
    >>> twice(1)
    first
    """
    return 1

def other(x):
    """No example."""
    def nested(y):
        """
        >>> nested
        """
        return y
    return nested(x)

@overload
def twice(x: int) -> int: ...
@overload
def twice(x: str) -> str: ...
def twice(x):
    """
    >>> twice(1)
    last
    """
    return 2

if True:
    def conditional(x):
        """>>> conditional(1)"""
        return x
else:
    def conditional(x):
        return -x

try:
    import absent
except ImportError:
    absent = None
else:
    def tried(x): return x

async def later(x):
    return x

class Outer:
    """
    >>> Outer()
    """

    class Inner:
        def deep(self, x: int = 1) -> int:
            """
            >>> Outer.Inner().deep()
            """
            return self.__x

    @property
    def value(self):
        """
        >>> Outer().value
        """
        return 1

    @staticmethod
    @overload
    def put(x): pass

    @staticmethod
    @staticmethod
    def put(x):
        return x
'''


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "pack"
    (folder / "sub" / "tests").mkdir(parents=True)
    files = {
        "__init__": "def top(): return 1",
        "main": TEXT,
        "left_out": TEXT,
        "broken": "def f(:",
        "test": TEXT,
        "__main__": TEXT,
        "conftest": TEXT,
    }
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "latin.py").write_bytes(b"x = '\xe9'")
    (folder / "sub" / "__init__.py").write_text("")
    (folder / "sub" / "leaf.py").write_text("def leaf(): return 1")
    (folder / "sub" / "tests" / "leaf.py").write_text(TEXT)
    return folder


def test_modules_by_name_without_tests_and_those_left_out(place):
    modules = read(Package("pack", "pack", ("pack.left",)), place)
    assert [module.name for module in modules] == ["pack", "pack.main", "pack.sub", "pack.sub.leaf"]
    assert [module.path for module in modules] == [place / name for name in ("__init__.py", "main.py", "sub/__init__.py", "sub/leaf.py")]


def test_a_package_of_one_file(tmp_path):
    (tmp_path / "single.py").write_text(TEXT)
    (module,) = read(Package("single", "single"), tmp_path / "single.py")
    assert module.name == "single"
    assert len(module.functions) == 7


@pytest.fixture
def main(place):
    return next(module for module in read(Package("pack", "pack"), place) if module.name == "pack.main")


def test_functions_with_their_classes_first_lines_and_canonical_text(main):
    lines = TEXT.split("\n")
    functions = {function.qualname: function for function in main.functions}
    assert {name: function.classes for name, function in functions.items()} == {
        **dict.fromkeys(("twice", "other", "conditional", "tried"), ()),
        "Outer.Inner.deep": ("Outer", "Inner"),
        "Outer.value": ("Outer",),
        "Outer.put": ("Outer",),
    }
    begins = {name: lines[function.first - 1].strip() for name, function in functions.items()}
    assert begins["Outer.value"] == "@property"
    assert begins["Outer.put"] == "@staticmethod" == lines[functions["Outer.put"].first].strip()
    assert begins["other"] == "def other(x):"
    assert functions["Outer.Inner.deep"].source == "def deep(self, x=1):\n    return self.__x"
    assert functions["Outer.Inner.deep"].name == "pack.main:Outer.Inner.deep"


def test_of_a_name_that_is_defined_again_the_last_counts(main):
    functions = {function.qualname: function for function in main.functions}
    assert functions["twice"].source == "def twice(x):\n    return 2"
    assert functions["Outer.put"].source == "def put(x):\n    return x"
    assert functions["conditional"].source == "def conditional(x):\n    return -x"
    documented = {docstring.owner: docstring.text for docstring in main.docstrings}
    assert "last" in documented["twice"]
    assert "conditional" not in documented


def test_docstrings_with_examples_by_what_they_document(main):
    assert {docstring.owner for docstring in main.docstrings} == {"", "twice", "Outer", "Outer.Inner.deep", "Outer.value"}
    assert {docstring.name for docstring in main.docstrings} >= {"pack.main:", "pack.main:Outer.value"}
    assert all(docstring.module == "pack.main" for docstring in main.docstrings)


def test_a_package_that_is_not_installed_says_how_to_get_it():
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all is not installed: make notes"):
        root("nowhere_at_all")


def test_every_package_once_and_its_parts_left_out_are_its_own():
    assert len({package.name for package in PACKAGES}) == len({package.distribution for package in PACKAGES}) == len(PACKAGES)
    assert all(part.startswith(f"{package.name}.") for package in PACKAGES for part in package.without)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_licences_are_permissive(package):
    try:
        about = importlib.metadata.metadata(package.distribution)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the extra corpus is not installed")
    classifiers = [classifier for classifier in about.get_all("Classifier", []) if classifier.startswith("License")]
    said = " ".join([*classifiers, about.get("License-Expression", ""), (about.get("License") or "").partition("\n")[0]])
    assert re.search(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation", said), said
    assert not re.search(r"GPL|MPL|General Public|Mozilla|EUPL|CeCILL|Proprietary", said), said
    assert corpus.root(package.name).exists()
