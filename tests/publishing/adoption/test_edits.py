"""Accepted proposals written into a notebook: claims at the end of their cells, bindings in the text, what was shown shown still."""

import ast

import pytest

from foreign_notebooks import draft_with
from labnotes.adoption import edits
from labnotes.adoption.edits import AcceptedNumber
from labnotes.adoption.matching import NumberMatcher
from labnotes.adoption.shown_objects import ObjectProposal
from labnotes.model.told_values import PRINTED, SHOWN, VARIABLE, ToldValue

CHECK = "  # from the notebook: check me"


def told(expression, value, how=VARIABLE, cell=1, written=None):
    return ToldValue(cell=cell, written=written or expression, expression=expression, value=value, how=how)


def edited(code, text, *values, objects=(), names=()):
    """The code and the text with the best candidate of every number, without the import."""
    cells = draft_with(("code", "pass"), ("code", code), ("text", text)).cells
    found = [proposal for proposal in NumberMatcher(cells, values).propose_claims() if proposal.candidates]
    accepted = [AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0]) for proposal in found]
    made = edits.write_proposals(cells, accepted, objects, names)
    for cell in made.cells:
        if cell.kind == "code":
            ast.parse(cell.source)
    return made.cells[1].source, made.cells[2].source


WRITTEN = {
    "a variable": ("acc = f()", told("acc", 0.934, cell=2), 'acc = f()\nclaim("acc", acc, format=".3f")', "acc"),
    "an entry": (
        "r = f()",
        told("r['test']['acc']", 0.934, cell=2, written="r"),
        "r = f()\nclaim(\"r_test_acc\", r['test']['acc'], format=\".3f\")",
        "r_test_acc",
    ),
    "a name at the end": ("acc = f()\nacc", told("acc", 0.934, cell=2), 'acc = f()\nclaim("acc", acc, format=".3f")CHECK\nacc', "acc"),
    "another value at the end": (
        "acc = f()\nmodel.fit(\n    X)",
        told("acc", 0.934, cell=2),
        'acc = f()\ndisplay(model.fit(\n    X))\nclaim("acc", acc, format=".3f")',
        "acc",
    ),
    "a print at the end": (
        "acc = f()\nprint(acc)",
        told("acc", 0.934, PRINTED, 2),
        'acc = f()\nprint(acc)\nclaim("acc", acc, format=".3f")',
        "acc",
    ),
    "a silenced end": (
        "acc = f()\nplot(acc);",
        told("acc", 0.934, cell=2),
        'acc = f()\nplot(acc);\nclaim("acc", acc, format=".3f")',
        "acc",
    ),
    "what is shown": (
        "m = f()\nm.score(X, y)",
        told("m.score(X, y)", 0.934, SHOWN, 2),
        'm = f()\nm_score = m.score(X, y)\nclaim("m_score", m_score, format=".3f")CHECK\nm_score',
        "m_score",
    ),
    "a part of what is shown": (
        "f(x)",
        told("f(x)['a']", 0.934, SHOWN, 2, "f(x)"),
        'f_a = f(x)\nclaim("f_a", f_a[\'a\'], format=".3f")CHECK\nf_a',
        "f_a",
    ),
    "what is printed": (
        "print('Accuracy:', f(x))",
        told("f(x)", 0.934, PRINTED, 2),
        'print(\'Accuracy:\', (accuracy := f(x)))\nclaim("accuracy", accuracy, format=".3f")',
        "accuracy",
    ),
    "what is printed in a format": (
        "print(f'Accuracy is {f(x):.3f} of {n}')",
        told("f(x)", 0.934, PRINTED, 2),
        'print(f\'Accuracy is {(accuracy_is := f(x)):.3f} of {n}\')\nclaim("accuracy_is", accuracy_is, format=".3f")',
        "accuracy_is",
    ),
    "a pure expression": (
        "x = f()\nx.mean()",
        told("x.mean()", 0.934, SHOWN, 2),
        'x = f()\nclaim("x_mean", x.mean(), format=".3f")CHECK\nx.mean()',
        "x_mean",
    ),
    "a magic before it": (
        "%matplotlib inline\nacc = f()\nacc",
        told("acc", 0.934, cell=2),
        '%matplotlib inline\nacc = f()\nclaim("acc", acc, format=".3f")CHECK\nacc',
        "acc",
    ),
}


@pytest.mark.parametrize(("code", "value", "expected", "name"), WRITTEN.values(), ids=WRITTEN)
def test_a_claim_stands_where_its_value_comes_to_be(code, value, expected, name):
    cells = draft_with(("code", "pass"), ("code", code), ("text", "It is 0.934 here.")).cells
    [proposal] = NumberMatcher(cells, [value]).propose_claims()
    made = edits.write_proposals(cells, [AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0])], [], ())
    expected = expected.replace("CHECK", CHECK) if "CHECK" in expected else expected + CHECK
    assert made.cells[1].source == expected
    assert made.cells[2].source == f"It is {{{{ {name} }}}} here."
    assert made.cells[0].source == "from labnotes import claim\npass"


def test_two_numbers_of_one_value_share_its_claim():
    code, text = edited("acc = f()", "It is 0.934, or 93.4 %, so 0.934.", told("acc", 0.934, cell=2))
    assert code == f'acc = f()\nclaim("acc", acc, format=".3f"){CHECK}'
    assert text == 'It is {{ acc }}, or {{ acc | format(".1%") }}, so {{ acc }}.'


def test_percent_points_leave_the_sign_in_the_text():
    code, text = edited("pct = f()", "It is 93.4 % here.", told("pct", 93.4, cell=2))
    assert 'claim("pct", pct, format=".1f")' in code
    assert text == "It is {{ pct }} % here."


def test_a_number_in_a_table_is_bound_in_its_cell():
    _, text = edited("acc = f()", "| a | b |\n|---|---|\n| 0.934 | 93.4 % |", told("acc", 0.934, cell=2))
    assert text.splitlines()[2] == '| {{ acc }} | {{ acc | format(".1%") }} |'


def test_names_are_valid_and_single():
    assert edits.claim_name("value", "", set()) == "the_value"
    assert edits.claim_name("n", "", set()) == "the_n"
    assert edits.claim_name("x", "mean error", set()) == "mean_error"
    assert edits.claim_name("acc", "", {"acc", "acc_2"}) == "acc_3"
    assert edits.claim_name("df.loc['2020', 'sales']", "", set()) == "df_2020_sales"
    assert edits.claim_name("df['日本']", "", set()) == "df"
    assert len(edits.claim_name("x" * 90, "", set())) == 40
    _, text = edited("acc = f()", "It is 0.934.", told("acc", 0.934, cell=2), names={"acc"})
    assert text == "It is {{ acc_2 }}."


def test_imports_stand_after_what_must_come_first_and_only_once():
    cells = draft_with(
        ("code", "%%html\n<b>x</b>"),
        ("code", "#| echo: false\nfrom __future__ import annotations\nimport x\nacc = f()"),
        ("text", "It is 0.934."),
    ).cells
    [proposal] = NumberMatcher(cells, [told("acc", 0.934, cell=2)]).propose_claims()
    made = edits.write_proposals(cells, [AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0])], [], ())
    assert made.cells[1].source.splitlines()[:4] == [
        "#| echo: false",
        "from __future__ import annotations",
        "from labnotes import claim",
        "import x",
    ]
    again = draft_with(("code", "from labnotes import claim\nacc = f()"), ("text", "It is 0.934.")).cells
    [proposal] = NumberMatcher(again, [told("acc", 0.934)]).propose_claims()
    made = edits.write_proposals(again, [AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0])], [], ())
    assert made.cells[0].source.count("import claim") == 1


def test_what_stands_twice_in_a_cell_cannot_be_named():
    code, text = edited("print(f(x)); print(f(x))", "It is 0.934.", told("f(x)", 0.934, PRINTED, 2))
    assert (code, text) == ("print(f(x)); print(f(x))", "It is 0.934.")


def figure(expression, cell=2):
    return ObjectProposal(kind="figure", cell=cell, expression=expression, label="a", caption="C.", alt="A.")


@pytest.mark.parametrize(
    ("code", "expression", "expected"),
    [
        ("plt.plot(x)\nplt.show()", "plt.gcf()", "plt.plot(x)\nCALL\nplt.show()"),
        ("fig, ax = plt.subplots()\nax.plot(x)", "fig", "fig, ax = plt.subplots()\nax.plot(x)\nCALL"),
        ("fig, ax = plt.subplots()\nfig", "fig", "fig, ax = plt.subplots()\nCALL"),
    ],
)
def test_a_picture_becomes_a_figure_before_it_is_shown(code, expression, expected):
    made, _ = edited(code, "Words.", objects=[figure(expression)])
    assert made == expected.replace("CALL", f'figure({expression}, "a", caption="C.", alt="A."){CHECK}')


def test_a_data_frame_at_the_end_becomes_a_table():
    proposal = ObjectProposal(kind="table", cell=2, expression="df.round(2)", label="a", caption='The "rows".')
    made, _ = edited("df = f()\ndf.round(2)", "Words.", objects=[proposal])
    assert made == f'df = f()\ntable(df.round(2), "a", caption="The \\"rows\\"."){CHECK}'
