"""The staged site under Zensical, which is to follow MkDocs: the same pages, but for what docs/architecture.md says that the site loses there."""

import base64
import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labnotes.site.verify.verification import verify_site
from machine import CHROMIUM
from site_comparison import Difference, compare_sites, name_losses

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow

TELLING = r"""
# %% [markdown]
# In short, {{ rate }} of {{ seen }} and ${{ rate }} < x^2$[^why]; see @fig:line, @tab:runs, [@ada2024] and \eqref{sum}.
#
# $$
# \sum_{i=1}^n i = \frac{n(n+1)}{2} \label{sum}
# $$
#
# [^why]: Because of $\alpha$ and [the raw data](raw.csv).
#
# ## Lists & <i>tables</i>
# Steps:
# 1. one
#    - nested *twice*
#      - thrice
# 2. two
#
# - [x] done
# - [ ] not done
#
# | a | $b_i$ |
# |---|------:|
# | 1 | $\lvert x \rvert$ |
#
# > [!NOTE]
# > Set apart.
#
# <details><summary>More</summary>
#
# Inside, with `code` and a [link](../second/note.py#shared-words).
#
# </details>
#
# ## 方法
#
# <img src="dot.png" alt="A dot beside the note"> and ![another](dot.png), and ~~struck~~ https://example.org/.
#
# <video src="film.mp4" controls></video>

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, Markdown, display
from labnotes import claim, figure, table

claim("rate", 0.25, format=".0%")
claim("seen", 1204, format=",d")
fig, ax = plt.subplots(figsize=(4, 3))
ax.plot([1, 2, 3], [3, 1, 2], label="with <x> & y")
figure(fig, "line", caption="A *line* of {{ rate }} and $\\beta$.", alt="A line that falls and rises.")
table(pd.DataFrame({"arm": ["a", "<b>"], "runs": [1, 2]}), "runs", caption="Runs by arm.")

# %%
print("\x1b[31mred\x1b[0m", *range(40), sep="\n")
display(Markdown("**bold** and $x$"))
display(HTML("<p style='color: red'>A paragraph <script>alert(1)</script></p>"))

# %% [markdown]
# ## Shared words
#
# ```python
# x = "<b>"
# ```
"""

SECOND = """
# %% [markdown]
# ## Shared words
# Follows [the first](../telling/note.py#方法) at {{ rate }}.

# %%
from labnotes import claim
claim("rate", 0.5, format=".1%")
"""

HAND_WRITTEN = """# About {: #about }

Us, and [a note](notes/posts/telling.md), [its raw data](notes/telling/raw.csv), [a tag](tags.md#tag:dose), [a page](deep/er.md#end)[^1].

[^1]: A footnote.

Term
:   Its definition.

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1
```
"""

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")

TUTORIALS = ("first-note", "from-a-notebook")

KINDS = {
    "Digests of scripts": lambda difference: _is_policy(difference),
    "Links to single tags": lambda difference: (
        difference.place == "tags/index.html: content"
        and all("class='headerlink'" in line and "/tags/#tag:" in line for line in difference.before)
        and not difference.after
    ),
    "Headings of further pages": lambda difference: _is_heading_of_further_page(difference),
    "Notebooks in `docs/`": lambda difference: _is_of_notebook(difference),
    "Functions in the search": lambda difference: (
        difference.place == "search" and all(line.startswith("('reference/") for line in difference.before) and not difference.after
    ),
    "Packed sitemap": lambda difference: difference == Difference("sitemap.xml.gz", ("file",), ()),
    "Tags as JSON": lambda difference: difference == Difference("tags.json", ("file",), ()),
    "Style sheet of the reference": lambda difference: (
        difference == Difference("assets/_mkdocstrings.css", ("file",), ())
        or (len(difference.before) == 1 and "/assets/_mkdocstrings.css'" in difference.before[0] and not difference.after)
    ),
}
"""What is lost, by the name that docs/architecture.md gives it, and which differences are of that kind."""


def _is_policy(difference):
    """Whether the pages differ in that alone: MkDocs names each inline script by its digest, Zensical lets all run."""
    named = re.sub(r"'sha256-[^']*'( 'sha256-[^']*')*", "'unsafe-inline'", "".join(difference.before))
    return "Content-Security-Policy" in named and "sha256" in "".join(difference.before) and (named,) == difference.after


def _is_of_notebook(difference):
    """Whether it is that the tutorials, notebooks, have no pages: their files are where they lie, links lead there, and the search knows nothing
    of them."""
    folders = [f"tutorials/{name}" for name in TUTORIALS]
    if difference.place == "search":
        return all(line.startswith(tuple(f"('{folder}/" for folder in folders)) for line in difference.before) and not difference.after
    linked = tuple(re.sub(rf"/({'|'.join(folders)})\.ipynb'", r"/\1/'", line) for line in difference.after)
    files = [
        kind
        for name, folder in zip(TUTORIALS, folders, strict=True)
        for kind in (
            Difference(f"{folder}.ipynb", (), ("file",)),
            Difference(f"{folder}/{name}.ipynb", ("file",), ()),
            Difference(f"{folder}/index.html", ("file",), ()),
        )
    ]
    return difference in files or (linked == difference.before and linked != difference.after)


def _is_heading_of_further_page(difference):
    """Whether a further page of the home page is headed by its name in the menu, not by the heading of the first."""
    names = [re.findall(r"<h1 id='(\w+)'>(\w+)</>", " ".join(lines)) for lines in (difference.before, difference.after)]
    is_heading = names == [[("small", "Small")], [("notes", "Notes")]]
    return difference.place == "page/2/index.html: content" and is_heading and len(difference.before) == len(difference.after)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def build_with_zensical(root, folder="zensical-site", slash=""):
    """Build the staged pages of a lab with Zensical into a folder beside the site of MkDocs, with `slash` after the lab's address."""
    shutil.rmtree(root / ".cache", ignore_errors=True)
    settings = re.sub(r"^(site_url: .*)", rf"\1{slash}", (root / "mkdocs.yml").read_text(), flags=re.MULTILINE)
    (root / "zensical.yml").write_text(f"{settings}\nsite_dir: {folder}\n")
    command = [Path(sys.executable).with_name("zensical"), "build", "--strict", "--config-file", root / "zensical.yml"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / folder


def told_losses():
    """The names in the first column of the table "What the site loses under Zensical"."""
    section = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("\n## What the site loses under Zensical\n")[2]
    return set(re.findall(r"^\| \*\*(.+?)\*\* \|", section.partition("\n## ")[0], re.MULTILINE))


@pytest.fixture(scope="module")
def small(new_lab):
    """A lab of two telling notes and a draft, checked, with an address and a repository; its sites by both builders."""
    lab = new_lab()
    assert lab("init", "small", cwd=lab.root.parent).code == 0
    lab.root = lab.root.parent / "small"
    settings = (lab.root / "mkdocs.yml").read_text().replace("# site_url: https://lab.example.org/", "site_url: https://lab.example/lab")
    settings = settings.replace("  - Tags: tags.md\n", "  - Tags: tags.md\n  - About: about.md\n")
    more = "repo_url: https://github.com/ada/lab\nplugins:\n  blog: {pagination_per_page: 1}\n"
    (lab.root / "mkdocs.yml").write_text(f"{settings}\n{more}")
    (lab.root / "docs" / "about.md").write_text(HAND_WRITTEN)
    (lab.root / "docs" / "deep").mkdir()
    (lab.root / "docs" / "deep" / "er.md").write_text("# Deeper\n\n[Up](../about.md)\n\n## End\n\nLast.\n")
    people = [{"name": "Ada Lovelace", "affiliation": "Engines & Co", "orcid": "0000-0002-1825-0097"}, {"name": "José Ñandú"}]
    updates = [{"date": "2026-11-22", "text": "The rate was {{ rate }}.", "kind": "correction"}]
    told = {"title": 'How & "why"', "authors": people, "tags": ["dose", "AI safety"], "updates": updates, "former_slugs": ["old-name"]}
    folder = lab.write_note("telling", TELLING, settings=told)
    (folder / "raw.csv").write_text("a,b\n1,2\n")
    (folder / "dot.png").write_bytes(DOT)
    (folder / "film.mp4").write_bytes(b"no film")
    (folder / "references.bib").write_text(
        "@misc{ada2024, title = {A page}, author = {Ada Lovelace}, year = {2024}, url = {https://a.example/}}\n"
    )
    lab.write_note("second", SECOND, settings={"title": "What came of it", "tags": ["dose"], "language": "ar"})
    lab.write_note("unready", SECOND, settings={"status": "draft", "title": "Unready"})
    lab.run_and_accept("telling", "second", "unready")
    checked = lab("check", "--fresh", "telling")
    assert checked.code == 0, checked.text
    done = lab("build")
    assert done.code == 0, done.text
    return lab.root / "site", build_with_zensical(lab.root)


@pytest.fixture(scope="module")
def own(new_lab):
    """This repository's own site by both builders."""
    lab = new_lab()
    lab.copy_own_lab()
    done = lab("build")
    assert done.code == 0, done.text
    return lab.root / "site", build_with_zensical(lab.root)


def test_what_is_lost_is_what_the_documentation_says(small, own):
    losses = name_losses(compare_sites(*small, "/lab/"), KINDS) | name_losses(compare_sites(*own, "/"), KINDS)
    assert losses == told_losses() == set(KINDS)


def test_nothing_is_wrong_with_the_pages(small, own):
    assert [verify_site(site) for _, site in (small, own)] == [[], []]
    text = "".join(path.read_text() for path in small[1].rglob("*") if path.suffix in (".html", ".json", ".xml"))
    assert "Unready" not in text and "How &amp; &#34;why&#34;" in text


def test_a_slash_at_the_end_of_the_address_changes_nothing(small):
    site = build_with_zensical(small[0].parent, "slashed-site", "/")
    assert list(compare_sites(small[1], site, "/lab/")) == []


@pytest.mark.parametrize("change", ["text", "id", "picture", "number", "page", "search"])
def test_the_comparison_sees_what_is_lost(small, tmp_path, change):
    """What the tests above say holds only if a loss of each kind is a difference of no known kind."""
    site = shutil.copytree(small[1], tmp_path / "site")
    page = site / "notes" / "telling" / "index.html"
    text = page.read_text()
    if change == "page":
        (site / "notes" / "second" / "index.html").unlink()
    elif change == "search":
        index = site / "notes/search.json"
        index.write_text(index.read_text().replace("Shared words", "Shared"))
    else:
        old, new = {
            "text": ("thrice", "twice"),
            "id": ('id="方法"', ""),
            "picture": ("dot.", "dots."),
            "number": ("<mn>2</mn>", "<mn>3</mn>"),
        }[change]
        assert old in text
        page.write_text(text.replace(old, new))
    assert name_losses(compare_sites(small[0], site, "/lab/"), KINDS) - set(KINDS)


@pytest.mark.browser
def test_a_word_of_a_note_is_found_and_the_script_works(small, tmp_path):
    """In a browser, below a path as the site is published."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    (tmp_path / "lab").symlink_to(small[1])
    handler = functools.partial(QuietHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        troubles = []
        page.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.goto(f"http://127.0.0.1:{server.server_port}/lab/notes/second/", wait_until="networkidle")
        assert page.evaluate("document.querySelector(document.querySelector('.md-skip').hash).matches('.md-content')")
        page.get_by_role("button", name="Search").click()
        page.keyboard.type("thrice")  # at once: what is typed before the field is there is not lost
        page.get_by_role("option", name="Lists & tables").click()
        page.wait_for_url("**/lab/notes/telling/**")
        page.get_by_role("button", name=re.compile("Show all code")).click()
        assert page.locator("details.ln-code").count() > page.locator("details.ln-code:not([open])").count() == 0
        assert troubles == []
        browser.close()
        server.shutdown()
