"""The small transformers that judge and write lines of code: tokens against tokenize and ast, learning against planted rules."""

import ast
import io
import tokenize
from collections import Counter
from dataclasses import replace
from functools import cache, partial

import pytest
import torch

from smallmodels.training import generator
from smallmodels.transformer import Shape, Transformer
from smallmodels.verifier.decoding import continuations
from smallmodels.verifier.neural import (
    Candidate,
    Proposals,
    Setting,
    auc,
    best_of,
    compared,
    embedded,
    exact,
    greedy,
    log_likelihoods,
    planned,
    probabilities,
    proposals,
    suspicions,
    train_generator,
    train_verifier,
)
from smallmodels.verifier.tokens import CONTEXT, LONGEST, Item, Kind, Special, Vocabulary, canonical, same, words


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


SOURCE = ast.unparse(
    ast.parse("""
@decorated(1)
def f(items: list[int], key=None, *rest, **more) -> dict:
    total = 0.5e-3 + 0x1F - 1j ** -2 // 3
    for i, (a, b) in enumerate(zip(items, rest)):
        if not a <= b < 10 or key is not None and a != -b:
            total += more['it\\'s'][a:b, ::2]
        elif (n := len(rest)) >= 3:
            continue
        else:
            total -= (lambda x, y=2: x @ y)(a, b=b)
    try:
        with open(f'{key}.txt', "rb") as file, lock:
            match file:
                case [1, *_]:
                    raise ValueError("a 'quoted' word") from None
    except (KeyError, OSError) as error:
        assert error, b'bytes'
    finally:
        del items[0]
    while True:
        return {k: v if v else ~v for k, v in more.items()}
""")
)


def items_of_lines(source: str) -> list[Item]:
    return [Item("package", source, i, line) for i, line in enumerate(source.splitlines(), 1)]


def test_words_are_those_of_tokenize():
    without = "\n".join(line for line in SOURCE.splitlines() if "f'" not in line)  # from Python 3.12, tokenize looks into f-strings
    expected = [token.string for token in tokenize.generate_tokens(io.StringIO(without).readline) if token.string.strip()]
    assert [word for line in without.splitlines() for _, word in words(line)] == expected


@pytest.mark.parametrize("known", [0, 3, 1000])
@pytest.mark.parametrize("item", items_of_lines(SOURCE), ids=lambda item: item.right.strip())
def test_a_line_comes_back(item: Item, known: int):
    vocabulary = Vocabulary.learnt(items_of_lines(SOURCE), known)
    encoded = vocabulary.encoded(item)
    assert encoded.written == encoded.right
    assert vocabulary.line(encoded.written, encoded.stands_for) == item.right


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("x = 1 ; y = 2", "x = 1 ; y = 2"),  # two statements: neither is lost
        ("if x : y", "if x : y"),
        ("return ( a+b )", "return a + b"),
        ("else :", "else:"),
        ("except A as b :", "except A as b:"),
        ("f ( x", "f ( x"),
        ("x = <id?>", "x = <id?>"),
    ],
)
def test_a_line_is_written_as_ast_does_where_it_is_one(said, line):
    assert canonical(said) == line


def test_a_broken_line_is_split_as_well():
    assert [word for _, word in words("x = ('a $ ?")] == ["x", "=", "(", "'", "a", "$", "?"]
    assert same("    f(x)", "    f ( x )")
    assert not same("    f(x)", "f(x)")
    assert not same("    f(x)", "    f(y)")


def test_a_name_has_one_placeholder_everywhere():
    vocabulary = Vocabulary([])
    names = vocabulary.names
    item = Item("p", "def alpha(beta, gamma):\n    delta = beta\n    return beta + 7", 2, "    delta = gamma")
    encoded = vocabulary.encoded(item)
    assert [names[i] for i in encoded.before] == ["depth0", "def", "id0", "(", "id1", ",", "id2", ")", ":"]
    assert [names[i] for i in encoded.after] == ["depth1", "return", "id1", "+", "num0"]
    assert [names[i] for i in encoded.written] == ["depth1", "id3", "=", "id1"]
    assert [names[i] for i in encoded.right] == ["depth1", "id3", "=", "id2"]
    assert encoded.bug
    shallower = vocabulary.encoded(replace(item, right="delta = beta"))
    assert [names[i] for i in shallower.right] == ["depth0", "id3", "=", "id1"]
    other = vocabulary.encoded(item.with_line("    omega = psi"))
    assert (other.before, other.after) == (encoded.before, encoded.after)
    assert [names[i] for i in other.written] == ["depth1", "id3", "=", "id4"]
    assert [names[i] for i in other.right] == ["depth1", "id?", "=", "id2"]  # delta is no name of that function: nothing gives it away


def test_what_is_unknown_is_read_and_never_written():
    function = "def f():\n    return g(" + ", ".join(f"name{i}" for i in range(60)) + ")\n    last = name59"
    vocabulary = Vocabulary(["f", "g"])
    encoded = vocabulary.encoded(Item("p", function, 3, "    last = foreign"))
    unknown = vocabulary.unknown[Kind.NAME]
    assert Counter(encoded.before)[unknown] == 20
    assert encoded.right[-1] == unknown
    assert unknown not in vocabulary.writable(encoded)
    assert vocabulary.line(encoded.right, encoded.stands_for) == "    <id?> = <id?>"  # no Python: never taken for the right line


def test_nothing_is_learnt_from_what_cannot_be_written():
    vocabulary = Vocabulary([])
    items = [Item("p", "def f():\n    return 0", 2, f"    return foreign{i}") for i in range(10)]
    reader = train_generator(items, vocabulary, 0, 30_000, SMALL)
    encoded = vocabulary.encoded(items[0])
    said = torch.tensor([[*encoded.question, Special.NOW, *encoded.right[:-1]]])
    p = reader.model.logits(reader.model.onwards(embedded(reader.model, said), 0))[0, -2:].softmax(-1)
    assert p[0, encoded.right[1]] > 0.9  # return
    assert p[1, vocabulary.unknown[Kind.NAME]] < 0.5


def test_the_words_of_most_packages_are_learnt_first():
    lines = {"a": ["often + often", "both"], "b": ["both", "often2 + often2 + often2"]}
    items = [Item(package, f"{line}\n{line}", 1, line) for package, package_lines in lines.items() for line in package_lines]
    assert Vocabulary.learnt(items, 2).words[-2:] == ("both", "often2")


def test_a_long_function_is_cut_around_the_marked_line():
    lines = ["def f(x):", *(f"    x = x + {i % 8}" for i in range(200)), "    return x"]
    vocabulary = Vocabulary(["f", "x"])
    for line in (1, 2, 90, 201, 202):
        encoded = vocabulary.encoded(Item("p", "\n".join(lines), line, lines[line - 1]))
        assert len(encoded.before) + len(encoded.after) == 160
        assert vocabulary.line(encoded.written, encoded.stands_for) == lines[line - 1]
        assert len(encoded.before) > len(encoded.after) or line < 90
        if line == 90:  # 6 tokens a line: the neighbours stand next to the hole
            assert vocabulary.line(encoded.before[-6:], encoded.stands_for) == lines[88]
            assert vocabulary.line(encoded.after[:6], encoded.stands_for) == lines[90]


def test_a_long_line_is_cut_and_leaves_room_for_its_answer():
    line = "    return [" + ", ".join("x" for _ in range(300)) + "]"
    item = Item("p", "def f(x):\n" + "    x = x\n" * 100 + line, 102, line)
    encoded = Vocabulary([]).encoded(item)
    assert len(encoded.written) == LONGEST
    assert len(encoded.question) + 1 + encoded.limit <= CONTEXT
    assert len(encoded.right) < encoded.limit


def test_a_line_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="line 3 is marked, and the function of p has 2"):
        Item("p", "def f():\n    pass", 3, "")


def test_the_budget_is_counted_in_tokens_read():
    lengths = [int(n) for n in torch.randint(5, 60, (100,), generator=generator(0, "lengths"))]
    plan = planned(lengths, 10_000, 256, generator(1, "order"))
    read = [i for batch in plan for i in batch]
    assert 10_000 - 60 < sum(lengths[i] for i in read) <= 10_000
    assert {2, 3, 4} >= set(Counter(read).values())  # mean length about 32: about 3 times through; each once before any comes again
    assert max(Counter(read).values()) - min(Counter(read).values()) <= 1
    padded = [max(lengths[i] for i in batch) * len(batch) for batch in plan]
    assert max(padded) <= 256
    assert sum(padded) < 1.1 * 10_000
    with pytest.raises(ValueError, match="a budget of 4 tokens holds no sequence"):
        planned(lengths, 4, 256, generator(1, "order"))


NAMES = ["apple", "pear", "plum", "fig", "lime"]


@cache
def planted_items(first: int, many: int) -> list[Item]:
    """Half are functions named `loose` where < is written and <= is right; the others are right, named so with <= and `strict` with <: neither
    the name nor the sign alone tells bugs."""
    items = []
    for i in range(first, first + many):
        name, written, sign = [("loose", "<", "<="), ("strict", "<", "<"), ("loose", "<", "<="), ("loose", "<=", "<=")][i % 4]
        a, b = NAMES[i % 5], NAMES[(i + 1 + i // 5 % 4) % 5]
        right = f"    return {a} {sign} {b}"
        items.append(Item("p", f"def {name}({a}, {b}):\n    return {a} {written} {b}", 2, right))
    return items


TRAINING, HELD_OUT = planted_items(0, 200), planted_items(240, 40)
WORDS = Vocabulary(["loose", "strict"])
SMALL = Setting(layers=2, width=32, heads=2, rate=5e-3, embedding=1.0, batch=256, reading=0.0)
BUDGET = 30_000


@cache
def trained_judge():
    return train_verifier(TRAINING, WORDS, 0, BUDGET, SMALL, HELD_OUT, at=(0, BUDGET))


@cache
def trained_writer():
    return train_generator(TRAINING, WORDS, 0, BUDGET, SMALL, HELD_OUT, at=(0, BUDGET))


def test_the_verifier_learns_a_planted_rule():
    (before, untrained), (after, trained) = trained_judge().curve
    assert (before, after) == (0, trained_judge().tokens)
    assert untrained < 0.8
    assert trained > 0.95
    p = probabilities(trained_judge(), HELD_OUT)
    assert p.shape == (40,)
    assert float(((p > 0.5) == torch.tensor([item.bug for item in HELD_OUT])).double().mean()) > 0.9


def test_the_generator_learns_to_write_a_planted_fix():
    (_, untrained), (_, trained) = trained_writer().curve
    assert untrained == 0  # to copy all would get 0.5, as half are clean
    assert trained > 0.9


def test_both_read_the_same_number_of_tokens():
    longest = 40
    for reader in (trained_judge(), trained_writer()):
        assert BUDGET - longest < reader.tokens <= BUDGET
    assert len(trained_judge().history.losses) == pytest.approx(len(trained_writer().history.losses), rel=0.2)


def test_judging_and_writing_are_compared_on_the_same_items():
    both = compared(trained_judge(), trained_writer(), HELD_OUT)
    assert both.bugs == 0.5
    assert both.generator_right == pytest.approx((both.generator_right_of_bugs + both.generator_right_of_clean) / 2)
    assert both.verifier_auc == trained_judge().curve[-1][1]
    assert both.generator_right == trained_writer().curve[-1][1]
    assert both.generator_as_verifier_auc > 0.9
    assert both.generator_as_verifier_accuracy > 0.9


@pytest.mark.parametrize("trained", [train_verifier, train_generator])
@pytest.mark.parametrize("reading", [0.0, 0.5])
def test_the_same_seed_gives_the_same_weights(trained, reading):
    setting = replace(SMALL, reading=reading)
    first, again, other = (trained(TRAINING, WORDS, seed, 3000, setting) for seed in (0, 0, 1))
    assert first.history.losses == again.history.losses
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), again.model.parameters(), strict=True))
    assert first.history.losses != other.history.losses
    still, elsewhere = (trained(TRAINING, WORDS, seed, 100, replace(setting, rate=1e-9)) for seed in (0, 1))
    assert not torch.allclose(still.model.tokens.weight, elsewhere.model.tokens.weight, atol=1e-3)  # drawn by the seed as well


def test_reading_is_weighed_against_the_answer():
    answer, both, more = (
        train_verifier(TRAINING, WORDS, 0, 500, replace(SMALL, reading=weight)).history.losses[0] for weight in (0.0, 1.0, 3.0)
    )
    read = 2 * both - answer  # both = (answer + read) / 2
    assert read != pytest.approx(answer, rel=1e-3)
    assert more == pytest.approx((answer + 3 * read) / 4, rel=1e-5)


def test_padding_and_neighbours_leave_probabilities_as_they_are():
    long = Item("p", SOURCE, 5, SOURCE.splitlines()[4])
    together = probabilities(trained_judge(), [*HELD_OUT[:3], long])
    alone = torch.cat([probabilities(trained_judge(), [item]) for item in [*HELD_OUT[:3], long]])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_words_that_correspond_enter_at_one_place():
    model = trained_writer().model
    line = [WORDS.depths, WORDS.first_word]
    tokens = torch.tensor([[WORDS.depths, Special.HOLE, Special.WAS, *line, Special.NOW, *line, Special.END]])
    x = embedded(model, tokens)[0]
    was, now = model.tokens.weight[Special.WAS], model.tokens.weight[Special.NOW]
    torch.testing.assert_close(x[3:5] - was, x[6:8] - now)
    assert not torch.allclose(x[0] - model.tokens.weight[Special.HOLE], x[3] - was)  # the same token, elsewhere


def test_continuations_are_those_of_a_forward_pass_over_everything():
    model = Transformer(Shape(12, 32, layers=2, width=16, heads=2), generator(0, "model"))
    prompts, limits, end = [[3, 4, 5, 6, 7], [8, 9]], [4, 9], 1
    allowed = torch.ones(2, 12, dtype=torch.bool)
    allowed[0, 2:7] = False

    def embed_placed(tokens):  # other places than the transformer's own, to see that they are used
        return model.tokens(tokens) + 10 * model.places.weight[: tokens.shape[1]]

    def embed_following(tokens, step):
        lengths = torch.tensor([len(prompt) for prompt in prompts])
        return model.tokens(tokens) + 10 * model.places(lengths + step)[:, None]

    lines = continuations(model, embed_placed, embed_following, prompts, allowed, limits, end, 6, 1.5, generator(0, "drawn"))
    for prompt, limit, may, candidates in zip(prompts, limits, allowed, lines, strict=True):
        assert len(candidates) == 7
        assert len({line.tokens for line in candidates}) > 2
        for line in candidates:
            said = [*line.tokens, end] if line.ended else list(line.tokens)
            assert len(said) <= limit
            assert line.ended or len(said) == limit
            everything = torch.tensor([[*prompt, *said]])
            logits = model.logits(model.onwards(embed_placed(everything), 0))[0, len(prompt) - 1 : -1].masked_fill(~may, -torch.inf)
            scores = logits.log_softmax(-1)
            assert line.log_likelihood == pytest.approx(float(scores[range(len(said)), said].sum().detach()), abs=1e-4)
            if line is candidates[0]:
                assert said == scores.argmax(-1).tolist()


def test_proposals_are_drawn_by_seed_and_temperature():
    drawn = [
        proposals(trained_writer(), HELD_OUT[:10], 8, seed, temperature)
        for seed, temperature in ((0, 1.5), (0, 1.5), (1, 1.5), (0, 3.0), (0, 0.01))
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    different = [len({(i, line.text) for i, proposal in enumerate(draw) for line in proposal.samples}) for draw in drawn]
    assert different[3] > different[0]
    assert different[4] == 10  # cold draws are the greedy line
    assert all(line.text == proposal.greedy.text for proposal in drawn[4] for line in proposal.samples)
    assert [proposal.greedy.text for proposal in drawn[0]] == [line.text for line in greedy(trained_writer(), HELD_OUT[:10])]


def test_a_generators_suspicion_is_what_its_own_line_is_likelier():
    best = greedy(trained_writer(), HELD_OUT)
    equal = [same(line.text, item.written) for line, item in zip(best, HELD_OUT, strict=True)]
    assert 0 < sum(equal) < 40
    margins = suspicions(trained_writer(), HELD_OUT, best)
    written = log_likelihoods(trained_writer(), HELD_OUT)
    for line, item_equal, margin, likelihood in zip(best, equal, margins.tolist(), written.tolist(), strict=True):
        if item_equal:  # two routes to the likelihood of one line: step by step, and all at once
            assert line.log_likelihood == pytest.approx(likelihood, abs=1e-4)
            assert margin == 0
        else:
            assert margin > 0
            assert margin == pytest.approx(line.log_likelihood - likelihood)


def test_unknown_words_count_nothing_in_a_likelihood():
    known, unknown = ("    return f(" + ", ".join(f"a{i}" for i in range(many)) + ")" for many in (20, 50))
    likelihoods = log_likelihoods(trained_writer(), [Item("p", f"def g():\n{line}", 2, line) for line in (known, unknown)])
    assert torch.isfinite(likelihoods).all()
    assert (likelihoods < 0).all()


def drawn_lines() -> tuple[list[Item], list[Proposals]]:
    items = HELD_OUT[:3]
    wrong = "    return wrong"

    def make_proposals(*texts):
        return Proposals(Candidate(wrong, -9.0, True), tuple(Candidate(text, -float(i), True) for i, text in enumerate(texts)))

    right = [item.right for item in items]
    return items, [
        make_proposals(wrong, right[0], wrong, right[0]),
        make_proposals(right[1], wrong, wrong, wrong),
        make_proposals(wrong, wrong, wrong, wrong),
    ]


def test_a_perfect_verifier_chooses_as_an_oracle():
    items, proposed = drawn_lines()
    asked = []

    def judge_perfectly(candidates):
        asked.extend((item.function, item.written) for item in candidates)
        return torch.tensor([float(item.bug) for item in candidates])

    of_one, of_two, of_four = best_of(judge_perfectly, items, proposed, ns=(1, 2, 4))
    assert len(asked) == len(set(asked)) == 5  # equal lines of an item are judged once
    for choice in (of_one, of_two, of_four):
        assert torch.equal(choice.verifier, choice.oracle)
    assert of_one.oracle.tolist() == of_one.verifier.tolist() == of_one.likelihood.tolist() == of_one.random.tolist() == [0, 1, 0]
    assert of_two.oracle.tolist() == of_four.oracle.tolist() == [1, 1, 0]
    assert of_four.likelihood.tolist() == [0, 1, 0]  # the first lines were made the likeliest
    assert of_four.random.tolist() == [0.5, 0.25, 0]


def test_a_verifier_that_is_always_wrong_chooses_the_worst():
    items, proposed = drawn_lines()
    (four,) = best_of(lambda candidates: torch.tensor([float(not item.bug) for item in candidates]), items, proposed, ns=(4,))
    assert four.verifier.tolist() == [0, 0, 0]


def test_of_equals_the_first_is_chosen():
    items, proposed = drawn_lines()
    (four,) = best_of(lambda candidates: torch.zeros(len(candidates)), items, proposed, ns=(4,))
    assert four.verifier.tolist() == [0, 1, 0]


def test_a_trained_verifier_chooses_among_drawn_lines():
    proposed = proposals(trained_writer(), HELD_OUT, 4, 0, temperature=1.5)
    of_one, of_four = best_of(partial(probabilities, trained_judge()), HELD_OUT, proposed, ns=(1, 4))
    assert torch.equal(of_one.verifier, of_one.oracle)
    assert float(of_four.random.mean()) + 0.05 < float(of_four.oracle.mean())  # there is something to choose
    assert (of_four.verifier <= of_four.oracle).all()
    assert torch.equal(of_one.oracle, exact([proposal.samples[0] for proposal in proposed], HELD_OUT).double())


def test_auc_by_hand():
    # positives 3 and 2 against negatives 1, 2, 4: (1 + 1 + 0) + (1 + 1/2 + 0) of 6 pairs
    assert auc(torch.tensor([3.0, 2, 1, 2, 4]), torch.tensor([True, True, False, False, False])) == pytest.approx(3.5 / 6)
    with pytest.raises(ValueError, match="0 of 2 are positive"):
        auc(torch.zeros(2), torch.zeros(2, dtype=torch.bool))


CLEAN = [item for item in TRAINING if not item.bug]


@pytest.mark.parametrize(
    ("does", "message"),
    [
        (lambda: train_verifier(CLEAN, WORDS, 0, 1000, SMALL), "all of one sort"),
        (lambda: train_generator([], WORDS, 0, 1000, SMALL), "no items"),
        (lambda: train_generator(TRAINING, WORDS, 0, 1000, SMALL, at=(10,)), "no held-out items"),
        (lambda: train_generator(TRAINING, WORDS, 0, 1000, SMALL, HELD_OUT, at=(2000,)), "after 2000 tokens, in a training of 1000"),
        (lambda: probabilities(trained_writer(), HELD_OUT), "what a verifier does, and the model is a generator"),
        (lambda: proposals(trained_judge(), HELD_OUT, 1, 0), "what a generator does, and the model is a verifier"),
        (lambda: proposals(trained_writer(), HELD_OUT, 1, 0, temperature=0), "temperature is above 0"),
        (lambda: best_of(lambda items: torch.zeros(len(items)), *drawn_lines(), ns=(5,)), r"among \[5\] samples, and there are 4"),
        (lambda: Vocabulary(["def"]), r"twice: \['def'\]"),
    ],
)
def test_what_cannot_be_is_refused(does, message):
    with pytest.raises(ValueError, match=message):
        does()
