"""Blocks of fresh seeds: statements that fail too often and means of lucky seeds are found, and the power that is printed is right."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats

from labnotes.commands import repeat

LUCKY = """
# %%
import random
from labnotes import claim, seed, seeds
draws = [random.Random(s).gauss(0, 1) for s in seeds(8)]
claim("sound", replicates=draws, format=".2f", holds="low < 2")
claim("lucky", replicates=[draw + (5 if seed() == 0 else 0) for draw in draws], format=".2f")
claim("flaky", replicates=draws, format=".2f", holds="high > 100" if seed() % 2 else "high < 100")
claim("alone", draws[0])
"""


@pytest.fixture(scope="module")
def repeated(new_lab):
    lab = new_lab()
    lab.record_note("a", LUCKY)
    done = lab("check", "--seed", "1-6", "--report", "out")
    return lab, done, json.loads((lab.root / "out/seeds.json").read_text())[0]


def test_how_often_each_statement_held_is_told_with_its_bound(repeated):
    _, done, note_result = repeated
    sound, flaky = (next(statement for statement in note_result["statements"] if statement["claim"] == name) for name in ("sound", "flaky"))
    assert (sound["held"], sound["blocks"], round(sound["at_least"], 4)) == (6, 6, round(0.05 ** (1 / 6), 4))
    assert (flaky["held"], flaky["blocks"]) == (3, 6)
    assert "sound: low < 2" in done.out and "6 of 6" in done.out and "61% of runs" in done.out
    assert f"fail in {repeat.visible_failures(6):.0%} of runs or more" in done.out


def test_a_mean_of_lucky_seeds_is_found_and_others_are_not(repeated):
    _, done, note_result = repeated
    means = {mean["claim"]: mean for mean in note_result["means"]}
    assert set(means) == {"sound", "lucky", "flaky"}, "a claim without replicates has no mean to test"
    assert means["lucky"]["p"] < 0.05 < means["sound"]["p"]
    assert (means["lucky"]["recorded_n"], means["lucky"]["fresh_n"]) == (8, 48)
    assert "a not upheld  6 of 6 blocks of seeds finished" in done.out and done.code == 1


def test_records_and_results_stay_as_they_are(repeated):
    lab, _, _ = repeated
    assert "fresh  never" in lab("list").out, "blocks of seeds are no check of the golden values"
    lines = [json.loads(line) for line in (lab.root / "notes/a/checks.jsonl").read_text().splitlines()]
    assert sorted(line["seed"] for line in lines) == ["1", "2", "3", "4", "5", "6"]
    assert {line["kind"] for line in lines} == {"fresh draw"}


@pytest.mark.slow  # 2.6 s, three kernels
def test_a_sound_note_is_upheld_and_few_blocks_say_what_they_cannot_see(lab):
    lab.record_note("a", LUCKY.replace("(5 if seed() == 0 else 0)", "0").replace('"high > 100" if seed() % 2 else ', ""))
    done = lab("check", "--seed", "1-2")
    assert done.code == 0 and "a upheld  2 of 2 blocks" in done.out, done.text
    assert f"fail in {repeat.visible_failures(2):.0%} of runs or more" in done.out


def test_a_block_that_raises_is_no_block_that_holds(lab):
    lab.record_note("a", "# %%\nfrom labnotes import claim, seed\nassert seed() == 0, 'only golden'\nclaim('x', 1, holds='value > 0')\n")
    done = lab("check", "--seed", "1-2")
    assert done.code == 1 and "a not upheld  0 of 2 blocks" in done.out and "only golden" in done.out


@pytest.mark.parametrize("text", ["x", "3-1", "-1", "1-", "1-2-3", "400001", "1.5", ""])
def test_what_names_no_seeds_is_refused(lab, text):
    done = lab("check", f"--seed={text}")
    assert done.code == 2 and "names no seeds" in done.err and "--seed 1-10" in done.err


# -- the tests and their power -----------------------------------------------------------------------------------------------------------


def test_the_permutation_test_counts_out_every_partition():
    then, now = [1.0, 2.0, 4.0], [3.0, 7.0, 8.0, 9.0]
    pool = then + now
    differences = []
    for chosen in itertools.combinations(range(7), 3):
        chosen_values = [pool[i] for i in chosen]
        other_values = [pool[i] for i in range(7) if i not in chosen]
        differences.append(np.mean(chosen_values) - np.mean(other_values))
    observed = np.mean(then) - np.mean(now)
    lower, upper = (np.mean([sign * d <= sign * observed + 1e-12 for d in differences]) for sign in (1, -1))
    assert math.isclose(repeat.shift_p(then, now), min(1.0, 2 * min(lower, upper)))
    assert repeat.shift_p([1.0, 1.0], [1.0, 1.0, 1.0]) == 1.0


@pytest.mark.parametrize(("n", "m"), [(5, 5), (5, 50), (8, 24)])
def test_a_shift_of_the_visible_size_is_seen_in_four_of_five_cases(n, m):
    rng = np.random.default_rng(n * m)
    then, now = rng.normal(size=n), rng.normal(size=m)
    pooled = math.sqrt((then.var(ddof=1) * (n - 1) + now.var(ddof=1) * (m - 1)) / (n + m - 2))
    shift = repeat.visible_shift(then.tolist(), now.tolist()) / pooled
    a, b = rng.normal(size=(20_000, n)), rng.normal(shift, size=(20_000, m))
    assert abs((stats.ttest_ind(a, b, axis=-1).pvalue < 0.05).mean() - 0.8) < 0.015


@pytest.mark.parametrize("blocks", [2, 3, 5, 10, 20, 60])
def test_a_failing_share_of_the_visible_size_is_seen_in_four_of_five_cases(blocks):
    share = repeat.visible_failures(blocks)

    def rejection_chance(failing):
        rejected = (k for k in range(blocks + 1) if stats.binomtest(k, blocks, 0.95, alternative="less").pvalue <= 0.05)
        return sum(math.comb(blocks, k) * (1 - failing) ** k * failing ** (blocks - k) for k in rejected)

    assert math.isclose(rejection_chance(share), 0.8, rel_tol=1e-6) and rejection_chance(share * 0.9) < 0.8


def test_one_block_rejects_nothing():
    assert repeat.visible_failures(1) is None
