"""Descriptions of values: equal for equal ones, and never by asking the value itself."""

import collections
import dataclasses
import datetime
import decimal
import fractions
import itertools
import os
import re
import subprocess
import sys

import pytest

from smallmodels.verifier.values import NODES, described, digest, is_small


class PlainObject:
    def __init__(self, **held):
        self.__dict__.update(held)


class SlottedObject:
    __slots__ = ("__private", "x", "y")

    def __init__(self, x):
        self.x, self.__private = x, -x


class LyingObject(PlainObject):
    __class__ = int

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __repr__(self):
        return "1"


class LyingInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__

    def __repr__(self):
        return "1"


class LyingList(list):
    def __iter__(self):
        return iter([1])

    def __len__(self):
        return 1

    def __repr__(self):
        return "[1]"


@dataclasses.dataclass
class DataRecord:
    x: int
    y: object = None


def count_up(n):
    yield from range(n)


SELF = [1]
SELF.append(SELF)
OTHER_SELF = [1]
OTHER_SELF.append(OTHER_SELF)
PAIR = (1, [2])
DAY = datetime.date(2020, 1, 1)

EQUAL = [
    (1.5, 1.5),
    ([1, "a", (2, {3})], [1, "a", (2, {3})]),
    ({"b", "a", "c"}, {"c", "b", "a"}),
    (frozenset("abc"), frozenset("cab")),
    ({"a": 1, "b": 2}, {"a": 1, "b": 2}),
    (PlainObject(x=1, y=[2]), PlainObject(y=[2], x=1)),
    (SlottedObject(3), SlottedObject(3)),
    (DataRecord(1, DataRecord(2)), DataRecord(1, DataRecord(2))),
    (count_up(3), count_up(3)),
    (iter([1, 2]), iter([1, 2])),
    (map(str, [1]), map(str, [1])),
    (itertools.count(), itertools.count()),
    (SELF, OTHER_SELF),
    (ValueError("x", 1), ValueError("x", 1)),
    (object(), object()),
    (decimal.Decimal("1.10"), decimal.Decimal("1.10")),
    (collections.OrderedDict(a=1), collections.OrderedDict(a=1)),
    ([PAIR[:1], PAIR[:1]], [(1,), (1,)]),  # whether a tuple is one object or two is nobody's business
    ([(1, 2)] * 2, [tuple([1, 2]), tuple([1, 2])]),
    ([DAY, DAY], [DAY, datetime.date(2020, 1, 1)]),
    ([fractions.Fraction(1, 3)] * 2, [fractions.Fraction(1, 3), fractions.Fraction(1, 3)]),
]
SHARED = [1]
DIFFERENT = [
    (1, 2),
    (1, True),
    (1, 1.0),
    (0.0, -0.0),
    ("1", 1),
    ("a", b"a"),
    (b"a", bytearray(b"a")),
    ([1], (1,)),
    ({1}, frozenset({1})),
    ([1, 2], [2, 1]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a": 1}, collections.OrderedDict(a=1)),
    (collections.deque([1]), [1]),
    (PlainObject(x=1), PlainObject(x=2)),
    (PlainObject(x=1), DataRecord(1)),
    (SlottedObject(3), SlottedObject(4)),
    (count_up(3), count_up(4)),
    (count_up(3), [0, 1, 2]),
    (iter([1]), iter((1,))),
    (1, LyingObject()),
    (LyingObject(x=1), LyingObject(x=2)),
    (1, LyingInt(1)),
    (LyingInt(1), LyingInt(2)),
    ([1], LyingList([1])),
    (LyingList([1, 2]), LyingList([1, 3])),
    (LyingList([1]), LyingList([1, 1])),
    (ValueError("x"), ValueError("y")),
    (ValueError("x"), TypeError("x")),
    (int, str),
    (len, max),
    ([SHARED, SHARED], [[1], [1]]),  # changing one item changes the other
    ("a" * 20_000 + "b", "a" * 20_000 + "c"),
    (LyingInt(10**4000), LyingInt(10**4000 + 1)),
    (10**20_000, 10**20_000 + 1),
    (decimal.Decimal("1.1"), decimal.Decimal("1.10")),
    (range(3), range(4)),
    (None, ...),
]


@pytest.mark.parametrize(("first", "second"), EQUAL, ids=[str(i) for i in range(len(EQUAL))])
def test_equal_values_are_described_alike(first, second):
    assert described(first) == described(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT, ids=[str(i) for i in range(len(DIFFERENT))])
def test_different_values_are_described_differently(first, second):
    assert described(first) != described(second)


def test_a_description_holds_no_address():
    assert not re.search("0x[0-9a-f]", described([PlainObject(x=object()), lambda: 1, PlainObject().__init__, len]))


def test_an_error_while_looking_is_the_error_of_the_value():
    def raise_late():
        yield 1
        raise KeyError("late")

    with pytest.raises(KeyError, match="late"):
        described([raise_late()])


def test_large_values_end():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    wide = [[[0] * 50 for _ in range(50)] for _ in range(50)]
    assert len(described(deep)) < 1000
    assert len(described(wide)) < 10_000_000
    assert described(list(range(100))) == described([*range(60), *range(100, 140)])  # as far as one looks
    assert described(list(range(100))) != described(list(range(101)))


def test_what_is_small():
    assert is_small([1] * 100)
    assert not is_small([1] * (NODES + 1))
    assert not is_small({"a": [PlainObject(x=list(range(NODES)))]})
    assert is_small([list(range(100))] * 100)  # each object once
    assert is_small({1: SELF, 2: lambda: 1, 3: PlainObject})


def test_an_iterator_is_as_large_as_what_it_goes_through():
    large = list(range(NODES + 1))
    assert is_small([iter([1, 2]), map(str, iter([1])), itertools.count(), zip([1], [2], strict=True), iter(range(10**9)), count_up(3)])
    for iterator in (
        iter(large),
        map(str, large),
        zip([1], large, strict=False),
        enumerate(large),
        itertools.chain([1], large),
        reversed(large),
    ):
        assert not is_small([iterator])


def test_a_digest_is_of_the_whole_text():
    assert digest("a") == "ca978112ca1b"
    assert digest("a\ud800") != digest("a")


def test_descriptions_do_not_depend_on_the_hash_seed():
    code = "from smallmodels.verifier.values import described; print(described([{'a','b','c','d'}, frozenset({('x',), ('y',), 'z'})]))"
    said = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
