"""What `labnotes list` says of notes with which nothing is wrong."""

SOURCE = """# %% [markdown]
# # A
#
# Of 17 things <b>one.

# %% tags=["hide-imput"]
#| scrool: true
from labnotes import claim
claim("rate", 0.5)
"""


def test_remarks_on_a_source_are_told_and_all_of_them_for_a_note_that_is_named(lab):
    lab.write_note("a", SOURCE)
    lab.write_note("b", "# %%\nx = 1\n")
    done = lab("list")
    assert done.code == 0
    table, _, told = done.out.partition("\n\n")
    assert len(table.splitlines()) == 3 and "hide-imput" not in table
    assert told.splitlines() == [
        "a: tag 'hide-imput' (cell 1) changes nothing: the cell is shown as any other; did you mean hide-input?  "
        "(and 3 more, in full: labnotes list a)"
    ]
    _, _, told = lab("list", "a").out.partition("\n\n")
    assert [line.partition(": ")[2] for line in told.splitlines()] == [
        "tag 'hide-imput' (cell 1) changes nothing: the cell is shown as any other; did you mean hide-input?",
        "option '#| scrool: true' (cell 1) changes nothing",
        "notes/a/note.py:4: <b> is never closed; it ends with its cell",
        '1 number in the prose is bound to no claim: 17 (notes/a/note.py:4). Bind each, or say what it is: {{ const("64", "model width") }}',
    ]
    assert lab("list", "b").out.count("\n") == 2


def test_a_single_long_remark_is_cut(lab):
    lab.write_note("a", f"# %% [markdown]\n# {'A long title ' * 20}\n# ===\n\n# %% [markdown]\n# # {'Part of it ' * 20}\n\n# %%\nx = 1\n")
    (told,) = lab("list").out.partition("\n\n")[2].splitlines()
    assert told.startswith("a: notes/a/note.py:6: 'Part of it Part of it") and told.endswith(" …  (in full: labnotes list a)")
    assert len(told) < 160
