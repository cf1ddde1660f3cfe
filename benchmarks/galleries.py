"""How much of what people draw is read: every script of a gallery is run, and each of its figures is read, written and compared with itself.

    .venv/bin/python benchmarks/galleries.py FOLDER [--only PATTERN] [--out FILE] [--seconds 8]

FOLDER holds scripts that draw: `galleries/` of matplotlib's source package, or `examples/` of seaborn's. Each runs in a process of its own, forked
from one that has loaded the libraries, for some seconds of processor time. A script counts as read fully if nothing in any of its figures was named
as unread, as partly if something was, as not at all if no mark was read. Scripts that draw nothing, or fail here without us, are told apart.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import runpy
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

LEFT_OUT = ("user_interfaces", "mandelbrot", "_sgskip")
"""Parts of paths: what needs a window or a toolkit, and what takes minutes."""

FULLY, PARTLY, NOTHING, EMPTY, FAILED = "fully", "partly", "nothing", "draws nothing", "fails here"


@dataclass
class ReadScript:
    """What came of a script: `unread` counts what was named as unread, by its class; `fault` is set if reading or comparing raised."""

    script: str
    state: str = EMPTY
    figures: int = 0
    marks: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    what: str = ""
    fault: str = ""
    seconds: float = 0.0
    largest: float = 0.0


def read_script(path: Path, name: str, sender: Connection, seconds: int) -> None:
    """Run a script in this process and send what was read of its figures."""
    import matplotlib.pyplot as plt

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.chdir(tempfile.mkdtemp())
    sys.argv, sys.path[0] = [str(path)], str(path.parent)
    made = ReadScript(name)

    def read_all(*_: Any, **__: Any) -> None:
        for number in plt.get_fignums():
            _read_one(plt.figure(number), made)
        plt.close("all")

    plt.show = read_all
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runpy.run_path(str(path), run_name="__main__")
            read_all()
    except BaseException as error:
        made.what = f"{type(error).__name__}: {error}"[:300]
        made.state = FAILED
    if not made.what:
        made.state = EMPTY if not (made.marks or made.unread) else NOTHING if not made.marks else PARTLY if made.unread else FULLY
    sender.send(asdict(made))


def _read_one(fig: Any, made: ReadScript) -> None:
    from labnotes.author.figures.readers import reader_of
    from labnotes.compare.figures import compare_figures
    from labnotes.model.encoding import decode_value, encode_value
    from labnotes.model.plots import Figure, FigureData
    from labnotes.model.verdicts import Verdict

    began = time.process_time()
    try:
        data = reader_of(fig).read_figure(fig)
        took = time.process_time() - began
        written = json.loads(json.dumps(encode_value(data), allow_nan=False))
        recorded = Figure("f", 1, "", "", decode_value(FigureData, written))
        verdict = compare_figures(recorded, recorded).verdict
        if verdict not in (Verdict.EXACT, Verdict.UNVERIFIED):
            made.fault = f"differs from itself: {verdict}"
    except Exception:
        made.fault = traceback.format_exc()[-600:]
        return
    made.seconds += took
    made.largest = max(made.largest, took)
    marks = sum(mark.kind not in ("polar axes", "z axis") for axes in data.axes for mark in axes.marks)
    made.figures += 1
    made.marks += marks
    for what in data.unverified:
        kind = what.partition(": ")[2].split(" ")[0].rstrip(",") + (" (clipped)" if "clipped" in what else "")
        made.unread[kind] = made.unread.get(kind, 0) + 1


def read_gallery(folder: Path, only: str, seconds: int) -> Iterator[ReadScript]:
    context = multiprocessing.get_context("fork")
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if any(part in name for part in LEFT_OUT) or not path.match(only):
            continue
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=read_script, args=(path, name, sender, seconds))
        child.start()
        sender.close()
        child.join(seconds * 4)
        if child.is_alive():
            child.kill()
            child.join()
        try:
            yield ReadScript(**receiver.recv())
        except EOFError:
            yield ReadScript(name, FAILED, what=f"over {seconds} s of processor time")
        receiver.close()


def show_table(scripts: Sequence[ReadScript]) -> None:
    states = Counter(script.state for script in scripts)
    drawing = states[FULLY] + states[PARTLY] + states[NOTHING]
    print(f"\n{len(scripts)} scripts, {drawing} of them draw:")
    for state in (FULLY, PARTLY, NOTHING):
        print(f"  {state:14} {states[state]:4}  {states[state] / max(drawing, 1):.1%}")
    for state in (EMPTY, FAILED):
        print(f"  {state:14} {states[state]:4}")
    unread = Counter(kind for script in scripts for kind in script.unread)
    print("unread, by scripts:", ", ".join(f"{kind} {count}" for kind, count in unread.most_common(40)))
    faults = [script for script in scripts if script.fault]
    print(f"faults of reading or comparing: {len(faults)}")
    for script in faults:
        print(f"  {script.script}: {script.fault.strip().splitlines()[-1]}")
    times = sorted(script.seconds / max(script.figures, 1) for script in scripts if script.figures)
    if times:
        print(f"seconds to read a figure: median {times[len(times) // 2]:.3f}, largest {max(script.largest for script in scripts):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*.py")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=int, default=8)
    given = parser.parse_args()
    import matplotlib as mpl

    mpl.use("Agg")
    import scipy.stats  # noqa: F401 - loaded once, for all that are forked

    scripts = []
    for script in read_gallery(given.folder.resolve(), given.only, given.seconds):
        scripts.append(script)
        if given.out:
            given.out.write_text("".join(json.dumps(asdict(item)) + "\n" for item in scripts))
    show_table(scripts)


if __name__ == "__main__":
    main()
