"""What all tests share: the order in which modules begin, and what a module may know of its tests that run."""

import os

import pytest

try:
    from hypothesis import settings
except ImportError:  # the environment with the oldest of everything runs tests that need none
    pass
else:
    settings.register_profile("whole", max_examples=100)
    settings.register_profile("quick", max_examples=30)
    settings.load_profile("whole" if os.environ.get("LABNOTES_TEST_ANEW") else "quick")  # make test-all asks for the whole

LONGEST_FIRST = (
    "publishing/site/test_zensical",
    "publishing/end_to_end/test_commands",
    "publishing/report/test_overlay",
    "publishing/site/test_staging",
    "publishing/kernel/test_keeper",
    "publishing/execute/test_run_note",
    "publishing/execute/test_nothing_lost",
    "publishing/end_to_end/test_process",
    "publishing/store/test_staleness",
    "publishing/store/test_inputs",
    "publishing/author/test_figure_kinds",
    "publishing/end_to_end/test_hostile_input",
    "publishing/end_to_end/test_invalid",
    "publishing/end_to_end/test_checking_corpus",
    "publishing/commands/test_repeat",
    "publishing/execute/test_working_copy",
    "publishing/end_to_end/test_writing_notes",
    "publishing/compare/test_statement_families",
    "research/test_verifier_oracle",
    "publishing/kernel/test_isolation",
    "publishing/report/test_reports",
    "publishing/compare/test_figures",
    "publishing/execute/test_readable_paths",
    "publishing/store/test_links_and_locks",
    "publishing/store/test_runs",
    "publishing/execute/test_forged_messages",
)
"""Modules that take five seconds of a processor or more, the longest first.

A parallel run of tests begins with them: a long one that begins last leaves all other workers idle.
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than there are cores: a test waits about a quarter of its time, for a kernel to start or to be gone."""
    return len(os.sched_getaffinity(0)) + 2 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; the others, and the tests of each module, stay in their order."""
    rank = {f"{name}.py": place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0].partition("/")[2], len(rank)))


@pytest.fixture(scope="module")
def selected(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """The tests of a module that run: what only others would look at need not be made for them."""
    return [item for item in request.session.items if item.path == request.path]
