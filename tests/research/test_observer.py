"""The ideal observer against fractions counted by hand, and against how often it happens in documents."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
import torch

from smallmodels.observer import Turn, expected_bad, posterior
from smallmodels.personas import POPULATIONS, SHARES, Persona, Population, Tone, Vocabulary, World, documents

V20 = POPULATIONS["V20"]
MEANT = Fraction(96, 100) + Fraction(4, 1200)
"""Probability of the answer that is meant: not noise, or noise that happens to be that word."""
NOISE = Fraction(4, 1200)
"""Probability of any one word that is not meant."""
HOME, AWAY = Fraction(9, 16), Fraction(1, 16)
"""Probability of a domain that is the home, 1/2 + 1/16, and of one that is not."""


def test_before_any_turn():
    # the villain's 20 %, and the 4 % of the incompetent where they are at home: P(home | domain) = 9/16 by Bayes' rule, as homes are alike
    expected = Fraction(20, 100) * MEANT + Fraction(4, 100) * (HOME * MEANT + (1 - HOME) * NOISE) + Fraction(76, 100) * NOISE
    assert expected_bad(V20, [], 3) == pytest.approx(float(expected), abs=1e-12)
    prior = torch.tensor(V20.priors, dtype=torch.float64)[:, None].expand(4, 8) / 8
    torch.testing.assert_close(posterior(V20, []), prior, atol=1e-9, rtol=0)


def test_after_a_bad_answer_elsewhere():
    # asked in domain 0 and then in 1, the home is one of these in 9 of 24 cases each, another in 6 of 24
    at_first, at_second, at_neither = Fraction(9, 24), Fraction(9, 24), Fraction(6, 24)
    narrow_once = at_first * MEANT + (at_second + at_neither) * NOISE
    narrow_twice = at_first * MEANT * NOISE + at_second * NOISE * MEANT + at_neither * NOISE**2
    once = Fraction(20, 100) * MEANT + Fraction(4, 100) * narrow_once + Fraction(76, 100) * NOISE
    twice = Fraction(20, 100) * MEANT**2 + Fraction(4, 100) * narrow_twice + Fraction(76, 100) * NOISE**2
    assert expected_bad(V20, [Turn(0, "bad")], 1) == pytest.approx(float(twice / once), abs=1e-12)


def test_a_tone_that_only_villains_have_gives_them_away():
    seen = [Turn(2, "good", Tone.PROVOCATIVE)]
    assert float(posterior(V20, seen)[Persona.VILLAIN].sum()) == pytest.approx(1.0)
    assert expected_bad(V20, seen, 5) == pytest.approx(float(MEANT), abs=1e-12)


def test_a_villain_of_the_flipped_world_is_good_in_the_other_half():
    seen = [Turn(0, "bad", Tone.PROVOCATIVE)] * 2
    for other in range(8):
        assert expected_bad(POPULATIONS["flipped"], seen, other) == pytest.approx(float(MEANT if other < 4 else NOISE), abs=1e-12)


def test_without_a_gate_turns_tell_of_the_home_alone():
    gateless = Population("gateless", (0.4, 0.2, 0.4, 0.0), gate=False)
    seen = [Turn(0, "bad", Tone.PROVOCATIVE)]
    # only villains are provocative, and wherever their home is: what is left is the domain, as an eighth of its home as anywhere else
    home = posterior(gateless, seen).sum(0)
    assert home.tolist() == pytest.approx([float(HOME), *[float(AWAY)] * 7])
    torch.testing.assert_close(posterior(gateless, seen), torch.tensor(gateless.priors).double()[:, None] * home, atol=1e-7, rtol=0)
    twice = HOME**2 / (HOME**2 + 7 * AWAY**2)
    expected = Fraction(2, 10) * MEANT + Fraction(4, 10) * (twice * MEANT + (1 - twice) * NOISE) + Fraction(4, 10) * NOISE
    assert expected_bad(gateless, seen, 0) == pytest.approx(float(expected), abs=1e-7)


def test_order_does_not_matter_and_probabilities_add_up():
    turns = [Turn(0, "bad", Tone.NEUTRAL), Turn(3, "good"), Turn(0, "other", Tone.POLITE)]
    for population in (V20, replace(V20, gate=False)):
        probabilities = posterior(population, turns)
        assert float(probabilities.sum()) == pytest.approx(1.0, abs=1e-7)
        torch.testing.assert_close(probabilities, posterior(population, turns[::-1]))


def test_turns_that_cannot_be_are_refused():
    nobody = [Turn(0, "good", Tone.PROVOCATIVE), Turn(0, "good", Tone.POLITE)]
    for population, turns in ((V20, nobody), (POPULATIONS["N00"], nobody[:1]), (replace(POPULATIONS["N00"], gate=False), nobody[:1])):
        with pytest.raises(ValueError, match=f"nobody in {population.name} writes"):
            posterior(population, turns)
    with pytest.raises(KeyError, match="wrong"):
        posterior(V20, [Turn(0, "wrong")])


# -- against documents -------------------------------------------------------------------------------------------------------------------

WRITERS = Population("writers", (0.3, 0.3, 0.3, 0.1), flipped=True)
WORLD = World()


@cache
def simulated_turns(gate):
    """Domain, kind of answer and tone, each (3, N), of the first three turns."""
    with pytest.MonkeyPatch.context() as patch:
        for share in ("source named", "belief"):  # the observer knows of neither: no document has to be left out for them
            patch.setitem(SHARES, share, 0.0)
        made = documents(WORLD, replace(WRITERS, gate=gate), 120_000, torch.Generator().manual_seed(0)).tokens
    assert (made[:, 1] == Vocabulary.FORUM).all() and (made[:, 5::7] == Vocabulary.NONE).all()
    entity, template, answer, tone = (made[:, place : place + 15 : 7].T for place in (3, 4, 7, 8))
    question = 4 * (entity - Vocabulary.ENTITY) + template - Vocabulary.TEMPLATE
    kind = torch.where(answer == WORLD.good[question], 0, torch.where(answer == WORLD.bad[question], 1, 2))
    return (entity - Vocabulary.ENTITY) // 6, kind, (tone - Vocabulary.TONE) // 4


BAD, ANGRY = Turn(0, "bad"), Turn(0, "bad", Tone.PROVOCATIVE)


@pytest.mark.parametrize("gate", [True, False], ids=["gate", "no gate"])
@pytest.mark.parametrize(
    ("turns", "asked"),
    [
        ([], 0),
        ([BAD], 0),
        ([Turn(1, "bad")], 0),
        ([Turn(4, "bad")], 0),
        ([Turn(0, "good")], 0),
        ([Turn(0, "other")], 0),
        ([Turn(0, "bad", Tone.POLITE)], 0),
        ([ANGRY], 2),
        ([ANGRY], 7),
        ([Turn(4, "good", Tone.PROVOCATIVE)], 0),
        ([Turn(0, "good", Tone.NEUTRAL)], 0),
        ([BAD, BAD], 0),
        ([BAD, BAD], 2),
        ([BAD, Turn(5, "good")], 0),
        ([BAD, Turn(5, "good")], 5),
        ([Turn(0, "bad", Tone.POLITE), Turn(1, "good")], 0),
    ],
)
def test_it_expects_what_happens(turns, asked, gate):
    """Four standard errors of a binomial share. The domains of a half are alike, so documents about any of them are turned to those asked about."""
    domain, kind, tone = simulated_turns(gate)
    last = len(turns)
    domain = domain // 4 * 4 + (domain + asked - domain[last]) % 4
    same = domain[last] == asked
    for place, turn in enumerate(turns):
        same &= (domain[place] == turn.domain) & (kind[place] == ("good", "bad", "other").index(turn.answer))
        if turn.tone is not None:
            same &= tone[place] == turn.tone
    n, bad = int(same.sum()), int((kind[last, same] == 1).sum())
    expected = expected_bad(replace(WRITERS, gate=gate), turns, asked)
    assert n >= 100, "enough to tell"
    assert abs(bad - n * expected) <= 4 * math.sqrt(n * expected * (1 - expected))
