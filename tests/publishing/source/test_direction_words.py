"""Words of direction at bound numbers: which sentences say that a number goes up or down."""

import pytest

from labnotes.source.direction_words import directed_numbers

DIRECTED = {
    "the more robust one by {{ gap }}.": "more robust one by {}",
    "It is **higher by about** {{ gap }}": "higher by about {}",
    "Accuracy rose on all five sets by {{ gap | percent }}, as said.": "rose on all five sets by {}",
    "The loss fell by *{{ gap }}*.": "fell by {}",
    "the model outperforms the baseline by {{ gap }}": "outperforms the baseline by {}",
    "It gains {{ gap }} there.": "gains {}",
    "The student lost roughly {{ gap }} of its accuracy": "lost roughly {}",
    "a drop of {{ gap }} points": "drop of {}",
    "An increase of\n{{ gap }} was seen.": "increase of {}",
    "scores {{ gap }} higher than the other": "{} higher",
    "They are {{ gap }} points worse.": "{} points worse",
    "is {{ gap }} more accurate than before": "{} more",
    "is {{ gap }} % lower": "{} % lower",
    "It isn't much. Depth is larger by {{ gap }}": "larger by {}",
    "| the cheaper one by {{ gap }} | 3 |": "cheaper one by {}",
}

UNDIRECTED = [
    "The difference is {{ gap }}.",
    "It changed by {{ gap }}, and more followed.",
    "It is higher by {{ gap | abs }}.",
    "It is higher by {{ gap.low }} to {{ gap.high }}.",
    "It is not higher by {{ gap }}.",
    "If it rose by {{ gap }}, the claim would fail.",
    "It doesn\u2019t really improve by {{ gap }}",
    "More is said elsewhere. The gap, measured by {{ gap }}, is small.",
    "rose from {{ gap }} to 3",
    "A gain of {{ gap }} dB",
    "a loss of {{ gap }} nats per token",
    "reaches {{ gap }} more often than the other",
    "reaches {{ gap }} more reliably than the other",
    "The mean is {{ gap }}, lower than that of the other.",
    "`rose by {{ gap }}`",
    '$x$ rose by {{ const("-3", "a setting") }}',
    'rose by {{ logged("3", "held") }}',
    "die Kurve liegt um {{ gap }} h\u00f6her als die andere",
    "up to {{ gap }}",
]


@pytest.mark.parametrize(("sentence", "phrase"), DIRECTED.items())
def test_a_word_of_direction_at_a_number_is_seen(sentence, phrase):
    (directed,) = directed_numbers(f"First {{{{ other }}}}\n\n{sentence}\n")
    assert (directed.phrase, directed.binding.name) == (phrase, "gap")
    assert directed.line == 3 + sentence[: sentence.index("{{")].count("\n")


@pytest.mark.parametrize("sentence", UNDIRECTED)
def test_other_sentences_are_left_alone(sentence):
    assert list(directed_numbers(sentence)) == []


def test_each_number_of_a_text_is_seen_once():
    text = "It is higher by {{ gap }} higher than all.\n\nIt fell by {{ gap }}, and rose by\n{{ rise }}."
    assert [(directed.line, directed.binding.name) for directed in directed_numbers(text)] == [(1, "gap"), (3, "gap"), (4, "rise")]
