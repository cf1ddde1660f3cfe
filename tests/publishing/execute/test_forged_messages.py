"""What a run says of itself is judged outside of it: statements, intervals, outputs and the trace. One lab, all notes at once."""

import json

import pytest

from labnotes.author import recording
from labnotes.kernel import tracing

SAY = """
# %%
from IPython.display import display
import labnotes
def say(kind, fields, **more):
    display({f"application/vnd.labnotes.{kind}+json": fields, "text/plain": "x", **more}, raw=True)
"""

FIELDS = '"name": "v", "value": -0.5, "cell": 1, "format": ".2f"'

FORGED = {
    "upheld": (
        f'say("claim", {{{FIELDS}, "low": -0.9, "high": -0.1, "holds": "low > 0", "upheld": True}})',
        "claim 'v' is published with the word that its statement 'low > 0' holds; by its numbers it does not hold",
    ),
    "upheld-by-a-patch": (
        """
        import labnotes.author.api as api
        api.statement_holds = lambda *given: True
        labnotes.claim("v", -0.5, holds="value > 0")
        """,
        "claim 'v' is published with the word that its statement 'value > 0' holds; by its numbers it does not hold",
    ),
    "upheld-without-statement": (f'say("claim", {{{FIELDS}, "upheld": True}})', "claim 'v' is said to be upheld, and states nothing"),
    "no-replicates": (
        f'say("claim", {{{FIELDS}, "low": -0.9, "high": -0.1, "n": 1000}})',
        "claim 'v' has a number of replicates or a prediction, and no replicates",
    ),
    "narrow-interval": (
        f'say("claim", {{{FIELDS}, "low": -0.6, "high": -0.4, "n": 3, "replicates": [-1.0, -0.5, 0.0], "prediction": [-0.7, -0.3]}})',
        "claim 'v' has a mean, an interval or a prediction that its replicates do not give",
    ),
    "other-mean": (
        """
        import dataclasses, labnotes.author.api as api
        honest = api.numbers_from_replicates
        api.numbers_from_replicates = lambda numbers: dataclasses.replace(honest(numbers), value=0.99)
        labnotes.claim("v", replicates=[0.1, 0.2, 0.3, 0.4, 0.5])
        """,
        "claim 'v' has a mean, an interval or a prediction that its replicates do not give",
    ),
    "unknown-statement": (
        f'say("claim", {{{FIELDS}, "holds": "other > 0", "upheld": True}})',
        "claim 'v' states what cannot be judged: the statement 'other > 0' names an unknown claim 'other'",
    ),
    "strange-statement": (
        f'say("claim", {{{FIELDS}, "holds": "__import__(1)", "upheld": True}})',
        "claim 'v' states what cannot be judged",
    ),
    "format": ('say("claim", {"name": "v", "value": 0.5, "cell": 1, "format": "nonsense"})', "format"),
    "a-list": ('say("claim", [1, 2])', "None as a claim, figure or table, which is no usable name"),
    "no-value": ('say("claim", {"name": "v", "cell": 1, "format": ".2f"})', "value: is missing"),
    "a-word": ('say("claim", {"name": "v", "value": "xxxxxxxxxx", "cell": 1, "format": ".2f"})', "a claim that cannot be read, 'v'"),
    "figure-of-nothing": ('say("figure", {"label": "f"})', "a figure that cannot be read, 'f'"),
    "tolerance": (
        'say("table", {"label": "t", "caption": "c", "tolerance": {"a": 1}, "data": {"columns": [], "index": 0}})',
        "a table that cannot be read, 't'",
    ),
    "not-base64": (
        """
        import matplotlib.pyplot as plt
        fig, ax = plt.subplots()
        publish = get_ipython().display_pub.publish
        def forged(data, *given, **more):
            return publish({**data, "image/svg+xml": None} if "image/svg+xml" not in data else {**{k: v for k, v in data.items() if k != "image/svg+xml"}, "image/png": "%%% no base64"}, *given, **more)
        get_ipython().display_pub.publish = forged
        labnotes.figure(fig, "f", caption="c", alt="a")
        """,
        "published what is no output",
    ),
    "trace-forged": (
        """
        import json, os, socket
        teller = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        teller.connect(os.environ["LABNOTES_TRACE"])
        teller.send(json.dumps(["isolation", "a Faraday cage", "a guard dog"]).encode())
        labnotes.claim("v", 1)
        """,
        "told labnotes something that no part of labnotes tells",
    ),
    "trace-garbage": (
        """
        import os, socket
        teller = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        teller.connect(os.environ["LABNOTES_TRACE"])
        teller.send(b"garbage")
        teller.send(b'["read"]')
        teller.send(b"[" * 50_000)
        labnotes.claim("v", 1)
        """,
        "told labnotes something that no part of labnotes tells",
    ),
    "trace-removed": (
        """
        import os
        os.remove(os.environ["LABNOTES_TRACE"])
        """,
        "the place where its processes tell what they do was removed",
    ),
}

HONEST = {
    "honest": """
        # %%
        from labnotes import claim, seeds
        values = [0.1 * (seed % 7) for seed in seeds(6)]
        claim("mean", replicates=values, holds="low > -5")
        claim("share", replicates=[True, False, True, True, True], holds="low > 0.1")
        claim("ones", replicates=[1.0, 1.0, 0.0, 1.0, 1.0])
        claim("few", replicates=[0.5])
        claim("nan", float("nan"), holds="value > 0")
        claim("between", 0.5, low=0.4, high=0.6, holds="low > 0")
        claim("named", 1, holds="value > few")
        """,
    "long-names": """
        # %%
        import os
        from labnotes import claim
        for length in (300, 6000, 200_000):
            try:
                open("x" * length)
            except OSError:
                pass
        claim("v", len("x" * 6000))
        """,
    "many-children": """
        # %%
        import subprocess, sys
        from labnotes import claim
        children = [subprocess.Popen([sys.executable, "-c", "import json, csv, decimal"]) for _ in range(6)]
        claim("ended", sum(child.wait() == 0 for child in children))
        """,
}


RESEMBLING = {
    *("upheld-by-a-patch", "no-replicates", "other-mean", "strange-statement", "a-list", "a-word", "figure-of-nothing", "not-base64"),
    "trace-garbage",
}
"""Forgeries that others resemble: they run where a slow test asks for them."""


@pytest.fixture(scope="module")
def ran(shared_lab, selected):
    import textwrap

    left_out = set() if any(item.get_closest_marker("slow") for item in selected) else RESEMBLING
    for slug, (source, _) in FORGED.items():
        if slug not in left_out:
            shared_lab.write_note(slug, SAY + textwrap.dedent(source))
    for slug, source in HONEST.items():
        shared_lab.write_note(slug, source)
    done = shared_lab("run", "--jobs", "2")
    assert "fault of labnotes" not in done.text, done.text
    assert "Traceback (most recent call last):\n  File" not in done.err
    return shared_lab, done


def test_author_functions_and_kernel_tell_the_same_place():
    assert recording.TRACE == tracing.TRACE


@pytest.mark.parametrize(
    "slug",
    [pytest.param(slug, marks=pytest.mark.slow if slug in RESEMBLING else ()) for slug in FORGED],  # 0.6 s each, a kernel
)
def test_what_is_forged_is_refused_by_cell_and_name(ran, slug):
    lab, done = ran
    (line,) = [line for line in done.text.splitlines() if f"notes/{slug}/note.py" in line][:1]
    assert f"notes/{slug}/note.py:" in line
    assert FORGED[slug][1] in done.text
    assert not list((lab.cache / "labnotes" / "runs").glob(f"*/{slug}/*/*")), "such a run is not kept"


def test_what_is_honest_runs(ran):
    lab, done = ran
    for slug in HONEST:
        assert f"\n{slug} ran" in "\n" + done.out, done.text
    (path,) = (lab.cache / "labnotes" / "runs").glob("*/honest/*/*/record.json")
    claims = json.loads(path.read_text())["claims"]
    assert claims["share"]["upheld"] is True
    assert claims["nan"]["upheld"] is False
    (path,) = (lab.cache / "labnotes" / "runs").glob("*/many-children/*/*/record.json")
    assert json.loads(path.read_text())["claims"]["ended"]["value"] == 6
