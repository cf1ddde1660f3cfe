"""Which line of its cell every part of prose is said to be in, and what is remembered of a cell that was read."""

import pytest

from labnotes.source import content_cache, markdown_reader, prose_facts
from labnotes.source.heading_addresses import AddressedHeading, ascii_slug, heading_slug, number_addresses
from labnotes.source.notebooks import Cell

PLACES = r"""# One {{ a }}

Text with $x
+ y$ and {{ b }}
then [c](c.csv) and `{{ no }}`

- item @fig:d
  $$
  z
  $$
  and [@e]

| a |
|---|
| {{ f | percent }} 7 [g](g.csv) |

<div>
<b>{{ h }}</b>

8 {{ i
| percent }} 9

</div>

[j][j] and[^k] 10

[j]: j.csv
[^k]: note {{ l }}
"""


def test_every_piece_link_and_number_has_its_line():
    facts = prose_facts.text_facts(PLACES)
    pieces = [
        (piece.text.split()[1] if piece.kind == "binding" else piece.text, piece.line) for piece in facts.pieces if piece.kind != "math"
    ]
    expected = [("a", 1), ("b", 4), ("@fig:d", 7), ("[@e]", 11), ("f", 15), ("h", 18), ("i", 20), ("[^k]", 25), ("l", 28)]
    assert pieces == expected
    assert [(piece.text[:2], piece.line) for piece in facts.pieces_of("math")] == [("$x", 3), ("$$", 8)]
    assert [(link.target, link.line) for link in facts.links] == [("c.csv", 5), ("g.csv", 15), ("j.csv", 27)]
    assert facts.numbers == [(15, "7"), (20, "8"), (21, "9"), (25, "10")]
    assert [(heading.words, heading.line) for heading in facts.headings] == [("One a", 1)]
    assert (facts.definitions, [(mark.name, mark.line) for mark in facts.marks]) == ([(28, "k")], [("k", 25)])


def test_an_address_after_math_of_two_lines_has_its_line():
    facts = prose_facts.text_facts("a $x\n+ y$ b\nhttps://example.org")
    assert [(link.target, link.line) for link in facts.links] == [("https://example.org", 3)]


@pytest.mark.parametrize("text", [PLACES, "", "<b>x", "a\r\nb {{ c }}\rd @fig:e", "\U000f0000 {{ a }} \U000f0001"])
def test_what_a_text_says_comes_back_from_the_cache(text):
    facts = prose_facts.text_facts(text)
    assert prose_facts.ProseFacts.from_json(facts.as_json()) == facts


def test_line_ends_of_other_systems_and_characters_that_stand_for_pieces_change_no_line():
    facts = prose_facts.text_facts("a\r\nb {{ c }}\rd @fig:e \U000f0000 `\U000f0001`")
    assert [(piece.text, piece.line) for piece in facts.pieces] == [("{{ c }}", 2), ("@fig:e", 3)]


def test_a_note_that_was_read_before_is_not_read_again(monkeypatch, tmp_path):
    monkeypatch.setattr(content_cache, "user_cache_dir", lambda name: str(tmp_path))
    cells = [Cell("text", f"A text {{{{ a }}}} of its own, {tmp_path}", 1, None, tmp_path)]
    prose_facts.remember_cells(cells)
    facts = prose_facts.cell_facts(cells[0])
    monkeypatch.setattr(prose_facts, "_known", {})
    content_cache._known_results.cache_clear()
    monkeypatch.setattr(markdown_reader, "read_markdown", lambda text: pytest.fail("it is read again"))
    prose_facts.remember_cells(cells)
    assert prose_facts.cell_facts(cells[0]) == facts and facts.pieces[0].text == "{{ a }}"


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("What we did, and why!", "what-we-did-and-why"),
        ("Größe der Übung", "groe-der-ubung"),
        ("方法 と 結果", "方法-と-結果"),
        ("Йод и ёж", "йод-и-ёж"),
        ("परिणाम और विधि", "परिणाम-और-विधि"),
        ("النتائج", "النتائج"),
        ("snake_case -  b", "snake_case-b"),
        ("I/O & C++ (v1.2)", "io-c-v12"),
        ("🎉 !", ""),
    ],
)
def test_addresses_are_made_of_letters_of_any_script(words, slug):
    assert heading_slug(words) == slug
    assert ascii_slug(words).isascii()


def test_equal_addresses_are_numbered_around_those_that_are_taken():
    words = ("A", "A", "B", "Cell 1", "!", "?", "References", "A_1")
    headings = [AddressedHeading(word, "") for word in words] + [AddressedHeading("Z", "b"), AddressedHeading("Y", "a_1")]
    expected = ["a", "a_2", "b_1", "cell-1_1", "section", "section_1", "references_1", "a_1_1", "b", "a_1"]
    assert list(number_addresses(headings, ["x"])) == expected
    assert list(number_addresses([AddressedHeading("X", "")], ["x"])) == ["x_1"]
