"""Properties that hold for any input: digests, comparisons, bindings, and the readers of files, which answer anything with a message."""

import ast
import io
import json
import math
import os
import re
import string
import tokenize
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labnotes.compare.claims import compare_claims
from labnotes.compare.figures import compare_figures
from labnotes.compare.tables import compare_tables
from labnotes.errors import LabNotesError
from labnotes.model import encoding
from labnotes.model.claims import Claim
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.observation import CellOutputs, FigurePicture, Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.model.tables import Column, Table, TableData
from labnotes.model.verdicts import Verdict
from labnotes.site.stage import prose_html, sanitising
from labnotes.site.stage.prose_html import CellContext, ProseParts
from labnotes.source import bibliography, bindings, code_digest, markdown_checks, markdown_reader, notebooks, notes, prose_facts
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell
from labnotes.store import check_log, folders, records

quick = settings(  # as many examples as the profile says: tests/conftest.py
    deadline=None,
    derandomize=not os.environ.get("LABNOTES_TEST_ANEW"),  # no change fails by luck; every week others are drawn
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# -- digests of code -----------------------------------------------------------------------------------------------------------------------

SAMPLE = '''
import functools
from collections.abc import Iterable
from labnotes import claim, figure

@functools.cache
@retry(3, on=ValueError)
class Model(Base, metaclass=Meta):
    """A docstring."""
    width: int = 8

    @property
    async def rate(self, n, /, m=2, *rest, key: int = 3, **more) -> float:
        """Another."""
        total: float = 0.0
        for i, (a, b) in enumerate(zip(n, rest)):
            if a < b <= m and not i % 2:
                total += a ** 2 @ b
            elif a is None or b in more:
                continue
            else:
                break
        else:
            total = -total
        async with self.lock as held, other:
            await held.wait()
        while total > 1:
            total //= 2
        try:
            yield total
        except (ValueError, TypeError) as error:
            raise RuntimeError("no") from error
        except* OSError:
            pass
        finally:
            del total
        return f"{total!r:>{m}} of {n[1:2, ::3]}"

def choose(x):
    global seen
    match x:
        case {"a": 1, **others} if others:
            return [y for y in x if y], {*x}, {k: v async for k, v in x.items()}
        case Point(0, y=z) | [1, *_]:
            return lambda q, *, r=1: q if r else x[0].name
        case None:
            assert x, "never"
            nonlocal_ = (yield from x)
    return (n := 10), 1_000, 0x10, b"bytes", 1j, ..., True

claim("rate", Model.rate, because="a reason", format=".2f", tolerance=0.01)
figure(fig, "f", caption="words", alt="more words")
'''.replace("        except* OSError:\n            pass\n", "")

ONLY_WORDS = {"'A docstring.'", "'Another.'", "'a reason'", "'words'", "'more words'"}
"""Constants of the sample that no run depends on."""

FOLLOWS = {"ctx", "type_comment", "kind", "simple", "conversion", "lineno", "end_lineno", "col_offset", "end_col_offset"}
"""Fields of syntax that follow from others, or say where a node stands; `conversion` is tried by hand below."""


def change_field(node, field):
    """Whether a field of a node was made another: a name, a constant, an operator, the first of several parts left out."""
    value = getattr(node, field)
    if isinstance(node, ast.Constant) and repr(value) in ONLY_WORDS:
        return False
    if isinstance(value, str):
        setattr(node, field, value + "x")
    elif isinstance(node, ast.Constant):
        node.value = 77
    elif isinstance(value, ast.operator | ast.unaryop | ast.boolop):
        other = {ast.And: ast.Or, ast.Or: ast.And, ast.Not: ast.UAdd, ast.Mult: ast.Sub}.get(type(value), ast.Mult)
        setattr(node, field, other())
    elif isinstance(value, list) and value and not _is_words(value[0]):
        setattr(node, field, value[1:])
    else:
        return False
    return True


def _is_words(node):
    """A docstring, or an argument that only says something to the reader."""
    inner = node.value if isinstance(node, ast.Expr | ast.keyword) else None
    return isinstance(inner, ast.Constant) and repr(inner.value) in ONLY_WORDS


def sample_changes():
    """Every change of the sample at one place of its syntax tree, with the name of the place."""
    for index in range(len(list(ast.walk(ast.parse(SAMPLE))))):
        for field in list(ast.walk(ast.parse(SAMPLE)))[index]._fields:
            tree = ast.parse(SAMPLE)
            node = list(ast.walk(tree))[index]
            if field not in FOLLOWS and change_field(node, field):
                yield f"{type(node).__name__}.{field}", tree


def test_a_change_at_any_place_of_the_code_changes_its_digest():
    before = "".join(code_digest._canonical_parts(ast.parse(SAMPLE), code_digest.aliases_in([ast.parse(SAMPLE)])))
    tried, unseen = set(), []
    for what, tree in sample_changes():
        tried.add(what)
        if "".join(code_digest._canonical_parts(tree, code_digest.aliases_in([ast.parse(SAMPLE)]))) == before:
            unseen.append(what)
    assert {
        "ClassDef.decorator_list",
        "AsyncFunctionDef.decorator_list",
        "ClassDef.bases",
        "arguments.defaults",
        "arguments.kw_defaults",
    } <= tried
    assert len(tried) > 60
    assert unseen == []
    assert code_digest.python_digest("f'{x!r}'") != code_digest.python_digest("f'{x!s}'")
    assert code_digest.python_digest("x: int") != code_digest.python_digest("(x): int")


@quick
@given(st.data())
def test_comments_blank_lines_and_layout_change_no_digest(data):
    lines = []
    depth_of = _statement_ends(SAMPLE)
    for number, line in enumerate(SAMPLE.splitlines(), 1):
        lines.append(line)
        if depth_of.get(number) == 0 and data.draw(st.booleans()):
            lines[-1] += "  # " + data.draw(st.text(st.characters(exclude_categories=("C", "Z")), max_size=9))
            lines += [""] * data.draw(st.integers(0, 2))
    assert code_digest.python_digest("\n".join(lines)) == code_digest.python_digest(SAMPLE)


def _statement_ends(code):
    """Lines after which a comment may stand: those that end a statement, or begin a block."""
    ends = {}
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NEWLINE:
            ends[token.start[0]] = 0
    return ends


@quick
@given(st.text())
def test_any_text_has_a_digest(text):
    assert len(code_digest.python_digest(text.encode(errors="replace").decode())) == 64


# -- comparisons ---------------------------------------------------------------------------------------------------------------------------

numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)
sane = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@quick
@given(sane, sane, st.floats(1e-6, 1e3))
def test_a_number_is_judged_alike_in_both_directions_and_by_its_tolerance(then, now, allowed):
    recorded, observed = (Claim("x", value, 1, ".3f", tolerance=Tolerance(allowed, "measured")) for value in (then, now))
    there, back = compare_claims(recorded, observed), compare_claims(observed, recorded)
    assert there.verdict.is_failure == back.verdict.is_failure
    if abs(then - now) < 0.999 * allowed:
        assert there.verdict.is_agreement
    if abs(then - now) > 1.001 * allowed:
        assert there.verdict is Verdict.CHANGED
    assert compare_claims(recorded, recorded).verdict is Verdict.EXACT


arrays = st.lists(numbers, min_size=1, max_size=8)


def figure_of(ys, label="A", limits=None):
    axis = AxisData("x", "linear", limits, False, None)
    marks = tuple(Mark("line", f"{label}{i}", i, {"x": [float(k) for k in range(len(y))], "y": y}) for i, y in enumerate(ys))
    data = FigureData((AxesData("t", "plain", axis, replace(axis, label="y"), marks, ()),), (), ())
    return Figure("f", 1, "c", "a", decode_value(FigureData, json.loads(json.dumps(encode_value(data), allow_nan=False))))


@quick
@given(st.lists(arrays, min_size=1, max_size=4))
def test_a_figure_equals_itself_whatever_it_holds(ys):
    assert compare_figures(figure_of(ys), figure_of(ys)).verdict is Verdict.EXACT


@pytest.mark.parametrize(("low", "high"), [(-1.7e308, 1.5e308), (-1.7e308, 1.7e308)])
def test_a_range_beyond_the_largest_number_hides_no_change(low, high):
    assert compare_figures(figure_of([[low, 0.0, high]]), figure_of([[low, 1e308, high]])).verdict is Verdict.CHANGED
    assert compare_figures(figure_of([[low, 0.0, high]]), figure_of([[low, 0.0, high]])).verdict is Verdict.EXACT
    assert compare_figures(figure_of([[low, 0.0]]), figure_of([[high, 0.0]])).verdict is Verdict.CHANGED


@quick
@given(st.lists(st.lists(st.floats(-100, 100), min_size=3, max_size=8), min_size=1, max_size=3), st.data())
def test_one_point_that_moves_by_a_hundredth_of_the_range_is_seen(ys, data):
    line, point = data.draw(st.integers(0, len(ys) - 1)), data.draw(st.integers(0, 2))
    span = max(map(max, ys)) - min(map(min, ys))
    moved = [list(y) for y in ys]
    moved[line][point] += 0.01 * span if span > 1e-6 else 1.0
    assert compare_figures(figure_of(ys), figure_of(moved)).verdict is Verdict.CHANGED


@quick
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.data())
def test_a_table_with_one_other_cell_is_seen(values, data):
    made = Table("t", 1, "c", TableData((Column("n", "integer", tuple(values)),), len(values)))
    row = data.draw(st.integers(0, len(values) - 1))
    changed = tuple(value + (i == row) for i, value in enumerate(values))
    assert compare_tables(made, made).verdict is Verdict.EXACT
    assert compare_tables(made, replace(made, data=TableData((Column("n", "integer", changed),), len(values)))).verdict is Verdict.CHANGED


@quick
@given(numbers)
def test_any_number_is_read_back_as_it_was_written(number):
    read = encoding.decode_number(json.loads(json.dumps(encoding.encode_value(number), allow_nan=False)))
    assert (math.isnan(read) and math.isnan(number)) or read == number


# -- prose and its bindings ----------------------------------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        "{{ a }}",
        "{{ a.low }}",
        "{{",
        "}}",
        "{{ const('3', 'x') }}",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "    ",
        "$",
        "$$",
        "@fig:f",
        "[@k]",
        "<b>",
        "[^1]",
        "# h",
        "{#x}",
        "[t](u)",
        "![",
        "|",
        "5 %",
        "é",
        "\\",
    ]
)
texts = st.one_of(st.text(max_size=60), st.lists(st.one_of(pieces, st.text(string.printable, max_size=5)), max_size=12).map("".join))


@quick
@given(texts)
def test_pieces_of_prose_are_where_they_say(text):
    read = markdown_reader.normalised_text(text)
    pieces = prose_facts.text_facts(text).pieces
    assert [read[piece.start : piece.end] for piece in pieces] == [piece.text for piece in pieces]
    assert [read.count("\n", 0, piece.start) + 1 for piece in pieces] == [piece.line for piece in pieces]


@quick
@given(texts)
def test_any_prose_becomes_html_in_which_every_element_ends(text):
    parts = ProseParts(piece_html=lambda piece: "<i>x</i>", link_address=lambda link: link.target)
    made = prose_html.cell_html(text, parts, CellContext(addresses=["a"] * 99))
    assert not re.search('<script|<iframe|<style|\\bon[a-z]+="', made.lower()), made
    blocks = list(prose_html.page_blocks(made))
    assert all(block.html == sanitising.sanitised_prose(block.html) or block.level for block in blocks), blocks


@quick
@given(texts)
def test_any_prose_is_answered_with_problems_that_have_a_place(text):
    cells = [Cell("text", text, 1, 1, Path("note.md"))]
    names = bindings.KnownNames(claims=frozenset({"a"}), figures=frozenset({"f"}), tables=frozenset(), references=frozenset({"k"}))
    problems = bindings.binding_problems(prose_facts.text_facts(text), names, cells[0].line_place) + markdown_checks.markdown_problems(
        cells, Path(__file__).parent, Path(__file__).parent
    )
    for problem in problems:
        assert problem.where.startswith("note.md:"), problem
        assert 1 <= int(problem.where.split(":")[1]) <= text.count("\n") + 1, problem
        assert problem.what


# -- readers of files ------------------------------------------------------------------------------------------------------------------------


def read_or_told(read, *arguments):
    """What a reader of files returns; None where it answered with problems, each in words. Any other error is a fault of ours."""
    try:
        return read(*arguments)
    except LabNotesError as error:
        problems = error.problems
    assert problems
    assert all(problem.what for problem in problems)
    return None


def file_contents(pieces, join=""):
    """Contents of a file: any text, pieces of its grammar in any order, any bytes."""
    made = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=9).map(join.join), st.binary(max_size=60))
    return made.map(lambda text: text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "notes" / "a").mkdir(parents=True)
    (tmp_path / "notes" / "a" / "note.py").write_text("# %%\nprint(1)\n")
    (tmp_path / "notes" / "a" / "note.yml").write_text("title: A\ndate: 2026-11-21\nauthors: [Ada]\nsummary: S.\n")
    return Lab(tmp_path)


yaml_pieces = st.sampled_from(
    [
        "title: A",
        "title:",
        "- x",
        "authors: [Ada]",
        "authors: {a: 1}",
        "date: 2026-13-45",
        "&a",
        "*a",
        "!!python/object:os.system",
        "? x",
        ": y",
        "[",
        "{",
        "|",
        "'",
        '"',
        "\t",
        "\n",
        "inputs: [{package: x}]",
        "seed: 1e400",
        "timeout: -3",
        "updates: [3]",
        "<<: *b",
        "%YAML 9",
        "---",
        "...",
        "\u2028",
        "trained: [[]]",
    ]
)


@quick
@given(file_contents(yaml_pieces, "\n"))
def test_any_note_yml_is_settings_or_a_list_of_problems(lab, content):
    (lab.root / "notes" / "a" / "note.yml").write_bytes(content)
    note = read_or_told(notes.read_note, lab, "a")
    assert note is None or note.settings.title


source_pieces = st.sampled_from(
    [
        "# %%\n",
        "# %% [markdown]\n",
        "# text\n",
        "x = 1\n",
        "%%time\n",
        "!ls\n",
        "%matplotlib inline\n",
        "def f(:\n",
        "    y\n",
        "'''",
        "\x00",
        "```python\n",
        "```\n",
        "---\n",
        "jupyter:\n",
        "# ---\n",
        "{{ x }}\n",
        "é\n",
        "from labnotes import *\n",
        "claim('x', 1)\n",
        "claim(**y)\n",
    ]
)


@quick
@given(st.sampled_from([".py", ".md", ".ipynb"]), file_contents(source_pieces))
def test_any_source_is_a_note_or_a_list_of_problems(lab, suffix, content):
    folder = lab.root / "notes" / "a"
    for path in folder.glob("note.[pmi]*"):
        path.unlink()
    (folder / f"note{suffix}").write_bytes(content)
    note = read_or_told(notes.read_note, lab, "a")
    assert note is None or note.source.code_cells


cells = st.one_of(
    st.none(),
    st.integers(),
    st.fixed_dictionaries(
        {},
        optional={
            "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", 3]),
            "source": st.one_of(st.text(max_size=20), st.lists(st.text(max_size=9), max_size=3), st.integers()),
            "metadata": st.one_of(st.just({}), st.none(), st.just({"tags": 3})),
            "outputs": st.one_of(st.just([]), st.none(), st.just([{"output_type": "stream"}])),
            "execution_count": st.one_of(st.none(), st.just("x")),
            "id": st.text(max_size=3),
        },
    ),
)


@quick
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "cells": st.one_of(st.none(), st.lists(cells, max_size=3)),
            "metadata": st.one_of(
                st.none(),
                st.just({}),
                st.just({"kernelspec": 3}),
                st.just({"kernelspec": {"language": ["R"]}}),
                st.just({"language_info": {"name": 5}}),
            ),
            "nbformat": st.sampled_from([1, 3, 4, 99, "4", None]),
            "nbformat_minor": st.sampled_from([0, 5, 99, None]),
            "worksheets": st.just([]),
        },
    )
)
def test_any_json_is_a_notebook_or_a_list_of_problems(tmp_path, made):
    path = tmp_path / "note.ipynb"
    path.write_text(json.dumps(made))
    source = read_or_told(notebooks.read_notebook, path, Path("note.ipynb"))
    assert source is None or source.code_cells


bibtex_pieces = st.sampled_from(
    [
        "@article{k,",
        "title = {A",
        "}",
        "author = {",
        "and ",
        "\\'e",
        "year = 2025",
        ",",
        "@string{",
        "@comment{",
        '"',
        "#",
        "{",
        "\\",
        "% x\n",
        "k2025",
    ]
)


@quick
@given(file_contents(bibtex_pieces, " "))
def test_any_bibliography_is_entries_or_a_list_of_problems(tmp_path, content):
    path = tmp_path / "references.bib"
    path.write_bytes(content)
    for entry in (read_or_told(bibliography.read_bibliography, path) or {}).values():
        assert entry.reference_html
        assert entry.short_citation


fields = st.sampled_from(["note", "outcome", "schema", "digest", "started", "counts", "unequal", "environment", "x"])
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=4),
    max_leaves=8,
)


@quick
@given(file_contents(values.map(json.dumps)))
def test_any_line_of_a_log_is_a_check_or_told_with_its_number(lab, line):
    path = lab.notes_folder / "a" / "checks.jsonl"
    path.write_bytes(line + b"\n")
    read = check_log.read_log(lab, "a")
    assert read.checks == ()
    assert all(problem.where.startswith("notes/a/checks.jsonl:") for problem in read.problems)
    if path.read_text(errors="replace").strip():
        assert read.problems


def example_observation():
    axis = AxisData("x", "linear", (0.0, 1.0), False, ((0.0, "a"),))
    data = FigureData(
        (AxesData("t", "plain", axis, axis, (Mark("line", "A", 0, {"x": [0.0, 1.0], "y": [0.5, float("nan")]}),), ()),), ("sup",), ()
    )
    provenance = Provenance(
        "2026-11-21T00:00:00Z",
        1.0,
        0,
        1,
        RunEnvironment(python="3.11", system="Linux", machine="x", cpu="cpu", labnotes="0", isolation="none"),
        RunDependencies(code="code"),
    )
    return Observation(
        {"c": Claim("c", 0.25, 1, ".2f", replicates=(0.2, 0.3), prediction=(0.0, 1.0))},
        {"f": Figure("f", 1, "c", "a", data)},
        {"t": Table("t", 1, "c", TableData((Column("v", "float", (0.5, float("nan")), ".2f"),), 1))},
        (CellOutputs("d", ({"output_type": "stream", "name": "stdout", "text": "hi"},)),),
        {"f": FigurePicture("svg", b"<svg/>")},
        provenance,
    )


@quick
@given(st.data())
def test_a_record_in_which_any_byte_changed_is_refused_or_means_the_same(tmp_path, data):
    """In provenance.json, which seals the other files, other bytes can say the same."""
    files, _ = records.record_files(example_observation())
    folder = tmp_path / "record"
    folders.replace_folder(folder, files)
    then = records.read_record(folder, folder)
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    (folder / name).write_bytes(bytes(content))
    now = read_or_told(records.read_record, folder, folder)
    if now is not None:
        assert name == "provenance.json"
        assert repr(replace(now, provenance=then.provenance)) == repr(then)


@quick
@given(
    st.sampled_from(["record.json", "provenance.json", "figures/f.json"]),
    st.one_of(st.binary(max_size=40), st.sampled_from([b"{}", b"[]", b"null", b'{"schema": 1}', b"1e999"])),
)
def test_any_file_of_a_record_is_read_or_refused_with_a_message(tmp_path, name, content):
    files, _ = records.record_files(example_observation())
    folder = tmp_path / "record"
    folders.replace_folder(folder, {**files, name: content})
    assert read_or_told(records.read_record, folder, folder) is None
