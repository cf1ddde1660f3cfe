"""The server of the preview: what it answers while there is no site, with one, and with something wrong."""

import urllib.error
import urllib.request

import pytest

from labnotes.site.preview.page_server import PageServer, ShownSite

PAGE = "<!doctype html><html><head><title>a</title></head><body><header>x</header><article class='c'><h1>A</h1></article></body></html>"


@pytest.fixture
def server():
    with (made := PageServer("127.0.0.1", 0)).in_background():
        yield made


@pytest.fixture
def site(tmp_path):
    (tmp_path / "notes" / "a").mkdir(parents=True)
    for name in ("index.html", "404.html", "notes/a/index.html"):
        (tmp_path / name).write_text(PAGE.replace("<h1>A", f"<h1>{name}"))
    (tmp_path / "notes" / "a" / "data.csv").write_text("x\n1\n")
    (tmp_path.parent / "secret.html").write_text("secret")
    return tmp_path


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def fetch(server, address, method="GET"):
    """Status, text and headers of what the server answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}{address}", method=method)
    try:
        with urllib.request.build_opener(NoRedirects).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


@pytest.mark.parametrize("address", ["/", "/notes/a/", "/notes/a/data.csv"])
def test_before_the_first_build_every_address_says_so(server, address):
    status, page, _ = fetch(server, address)
    assert status == 200 and "The site is being built" in page and 'src="/.labnotes/reload.js"' in page


def test_pages_and_files_are_served_and_each_page_watches_for_changes(server, site):
    server.show(ShownSite(folder=site), has_new_pages=True)
    status, page, headers = fetch(server, "/notes/a/")
    script = f'<script src="/.labnotes/reload.js" data-version="{server.version}"></script>'
    assert (status, page) == (200, PAGE.replace("<h1>A", "<h1>notes/a/index.html").replace("</body>", script + "</body>"))
    assert headers["Content-Type"] == "text/html; charset=utf-8" and headers["Cache-Control"] == "no-cache"
    assert fetch(server, "/notes/a/data.csv")[:2] == (200, "x\n1\n")
    assert fetch(server, "/notes/a/data.csv", "HEAD")[:2] == (200, "")
    assert fetch(server, "/notes/a/?q=1#part")[0] == 200
    assert fetch(server, "/.labnotes/version")[1] == server.version
    assert "location.reload()" in fetch(server, "/.labnotes/reload.js")[1]


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/notes/a/nowhere.csv", "/../secret.html", "/%2e%2e/secret.html", "/notes/a/..%2f..%2f..%2fsecret.html", "/%00"],
)
def test_what_is_not_in_the_site_is_not_found(server, site, address):
    server.show(ShownSite(folder=site), has_new_pages=True)
    status, page, _ = fetch(server, address)
    assert status == 404 and "404.html" in page and "secret" not in page


def test_a_folder_leads_to_its_page_and_the_root_to_where_the_site_is_mounted(server, site):
    server.show(ShownSite(folder=site, mount="/lab/"), has_new_pages=True)
    status, _, headers = fetch(server, "/lab/notes/a")
    assert (status, headers["Location"]) == (302, "/lab/notes/a/")
    status, _, headers = fetch(server, "/")
    assert (status, headers["Location"]) == (302, "/lab/")
    assert fetch(server, "/lab/")[0] == 200
    assert fetch(server, "/notes/a/")[0] == 404
    server.show(ShownSite(folder=site), has_new_pages=True)
    assert fetch(server, "//notes")[2]["Location"] == "/notes/", "two slashes would name another host"


def test_what_is_wrong_with_a_page_stands_at_its_head(server, site):
    shown = ShownSite(
        folder=site,
        broken={"notes/a/index.html": ("note.py:4: <b> & more",), "notes/new/index.html": ("new: has no record",)},
        faults={"index.html": ("index.html:3: leads nowhere",)},
    )
    server.show(shown, has_new_pages=True)
    page = fetch(server, "/notes/a/")[1]
    assert page.index("<article") < page.index("This is the page as it last was.") < page.index("<h1>notes/a")
    assert "note.py:4: &lt;b&gt; &amp; more" in page and "leads nowhere" not in page
    status, page, _ = fetch(server, "/notes/new/")
    assert status == 200 and "There is no page yet." in page and "new: has no record" in page and "reload.js" in page
    assert "labnotes build refuses this page" in fetch(server, "/")[1]


def test_a_site_that_cannot_be_built_says_so_everywhere_and_stays_readable(server, site):
    server.show(ShownSite(folder=site, failure=("mkdocs.yml: is no YAML",)), has_new_pages=False)
    page = fetch(server, "/notes/a/")[1]
    assert "mkdocs.yml: is no YAML" in page and "<h1>notes/a" in page
    assert "mkdocs.yml: is no YAML" in fetch(server, "/nowhere.png")[1]
    server.show(ShownSite(failure=("mkdocs.yml: is no YAML",)), has_new_pages=False)
    assert "mkdocs.yml: is no YAML" in fetch(server, "/")[1], "nor was it built ever"


def test_open_pages_load_anew_when_what_they_show_changed(server, site):
    server.show(ShownSite(folder=site), has_new_pages=True)
    first = server.version
    server.show(ShownSite(folder=site), has_new_pages=False)
    assert server.version == first
    server.show(ShownSite(folder=site), has_new_pages=True)
    second = server.version
    server.show(ShownSite(folder=site, faults={"index.html": ("x",)}), has_new_pages=False)
    assert len({first, second, server.version}) == 3
