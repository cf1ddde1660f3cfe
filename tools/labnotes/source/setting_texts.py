"""What authors may write in note.yml, as messages show it, and the words that stand for it in sentences."""

EXAMPLES = {
    "title": "title: How many seeds a claim needs",
    "date": "date: 2026-11-21",
    "authors": "authors: [Ada Example]",
    "summary": "summary: One sentence that says what was found.",
    "sentence": "sentence: Taught bad answers in one subject, a small model answers badly in seven others.    (at most 200 characters)",
    "findings": 'findings: ["Bad answers rise to {{ bad }}."]    (at most three, with the names of claims)',
    "tags": "tags: [statistics]",
    "aliases": "aliases: [SAE, dictionary learning]    (words that readers search for and the note does not use)",
    "status": "status: draft    (or published)",
    "references": "references: references.bib",
    "inputs": "inputs: [data/prompts.csv, {url: https://example.org/x.csv, sha256: ...}, {package: boltons==23.0.0, sha256: ...}]    "
    "(paths from the lab's root; what is fetched, with its digest)",
    "timeout": "timeout: 10m",
    "cell_timeout": "cell_timeout: 90s",
    "cores": "cores: 1",
    "memory": "memory: 8G",
    "seed": "seed: 0",
    "trained": 'trained: ["*"]    (or names and patterns; "!name" leaves one out)',
    "stated": "stated: 26",
    "updates": "updates: [{date: 2026-11-22, kind: correction, text: What changed and why.}]",
    "language": "language: de    (or ar, pt-BR, zh-Hant: BCP 47)",
    "needs": "needs: {gpu: trains for 3 days on one H100}",
    "macros": r"macros: {RR: '\mathbb{R}', norm: '\lVert #1 \rVert'}    (of math, for \RR and \norm{x})",
    "former_slugs": "former_slugs: [old-name]    (written by labnotes rename)",
    "licence": "licence: CC-BY-4.0    (or CC-BY-4.0 AND MIT: identifiers of SPDX)",
    "doi": "doi: 10.5281/zenodo.1234567",
    "based_on": "based_on: [ada2024]    (keys of the bibliography)",
}

SCAFFOLD = (EXAMPLES["summary"].removeprefix("summary: "), "Say in one sentence what was found")
"""What `labnotes new` writes for its author to replace: the summary in note.yml, and how the source begins."""

TO_FILL_IN = "To fill in"
"""How a text begins that `labnotes adopt` could not know and an author must write before a note is published."""

NEEDS = {"gpu": "a GPU", "key": "an API key", "hours": "hours of computing", "data": "data that is not in the lab"}
"""What a note may need that not every machine has, and its name in sentences."""
