"""A line of a log as a check writes it, for tests to change."""

from labnotes.model.verdicts import Outcome
from labnotes.store.check_log import LoggedCheck, LoggedPlace

HERE = LoggedPlace(
    python="3.11.7",
    system="Linux",
    machine="x86_64",
    cpu="Xeon",
    vectors="amx_tile",
    isolation="network namespace",
    files="Landlock",
    labnotes="0.1.0",
)
CHECK = LoggedCheck(
    note="a",
    record="r" * 64,
    recorded="2026-11-21",
    code="c" * 64,
    inputs={},
    commit=None,
    started="2026-11-28T10:00:00Z",
    seconds=4.4,
    processor_seconds=3.9,
    cores=1,
    how="fresh",
    stored=False,
    seed="golden",
    kind="same kernels",
    environment=HERE,
    outcome=Outcome.AGREES,
    counts={"claim": {"exact": 19}, "figure": {"exact": 4}, "table": {"exact": 1}},
)


def at_hour(hour):
    return f"2026-11-28T{hour:02}:00:00Z"
