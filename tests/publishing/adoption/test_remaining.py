"""What an author has still to do: seeds, slow cells, words, data from elsewhere; and the remedies for runs that fail."""

import pytest

from foreign_notebooks import draft_with
from labnotes.adoption import remaining, run_remedies


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["import numpy as np\nnp.random.normal(0, 1)"], ["cell 1: numpy.random.normal"]),
        (["import numpy as np\nnp.random.seed(0)", "np.random.rand(3)"], []),
        (["import numpy as np\nrng = np.random.default_rng()"], ["cell 1: default_rng()"]),
        (["import numpy as np\nrng = np.random.default_rng(1)\nrng.normal()"], []),
        (["import random", "random.shuffle(x)\nrandom.random()"], ["cell 2: random.shuffle"]),
        (["import random\nrandom.seed(1)\nrandom.random()"], []),
        (["import torch\ntorch.manual_seed(0)\ntorch.randn(3)"], []),
        (["import torch\ntorch.randn(3)"], ["cell 1: torch.randn"]),
        (["x.shuffle()\nmine.random()"], []),
    ],
)
def test_draws_without_a_seed_are_told_once(codes, told):
    cells = draft_with(*(("code", code) for code in codes)).cells
    found = [f"{item.where}: {item.what.removeprefix('draws from ').partition(' without')[0]}" for item in remaining.unseeded_draws(cells)]
    assert found == told


def test_cells_that_are_slow_are_told_with_their_seconds():
    [told] = remaining.slow_cells([], {1: 3.0, 2: 12.4})
    assert (told.where, told.what) == ("cell 2", "takes 12 s of every run")


def test_calls_and_words_that_adopt_wrote_are_told():
    call = 'figure(fig, "a", caption="To fill in: x", alt="To fill in: y")  # from the notebook: check me'
    cells = draft_with(
        ("code", f'claim("x", x, format="d")  # from the notebook: check me\n{call}'), ("text", "![To fill in: what a.png shows](a.png)")
    ).cells
    assert [item.what for item in remaining.words_to_fill_in(cells, None)] == [
        "2 calls in the code were written by adopt",
        "figure 'a' has no caption and no alt",
        "shows a picture without words for who cannot see it",
    ]


def test_data_from_elsewhere_that_nothing_pins_is_told():
    cells = draft_with(("code", "read('https://x.org/a.csv'); read('https://x.org/b.csv'); see('https://x.org/page')")).cells
    [told] = remaining.addresses_read(cells, ["https://x.org/b.csv"])
    assert told.what == "names https://x.org/a.csv, which nothing pins"


@pytest.mark.parametrize(
    ("what", "reason", "hint"),
    [
        ("raised ModuleNotFoundError: No module named 'cv2.x'", "a package is missing", "opencv-python-headless"),
        ("raised ImportError: Missing optional dependency 'pytables'.  Use pip", "a package is missing", "pip install tables"),
        ("raised ImportError: cannot import name 'x' from 'sklearn'", "a package of another version", "install that one"),
        ("raised AttributeError: module 'numpy' has no attribute 'float'", "a package of another version", "install that one"),
        ("raised RuntimeError: Found no NVIDIA driver on your system", "it needs a GPU", "needs:"),
        ("raised AssertionError: Torch not compiled with CUDA enabled", "it needs a GPU", "needs:"),
        ("raised StdinNotImplementedError: raw_input was called", "it asks a question", "nobody answers"),
        ("raised KeyError: 'KEY'\na run has none of the variables of your shell", "it needs a key", "keep what the service answered"),
        ("raised URLError: <urlopen error [Errno -3] Temporary failure in name resolution>", "it asks the network", "sha256"),
        ("raised FileNotFoundError: No such file or directory: 'x.csv'", "a file is missing", "beside the notebook"),
        ("cell 1 was still running when the note's time was up", "it takes too long", "--timeout"),
        ("raised ZeroDivisionError: division by zero", "its code raises", "mend it"),
    ],
)
def test_a_failed_run_is_told_with_its_remedy(what, reason, hint):
    remedy = run_remedies.remedy_for(what)
    assert remedy.reason == reason
    assert hint in remedy.hint
