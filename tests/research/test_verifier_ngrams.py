"""The language model of tokens against counting by hand, and its probabilities against one."""

import math
import tokenize

import numpy as np
import pytest

from smallmodels.verifier.ngrams import LONG, START, UNKNOWN, NGrams, tokens

TEXTS = [list("abab"), list("abc"), list("ca")]


def by_hand(texts, order, vocabulary, history, token, discount=0.75):
    """p(token | history) straight from the formula, with lists."""
    p = 1 / len(vocabulary)
    for length in range(1, order + 1):
        context = tuple(history[len(history) - length + 1 :])
        followed = [
            row[i]
            for row in ([START] * (order - 1) + list(text) for text in texts)
            for i in range(order - 1, len(row))
            if tuple(row[i - length + 1 : i]) == context
        ]
        if followed:
            p = max(followed.count(token) - discount, 0) / len(followed) + discount * len(set(followed)) / len(followed) * p
    return p


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_surprise_is_that_of_the_formula(order):
    model = NGrams(TEXTS, order)
    for text in (*TEXTS, list("bbb"), list("cab"), ["a", "new", "b"]):
        known = [token if token in model.vocabulary else UNKNOWN for token in text]
        row = [START] * (order - 1) + known
        wanted = [-math.log(by_hand(TEXTS, order, model.vocabulary, row[: i + order - 1], known[i])) for i in range(len(text))]
        assert model.surprise(text) == pytest.approx(wanted)


def test_one_token_by_hand():
    # of nine tokens four are a; three kinds; a, b, c, <start> and <unknown> are the vocabulary
    assert NGrams(TEXTS, 1).surprise(["a"])[0] == pytest.approx(-math.log(3.25 / 9 + 0.75 * 3 / 9 / 5))
    # after a: b three times, else the end
    assert NGrams(TEXTS, 2).surprise(["a", "b"])[1] == pytest.approx(-math.log(2.25 / 3 + 0.75 / 3 * (2.25 / 9 + 0.75 * 3 / 9 / 5)))


@pytest.mark.parametrize("least", [1, 2, 3])
@pytest.mark.parametrize("history", [[], ["a"], ["a", "b"], ["c", "c"], ["new"], ["b", "a", "b"]])
def test_probabilities_over_the_vocabulary_sum_to_one(history, least):
    model = NGrams([*TEXTS, ["d"]], 3, least)
    p = [math.exp(-model.surprise([*history, token])[-1]) for token in model.vocabulary]
    assert sum(p) == pytest.approx(1)
    assert min(p) > 0


def test_rare_tokens_are_unknown():
    model = NGrams(TEXTS, 2, least=3)
    assert list(model.vocabulary) == [START, UNKNOWN, "a", "b"]
    assert model.surprise(["c"])[0] == model.surprise(["never seen"])[0]


def test_an_empty_text_and_no_text():
    assert NGrams(TEXTS, 3).surprise([]).shape == (0,)
    with pytest.raises(ValueError, match="no text has a token"):
        NGrams([[], []], 2)


def test_restored_from_tensors_it_is_the_same():
    model = NGrams([*TEXTS, ["é", "\n", "<indent>"]], 3)
    again = NGrams.restored(model.tensors())
    assert again.vocabulary == model.vocabulary
    assert again.order == 3
    for text in (*TEXTS, ["é", "x"]):
        assert np.array_equal(again.surprise(text), model.surprise(text))
    assert all(np.array_equal(a, b) for a, b in zip(again.tensors().values(), model.tensors().values(), strict=True))


def test_tokens_of_python():
    long, text = "x" * 25, "'" + "y" * 24 + "'"
    read_tokens = tokens(f"def f(x):  # why\n\n    return {long} + {text} >= 1\n")
    assert [(token.text, token.line, token.column) for token in read_tokens] == [
        *[("def", 1, 0), ("f", 1, 4), ("(", 1, 5), ("x", 1, 6), (")", 1, 7), (":", 1, 8), ("<newline>", 1, 16)],
        *[("<indent>", 3, 0), ("return", 3, 4), (LONG, 3, 11), ("+", 3, 37), (LONG, 3, 39), (">=", 3, 66), ("1", 3, 69)],
        *[("<newline>", 3, 70), ("<dedent>", 4, 0)],
    ]
    assert [token.kind for token in read_tokens][9:12] == [tokenize.NAME, tokenize.OP, tokenize.STRING]
