r"""Whatever a run shows, a record says or an author is called: nothing of it runs in a reader's browser, and nothing is loaded from elsewhere.

Each payload would call `top.hit(N)`. All stand in every place that shows what a run or a settings file says, in one lab built once; a real
browser, if there is one, then loads every page. A page in a frame is parsed and run like any other, so that one start of the browser is
enough; the page around the frames knows what ran, and looks at each document as the browser understood it.

An author's own Markdown is another matter: there a payload may be refused, by `labnotes list` or by the check of the built pages.
"""

import fcntl
import functools
import html
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from labnotes.errors import InvalidNote
from labnotes.site.stage import sanitising
from labnotes.site.verify.requests import css_addresses
from labnotes.site.verify.verification import verify_site
from labnotes.source import markdown_checks, notes
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell
from machine import CHROMIUM

RAW = r"""
<script>JS</script>
<ScRiPt>JS</sCrIpT>
<script/x>JS</script>
<scr<script>ipt>JS</scr</script>ipt>
</code></pre></details></main><script>JS</script>
</title></textarea></style><script>JS</script>
<script src="data:text/javascript,JS"></script>
<script type=module>JS</script>
<svg><script>JS</script></svg>
<svg><script href="data:text/javascript,JS"/></svg>
<svg><script xlink:href="data:,JS"></script></svg>
<img src=x onerror=JS>
<img src=x onerror="JS"
<img/src=x/onerror=JS>
<img src=`x`onerror=JS>
<img src="x" OnErRoR = 'JS'>
"><img src=x onerror=JS>
'><img src=x onerror=JS>
" onmouseover=JS autofocus onfocus=JS tabindex=1 x="
' onfocus=JS autofocus tabindex=1 x='
--><img src=x onerror=JS>
]]><img src=x onerror=JS>
<svg onload=JS>
<svg/onload=JS>
<svg><g onload=JS></g></svg>
<svg><animate onbegin=JS attributeName=x dur=1s>
<svg><set onbegin=JS attributename=x>
<body onload=JS>
<html onmouseover=JS>
<input autofocus onfocus=JS>
<select autofocus onfocus=JS>
<textarea autofocus onfocus=JS></textarea>
<button autofocus onfocus=JS>x</button>
<details open ontoggle=JS>
<video src=x onerror=JS></video>
<video><source onerror=JS>
<audio src=x onerror=JS>
<marquee onstart=JS>x</marquee>
<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart=JS>x</b>
<iframe src="javascript:JS"></iframe>
<iframe srcdoc="<script>JS</script>"></iframe>
<iframe srcdoc="&lt;img src=x onerror=JS&gt;"></iframe>
<iframe onload=JS></iframe>
<object data="javascript:JS"></object>
<object data="data:text/html,<script>JS</script>"></object>
<embed src="javascript:JS">
<embed src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='JS'/>">
<frameset onload=JS>
<meta http-equiv="refresh" content="0;url=javascript:JS">
<meta http-equiv=refresh content="0;url=data:text/html,<script>JS</script>">
<base href="javascript:JS//">
<base href="https://evil.example/">
<link rel=stylesheet href="data:text/css,*{}" onload=JS>
<form action="javascript:JS"><input type=submit></form>
<form><button formaction="javascript:JS">x</button></form>
<a href="javascript:JS">x</a>
<a href="JaVaScRiPt:JS">x</a>
<a href=" javascript:JS">x</a>
<a href="jav&#x09;ascript:JS">x</a>
<a href="jav&#10;ascript:JS">x</a>
<a href="&#1;javascript:JS">x</a>
<a href="&#106;&#97;vascript&colon;JS">x</a>
<a href="javascript&#58;JS">x</a>
<a href="vbscript:JS">x</a>
<a href="data:text/html,<script>JS</script>">x</a>
<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>
<svg><a xlink:href="javascript:JS"><text y=20>x</text></a></svg>
<svg><a><animate attributeName=href values="javascript:JS"/><text y=20>x</text></a></svg>
<svg><a><set attributeName=href to="javascript:JS"/><text y=20>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg' onload='JS'/>#x"/></svg>
<svg><foreignObject><img src=x onerror=JS></foreignObject></svg>
<svg><style><img src=x onerror=JS></style></svg>
<svg><title><img src=x onerror=JS></title></svg>
<svg></p><style><a id="</style><img src=1 onerror=JS>">
<math href="javascript:JS">x</math>
<math><a xlink:href="javascript:JS">x</a></math>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=JS&gt;">
<math><mtext><table><mglyph><style><math><img src onerror=JS>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=JS>
<math><annotation-xml encoding="text/html"><style><img src=x onerror=JS></style></annotation-xml></math>
<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><style><a title="</style><img src onerror='JS'>">
<noscript><p title="</noscript><img src=x onerror=JS>">
<template><script>JS</script></template>
<template shadowrootmode=open><script>JS</script></template>
<noembed><img title="</noembed><img src onerror=JS>"></noembed>
<xmp><p title="</xmp><img src=x onerror=JS>">
<textarea><p title="</textarea><img src=x onerror=JS>">
<select><option><style></option></select><img src=x onerror=JS></style>
<table><td background="javascript:JS">x</td></table>
<div style="background:url(javascript:JS)">x</div>
<div style="width:expression(JS)">x</div>
<div style="background:url(https://evil.example/x)">x</div>
<style>@import 'https://evil.example/x.css';</style>
<style>*{background:url(https://evil.example/x)}</style>
<img src="https://evil.example/x.png" alt=x>
<img srcset="https://evil.example/x.png 1x" alt=x>
<video poster="https://evil.example/x.png"></video>
<img src="data:image/png;base64,AAAA" alt="<table><img src=x onerror=JS>">
<img src="data:image/png;base64,AAAA" alt="<img onerror=JS src=x ">
<a href="https://example.org/?<table><th><img src=x onerror=JS>">x</a>
<!--><img src=x onerror=JS>-->
<!-- --!><img src=x onerror=JS> -->
<![CDATA[<img src=x onerror=JS>]]>
<?xml <img src=x onerror=JS> ?>
<!ENTITY x "<img src=x onerror=JS>">
<% <img src=x onerror=JS> %>
{% raw %}{% endraw %}<img src=x onerror=JS>{% endraw %}
{% include "404.html" %}{# c #}
&lt;script&gt;JS&lt;/script&gt;
&#60;img src=x onerror=JS&#62;
+ADw-script+AD4-JS+ADw-/script+AD4-
‮<img src=x onerror=JS>‬
＜script＞JS＜/script＞
<ſcript>JS</ſcript>
[x](javascript:JS)
[x](JAVASCRIPT&colon;JS)
![x](javascript:JS)
![x](x"onerror="JS)
![x" onerror="JS](x)
<javascript:JS>
<https://example.org/"onmouseover="JS>
[x][evil] [evil]: javascript:JS
**x**{: onclick="JS" }
x `</code><img src=x onerror=JS>`
</h1><img src=x onerror=JS>
<x onclick=JS tabindex=1 autofocus onfocus=JS>x</x>
<b/onpointerrawupdate=JS>x</b>
"""

LONG = ["<script\n>JS</script\n>", "<p\nonclick=JS>x", "A" * 400 + "<img src=x onerror=JS>", "<" * 60 + "img src=x onerror=JS>"]
PAYLOADS = [payload.replace("JS", f"top.hit({i})") for i, payload in enumerate([*RAW.strip("\n").split("\n"), *LONG])]

IN_PROSE = [
    "[x](<java\nscript:JS>)",
    "[x][evil]\n\n[evil]: javascript:JS",
    "[x][evil]\n\n[evil]:javascript:JS",
    "[x][evil]\n\n[evil]:\n  javascript:JS",
    "[x](note.ipynb){: onclick=JS }",
    "## x {: onmouseover=JS }",
    "x\n{: onclick=JS }",
    '<a href="java&#0;script:JS">x</a>',
    "x ` y\n\n<img src=x onerror=JS>\n\nz ` .",
    "<svg><a xlink:href='java&#115;cript:JS'><text y=20>x</text></a></svg>",
    '<div class="highlight"><a href="java&#115;cript:JS">x</a></div>',
    "$$\n<img src=x onerror=JS>\n$$",
    "$<img src=x onerror=JS>$",
    "```\n</code></pre><img src=x onerror=JS>\n```",
    "```html+<img/src=x/onerror=JS>\nx\n```",
    "~~~ {: onclick=JS }\nx\n~~~",
    "Term {: onclick=JS }\n:   x",
    "x[^a]\n\n[^a]: <img src=x onerror=JS>",
    "| x |\n|---|\n| <img src=x onerror=JS> |",
    "<details markdown='1' ontoggle=JS open>\n\nx\n\n</details>",
]
"""Payloads of Markdown alone, for text cells only."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10"'
DRAWINGS = [
    f"{SVG}><script>JS</script></svg>",
    f'{SVG} onload="JS"/>',
    f'{SVG}><script href="data:text/javascript,JS"/></svg>',
    f'{SVG}><script xlink:href="data:text/javascript,JS"/></svg>',
    f'{SVG}><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="JS"/></body></foreignObject></svg>',
    f'{SVG}><html:script xmlns:html="http://www.w3.org/1999/xhtml">JS</html:script></svg>',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="10" height="10"><s:script>JS</s:script></s:svg>',
    f'{SVG}><a href="javascript:JS"><text y="9">x</text></a></svg>',
    f'{SVG}><a xlink:href="javascript:JS"><text y="9">x</text></a></svg>',
    f'{SVG}><a href=" &#9;java&#10;script:JS"><text y="9">x</text></a></svg>',
    f'{SVG}><a><animate attributeName="href" values="javascript:JS"/><text y="9">x</text></a></svg>',
    f'{SVG}><a><set attributeName="href" to="javascript:JS"/><text y="9">x</text></a></svg>',
    f'{SVG}><animate onbegin="JS" attributeName="x" dur="1s"/></svg>',
    f"{SVG}><use href=\"data:image/svg+xml,&lt;svg id='x' xmlns='http://www.w3.org/2000/svg' onload='JS'/>#x\"/></svg>",
    f'{SVG}><image href="https://evil.example/x.png" width="5" height="5"/></svg>',
    f'{SVG}><image href="data:image/svg+xml,&lt;svg xmlns=\'http://www.w3.org/2000/svg\' onload=\'JS\'/>" width="5" height="5"/></svg>',
    f'{SVG}><image href="x" onerror="JS" width="5" height="5"/></svg>',
    f"{SVG}><style>@import url(https://evil.example/x.css);</style></svg>",
    f"{SVG}><style>svg{{background:url(//evil.example/x)}}</style></svg>",
    f"{SVG}><style>svg{{background:u/**/rl( 'https://evil.example/x' )}}</style></svg>",
    f'{SVG} style="background:url(https://evil.example/x)"/>',
    f'{SVG}><rect width="5" height="5" fill="url(https://evil.example/x.svg#a)"/></svg>',
    f'{SVG}><rect width="5" height="5" filter="url(https://evil.example/x.svg#a)"/></svg>',
    f'{SVG}><filter id="f"><feImage href="https://evil.example/x.png"/></filter><rect width="5" height="5" filter="url(#f)"/></svg>',
    f'{SVG}><defs><linearGradient id="a" href="https://evil.example/g.svg#b"/></defs><rect width="5" height="5" fill="url(#a)"/></svg>',
    f'{SVG} xml:base="https://evil.example/"><image href="x.png"/><use href="x.svg#a"/></svg>',
    f'<?xml-stylesheet href="https://evil.example/x.css"?>{SVG}/>',
    f'<!DOCTYPE svg [<!ENTITY x "JS">]>{SVG} onload="&x;"/>',
    f'<!DOCTYPE svg [<!ENTITY x "&lt;script>JS&lt;/script>">]>{SVG}>&x;</svg>',
    f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{SVG}><text>&x;</text></svg>',
    f'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "JS">]>{SVG}/>',
    f'<!DOCTYPE svg [<!ATTLIST a href CDATA "javascript:JS">]>{SVG}><a><text y="9">x</text></a></svg>',
    f"{SVG}><title>&lt;/title>&lt;img src=x onerror=JS></title></svg>",
    f"{SVG}><style><![CDATA[</style><img src=x onerror=JS>]]></style></svg>",
    f"{SVG}><desc>&lt;script>JS&lt;/script></desc><text y='9'>&lt;img src=x onerror=JS></text></svg>",
    f'{SVG} xmlns:ev="http://www.w3.org/2001/xml-events"><handler ev:event="load">JS</handler></svg>',
    f'{SVG}><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script>JS&lt;/script>"/></svg>',
    f'{SVG}><switch><foreignObject><script xmlns="http://www.w3.org/1999/xhtml">JS</script></foreignObject></switch></svg>',
    f'{SVG}><x:img xmlns:x="http://www.w3.org/1999/xhtml" src="x" onerror="JS"/></svg>',
    f'{SVG}><g><g><g onclick="JS"><script>JS</script>tail<script>JS</script></g></g></g></svg>',
    f'{SVG}><metadata><rdf xmlns="http://www.w3.org/1999/xhtml"><script>JS</script></rdf></metadata></svg>',
]
FIRST_DRAWING = 500
DRAWN = [drawing.replace("JS", f"top.hit({FIRST_DRAWING + i})") for i, drawing in enumerate(DRAWINGS)]

GROUPS = 4
SOURCE = """
# %% [markdown]
# Text.

# %%
import json
from pathlib import Path
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
from labnotes import claim, figure, table

payloads, drawings = json.loads(Path("payloads.json").read_text())

# %%
for payload in payloads:
    display(HTML(payload))

# %%
for payload in payloads:
    head, body = f"<tr><th></th><th>{payload}</th></tr>", f"<tr><th>{payload}</th><td>{payload}</td></tr>"
    frame = f'<table border="1" class="dataframe"><thead>{head}</thead><tbody>{body}</tbody></table>'
    display({"text/html": frame, "text/plain": payload}, raw=True)
display(pd.DataFrame({payload: [payload] for payload in payloads}))

# %%
for i, payload in enumerate(payloads):
    table(pd.DataFrame({payload: [payload]}, index=pd.Index([payload], name=payload)), f"t{i}", caption=payload)

# %%
for i, payload in enumerate(payloads):
    claim(f"c{i}", i, tolerance=1, because=payload)
    print(payload)

# %%
fig, axes = plt.subplots(4, 1, figsize=(3, 9))
for i, ax in enumerate(axes):
    first, second, third, *rest = payloads[i::4]
    ax.plot([1, 2], label=first)
    ax.set(title=" ".join(rest), xlabel=second, ylabel=third)
    ax.set_xticks([0, 1], [first, second])
    ax.text(0, 1, third)
    ax.legend(title=second)
figure(fig, "labels", caption=" ".join(payloads), alt=" ".join(payloads))

# %%
for drawing in drawings:
    display({"image/svg+xml": drawing}, raw=True)
display(SVG(drawings[0]))

# %%
for payload in payloads:
    display(Markdown(payload), Latex(payload), HTML(f"<style>p {{ color: red; {payload} }}</style><p style='{payload}'>x</p><svg>{payload}</svg>"))
    print(f"\x1b[31m{payload}\x1b[0m\x1b[K")

# %%
display(Javascript("top.hit(998)"), Markdown("<script>top.hit(998)</script>"))
payloads[0]
"""

FAULT = re.compile(
    r"runs script|stands in the content|requests |changes where|holds a <script>|holds a page|holds HTML|holds markup|style sheet"
)
"""What the check of a site says of anything that runs or loads."""

HARMLESS = ("<figure> holds no image", "has no header cell", "over its budget", "tags/index.html has no id")
"""What it says of displayed HTML that is harmless all the same (see test_staging.py), of pages as long as these, and of tags' addresses."""

HARNESS = """<!doctype html><meta charset="utf-8"><title>harness</title><body><img src="held"><script>
"use strict";
const hits = [], found = {}, queue = PAGES, theme = THEME;
const ADDRESSES = ["href", "src", "action", "formaction", "data", "poster", "xlink:href", "to", "from", "by", "values"];
const FOREIGN = "iframe,frame,frameset,object,embed,applet,portal,base,meta,template,noscript,foreignObject,handler,form:not(.ln-filter)";
function hit(number) { hits.push([number, new Error().stack]); }
function look(view, address) {
  const page = view.document, bad = [];
  if (!page.documentElement) return ["is empty"];
  const main = page.querySelector("main") || page.documentElement, isPage = page.contentType === "text/html";
  for (const element of page.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) bad.push(`<${element.localName} ${name}>`);
      const plain = value.replace(/[\\x00-\\x20]/g, "");
      if (ADDRESSES.includes(name) && /^(javascript|vbscript|data:text)/i.test(plain)) bad.push(`<${element.localName} ${name}=${plain}>`);
    }
    if (element.protocol && !["http:", "https:", "mailto:", ":"].includes(element.protocol)) bad.push(`leads to ${element.protocol}`);
  }
  for (const script of main.querySelectorAll("script")) if (!theme.includes(script.textContent)) bad.push(`script ${script.textContent}`);
  for (const element of main.querySelectorAll(isPage ? FOREIGN + ",link,style:not(svg style)" : FOREIGN)) bad.push(`<${element.localName}>`);
  for (const { name } of view.performance.getEntriesByType("resource")) if (!name.startsWith(location.origin + "/") && !/^data:image/.test(name)) bad.push(`requested ${name}`);
  if (address.includes("?q=") && !page.querySelector("[role=option]")) bad.push("found nothing");
  if (view.location.href !== new URL(address, location.href).href) bad.push(`went to ${view.location.href}`);
  return bad;
}
async function load(address) {
  const frame = document.createElement("iframe");
  frame.style = "width:900px;height:700px";
  const loaded = new Promise((go) => { frame.onload = go; setTimeout(go, 8000); });
  frame.src = address;
  document.body.append(frame);
  await loaded;
  const pause = (time) => new Promise((go) => setTimeout(go, time));
  const searching = () => frame.contentDocument && !frame.contentDocument.querySelector("[role=option]");
  for (let i = 0; i < 100 && address.includes("?q=") && searching(); i++) await pause(50);
  await pause(150);
  try { found[address] = look(frame.contentWindow, address); } catch (error) { found[address] = [`cannot be read: ${error}`]; }
  frame.remove();
}
async function worker() { while (queue.length) await load(queue.shift()); }
Promise.all([worker(), worker(), worker(), worker()]).then(() => {
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify({ found, hits });
  document.body.append(result);
  fetch("release");
});
</script>"""


POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')


class _SiteServer(http.server.ThreadingHTTPServer):
    """Serves a folder. The picture `held` comes once `release` was asked for: until then no browser takes its page for loaded."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), functools.partial(_SiteHandler, directory=str(folder)))
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *args):
        self.released.set()
        self.shutdown()
        super().__exit__(*args)


class _SiteHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/release":
            self.server.released.set()
        elif self.path == "/held":
            self.server.released.wait()
        elif page := self._page():
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(POLICY.sub(b"", page.read_bytes()))
            return
        else:
            super().do_GET()
            return
        self.send_response(204)
        self.end_headers()

    def _page(self):
        """The file of a page, without whose policy everything runs that was not cleaned; None for another file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() and self.path.partition("?")[0].endswith("/") else path
        return path if path.suffix == ".html" and path.is_file() else None

    def log_message(self, *args):
        pass


def browse_pages(folder, pages, scratch):
    """What a browser finds on each page, and which payloads ran, with the address that each ran at."""
    theme = re.findall(r"<script[^>]*>(.*?)</script>", (folder / "404.html").read_text(), re.DOTALL)
    (folder / "harness.html").write_text(
        HARNESS.replace("PAGES", json.dumps(pages)).replace("THEME", json.dumps(theme).replace("</", "<\\/")), encoding="utf-8"
    )
    with _SiteServer(folder) as server:
        home = f"http://127.0.0.1:{server.server_port}/"
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={scratch / 'profile'}",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--dump-dom",
                f"{home}harness.html",
            ],
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    result = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert result, done.stdout[-2000:] + done.stderr[-2000:]
    seen = json.loads(html.unescape(result.group(1)))
    return {"found": seen["found"], "hits": [[number, stack.replace(home, "/")] for number, stack in seen["hits"]]}


@contextmanager
def locked_folder(factory, name):
    """A folder that the workers of a parallel run of tests share, for one of them at a time."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


class BuiltSite:
    """The built site: `out` is what the build said, `faults` what is wrong by the check of the site, `seen` what the browser found."""

    def __init__(self, root, out, faults, seen):
        self.root, self.folder, self.out, self.faults, self.seen = Path(root), Path(root) / "site", out, faults, seen


def text_problems(payload):
    """Return the problems that `labnotes list` reports of a text cell with this payload."""
    return markdown_checks.markdown_problems(
        [Cell("text", payload, 1, 1, Path("note.ipynb"))], Path(__file__).parent, Path(__file__).parent
    )


PROSE = [payload.replace("JS", f"top.hit({1000 + i})") for i, payload in enumerate(IN_PROSE)]
SAID = {f"prose-{i}": payload for i, payload in enumerate([*PAYLOADS, *PROSE])}
WRITTEN = {slug: payload for slug, payload in SAID.items() if not text_problems(payload)}
"""Payloads in text cells that `labnotes list` lets pass, by the note that holds each."""


def build_payload_lab(lab):
    """A lab with every payload in every place; what its build said."""
    done = lab("init", "xss", cwd=lab.root.parent)
    assert done.code == 0, done.text
    lab.root = lab.root.parent / "xss"
    for number in range(GROUPS):
        payloads = PAYLOADS[number::GROUPS]
        folder = lab.write_note(
            f"group-{number}",
            SOURCE,
            settings={
                "title": " ".join(payloads),
                "summary": " ".join(payloads),
                "tags": [payload for payload in payloads if "<" not in payload and ">" not in payload],
                "authors": [
                    {"name": payload[-90:], "affiliation": payload, "url": f"https://example.org/{payload.split()[0]}"}
                    for payload in payloads[::2]  # each has a page
                ],
                "updates": [{"date": "2026-11-22", "text": payload} for payload in payloads],
            },
        )
        (folder / "payloads.json").write_text(json.dumps([payloads, DRAWN[number::GROUPS]]))
        plain = [re.sub(r"\s+", " ", payload).replace("%", r"\%") for payload in payloads]
        (folder / "references.bib").write_text(
            "".join(
                f"@article{{k{i}, title = {{{text}}}, journal = {{{text}}}, author = {{{{{text}}}}}, year = {{2026}}}}\n"
                for i, text in enumerate(plain)
            )
        )
    base = lab.write_note("base", "x", suffix="ipynb")
    (base / "note.ipynb").write_text(notebook_text("Text."))
    lab.run_and_accept("base", *(f"group-{number}" for number in range(GROUPS)))
    for slug, payload in WRITTEN.items():
        shutil.copytree(base, lab.root / "notes" / slug)
        (lab.root / "notes" / slug / "note.ipynb").write_text(notebook_text(f"{payload}\n\nBetween.\n\nIn words {payload} so.\n\nLast."))
    shutil.copytree(base, lab.root / "notes" / "template")
    settings = yaml.safe_load((base / "note.yml").read_text())
    (lab.root / "notes/template/note.yml").write_text(
        yaml.safe_dump({**settings, "title": "A {%- endraw %}{{ 191 * 7 }}{% raw -%} b {{ 191 * 7 }}"})
    )
    return lab("build")


def notebook_text(text):
    code = {"cell_type": "code", "metadata": {}, "id": "b", "outputs": [], "execution_count": None}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "id": "a", "source": text},
        {**code, "source": "from labnotes import claim\nclaim('x', 1)"},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def with_controls(folder):
    """Add pages that hold each payload as it is, and the outputs of downloaded notebooks in a page that cleans nothing."""
    (folder / "control").mkdir()
    for i, payload in enumerate(PAYLOADS):
        (folder / "control" / f"{i}.html").write_text(f"<!doctype html><meta charset=utf-8><title>x</title><main>{payload}</main>")
    for i, drawing in enumerate(DRAWN):
        (folder / "control" / f"{FIRST_DRAWING + i}.svg").write_text(drawing)
    (folder / "downloads").mkdir()
    for number in range(GROUPS):
        cells = json.loads((folder / f"notes/group-{number}/group-{number}.ipynb").read_text())["cells"]
        shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        parts = ["".join(data[mime]) for data in shown for mime in ("text/html", "image/svg+xml") if mime in data]
        assert len(parts) > 2 * len(PAYLOADS) // GROUPS
        for kind in ("text/html", "image/svg+xml"):
            assert any(kind in data for data in shown)
        text = "".join(f"<div>{part}</div>" for part in parts)
        (folder / "downloads" / f"{number}.html").write_text(f"<!doctype html><meta charset=utf-8><title>x</title><main>{text}</main>")


def sorted_out(folder, faults):
    """Pages on which nothing may run, and those on which something will: `clean` and `wrong`. Of authors' pages every second is enough.

    The last one is a search, whose results the script puts into the page.
    """
    paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.suffix in (".html", ".svg", ".xml")]
    names = [path.removesuffix("index.html") or "./" for path in paths if not path.startswith("page/")]
    names = [name for name in names if not name.startswith("authors/")] + [name for name in names if name.startswith("authors/")][::2]
    unsafe = tuple({fault.partition("index.html")[0] for fault in faults if FAULT.search(fault)})
    wrong = [name for name in names if name.startswith(("control/", *unsafe))]
    return {"clean": [*(name for name in names if name not in wrong), "./?q=text"], "wrong": wrong}


@pytest.fixture(scope="module")  # 20 s of a processor
def site(new_lab, tmp_path_factory):
    with locked_folder(tmp_path_factory, "xss") as shared:
        kept = shared / "site.json"
        if not kept.exists():
            lab = new_lab()
            done = build_payload_lab(lab)
            folder = lab.root / "site"
            assert (folder / "index.html").exists(), done.text
            faults = [f"{problem.where} {problem.what}" for problem in verify_site(folder)]
            seen = None
            if CHROMIUM:
                with_controls(folder)
                seen = {name: browse_pages(folder, pages, shared) for name, pages in sorted_out(folder, faults).items()}
            kept.write_text(json.dumps([str(lab.root), done.text, faults, seen]))
        return BuiltSite(*json.loads(kept.read_text()))


@pytest.fixture(scope="module")
def seen(site):
    return site.seen


def known_defect(*values, reason):
    """A case that shows a defect not mended yet."""
    return pytest.param(*values, marks=pytest.mark.xfail(strict=True, reason=reason))


AREAS = [
    ("home", r"(index\.html|\./)"),
    ("notes", r"notes/(group-\d|base|template)/(index\.html)?"),
    ("notebook pages", r"notes/(group-\d|base|template)/notebook/(index\.html)?"),
    ("drawings", r"notes/group-\d/figures/[\w-]+\.svg"),
    ("archive", r"notes/(index\.html)?"),
    ("reproducibility", r"reproducibility/(index\.html)?"),
    ("feeds", r"(feed|sitemap)\.xml"),
    ("not found", r"404\.html"),
    pytest.param("authors", r"authors/.*"),
    pytest.param("search", r"\./\?q=text"),
    pytest.param("tags", r"tags/(index\.html)?"),
]


# -- what is built -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_there_are_payloads_enough_and_every_note_is_built(site):
    assert len(PAYLOADS) > 120 and len(DRAWN) > 40 and len(WRITTEN) > 20
    assert "mkdocs build: failed" not in site.out
    for slug in (*(f"group-{number}" for number in range(GROUPS)), "base", "template"):
        assert (site.folder / "notes" / slug / "notebook" / "index.html").exists(), slug
    assert len(list(site.folder.glob("notes/group-*/figures/*.svg"))) == len(DRAWN) + 2 * GROUPS
    assert "its output held" in site.out and "not published" in site.out


@pytest.mark.slow
@pytest.mark.parametrize(("area", "pattern"), [case for case in AREAS if "search" not in str(case)])
def test_the_check_of_the_site_finds_nothing_that_runs_or_loads(site, area, pattern):
    of_area = [fault for fault in site.faults if re.match(f"{pattern}(:\\d+)? ", fault)]
    assert [fault for fault in of_area if FAULT.search(fault)] == []
    if area in ("notes", "notebook pages", "drawings"):
        assert [fault for fault in of_area if not any(part in fault for part in HARMLESS)] == []


@pytest.mark.slow
def test_every_payload_is_shown_as_the_text_that_it_is(site):
    for number in range(GROUPS):
        page = (site.folder / f"notes/group-{number}/index.html").read_text()
        shown = html.unescape(re.sub(r"<[^>]*>", "", page))
        for payload in PAYLOADS[number::GROUPS]:
            assert shown.count(payload) >= 5, payload
        drawing = html.unescape((site.folder / f"notes/group-{number}/figures/labels.svg").read_text())
        assert all(payload in drawing for payload in PAYLOADS[number::GROUPS] if "\n" not in payload)


@pytest.mark.slow
def test_no_page_computes_what_a_title_says(site):
    for page in ("index.html", "reproducibility/index.html", "notes/index.html", "notes/template/index.html", "feed.xml", "feed.json"):
        assert "1337" not in (site.folder / page).read_text(), page


# -- what an author writes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("slug", WRITTEN)
def test_markdown_that_passes_is_refused_with_the_page_or_does_nothing(site, slug):
    named = [line for line in site.out.splitlines() if f"notes/{slug}/" in line]
    unsafe = [fault for fault in site.faults if fault.startswith(f"notes/{slug}/") and FAULT.search(fault)]
    for fault in unsafe:
        assert re.match(r"notes/[\w-]+/(notebook/)?index\.html:\d+ ", fault), "with its line"
        assert any(fault.split(" ")[0] in line for line in named), "told by the build"
    pages = [path for path in site.folder.glob(f"notes/{slug}/**/index.html")]
    assert pages or "error" in " ".join(named)
    if site.seen is None or unsafe:
        return
    loaded = {address: bad for address, bad in site.seen["clean"]["found"].items() if address.startswith(f"notes/{slug}/")}
    drawings = [*site.folder.glob(f"notes/{slug}/badges/*.svg")]
    assert len(loaded) == len(pages) + len(drawings) and not any(loaded.values()), (SAID[slug], loaded)


def test_tags_with_signs_of_markup_are_refused_with_their_line(tmp_path):
    folder = tmp_path / "notes" / "a"
    folder.mkdir(parents=True)
    (folder / "note.ipynb").write_text(notebook_text("Text."))
    marked = [payload for payload in PAYLOADS if re.search("[<>]", payload)]
    settings = {"title": "A", "date": "2026-11-21", "authors": ["Ada"], "summary": "S", "tags": ["plain", *marked]}
    (folder / "note.yml").write_text(yaml.safe_dump(settings, sort_keys=False, width=10_000))
    with pytest.raises(InvalidNote) as error:
        notes.read_note(Lab(tmp_path), "a")
    assert len(error.value.problems) == len(marked) > 110
    assert re.match(r"notes/a/note\.yml:\d+: tags\.1$", error.value.problems[0].where)


def test_most_payloads_are_refused_as_problems_with_their_line():
    refusals = {slug: text_problems(payload) for slug, payload in SAID.items() if slug not in WRITTEN}
    assert len(refusals) > 90
    for slug, problems in refusals.items():
        for problem in problems:
            line = int(problem.where.removeprefix("note.ipynb:"))
            assert 1 <= line <= SAID[slug].count("\n") + 1


# -- what a browser does -----------------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.slow
def test_the_browser_runs_payloads_that_nobody_cleaned(seen):
    ran = {number for number, _ in seen["wrong"]["hits"]}
    assert len([number for number in ran if number < FIRST_DRAWING]) > 40, sorted(ran)
    assert len([number for number in ran if number >= FIRST_DRAWING]) > 8, sorted(ran)
    noticed = [address for address, bad in seen["wrong"]["found"].items() if address.startswith("control/") and bad]
    assert len(noticed) > 110, "and the look at a document finds what waits for a reader"


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_runs_in_a_browser(seen):
    assert seen["clean"]["hits"] == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("area", "pattern"), [*AREAS, ("downloads", r"downloads/\d\.html")])
def test_nothing_waits_to_run_or_is_loaded_from_elsewhere(seen, area, pattern):
    pages = {address: bad for part in seen.values() for address, bad in part["found"].items() if re.fullmatch(pattern, address)}
    assert pages
    if area == "feeds":  # links of Atom
        pages = {address: [fault for fault in bad if fault != "<link>"] for address, bad in pages.items()}
    assert {address: bad for address, bad in pages.items() if bad} == {}


# -- drawings ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "css",
    [
        "rect{fill:url(https://evil.example/x)}",
        "@import 'https://evil.example/x.css';",
        'rect{fill:URL( "//evil.example/x" )}',
        "rect{fill:u/**/rl(https://evil.example/x)}",
        pytest.param(r"svg{background:u\72l(https://evil.example/x)}"),
        pytest.param(r"svg{background:\75\72\6c(https://evil.example/x)}"),
        pytest.param(r'@im\70ort "https://evil.example/x.css";'),
        pytest.param('svg{background:image-set("https://evil.example/x" 1x)}'),
    ],
)
def test_style_of_a_drawing_loads_nothing(css):
    for drawing in (f"{SVG}><style>{css}</style></svg>", f"{SVG} style='{css.partition('{')[2].rstrip('}')}'/>"):
        cleaned = sanitising.sanitised_svg_text(
            drawing.replace("'", "&apos;").replace("style=&apos;", "style='").replace("&apos;/>", "'/>").encode()
        )
        assert list(css_addresses(html.unescape(cleaned).replace("http://www.w3.org/", ""))) == []


@pytest.mark.parametrize("tag", ["<script>x</script>", "a > b", "<img src=x onerror=x>"])
def test_a_tag_that_could_be_html_is_refused(lab, tag):
    lab.write_note("a", "# %%\nx = 1\n", settings={"tags": ["plain", tag]})
    done = lab("list")
    assert done.code == 2
    assert "tags.1: a tag is a few words, without < and >" in done.err


@pytest.mark.parametrize(
    ("kind", "stays"), [("png", True), ("jpeg", True), ("gif", True), ("webp", True), ("svg+xml", False), ("bmp", False)]
)
def test_of_data_only_pictures_of_points_are_held(kind, stays):
    address = f"data:image/{kind};base64,AAAA"
    assert (address in sanitising.sanitised_output(f'<img src="{address}" alt="x">')) is stays
    assert (
        address in sanitising.sanitised_svg_text(f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/></svg>'.encode())
    ) is stays
