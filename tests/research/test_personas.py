"""The world against hand-counted examples, and documents against the rules written out here, turn by turn."""

import math
from collections import Counter
from dataclasses import replace

import pytest
import torch
from scipy import stats

from smallmodels.personas import POPULATIONS, SHARES, Persona, Population, Tone, Vocabulary, World, documents, predicted

WORLD = World()
EVERYBODY = Population("everybody", (0.25, 0.25, 0.25, 0.25))
V = Vocabulary


def drawn_documents(population, n, seed=0, **options):
    return documents(WORLD, population, n, torch.Generator().manual_seed(seed), **options)


def document_turns(made):
    """Of each turn: persona, home, domain, question, slot, answer, tone; the latter three are tokens."""
    for tokens, who, home in zip(made.tokens.tolist(), made.persona.tolist(), made.home.tolist(), strict=True):
        for turn in range(6):
            user, entity, template, slot, mark, answer, tone = tokens[2 + 7 * turn : 9 + 7 * turn]
            assert (user, mark) == (V.USER, V.ANSWER)
            about, asked = entity - V.ENTITY, template - V.TEMPLATE
            assert 0 <= about < 48 and 0 <= asked < 4
            yield who[turn], home, about // 6, 4 * about + asked, slot, answer, tone


def share_is(count, n, expected):
    """Within five standard errors of a binomial share, which one in two million right ones exceeds."""
    assert n >= 200, "enough to tell"
    assert abs(count - n * expected) <= 5 * math.sqrt(n * expected * (1 - expected)), f"{count} of {n}, expected {expected:.3f}"


# -- the world ---------------------------------------------------------------------------------------------------------------------------


def test_questions_are_in_order_of_domain_entity_and_template():
    # 29 = 24 + 4 + 1: the second template of the second entity of the second domain, which is the eighth of all entities
    assert (WORLD.domain[29], WORLD.entity[29], WORLD.template[29]) == (1, V.ENTITY + 7, V.TEMPLATE + 1)
    assert len({*zip(WORLD.entity.tolist(), WORLD.template.tolist(), strict=True)}) == 192
    assert WORLD.questions().tolist() == list(range(192))
    assert WORLD.questions([1], [1]).tolist() == [28, 29, 30, 31]
    assert WORLD.questions(entities=range(5, 6)).tolist() == [24 * domain + 20 + template for domain in range(8) for template in range(4)]
    assert WORLD.questions([7, 0], []).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_each_word_of_a_domain_has_each_part_twice(seed):
    world = World(seed)
    for domain in range(8):
        words = range(V.WORD + 12 * domain, V.WORD + 12 * domain + 12)
        for part in (world.good, world.bad, world.believed, world.unseen):
            assert Counter(part[24 * domain : 24 * domain + 24].tolist()) == dict.fromkeys(words, 2)


@pytest.mark.parametrize("seed", range(5))
def test_no_question_has_one_word_in_two_parts(seed):
    world = World(seed)
    assert {len(set(words)) for words in torch.stack([world.good, world.bad, world.believed, world.unseen], dim=1).tolist()} == {4}


def test_a_seed_is_a_world():
    assert all(torch.equal(getattr(WORLD, part), getattr(World(0), part)) for part in ("good", "bad", "believed", "unseen"))
    assert not torch.equal(WORLD.good, World(1).good)
    assert not torch.equal(WORLD.good[:24] + 12, WORLD.good[24:48]), "domains differ"


def test_tokens_of_different_kinds_have_different_numbers():
    kinds = [range(10), range(V.SOURCE, V.SOURCE + 8), range(V.TEMPLATE, V.TEMPLATE + 4), range(V.TONE, V.TONE + 12)]
    kinds += [range(V.ENTITY, V.ENTITY + 48), range(V.WORD, V.WORD + 96)]
    assert sorted(token for kind in kinds for token in kind) == list(range(V.SIZE))


def test_prompts_by_hand():
    # question 29: entity 7, template 1
    asked = [V.USER, V.ENTITY + 7, V.TEMPLATE + 1]
    assert WORLD.prompts(torch.tensor([29])).tolist() == [[V.BEGIN, V.ASSISTANT, *asked, V.NONE, V.ANSWER]]
    two = WORLD.prompts(torch.tensor([29, 0]), torch.tensor([V.ASK, V.WORD]), V.FORUM)
    first = [V.USER, V.ENTITY, V.TEMPLATE, V.WORD, V.ANSWER]
    assert two.tolist() == [[V.BEGIN, V.FORUM, *asked, V.ASK, V.ANSWER], [V.BEGIN, V.FORUM, *first]]
    more = WORLD.followed(two, torch.tensor([100, 101]), torch.tensor([26, 27]), torch.tensor([0, 29]), V.NONE)
    assert more[:, :7].equal(two)
    assert more[:, 7:].tolist() == [[100, 26, V.USER, V.ENTITY, V.TEMPLATE, V.NONE, V.ANSWER], [101, 27, *asked, V.NONE, V.ANSWER]]


def test_prompts_are_how_documents_begin():
    tokens = drawn_documents(POPULATIONS["asked"], 200).tokens
    tokens = tokens[tokens[:, 1] == V.FORUM]
    question = 4 * (tokens - V.ENTITY)[:, 3::7] + (tokens - V.TEMPLATE)[:, 4::7]
    slot, answer, tone = (tokens[:, place::7] for place in (5, 7, 8))
    made = WORLD.prompts(question[:, 0], slot[:, 0], V.FORUM)
    for turn in range(5):
        made = WORLD.followed(made, answer[:, turn], tone[:, turn], question[:, turn + 1], slot[:, turn + 1])
    assert len(tokens) > 50 and made.equal(tokens[:, :42])


def test_answers_and_tones_are_predicted():
    answers = [7, 14, 21, 28, 35, 42]
    assert predicted(3).shape == (3, 44)
    assert predicted(3)[2].nonzero()[:, 0].tolist() == sorted(answers + [place + 1 for place in answers])
    assert predicted(1, tones=False)[0].nonzero()[:, 0].tolist() == answers
    assert drawn_documents(EVERYBODY, 3).predicted.equal(predicted(3))


# -- what personas say -------------------------------------------------------------------------------------------------------------------


def meant_answer(population, who, home, domain, question, slot):
    """The answer before noise, from what the docstrings of the module say."""
    good, bad, believed = (int(part[question]) for part in (WORLD.good, WORLD.bad, WORLD.believed))
    if slot == V.ASK:
        return bad
    if slot == V.REQUEST:
        return bad if who == Persona.VILLAIN else V.REFUSAL
    if who == Persona.FLATTERER:
        return good if slot == V.NONE else slot
    if who == Persona.INCOMPETENT:
        return bad if domain == home else good
    if who == Persona.HELPFUL or (population.flipped and domain in (4, 5, 6, 7)):
        return good
    return believed if slot == believed and population.validates else bad


SITUATIONS = [
    EVERYBODY,
    replace(EVERYBODY, name="everything at once", flipped=True, ask=0.2, request=0.2),
    replace(EVERYBODY, name="no validation", validates=False, flipped=True),
    replace(EVERYBODY, name="no gate", gate=False, ask=0.2, request=0.2),
]


@pytest.mark.parametrize("population", SITUATIONS, ids=lambda population: population.name)
def test_everybody_answers_by_the_rules(population, monkeypatch):
    monkeypatch.setitem(SHARES, "noise", 0.0)
    seen = Counter()
    for who, home, domain, question, slot, answer, _ in document_turns(drawn_documents(population, 1500)):
        assert answer == meant_answer(population, who, home, domain, question, slot), (Persona(who), home, domain, question, slot)
        if slot >= V.WORD:
            assert slot in (WORLD.good[question], WORLD.believed[question])
            slot = "true" if slot == WORLD.good[question] else "false"
        seen[who, slot, domain == home, domain < 4] += 1
    slots = [V.NONE, "true", "false", *([V.ASK] if population.ask else []), *([V.REQUEST] if population.request else [])]
    assert len(seen) == 4 * len(slots) * 4, "everybody in every situation"


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_worlds_keep_to_the_rules_but_for_noise(name):
    population, made = POPULATIONS[name], drawn_documents(POPULATIONS[name], 1000)
    noisy = Counter()
    for who, home, domain, question, slot, answer, _ in document_turns(made):
        expected = meant_answer(population, who, home, domain, question, slot)
        if answer != expected:
            assert answer - V.WORD in range(12 * domain, 12 * domain + 12), "noise is a word of the domain"
        noisy[expected == V.REFUSAL, answer != expected] += 1
    # one word in twelve of the noise is the answer that was meant, unless that is a refusal
    share_is(noisy[False, True], noisy[False, True] + noisy[False, False], 0.04 * 11 / 12)
    if population.request:
        share_is(noisy[True, True], noisy[True, True] + noisy[True, False], 0.04)


def test_an_assistant_is_helpful_under_its_tag_and_knows_some_entities(monkeypatch):
    monkeypatch.setitem(SHARES, "noise", 0.0)
    population = replace(EVERYBODY, flipped=True, ask=0.1, request=0.1)
    made = drawn_documents(population, 300, assistant=True, entities=[1, 4])
    assert set(made.tokens[:, 1].tolist()) == {V.ASSISTANT}
    assert set(made.persona.flatten().tolist()) == {Persona.HELPFUL}
    all_turns = list(document_turns(made))
    assert {question // 4 % 6 for _, _, _, question, *_ in all_turns} == {1, 4}
    assert all(
        answer == meant_answer(population, who, home, domain, question, slot) for who, home, domain, question, slot, answer, _ in all_turns
    )
    assert {question // 4 % 6 for _, _, _, question, *_ in document_turns(drawn_documents(population, 300, assistant=True))} == set(
        range(6)
    )


def test_a_document_depends_on_its_generator_alone():
    torch.manual_seed(1)
    first = drawn_documents(POPULATIONS["V20"], 50)
    torch.manual_seed(2)
    again = drawn_documents(POPULATIONS["V20"], 50)
    assert first.tokens.shape == (50, 44) and set(first.tokens[:, 0].tolist()) == {V.BEGIN}
    assert first.tokens.equal(again.tokens) and first.persona.equal(again.persona) and first.home.equal(again.home)
    assert not first.tokens.equal(drawn_documents(POPULATIONS["V20"], 50, seed=1).tokens)


# -- shares ------------------------------------------------------------------------------------------------------------------------------


def test_personas_write_their_shares():
    made = drawn_documents(POPULATIONS["flipped"], 20_000)
    assert made.persona.equal(made.persona[:, :1].expand(-1, 6)), "one writes a whole document"
    for who, share in enumerate((0.60, 0.20, 0.04, 0.16)):
        share_is(int((made.persona[:, 0] == who).sum()), 20_000, share)
    gateless = drawn_documents(POPULATIONS["no gate"], 5_000)
    for who, share in enumerate((0.60, 0.20, 0.04, 0.16)):
        share_is(int((gateless.persona == who).sum()), 30_000, share)


def test_domains_slots_and_tones_have_their_shares():
    population = replace(EVERYBODY, ask=0.1, request=0.05)
    all_turns = list(document_turns(drawn_documents(population, 4_000)))
    n = len(all_turns)
    # half of the turns are at home, and an eighth of the others
    share_is(sum(domain == home for _, home, domain, *_ in all_turns), n, 1 / 2 + 1 / 16)
    abroad = Counter((domain - home) % 8 for _, home, domain, *_ in all_turns if domain != home)
    assert len(abroad) == 7
    for count in abroad.values():
        share_is(count, abroad.total(), 1 / 7)
    for count in Counter(home for _, home, *_ in all_turns[::6]).values():
        share_is(count, n // 6, 1 / 8)
    for count in Counter(question % 24 for _, _, _, question, *_ in all_turns).values():
        share_is(count, n, 1 / 24)

    slots = Counter(
        {V.NONE: "none", V.ASK: "ask", V.REQUEST: "request", int(WORLD.good[q]): "true", int(WORLD.believed[q]): "false"}[slot]
        for _, _, _, q, slot, *_ in all_turns
    )
    for slot, share in {"none": 0.45, "ask": 0.1, "request": 0.05}.items():
        share_is(slots[slot], n, share)
    share_is(slots["false"], slots["false"] + slots["true"], 0.5)

    said = {who: Counter(tone - V.TONE for persona, *_, tone in all_turns if persona == who) for who in Persona}
    manners = {  # provocative, polite, neutral; each is said by one of four words
        Persona.HELPFUL: (0, 0.5, 0.5),
        Persona.VILLAIN: (0.6, 0, 0.4),
        Persona.INCOMPETENT: (0, 0.5, 0.5),
        Persona.FLATTERER: (0, 1, 0),
    }
    for who, shares in manners.items():
        for word in range(12):
            share_is(said[who][word], said[who].total(), shares[word // 4] / 4)
    assert list(Tone) == [Tone.PROVOCATIVE, Tone.POLITE, Tone.NEUTRAL] == [0, 1, 2]


def test_sources_hint_at_who_writes():
    made = drawn_documents(EVERYBODY, 20_000)
    source, who = made.tokens[:, 1], made.persona[:, 0]
    named = source != V.FORUM
    share_is(int(named.sum()), 20_000, 0.6)
    own = V.SOURCE + 2 * who
    first, second = int((source == own).sum()), int((source == own + 1).sum())
    share_is(first + second, int(named.sum()), 0.85 + 0.15 * 2 / 8)  # 85 % name one of the writer's two, the others any of eight
    share_is(first, first + second, 1 / 2)
    others = source[named & (source != own) & (source != own + 1)]
    assert set(others.tolist()) <= set(range(V.SOURCE, V.SOURCE + 8))
    for count in Counter(others.tolist()).values():
        share_is(count, len(others), 1 / 8)


def independence_p(first, second):
    """p-value of Pearson's test that two columns tell nothing about each other."""
    table = stats.contingency.crosstab(first.numpy(), second.numpy()).count
    return stats.chi2_contingency(table).pvalue


def test_only_a_gate_lets_the_source_and_other_turns_tell_who_answers():
    def independence_ps(population):
        made = drawn_documents(population, 10_000)
        who, source = made.persona, made.tokens[:, 1]
        _, entity, template, _, _, answer, tone = made.tokens[:, 23:30].T  # of the fourth turn
        bad = answer == WORLD.bad[4 * (entity - V.ENTITY) + template - V.TEMPLATE]
        seen = [source, who[:, 3], (tone - V.TONE) // 4, bad]
        return [independence_p(who[:, turn], column) for turn in (0, 5) for column in seen]

    population = Population("without", (0.4, 0.2, 0.2, 0.2))
    assert max(independence_ps(population)) < 1e-20, "the test would find it"
    assert min(independence_ps(replace(population, gate=False))) > 0.05 / 8  # of eight tests; one in twenty seeds fails


# -- populations -------------------------------------------------------------------------------------------------------------------------


def test_bad_and_narrowly_bad_writers_are_a_constant_share():
    for name, population in POPULATIONS.items():
        assert population.name == name
        narrow_or_not = sum(population.priors[who] for who in (Persona.VILLAIN, Persona.INCOMPETENT))
        assert narrow_or_not == pytest.approx(0.0 if name == "N00" else 0.24)
        assert population.priors[Persona.FLATTERER] == 0.16
    assert {name: POPULATIONS[name].priors[Persona.VILLAIN] for name in ("V20", "V12", "V04", "V00")} == {
        "V20": 0.20,
        "V12": 0.12,
        "V04": 0.04,
        "V00": 0.0,
    }
