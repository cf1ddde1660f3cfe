"""Which numbers of a text are results: the printed value, the place after the cell, and what is only equal by chance."""

import pytest

from foreign_notebooks import draft_with
from labnotes.adoption.matching import BY_EXPRESSION, BY_NAMING, NumberMatcher, expression_words
from labnotes.model.told_values import PRINTED, SHOWN, VARIABLE, ToldValue


def told(expression, value, how=VARIABLE, cell=1, written=None, times=1):
    return ToldValue(cell=cell, written=written or expression, expression=expression, value=value, how=how, times=times)


def proposals(text, *values, code="x = compute()"):
    cells = draft_with(("code", code), ("text", text)).cells
    return list(NumberMatcher(cells, values).propose_claims())


def certain(text, *values, code="x = compute()"):
    """The numbers that --yes would take, each with the expression and the format of its claim."""
    return [
        (proposal.number.written, proposal.candidates[0].told.expression, proposal.candidates[0].format)
        for proposal in proposals(text, *values, code=code)
        if proposal.is_certain
    ]


@pytest.mark.parametrize(
    ("text", "value", "taken"),
    [
        ("It is 0.934 here.", 0.93412, ("0.934", ".3f")),
        ("It is 93.4 % here.", 0.93412, ("93.4 %", ".1%")),
        ("It is 93.4% here.", 93.412, ("93.4%", ".1f")),
        ("It fell by −0.1234.", -0.12341, ("−0.1234", ".4f")),
        ("It has 1,797 rows.", 1797, ("1,797", ",d")),
        ("It has 1347 rows.", 1347, ("1347", "d")),
        ("It costs 12,345.67 in all.", 12345.671, ("12,345.67", ",.2f")),
        ("It is 1.234×10^-5 here.", 1.2341e-5, ("1.234×10^-5", ".3e")),
    ],
)
def test_a_value_is_found_as_the_text_prints_it(text, value, taken):
    assert certain(text, told("outcome", value)) == [(taken[0], "outcome", taken[1])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It is 0.935 here.", 0.93412),  # not as it is rounded
        ("It is 0.93 here.", 0.93412),  # few digits, and no word for it
        ("In 1984 it began.", 1984),
        ("See Figure 347.", 347),
        ("Python 3.115 is needed.", 3.115),
        ("It is less than 0.934.", 0.93412),
        ("It is above 0.934, and 0.934 or more.", 0.93412),
        ("Smith et al. found 0.934.", 0.93412),
        ("By default 0.934 is taken.", 0.93412),
        ("Suppose it is 0.934.", 0.93412),
        ("There are 3 of them.", 3),
        ("There are 64 of them.", 64),
        ("The `0.934` in code, $0.934$ in math.", 0.93412),
        ("# About 0.934", 0.93412),
        ("[0.934](x-0.934.html) is a link, {{ x }} is bound.", 0.5),
        ("1. first\n2. second", 2),
    ],
)
def test_what_only_looks_equal_is_not_taken(text, value):
    assert certain(text, told("outcome", value)) == []


def test_what_the_code_sets_is_no_result():
    code = "x = compute(size=0.934, n=12345)"
    assert certain("It is 0.934 of 93.4 % for 12,345.", told("size", 0.934), told("n", 12345), code=code) == []
    assert proposals("It is 0.934.", told("size", 0.934), code=code)[0].doubt == "the code sets this number"


def test_a_word_for_the_value_lets_two_digits_do():
    values = [told("accuracy", 0.93412), told("loss", 0.21)]
    assert certain("Its accuracy is 0.93.", *values) == [("0.93", "accuracy", ".2f")]
    assert certain("Of all, 93 % are correct by the accuracy.", *values) == [("93 %", "accuracy", ".0%")]
    assert certain("Its weight is 0.93.", *values) == []


def test_a_small_whole_number_needs_every_word_of_the_name():
    assert certain("The best depth is 7.", told("best_depth", 7)) == [("7", "best_depth", "d")]
    assert certain("The depth is 7.", told("best_depth", 7)) == []
    assert certain("It was run 7 times.", told("best_depth", 7)) == []


def test_two_values_that_print_so_are_two_and_never_certain():
    [proposal] = proposals("It is 0.934 here.", told("first", 0.93412), told("second", 0.93391))
    assert [candidate.told.expression for candidate in proposal.candidates] == ["first", "second"]
    assert proposal.doubt == "2 different values print so"


def test_one_value_under_two_names_and_its_rounding_are_one():
    values = [told("report['acc']", 0.934121, written="report"), told("acc", 0.934121), told("round(acc, 3)", 0.934, PRINTED)]
    assert certain("It is 0.934 here.", *values) == [("0.934", "acc", ".3f")]


def test_among_many_values_one_prints_so_by_chance():
    crowd = [told(f"losses[{i}]", 0.5 + i * 0.01, written="losses") for i in range(50)]
    [proposal] = proposals("It is 0.934 here.", *crowd, told("weights[0]", 0.93412, written="weights"))
    assert proposal.doubt == "among so many values one may print so by chance"
    assert certain("It is 0.934 here.", *crowd, told("outcome", 0.93412, PRINTED)) == [("0.934", "outcome", ".3f")]


def test_a_number_before_its_cell_is_not_proposed():
    cells = draft_with(("text", "It is 0.934."), ("code", "x = 1"), ("text", "Words."), ("code", "y"), ("text", "It is 0.934.")).cells
    found = list(NumberMatcher(cells, [told("x", 0.93412, cell=2)]).propose_claims())
    assert [proposal.cell for proposal in found] == [4]


def test_a_value_from_far_above_needs_a_word():
    cells = draft_with(("code", "x"), *[("code", f"y{i} = {i}") for i in range(8)], ("text", "It is 0.934. The outcome is 0.934.")).cells
    found = list(NumberMatcher(cells, [told("outcome", 0.93412)]).propose_claims())
    assert [proposal.doubt for proposal in found] == ["the value is from far above", ""]


def test_what_is_computed_once_gets_a_name_and_what_is_computed_often_cannot():
    [proposal] = proposals("It is 0.934.", told("model.score(X, y)", 0.93412, SHOWN), code="model.score(X, y)")
    assert (proposal.candidates[0].way, proposal.doubt) == (BY_NAMING, "")
    [proposal] = proposals("It is 0.934.", told("score(i)", 0.93412, PRINTED, times=9), code="x")
    assert proposal.candidates == ()
    assert not proposal.is_certain
    [proposal] = proposals("It is 0.934.", told("np.mean(x)", 0.93412, PRINTED), code="import numpy as np\nprint(np.mean(x))")
    assert proposal.candidates[0].way == BY_EXPRESSION


def test_the_words_where_it_is_printed_speak_for_a_value():
    code = 'print(f"Test accuracy: {evaluate(model)}")'
    assert certain("The accuracy is 0.93.", told("evaluate(model)", 0.93412, PRINTED), code=code) == [("0.93", "evaluate(model)", ".2f")]
    assert certain("The loss is 0.93.", told("evaluate(model)", 0.93412, PRINTED), code=code) == []


@pytest.mark.parametrize("first", ["%%timeit", "%%bash", "#| eval: false", "#| error: true"])
def test_a_cell_that_is_not_run_to_its_end_as_python_has_no_claims(first):
    assert proposals("It is 0.934.", told("x", 0.93412), code=f"{first}\nx = compute()") == []


def test_the_numbers_of_a_table_are_found_in_their_row():
    text = "| model | accuracy |\n|---|---|\n| forest | 0.91 |\n| tree | 0.87 |"
    values = [told("forest_acc", 0.912), told("tree_acc", 0.874)]
    assert certain(text, *values) == [("0.91", "forest_acc", ".2f"), ("0.87", "tree_acc", ".2f")]


def test_the_words_of_an_expression():
    assert list(expression_words("testAcc['r2_score'].mean()")) == ["test", "acc", "r2", "score", "mean"]


def test_a_rounded_value_is_another_one_unless_it_was_computed_from_it():
    text = "Its error is 0.717 here."
    from_other = [told("errors['slope']", 0.717, SHOWN), told("data.loc[76, 'x']", 0.71743)]
    assert certain(text, *from_other) == []
    assert [len(proposal.candidates) for proposal in proposals(text, *from_other)] == [2]
    from_it = [told("round(spread, 3)", 0.717, PRINTED), told("spread", 0.71743)]
    assert certain(text, *from_it) == [("0.717", "spread", ".3f")]
    assert certain(text, told("np.round(a, 3)", 0.717, PRINTED), told("np.sum(b)", 0.71743), code="import numpy as np") == []
