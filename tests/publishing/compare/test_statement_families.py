"""Statements that were stated together, corrected for how many there are."""

import math
import statistics

import pytest
from scipy import stats

from labnotes.compare.statement_families import holm_adjusted, statement_p, statement_standings, upheld_in_record
from labnotes.model.claims import Claim
from labnotes.model.statements import parse_statement, statement_holds


def make_claim(name, replicates, holds="low > 0", family=None, others=()):
    """A claim as the author function makes it, with a t interval worked out another way."""
    n, mean, error = len(replicates), statistics.fmean(replicates), statistics.stdev(replicates) / math.sqrt(len(replicates))
    low, high = stats.t.interval(0.95, n - 1, mean, error) if error else (mean, mean)
    made = Claim(name, mean, 1, ".2f", float(low), float(high), n, tuple(replicates), holds=holds, family=family)
    known = {other.name: other for other in others}
    return Claim(**{**vars(made), "upheld": statement_holds(parse_statement(holds, name), made, known, name)})


STRONG, WEAK, NOTHING = (1.0, 1.1, 0.9, 1.05, 0.95), (0.1, 0.5, 0.3, 0.9, 0.4), (0.1, -0.5, 0.3, -0.9, 0.4)


@pytest.mark.parametrize(
    ("values", "holds", "bound", "alternative"),
    [
        (STRONG, "low > 0", 0.0, "greater"),
        (WEAK, "low > 0.05", 0.05, "greater"),
        (WEAK, "0.05 < low", 0.05, "greater"),
        (WEAK, "high < 1", 1.0, "less"),
        (NOTHING, "low > 0", 0.0, "greater"),
    ],
)
def test_the_p_value_is_that_of_the_t_test_behind_the_interval(values, holds, bound, alternative):
    made = make_claim("x", values, holds)
    assert statement_p(made, {}) == pytest.approx(stats.ttest_1samp(values, bound, alternative=alternative).pvalue)
    assert bool(made.upheld) == (statement_p(made, {}) < 0.025), "the end of a 95 % interval is a test at 2.5 %"


def test_of_several_comparisons_the_weakest_counts():
    made = make_claim("x", WEAK, "0 < low and high < 1")
    below = stats.ttest_1samp(WEAK, 1, alternative="less").pvalue
    above = stats.ttest_1samp(WEAK, 0, alternative="greater").pvalue
    assert statement_p(made, {}) == pytest.approx(max(below, above))


def test_another_claim_may_be_the_bound():
    other = make_claim("base", STRONG)
    made = make_claim("x", (3.0, 3.2, 2.9, 3.1, 3.0), "low > base.high", others=[other])
    assert statement_p(made, {"base": other}) == pytest.approx(stats.ttest_1samp(made.replicates, other.high, alternative="greater").pvalue)


@pytest.mark.parametrize("holds", ["value > 0", "low < 0", "n >= 5", "low == 0"])
def test_what_is_no_test_of_an_interval_is_in_no_family(holds):
    assert statement_p(make_claim("x", WEAK, holds), {}) is None
    assert statement_standings({"x": make_claim("x", WEAK, holds)}) == {}


def test_replicates_that_are_all_equal_are_certain():
    assert statement_p(make_claim("x", (1.0,) * 5), {}) == 0.0
    assert statement_p(make_claim("x", (0.0,) * 5, "low > 0"), {}) == 1.0


def test_holm_adjusts_as_worked_by_hand():
    # sorted .005 .01 .03 .04 times 4 3 2 1 = .02 .03 .06 .04, and never falling
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_adjusted([0.5, 0.9]) == [1.0, 1.0]
    assert holm_adjusted([]) == []
    assert holm_adjusted([0.001, 0.002], size=26) == pytest.approx([0.026, 0.05])


def test_a_statement_may_hold_by_itself_and_not_among_many():
    claims = {"strong": make_claim("strong", STRONG), "weak": make_claim("weak", WEAK)}
    alone = statement_standings({"weak": claims["weak"]})["weak"]
    assert (alone.is_upheld, alone.standing_text) == (True, "holds")
    among = statement_standings(claims, stated=26)
    assert (among["strong"].standing_text, among["weak"].standing_text) == ("upheld among 26", "holds by itself; not among 26")
    assert among["weak"].adjusted == pytest.approx(25 * among["weak"].p)
    assert upheld_in_record(claims, 26) == {"strong"}
    assert statement_standings({"no": make_claim("no", NOTHING)})["no"].standing_text == "does not hold"


def test_families_are_corrected_each_by_itself():
    claims = {f"c{i}": make_claim(f"c{i}", WEAK, family="first" if i else None) for i in range(4)}
    family_standings = statement_standings(claims, stated=10)
    assert {name: standing.stated for name, standing in family_standings.items()} == {"c0": 10, "c1": 3, "c2": 3, "c3": 3}


def test_a_statement_without_a_test_is_upheld_if_it_holds():
    shown = Claim("x", 3, 1, "d", holds="value > 2", upheld=True)
    assert upheld_in_record({"x": shown, "y": Claim("y", 1, 1, "d", holds="value > 2", upheld=False)}, 0) == {"x"}


# -- the whole way -----------------------------------------------------------------------------------------------------------------------

NOTE = """
# %% [markdown]
# The gap is {{ gap }}. SAID
# %%
from labnotes import claim, seed, seeds
import random
values = [0.1, 0.5, 0.3, 0.9, 0.4]
claim("gap", replicates=[value + seed() / 100 for value in values], format=".2f", holds="HOLDS")
claim("sure", replicates=[5 + random.Random(s).random() for s in seeds(5)], format=".1f", holds="low > 0")
"""


def site_lab(lab):
    assert lab("init", "other", cwd=lab.root.parent).code == 0
    lab.root = lab.root.parent / "other"
    return lab


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        pytest.param("low > 0", "holds by itself; not among 26", id="not among many"),
        # 3 s each; what accept refuses and says is in test_commands.py as well
        pytest.param("low > 0.2", "does not hold", id="not at all", marks=pytest.mark.slow),
        pytest.param("value > 1", "does not hold", id="no interval", marks=pytest.mark.slow),
    ],
)
def test_a_record_holds_a_statement_that_is_not_upheld_only_if_the_prose_says_so(lab, edit, holds, words):
    site_lab(lab)
    folder = lab.write_note("a", NOTE.replace("HOLDS", holds).replace("SAID", ""), settings={"stated": 26})
    ran = lab("run", "a")
    assert ran.code == (0 if holds == "low > 0" else 1), ran.text
    refused = lab("accept", "a", "--yes")
    assert refused.code == 2
    assert f"claim 'gap': the statement {words}: {holds}" in refused.err
    assert "{{ gap.upheld }}" in refused.err
    edit(folder / "note.py", "{{ gap }}.", "{{ gap }} (it {{ gap.upheld }}; {{ gap.draws }}).")
    assert lab("accept", "a", "--yes").code == 0
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    assert lab("build").code == 0
    page = (lab.root / "site/notes/a/index.html").read_text()
    assert f">{words}</a>; <a" in page
    assert ">1 draw</a>" in page
    assert "upheld among 26" in page


@pytest.mark.slow  # 3 s
def test_a_block_of_seeds_is_kept_in_the_log_and_prose_is_bound_to_it(lab, edit):
    site_lab(lab)
    folder = lab.write_note(
        "a", NOTE.replace("HOLDS", "low > 0").replace("SAID", '{{ gap.upheld }} {{ logged("3", "held") }}'), settings={"stated": 26}
    )
    lab.run_and_accept("a")
    built = lab("build")
    assert built.code == 2
    assert "names a block of seeds that the log of checks does not hold for this record: seed 3" in built.text
    assert "labnotes check a --seed 3" in built.text
    done = lab("check", "--seed", "3")
    assert done.code == 0, done.text
    assert "a agrees as a fresh draw" in done.out
    assert lab("build").code == 0
    page = (lab.root / "site/notes/a/index.html").read_text()
    assert ">1 of 1<" in page or " 1 of 1" in page
    edit(folder / "note.py", '{{ logged("3", "held") }}', "{{ sure.draws }}, {{ logged('3', 'date') }}")
    assert lab("build").code == 0
    assert "2 of 2 draws" in (lab.root / "site/notes/a/index.html").read_text()


WRONG_BINDINGS = ['logged("x", "held")', "gap.mood"]
RESEMBLING = ['logged("3", "mood")', "logged(3)", "gap.upheld | percent"]


@pytest.mark.parametrize("text", [*WRONG_BINDINGS, *(pytest.param(text, marks=pytest.mark.slow) for text in RESEMBLING)])  # 0.6 s each
def test_a_binding_that_names_nothing_is_an_error(lab, text):
    lab.write_note("a", NOTE.replace("HOLDS", "low > 0").replace("SAID", f"{{{{ {text} }}}}"))
    done = lab("run", "a")
    assert done.code == 2
    assert "does not bind" in done.err
