"""A small site in which everything is right; each breakage of it is found, where it is, and nothing else is."""

import itertools
import json
import random
import re
from pathlib import Path

import pytest

from labnotes.site.verify import verification
from labnotes.site.verify.pages import read_page
from labnotes.site.verify.verification import verify_site

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="canonical" href="https://lab.example/site/{path}">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}css/lab.css">
<script src="{up}js/lab.js" defer></script>
{more}
</head><body>
<nav aria-label="Site"><a href="#__skip">Skip</a> <a href="{up}">Home</a> <a href="/site/notes/power/#method">Power</a></nav>
<input type="checkbox" id="__drawer"><label for="__drawer">Menu</label>
"""

HOME = (
    HEAD.format(
        title="Lab",
        path="",
        up="./",
        more="""<link rel="alternate" type="application/atom+xml" href="feed.xml">
<link rel="alternate" type="application/feed+json" href="feed.json">
<link rel="alternate" type="application/rss+xml" href="rss.xml">""",
    )
    + """<main><h1 id="lab">Lab</h1>
<p><a href="notes/power/">Power</a> <a href="https://lab.example/site/notes/power/index.html?from=home#data">its data</a> <a href="#">top</a>
<a href="notes/power/#:~:text=seeds">passage</a> <a href="https://elsewhere.example/x#y">elsewhere</a> <a href="mailto:ada@lab.example">Ada</a></p>
<form action="search/" role="search"><label for="query">Search</label><input id="query" name="q" aria-describedby="lab"></form>
<p><label for="__toc">Contents</label> <input type="checkbox" id="__sidebar"> <a href="https://lab.example/site">Lab</a></p>
<script>theme()</script>
</main></body></html>
"""
)

DATA = {
    "@context": "https://schema.org",
    "@type": "ScholarlyArticle",
    "headline": "Power",
    "datePublished": "2026-11-21",
    "author": ["Ada"],
}

NOTE = (
    HEAD.format(
        title="Power",
        path="notes/power/",
        up="../../",
        more=f"""<meta name="description" content="What was found.">
<meta name="citation_title" content="Power">
<meta name="citation_author" content="Ada Example">
<meta name="citation_publication_date" content="2026/11/21">
<meta property="og:title" content="Power">
<meta property="og:type" content="article">
<meta property="og:url" content="https://lab.example/site/notes/power/">
<meta property="og:image" content="https://lab.example/site/notes/power/card.png">
<script type="application/ld+json">{json.dumps(DATA)}</script>""",
    )
    + """<main><article><h1>Power</h1>
<h2 id="method">Method</h2>
<p id="seeds" style="background: url(card.png)">Ten seeds, as <a href="../../about%20us.html">we</a> do.</p>
<figure><img src="power.svg" srcset="power.svg 1x, card.png 2x" alt="Power rises with seeds"><figcaption>Power</figcaption></figure>
<figure><svg role="img" aria-label="A line"><title>A line</title><use href="#line"/><path id="line" d="M0 0"/></svg><figcaption>Line</figcaption></figure>
<h3 id="data">Data</h3>
<table><thead><tr><th scope="col">n</th><th scope="col">power</th></tr></thead><tbody><tr><th scope="row">5</th><td>0.4</td></tr></tbody></table>
<table class="highlighttable"><tr><td>1</td><td>x = 1</td></tr></table>
<p><span aria-hidden="true"><img src="card.png" alt=""></span> <a name="old"></a><a href="#old">old</a></p>
<h2>Conclusion</h2>
<p><label>Seeds <select><option>5</option></select></label> <textarea aria-label="Remarks"></textarea></p>
<script type="application/json">{"n": 5}</script>
</article><script>theme()</script></main></body></html>
"""
)

NOTEBOOK = (
    HEAD.format(title="Notebook", path="notes/power/notebook/", up="../../../", more="")
    + """<main><h1>Notebook</h1><p><a href="../">The note</a></p></main></body></html>
"""
)

ABOUT = HEAD.format(title="About", path="about%20us.html", up="./", more="") + "<main><h1>About</h1></main></body></html>\n"
SEARCH = HEAD.format(title="Search", path="search/", up="../", more="") + "<main><h1>Search</h1></main></body></html>\n"

# as Material writes it: addresses from the root, and the theme's own script
LOST = (
    HEAD.format(title="Not found", path="404.html", up="/site/", more="")
    + "<main><h1>Not found</h1><script>theme()</script></main></body></html>\n"
)

MOVED = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Power has another address</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<link rel="canonical" href="https://lab.example/site/notes/power/">
<meta http-equiv="refresh" content="0; url=../power/index.html">
</head><body><main><h1>This page has another address</h1><p><a href="../power/index.html">Power</a></p></main></body></html>
"""

CSS = """@namespace svg url(http://www.w3.org/2000/svg);
@import "more.css";
/* url(https://fonts.example/gone.woff2) */
a[href^="https://lab.example"] { background: url('../notes/power/card.png') }
@font-face { src: url(data:font/woff2;base64,AAAA) }
p { filter: url(#blur); mask: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E") }
"""

SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
<style>path { fill: url(#shade) }</style>
<path id="dot" d="M0 0" style="stroke: #000"/>
<use xlink:href="#dot"/>
<image href="card.png"/>
<a xlink:href="https://elsewhere.example/"><text>see</text></a>
</svg>
"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>https://lab.example/site/</id><title>Lab</title><updated>2026-11-21T00:00:00Z</updated>
<link rel="self" href="https://lab.example/site/feed.xml"/>
<entry><id>urn:power</id><title>Power</title><updated>2026-11-21T09:30:00+01:00</updated>
<author><name>Ada</name></author><link href="https://lab.example/site/notes/power/"/></entry>
<entry><id>urn:about</id><title>About</title><updated>2026-11-20T00:00:00Z</updated>
<author><name>Ada</name></author><link href="https://lab.example/site/about%20us.html"/></entry>
</feed>
"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Lab", "items": [
{"id": "power", "url": "https://lab.example/site/notes/power/", "title": "Power", "summary": "Found.", "date_published": "2026-11-21T00:00:00Z"},
{"id": "about", "url": "https://lab.example/site/about%20us.html", "title": "About", "content_text": "We.", "date_published": "2026-11-20T00:00:00Z"}
]}
"""

RSS = "<rss version='2.0'><channel><title>Lab</title><item><link>https://lab.example/site/notes/power/</link></item></channel></rss>\n"

SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://lab.example/site/</loc></url>
<url><loc>https://lab.example/site/notes/power/</loc></url>
</urlset>
"""

FILES = {
    "index.html": HOME,
    "notes/power/index.html": NOTE,
    "notes/power/notebook/index.html": NOTEBOOK,
    "notes/power/power.svg": SVG,
    "notes/power/card.png": "a picture",
    "notes/power/record.json": '{"rate": 0.794}',
    "notes/seeds/index.html": MOVED,
    "about us.html": ABOUT,
    "search/index.html": SEARCH,
    "404.html": LOST,
    "css/lab.css": CSS,
    "css/more.css": "",
    "js/lab.js": "",
    "feed.xml": ATOM,
    "feed.json": JSON_FEED,
    "rss.xml": RSS,
    "sitemap.xml": SITEMAP,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def page_of_problem(problem):
    path, _, line = problem.where.rpartition(":")
    return path if line.isdigit() else problem.where


def test_a_site_in_which_everything_is_right_has_no_problems(site):
    assert verify_site(site) == []


NOTE_PAGE = "notes/power/index.html"
HEADING = '<h2 id="method">'
PARAGRAPH = '<p id="seeds"'
MAIN = "<article>"
END = "</body>"
SVG_PAGE = "notes/power/power.svg"

# file, text in it, what it becomes, words of the message
STRUCTURE = [
    (NOTE_PAGE, ' lang="en"', "", "no lang"),
    (NOTE_PAGE, "<title>Power</title>", "", "0 <title>"),
    (NOTE_PAGE, "<title>Power</title>", "<title> </title>", "<title> is empty"),
    (NOTE_PAGE, "</head>", "<title>Another</title></head>", "2 <title>"),
    (NOTE_PAGE, 'name="viewport"', 'name="port"', "no viewport"),
    (NOTE_PAGE, "<h1>Power</h1>", "", "0 <h1>"),
    (NOTE_PAGE, "</article>", "<h1>Power</h1></article>", "2 <h1>"),
    (NOTE_PAGE, "<h1>Power</h1>", "<h1>Power</h1><h3>Deep</h3>", "<h3> 'Deep' comes after an <h1>"),
    (NOTE_PAGE, "<h2>Conclusion</h2>", "<h5>Conclusion</h5>", "<h5> 'Conclusion' comes after an <h3>"),
    (NOTE_PAGE, "<h2>Conclusion", '<h2 id="method">Conclusion', "the id 'method' is given 2 times"),
    (NOTE_PAGE, PARAGRAPH, '<p aria-labelledby="method nothing"', "aria-labelledby='nothing'"),
    (NOTE_PAGE, PARAGRAPH, '<p aria-describedby="nothing"', "aria-describedby='nothing'"),
    (NOTE_PAGE, PARAGRAPH, '<p aria-controls="nothing"', "aria-controls='nothing'"),
    ("index.html", "<form ", '<label for="qwery">x</label><form ', "for='qwery' on <label> refers to no id"),
    ("index.html", '<label for="query">Search</label>', "", "<input> has no label"),
    (NOTE_PAGE, "<label>Seeds <select><option>5</option></select></label>", "<select><option>5</option></select>", "<select> has no label"),
    (NOTE_PAGE, ' aria-label="Remarks"', ' aria-label=" "', "<textarea> has no label"),
    (NOTE_PAGE, "<h2>Conclusion</h2>", "<h2>Conclusion</h3>", "does not parse: Unexpected end tag : h3"),
]

FIGURES = [
    (NOTE_PAGE, '<img src="card.png" alt="">', '<img src="card.png">', "the image 'card.png' has no alt"),
    (
        NOTE_PAGE,
        '<img src="power.svg" srcset="power.svg 1x, card.png 2x" alt="Power rises with seeds">',
        "<p>x</p>",
        "holds no image with a text",
    ),
    (NOTE_PAGE, ' aria-hidden="true"', "", "the alt of the image 'card.png' is empty"),
    (NOTE_PAGE, "<figcaption>Power</figcaption>", "", "<figure> has no caption"),
    (NOTE_PAGE, "<figcaption>Line</figcaption>", "<figcaption> </figcaption>", "<figure> has no caption"),
    (NOTE_PAGE, '<svg role="img"', "<svg", "no labelled drawing"),
    (NOTE_PAGE, 'aria-label="A line"', "", "no labelled drawing"),
    (NOTE_PAGE, '<th scope="col">n</th>', "<th>n</th>", "<th> 'n' has no scope"),
    (NOTE_PAGE, '<th scope="col">n</th>', '<th scope="both">n</th>', "<th> 'n' has no scope"),
    (NOTE_PAGE, '<table class="highlighttable">', "<table>", "<table> has no header cell"),
]

LINKS = [
    ("index.html", 'href="notes/power/">', 'href="notes/pwer/">', "notes/pwer/index.html is not in the site"),
    ("index.html", "?from=home#data", "?from=home#date", "notes/power/index.html has no id 'date'"),
    (
        "index.html",
        "https://lab.example/site/notes/power/index.html",
        "https://lab.example/site/power.html",
        "power.html is not in the site",
    ),
    (NOTE_PAGE, "/site/notes/power/#method", "/notes/power/#method", "/notes/power/ is not in the site"),
    (NOTE_PAGE, "../../about%20us.html", "../../../about%20us.html", "/about%20us.html is not in the site"),
    (NOTE_PAGE, "../../about%20us.html", "../../about%2520us.html", "about%20us.html is not in the site"),
    (NOTE_PAGE, 'href="#old"', 'href="#older"', "has no id 'older'"),
    (NOTE_PAGE, MAIN, '<map name="m"><area href="gone.html" alt="gone"></map>' + MAIN, "<area> leads to 'gone.html'"),
    (NOTE_PAGE, "</head>", '<link rel="next" href="../gone/"></head>', "<link> leads to '../gone/'"),
    (NOTE_PAGE, MAIN, '<a href="http://[">x</a>' + MAIN, "no URL"),
    (NOTE_PAGE, MAIN, '<a href="https://lab.example/site/gone">x</a>' + MAIN, "gone is not in the site"),
    ("404.html", '<a href="/site/">', '<a href="/sight/">', "/sight/ is not in the site"),
    (
        "index.html",
        'type="application/atom+xml" href="feed.xml"',
        'type="application/atom+xml" href="atom.xml"',
        "atom.xml is not in the site",
    ),
]

REQUESTS = [
    (
        NOTE_PAGE,
        "../../js/lab.js",
        "https://cdn.example/lab.js",
        "<script src> requests 'https://cdn.example/lab.js': it is not of this site",
    ),
    (NOTE_PAGE, "../../js/lab.js", "//cdn.example/lab.js", "it is not of this site"),
    (NOTE_PAGE, "../../js/lab.js", "\\\\cdn.example/lab.js", "it is not of this site"),
    (NOTE_PAGE, "../../js/lab.js", "ht\ntps://cdn.example/lab.js", "it is not of this site"),
    (NOTE_PAGE, "../../js/lab.js", "../../js/lub.js", "js/lub.js is not in the site"),
    (NOTE_PAGE, "../../js/lab.js", "data:image/png,alert()", "data that is neither picture nor font"),
    (NOTE_PAGE, '<img src="power.svg"', '<img src="//["', "no URL"),
    (NOTE_PAGE, '<img src="power.svg"', '<img src="http://lab.example/power.svg"', "<img src> requests"),
    (NOTE_PAGE, "card.png 2x", "https://cdn.example/card.png 2x", "<img srcset> requests 'https://cdn.example/card.png'"),
    (NOTE_PAGE, "power.svg 1x", "pwr.svg 1x", "notes/power/pwr.svg is not in the site"),
    (NOTE_PAGE, PARAGRAPH, '<picture><source srcset="https://cdn.example/x.avif"></picture>' + PARAGRAPH, "<source srcset> requests"),
    (NOTE_PAGE, PARAGRAPH, '<video poster="https://cdn.example/x.png"></video>' + PARAGRAPH, "<video poster> requests"),
    (NOTE_PAGE, PARAGRAPH, '<audio src="https://cdn.example/x.mp3"></audio>' + PARAGRAPH, "<audio src> requests"),
    (NOTE_PAGE, PARAGRAPH, '<video><track src="https://cdn.example/x.vtt"></video>' + PARAGRAPH, "<track src> requests"),
    (NOTE_PAGE, '<use href="#line"/>', '<use href="https://cdn.example/x.svg#line"/>', "<use href> requests"),
    (NOTE_PAGE, '<use href="#line"/>', '<image xlink:href="https://cdn.example/x.png"/>', "<image href> requests"),
    (NOTE_PAGE, END, '<iframe title="x" src="https://cdn.example/"></iframe>' + END, "<iframe src> requests"),
    (NOTE_PAGE, END, '<iframe title="x" srcdoc="text"></iframe>' + END, "<iframe srcdoc> holds a page"),
    (NOTE_PAGE, END, '<object data="https://cdn.example/x.pdf"></object>' + END, "<object data> requests"),
    (NOTE_PAGE, END, '<embed src="https://cdn.example/x.pdf">' + END, "<embed src> requests"),
    ("index.html", 'action="search/"', 'action="https://search.example/"', "<form action> requests"),
    (NOTE_PAGE, 'href="../../css/lab.css"', 'href="https://cdn.example/lab.css"', "<link href> requests"),
    (NOTE_PAGE, 'href="data:,"', 'href="../../icon.png"', "icon.png is not in the site"),
    (
        NOTE_PAGE,
        "</head>",
        '<link rel="preconnect" href="https://fonts.example"></head>',
        "<link href> requests 'https://fonts.example'",
    ),
    (NOTE_PAGE, "</head>", '<link rel="dns-prefetch" href="//fonts.example"></head>', "<link href> requests '//fonts.example'"),
    (NOTE_PAGE, "</head>", '<link rel="manifest" href="data:application/json,{}"></head>', "data that is neither picture nor font"),
    (NOTE_PAGE, "</head>", '<base href="https://lab.example/site/"></head>', "<base> changes"),
    (NOTE_PAGE, "url(card.png)", "url(https://cdn.example/card.png)", "<p style> requests"),
    (NOTE_PAGE, "url(card.png)", "u\\72l(crd.png)", "notes/power/crd.png is not in the site"),
    (
        NOTE_PAGE,
        "</head>",
        "<style>@import 'https://cdn.example/x.css';</style></head>",
        "<style> requests 'https://cdn.example/x.css'",
    ),
    ("css/lab.css", '"more.css"', '"https://cdn.example/more.css"', "requests 'https://cdn.example/more.css'"),
    ("css/lab.css", '"more.css"', r"url(\2f\2f cdn.example/more.css)", "requests '//cdn.example/more.css'"),
    ("css/lab.css", '"more.css"', "url(less.css)", "css/less.css is not in the site"),
    ("css/lab.css", "card.png", r"c\72 d.png", "notes/power/crd.png is not in the site"),
    ("css/lab.css", "card.png", "crd.png", "notes/power/crd.png is not in the site"),
    ("css/lab.css", "data:font/woff2;base64,AAAA", "https://fonts.example/x.woff2", "requests 'https://fonts.example/x.woff2'"),
    ("css/lab.css", "url(#blur)", 'image-set("https://cdn.example/x.png" 1x)', "requests 'https://cdn.example/x.png'"),
    (SVG_PAGE, 'href="card.png"', 'href="https://cdn.example/card.png"', "<image href> requests"),
    (SVG_PAGE, 'href="card.png"', 'href="crd.png"', "notes/power/crd.png is not in the site"),
    (SVG_PAGE, "url(#shade)", "url(https://cdn.example/x.svg#shade)", "<style> requests"),
    (SVG_PAGE, "stroke: #000", "fill: url(//cdn.example/x.svg)", "<path style> requests"),
    (SVG_PAGE, "<!DOCTYPE", '<?xml-stylesheet href="https://cdn.example/x.css"?>' + "<!DOCTYPE", "asks for a style sheet"),
    (SVG_PAGE, 'svg11.dtd"', 'svg11.dtd" [<!ENTITY x "hidden">]', "declares entities"),
    (SVG_PAGE, "</svg>", "", "does not parse"),
]

SCRIPTS = [
    (NOTE_PAGE, PARAGRAPH, "<p onclick='x()'>" + PARAGRAPH, "<p onclick> runs script"),
    (NOTE_PAGE, PARAGRAPH, "<p></p><!--><img src=card.png alt=x ONERROR=x()>-->" + PARAGRAPH, "<img onerror> runs script"),
    (NOTE_PAGE, PARAGRAPH, "<a href=' java\nscript&#58;x()'>x</a>" + PARAGRAPH, "<a href> runs script"),
    (NOTE_PAGE, PARAGRAPH, "<a href='VBScript:x()'>x</a>" + PARAGRAPH, "<a href> runs script"),
    (NOTE_PAGE, PARAGRAPH, "<a href='data:text/html,x'>x</a>" + PARAGRAPH, "<a href> runs script"),
    (
        NOTE_PAGE,
        PARAGRAPH,
        "<svg><a><animate attributeName=href values='#;javascript:x()'/></a></svg>" + PARAGRAPH,
        "<animate values> runs script",
    ),
    (NOTE_PAGE, PARAGRAPH, "<svg><style><img src=x onerror=x()></style></svg>" + PARAGRAPH, "<style> in <svg> holds markup"),
    (NOTE_PAGE, PARAGRAPH, "<script>x()</script>" + PARAGRAPH, "<script> stands in the content"),
    (NOTE_PAGE, PARAGRAPH, "<script src='../../js/lab.js'></script>" + PARAGRAPH, "<script> stands in the content"),
    (NOTE_PAGE, PARAGRAPH, "<iframe title=x src='notebook/'></iframe>" + PARAGRAPH, "<iframe> stands in the content"),
    (NOTE_PAGE, PARAGRAPH, "<object data=card.png></object>" + PARAGRAPH, "<object> stands in the content"),
    (NOTE_PAGE, PARAGRAPH, "<embed src=card.png>" + PARAGRAPH, "<embed> stands in the content"),
    (
        NOTE_PAGE,
        PARAGRAPH,
        '<meta http-equiv="Refresh" content="0; url=notebook/">' + PARAGRAPH,
        "<meta http-equiv=refresh> stands in the content",
    ),
    (NOTE_PAGE, " defer></script>", "></script>", "the script '../../js/lab.js' holds up the page"),
    (NOTE_PAGE, '{"n": 5}', '{"n": NaN}', "<script type=application/json> does not parse: NaN"),
    (NOTE_PAGE, '{"n": 5}', '{"n": 5', "<script type=application/json> does not parse"),
    (SVG_PAGE, "<use ", "<script>x()</script>" + "<use ", "holds a <script>"),
    (SVG_PAGE, "<use ", "<use onload='x()' ", "<use onload> runs script"),
    (SVG_PAGE, "https://elsewhere.example/", "javascript:x()", "<a href> runs script"),
    (SVG_PAGE, "<use ", '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x<b>y</b></p></foreignObject>' + "<use ", "holds HTML"),
]

NOTES = [
    (NOTE_PAGE, '<meta name="citation_author" content="Ada Example">', "", "has no citation_author"),
    (NOTE_PAGE, 'content="Ada Example"', 'content=""', "has no citation_author, or an empty one"),
    (NOTE_PAGE, '<meta name="citation_publication_date" content="2026/11/21">', "", "has no citation_publication_date"),
    (NOTE_PAGE, "2026/11/21", "2026-11-21", "citation_publication_date is '2026-11-21'"),
    (NOTE_PAGE, "2026/11/21", "2026/11/31", "citation_publication_date is '2026/11/31'"),
    (NOTE_PAGE, '<meta name="description" content="What was found.">', "", "has no description"),
    (NOTE_PAGE, "og:title", "og:name", "has no og:title"),
    (NOTE_PAGE, "og:type", "og:name", "has no og:type"),
    (NOTE_PAGE, "og:url", "og:name", "has no og:url"),
    (NOTE_PAGE, "ScholarlyArticle", "Article", "has no JSON-LD of a ScholarlyArticle"),
    (NOTE_PAGE, '"headline": "Power"', '"headline": ""', "its JSON-LD has no headline"),
    (NOTE_PAGE, '"datePublished"', '"dateModified"', "its JSON-LD has no datePublished"),
    (NOTE_PAGE, '"datePublished": "2026-11-21"', '"datePublished": "November"', "datePublished 'November'"),
    (NOTE_PAGE, '"author": ["Ada"]', '"author": []', "its JSON-LD has no author"),
    (NOTE_PAGE, '<link rel="canonical" href="https://lab.example/site/notes/power/">', "", "has no canonical link"),
    (NOTE_PAGE, 'content="https://lab.example/site/notes/power/card.png"', 'content="card.png"', "og:image is 'card.png'"),
    (NOTE_PAGE, "power/card.png", "power/crd.png", "notes/power/crd.png is not in the site"),
    (NOTE_PAGE, "power/card.png", "power/power.svg", "og:image is 'https://lab.example/site/notes/power/power.svg'"),
]

FEEDS = [
    ("feed.xml", "</feed>", "", "does not parse"),
    ("feed.xml", "http://www.w3.org/2005/Atom", "http://www.w3.org/2006/Atom", "is no Atom feed"),
    ("feed.xml", "<id>https://lab.example/site/</id>", "", "<feed> has no id"),
    ("feed.xml", "<title>Lab</title>", "<title/>", "<feed> has no title"),
    ("feed.xml", "<updated>2026-11-21T00:00:00Z</updated>", "", "<feed> has no updated"),
    ("feed.xml", "2026-11-21T00:00:00Z", "2026-11-21", "<updated> of the feed is '2026-11-21'"),
    ("feed.xml", "2026-11-21T09:30:00+01:00", "2026-11-21T25:30:00Z", "<updated> of the entry is"),
    ("feed.xml", 'rel="self"', 'rel="via"', "no link to itself"),
    ("feed.xml", "<id>urn:power</id>", "", "<entry> has no id"),
    ("feed.xml", "<id>urn:power</id>", "<id>urn:about</id>", "the id 'urn:about' is given 2 times"),
    ("feed.xml", "<title>Power</title>", "", "<entry> has no title"),
    (
        "feed.xml",
        '<author><name>Ada</name></author><link href="https://lab.example/site/about',
        '<link href="/site/about',
        "<entry> has no author",
    ),
    ("feed.xml", '<link href="https://lab.example/site/notes/power/"/>', "", "<entry> has no link"),
    ("feed.xml", "site/notes/power/", "site/notes/pwr/", "notes/pwr/index.html is no page of the site"),
    ("feed.xml", "https://lab.example/site/notes/power/", "http://[", "'http://[' is no URL"),
    ("feed.xml", "site/notes/power/", "site/notes/power/card.png", "notes/power/card.png is no page of the site"),
    ("rss.xml", "site/notes/power/", "site/notes/pwr/", "notes/pwr/index.html is no page of the site"),
    ("rss.xml", "rss", "rdf", "is no RSS feed"),
    ("feed.json", "version/1.1", "version/2", "is no JSON feed of version 1"),
    ("feed.json", '"title": "Lab", ', "", "has no title"),
    ("feed.json", '"items"', '"entries"', "has no items"),
    ("feed.json", '"id": "power", ', "", "items[0] has no id"),
    ("feed.json", '"id": "power"', '"id": "about"', "the id 'about' is given 2 times"),
    ("feed.json", '"title": "About", ', "", "items[1] has no title"),
    ("feed.json", '"summary"', '"subtitle"', "items[0] has no content_html or content_text or summary"),
    ("feed.json", "2026-11-21T00:00:00Z", "21 November", "date_published of items[0] is '21 November'"),
    ("feed.json", '"url": "https://lab.example/site/notes/power/"', '"uri": ""', "items[0] has no url"),
    ("feed.json", "site/notes/power/", "site/notes/pwr/", "notes/pwr/index.html is no page of the site"),
    ("feed.json", "]}", "]", "does not parse"),
    ("index.html", 'href="feed.json"', 'href="http://["', "no URL"),
    (
        "index.html",
        'href="feed.json"',
        'href="https://feeds.example/lab.json"',
        "the feed 'https://feeds.example/lab.json' is not of this site",
    ),
    ("sitemap.xml", "site/notes/power/", "site/notes/pwr/", "names 'https://lab.example/site/notes/pwr/'"),
    ("sitemap.xml", "https://lab.example/site/notes/", "https://other.example/notes/", "names 'https://other.example/notes/power/'"),
    ("sitemap.xml", "https://lab.example/site/notes/", "http://[", "names 'http://[power/'"),
    ("sitemap.xml", "</urlset>", "", "does not parse"),
    ("notes/power/record.json", "0.794", "NaN", "does not parse: NaN"),
]

OLD_PAGE = "notes/seeds/index.html"
REFRESH = "0; url=../power/index.html"

REDIRECTS = [
    (OLD_PAGE, REFRESH, "0", "sends its reader to no page of the site"),
    (OLD_PAGE, REFRESH, "0; url=https://elsewhere.example/", "sends its reader to no page of the site"),
    (OLD_PAGE, REFRESH, "0; url=../pwoer/", "sends its reader to no page of the site"),
    (OLD_PAGE, REFRESH, "0; url=../power/record.json", "sends its reader to no page of the site"),
    (OLD_PAGE, 'rel="canonical"', 'rel="me"', "without being told so to search engines"),
    (OLD_PAGE, "site/notes/power/", "site/", "without being told so to search engines"),
    (OLD_PAGE, '<a href="../power/index.html">', '<a href="../../">', "without a link"),
    (OLD_PAGE, "noindex", "index", "may itself be found by a search"),
]

BREAKAGES = STRUCTURE + FIGURES + LINKS + REQUESTS + SCRIPTS + NOTES + FEEDS + REDIRECTS


@pytest.mark.parametrize(("path", "old", "new", "words"), BREAKAGES)
def test_each_breakage_is_found_where_it_is_and_nothing_else_is(site, edit, path, old, new, words):
    edit(site / path, old, new)
    problems = verify_site(site)
    assert [page_of_problem(problem) for problem in problems] == [path], problems
    assert words in problems[0].what
    assert problems[0].hint


def test_problems_of_all_pages_are_reported_together_and_by_page(site, edit):
    edit(site / NOTE_PAGE, 'id="data"', "")
    edit(site / NOTE_PAGE, ' lang="en"', "")
    edit(site / NOTE_PAGE, "<figcaption>Line</figcaption>", "")
    edit(site / "404.html", "<h1>Not found</h1>", "")
    edit(site / "css/lab.css", "more.css", "less.css")
    problems = verify_site(site)
    # the home page links to #data
    assert [page_of_problem(problem) for problem in problems] == ["404.html", "css/lab.css", "index.html", NOTE_PAGE, NOTE_PAGE]
    assert problems == sorted(problems, key=lambda problem: page_of_problem(problem))


def test_verified_again_a_site_has_the_same_problems_and_only_changed_pages_are_read(site, edit, monkeypatch):
    pages_read = []

    def read_and_count(folder, path):
        pages_read.append(path)
        return read_page(folder, path)

    monkeypatch.setattr(verification, "read_page", read_and_count)
    verifier = verification.SiteVerifier()

    def verify_again():
        pages_read.clear()
        problems = verifier.site_problems(site, lambda: False)
        read = sorted(pages_read)
        assert problems == verify_site(site), "as when it is looked at for the first time"
        return read, [page_of_problem(problem) for problem in problems]

    everything = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    assert verify_again() == (everything, [])
    assert verify_again() == ([], [])
    edit(site / NOTE_PAGE, 'id="data"', "")
    assert verify_again() == ([NOTE_PAGE], ["index.html"]), "where another page leads to the place that is gone"
    edit(site / NOTE_PAGE, "power.svg", "missing.svg")
    assert verify_again() == ([NOTE_PAGE], ["index.html", NOTE_PAGE, NOTE_PAGE])
    (site / "notes/power/missing.svg").write_bytes((site / SVG_PAGE).read_bytes())
    assert verify_again()[1] == ["index.html"], "what was missing came"
    (site / "notes/power/missing.svg").unlink()
    assert verify_again()[1] == ["index.html", NOTE_PAGE, NOTE_PAGE]


def test_a_verification_that_is_broken_off_keeps_what_it_has(site):
    verifier, asked = verification.SiteVerifier(), iter([False, True])
    assert verifier.site_problems(site, lambda: next(asked)) is None
    assert verifier.site_problems(site, lambda: False) == []


def test_a_page_that_leads_to_one_that_leads_on_is_a_problem(site):
    older = MOVED.replace("notes/power/", "notes/seeds/").replace("../power/", "../seeds/")
    (site / "notes" / "older").mkdir()
    (site / "notes" / "older" / "index.html").write_text(older)
    assert [(problem.where, problem.what) for problem in verify_site(site)] == [
        ("notes/older/index.html", f"leads to {OLD_PAGE}, which leads on to {NOTE_PAGE}")
    ]


def test_a_problem_names_the_line(site, edit):
    edit(site / NOTE_PAGE, "<figcaption>Power</figcaption>", "")
    line = next(number for number, text in enumerate(NOTE.splitlines(), start=1) if "<figcaption>Power" in text)
    assert [problem.where for problem in verify_site(site)] == [f"{NOTE_PAGE}:{line}"]


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("about us.html", b"", "is empty"),
        ("about us.html", b"<p>caf\xe9", "is no UTF-8: byte 6 is 0xe9"),
        ("css/lab.css", b"/* caf\xe9 */", "is no UTF-8: byte 6 is 0xe9"),
        ("feed.json", b'"caf\xe9"', "is no UTF-8: byte 4 is 0xe9"),
        ("feed.json", b"[" * 100_000, "nested too deeply"),
    ],
    ids=["empty", "page", "style sheet", "data", "deep data"],
)
def test_a_file_that_cannot_be_read_is_a_problem_and_the_others_are_checked(site, edit, path, data, words):
    (site / path).write_bytes(data)
    edit(site / NOTE_PAGE, ' lang="en"', "")
    problems = verify_site(site)
    assert [page_of_problem(problem) for problem in problems] == [path, NOTE_PAGE]
    assert words in problems[0].what


def test_a_home_page_that_cannot_be_read_is_a_problem(site):
    (site / "index.html").write_bytes(b"")
    assert [problem.what for problem in verify_site(site) if page_of_problem(problem) == "index.html"] == ["is empty"]


def test_a_note_with_broken_linked_data_has_none(site, edit):
    edit(site / NOTE_PAGE, '"headline"', "headline")
    assert [problem.what.partition(":")[0] for problem in verify_site(site)] == [
        "has no JSON-LD of a ScholarlyArticle",
        "<script type=application/ld+json> does not parse",
    ]


def test_a_folder_without_a_home_page_is_a_problem(tmp_path):
    assert [problem.where for problem in verify_site(tmp_path)] == ["index.html"]
    assert [problem.where for problem in verify_site(tmp_path / "nothing")] == ["index.html"]


def test_a_missing_picture_is_missed_wherever_it_is_asked_for(site):
    (site / "notes/power/card.png").unlink()
    assert [page_of_problem(problem) for problem in verify_site(site)] == ["css/lab.css", *4 * [NOTE_PAGE], SVG_PAGE]


def test_only_scripts_that_the_404_page_has_may_stand_in_the_content(site, edit):
    edit(site / "404.html", "theme()", "other()")
    assert [(page_of_problem(problem), problem.what) for problem in verify_site(site)] == [
        ("index.html", "<script> stands in the content"),
        (NOTE_PAGE, "<script> stands in the content"),
    ]


def test_a_note_that_only_its_own_notebook_links_to_is_a_problem(site):
    for path in FILES:
        if path.endswith(".html") and path != NOTE_PAGE:
            text = (site / path).read_text(encoding="utf-8")
            (site / path).write_text(text.replace("notes/power/", ""), encoding="utf-8")
    problems = [problem for problem in verify_site(site) if "no other page links to this note" in problem.what]
    assert [problem.where for problem in problems] == [NOTE_PAGE]


def test_a_page_that_the_site_is_known_to_lack_is_told_by_whoever_knows(site):
    (site / NOTE_PAGE).unlink()
    told = [problem.what for problem in verify_site(site)]
    assert any("notes/power/index.html is not in the site" in what for what in told)
    assert not [
        problem for problem in verify_site(site, ["notes/power/"]) if problem.what.startswith("<") and "notes/power/index" in problem.what
    ]


def test_without_a_canonical_link_every_full_address_is_another_site(site):
    for path in FILES:
        if path.endswith(".html"):
            text = (site / path).read_text(encoding="utf-8").replace('rel="canonical"', 'rel="me"').replace("/site/", "/")
            (site / path).write_text(text, encoding="utf-8")
    (site / "sitemap.xml").unlink()
    assert verify_site(site) == []


WORDS = "ten words are in this sentence, and more seeds too. "
SHOWN = '<figcaption>A.</figcaption><table><tbody><tr><th scope="row">a</th><td>1</td></tr></tbody></table>'
CLAIMS = '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr id="claim-@"><td>1</td></tr></tbody></table>'


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("<p>" + WORDS * 140 + "</p><!--" + "x" * 45_000 + "-->", None),
        ("<p>" + WORDS * 140 + "</p><!--" + "x" * 55_000 + "-->", "bytes of HTML, over its budget of 60,000"),
        ("<p>" + WORDS * 250 + "</p><!--" + "x" * 55_000 + "-->", None),
        ("<p>" + WORDS * 250 + "</p><!--" + "x" * 75_000 + "-->", "bytes of HTML, over its budget of 7"),
        *(
            (f"{start}<p>{WORDS * 250}</p>{end}<!--{'x' * 55_000}-->", "bytes of HTML, over its budget of 60,000")
            for start, end in (
                ("<details><summary>More</summary>", "</details>"),
                ('<nav aria-label="More">', "</nav>"),
                ("<details><summary>More</summary><details open><summary>Inner</summary>", "</details></details>"),
            )
        ),
        (f"<details open><summary>More</summary><p>{WORDS * 250}</p></details><!--{'x' * 55_000}-->", None),
        (f"<figure>{SHOWN}<p>{WORDS * 100}</p><!--{'x' * 15_000}--></figure>" * 5, None),
        (f"<figure>{SHOWN}<!--{'x' * 31_000}--></figure>", "a figure or table has 31,"),
        (f"{CLAIMS * 40}<!--{'x' * 55_000}-->", None),
        (f"{CLAIMS * 40}<!--{'x' * 75_000}-->", "over its budget of 80,000"),
        ("<!--" + random.Random(0).randbytes(5_000).hex() + "-->", None),
        ("<!--" + random.Random(0).randbytes(12_000).hex() + "-->", "bytes of HTML compressed, over its budget of 12,000"),
    ],
    ids=[
        *("light", "heavy", "heavy but long", "heavier than long", "long in a fold", "long in a list of links", "long in a fold of a fold"),
        *("long in a fold that is open", "figures", "a heavy figure", "claims", "heavy with claims", "dense", "too dense"),
    ],
)
def test_a_note_has_a_budget_of_bytes_and_more_of_it_for_more_words(site, edit, added, words):
    edit(site / "notes/power/notebook/index.html", "</main>", "<!--" + "x" * 500_000 + "--></main>")  # has none
    number = itertools.count()
    edit(site / NOTE_PAGE, "</article>", re.sub("@", lambda _: f"{next(number)}", added) + "</article>")
    problems = verify_site(site)
    assert [page_of_problem(problem) for problem in problems] == ([NOTE_PAGE] if words else [])
    assert not words or words in problems[0].what
