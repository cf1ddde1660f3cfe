"""Twenty telling cells as a note shows them, as Jupyter's own export does, and as mkdocs-jupyter does: a picture of the three for each.

    .venv/bin/python benchmarks/side_by_side.py /tmp/side                                   # labnotes and nbconvert
    .venv/bin/python benchmarks/side_by_side.py /tmp/side --mkdocs /tmp/mj/bin/mkdocs       # and mkdocs-jupyter, from where it is installed

The notebook is executed once for nbconvert and mkdocs-jupyter, and by labnotes for itself. Each heading of the third level begins a piece; the pieces are cut
out of the pages in the system's Chromium (extra `test`) and put side by side: labnotes, nbconvert's lab template, mkdocs-jupyter. The network is off, so that
formulas of the other two, which load MathJax from elsewhere, stay TeX. Nothing is judged: look at the pictures.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

WIDTH = 1000
"""Pixels of a window: each of the three columns is as wide as a reader with a small laptop has it."""

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#4477aa"/></svg>'

SETTINGS = """title: Twenty telling cells
date: 2026-11-21
authors: [Ada Example]
summary: What a cell looks like.
status: published
"""

PIECES: dict[str, list[str]] = {
    "Lists": ["Steps:\n- one\n- two\n  - nested by two\n    - and again\n\n3. from three\n4. on\n\n- [x] done\n- [ ] not done"],
    "Details left open": ["<details><summary>More</summary>\n\n**Inside**, a list:\n\n- a\n- b", "Text of the next cell."],
    "Table with math": ["| arm | $p_i$ | note |\n|:--|--:|:-:|\n| a | $\\lvert x \\rvert$ | `a\\|b` |\n| b | 0.25 | ~~old~~ **new** |"],
    "Footnotes": ["A remark[^a], and another[^b].\n\n[^a]: The *first*.\n[^b]: The second, with `code`."],
    "Spaced math": ["Let $ \\theta_0 $ be small, $x_1\n+ x_2$ too; it costs \\$5, not \\$7."],
    "Numbered equations": ["\\begin{align}\na &= b + c \\label{one} \\\\\nd &= e \\tag{A}\n\\end{align}\n\nSee \\eqref{one}."],
    "Macros": [
        "$\\newcommand{\\RR}{\\mathbb{R}}$Then $x \\in \\RR^n$ and $$\\boldsymbol{\\beta} = \\arg\\min_b \\lVert y - Xb \\rVert^2$$"
    ],
    "Attached picture": ["![An attached dot](attachment:dot.png)"],
    "Picture beside the note": ['<img src="bar.svg" alt="A blue bar" width="240"> and ![again](bar.svg)'],
    "Alerts": ["> [!NOTE]\n> Set apart.\n\n> [!WARNING]\n> Take care.\n\n!!! tip\n    An admonition.\n\n> A plain quotation."],
    "Code and links": [
        "```python\ndef f(x):\n    return x + 1  # a comment\n```\n\nSee https://example.org/ and <a id='there'></a>[there](#there), `inline` and <kbd>Ctrl</kbd>."
    ],
    "Markdown and math as outputs": ["%%display(Markdown('**0.93** of:\\n\\n- a\\n- b'), Math(r'x^2 + y^2'), Latex(r'$\\alpha$'))"],
    "Data frame": ["%%frame"],
    "Styler": ["%%frame.style.highlight_max(color='#ffdd88').format('{:.2f}')"],
    "Printed colours": ["%%print('\\x1b[31mred\\x1b[0m \\x1b[1;32mbold green\\x1b[0m \\x1b[44mon blue\\x1b[0m')\nrich_print()"],
    "Progress bar": ["%%for _ in tqdm(range(20), ascii=True): pass"],
    "Long text": ["%%print(*(f'line {i}' for i in range(60)), sep='\\n')"],
    "Warnings": ["%%warnings.warn('numbers are small')\nprint('after')"],
    "Widget, SVG and audio": [
        "%%display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a'}, 'text/plain': 'IntSlider(value=3)'}, raw=True)\n"
        f"display(SVG('{PICTURE}'), Audio(np.sin(np.arange(800) / 9), rate=8000))"
    ],
    "Hidden input": ["%%# hide-input\nprint('The code above is hidden where its tag is obeyed.')"],
}
"""Twenty pieces: a heading, and the cells below it. Code begins with two percent signs."""

FIRST = """import warnings
import numpy as np
import pandas as pd
from IPython.display import SVG, Audio, Latex, Markdown, Math, display
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

frame = pd.DataFrame({"rate": [0.25, 0.5, 0.75], "runs": [1.0, 2.0, 3.0]}, index=pd.Index(["a", "b", "c"], name="arm"))


def rich_print():
    table = Table(title="Runs")
    table.add_column("arm", style="cyan")
    table.add_column("runs", justify="right")
    table.add_row("a", "12")
    Console(force_jupyter=True, width=60).print(table)
"""


def telling_notebook() -> Any:
    """The notebook, not executed."""
    cells = [new_code_cell(FIRST, metadata={"tags": ["remove-cell"]})]
    for heading, sources in PIECES.items():
        cells.append(new_markdown_cell(f"### {heading}"))
        for source in sources:
            cell = new_code_cell(source[2:]) if source.startswith("%%") else new_markdown_cell(source)
            if "attachment:" in source:
                cell["attachments"] = {"dot.png": {"image/png": DOT}}
            if "# hide-input" in source:
                cell["metadata"]["tags"] = ["hide-input", "hide_input", "remove_input"]
            cells.append(cell)
    cells.insert(1, new_markdown_cell("# Twenty telling cells\n\n## All of them"))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    return notebook


def run_command(*words: object, folder: Path) -> None:
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


def build_labnotes(folder: Path) -> Path:
    """The note's page in a new lab."""
    run_command(sys.executable, "-m", "labnotes", "init", "lab", folder=folder)
    lab = folder / "lab"
    note = lab / "notes" / "telling"
    note.mkdir(parents=True)
    nbformat.write(telling_notebook(), note / "note.ipynb")
    (note / "note.yml").write_text(SETTINGS)
    (note / "bar.svg").write_text(PICTURE)
    for words in (("run", "telling"), ("accept", "telling", "--yes"), ("build",)):
        run_command(sys.executable, "-m", "labnotes", *words, folder=lab)
    return lab / "site" / "notes" / "telling" / "index.html"


def export_notebook(folder: Path) -> Path:
    """Jupyter's own export, by the template that JupyterLab uses; the executed notebook lies beside it."""
    nbformat.write(telling_notebook(), folder / "plain.ipynb")
    (folder / "bar.svg").write_text(PICTURE)
    jupyter = [sys.executable, "-m", "nbconvert", "--allow-errors"]
    run_command(*jupyter, "--execute", "--to", "notebook", "--output", "telling.ipynb", "plain.ipynb", folder=folder)
    run_command(*jupyter, "--to", "html", "--template", "lab", "telling.ipynb", folder=folder)
    return folder / "telling.html"


def build_mkdocs_jupyter(folder: Path, mkdocs: str) -> Path:
    """The same executed notebook as a page of Material for MkDocs, made by mkdocs-jupyter."""
    docs = folder / "docs"
    docs.mkdir()
    for name in ("telling.ipynb", "bar.svg"):
        (docs / name).write_bytes((folder / name).read_bytes())
    settings = "site_name: Lab\ntheme: {name: material, font: false}\nplugins:\n  - mkdocs-jupyter: {remove_tag_config: {remove_input_tags: [hide_input]}}\n"
    (folder / "mkdocs.yml").write_text(settings)
    run_command(mkdocs, "build", "--quiet", folder=folder)
    return folder / "site" / "telling" / "index.html"


def take_pieces(browser: Browser, page_file: Path, folder: Path) -> dict[str, Image.Image]:
    """The pieces of a page as pictures, by their headings."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1200})
    page.route("http**", lambda route: route.abort())
    page.goto(page_file.as_uri(), wait_until="load")
    page.wait_for_timeout(500)
    tops = page.evaluate("""() => [...document.querySelectorAll("h3")].map((heading) =>
        [heading.textContent.replace(/[¶#]\\s*$/, "").trim(), Math.round(heading.getBoundingClientRect().top + scrollY) - 8])""")
    height = page.evaluate("document.documentElement.scrollHeight")
    whole = folder / f"{len(list(folder.glob('*.png')))}.png"
    page.set_viewport_size({"width": WIDTH, "height": min(height, 16000)})
    page.screenshot(path=whole)
    page.close()
    picture = Image.open(whole).convert("RGB")
    ends = [top for _, top in tops[1:]] + [tops[-1][1] + 400]
    return {name: picture.crop((0, top, WIDTH, min(max(end, top + 40), top + 1200))) for (name, top), end in zip(tops, ends, strict=True)}


def put_side_by_side(pictures: list[Image.Image | None]) -> Image.Image:
    height = max(picture.height for picture in pictures if picture)
    sheet = Image.new("RGB", (len(pictures) * (WIDTH + 10), height), "#cc3311")
    for place, picture in enumerate(pictures):
        if picture:
            sheet.paste(picture, (place * (WIDTH + 10), 0))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--mkdocs", default="", help="the mkdocs command of an environment with mkdocs-jupyter and mkdocs-material")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        pages = [build_labnotes(folder), export_notebook(folder)]
        if options.mkdocs:
            pages.append(build_mkdocs_jupyter(folder, options.mkdocs))
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        pieces = [take_pieces(browser, page, folder) for page in pages]
        browser.close()
        for number, heading in enumerate(PIECES, 1):
            sheet = put_side_by_side([taken.get(heading) for taken in pieces])
            sheet.save(options.out / f"{number:02}-{heading.lower().replace(' ', '-').replace(',', '')}.png")


if __name__ == "__main__":
    main()
