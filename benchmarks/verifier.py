"""How many versions of functions a core mutates, runs and labels in a second, and what bounds it. The language model's fillings are left out.

python benchmarks/verifier.py [PACKAGE …]
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace

from smallmodels.verifier.corpus import PACKAGES
from smallmodels.verifier.labelling import Caps

FAST = ("inflection", "more_itertools", "pydash", "semver", "toolz", "w3lib", "webcolors")
PROBE = """
import sys, time
from smallmodels.verifier import corpus, labelling, oracle, sandbox
package = next(each for each in corpus.PACKAGES if each.name == sys.argv[1])
loaded = labelling.Loaded(package, None, 0, labelling.Caps())
loaded.subjects()
started = time.perf_counter()
for _ in range(100):
    sandbox.forked([int])
print((time.perf_counter() - started) * 10)
"""


def asked(request, hash_seed):
    """The answer of a labelling process, and the seconds that it took."""
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-m", "smallmodels.verifier.labelling"]
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout), time.perf_counter() - started


def main():
    names = sys.argv[1:] or FAST
    total = [0, 0.0]
    print(
        f"{'package':16} {'functions':>9} {'versions':>8} {'start, s':>9} {'baseline, s':>11} {'versions, s':>11} {'a second':>8} {'fork, ms':>8}"
    )
    for package in (each for each in PACKAGES if each.name in names):
        request = {"package": asdict(package), "seed": 0, "caps": asdict(Caps()), "only": None}
        shadow, baseline = asked({**request, "stage": "baseline"}, 1)
        evidence = {**request, "stage": "evidence", "given": {}, "shadow": shadow}
        _, before = asked({**evidence, "caps": asdict(replace(Caps(), errors=0, benign=0, composites=0))}, 0)
        found, seconds = asked(evidence, 0)
        versions = sum(len(each["versions"]) for each in found)
        fork = subprocess.run([sys.executable, "-c", PROBE, package.name], capture_output=True, text=True, check=True).stdout.strip()
        total[0] += versions
        total[1] += baseline + seconds
        line = f"{package.name:16} {len(found):9} {versions:8} {baseline:9.1f} {before:11.1f} {seconds - before:11.1f}"
        print(f"{line} {versions / (baseline + seconds):8.0f} {float(fork):8.1f}", flush=True)
    print(f"together {total[0] / total[1]:.0f} versions a second, start, baselines of both hash seeds and versions")


if __name__ == "__main__":
    main()
