"""What a small language model writes into the holes of a function."""

import random
import warnings

import pytest

from smallmodels.verifier import generator
from smallmodels.verifier.generator import filled
from smallmodels.verifier.mutations import canonical
from smallmodels.verifier.ngrams import NGrams, tokens

SOURCES = [
    "def f(values, start=0):\n    total = start\n    for value in values:\n        total += value\n    return total",
    "def g(values):\n    if len(values) > 1 and values[0] == 2:\n        return max(values) - min(values)\n    return None",
    "def h(self, x):\n    if x is not None:\n        self.total = x * 3\n    return self.total ** 2 // x",
    "def k(a_name_that_is_far_too_long_to_be_kept):\n    return len(a_name_that_is_far_too_long_to_be_kept) + 1234567890123456789012345678",
]
MODEL = NGrams([[token.text for token in tokens(source)] for source in SOURCES * 3], 5)


def hideable_places(source):
    """The places that may be hidden."""
    return [
        i for i, token in enumerate(tokens(source)) if i > [t.text for t in tokens(source)].index("<newline>") and generator._kind(token)
    ]


def all_filled(source, n=8):
    return filled(source, MODEL, 99, n, random.Random(0))


@pytest.mark.parametrize("source", SOURCES)
def test_a_filling_replaces_one_token_and_keeps_the_signature(source):
    before = tokens(source)
    for edit in (filling for group in all_filled(source) for filling in group):
        place = int(edit.operator.partition("/")[0])
        after = tokens(edit.source)
        assert canonical(edit.source) == edit.source
        assert edit.source != source
        assert edit.source.split("\n")[0] == source.split("\n")[0]
        assert edit.line == before[place].line
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):  # an `is` beside a number
            compile(edit.source, "edit", "exec")
        if len(before) == len(after):  # `is` may become `not in`, and brackets come and go
            assert [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a.text != b.text] == [place]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("n", [1, 3, 50])
def test_the_missing_rank_is_that_of_the_original(source, n):
    places = set()
    for group in all_filled(source, n):
        numbers = [filling.operator.split("/") for filling in group]
        (place,) = {int(place) for place, _ in numbers}
        ranks = [int(rank) for _, rank in numbers]
        places.add(place)
        assert len(ranks) <= n
        missing = [rank for rank in range(len(ranks) + 1) if rank not in ranks]
        assert ranks == [rank for rank in range(len(ranks) + 1) if rank not in missing]
        # the model's own ranking, of those that give another function
        ranked = generator._ranked(tokens(source), place, MODEL)
        hidden = tokens(source)[place]
        usable = [text for text in ranked if text == hidden.text or generator._replaced(source, hidden, text) not in (None, source)]
        assert usable.index(hidden.text) == missing[0] or missing[0] == n == len(ranks)
        assert [filling.source for filling in group] == [
            generator._replaced(source, hidden, text) for text in usable[:n] if text != hidden.text
        ]
    assert places <= set(hideable_places(source))
    assert n == 1 or places  # with one filling each, the original may always be the likeliest


def test_what_a_model_has_seen_comes_first():
    read_tokens = tokens(SOURCES[0])
    for place in (i for i, token in enumerate(read_tokens) if i > 20 and token.text in ("value", "values")):
        assert generator._ranked(read_tokens, place, MODEL)[0] == read_tokens[place].text


def test_candidates_are_names_that_are_bound_or_built_in_and_of_the_same_kind():
    source = "def f(values):\n    return values + 1"
    texts = [token.text for token in tokens(source)]
    operators = set(generator._ranked(tokens(source), texts.index("+"), MODEL))
    names = set(generator._ranked(tokens(source), len(texts) - 1 - texts[::-1].index("values"), MODEL))
    assert names == {"f", "values", "len", "max", "min"}
    assert {"+", "-", ">", "**", "//", "=="} <= operators
    assert not operators & {"values", "1", "(", "="}
    attribute = "def f(x):\n    return x.y"
    assert "total" in generator._ranked(tokens(attribute), len(tokens(attribute)) - 3, MODEL)  # after a dot any name may stand


def test_names_too_long_to_be_kept_are_no_holes():
    assert all("123456789012345678" in filling.source for group in all_filled(SOURCES[3]) for filling in group)
    assert all(filling.source.count("a_name_that_is_far_too_long_to_be_kept") == 2 for group in all_filled(SOURCES[3]) for filling in group)
    assert hideable_places(SOURCES[3])


def test_as_many_holes_as_asked_for_at_random_and_repeatable():
    def drawn_places(seed, n=2):
        return [group[0].operator.partition("/")[0] for group in filled(SOURCES[0], MODEL, n, 5, random.Random(seed))]

    assert [drawn_places(seed) for seed in range(9)] == [drawn_places(seed) for seed in range(9)]
    assert len({tuple(drawn_places(seed)) for seed in range(9)}) > 4
    assert max(len(drawn_places(seed)) for seed in range(9)) == 2
    assert filled("def f():\n    pass", MODEL, 3, 5, random.Random(0)) == []


def test_the_model_never_reads_what_is_evaluated(monkeypatch, tmp_path):
    texts = {"trained": SOURCES[:3], "evaluated": [SOURCES[1]]}

    class FakeModule:
        def __init__(self, name):
            self.functions = [type("F", (), {"source": source}) for source in texts[name]]

    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path))
    monkeypatch.setattr(generator.corpus, "read", lambda package: [FakeModule(package.name)])
    monkeypatch.setattr(generator.corpus, "PACKAGES", (generator.corpus.Package("evaluated", "pytest"),))
    monkeypatch.setattr(generator, "version", lambda name: "1")
    model = generator.language_model.__wrapped__(("trained",), 3)
    assert "total" in model.vocabulary
    assert not {"start", "max"} & set(model.vocabulary)  # seen twice; evaluated
    counted_model = NGrams.restored(generator.counted(("trained",), ("1",), (), 3, 1))
    assert {"total", "start"} <= set(counted_model.vocabulary)
    assert not {"max", "min"} & set(counted_model.vocabulary)
