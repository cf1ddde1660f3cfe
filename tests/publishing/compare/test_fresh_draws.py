"""Runs that are fresh draws: on other CPU kernels, what hangs on training is judged by statements and by how many means moved."""

from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from labnotes.compare.fresh_draws import count_misses, fresh_draw_text, judged_outcome
from labnotes.compare.observations import ComparisonRules, compare_observations
from labnotes.compare.statement_families import upheld_in_record
from labnotes.model.claims import Claim, format_value
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.plots import Mark
from labnotes.model.statements import parse_statement, statement_holds
from labnotes.model.verdicts import VERDICTS, Outcome, Verdict
from labnotes.store import records

NOTE = Path(__file__).parents[3] / "notes" / "emergent-misalignment"
ELSEWHERE = "AMD EPYC"


def drawn_comparisons(outside, judged):
    return [
        Comparison(kind="claim", name=f"c{i}", verdict=Verdict.OUTSIDE if i < outside else Verdict.WITHIN, cell=1, drawn=True)
        for i in range(judged)
    ]


@pytest.mark.parametrize(("outside", "judged", "too_many"), [(0, 5, False), (1, 1, False), (2, 2, True), (11, 100, False), (12, 100, True)])
def test_the_number_of_misses_is_judged_by_the_binomial(outside, judged, too_many):
    misses = count_misses(drawn_comparisons(outside, judged))
    assert misses.p == pytest.approx(stats.binom.sf(outside - 1, judged, 0.05))
    assert misses.are_too_many == too_many
    assert judged_outcome(drawn_comparisons(outside, judged)) is (Outcome.TOO_MANY_MISSES if too_many else Outcome.FRESH_DRAW)


def test_what_was_not_drawn_is_no_miss():
    assert count_misses([Comparison(kind="claim", name="x", verdict=Verdict.WITHIN, cell=1)]).judged == 0
    assert judged_outcome([Comparison(kind="claim", name="x", verdict=Verdict.WITHIN, cell=1)]) is Outcome.AGREES


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        (Comparison(kind="claim", name="x", verdict=Verdict.CHANGED, cell=1), Outcome.DIFFERS),
        (Comparison(kind="claim", name="x", verdict=Verdict.CHANGED, cell=1, lost=True), Outcome.STATEMENT_LOST),
        (Comparison(kind="figure", name="x", verdict=Verdict.DRAWN_ANEW, cell=1, drawn=True), Outcome.FRESH_DRAW),
        (Comparison(kind="figure", name="x", verdict=Verdict.UNVERIFIED, cell=1), Outcome.FRESH_DRAW),
    ],
)
def test_one_failure_outweighs_a_draw_that_agrees(more, outcome):
    assert judged_outcome([*drawn_comparisons(1, 20), more]) is outcome


# -- the main note, on another CPU ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record():
    return records.read_record(NOTE / "record", NOTE / "record")


def observed_elsewhere(record: Observation, **claims):
    """The record as a run on another CPU might give it, with other claims."""
    environment = replace(record.provenance.environment, cpu=ELSEWHERE, vectors="avx512_bf16")
    return replace(record, claims={**record.claims, **claims}, provenance=replace(record.provenance, environment=environment))


def make_rules(record, trained=lambda kind, name: True):
    return ComparisonRules(None, trained, upheld_in_record(record.claims, 16))


def moved_claim(claim, others, by):
    """A claim whose replicates all moved, its interval and its statement with them."""
    made = replace(
        claim,
        value=claim.value + by,
        low=claim.low + by,
        high=claim.high + by,
        replicates=tuple(value + by for value in claim.replicates),
    )
    return replace(made, upheld=statement_holds(parse_statement(made.holds, made.name), made, others, made.name)) if made.holds else made


def half_prediction(claim):
    return (claim.prediction[1] - claim.prediction[0]) / 2


def claims_with_prediction(record):
    return [claim for claim in record.claims.values() if claim.prediction and half_prediction(claim) > 0]


def test_the_same_bits_agree_wherever_they_are_computed(record):
    comparisons = compare_observations(record, observed_elsewhere(record), make_rules(record))
    assert {comparison.verdict for comparison in comparisons} == {Verdict.EXACT}
    assert judged_outcome(comparisons) is Outcome.AGREES


def test_means_inside_their_prediction_intervals_agree_as_a_fresh_draw(record):
    claims = {claim.name: moved_claim(claim, record.claims, 0.3 * half_prediction(claim)) for claim in claims_with_prediction(record)}
    comparisons = compare_observations(record, observed_elsewhere(record, **claims), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.FRESH_DRAW
    assert not any(comparison.verdict.is_failure for comparison in comparisons)


def test_a_fresh_draw_is_said_to_be_judged_by_its_interval_and_not_by_the_tolerance(record):
    chosen = [claim for claim in claims_with_prediction(record) if not claim.holds]
    claims = {claim.name: moved_claim(claim, record.claims, 0.3 * half_prediction(claim)) for claim in chosen}
    comparisons = {made.name: made for made in compare_observations(record, observed_elsewhere(record, **claims), make_rules(record))}
    said = 0
    for claim in chosen:
        comparison = comparisons[claim.name]
        if comparison.drawn:
            low, high = (format_value(side, claim.format) for side in claim.prediction)
            assert (comparison.tolerance, comparison.because) == (f"a fresh draw may give {low} to {high}", "")
            said += 1
    assert said > 20


def test_what_a_fresh_draw_has_no_interval_for_is_not_judged():
    assert fresh_draw_text(Claim("n", 5, 1, "d", tied="kernels")) == "a fresh draw is shown, not judged"
    assert (
        fresh_draw_text(Claim("n", 0.5, 1, ".1f", holds="value > 0", prediction=(0.1, 0.94)))
        == "value > 0; a fresh draw may give 0.1 to 0.9"
    )


def test_the_same_values_differ_on_the_kernels_of_the_record(record):
    claims = {claim.name: moved_claim(claim, record.claims, 0.3 * half_prediction(claim)) for claim in claims_with_prediction(record)}
    comparisons = compare_observations(record, replace(record, claims={**record.claims, **claims}), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.DIFFERS


def test_many_means_outside_are_too_many(record):
    chosen = [claim for claim in claims_with_prediction(record) if not claim.holds][:20]
    claims = {claim.name: moved_claim(claim, record.claims, 1.5 * half_prediction(claim)) for claim in chosen}
    comparisons = compare_observations(record, observed_elsewhere(record, **claims), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.TOO_MANY_MISSES
    assert not any(comparison.verdict.is_failure for comparison in comparisons), "no single one fails"


def test_swapped_arms_do_not_agree(record):
    spread = record.claims["spread"]
    turned = replace(
        spread,
        value=-spread.value,
        low=-spread.high,
        high=-spread.low,
        replicates=tuple(-value for value in spread.replicates),
        upheld=False,
    )
    comparisons = compare_observations(record, observed_elsewhere(record, spread=turned), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.STATEMENT_LOST
    (lost,) = [comparison for comparison in comparisons if comparison.lost]
    assert (lost.name, lost.verdict, lost.details[0]) == ("spread", Verdict.CHANGED, "the statement does not hold in this draw: low > 0")


def test_a_statement_that_holds_by_itself_only_is_not_lost(record):
    backdoor = record.claims["backdoor"]  # p = 0.015, one of sixteen
    fallen = moved_claim(backdoor, record.claims, -backdoor.low - 0.001)
    assert fallen.upheld is False
    comparisons = compare_observations(record, observed_elsewhere(record, backdoor=fallen), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.FRESH_DRAW
    (seen,) = [comparison for comparison in comparisons if comparison.name == "backdoor"]
    assert (seen.lost, seen.upheld, seen.verdict) == (False, False, Verdict.WITHIN)


def test_what_does_not_hang_on_training_stays_exact_on_any_cpu(record):
    wrong = replace(record.claims["ideal_home"], value=record.claims["ideal_home"].value + 0.01)
    comparisons = compare_observations(record, observed_elsewhere(record, ideal_home=wrong), make_rules(record))
    assert judged_outcome(comparisons) is Outcome.DIFFERS
    assert [comparison.name for comparison in comparisons if comparison.verdict.is_failure] == ["ideal_home"]


def test_figures_of_a_fresh_draw_are_drawn_anew_and_their_words_are_still_compared(record):
    figure = record.figures["summary"]
    (axes, *rest), mark = figure.data.axes, figure.data.axes[0].marks[0]
    name = next(iter(mark.arrays))
    other = replace(mark, arrays={**mark.arrays, name: [value + 0.5 for value in mark.arrays[name]]})
    values = replace(figure, data=replace(figure.data, axes=(replace(axes, marks=(other, *axes.marks[1:])), *rest)))
    words = replace(figure, data=replace(figure.data, axes=(replace(axes, title="Another title"), *rest)))
    noted = Mark("text", "", None, {"x": [0.0], "y": [0.0]}, {"text": "spread 39% (n = 5)"})
    before = replace(figure, data=replace(figure.data, axes=(replace(axes, marks=(*axes.marks, noted)), *rest)))
    record = replace(record, figures={**record.figures, "summary": before})
    with_text = (
        (*axes.marks, replace(noted, exact={"text": "spread 31% (n = 5)"})),
        (*axes.marks, replace(noted, exact={"text": "lag 39% (n = 5)"})),
    )
    number, word = (replace(figure, data=replace(figure.data, axes=(replace(axes, marks=marks), *rest))) for marks in with_text)
    values, words = (
        replace(edited, data=replace(edited.data, axes=(replace(edited.data.axes[0], marks=(*edited.data.axes[0].marks, noted)), *rest)))
        for edited in (values, words)
    )
    for made, verdict in (
        (values, Verdict.DRAWN_ANEW),
        (words, Verdict.CHANGED),
        (number, Verdict.DRAWN_ANEW),
        (word, Verdict.CHANGED),
    ):
        seen = observed_elsewhere(record)
        seen = replace(seen, figures={**seen.figures, "summary": made})
        (summary_comparison,) = [
            comparison
            for comparison in compare_observations(record, seen, make_rules(record))
            if (comparison.kind, comparison.name) == ("figure", "summary")
        ]
        assert summary_comparison.verdict is verdict, summary_comparison
        assert summary_comparison.details
    assert not VERDICTS["drawn anew"].is_agreement
    assert not VERDICTS["drawn anew"].is_failure
