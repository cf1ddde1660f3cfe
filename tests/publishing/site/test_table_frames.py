"""How a table stands on a note's page: wide where its columns need it, folded where it is long, sorted where an order says something."""

import pytest

from labnotes.site.stage.table_frames import fitting_rows, frame_of, framed_table

HEAD = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>"


def table_of(rows, cell="1"):
    return HEAD + f"<tr><td>{cell}</td><td>2</td></tr>" * rows + "</tbody></table>"


@pytest.mark.parametrize(
    ("columns", "wide"),
    [
        ([["name", "a"], ["size", "1"]], False),
        ([["n", "1234"]] * 12, False),
        ([["n", "1234"]] * 20, True),
        ([["long heads", "1"]] * 8, True),
        ([["text", "word " * 100]], False),
        ([["text", "word " * 100], ["more", "word " * 100], ["third", "word " * 100]], True),
        ([], False),
    ],
    ids=["narrow", "many", "too many", "heads", "a text breaks", "three texts", "none"],
)
def test_a_table_is_wide_where_its_columns_need_more_than_the_text_has(columns, wide):
    assert frame_of(columns, 2).wide == wide


@pytest.mark.parametrize(("rows", "folded", "sorts"), [(2, False, False), (3, False, True), (12, False, True), (13, True, True)])
def test_a_table_sorts_from_three_rows_on_and_folds_beyond_twelve(rows, folded, sorts):
    frame = frame_of([["a"]], rows)
    assert (frame.folded, frame.sorts) == (folded, sorts)
    made = framed_table(table_of(rows))
    assert ("ln-folded" in made, f"All {rows} rows" in made, "data-ln-sort" in made) == (folded, folded, sorts)


@pytest.mark.parametrize(
    "made",
    [
        '<table class="own"><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
        '<table role="presentation"><tbody><tr><td>1</td></tr></tbody></table>',
        table_of(1, "<table><tbody><tr><td>inner</td></tr></tbody></table>"),
        "<p>Text.</p>",
    ],
    ids=["with a class", "of layout", "in another", "none"],
)
def test_what_is_no_plain_table_of_data_stays_as_it_is(made):
    assert framed_table(made) == made


def test_a_table_with_merged_cells_has_no_order():
    merged = table_of(4).replace("<td>1</td>", '<td rowspan="2">1</td>', 1)
    assert "data-ln-sort" in framed_table(table_of(4)) and "data-ln-sort" not in framed_table(merged)
    assert "data-ln-sort" in framed_table(table_of(4).replace("<td>1</td>", '<td rowspan="1">1</td>', 1))


def test_the_markup_of_cells_is_not_counted_as_their_width():
    linked = "<a href='" + "x" * 300 + "'>1</a>"
    assert "ln-wide" not in framed_table(table_of(2, linked))


def test_what_labnotes_says_in_it_is_in_english():
    assert '<p class="ln-rows" lang="en" dir="ltr">' in framed_table(table_of(13), ' lang="en" dir="ltr"')


def test_a_page_shows_as_many_rows_as_have_their_letters_together():
    assert fitting_rows([["a" * 100] * 40, ["1"] * 40]) == 40
    assert fitting_rows([["a" * 999] * 40, ["1"] * 40]) == 20
    assert fitting_rows([["a" * 30_000] * 3]) == 1, "a table is never empty"
