"""Bad input gets a clear message and status 2; nothing is lost and the other notes still finish."""

import json
import re
import shutil

import pytest

GOOD = '# %%\nfrom labnotes import claim\nclaim("x", 1)\n'
FIG = "import matplotlib.pyplot as plt\nfrom labnotes import figure\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"


def settings_case(text):
    def write_settings(folder):
        (folder / "note.yml").write_text(text)

    return GOOD, write_settings


def source_case(text):
    return text, lambda folder: None


def notebook_case(text):
    def write_notebook(folder):
        (folder / "note.py").unlink()
        (folder / "note.ipynb").write_text(text)

    return GOOD, write_notebook


def extra_file_case(name, content):
    return GOOD, lambda folder: (folder / name).write_text(content)


BASE = "title: A\ndate: 2026-11-21\nauthors: [Ada]\nsummary: S\n"

CASES = {
    "no note.yml": ((GOOD, lambda folder: (folder / "note.yml").unlink()), ["notes/bad/note.yml: does not exist", "title: "]),
    "a missing key": (
        settings_case("title: A\ndate: 2026-11-21\nauthors: [Ada]\n"),
        ["note.yml: summary: is missing", "summary: One sentence"],
    ),
    "a misspelt key": (settings_case(BASE + "tag: [x]\n"), ["note.yml:5: tag: is no known key", "did you mean 'tags'"]),
    "a misspelt key inside": (
        settings_case(BASE.replace("[Ada]", "[{nam: Ada}]")),
        ["note.yml:3: authors.0.nam: is no known key", "did you mean 'name'"],
    ),
    "a date that is none": (
        settings_case(BASE.replace("2026-11-21", "2026-13-40")),
        ["note.yml:2: date", "2026-13-40", "date: 2026-11-21"],
    ),
    "a date as words": (settings_case(BASE.replace("2026-11-21", "today")), ["note.yml:2: date", "write a date as YYYY-MM-DD", "'today'"]),
    "no author": (settings_case(BASE.replace("[Ada]", "[]")), ["note.yml:3: authors"]),
    "a status of its own": (settings_case(BASE + "status: done\n"), ["note.yml:5: status", "'draft' or 'published'", "'done'"]),
    "a timeout that is none": (
        settings_case(BASE + "timeout: soon\n"),
        ["note.yml:5: timeout", "'soon' is no duration: write 90s, 30m or 2h"],
    ),
    "a key twice": (settings_case(BASE + "title: B\n"), ["note.yml:5: title: is given twice"]),
    "no YAML": (settings_case("title: [\n"), ["note.yml:2", "is no YAML"]),
    "an empty note.yml": (settings_case(""), ["note.yml: holds no settings"]),
    "an input that is missing": (
        settings_case(BASE + "inputs: [data/no.csv]\n"),
        [": inputs: 'data/no.csv' does not exist in the lab"],
    ),
    "an input outside the lab": (settings_case(BASE + "inputs: [../../etc]\n"), ["'../../etc' does not exist in the lab"]),
    "no bibliography": (settings_case(BASE + "references: refs.bib\n"), ["note.yml: references: 'refs.bib' does not exist"]),
    "a broken bibliography": (extra_file_case("references.bib", "@article{x, title = "), ["notes/bad/references.bib: does not parse"]),
    "two sources": (extra_file_case("note.md", "# x\n"), ["notes/bad: has 2 sources under one slug: note.py, note.md"]),
    "no source": ((GOOD, lambda folder: (folder / "note.py").unlink()), ["notes/bad: has no source", "note.ipynb, note.py"]),
    "a note without code": (source_case("# %% [markdown]\n# Words only.\n"), ["notes/bad/note.py: has no code"]),
    "not JSON": (notebook_case('{"cells": [}'), ["notes/bad/note.ipynb:1:12: is not JSON"]),
    "no notebook": (notebook_case("[]"), ["notes/bad/note.ipynb: is no valid notebook"]),
    "another language": (
        notebook_case(
            json.dumps(
                {
                    "cells": [{"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}],
                    "metadata": {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
                    "nbformat": 4,
                    "nbformat_minor": 4,
                }
            )
        ),
        ["is written in R", "Python kernel"],
    ),
    "an undefined claim": (
        source_case("# %% [markdown]\n# One\n#\n# is {{ y }}.\n\n" + GOOD),
        ["notes/bad/note.py:4: {{ y }} names an unknown claim 'y'", "known: x"],
    ),
    "an undefined figure": (source_case("# %% [markdown]\n# @fig:f\n\n" + GOOD), ["note.py:2: @fig:f refers to an unknown figure 'f'"]),
    "an undefined table": (source_case("# %% [markdown]\n# @tab:t\n\n" + GOOD), ["note.py:2: @tab:t refers to an unknown table 't'"]),
    "an undefined citation": (
        source_case("# %% [markdown]\n# [@nobody2020]\n\n" + GOOD),
        ["note.py:2: [@nobody2020] cites an unknown reference"],
    ),
    "an undefined claim in a caption": (
        source_case(GOOD + FIG + 'figure(fig, "f", caption="{{ z }}", alt="a")\n'),
        ["note.py: caption of 'f': {{ z }} names an unknown claim 'z'"],
    ),
    "an undefined claim in an .ipynb": (
        notebook_case(
            json.dumps(
                {
                    "cells": [
                        {"cell_type": "markdown", "source": "One\n\n{{ y }}", "metadata": {}},
                        {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None},
                    ],
                    "metadata": {},
                    "nbformat": 4,
                    "nbformat_minor": 4,
                }
            )
        ),
        ["notes/bad/note.ipynb, text cell 1, line 3: {{ y }}"],
    ),
    "a value cited from nowhere": (
        source_case('# %%\nfrom labnotes import cited\nx = cited(0.4, "nobody2020")\n'),
        ["note.py:3: cited(...) names an unknown reference 'nobody2020'"],
    ),
    "code that does not parse": (
        source_case("# %% [markdown]\n# {{ x }}\n\n# %%\nfrom labnotes import claim\nclaim('x', (1)\n"),
        ["note.py:6: code cell 1 does not parse: '(' was never closed", "claim('x', (1)"],
    ),
    "duplicate claims": (source_case(GOOD + 'claim("x", 2)\n'), ["note.py:4: claim 'x' is defined twice", "code cell 1"]),
    "duplicate labels": (
        source_case(GOOD + FIG + 'figure(fig, "f", caption="c", alt="a")\nfigure(fig, "f", caption="c", alt="a")\n'),
        ["figure 'f' is defined twice"],
    ),
    "a label that escapes": (source_case(GOOD + FIG + 'figure(fig, "../x", caption="c", alt="a")\n'), ["figure '../x' is no usable label"]),
    "a statement that does not parse": (
        source_case('# %%\nfrom labnotes import claim\nclaim("x", 1, holds="low >")\n'),
        ["note.py:3: claim 'x': the statement 'low >' does not parse", 'holds="low > 0"'],
    ),
    "a name computed and bound wrongly": (
        source_case('# %% [markdown]\n# {{ c_9 }}\n\n# %%\nfrom labnotes import claim\nfor i in (1, 2):\n    claim(f"c_{i}", i)\n'),
        ["note.py:2: {{ c_9 }} names an unknown claim 'c_9'", "known: c_1, c_2"],
    ),
}


@pytest.fixture(scope="module")
def ran_among_bad(new_lab):
    """One run of a good note among a bad one of each case; the folder of a case is named after its number."""
    lab = new_lab()
    lab.write_note("good", GOOD)
    for number, ((text, spoil), _) in enumerate(CASES.values()):
        spoil(lab.write_note(f"bad-{number}", text))
    return lab("run", "--jobs", "2")


@pytest.mark.parametrize(("number", "messages"), list(enumerate(messages for _, messages in CASES.values())), ids=CASES.keys())
def test_bad_input_is_named_and_the_other_note_finishes(ran_among_bad, number, messages):
    done = ran_among_bad
    assert done.code == 2, done.text
    problems = [problem for problem in done.err.split("\nerror ") if re.search(rf"notes/bad-{number}\b", problem)]
    assert problems, done.err
    for message in messages:
        assert message.replace("notes/bad", f"notes/bad-{number}") in "\n".join(problems), problems
    assert "Traceback" not in done.text
    assert "good ran" in done.out
    assert "  x = 1" in done.out


def test_all_problems_are_reported_together(lab):
    folder = lab.write_note("bad", "# %% [markdown]\n# {{ y }} @fig:f\n\n" + GOOD)
    (folder / "note.yml").write_text("titel: A\ndate: now\nauthors: [Ada]\n")
    done = lab("list")
    assert done.code == 2
    assert done.err.count("error ") == 6, done.err
    for part in ("titel", "date", "title: is missing", "summary: is missing", "claim 'y'", "figure 'f'"):
        assert part in done.err


def test_inputs_that_are_not_there_are_told_whatever_else_is_wrong(lab):
    lab.write_note("bad", GOOD, settings={"titel": "x", "inputs": ["nowhere.csv", "../outside", "notes"]})
    told = lab("list").err
    line = (lab.root / "notes" / "bad" / "note.yml").read_text().splitlines().index("- nowhere.csv") + 1
    assert f"notes/bad/note.yml:{line}: inputs: 'nowhere.csv' does not exist in the lab" in told
    assert f"notes/bad/note.yml:{line + 1}: inputs: '../outside' does not exist in the lab" in told
    assert "titel: is no known key" in told
    assert told.count("error ") == 3


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("new", "../x"), "is no usable name for a note"),
        (("new", "Has-Capitals"), "is no usable name for a note"),
        (("new", "good"), "exists already"),
        (("new", "x", "--format", "docx"), "'docx' is none of: ipynb, py, md"),
        (("run", "god"), "no note 'god'"),
        (("check", "--budget", "soon"), "'soon' is no duration"),
        (("check", "--jobs", "0"), "--jobs"),
        (("check", "--sed", "1"), "No such option"),
        (("list", "-C", "/"), "no lab here"),
        (("init", "notes/good/note.py"), "is a file, and a lab has a folder there"),
    ],
)
def test_wrong_usage_is_status_2(lab, command, message):
    lab.write_note("good", GOOD)
    done = lab(*command)
    assert done.code == 2, done.text
    assert message in done.err
    assert "Traceback" not in done.text


def test_a_misspelt_slug_gets_a_suggestion(lab):
    lab.write_note("emergent-misalignment", GOOD)
    assert "did you mean 'emergent-misalignment'" in lab("run", "emergent-misaligment").err


def test_a_folder_that_is_no_slug_is_named(lab):
    lab.write_note("Not A Slug", GOOD)
    done = lab("list")
    assert done.code == 2
    assert "notes/Not A Slug: is no usable name for a note" in done.err


def test_nan_and_infinity_are_recorded_and_equal_themselves(lab):
    note_source = """
        # %%
        import math
        import matplotlib.pyplot as plt, pandas as pd
        from labnotes import claim, figure, table
        claim("lost", math.nan)
        claim("endless", -math.inf)
        fig, ax = plt.subplots()
        ax.plot([1, 2, 3], [1, math.nan, math.inf])
        figure(fig, "f", caption="c", alt="a")
        table(pd.DataFrame({"x": [math.nan, math.inf, 1.0]}), "t", caption="c")
        """
    folder = lab.record_note("a", note_source)
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    assert "2 of 2 claims, 1 of 1 figure, 1 of 1 table" in done.out
    assert json.loads((folder / "record" / "record.json").read_text())["claims"]["lost"]["value"] == "NaN"


def test_an_edited_or_truncated_record_is_refused_and_the_others_are_checked(lab):
    lab.record_note("good", GOOD)
    lab.record_note("edited", GOOD)
    lab.record_note("cut", GOOD)
    edited = lab.root / "notes" / "edited" / "record" / "record.json"
    edited.write_text(edited.read_text().replace('"value": 1', '"value": 2'))
    cut = lab.root / "notes" / "cut" / "record" / "record.json"
    cut.write_text(cut.read_text()[:-30])
    for command in ("check", "list", "build"):
        done = lab(command)
        assert done.code == 2, done.text
        if command != "build":  # this lab has no site
            assert "notes/edited/record/record.json: is not what was recorded" in done.err
            assert "notes/cut/record/record.json: is not what was recorded" in done.err
            assert "restore it from version control" in done.err
    assert "good agrees" in lab("check").out
    assert edited.exists()


SPOILT = {
    "a file": lambda record: (shutil.rmtree(record), record.write_text("x")),
    "provenance a folder": lambda record: ((record / "provenance.json").unlink(), (record / "provenance.json").mkdir()),
    "seconds no number": lambda record: forge_file(record, "provenance.json", '"seconds": ', '"seconds": "x", "was": '),
    "a claim's value a list": lambda record: forge_file(record, "record.json", '"value": 1', '"value": [1]'),
    "a format that fits no number": lambda record: forge_file(record, "record.json", '"format": "d"', '"format": ".2q"'),
    "a claim that would escape": lambda record: forge_file(record, "record.json", '"x": {', '"../x": {'),
}


def forge_file(record, name, old, new):
    """Edit a file of a record and forge its digest."""
    from labnotes.model.digests import bytes_digest

    path = record / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    if name != "provenance.json":
        fields = json.loads((record / "provenance.json").read_text())
        fields["digests"][name] = bytes_digest(path.read_bytes())
        (record / "provenance.json").write_text(json.dumps(fields))


@pytest.mark.slow
def test_whatever_a_record_has_become_the_other_notes_finish(lab):
    lab.record_note("good", GOOD)
    for i, spoil in enumerate(SPOILT.values()):
        spoil(lab.record_note(f"bad-{i}", GOOD) / "record")
    for command in (("check",), ("check", "--budget", "10m"), ("list",)):
        done = lab(*command)
        assert done.code == 2, done.text
        assert "Traceback" not in done.text
        assert "good" in done.out
        for i in range(len(SPOILT)):
            assert f"notes/bad-{i}/record" in done.err, (i, done.err)


def test_a_broken_record_can_be_replaced_by_an_accepted_run(lab):
    folder = lab.record_note("a", GOOD)
    (folder / "record" / "record.json").write_text("{}")
    assert lab("check").code == 2
    done = lab("accept", "a", "--yes")
    assert done.code == 0
    assert "cannot be read and would be replaced" in done.out
    assert lab("check").code == 0


def test_a_forged_record_fails_with_an_empty_cache_even_if_its_digests_are_forged_too(lab):
    from labnotes.model.digests import bytes_digest

    folder = lab.record_note("a", GOOD.replace('claim("x", 1)', 'claim("x", 0.5, tolerance=0.01, because="a test")'))
    record, provenance = folder / "record" / "record.json", folder / "record" / "provenance.json"
    content = record.read_bytes().replace(b'"value": 0.5', b'"value": 0.9')
    record.write_bytes(content)
    fields = json.loads(provenance.read_text())
    fields["digests"]["record.json"] = bytes_digest(content)
    provenance.write_text(json.dumps(fields))
    done = lab("check", XDG_CACHE_HOME=str(lab.root.parent / "empty-cache"))
    assert done.code == 1, done.text
    assert "changed claim x" in done.out
    assert "value is 0.5, recorded 0.9" in done.out
