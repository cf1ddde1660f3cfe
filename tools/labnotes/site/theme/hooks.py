"""Runs inside the site builder: spares it work that no page shows, holds notebooks among the hand-written pages to the rules of all pages, and names
in each page's policy the scripts that the theme writes into it.

Lists of notes are made of front matter. Material's blog renders the whole text of each note again for every list that it stands in: at 1,000
notes most of a build.

The policy in overrides/main.html lets all scripts run that stand in a page, since `mkdocs serve` adds one to it. In a build, and in the preview of
`labnotes serve`, the digests of the theme's own take the place of that, so that a browser runs no other, whatever came into the text of a page.

The search is labnotes' own. What it reads is staged; what only a builder knows is put in here, and Material's own search, which nothing of a page
loads, is taken out of what is published, with the sources of its scripts for debugging.

mkdocs-jupyter says which files are pages, copies their sources beside them and lays out their cells. What the cells hold is read, sanitised and
told by `labnotes.site.docs_notebooks`, as the text and the outputs of notes are.
"""

import base64
import hashlib
import html
import logging
import os
import re
import shutil
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

from markdown.extensions.toc import nest_toc_tokens
from material.plugins.blog.structure import Excerpt
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
_ANY = "'unsafe-inline'"

JUPYTER = "mkdocs-jupyter"
NOTEBOOKS = (".ipynb", ".py")

_log = logging.getLogger("mkdocs.labnotes")


def _no_text(excerpt, page, separator):
    excerpt.content = ""


def _inline_scripts(page):
    """The texts of the scripts that stand in `page` and that a browser would run: not of those that it loads, nor of data."""
    matches = _INLINE.finditer(page)
    return [match["code"] for match in matches if not re.search(r"\bsrc\s*=|\btype\s*=\s*\"?application/", match["attributes"])]


def _with_digests(page, content=""):
    """A page whose policy names its inline scripts, but for those in its `content`."""
    foreign = {*_inline_scripts(content)}
    own = dict.fromkeys(code for code in _inline_scripts(page) if code not in foreign)
    digests = (base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in own)
    return page.replace(_ANY, " ".join(f"'sha256-{digest}'" for digest in digests), 1)


class _Command:
    """What differs between a build and the server of MkDocs."""

    adds_script = False


_known_pages = {}
"""The notebooks among the hand-written pages, by their paths in that folder."""


def on_files(files, config):
    plugin = config.plugins.get(JUPYTER)
    if plugin is None:
        return files
    if plugin.config["execute"]:
        said = "labnotes builds what was executed, and executes nothing: store the outputs in the notebook, or make it a note"
        raise PluginError(f"mkdocs.yml: plugins.{JUPYTER}.execute: {said}")
    docs = Path(config.docs_dir)
    kept = Files([_plain_file(file, docs) for file in files if not _leads_out(file, docs, Path(config.config_file_path).parent)])
    _known_pages.clear()
    for file in [file for file in kept.documentation_pages() if Path(file.src_uri).suffix in NOTEBOOKS]:
        _read_notebook(file, kept, docs, plugin, config)
    _tell_shared_addresses(kept, docs)
    return kept


def _leads_out(file, docs, root):
    """Whether a notebook is a link to what is not there or not in the lab, which is told."""
    path = docs / file.src_uri
    if path.suffix not in NOTEBOOKS or not path.is_symlink():
        return False
    target = path.resolve()
    if target.is_file() and target.is_relative_to(root.resolve()):
        return False
    said = "a file that is not there" if not target.exists() else "what is no file of this lab"
    _log.warning("%s: is a link to %s\n    put the notebook itself there", Path(docs.name) / file.src_uri, said)
    return True


def _tell_shared_addresses(files, docs):
    """Tell of pages that would be written to one file: only one of them would be read."""
    first = {}
    for file in files.documentation_pages():
        other = first.setdefault(file.dest_uri, file)
        if other is not file and {Path(file.src_uri).suffix, Path(other.src_uri).suffix} & {*NOTEBOOKS}:
            said = "have the same address on the site\n    rename one of them"
            _log.warning("%s and %s %s", Path(docs.name) / other.src_uri, Path(docs.name) / file.src_uri, said)


def _plain_file(file, docs):
    """A file as MkDocs has it, unless it is a notebook that its author wrote as a page."""
    if Path(file.src_uri).suffix not in NOTEBOOKS or not hasattr(file, "file"):
        return file
    if file.src_uri.startswith("notes/"):
        return file.file  # staged
    from labnotes.source import notebooks  # takes time, and most labs have no such files

    return file if notebooks.is_notebook_file(docs / file.src_uri) else file.file


def _read_notebook(file, files, docs, plugin, config):
    from labnotes.site.docs_notebooks import docs_page  # takes more

    folder = f"{Path(file.src_uri).with_suffix('').as_posix()}_files"

    def resolve_link(path):
        target = files.get_file_from_path(path)
        return target.url_relative_to(file) if target else None

    base = File(f"{folder}/x", docs, config.site_dir, config.use_directory_urls).url_relative_to(file).removesuffix("x")
    said = plugin.config["remove_tag_config"].items()
    removed = {key: frozenset([tags] if isinstance(tags, str) else tags) for key, tags in said}
    rules = docs_page.TagRules(
        cells=removed.get("remove_cell_tags", frozenset()),
        inputs=removed.get("remove_input_tags", frozenset()),
        all_outputs=removed.get("remove_all_outputs_tags", frozenset()),
        outputs=removed.get("remove_single_output_tags", frozenset()),
    )
    page = docs_page.read_docs_page(docs / file.src_uri, docs, resolve_link, base, rules)
    for problem in page.problems:
        _log.warning("%s", problem)  # the build is strict
    for name, content in page.files.items():
        files.append(File.generated(config, f"{folder}/{name}", content=content))
    _known_pages[file.src_uri] = page


def on_pre_page(page, config, **_):
    if page.file.src_uri in _known_pages:
        page.render = _render_notebook.__get__(page, Page)
    return page


def on_page_read_source(page, **_):
    known = _known_pages.get(page.file.src_uri)
    return known and f"---\n{known.front}---\n\n{known.text}"


def _render_notebook(page, config, files):
    from labnotes.site.docs_notebooks import docs_prose, notebook_html

    known, settings = _known_pages[page.file.src_uri], config.plugins[JUPYTER].config
    options = notebook_html.LayoutOptions(**{field.name: settings[field.name] for field in fields(notebook_html.LayoutOptions)})
    page.content = notebook_html.notebook_html(known.parts, known.language, options)
    headings = [{"level": level, "id": name, "name": words} for level, name, words in docs_prose.headings_of(page.content)]
    page.toc = get_toc(nest_toc_tokens([heading for heading in headings if heading["level"] <= settings["toc_depth"]]))


_made_files = []
"""The files of the build that is going on."""

SEARCH_OF_MATERIAL = ("assets/javascripts/lunr", "assets/javascripts/workers")
SOURCE_MAP = re.compile(rb"\s*(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/)\s*$")


def on_env(env, files, **_):
    _made_files[:] = files.documentation_pages()
    return env


def on_post_build(config, **_):
    site = Path(config.site_dir)
    _complete_search(site)
    for folder in SEARCH_OF_MATERIAL:
        shutil.rmtree(site / folder, ignore_errors=True)
    for path in [*site.glob("assets/javascripts/**/*.map"), *site.glob("assets/stylesheets/**/*.map")]:
        path.unlink()
        named = path.with_suffix("")
        if named.is_file():
            named.write_bytes(SOURCE_MAP.sub(b"\n", named.read_bytes()))


def _complete_search(site):
    """Put into what the search reads the addresses of headings as MkDocs made them, and the pages that are made of notebooks."""
    from labnotes.site.stage import search_index
    from labnotes.site.stage.searched_pages import BuiltPage

    staged = {name: site / "notes" / name for name in (search_index.PAGES_FILE, search_index.SECTIONS_FILE)}
    if not all(path.is_file() for path in staged.values()):
        return  # nothing was staged
    pages = [file.page for file in _made_files if file.page is not None and not file.src_uri.startswith("notes/")]
    built = [
        BuiltPage(
            address=_page_address(page),
            title=html.unescape(re.sub("<[^>]*>", "", str(page.title))),
            summary=str(page.meta.get("description") or ""),
            headings=[
                (item.id, html.unescape(re.sub("<[^>]*>", "", item.title)))
                for item in _toc_items(page.toc)
                if item.level > 1 and not item.id.startswith("tag:")
            ],
            text=html.unescape(re.sub("<[^>]*>", " ", page.content)),
            is_markdown=page.file.src_uri not in _known_pages,
        )
        for page in pages
        if page.content is not None and not (isinstance(page.meta.get("search"), dict) and page.meta["search"].get("exclude"))
    ]
    told = {name: path.read_bytes() for name, path in staged.items()}
    for name, content in search_index.complete_files(told, built, {_page_address(page) for page in pages}).items():
        if content != told[name]:
            staged[name].write_bytes(content)


def _page_address(page):
    return unquote(page.url).removeprefix("./")


def _toc_items(toc):
    for item in toc:
        yield item
        yield from _toc_items(item.children)


def on_startup(command, **_):
    _Command.adds_script = command == "serve" and "LABNOTES_PREVIEW" not in os.environ
    Excerpt.render = _no_text


def on_post_page(output, page, **_):
    return output if _Command.adds_script else _with_digests(output, page.content or "")


def on_post_template(output_content, template_name, **_):
    is_page = template_name.endswith(".html") and not _Command.adds_script
    return _with_digests(output_content) if is_page else output_content
