"""Two releases of a small package, the earlier one as a wheel: what going back to an earlier body is."""

import os
import zipfile
from types import SimpleNamespace

import pytest

from smallmodels.verifier import releases
from smallmodels.verifier.corpus import Package
from smallmodels.verifier.labels import Examined, Version
from smallmodels.verifier.oracle import BUG, CLEAN, UNRESOLVED, Evidence
from smallmodels.verifier.releases import ONLY_INPUTS, Release, natural

NEWER = '''
def regressed(x):
    """
    >>> regressed(3)
    6
    """
    y = x * 2
    return y


def unchanged(x):
    """
    >>> unchanged(3)
    6
    """
    y = x * 2
    return y


def rewritten(x):
    """
    >>> rewritten(3)
    6
    """
    y = x * 2
    return y


def helped(x):
    """
    >>> helped(3)
    6
    """
    y = x * 2
    return y


def beyond_examples(x):
    """
    >>> beyond_examples(3)
    6
    """
    y = x * 2
    return y


def by_its_helper(x):
    """
    >>> by_its_helper(3)
    6
    """
    y = _double(x)
    return y


def with_a_new_helper(x):
    """
    >>> with_a_new_helper(3)
    6
    >>> new_name(with_a_new_helper(3))
    6
    """
    y = x * 2
    return y


def another_signature(x, y=1):
    """
    >>> another_signature(3)
    6
    """
    y = x * 2
    return y


def undocumented(x):
    y = x * 2
    return y


def new_name(x):
    return x


def _double(x):
    return x * 2
'''

EARLIER = {
    "regressed": "return x * 3",
    "unchanged": "y = x * 2\n    return y",
    "rewritten": "return x + x",
    "helped": "return _gone(x)",
    "beyond_examples": "return x + 3",
    "by_its_helper": "y = _double(x)\n    return y + 0",
    "with_a_new_helper": "return x + x",
    "another_signature": "return x * 3",
    "undocumented": "return x * 3",
    "_double": "return x * 4",
    "_gone": "return x * 2",
}
OLDEST = {**EARLIER, "regressed": "return x * 5"}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package, installed in its newer release."""
    site = tmp_path / "site"
    (site / "tinyreleased").mkdir(parents=True)
    (site / "tinyreleased" / "__init__.py").write_text(NEWER)
    (site / "tinyreleased-2.0.dist-info").mkdir()
    (site / "tinyreleased-2.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: tinyreleased\nVersion: 2.0\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path / "artifacts"))
    tiny_package = Package("tinyreleased", "tinyreleased")
    monkeypatch.setattr(releases, "PACKAGES", (tiny_package,))
    return tiny_package


def write_wheel(folder, version, bodies):
    path = folder / f"tinyreleased-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        text = "\n".join(f"def {name}(x):\n    {body}" for name, body in bodies.items())
        file.writestr("tinyreleased/__init__.py", text)
        file.writestr("tinyreleased-1.0.dist-info/METADATA", "")
    return Release("tinyreleased", version, path)


def test_natural_changes_and_their_labels(package, tmp_path):
    given = [write_wheel(tmp_path, "1.1", EARLIER), write_wheel(tmp_path, "1.0", OLDEST), Release("another", "9", tmp_path / "another.whl")]
    changes = natural(package, 0, given)
    assert [(change.name.partition(":")[2], change.release, change.label) for change in changes] == [
        ("_double", "1.1", BUG),
        ("beyond_examples", "1.1", ONLY_INPUTS),
        ("by_its_helper", "1.1", UNRESOLVED),  # fails in the whole earlier release only: not for its own body
        ("helped", "1.1", UNRESOLVED),  # its helper is gone from the newer one
        ("regressed", "1.1", BUG),
        ("regressed", "1.0", BUG),  # another body again; the others are those of 1.1
        ("rewritten", "1.1", CLEAN),
        ("with_a_new_helper", "1.1", UNRESOLVED),  # its example needs what the earlier release does not have
    ]
    regressed = changes[4]
    assert regressed.newer == "def regressed(x):\n    y = x * 2\n    return y"
    assert regressed.earlier == "def regressed(x):\n    return x * 3"
    assert regressed.evidence.examples == "w"
    assert natural(package, 0, given) == changes  # from the artifact
    assert natural(package, 0, given[2:]) == []


def test_only_functions_with_another_body_and_the_same_signature_are_compared(package, tmp_path):
    newer = [
        SimpleNamespace(functions=[SimpleNamespace(name=n, source=s) for n, s in sources.items()])
        for sources in ({"a": "def a(x):\n    return 1"}, {})
    ]
    for earlier, expected in (
        ({"a": "def a(x):\n    return 2"}, ["a"]),
        ({"a": "def a(x):\n    return 1"}, []),
        ({"a": "def a(x, y=1):\n    return 2"}, []),
        ({"a": "def a(x=1):\n    return 2"}, []),
        ({"b": "def b(x):\n    return 2"}, []),
    ):
        before = [SimpleNamespace(functions=[SimpleNamespace(name=n, source=s) for n, s in earlier.items()])]
        assert list(releases.changed(newer, before)) == expected


@pytest.mark.parametrize(
    ("examples", "within", "inputs", "label"),
    [
        ("pp", "pp", "==!=", CLEAN),
        ("pp", "pp", "=!", UNRESOLVED),  # too few inputs
        ("pp", "pp", "=v", ONLY_INPUTS),
        ("pw", "pw", "==", BUG),
        ("pw", "wp", "vv", BUG),
        ("pd", "pd", "==", BUG),
        ("pp", "pw", "==", UNRESOLVED),
        ("pw", "pp", "==", UNRESOLVED),
        ("pw", "pm", "==", UNRESOLVED),
        ("pm", "pw", "==", UNRESOLVED),
        ("pw", "pw", "=m", UNRESOLVED),
        ("pw", "p", "==", UNRESOLVED),  # an example that the earlier release never came to
        ("pw", "", "==", UNRESOLVED),
    ],
)
def test_the_rule_of_natural_labels(examples, within, inputs, label):
    version = Version("given", "1.0", 0, "", Evidence(examples, inputs[: len(inputs) // 2], inputs[len(inputs) // 2 :]))
    function = Examined("p", "m:f", "", (("m:f", (False, True, True)),), (version,))
    assert releases._label(function, version, {"1.0": {"m:f": f"w{within}" if within else ""}}) == label
