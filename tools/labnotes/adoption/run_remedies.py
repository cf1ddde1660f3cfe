"""What to do about a run that failed: the reason of a failure in one word, and its remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labnotes.adoption import requirements


@dataclass(frozen=True)
class RunRemedy:
    """Why a run failed, in a word or two, and what an author can do."""

    reason: str
    hint: str


_NEEDS = "say under needs: in note.yml what it needs, and run it where that is there: docs/not-everywhere.md"

_KINDS: tuple[tuple[str, str, str], ...] = (
    (r"No module named|ModuleNotFoundError", "a package is missing", ""),
    (
        r"cannot import name '\w+' from|module '[\w.]+' has no attribute",
        "a package of another version",
        "it was written for another version of that package: install that one, or mend the cell",
    ),
    (
        r"no NVIDIA driver|Torch not compiled with CUDA|CUDA (?:is not available|driver)|No CUDA GPUs|torch\.cuda|nvidia-smi|no GPU|found no NVIDIA|device=.?cuda",
        "it needs a GPU",
        f"choose the device: 'cuda' if torch.cuda.is_available() else 'cpu'; or {_NEEDS}",
    ),
    (
        r"raw_input was called|StdinNotImplementedError|getpass|input\(\)",
        "it asks a question",
        "nobody answers in a run: give the value in the code, or read it from a file",
    ),
    (
        r"api[_ -]?key|has none of the variables of your shell|environment variable|token.{0,40}(?:required|missing|not set)",
        "it needs a key",
        f"keep what the service answered as a file beside the note, and read that; or {_NEEDS}",
    ),
    (
        r"a run has no network|Name or service not known|Temporary failure in name resolution|URLError|ConnectionError|Max retries|urlopen error|NewConnectionError"
        r"|asked in vain for|couldn't connect|OfflineMode|Network is unreachable|LocalEntryNotFound|Could not connect",
        "it asks the network",
        "save the data beside the note and read the file, or name it under inputs: in note.yml with its sha256, and read fetched(...)",
    ),
    (
        r"No such file or directory|FileNotFoundError|a run sees its own folder|does not exist|not found on disk",
        "a file is missing",
        "copy the file beside the notebook, or name it by its path from there",
    ),
    (r"time was up", "it takes too long", "keep what is dear to compute as a file, or adopt it with --timeout 2h"),
    (r"MemoryError|the kernel died|used .* GB of the", "its process died", "try it in Jupyter: it may need more memory than there is"),
)


def remedy_for(what: str) -> RunRemedy:
    """The remedy for the failure that a message tells of."""
    missing = re.search(r"No module named '([\w.]+)'|Missing optional dependency '([\w.-]+)'", what)
    if missing:
        module = missing[1] or missing[2]
        name = requirements.distribution_of(module if module in requirements.OTHER_NAMES else module.partition(".")[0])
        return RunRemedy("a package is missing", f"add to requirements.txt: {name}, and install it: pip install {name}")
    for pattern, reason, hint in _KINDS:
        if re.search(pattern, what, re.IGNORECASE):
            return RunRemedy(reason, hint)
    return RunRemedy("its code raises", "mend it in Jupyter, and adopt it then")
