"""Input that means harm, or that a slip makes harmful: each is a message with its place, soon, and the other notes go on.

The inputs of each kind lie in one lab as one note each, beside a good one. Commands that read go over all of them at once, so that one which
took the others with it, or a traceback, fails every test of its lab.
"""

import base64
import dataclasses
import datetime
import hashlib
import io
import json
import os
import re
import resource
import shutil
import socket
from pathlib import Path

import pytest

from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.model.digests import bytes_digest
from labnotes.model.encoding import encode_value
from labnotes.site.stage import site_settings, staging
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import bindings, markdown_checks, notes, prose_facts
from labnotes.source.labs import Lab
from labnotes.source.note_guard import error_problems, guard_note
from labnotes.source.notebooks import Cell
from labnotes.store import audits, records

GOOD = '# %%\nfrom labnotes import claim\nclaim("x", 1)\n'
SETTINGS = "title: A\ndate: 2026-11-21\nauthors: [Ada]\nsummary: S\nstatus: published\n"
LATER = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
SOON = 60
"""Seconds of a processor that reading all notes of a lab may take."""


def hostile_lab(new_lab, cases):
    """A lab with a good note and one note a case: (name of the source, its text, note.yml)."""
    lab = new_lab()
    os.mkfifo(lab.root / "pipe")
    (lab.root / "zero").symlink_to("/dev/zero")
    lab.write_note("good", GOOD)
    for slug, (name, source, settings) in cases.items():
        folder = lab.root / "notes" / slug
        folder.mkdir()
        write_any(folder / name, source)
        write_any(folder / "note.yml", settings)
    return lab


def write_any(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", errors="surrogatepass"))


def list_in_time(lab):
    """What `labnotes list` says of a lab, in a process of its own that has SOON seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = lab.in_own_process("list", timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert took < SOON, took
    assert "Traceback" not in done.text
    assert "fault of labnotes" not in done.text, [line for line in done.text.splitlines() if "unexpected" in line]
    assert "good" in done.out
    return done


def staged_problems(lab):
    """The problems of each note, as `labnotes build` finds them while it stages the notes."""
    site = SiteSettings(name="A lab", url=None, docs=lab.root / "docs")
    staged = staging.stage_notes(Lab(lab.root), Lab(lab.root).note_slugs(), site, lab.root / ".labnotes/theme", None, drafts=False)
    assert "good" not in {slug for slug, problems in staged.broken.items() if "has no record" not in str(problems[0])}
    text = "\n".join(map(str, staged.all_problems))
    assert "fault of labnotes" not in text, text
    return staged.broken


# -- note.yml ----------------------------------------------------------------------------------------------------------------------------

LAUGHS = "a: &a [x, x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9))


def retitled(value):
    return SETTINGS.replace("title: A", f"title: {value}")


SETTINGS_CASES = {
    "tag-int": (retitled("!!int abc"), ["note.yml:1:8: has the tag !!int"]),
    "tag-timestamp": (retitled("!!timestamp x"), ["note.yml:1:8: has the tag !!timestamp"]),
    "tag-float": (retitled("!!float abc"), ["has the tag !!float"]),
    "tag-bool": (retitled("!!bool maybe"), ["has the tag !!bool"]),
    "tag-python": (retitled("!!python/object/apply:os.system [id]"), ["has the tag !!python/object/apply:os.system"]),
    "tag-set": (SETTINGS + "tags: !!set {a, b}\n", ["note.yml:6:7: has the tag !!set"]),
    "tag-own": (SETTINGS + "tags: !mine [a]\n", ["note.yml:6:7: has the tag !mine"]),
    "tag-renamed": ("%TAG ! tag:yaml.org,2002:\n---\n" + retitled("!int abc"), ["note.yml:3:8: has the tag !!int"]),
    "laughs": (SETTINGS + LAUGHS, ["note.yml:8:12: repeats (*b) more than 10 times"]),
    "repeats-itself": (SETTINGS + "tags: &a [*a]\n", ["note.yml:6:11: *a repeats what it stands in"]),
    "merges": (
        SETTINGS + "".join(f"k{i}: &k{i} {{<<: [{', '.join(['*k' + str(i - 1)] * 3) if i else '{a: b}'}]}}\n" for i in range(9)),
        ["repeats"],
    ),
    "many-keys": (SETTINGS + "".join(f"k{i}:\n" for i in range(20_000)), ["note.yml:6: k0: is no known key", "19,800 more problems"]),
    "same-keys": (SETTINGS + "title: x\n" * 20_000, ["note.yml:6: title: is given twice"]),
    "large": (SETTINGS + "#" * 300_000, ["note.yml: is larger than 256 KB"]),
    "long-seed": (SETTINGS + "seed: " + "9" * 5_000, ["note.yml:6:7: is a number of 5,000 characters"]),
    "long-hex": (SETTINGS + "seed: 0x" + "f" * 5_000, ["note.yml:6:7: is a number of 5,002 characters"]),
    "long-base-60": (SETTINGS + "seed: " + ":".join(["59"] * 300), ["note.yml:6:7: is a number of 899 characters"]),
    "escape": (retitled('"\\UFFFFFFFF"'), ["note.yml:1:11: is no YAML: found invalid Unicode character escape code"]),
    "surrogate": (SETTINGS.replace("[Ada]", '[{name: Ada, affiliation: "\\ud800"}]'), ["note.yml:3:39: is no YAML"]),
    "nul": (retitled('"a\\0b"'), ["note.yml:1:8: holds the character U+0000"]),
    "raw-nul": (SETTINGS + "\0", ["note.yml:6:1: is no YAML: the character U+0000"]),
    "raw-escape": (retitled("a\x1bb"), ["note.yml:1:9: is no YAML: the character U+001B"]),
    "deep": (SETTINGS + "tags: " + "[" * 1_000, ["note.yml:6:26: is nested more than 20 deep"]),
    "deep-keys": (SETTINGS + "tags: " + "{a: " * 1_000, ["note.yml:6:83: is nested more than 20 deep"]),
    "deep-block": (SETTINGS + "tags:\n" + "".join(" " * i + "-\n" for i in range(1, 300)), ["note.yml:26:21: is nested more than 20 deep"]),
    "input-nul": (SETTINGS + 'inputs: ["a\\0b"]\n', ["note.yml:6:10: holds the character U+0000"]),
    "input-line": (SETTINGS + 'inputs: ["a\\nb"]\n', ["note.yml:6: inputs: 'a\\nb' holds the character '\\n'"]),
    "input-long": (SETTINGS + f"inputs: [{'a' * 300}]\n", ["note.yml:6: inputs: ", "has a part of 300 characters"]),
    "input-longer": (SETTINGS + f"inputs: [{'a/' * 5_000}]\n", ["is a path of 10,000 characters"]),
    "input-zero": (SETTINGS + "inputs: [/dev/zero]\n", ["note.yml:6: inputs: '/dev/zero' does not exist in the lab"]),
    "input-zero-link": (SETTINGS + "inputs: [zero]\n", ["note.yml:6: inputs: 'zero' does not exist in the lab"]),
    "input-pipe": (SETTINGS + "inputs: [pipe]\n", ["note.yml:6: inputs: 'pipe' is a pipe, which may never end"]),
    "references-zero": (SETTINGS + "references: /dev/zero\n", ["note.yml: references: '/dev/zero' lies outside this lab"]),
    "references-pipe": (SETTINGS + "references: ../../pipe\n", ["notes/references-pipe/../../pipe: is a pipe, not a file"]),
    "references-outside": (SETTINGS + "references: ../../../../etc/passwd\n", ["lies outside this lab"]),
    "references-folder": (SETTINGS + "references: .\n", ["is a folder, not a file"]),
    "references-nul": (SETTINGS + 'references: "a\\0b"\n', ["note.yml:6:13: holds the character U+0000"]),
    "timeout-20": (SETTINGS + f"timeout: {'9' * 20}h\n", ["note.yml:6: timeout: ", "more than 30 days"]),
    "timeout-400": (SETTINGS + f"timeout: {'9' * 400}\n", ["note.yml:6:10: is a number of 400 characters"]),
    "cell-timeout-31": (SETTINGS + "cell_timeout: 721h\n", ["note.yml:6: cell_timeout: '721h' is more than 30 days"]),
    "null-settings": ("null\n", ["note.yml: holds no settings"]),
    "list-settings": ("- a\n", ["note.yml: holds no settings"]),
    "null-authors": (SETTINGS.replace("[Ada]", "null"), ["note.yml:3: authors: "]),
    "null-update": (SETTINGS + "updates: [null]\n", ["note.yml:6: updates.0: "]),
    "null-former": (SETTINGS + "former_slugs: [null, [a]]\n", ["note.yml:6: former_slugs.0: is no name of a note"]),
    "two-documents": (SETTINGS + "---\n" + SETTINGS, ["note.yml:6:1: is no YAML"]),
    "list-as-key": (SETTINGS + "? [a]\n: b\n", ["note.yml:6:3: is no YAML: found unhashable key"]),
}


# -- sources -----------------------------------------------------------------------------------------------------------------------------

CELL = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None}


def notebook_of(cells, **top):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **top})


TOO_DEEP = "code cell 1 does not parse: it is nested too deeply"
CODE_CASES = {
    "minus": ("x = " + "-" * 10_000 + "1", ["note.py:2: " + TOO_DEEP]),
    "plus": ("x = " + "+".join(["a"] * 10_000), ["note.py:2: " + TOO_DEEP]),
    "elif": ("if a:\n pass\n" + "elif a:\n pass\n" * 3_000, ["note.py:2: " + TOO_DEEP]),
    "lambda": ("x = " + "lambda:" * 3_000 + "1", ["note.py:2: " + TOO_DEEP]),
    "not": ("x = " + "not " * 5_000 + "1", ["note.py:2: " + TOO_DEEP]),
    "attributes": ("x = a" + ".b" * 5_000, ["note.py:2: " + TOO_DEEP]),
    "calls": ("x = a" + "()" * 5_000, ["note.py:2: " + TOO_DEEP]),
    "items": ("x = a" + "[0]" * 5_000, ["note.py:2: " + TOO_DEEP]),
    "powers": ("x = " + "1**" * 5_000 + "1", ["note.py:2: " + TOO_DEEP]),
    "parentheses": ("x = " + "(" * 5_000 + ")" * 5_000, ["note.py:2: code cell 1 does not parse: too many nested parentheses"]),
    "hexadecimal": ("y = 1\nx = 0x" + "f" * 5_000, ["note.py:3: ", "a whole number has more than 4,300 digits"]),
    "decimal": ("x = " + "9" * 5_000, ["note.py:2: ", "4300 digits"]),
    "nul-in-code": ("x = '\0'", ["code cell 1, line 1: holds the character U+0000"]),
    "deep-statement": (
        f'from labnotes import claim\nclaim("x", 1, holds="{"-" * 10_000}1 > 0")',
        ["note.py:3: claim 'x': ", "is nested too deeply"],
    ),
    "many-magics": ("!ls\n" * 20_000, ["more magics and shell lines than IPython reads"]),
    "a-million-lines": ("x=1\n" * 1_000_000, ["note.py: is larger than "]),
    "many-cells": ("# %%\nx=1\n" * 50_000, ["note.py: has 50,001 cells"]),
}
NOTEBOOK_CASES = {
    "format-yes": (notebook_of([CELL], nbformat=True), ["note.ipynb: is no valid notebook: its nbformat is True"]),
    "format-none": (notebook_of([CELL], nbformat=None), ["its nbformat is None"]),
    "format-text": (notebook_of([CELL], nbformat="4"), ["its nbformat is '4'"]),
    "format-half": (notebook_of([CELL], nbformat=4.5), ["its nbformat is 4.5"]),
    "format-99": (notebook_of([CELL], nbformat=99), ["is no valid notebook: Unsupported nbformat version 99"]),
    "minor-text": (notebook_of([CELL], nbformat_minor="5"), ["its nbformat_minor is '5'"]),
    "format-long": (notebook_of([CELL]).replace('"nbformat": 4', f'"nbformat": {"9" * 5_000}'), ["is no valid notebook", "4300 digits"]),
    "deep-json": ("[" * 100_000, ["is no valid notebook: line 1 is nested more than 100 deep"]),
    "deep-metadata": (
        '{"cells": [],\n"metadata": ' + '{"a": ' * 100_000 + "1" + "}" * 100_000 + "}",
        ["is no valid notebook: line 2 is nested more than 100 deep"],
    ),
    "cells-null": (notebook_of(None), ["is no valid notebook: a part of it has another form"]),
    "cell-null": (notebook_of([None]), ["is no valid notebook: a part of it has another form"]),
    "source-number": (
        notebook_of([{**CELL, "source": 5}]),
        ["note.ipynb, cell 1 of all kinds: is no valid cell in source: 5 is not valid"],
    ),
    "kernel-text": (notebook_of([CELL], metadata={"kernelspec": "x"}), ["is no valid notebook"]),
    "language-number": (
        notebook_of([CELL], metadata={"kernelspec": {"name": "a", "display_name": "b", "language": 5}}),
        ["is written in 5"],
    ),
    "surrogate-in-code": (
        notebook_of([{**CELL, "source": "x = '\ud800'"}]),
        ["note.ipynb, code cell 1, line 1: holds the character U+D800"],
    ),
    "surrogate-in-prose": (
        notebook_of([{"cell_type": "markdown", "source": "a\nb\ud800", "metadata": {}}, CELL]),
        ["note.ipynb, text cell 1, line 2: holds the character U+D800"],
    ),
    "large-notebook": (notebook_of([CELL], metadata={"x": "a" * 21_000_000}), ["note.ipynb: is larger than 20,480 KB"]),
}


# -- prose -------------------------------------------------------------------------------------------------------------------------------

N = 100_000
PROSE = {
    "pictures": "![" * N,
    "ticks": "` " * N,
    "ticks-of-many-lengths": " ".join("`" * i for i in range(1, 440)),
    "comments": "a <!--" * N,
    "braces": "{{" * N,
    "braces-apart": "{{ x " * N,
    "at-signs": "@" * N,
    "citations": "[" + "@aa " * N,
    "tags": "<a " * N,
    "tags-in-quotes": "<a b='" * 80_000,
    "footnotes": "[^a" * N,
    "dollars": "$ " * N,
    "two-dollars": "$$" + "$" * N,
    "formulas": "\\(" * N,
    "displays": "\\[" * N,
    "environments": "\\begin{a}" * 50_000,
    "named-environments": "".join(f"\\begin{{a{i}}}" for i in range(30_000)),
    "links": "[a](" * N,
    "link-and-spaces": "[a](b" + " " * N,
    "definition-and-spaces": "[a]:" + " " * N + "\n\n",
    "heading-and-spaces": "## a" + " " * N + "b",
    "heading-names": "## a " + "{#" * N,
    "attributes": "{" + "onx=" * N,
    "load-and-spaces": "<a src=" + " " * N + "b>",
    "percent": "95 % " * N,
    "brackets": "[" * N,
    "open-brackets": "[[[" * 30_000 + "a" + "]]]" * 30_000,
    "lines": "\n" * N,
}
PROSE_TOLD = {
    "many-marks": ("[^a]" * N, ["note.ipynb, text cell 1, line 1: [^a] has no text"]),
    "deep-braces": ("{{ " + "(" * 900 + " }}", ["text cell 1, line 1: {{ ((((", "is nested too deeply"]),
    "long-braces": ("{{ const('" + "a" * 50_000 + "', 'b') }}", ["does not bind: it is longer than 2,000 characters"]),
    "link-nul": ("[a](a%00b)", ["text cell 1, line 1: links to 'a%00b', which holds the character '\\x00'"]),
    "link-long": ("[a](" + "b" * 300 + ")", ["has a part of 300 characters"]),
    "link-longer": ("[a](" + "b/" * 3_000 + ")", ["is a path of 6,000 characters"]),
    "large-prose": (
        "word " * 200_000,
        ["note.ipynb, text cell 1: holds 1,000,000 of 1,000,000 characters of text; 512,000 are read at most"],
    ),
}


def prose_notebook(text):
    return "note.ipynb", notebook_of([{"cell_type": "markdown", "source": text, "metadata": {}}, {**CELL, "source": GOOD}]), SETTINGS


SLOW_NOTES = {
    **{slug: ("note.py", f"# %%\n{code}\n", SETTINGS) for slug, (code, _) in CODE_CASES.items()},
    **{slug: ("note.ipynb", text, SETTINGS) for slug, (text, _) in NOTEBOOK_CASES.items()},
    **{slug: prose_notebook(text) for slug, (text, _) in PROSE_TOLD.items()},
}
TOLD = {**CODE_CASES, **NOTEBOOK_CASES, **PROSE_TOLD}


def missing_messages(listed, slug, messages):
    """The messages that are not among what is told of a note, with all that is told of it."""
    names = (f"notes/{slug}/", f"notes/{slug}:")
    about = "\n".join(line for line in listed.err.splitlines() if any(name in line for name in names))
    return [(message, about) for message in messages if message not in about]


@pytest.fixture(scope="module")
def settings_lab(new_lab):
    return hostile_lab(new_lab, {slug: ("note.py", GOOD, settings) for slug, (settings, _) in SETTINGS_CASES.items()})


@pytest.fixture(scope="module")
def settings_listed(settings_lab):
    return list_in_time(settings_lab)


@pytest.mark.parametrize("slug", SETTINGS_CASES)
def test_settings_that_no_note_can_have_are_told_with_their_place(settings_listed, slug):
    assert missing_messages(settings_listed, slug, SETTINGS_CASES[slug][1]) == []
    assert settings_listed.code == 2


@pytest.mark.slow  # 4 s
def test_staging_tells_of_all_settings_and_stages_the_others(settings_lab):
    assert set(staged_problems(settings_lab)) == {*SETTINGS_CASES, "good"}


@pytest.fixture(scope="module")
def told_lab(new_lab):
    return hostile_lab(new_lab, SLOW_NOTES)


@pytest.fixture(scope="module")
def listed(told_lab):
    return list_in_time(told_lab)


@pytest.mark.slow  # 15 s of a processor for all: sources of half a megabyte are read before they are refused
@pytest.mark.parametrize("slug", TOLD)
def test_what_no_source_can_be_is_told_with_its_place(listed, slug):
    assert missing_messages(listed, slug, TOLD[slug][1]) == []
    assert listed.code == 2


@pytest.mark.slow  # 15 s, as above
def test_staging_tells_of_all_sources_and_stages_the_others(told_lab):
    assert set(staged_problems(told_lab)) == {*TOLD, "good"}


@pytest.mark.slow  # 15 s: thirty texts of half a megabyte
def test_prose_costs_no_more_than_its_length(new_lab):
    listed = list_in_time(hostile_lab(new_lab, {slug: prose_notebook(text) for slug, text in PROSE.items()}))
    assert [slug for slug in PROSE if slug not in listed.out] == []


# -- growth ------------------------------------------------------------------------------------------------------------------------------


def seconds_for(text):
    cells = [Cell("text", text, 1, None, Path("note.md"))]
    names = bindings.KnownNames(claims=set(), figures=set(), tables=set(), references=set())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    markdown_checks.markdown_problems(cells, Path("/lab/notes/a"), Path("/lab"))
    bindings.binding_problems(prose_facts.text_facts(text), names, str)
    bindings.reader_words(text)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


@pytest.mark.slow  # 12 s for all
@pytest.mark.parametrize("slug", PROSE)
def test_twice_the_prose_costs_twice_the_time(slug):
    """Those that took exponential, cubic and quadratic time, where a limit of seconds alone would hide it."""

    text = PROSE[slug][:200_000]
    half, whole = (min(seconds_for(text[: len(text) // share]) for _ in range(2)) for share in (2, 1))
    assert whole < 3 * half + 0.2, (half, whole)


QUICK = {
    "citations": "[" + "@aa " * 500,  # took exponential time
    "heading-names": "## a " + "{#" * 1_500,  # cubic
    "heading-and-spaces": "## a" + " " * 30_000 + "b",
    "attributes": "{" + "onx=" * 8_000,
    "formulas": "\\(" * 20_000,
}


@pytest.mark.parametrize("slug", QUICK)
def test_short_prose_takes_no_time(slug):
    assert seconds_for(QUICK[slug]) < 1


# -- files that are none ------------------------------------------------------------------------------------------------------------------


def test_what_is_no_file_is_named_and_never_opened(new_lab):
    lab = new_lab()
    lab.write_note("good", GOOD)
    made = {name: lab.write_note(name, GOOD) for name in ("pipe-settings", "pipe-source", "folder-settings", "folder-source", "pipe-log")}
    for name, file in (
        ("pipe-settings", "note.yml"),
        ("pipe-source", "note.py"),
        ("folder-settings", "note.yml"),
        ("folder-source", "note.py"),
    ):
        (made[name] / file).unlink()
        (os.mkfifo if name.startswith("pipe") else os.mkdir)(made[name] / file)
    os.mkfifo(made["pipe-log"] / "checks.jsonl")
    listener = socket.socket(socket.AF_UNIX)
    socket_note = lab.write_note("socket", GOOD)
    (socket_note / "note.py").unlink()
    here = os.getcwd()
    os.chdir(socket_note)  # the path of a socket is short
    listener.bind("note.py")
    os.chdir(here)
    device = lab.write_note("device", GOOD)
    (device / "references.bib").symlink_to("/dev/zero")
    told = list_in_time(lab).err
    assert "notes/pipe-settings/note.yml: is a pipe, not a file" in told
    assert "notes/pipe-source/note.py: is a pipe, not a file" in told
    assert "notes/folder-settings/note.yml: is a folder, not a file" in told
    assert "notes/folder-source/note.py: is a folder, not a file" in told
    assert "notes/pipe-log/checks.jsonl: is a pipe, not a file" in told
    assert "notes/socket/note.py: is a socket, not a file" in told
    assert "notes/device/note.yml: references: " in told
    listener.close()
    assert set(staged_problems(lab)) == {path.name for path in (lab.root / "notes").iterdir()}


@pytest.mark.parametrize("name", ["a\nerror: all is well", "a\x1b[2J", "a\tb", "-rf", "a b", "\u00e9", "a" * 250, b"a\xff"])
def test_a_folder_s_name_neither_fakes_a_line_nor_steers_the_terminal(lab, name):
    lab.write_note("good", GOOD)
    folder = Path(os.fsdecode(name)) if isinstance(name, bytes) else Path(name)
    shutil.copytree(lab.root / "notes" / "good", lab.root / "notes" / folder)
    done = lab("list")
    assert done.code == 2
    assert "is no usable name for a note" in done.err
    assert "\x1b" not in done.text
    assert not [line for line in done.text.splitlines() if line.startswith("error: all is well")]
    assert "good" in done.out


def test_a_file_s_name_neither_fakes_a_line_nor_steers_the_terminal(lab):
    folder = lab.record_note("a", GOOD)
    (folder / "d\nerror: all is well\x1b[2J.csv").write_text("1")
    done = lab("list")
    assert "notes/a/d\\nerror: all is well\\x1b[2J.csv is a new input" in done.out
    assert "\x1b" not in done.text


def test_a_link_that_leads_up_makes_no_inputs(lab):
    lab.record_note("other", GOOD)
    folder = lab.record_note("a", GOOD)
    for name, place in (("up", ".."), ("own", "."), ("lab", "../..")):
        (folder / name).symlink_to(place)
    (folder / "elsewhere").symlink_to("../other")
    (lab.root / "notes" / "other" / "data.csv").write_text("1")
    said = lab("list", "a").out
    assert "notes/a/elsewhere/data.csv is a new input" in said
    assert said.count("is a new input") == 1 + said.count("notes/a/elsewhere/") - 1
    assert "up/" not in said
    assert "own/" not in said


# -- records, audits, logs ------------------------------------------------------------------------------------------------------------------

NUMBERS = """
    # %%
    from labnotes import claim
    claim("v", .95, format=".2f", tolerance=.1, because="a test", holds="value > 0")
    claim("m", replicates=[.2, .3, .4, .5, .6, .7], holds="low > 0", family="all")
    """


def resealed(folder, name, change):
    """Change a file of a record by a function of its JSON, or of its bytes, and seal the record again."""
    path = folder / "record" / name
    content = path.read_bytes()
    made = change(json.loads(content)) if content[:1] == b"{" and not getattr(change, "of_bytes", False) else change(content)
    path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
    if name != "provenance.json":
        provenance = json.loads((folder / "record" / "provenance.json").read_text())
        provenance["digests"][name] = bytes_digest(path.read_bytes())
        (folder / "record" / "provenance.json").write_text(json.dumps(provenance))


def of_bytes(change):
    change.of_bytes = True
    return change


def with_value(*place, value):
    """A change that sets a value at a place in JSON."""

    def set_value(fields):
        inner = fields
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        return fields

    return set_value


DEEP = of_bytes(lambda content: b"[" * 100_000)
RECORDS = {
    "deep-record": ("record.json", DEEP, ["record: cannot be read: line 1 is nested more than 100 deep"]),
    "deep-provenance": ("provenance.json", DEEP, ["record: cannot be read: line 1 is nested more than 100 deep"]),
    "half-record": ("record.json", of_bytes(lambda content: content[: len(content) // 2]), ["record: cannot be read"]),
    "list-record": ("record.json", of_bytes(lambda content: b"[]"), ["record.json: holds a list, where an object belongs"]),
    "null-provenance": ("provenance.json", of_bytes(lambda content: b"null"), ["provenance.json: holds", "where an object belongs"]),
    "null-claims": ("record.json", with_value("claims", value=None), ["record.json: claims: holds null, where an object belongs"]),
    "null-claim": ("record.json", with_value("claims", "v", value=None), ["record.json: claims.v: holds null, where an object belongs"]),
    "list-figures": ("record.json", with_value("figures", value=[]), ["record.json: figures: holds a list, where an object belongs"]),
    "started-x": ("provenance.json", with_value("started", value="x"), ["provenance.json: started is no time: 'x'"]),
    "started-number": ("provenance.json", with_value("started", value=5), ["started"]),
    "started-later": ("provenance.json", with_value("started", value=LATER), ["provenance.json: started lies in the future: "]),
    "started-nowhere": ("provenance.json", with_value("started", value="2026-11-21T10:00:00"), ["started is a time without UTC"]),
    "newer": ("provenance.json", with_value("schema", value=999), ["record: was made by a newer labnotes: it has schema 999"]),
    "long-number": (
        "record.json",
        of_bytes(lambda content: content.replace(b"0.95", b"9" * 5_000, 1)),
        ["record: cannot be read", "4300 digits"],
    ),
}


@pytest.fixture(scope="module")
def records_lab(new_lab):
    lab = new_lab()
    lab.record_note("good", NUMBERS)
    for slug, (name, change, _) in RECORDS.items():
        shutil.copytree(lab.root / "notes" / "good", lab.root / "notes" / slug)
        resealed(lab.root / "notes" / slug, name, change)
    return lab


@pytest.fixture(scope="module")
def records_listed(records_lab):
    return list_in_time(records_lab)


@pytest.mark.parametrize(("slug", "messages"), [pytest.param(slug, case[2], id=slug) for slug, case in RECORDS.items()])
def test_a_record_that_no_run_wrote_is_told(records_listed, slug, messages):
    about = "\n".join(line for line in records_listed.err.splitlines() if f"notes/{slug}/" in line)
    assert [message for message in messages if message not in about] == [], about or records_listed.err[-1500:]


def test_staging_tells_of_such_records_and_stages_the_others(records_lab):
    assert set(staged_problems(records_lab)) == set(RECORDS)


EDITS = {
    "tolerance": (with_value("claims", "v", "tolerance", "value", value=5.0), "the record says tolerance 5, this code says 0.1 (claim v)"),
    "no-tolerance": (
        with_value("claims", "m", "tolerance", value={"value": 9.0, "because": "b"}),
        "tolerance 9, this code says none (claim m)",
    ),
    "format": (with_value("claims", "v", "format", value=".0f"), "the record says format '.0f', this code says '.2f' (claim v)"),
    "default-format": (with_value("claims", "m", "format", value=".1f"), "the record says format '.1f', this code says none (claim m)"),
    "holds": (with_value("claims", "m", "holds", value="low > -9"), "holds 'low > -9', this code says 'low > 0' (claim m)"),
    "family": (with_value("claims", "m", "family", value="one"), "family 'one', this code says 'all' (claim m)"),
    "tied": (with_value("claims", "v", "tied", value="kernels"), "tied 'kernels', this code says none (claim v)"),
    "value": (with_value("claims", "m", "value", value=0.99), "the record says value 0.99, its replicates give 0.45 (claim m)"),
    "count": (with_value("claims", "m", "n", value=1000), "the record says n = 1000, it has 6 replicates (claim m)"),
    "upheld": (with_value("claims", "m", "low", value=-0.5), "the record says that 'low > 0' holds, its numbers say otherwise (claim m)"),
}


@pytest.fixture(scope="module")
def edited_lab(new_lab):
    lab = new_lab()
    lab.record_note("good", NUMBERS)
    for slug, (change, _) in EDITS.items():
        shutil.copytree(lab.root / "notes" / "good", lab.root / "notes" / slug)
        resealed(lab.root / "notes" / slug, "record.json", change)
    return lab


@pytest.fixture(scope="module")
def edited_listed(edited_lab):
    return edited_lab("list")


@pytest.mark.parametrize("slug", EDITS)
def test_a_record_that_says_otherwise_than_its_code_is_edited(edited_listed, slug):
    about = "\n".join(line for line in edited_listed.out.splitlines() if line.startswith(f"{slug} is edited: "))
    assert EDITS[slug][1] in about, about or edited_listed.text
    assert "good is edited" not in edited_listed.out


def test_a_fresh_check_does_not_bless_an_edited_tolerance(lab):
    folder = lab.record_note("a", NUMBERS)
    resealed(folder, "record.json", EDITS["tolerance"][0])
    for command in (("check", "a"), ("check", "a", "--fresh")):
        done = lab(*command)
        assert done.code == 1, done.text
        assert "edited: the record says tolerance 5, this code says 0.1" in done.out


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("low",), 0.44, "prediction 0.44 "),
        (("high",), 0.46, " 0.46 "),
        (("prediction",), [-9.0, 9.0], " -9 9, its replicates give "),
    ],
)
def test_a_draw_of_other_seeds_is_not_judged_by_an_edited_interval(lab, place, value, said):
    folder = lab.record_note("a", NUMBERS)
    assert lab("check", "a", "--seed", "1").code == 0
    resealed(folder, "record.json", with_value("claims", "m", *place, value=value))
    done = lab("check", "a", "--seed", "1", "--fresh")
    assert done.code == 1, done.text
    assert "edited: the record says interval and prediction " in done.out and said in done.out, done.out


def test_a_start_changed_by_hand_is_no_check_of_a_stored_run(lab):
    folder = lab.record_note("a", GOOD)
    own = lab("check", "a")
    assert "stored run" in own.out, own.text
    resealed(folder, "provenance.json", with_value("started", value="2026-11-01T00:00:00Z"))
    done = lab("check", "a")
    assert done.code == 0
    assert "a: running" in done.err, "the run itself might be the one in the store: it is executed again"
    assert json.loads((folder / "checks.jsonl").read_text().splitlines()[-1]).get("stored") is not True


def test_two_runs_that_took_as_long_are_not_taken_for_one(lab):
    """In whole tenths of a second every second pair of short runs took as long."""
    lab.write_note("a", GOOD)
    seconds = []
    for _ in range(3):
        assert lab("run", "a").code == 0
        paths = (lab.cache / "labnotes" / "runs").glob("*/a/*/*/provenance.json")
        seconds.append(json.loads(max(paths, key=lambda path: path.stat().st_mtime_ns).read_text())["seconds"])
    assert len({round(value, 4) for value in seconds}) == 3, seconds


def test_an_archive_of_zeros_is_told_by_its_header():
    import numpy as np

    archive = io.BytesIO()
    np.savez_compressed(archive, **{f"axes0.mark{i}.x": np.zeros(5_000_000) for i in range(10)})
    data = {"axes": [{"marks": [{"arrays": {"x": {"npz": "axes0.mark0.x"}}}]}]}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(ValueError, match=r"hold 50,000,000 numbers; 20,000,000 are read"):
        records._attach_arrays(data, archive.getvalue())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1


def test_an_archive_of_objects_is_told():
    import numpy as np

    archive = io.BytesIO()
    np.savez_compressed(archive, x=np.array(["text"]))
    with pytest.raises(ValueError, match=r"its array 'x.npy' holds no numbers"):
        records._attach_arrays({"axes": []}, archive.getvalue())


AUDIT = Audit("0" * 64, "2026-11-21", "a CPU", (), NoiseEnvelope(claims={"x": 0.1}))
AUDITS = {
    "audit-deep": ("[" * 100_000, "line 1 is nested more than 100 deep"),
    "audit-null": ("null", "cannot be read"),
    "audit-date": (json.dumps({**encode_value(AUDIT), "date": "x"}), "its date is no date: 'x'"),
    "audit-later": (json.dumps({**encode_value(AUDIT), "date": LATER[:10]}), "its date lies in the future"),
    "audit-chaotic": (
        json.dumps(encode_value(dataclasses.replace(AUDIT, envelope=NoiseEnvelope(chaotic=("x",))))),
        "it calls claim 'x' chaotic, and does not say how far it moved",
    ),
    "audit-claims": (json.dumps({**encode_value(AUDIT), "envelope": {"claims": {"x": {}}}}), "envelope.claims.x"),
    "audit-negative": (json.dumps({**encode_value(AUDIT), "envelope": {"claims": {"x": -1.0}}}), "claim 'x' cannot have moved by -1.0"),
    "audit-edited": (audits.sealed_text(AUDIT).replace("0.1", "0.9"), "it was edited: its digest does not fit"),
}


def test_an_audit_that_no_audit_wrote_is_told(new_lab):
    lab = new_lab()
    lab.record_note("good", GOOD)
    for slug, (text, _) in AUDITS.items():
        shutil.copytree(lab.root / "notes" / "good", lab.root / "notes" / slug)
        (lab.root / "notes" / slug / "audit.json").write_text(text)
    told = list_in_time(lab).err
    for slug, (_, message) in AUDITS.items():
        about = "\n".join(line for line in told.splitlines() if f"{slug}/audit.json" in line)
        assert message in about, (slug, about)
    assert set(staged_problems(lab)) == set(AUDITS)


def test_an_audit_has_a_digest_and_one_without_is_read_as_before(lab):
    folder = lab.record_note("a", GOOD)
    (folder / "audit.json").write_text(json.dumps(encode_value(AUDIT)))
    assert "the audit of 2026-11-21 is of other code" in lab("list").out
    (folder / "audit.json").write_text(audits.sealed_text(AUDIT))
    assert "the audit of 2026-11-21 is of other code" in lab("list").out


def test_lines_of_a_log_that_no_check_wrote_are_told(lab):
    folder = lab.record_note("a", GOOD)
    lab("check", "a", "--fresh")
    (line,) = (folder / "checks.jsonl").read_text().splitlines()
    lines = [
        "[" * 100_000,
        "null",
        '{"schema": 99}',
        '{"schema": 1, "note": ["a"]}',
        line.replace('"agrees"', '"differs"'),
        line[: len(line) // 2],
    ]
    (folder / "checks.jsonl").write_text("\n".join([line, *lines]) + "\n")
    said = lab("list").out
    for number, message in enumerate(
        [
            "is nested more than 100 deep",
            "is no object",
            "a newer one wrote it",
            "digest does not fit",
            "digest does not fit",
            "is no JSON",
        ],
        2,
    ):
        assert any(f"checks.jsonl:{number}: " in row and message in row for row in said.splitlines()), (number, said)
    assert "agrees" in said


# -- the guard itself ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (RecursionError("maximum recursion depth exceeded"), "is nested too deeply to be read"),
        (MemoryError(), "is too large"),
        (UnicodeEncodeError("utf-8", "a\ud800", 1, 2, "surrogates not allowed"), "holds the character '\\ud800'"),
        (PermissionError(13, "Permission denied", "/lab/notes/a\nb"), "/lab/notes/a\\nb: Permission denied"),
        (ExceptionGroup("of a task", [MemoryError()]), "is too large"),
    ],
)
def test_an_error_is_told_in_words(error, message):
    (problem,) = error_problems(error, "notes/a")
    assert problem.where == "notes/a"
    assert message in problem.what
    assert "fault of labnotes" not in problem.hint


def test_what_nobody_foresaw_is_a_fault_of_ours_without_a_traceback(lab, monkeypatch):
    problems = []
    with guard_note("notes/a", problems):
        raise KeyError("x")
    (problem,) = problems
    assert "unexpected KeyError" in problem.what
    assert "a fault of labnotes at " in problem.hint
    lab.write_note("a", GOOD)
    monkeypatch.setattr(Lab, "choose_slugs", lambda *_: 1 / 0)
    done = lab("list")
    assert done.code == 2
    assert "Traceback" not in done.text
    assert "unexpected ZeroDivisionError" in done.err
    assert "LABNOTES_TRACEBACK=1" in done.err


@pytest.mark.slow  # 5 s: five commands
def test_a_fault_in_one_note_leaves_the_others(lab, monkeypatch):
    for slug in ("a", "b", "c"):
        lab.record_note(slug, GOOD)
    read = notes.read_note

    def read_or_fail(lab, slug, **options):
        if slug == "b":
            raise RecursionError
        return read(lab, slug, **options)

    monkeypatch.setattr(notes, "read_note", read_or_fail)
    for command in ("list", "check", "run", "mutate", "diff"):
        done = lab(command)
        assert done.code == 2, (command, done.text)
        assert "error b: is nested too deeply to be read" in done.err, command
        assert all(slug in done.text for slug in ("a", "c")), command
    assert set(staged_problems(lab)) == {"b"}


# -- the site ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("site_name: A\n", ""),
        ("site_name: A\nhooks: [evil.py]\n", "hooks evil.py"),
        ("site_name: A\nhooks: [.labnotes/site/hooks.py, .labnotes/evil.py]\n", "hooks .labnotes/evil.py"),
        ("site_name: A\nplugins: [search, {macros: {}}]\n", "plugins search, macros"),
        ("site_name: A\ntheme: {name: material, custom_dir: own}\n", "templates own"),
        ("site_name: A\nextra: {a: !!python/name:os.system }\n", "tags !!python/"),
        ("hooks: [a.py, b.py]\nplugins: [tags]\n", "hooks a.py, b.py; plugins tags"),
    ],
)
def test_the_code_that_a_stranger_s_settings_run_is_named(tmp_path, settings, said):
    (tmp_path / "mkdocs.yml").write_text(settings)
    assert site_settings.code_named(tmp_path / "mkdocs.yml") == said


@pytest.mark.slow  # 4 s: a site is built
def test_a_page_names_its_widget_by_digest_and_loads_scripts_of_its_site_alone(lab):
    (lab.root / "mkdocs.yml").write_text("INHERIT: .labnotes/site/mkdocs.yml\nsite_name: A lab\nhooks: [.labnotes/site/hooks.py, own.py]\n")
    (lab.root / "own.py").write_text("")
    (lab.root / "docs").mkdir()
    (lab.root / "docs" / "index.md").write_text("# Notes\n")
    folder = lab.record_note("a", GOOD)
    (folder / "widget.js").write_text("export default 1\n")
    lab.record_note("b", GOOD)
    built = lab("build")
    assert "mkdocs.yml names code that MkDocs runs with your rights: hooks own.py" in built.out, built.text
    page = (lab.root / "site/notes/a/index.html").read_text()
    digest = base64.b64encode(hashlib.sha384(b"export default 1\n").digest()).decode()
    assert f'<script type="module" src="widget.js" integrity="sha384-{digest}"></script>' in page
    for path in (lab.root / "site").rglob("*.html"):
        text = path.read_text()
        if "<article" not in text:
            continue
        [(before, named)] = re.findall(
            r"""^(.*?)<meta http-equiv="Content-Security-Policy" content="script-src 'self' ([^;]+);""", text, re.DOTALL
        )
        assert "<script" not in before, path
        inline = [code for attributes, code in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL) if not attributes]
        digests = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in inline]
        assert len(inline) > 2 and set(named.split()) == {f"'sha256-{digest}'" for digest in digests}, path
    assert "widget.js" not in (lab.root / "site/notes/b/index.html").read_text()
