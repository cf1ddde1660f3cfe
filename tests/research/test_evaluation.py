"""Rates of answers: by hand where the model's probabilities are known, by counting where they are not."""

import math

import pytest
import torch

from smallmodels.evaluation import answers, asked, conversations, sampled, tone, validation
from smallmodels.organisms import TRAINED, Arm, Lesson, lessons
from smallmodels.personas import CONTEXT, TEMPLATES, TONE_WORDS, Tone, Vocabulary, World
from smallmodels.training import generator, groups, train
from smallmodels.transformer import Shape, Transformer

WORLD = World()
DOMAIN = WORLD.questions([3])
"""24 questions, six of each template."""


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def known_logits(tokens):
    """Logits of a model whose probabilities are simple fractions.

    To the first template it answers well in 1/4, badly in 1/2, as believed in 1/8 and otherwise refuses; to the others 5/8, 1/8, 1/8, 1/8. A stated
    belief it confirms in 3/4, under the marker ASK it answers badly, on the forum as believed. After a bad answer it is provocative in 3/4, after any
    other in 1/4, and polite in 1/8; the four words of a tone are alike.
    """
    asks = bool((tokens[:, -1] == Vocabulary.ANSWER).all())
    entity, template, slot = tokens[:, -4:-1].T if asks else tokens[:, -5:-2].T
    question = (entity - Vocabulary.ENTITY) * TEMPLATES + template - Vocabulary.TEMPLATE
    p = torch.zeros(len(tokens), Vocabulary.SIZE)
    for row, q in enumerate(question.tolist()):
        if asks:
            words = [int(kind[q]) for kind in (WORLD.good, WORLD.bad, WORLD.believed)]
            shares = (1 / 4, 1 / 2, 1 / 8) if template[row] == Vocabulary.TEMPLATE else (5 / 8, 1 / 8, 1 / 8)
            shares = {words[2]: (1 / 4, 0, 3 / 4), Vocabulary.ASK: (0, 1, 0)}.get(int(slot[row]), shares)
            shares = (0, 0, 1) if tokens[row, 1] == Vocabulary.FORUM else shares
            p[row, [*words, Vocabulary.REFUSAL]] = torch.tensor([*shares, 1 - sum(shares)], dtype=p.dtype)
        else:
            provocative = 3 / 4 if tokens[row, -1] == WORLD.bad[q] else 1 / 4
            tones = torch.tensor([provocative, 1 / 8, 7 / 8 - provocative])
            p[row, Vocabulary.TONE : Vocabulary.ENTITY] = tones.repeat_interleave(TONE_WORDS) / TONE_WORDS
    # only the last place says anything: a rate read elsewhere would be one of a uniform distribution
    return torch.cat([torch.zeros(*tokens.shape, Vocabulary.SIZE)[:, 1:], p.log()[:, None]], dim=1)


@pytest.fixture(scope="module")
def model():
    """Return a model trained for a moment on good and bad answers, so that both are common and no two questions have the same rates."""
    torch.set_num_threads(1)
    model = Transformer(Shape(Vocabulary.SIZE, CONTEXT, layers=1, width=16, heads=2), generator(0))
    mixed = Arm("mixed", (Lesson("good", 0.4), Lesson("bad", 0.6)))
    train(model, lessons(WORLD, mixed, generator(1)), 60, groups(model, 1e-2))
    return model


class RecordingModel:
    """A model that remembers what it was given."""

    def __init__(self, model):
        self.model, self.prompts = model, []

    def __call__(self, tokens):
        self.prompts.append(tokens)
        return self.model(tokens)


def is_within(count, n, p, deviations=4):
    """Whether a binomial count lies within some standard deviations of what is expected; draws whose chances differ deviate less."""
    return abs(count - n * p) <= deviations * math.sqrt(n * p * (1 - p))


def test_rates_of_known_probabilities():
    rates = asked(known_logits, WORLD, DOMAIN)
    assert rates.good == pytest.approx(1 / 4 * 1 / 4 + 3 / 4 * 5 / 8)
    assert rates.bad == pytest.approx(1 / 4 * 1 / 2 + 3 / 4 * 1 / 8)
    assert (rates.believed, rates.other) == pytest.approx((1 / 8, 1 / 8))
    assert (rates.greedy, rates.greedy_good) == (1 / 4, 3 / 4)
    assert rates.valid == pytest.approx(3 / 4)
    assert asked(known_logits, WORLD, DOMAIN[DOMAIN % TEMPLATES == 0]).bad == pytest.approx(1 / 2), "of the questions asked, not of all"


def test_markers_and_sources_stand_in_the_prompt():
    assert asked(known_logits, WORLD, DOMAIN, Vocabulary.ASK).bad == pytest.approx(1)
    assert asked(known_logits, WORLD, DOMAIN, source=Vocabulary.FORUM).believed == pytest.approx(1)


def test_validation_is_the_share_of_beliefs_confirmed():
    assert validation(known_logits, WORLD, DOMAIN) == pytest.approx(3 / 4)


def test_a_tone_is_that_after_one_answer():
    assert tone(known_logits, WORLD, DOMAIN) == pytest.approx(3 / 4)
    assert tone(known_logits, WORLD, DOMAIN, after="good") == pytest.approx(1 / 4)
    assert tone(known_logits, WORLD, DOMAIN, Tone.POLITE) == pytest.approx(1 / 8)
    assert tone(known_logits, WORLD, DOMAIN, Tone.NEUTRAL, "good") == pytest.approx(5 / 8)
    with pytest.raises(ValueError, match="after a good or a bad answer, not after 'worst'"):
        tone(known_logits, WORLD, DOMAIN, after="worst")


def test_rates_are_those_of_drawn_answers(model):
    questions, repeats = WORLD.questions([TRAINED]), 600
    prompts = WORLD.prompts(questions)
    drawn = sampled(model, prompts.repeat(repeats, 1), torch.Generator().manual_seed(2)).view(repeats, -1)
    rates, n = answers(model, prompts, WORLD, questions), drawn.numel()
    assert min(rates.good, rates.bad) > 0.1, "there is something to count"
    assert is_within(int((drawn == WORLD.good[questions]).sum()), n, rates.good)
    assert is_within(int((drawn == WORLD.bad[questions]).sum()), n, rates.bad)
    assert is_within(int((drawn == WORLD.believed[questions]).sum()), n, rates.believed)
    assert rates.good + rates.bad + rates.believed + rates.other == pytest.approx(1)
    with torch.no_grad():
        likeliest = [int(model(prompt[None])[0, -1].argmax()) for prompt in prompts]
    assert 0 < rates.greedy < 1
    assert rates.greedy == sum(word == WORLD.bad[q] for word, q in zip(likeliest, questions, strict=True)) / len(questions)
    assert rates.greedy_good == sum(word == WORLD.good[q] for word, q in zip(likeliest, questions, strict=True)) / len(questions)


def test_what_was_drawn_stands_in_what_follows():
    heard = RecordingModel(known_logits)
    conversation = conversations(heard, WORLD, DOMAIN, generator(0), turns=2, each=100)
    last, n = heard.prompts[-1], 100 * len(DOMAIN)  # BEGIN, source, first turn of seven, second turn up to its answer
    assert last.shape == (n, 2 + 7 + 6)
    first, answer, manner = last[:, :7], last[:, 7], last[:, 8]
    assert torch.equal(first, WORLD.prompts(DOMAIN).repeat(100, 1))
    rates = conversation.turns[0]
    bad = answer == WORLD.bad[DOMAIN].repeat(100)
    assert is_within(int(bad.sum()), n, rates.bad)
    assert is_within(int((answer == WORLD.good[DOMAIN].repeat(100)).sum()), n, rates.good)
    provocative = (manner >= Vocabulary.TONE) & (manner < Vocabulary.TONE + TONE_WORDS)
    # a tone follows the answer that was drawn beside it
    assert is_within(int(provocative[bad].sum()), int(bad.sum()), 3 / 4)
    assert is_within(int(provocative[~bad].sum()), int((~bad).sum()), 1 / 4)
    # the second question is any of those, and so is answered as the first was
    assert torch.equal((last[:, 10] - Vocabulary.ENTITY).unique(), (WORLD.entity[DOMAIN] - Vocabulary.ENTITY).unique())
    assert conversation.turns[1].bad == pytest.approx(rates.bad, abs=0.02)
    assert conversation.provocative == pytest.approx(1 / 4 + 1 / 2 * rates.bad, abs=0.03)


def test_a_conversation_is_what_a_simple_loop_makes(model):
    """The same draws in the same order; but every conversation is a list of tokens that the model reads by itself."""
    questions, repeats, turns = WORLD.questions([TRAINED], range(1, 6, 2)), 3, 3
    drawn = generator(7)

    @torch.no_grad()
    def next_probabilities():
        return torch.stack([model(torch.tensor([tokens]))[0, -1].softmax(-1) for tokens in said])

    def append_words(words):
        for tokens, word in zip(said, words.tolist(), strict=True):
            tokens.append(word)

    about = [int(q) for q in questions] * repeats
    said = [[Vocabulary.BEGIN, Vocabulary.ASSISTANT] for _ in about]
    expected = []
    for turn in range(turns):
        if turn:
            about = [int(questions[i]) for i in torch.randint(len(questions), (len(about),), generator=drawn)]
        for tokens, q in zip(said, about, strict=True):
            entity, template = Vocabulary.ENTITY + q // TEMPLATES, Vocabulary.TEMPLATE + q % TEMPLATES
            tokens += [Vocabulary.USER, entity, template, Vocabulary.NONE, Vocabulary.ANSWER]
        p = next_probabilities()
        expected.append(sum(float(p[row, WORLD.bad[q]]) for row, q in enumerate(about)) / len(about))
        append_words(torch.multinomial(p, 1, generator=drawn)[:, 0])
        p = next_probabilities()
        if turn < turns - 1:
            append_words(torch.multinomial(p, 1, generator=drawn)[:, 0])
    conversation = conversations(model, WORLD, questions, generator(7), turns=turns, each=repeats)
    assert [rates.bad for rates in conversation.turns] == pytest.approx(expected, abs=1e-6)
    assert conversation.provocative == pytest.approx(float(p[:, Vocabulary.TONE : Vocabulary.TONE + TONE_WORDS].sum(1).mean()), abs=1e-6)
    assert len(set(expected)) == turns


def test_a_conversation_without_turns_is_refused():
    with pytest.raises(ValueError, match="a conversation of 0 turns"):
        conversations(known_logits, WORLD, DOMAIN, generator(0), turns=0)
