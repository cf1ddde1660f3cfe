"""Edits of functions: what each operator writes, that errors change what a function does and benign edits do not, and rules that all edits keep."""

import ast
import collections
import copy
import difflib
import functools
import heapq
import random
import statistics
import textwrap
from collections import Counter

import pytest

from smallmodels.verifier.mutations import (
    BENIGN_OPERATORS,
    ERROR_OPERATORS,
    OPERATORS,
    Edit,
    benign,
    canonical,
    composite,
    errors,
    sample,
)

# operator, canonical source, what it turns into what (all its edits, in order), inputs
ERRORS = [
    ("negcond", "def f(x):\n    if x:\n        return 1\n    return 2", [("if x", "if not x")], [(0,)]),
    ("negcond", "def f(x):\n    return [y for y in x if y > 1]", [("y > 1", "y <= 1")], [([1, 2],)]),
    ("compare", "def f(x):\n    return x < 3", [("<", "<="), ("<", ">")], [(3,), (4,)]),
    ("compare", "def f(x, y):\n    return 0 < x == y", [("<", "<="), ("<", ">"), ("==", "!=")], [(0, 0), (1, 1)]),
    ("dropnot", "def f(x):\n    return not x", [("not x", "x")], [(0,)]),
    ("bool", "def f(x, y):\n    return x and y", [("and", "or")], [(0, 1)]),
    ("arith", "def f(x, y):\n    return x * y", [("*", "//"), ("*", "+")], [(3, 4)]),
    ("arith", "def f(x):\n    x -= 2\n    return x", [("-=", "+=")], [(3,)]),
    ("arith", "def f(x):\n    return '%s' % x + 'a'", [], []),
    ("offby1", "def f(x):\n    return len(x)", [("len(x)", "len(x) + 1"), ("len(x)", "len(x) - 1")], [("ab",)]),
    ("offby1", "def f(x):\n    return x + 1", [("x + 1", "x")], [(1,)]),
    ("offby1", "def f(x, i):\n    return x[i:]", [("i:]", "i + 1:]"), ("i:]", "i - 1:]")], [("abcd", 2)]),
    ("const", "def f(x):\n    return x + 1", [("1", "0"), ("1", "2"), ("1", "-1")], [(1,)]),
    ("const", "def f(x):\n    return x * 5", [("5", "6"), ("5", "-5")], [(1,)]),
    ("const", "def f(x):\n    return x == True", [("True", "False")], [(1,)]),
    ("const", "def f(x):\n    return ''.join(x)", [("''", "' '")], [("ab",)]),
    ("const", "def f(x):\n    return f'{x} '", [], []),
    ("var", "def f(a, b, c):\n    return a", [("return a", "return c"), ("return a", "return b")], [(1, 2, 3)]),
    ("var", "def f(a):\n    return [b for b in a]", [("[b", "[a")], [("xy",)]),
    ("var", "def f(a, b):\n    return a[b[0]]", [("a[b", "b[b"), ("b[0]", "a[0]")], [([1, 2, 3], [2, 0, 1])]),
    ("var", "def f(a, b):\n    return a.real", [], []),
    ("swapargs", "def f(x, y):\n    return divmod(x, y)", [("divmod(x, y)", "divmod(y, x)")], [(7, 2)]),
    ("swapargs", "def f(x):\n    return isinstance(x, int)", [], []),
    ("dropstmt", "def f(x):\n    x = x + 2\n    return x", [("    x = x + 2\n", "")], [(1,)]),
    ("dropstmt", "def f(x):\n    x.append(1)", [("x.append(1)", "pass")], [([],)]),
    ("dropstmt", "def f(x):\n    if x:\n        y = 1\n    else:\n        y = 2\n    return y", [("y = 1", "pass"), ("    else:\n        y = 2\n", "")], [(0,), (1,)]),
    ("dropstmt", "def f(x):\n    y = x + 2\n    return y", [], []),  # y would be missing
    ("callname", "def f(x):\n    return min(x)", [("min", "max")], [([1, 2],)]),
    ("callname", "def f(x):\n    return x.find('a')", [("find", "rfind"), ("find", "index")], [("ab ba",), ("b",)]),
    ("callname", "def f(x, min):\n    return min(x)", [], []),
    ("breakcont", "def f(x):\n    for y in x:\n        if y:\n            break\n    return y", [("break", "continue")], [([1, 0],)]),
    ("index", "def f(x):\n    return x[0]", [("[0]", "[-1]")], [("ab",)]),
    ("index", "def f(x):\n    return x[-1]", [("[-1]", "[0]")], [("ab",)]),
    ("index", "def f(x):\n    return x[1:]", [("[1:]", "[:]"), ("[1:]", "[:1]")], [("abc",)]),
    ("index", "def f(x):\n    return x[1:3]", [("[1:3]", "[:3]"), ("[1:3]", "[1:]")], [("abcd",)]),
    ("returns", "def f(x):\n    if x:\n        return 1\n    return 2", [("return 1", "return None"), ("return 1", "pass"), ("return 2", "return None")], [(0,), (1,)]),
    ("returns", "def f(x):\n    return None", [], []),
    ("exception", "def f(x):\n    if x:\n        raise ValueError('no')", [("raise ValueError('no')", "pass"), ("Value", "Type"), ("Value", "OS")], [(1,)]),
    ("exception", "def f(x, y):\n    try:\n        return x[y]\n    except IndexError:\n        return 0", [("Index", "Key"), ("IndexError", "StopIteration")], [("a", 1)]),
    ("addstmt", "def f(x):\n    x.append(1)", [("x.append(1)", "x.append(1)\n    x.append(1)")], [([],)]),
    ("addstmt", "def f(x):\n    x += 1\n    return x", [("x += 1", "x += 1\n    x += 1")], [(1,)]),
    ("addstmt", "def f(x):\n    x.sort()", [], []),  # twice is the same
    ("dropkw", "def f(x):\n    return sorted(x, key=len, reverse=True)", [("key=len, ", ""), (", reverse=True", "")], [(["b", "aa"],)]),
    ("dropkw", "def f(**x):\n    return dict(**x)", [], []),
]  # fmt: skip

IF_ELSE = "def f(x):\n    if x:\n        y = 1\n    else:\n        y = 2\n    return y"
LOOP = "def f(x):\n    y = []\n    for a in x:\n        if a:\n            y.append(a * 2)\n    return y"
BENIGN = [
    ("rename", "def f(x):\n    n = x\n    return n", [("n = x\n    return n", "count = x\n    return count")], [(1,)]),
    ("rename", "def f(x):\n    a = x\n    return (lambda a: a)(a)", [], []),  # the other a is an argument
    ("rename", "def f(x):\n    y = x\n    return locals()", [], []),
    ("extract", "def f(x):\n    return x + 1", [("return x + 1", "result = x + 1\n    return result")], [(1,)]),
    ("extract", "def f(x):\n    y = x + 1\n    return y", [("y = x + 1\n    return y", "return x + 1")], [(1,)]),
    ("extract", "def f(x):\n    if x > 1:\n        x.append(len(x[1:]))", [("if x > 1", "condition = x > 1\n    if condition"), ("x.append(len(x[1:]))", "argument = len(x[1:])\n        x.append(argument)")], [([1, 2],)]),
    ("invert", IF_ELSE, [("if x:\n        y = 1\n    else:\n        y = 2", "if not x:\n        y = 2\n    else:\n        y = 1")], [(0,), (1,)]),
    ("invert", "def f(x):\n    return 1 if x is None else 2", [("1 if x is None else 2", "2 if x is not None else 1")], [(0,), (None,)]),
    ("flip", "def f(x):\n    return x < 3", [("x < 3", "3 > x")], [(2,), (3,), (4,)]),
    ("flip", "def f(x):\n    return next(x) < next(x)", [], []),  # the order of the calls matters
    ("elsedrop", "def f(x):\n    if x:\n        return 1\n    else:\n        return 2", [("    else:\n        return 2", "    return 2")], [(0,), (1,)]),
    ("elsedrop", "def f(x):\n    if x:\n        return 1\n    elif x is None:\n        return 2", [("elif", "if")], [(0,), (1,), (None,)]),
    ("elsedrop", IF_ELSE, [], []),
    ("plus1", "def f(x):\n    return x + 1", [("x + 1", "1 + x")], [(1,)]),
    ("plus1", "def f(x):\n    return list(range(x))", [("range(x)", "range(0, x)")], [(3,)]),
    ("plus1", "def f(x):\n    return x[:2] + x[0:] + x[:2:-1]", [("[:2]", "[0:2]"), ("[0:]", "[:]")], [("abcde",)]),
    ("augment", "def f(x):\n    x -= 1 + 2\n    return x", [("x -= 1 + 2", "x = x - (1 + 2)")], [(1,)]),
    ("augment", "def f(x):\n    x = x * 2\n    return x", [("x = x * 2", "x *= 2")], [(3,)]),
    ("ternary", "def f(x):\n    return 1 if x else 2", [("return 1 if x else 2", "if x:\n        return 1\n    else:\n        return 2")], [(0,), (1,)]),
    ("ternary", IF_ELSE, [("if x:\n        y = 1\n    else:\n        y = 2", "y = 1 if x else 2")], [(0,), (1,)]),
    ("comprehension", "def f(x):\n    y = [a * 2 for a in x if a]\n    return y", [(" = [a * 2 for a in x if a]", " = []\n    for a in x:\n        if a:\n            y.append(a * 2)")], [([0, 1],)]),
    ("comprehension", LOOP, [(" = []\n    for a in x:\n        if a:\n            y.append(a * 2)", " = [a * 2 for a in x if a]")], [([0, 1],)]),
    ("comprehension", LOOP.replace("return y", "return (y, a)"), [], []),  # a is read after the loop
    ("comprehension", LOOP.replace("a * 2", "len(y)"), [], []),
    ("message", "def f(x):\n    raise ValueError('no such key', x)", [("'no", "'No")], [(1,)]),
    ("message", "def f(x):\n    raise ValueError(f'No {x}')", [("No", "no")], [(1,)]),
    ("reorder", "def f(x):\n    a = 1\n    b = x\n    return (a, b)", [("a = 1\n    b = x", "b = x\n    a = 1")], [(2,)]),
    ("reorder", "def f(x):\n    a = 1\n    b = a\n    return (a, b)", [], []),
    ("droppable", "def f(x):\n    pass\n    if x:\n        x.append(1)\n        return None", [("    pass\n", ""), ("\n        return None", "")], [([],), ([1],)]),
    ("droppable", "def f(x):\n    x = x\n    y = 1\n    x = 3\n    x = 3\n    return x", [("    x = x\n", ""), ("    y = 1\n", ""), ("    x = 3\n", "")], [(2,)]),
    ("droppable", "def f(x):\n    for y in x:\n        if y:\n            x[0] = 5\n        else:\n            continue", [("\n        else:\n            continue", "")], [([0, 1],)]),
    ("insertable", "def f(x):\n    y = 1", [("y = 1", "y = 1\n    return None"), ("y = 1", "y = 1\n    y = y"), ("y = 1", "y = 1\n    previous = y"), ("y = 1", "y = 1\n    y = 1")], [(1,)]),
    ("insertable", "def f(x):\n    for y in x:\n        x[0] = y\n    return x", [("= y", "= y\n        continue")], [([1, 2],)]),
    ("demorgan", "def f(x, y):\n    return not (x and y > 1)", [("not (x and y > 1)", "not x or y <= 1")], [(0, 1), (1, 1), (1, 2)]),
    ("demorgan", "def f(x, y):\n    return not x or not y", [("not x or not y", "not (x and y)")], [(0, 1), (1, 1), (1, 0)]),
    ("demorgan", "def f(x, y):\n    return x and y", [], []),  # the value would become a bool
    ("notnot", "def f(x):\n    return 1 if x else 2", [("if x", "if not not x")], [(0,), (1,)]),
    ("len", "def f(x):\n    return len(x) == 0", [("== 0", "< 1")], [("",), ("a",)]),
    ("len", "def f(x):\n    return len(x) > 1", [("> 1", ">= 2")], [("a",), ("ab",)]),
    ("chain", "def f(x):\n    return 0 < x and x < 5", [("0 < x and x < 5", "0 < x < 5")], [(0,), (1,), (5,)]),
    ("chain", "def f(x, y):\n    return 0 < x <= 5 and y", [("0 < x <= 5", "0 < x and x <= 5")], [(0, 1), (5, 1), (6, 1)]),
    ("chain", "def f(x):\n    return 0 < next(x) < 5", [], []),
    ("literal", "def f(x):\n    return [x, [], {}, dict()]", [("[]", "list()"), ("{}", "dict()"), ("dict()", "{}")], [(1,)]),
    ("literal", "def f(list):\n    return []", [], []),
]  # fmt: skip


def case_ids(cases):
    seen = Counter()
    for operator, *_ in cases:
        seen[operator] += 1
        yield f"{operator}-{seen[operator]}"


def expected_sources(source, changes):
    for old, _ in changes:
        assert old in source
    return [source.replace(old, new, 1) for old, new in changes]


def call_outcome(source, arguments):
    """Return what a call gives, or the type of its error, and its arguments as the call left them."""
    names = {}
    exec(compile(source, "f", "exec"), names)
    arguments = copy.deepcopy(arguments)
    try:
        result = names["f"](*arguments)
    except Exception as error:
        return type(error), arguments
    return result, arguments


@pytest.mark.parametrize(("operator", "source", "changes", "inputs"), ERRORS, ids=case_ids(ERRORS))
def test_an_error_operator_writes_what_it_says_and_each_of_its_edits_is_an_error(operator, source, changes, inputs):
    assert canonical(source) == source
    written = [e.source for e in errors(source) if e.operator == operator]
    assert written == [e for e in expected_sources(source, changes) if e in written]
    # an edit that another operator makes as well is listed once
    assert {e.source for e in errors(source)} >= set(expected_sources(source, changes))
    assert written or not changes
    for edited in written:
        assert any(call_outcome(source, i) != call_outcome(edited, i) for i in inputs), edited


@pytest.mark.parametrize(("operator", "source", "changes", "inputs"), BENIGN, ids=case_ids(BENIGN))
def test_a_benign_operator_writes_what_it_says_and_keeps_behaviour(operator, source, changes, inputs):
    assert canonical(source) == source
    written = [e.source for e in benign(source) if e.operator == operator]
    assert written == expected_sources(source, changes)
    for edited in written:
        for arguments in inputs:
            assert call_outcome(source, arguments) == call_outcome(edited, arguments)


def test_every_operator_has_a_case_and_a_description():
    for cases, operators in ((ERRORS, ERROR_OPERATORS), (BENIGN, BENIGN_OPERATORS)):
        assert {operator for operator, _, changes, _ in cases if changes} == set(operators)
    assert len(OPERATORS) == len(ERROR_OPERATORS) + len(BENIGN_OPERATORS)  # no name twice
    assert all(description and "\n" not in description for description in OPERATORS.values())


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        (
            'def f(x: int = 1, *y: str) -> int:\n    """Doc."""\n    z: int = x  # why\n    return z',
            "def f(x=1, *y):\n    z = x\n    return z",
        ),
        ('@cache\ndef f():\n    """Only this."""', "def f():\n    pass"),
        ("    def f(self):\n        x: int\n        return '''a\n  b'''\n", "def f(self):\n    return 'a\\n  b'"),
        ("async def f(x):\n    if x:\n        'why'\n    await x", "async def f(x):\n    if x:\n        pass\n    await x"),
        ("def f():\n    class A:\n        x: int = 1\n    return A", "def f():\n\n    class A:\n        x: int = 1\n    return A"),
        (
            "def f():\n    @g\n    def h(x: int) -> int:\n        'doc'\n    return h",
            "def f():\n\n    @g\n    def h(x):\n        pass\n    return h",
        ),
    ],
    ids=["annotations", "docstring only", "indented", "async", "class", "nested"],
)
def test_canonical(source, bare):
    assert canonical(source) == bare


@pytest.mark.parametrize("source", ["x = 1", "def f(): pass\ndef g(): pass", "class A: pass", ""])
def test_canonical_refuses_what_is_not_one_function(source):
    with pytest.raises(ValueError, match="expected the source of one function"):
        canonical(source)


AWKWARD = [
    "async def f(x):\n    async for y in x:\n        z = y\n        yield z",
    "def f(x):\n    if x == 1:\n        y = 1\n    elif x == 2:\n        y = x if x else 2\n    else:\n        y = 3\n        if x:\n            y = 4\n    return y",
    "def f(x):\n    y = 0\n\n    def g(a, b=y + 1):\n        nonlocal y\n        y = 1\n        y += a\n    g(x, b=2)\n    return y",
    "def f(x):\n    match x:\n        case [0, *y] | [1, *y] if len(y) > 1:\n            return y\n        case {'a': 1, **z} if z:\n            return z\n    return [x]",
    "def f(x):\n    try:\n        y = x[0]\n    except (KeyError, IndexError):\n        pass\n    else:\n        if 1 < y and y < 3:\n            y = 4\n    finally:\n        x.append(1)\n    return f'{y:>{len(x)}}{y!r}\\n'",
    "def f(x):\n\n    class A:\n        a: int = 1\n        b = a + 1\n\n        def g(self, y=1):\n            z = self.a + y\n            return z\n    return A",
    "def f(x):\n    y = [(lambda a, b=1: a + b + x)(c) for c in x if c not in (1, -1)]\n    while (z := y.pop()) and (not z > 3):\n        continue\n    return {k: v for k, v in zip(y, y[1:])}",
]


@functools.cache
def real_functions():
    """Functions of five modules of the standard library, each once, and some with awkward syntax."""
    functions = dict.fromkeys(AWKWARD)
    for module in (statistics, textwrap, difflib, heapq, collections):
        with open(module.__file__, encoding="utf-8") as file:
            text = file.read()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                source = canonical(ast.get_source_segment(text, node, padded=True))
                if not any(isinstance(n, ast.Nonlocal) for n in ast.parse(source).body[0].body):  # does not compile on its own
                    functions[source] = None
    return list(functions)


@functools.cache
def edits_of_corpus():
    return [(source, errors(source), benign(source)) for source in real_functions()]


@pytest.mark.slow
def test_edits_of_real_functions_compile_are_canonical_and_keep_the_signature():
    # measured: 5 s, with up to 6 edits of each kind and function; all 129 000 edits of 3 200 functions take minutes
    checked = 0
    for source, *kinds in edits_of_corpus():
        before = source.split("\n")
        for edit in (e for kind in kinds for e in (kind if source in AWKWARD else sample(kind, 6, random.Random(0)))):
            compile(edit.source, "edit", "exec")
            assert canonical(edit.source) == edit.source
            after = edit.source.split("\n")
            assert after[0] == before[0]
            same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
            # an else goes along with its last statement, or becomes an elif
            assert 1 <= edit.line <= same + 1 or before[same].strip() == "else:", edit
            checked += 1
    assert checked > 2500


@pytest.mark.slow  # 4 s
def test_no_edit_comes_twice_or_changes_nothing_and_all_are_in_order():
    seen = set()
    for source, *kinds in edits_of_corpus():
        for edits in kinds:
            seen |= {e.operator for e in edits}
            sources = [e.source for e in edits]
            assert len(set(sources)) == len(sources)
            assert source not in sources
            assert [e.line for e in edits] == sorted(e.line for e in edits)
    assert seen == set(OPERATORS)


def test_edits_depend_on_the_source_alone():
    for source, wrong, kept in edits_of_corpus()[:40]:
        assert errors(source) == wrong
        assert benign(source) == kept


def test_lines_limit_edits_and_lose_none():
    for source, wrong, kept in edits_of_corpus()[:60]:
        count = source.count("\n") + 1
        odd, even = set(range(1, count + 1, 2)), set(range(2, count + 1, 2))
        for edits, whole in ((errors, wrong), (benign, kept)):
            some, others = edits(source, odd), edits(source, even)
            assert {e.line for e in some} <= odd
            assert {e.line for e in others} <= even
            # the two halves may both write a source that the whole lists once
            assert {e.source for e in some} | {e.source for e in others} == {e.source for e in whole}
            assert edits(source, []) == []


def test_nested_functions_and_comprehensions_are_edited_in_their_bodies_only():
    source = "def f(x, y=1 + 1):\n\n    @h(9)\n    def g(a=2 + 2):\n        return a + 3\n    return g(5) + (lambda b=6: b + 7)()"
    written = {e.source for e in errors(source) if e.operator == "const"}
    assert written == {source.replace(old, new) for old, new in (("3", "4"), ("3", "-3"), ("5", "6"), ("5", "-5"), ("7", "8"), ("7", "-7"))}


def made_up(counts):
    return [Edit(operator, line, f"{operator} {line} {i}") for operator, lines in counts.items() for i, line in enumerate(lines)]


def test_a_sample_takes_operators_in_turn():
    edits = made_up({"var": [1] * 50, "const": [2] * 20, "bool": [3]})
    for seed in range(20):
        first = sample(edits, 3, random.Random(seed))
        assert {e.operator for e in first} == {"var", "const", "bool"}
        assert Counter(e.operator for e in sample(edits, 7, random.Random(seed))) == {"var": 3, "const": 3, "bool": 1}


def test_a_sample_spreads_over_lines():
    edits = made_up({"var": [1] * 30 + [2, 3, 4]})
    for seed in range(20):
        assert {e.line for e in sample(edits, 4, random.Random(seed))} == {1, 2, 3, 4}


def test_a_sample_is_random_repeatable_and_without_repetition():
    edits = made_up({"var": range(9), "const": range(9)})
    drawn = [tuple(sample(edits, 5, random.Random(seed))) for seed in range(20)]
    assert len(set(drawn)) > 15
    assert drawn == [tuple(sample(edits, 5, random.Random(seed))) for seed in range(20)]
    assert sorted(sample(edits, 99, random.Random(0)), key=str) == sorted(edits, key=str)
    assert sample(edits, 0, random.Random(0)) == sample([], 3, random.Random(0)) == []


def test_a_composite_is_a_benign_edit_of_an_error():
    source = "def f(x):\n    n = len(x)\n    if n > 2:\n        n = n - 1\n        return n\n    return 0"
    both = {b.source for e in errors(source) for b in benign(e.source)}
    made = [composite(source, None, random.Random(seed)) for seed in range(30)]
    assert made == [composite(source, None, random.Random(seed)) for seed in range(30)]
    assert len({m.source for m in made}) > 20
    for edit in made:
        assert edit.operator == "error+benign"
        assert edit.source in both - {source}
        compile(edit.source, "edit", "exec")


@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_composite_stays_on_its_lines_also_where_the_error_moves_them(line):
    source = "def f(x, y):\n    x.append(1 + len(y))\n    x.append(2 + len(y))\n    x.append(3 + len(y))\n    x.sort()"
    before = source.split("\n")
    grown = Counter()
    for seed in range(60):
        edit = composite(source, {line}, random.Random(seed))
        if edit is None:
            continue  # nothing is left on the line that the error took away
        after = edit.source.split("\n")
        assert edit.line == line
        assert after[: line - 1] == before[: line - 1]
        assert after[line - len(before) :] == before[line:]
        grown[len(after) - len(before)] += 1
    assert len(grown) > 1


def test_a_composite_does_not_undo_its_error():
    source = "def f(x):\n    return x[0:2]"
    assert source in {b.source for e in errors(source) for b in benign(e.source)}  # x[:2] is spelled out as x[0:2]
    assert source not in {composite(source, None, random.Random(seed)).source for seed in range(300)}


def test_a_composite_of_nothing_is_none():
    assert composite("def f():\n    pass", None, random.Random(0)) is None
