"""Inputs from elsewhere: what note.yml may say, how they are fetched and kept, what a run sees of them, what makes a record stale.

No test leaves this machine: URLs lead to a server of ours on 127.0.0.1, packages to a folder of wheels that pip is told of.
"""

import base64
import hashlib
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
import yaml

from labnotes import fetched
from labnotes.errors import AuthorError, InvalidNote
from labnotes.model import observation
from labnotes.model.observation import RunDependencies
from labnotes.source import notes, pinned_inputs
from labnotes.source.labs import Lab
from labnotes.source.pinned_inputs import Pin
from labnotes.store import inputs as inputs_module
from labnotes.store import records
from labnotes.store.inputs import FetchError, fetch_inputs
from labnotes.store.staleness import stale_reasons

SETTINGS = {"title": "A note", "date": "2026-11-21", "authors": ["Ada Example"], "summary": "What was found.", "status": "published"}
A, B = "a" * 64, "b" * 64


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def server():
    """A server whose `files` map a path to its content, or to a function that answers; `asked` lists the paths asked for."""

    class RequestHandler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            content = self.server.files.get(self.path)
            if content is None:
                self.send_error(404, "Not Found")
            elif callable(content):
                content(self)
            else:
                send_content(self, content)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), RequestHandler) as made:
        made.files, made.asked = {}, []
        made.url = f"http://127.0.0.1:{made.server_port}"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def send_content(handler, content, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "labnotes" / "inputs"


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder with the wheel tiny 1.0, the only one that pip knows of."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}.items():
        monkeypatch.setenv(name, value)
    content = {
        "tiny_tool.py": "value = 42\n",
        "tiny_tool-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-tool\nVersion: 1.0\n",
        "tiny_tool-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in content.items()
    ]
    with zipfile.ZipFile(folder / "tiny_tool-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in {**content, "tiny_tool-1.0.dist-info/RECORD": "\n".join(lines) + "\ntiny_tool-1.0.dist-info/RECORD,,\n"}.items():
            wheel.writestr(name, text)
    return folder


def digest_in(wheels):
    return sha256(next(wheels.glob("*.whl")).read_bytes())


def cached_files(cache):
    """The files in the cache, apart from empty locks."""
    return sorted(path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file() and path.parent.name != ".locks")


def refusal_text(*pins):
    with pytest.raises(FetchError) as caught:
        fetch_inputs(pins, "notes/a/note.yml")
    return str(caught.value)


# -- what note.yml may say ---------------------------------------------------------------------------------------------------------------

INVALID = {
    "an unknown key": (
        [{"pakage": "boltons==23.0.0", "sha256": A}],
        ["notes/a/note.yml:8: inputs.0.pakage: is no known key", "did you mean 'package'? known: package, sha256, size, url"],
    ),
    "no exact version": ([{"package": "boltons>=23", "sha256": A}], ["note.yml:8: inputs.0.package: a package is pinned", "'boltons>=23'"]),
    "any version": ([{"package": "boltons==23.*", "sha256": A}], ["pinned to one exact version"]),
    "an arbitrary equal version": ([{"package": "boltons===23", "sha256": A}], ["pinned to one exact version"]),
    "an option of pip": ([{"package": "boltons==1 --index-url=http://x", "sha256": A}], ["pinned to one exact version"]),
    "a digest that is too short": ([{"package": "boltons==23.0.0", "sha256": "abc"}], ["note.yml:9: inputs.0.sha256", "64 hex", "'abc'"]),
    "a digest that is a number": ([{"package": "boltons==23.0.0", "sha256": 12}], ["note.yml:9: inputs.0.sha256", "64 hex", "found 12"]),
    "a package without a digest": (
        [{"package": "boltons==23.0.0"}],
        [
            "note.yml:8: inputs.0.sha256: is missing",
            "pip download --no-deps --only-binary :all: boltons==23.0.0, then: pip hash FILE",
        ],
    ),
    "a URL without a digest": (
        [{"url": "https://example.org/x.csv"}],
        ["inputs.0.sha256: is missing", "curl -sSfL 'https://example.org/x.csv' | sha256sum"],
    ),
    "a file": (
        [{"url": "file:///etc/passwd", "sha256": A}],
        ["note.yml:8: inputs.0.url: a URL begins with https://", "file:///etc/passwd"],
    ),
    "another scheme": ([{"url": "ftp://example.org/x", "sha256": A}], ["begins with https:// or http://"]),
    "no host": ([{"url": "https:///x", "sha256": A}], ["names a host"]),
    "a port that is none": ([{"url": "https://example.org:x/x", "sha256": A}], ["names a host"]),
    "a space": ([{"url": "https://example.org/a b", "sha256": A}], ["percent-encoded"]),
    "a password": ([{"url": "https://me:secret@example.org/x", "sha256": A}], ["a name or a password"]),
    "both": ([{"url": "https://example.org/x", "package": "a==1", "sha256": A}], ["inputs.0: names a package or a URL, one of them"]),
    "neither": ([{"sha256": A}], ["inputs.0: names a package or a URL, one of them"]),
    "a package twice": (
        [{"package": "tiny_tool==1.0", "sha256": A}, {"package": "Tiny-Tool == 1.0", "sha256": B}],
        ["note.yml:10: inputs.1.package: 'Tiny-Tool == 1.0' is given twice"],
    ),
    "a URL twice": (
        [{"url": "https://example.org/x", "sha256": A}, "data", {"url": "https://example.org/x", "sha256": A}],
        ["inputs.2.url: 'https://example.org/x' is given twice"],
    ),
    "several at once": (
        ["no.csv", {"url": "file:///x", "sha256": "1"}, {"package": "a", "sha": A}, 3],
        [
            "inputs.1.url: ",
            "inputs.1.sha256: ",
            "inputs.2.package: ",
            "inputs.2.sha: is no known key",
            "inputs.2.sha256: is missing",
            "inputs.3: ",
        ],
    ),
}


def write_note(root, inputs, source="# %%\nx = 1\n"):
    folder = root / "notes" / "a"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "note.py").write_text(source)
    (folder / "note.yml").write_text(yaml.safe_dump({**SETTINGS, "inputs": inputs}, sort_keys=False))
    return folder


@pytest.mark.parametrize(("inputs", "messages"), INVALID.values(), ids=INVALID.keys())
def test_what_cannot_be_fetched_is_told_with_its_place(tmp_path, inputs, messages):
    (tmp_path / "data").mkdir()
    write_note(tmp_path, inputs)
    with pytest.raises(InvalidNote) as caught:
        notes.read_note(Lab(tmp_path), "a")
    for message in messages:
        assert message in str(caught.value), str(caught.value)


def test_paths_and_pins_stand_side_by_side(tmp_path):
    (tmp_path / "data").mkdir()
    url = "https://example.org/x.csv?a=1"
    write_note(tmp_path, ["data", {"package": " Boltons == 23.0.0 ", "sha256": A.upper()}, {"url": url, "sha256": B}])
    settings = notes.read_note(Lab(tmp_path), "a").settings
    assert settings.input_paths == ["data"]
    assert settings.input_pins == [Pin("Boltons==23.0.0", A), Pin(url, B)]


# -- fetching and keeping ----------------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_by_content_and_fetched_once(server, cache):
    server.files["/data/x.csv?v=2"] = b"x\n1\n"
    pin = Pin(f"{server.url}/data/x.csv?v=2", sha256(b"x\n1\n"))
    assert fetch_inputs([pin], "") == {pin.address: cache / pin.sha256 / "x.csv"}
    assert (cache / pin.sha256 / "x.csv").read_bytes() == b"x\n1\n"
    fetch_inputs([pin], "")
    assert server.asked == ["/data/x.csv?v=2"]
    assert cached_files(cache) == [f"{pin.sha256}/x.csv"]
    assert [path.name for path in cache.iterdir() if path.name.startswith(".new")] == []


def test_a_damaged_file_is_fetched_again(server, cache):
    server.files["/x"] = b"right"
    pin = Pin(f"{server.url}/x", sha256(b"right"))
    path = fetch_inputs([pin], "")[pin.address]
    path.write_bytes(b"wrong")
    assert fetch_inputs([pin], "")[pin.address].read_bytes() == b"right"
    assert len(server.asked) == 2


def test_a_redirect_leads_to_the_file_but_not_to_one_of_this_machine(server, cache, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")

    def redirect_to(place):
        def send_redirect(handler):
            handler.send_response(302)
            handler.send_header("Location", place)
            handler.end_headers()

        return send_redirect

    server.files |= {"/x": b"x", "/there": redirect_to(f"{server.url}/x"), "/file": redirect_to((tmp_path / "secret").as_uri())}
    pin = Pin(f"{server.url}/there", sha256(b"x"))
    assert fetch_inputs([pin], "")[pin.address] == cache / pin.sha256 / "there"
    assert "could not be fetched" in refusal_text(Pin(f"{server.url}/file", sha256(b"secret")))


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/x%20y.csv", "x_y.csv"), ("/", "file"), ("", "file"), ("/..%2F..%2Fetc", "etc"), ("/.hidden", "hidden"), ("/a/", "a")],
)
def test_a_file_name_is_a_plain_one(server, cache, path, name):
    server.files[path or "/"] = b"x"
    pin = Pin(server.url + path, sha256(b"x"))
    assert fetch_inputs([pin], "")[pin.address] == cache / pin.sha256 / name


def drip_bytes(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.05)


WRONG = {
    "another file": (
        b"other",
        [f"is not what was pinned: its sha256 is {sha256(b'other')}, note.yml says {A}", f"sha256: {sha256(b'other')}", "5 bytes"],
    ),
    "no such file": (None, ["could not be fetched: the server says 404 Not Found"]),
    "half a file": (lambda handler: send_content(handler, b"half", 8), ["could not be fetched: it broke off after 4 of 8 bytes"]),
    "no answer": (lambda handler: time.sleep(1), ["could not be fetched: no answer for 0.5 s"]),
    "no end": (drip_bytes, ["could not be fetched: it took longer than 0.6 s"]),
    "no HTTP": (lambda handler: handler.wfile.write(b"hello\r\n\r\n"), ["could not be fetched: "]),
}


@pytest.mark.parametrize(("content", "messages"), WRONG.values(), ids=WRONG.keys())
def test_what_goes_wrong_is_told_and_leaves_nothing_behind(server, cache, monkeypatch, content, messages):
    monkeypatch.setattr(inputs_module, "SILENCE", 0.5)
    monkeypatch.setattr(inputs_module, "LIMIT", 0.6)
    if content is not None:
        server.files["/x"] = content
    text = refusal_text(Pin(f"{server.url}/x", A))
    for message in (f"notes/a/note.yml: inputs: {server.url}/x ", *messages):
        assert message in text
    assert cached_files(cache) == []
    assert [path.name for path in cache.iterdir()] == [".locks"]


def test_without_a_server_the_reason_is_told(cache):
    with socket.socket() as silent:  # bound and not listening: nobody else can be there
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        assert "could not be fetched: Connection refused" in refusal_text(Pin(url, A))


def test_a_cache_that_cannot_be_written_is_told(cache, server):
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file where the folder should be")
    text = refusal_text(Pin(f"{server.url}/x", A))
    assert f"could not be kept in {cache}: " in text
    assert "set XDG_CACHE_HOME" in text


def test_all_problems_of_a_note_are_told_together_and_the_rest_is_kept(server, cache):
    server.files |= {"/good": b"good", "/bad": b"bad"}
    pins = [Pin(f"{server.url}/{name}", sha256(b"good")) for name in ("good", "bad", "none")]
    text = refusal_text(*pins)
    assert f"{server.url}/bad is not what was pinned" in text
    assert f"{server.url}/none could not be fetched" in text
    assert "/good" not in text
    assert cached_files(cache) == [f"{sha256(b'good')}/good"]


def test_files_are_fetched_at_the_same_time(server, cache):
    together = threading.Barrier(inputs_module.AT_ONCE, timeout=20)

    def answer_together(handler):
        together.wait()
        send_content(handler, handler.path.encode())

    server.files |= {f"/{i}": answer_together for i in range(inputs_module.AT_ONCE)}
    pins = [Pin(f"{server.url}{path}", sha256(path.encode())) for path in server.files]
    assert len(fetch_inputs(pins, "")) == inputs_module.AT_ONCE


def test_two_processes_at_once_fetch_a_file_once_and_it_stays_the_same_file(server, cache):
    """A run may read the very file that it was given: it must not be replaced by an equal one."""
    started = threading.Event()

    def answer_slowly(handler):
        started.set()
        time.sleep(0.8)
        send_content(handler, b"x")

    server.files["/x"] = answer_slowly
    pin = Pin(f"{server.url}/x", sha256(b"x"))
    code = (
        f"import os; from labnotes.source.pinned_inputs import Pin; from labnotes.store.inputs import fetch_inputs; path = fetch_inputs([Pin({pin.address!r}, {pin.sha256!r})], '')[{pin.address!r}]; "
        "print(os.stat(path).st_ino)"
    )
    children = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    inodes = {child.communicate(timeout=60)[0] for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(inodes) == 1
    assert server.asked == ["/x"]


def test_who_does_not_want_a_file_any_more_is_not_kept_waiting(server, cache):
    server.files["/x"] = drip_bytes
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(FetchError, match="was broken off"):
        fetch_inputs([Pin(f"{server.url}/x", A)], "", stop)
    assert time.monotonic() - began < 3
    assert cached_files(cache) == []


def test_what_a_kill_left_behind_goes_after_a_day(server, cache):
    server.files["/x"] = b"x"
    for name, age in (("old", 90_000), ("young", 10)):
        folder = cache / f".new-{name}"
        folder.mkdir(parents=True)
        (folder / "half").write_text("half")
        os.utime(folder, (time.time() - age,) * 2)
    fetch_inputs([Pin(f"{server.url}/x", sha256(b"x"))], "")
    assert [path.name for path in cache.glob(".new-*")] == [".new-young"]


@pytest.mark.slow  # 2 s
def test_a_wheel_is_fetched_by_pip_and_kept(wheels, cache, monkeypatch):
    pin = Pin("Tiny.Tool==1.0", digest_in(wheels))
    path = fetch_inputs([pin], "")[pin.address]
    assert path == cache / pin.sha256 / "tiny_tool-1.0-py3-none-any.whl"
    assert cached_files(cache) == [f"{pin.sha256}/{path.name}"]
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert fetch_inputs([pin], "")[pin.address] == path
    path.write_bytes(b"damaged")
    assert "could not be fetched: Could not find a version that satisfies the requirement Tiny.Tool==1.0" in refusal_text(pin)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    assert sha256(fetch_inputs([pin], "")[pin.address].read_bytes()) == pin.sha256


def test_another_wheel_than_the_pinned_one_is_refused_with_its_digest(wheels, cache):
    text = refusal_text(Pin("tiny_tool==1.0", A), Pin("tiny_tool==2.0", B))
    assert f"tiny_tool==1.0 is not what was pinned: its sha256 is {digest_in(wheels)}, note.yml says {A}" in text
    assert f"sha256: {digest_in(wheels)}" in text
    assert "tiny_tool==2.0 could not be fetched: Could not find a version" in text
    assert cached_files(cache) == []


def test_a_python_without_pip_says_so(monkeypatch, cache, tmp_path):
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    assert "this Python has no pip\n" in (text := refusal_text(Pin("tiny_tool==1.0", A)))
    assert f"{fake} -m ensurepip" in text


def test_no_index_is_named_in_our_code():
    assert not re.search(r"index-url|https?://(?!example\.org)\w", Path(inputs_module.__file__).read_text())


# -- an author's session -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def session(tmp_path, monkeypatch, server, cache):
    """A session in the folder of a note with one fetched input."""
    server.files["/x.csv"] = b"x\n1\n"
    folder = write_note(
        tmp_path, ["data", {"url": f"{server.url}/x.csv", "sha256": sha256(b"x\n1\n")}, {"package": "tiny_tool==1.0", "sha256": A}]
    )
    monkeypatch.chdir(folder)
    return folder


def test_a_session_in_the_notes_folder_fetches(session, server):
    assert fetched(f"{server.url}/x.csv").read_text() == "x\n1\n"
    assert fetched(f" {server.url}/x.csv").name == "x.csv"
    assert server.asked == ["/x.csv"]


def test_plain_python_finds_the_note_beside_its_program(session, server):
    (session / "note.py").write_text(f"from labnotes import fetched\nprint(fetched('{server.url}/x.csv').read_text())\n")
    done = subprocess.run([sys.executable, str(session / "note.py")], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "x\n1\n\n"


def test_what_is_not_declared_is_refused_with_what_is(session, server):
    with pytest.raises(AuthorError) as caught:
        fetched("tiny_tool==1.1")
    for part in (
        "is no input that note.yml names",
        "did you mean 'tiny_tool==1.0'?",
        f"{server.url}/x.csv",
        "{package: NAME==VERSION, sha256: ...}",
    ):
        assert part in str(caught.value)
    assert server.asked == []


def test_a_session_elsewhere_and_a_broken_note_yml_are_told(session, monkeypatch, tmp_path):
    (session / "note.yml").write_text("inputs: [{url: 'file:///x', sha256: 1}]")
    with pytest.raises(AuthorError, match="begins with https://"):
        fetched("file:///x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AuthorError, match=r"there is no note\.yml in"):
        fetched("file:///x")


# -- a run -------------------------------------------------------------------------------------------------------------------------------

SOURCE = """
# %%
import json, os, subprocess, sys
from pathlib import Path
from labnotes import claim, fetched

def outcome(code):
    try:
        return eval(code)
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

data = fetched("{url}/x.csv")
sys.path.insert(0, str(fetched("Tiny-Tool==1.0")))
import tiny_tool
claim("package", tiny_tool.value)
claim("data", int(data.read_text().split()[1]))
child = "from labnotes import fetched; print(fetched('{url}/x.csv').read_text())"
print(data)
Path(os.environ["LABNOTES_ARTIFACTS"], "found.json").write_text(json.dumps({{
    "child": subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout,
    "sibling": outcome("open(data.parent.parent / 'sibling' / 'x').read()"),
    "another program": subprocess.run(["cat", str(data.parent.parent / "sibling" / "x")], capture_output=True, text=True).stderr,
    "beside": outcome("open(data.parent / 'beside').read()"),
    "listing": outcome("os.listdir(data.parent.parent)"),
    "writing": outcome("open(data, 'w')"),
    "undeclared": outcome("fetched('{url}/y.csv')"),
}}))
"""


@pytest.fixture
def box(lab, server, wheels):
    """A lab with a note that has a fetched file and a fetched package."""
    lab.environment.update({name: value for name, value in os.environ.items() if name.startswith("PIP_")})
    server.files["/x.csv"] = b"x\n7\n"
    inputs = [{"url": f"{server.url}/x.csv", "sha256": sha256(b"x\n7\n")}, {"package": "tiny_tool==1.0", "sha256": digest_in(wheels)}]
    lab.write_note("a", SOURCE.format(url=server.url), settings={"inputs": inputs})
    return lab


GOOD = '# %%\nfrom labnotes import claim\nclaim("x", 1)\n'


def test_a_run_sees_its_fetched_inputs_and_nothing_beside_them(box, server, wheels):
    inputs, digest = box.cache / "labnotes" / "inputs", sha256(b"x\n7\n")
    for place in (inputs / "sibling" / "x", inputs / digest / "beside"):
        place.parent.mkdir(parents=True)
        place.write_text("hidden")
    box.run_and_accept("a")
    provenance = json.loads((box.root / "notes/a/record/provenance.json").read_text())
    assert provenance["dependencies"]["fetched"] == {f"{server.url}/x.csv": digest, "tiny_tool==1.0": digest_in(wheels)}
    assert provenance["dependencies"]["outside"] == []
    assert not any("cache" in name for name in provenance["dependencies"]["files"])
    record = json.loads((box.root / "notes/a/record/record.json").read_text())
    assert {name: claim["value"] for name, claim in record["claims"].items()} == {"package": 42, "data": 7}
    assert f"<inputs>/{digest}/x.csv" in json.dumps(record["cells"]), "no place of this machine"
    results = json.loads((box.artifacts_folder("a") / "found.json").read_text())
    assert results["child"] == "x\n7\n\n"
    for name in ("sibling", "beside"):
        refused = ("a run sees its own folder and its declared inputs", "No such file")  # in a root of its own it is not even there
        assert any(words in results[name] for words in refused), results[name]
    for name in ("another program", "listing"):
        assert any(words in results[name] for words in ("ermission denied", "No such file")), results[name]
    assert results["writing"].startswith(("PermissionError", "OSError: [Errno 30]")), results[
        "writing"
    ]  # refused, or a read-only file system
    assert results["undeclared"].startswith("AuthorError: fetched")
    assert f"did you mean '{server.url}/x.csv'" in results["undeclared"]

    # from now on nothing is fetched
    asked = len(server.asked)
    server.files.clear()
    box.environment["PIP_FIND_LINKS"] = "/nowhere"
    for command in (("check",), ("check", "--fresh"), ("check", "--from-nothing")):
        done = box(*command)
        assert done.code == 0, done.text
    assert "Nothing was executed" in box("check").out
    assert len(server.asked) == asked


def test_list_and_build_fetch_nothing_and_the_page_names_what_was_fetched(lab, server):
    made = lab("init", "site-lab", cwd=lab.root.parent)
    assert made.code == 0, made.text
    lab.root = lab.root.parent / "site-lab"
    server.files["/x"] = b"x"
    lab.record_note("a", GOOD, settings={"inputs": [{"url": f"{server.url}/x", "sha256": sha256(b"x")}]})
    lab.environment["XDG_CACHE_HOME"] = str(lab.root.parent / "empty")
    listed, built = lab("list"), lab("build")
    assert "fresh" in listed.out, listed.text
    assert built.code == 0, built.text
    assert f"{server.url}/x (sha256 {sha256(b'x')[:12]}…)" in (lab.root / "site" / "notes" / "a" / "index.html").read_text()
    assert server.asked == ["/x"]
    assert not (lab.root.parent / "empty" / "labnotes" / "inputs").exists()


@pytest.mark.slow  # 4 s
def test_an_input_that_cannot_be_had_stops_its_own_note_only(box, server, wheels):
    box.run_and_accept("a")
    record = {path: path.read_bytes() for path in (box.root / "notes/a/record").rglob("*") if path.is_file()}
    for path in (box.cache / "labnotes" / "inputs").glob("*/*.*"):
        path.write_bytes(b"damaged")
    del server.files["/x.csv"]
    box.environment["PIP_FIND_LINKS"] = "/nowhere"
    box.write_note("good", GOOD)
    done = box("run", "--jobs", "2")
    assert done.code == 2
    assert "good ran" in done.out
    assert f"notes/a/note.yml: inputs: {server.url}/x.csv could not be fetched: the server says 404" in done.err
    assert "notes/a/note.yml: inputs: tiny_tool==1.0 could not be fetched: " in done.err
    assert "Traceback" not in done.text
    assert box("check", "--fresh", "a").code == 2
    assert {path: path.read_bytes() for path in record} == record
    server.files["/x.csv"] = b"x\n7\n"
    box.environment["PIP_FIND_LINKS"] = str(wheels)
    assert box("check", "--fresh", "a").code == 0


def test_a_run_whose_fetched_file_changed_meanwhile_is_not_kept(lab, server, tmp_path, monkeypatch):
    """Where files are not held back."""
    monkeypatch.setitem(lab.environment, "LABNOTES_ISOLATION", "hook")
    server.files["/x"] = b"x"
    source = f"# %%\nfrom labnotes import claim, fetched\nfetched('{server.url}/x').write_bytes(b'y')\nclaim('done', True)\n"
    lab.write_note("a", source, settings={"inputs": [{"url": f"{server.url}/x", "sha256": sha256(b"x")}]})
    done = lab("run")
    assert f"changed during the run, so the run is not kept: {server.url}/x" in done.out, done.text


def test_ctrl_c_ends_a_run_that_is_fetching(lab, server):
    asked = threading.Event()

    def answer_endlessly(handler):
        asked.set()
        drip_bytes(handler)

    server.files["/x"] = answer_endlessly
    lab.write_note("a", GOOD, settings={"inputs": [{"url": f"{server.url}/x", "sha256": A}]})
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "run"],
        cwd=lab.root,
        env=lab.command_environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert asked.wait(30)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130, said
    assert cached_files(lab.cache / "labnotes" / "inputs") == []


# -- freshness ---------------------------------------------------------------------------------------------------------------------------

URL = "https://example.org/x.csv"
PINS = [{"url": URL, "sha256": A}, {"package": "boltons==23.0.0", "sha256": B}]
STALE = {
    "a digest": ([{"url": URL, "sha256": B}, PINS[1]], [f"{URL} is pinned to sha256 bbbbbbbbbbbb…, recorded with aaaaaaaaaaaa…"]),
    "a URL": ([{"url": URL + "?v=2", "sha256": A}, PINS[1]], [f"{URL} is no input any more", f"{URL}?v=2 is a new input"]),
    "a package": (
        [PINS[0], {"package": "boltons==23.0.1", "sha256": B}],
        ["boltons==23.0.0 is no input any more", "boltons==23.0.1 is a new input"],
    ),
    "one less": ([PINS[0]], ["boltons==23.0.0 is no input any more"]),
    "one more": ([*PINS, {"url": "https://example.org/y", "sha256": A}], ["https://example.org/y is a new input"]),
    "the order alone": (PINS[::-1], []),
}


def staleness_reasons(root, needs):
    note = notes.read_note(Lab(root), "a")
    environment = observation.RunEnvironment(python="3.11", system="Linux", machine="x", cpu="cpu", labnotes="0", isolation="none")
    provenance = observation.Provenance("", 1.0, 0, 1, environment, RunDependencies(code=note.code_digest, fetched=needs))
    return stale_reasons(provenance, (), note, Lab(root))


@pytest.mark.parametrize(("inputs", "expected"), STALE.values(), ids=STALE.keys())
def test_what_is_fetched_makes_a_record_stale_by_its_address_and_digest(tmp_path, inputs, expected):
    write_note(tmp_path, inputs)
    assert staleness_reasons(tmp_path, {URL: A, "boltons==23.0.0": B}) == expected


def test_records_and_digests_of_notes_that_fetch_nothing_are_as_they_were(tmp_path):
    write_note(tmp_path, [])
    assert staleness_reasons(tmp_path, {}) == []
    needs = RunDependencies(code="code", modules={"m.py": A}, files={"f.csv": B}, folders={"d": A}, distributions={"numpy": "2"})
    assert needs.inputs_digest == "4171039fe1948a9600effe1c385c563e7c8e8ae5106763cfbe161023dc9bce5f", (
        "the digest that existing results hold"
    )
    assert (
        RunDependencies(code="code", fetched={URL: A}).inputs_digest
        != RunDependencies(code="code", fetched={URL: B}).inputs_digest
        != RunDependencies(code="code").inputs_digest
    )
    before = {
        "started": "2026-11-21T00:00:00Z",
        "seconds": 1.0,
        "seed": 0,
        "cores": 1,
        "environment": dict(zip(("python", "system", "machine", "cpu", "labnotes", "isolation"), "pymcli", strict=True)),
        "dependencies": {"code": "x"},
    }
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "provenance.json").write_text(json.dumps(before))
    assert records.read_provenance(tmp_path / "record", Path("record")).dependencies.fetched == {}


def test_a_stored_run_is_of_one_digest(lab, server):
    """A run with one file is not taken for a run with another."""
    folder = lab.write_note("a", GOOD, settings={"inputs": [{"url": f"{server.url}/x", "sha256": sha256(b"x")}]})
    server.files["/x"] = b"x"
    lab.run_and_accept("a")
    assert "Nothing was executed" in lab("check").out
    server.files["/x"] = b"y"
    (folder / "note.yml").write_text((folder / "note.yml").read_text().replace(sha256(b"x"), sha256(b"y")))
    done = lab("check")
    assert done.code == 0, done.text
    assert "Nothing was executed" not in done.out
    assert f"the record is stale: {server.url}/x is pinned to sha256 {sha256(b'y')[:12]}…" in done.out


def test_a_file_larger_than_allowed_is_broken_off(server, cache):
    server.files |= {"/announced": b"x" * 3_000_000, "/dripped": lambda handler: send_content(handler, b"x" * 3_000_000, length="")}
    for path in server.files:
        pin = Pin(f"{server.url}{path}", sha256(b"x" * 3_000_000), size=2_000_000)
        text = refusal_text(pin)
        assert f"{pin.address} is larger than 0.002 GB, the most that is fetched of it" in text
        assert "size: 50 GB" in text
    assert cached_files(cache) == []
    assert len(fetch_inputs([Pin(f"{server.url}/announced", sha256(b"x" * 3_000_000), size=3_000_000)], "")) == 1


@pytest.mark.parametrize(
    ("text", "size"), [("500 MB", 500_000_000), ("30 GB", 30_000_000_000), ("1.5TB", 1_500_000_000_000), ("2kB", 2_000)]
)
def test_a_size_is_a_number_and_a_unit(text, size):
    assert pinned_inputs.checked_size(text) == size


@pytest.mark.parametrize("text", ["", "5", 5, "GB", "0 GB", "-1 GB", "1e9 GB", "9" * 50 + " GB", "1 PB", None, ["1 GB"], True])
def test_another_size_is_refused(text):
    with pytest.raises(ValueError, match="a size is a number and a unit: 500 MB, 30 GB"):
        pinned_inputs.checked_size(text)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("172.16.0.1", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),
        ("::1", True),
        ("fc00::1", True),
        ("fe80::1", True),
        ("::ffff:127.0.0.1", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
    ],
)
def test_an_address_of_this_machine_or_its_network_is_known(host, is_local):
    assert inputs_module._is_local_host(host) is is_local


@pytest.mark.parametrize(
    ("address", "target", "refused"),
    [
        ("https://example.org/x", "http://example.org/x", "is not encrypted"),
        ("http://93.184.216.34/x", "http://127.0.0.1/x", "lies in this machine or its own network"),
        ("http://93.184.216.34/x", "http://169.254.169.254/latest/meta-data", "lies in this machine or its own network"),
        ("http://93.184.216.34/x", "http://[::1]:8080/x", "lies in this machine or its own network"),
        ("http://127.0.0.1/x", "http://127.0.0.1:9/y", ""),
        ("http://93.184.216.34/x", "https://8.8.8.8/x", ""),
    ],
)
def test_a_server_sends_on_to_no_place_that_nobody_named(address, target, refused):
    opener = inputs_module._opener_for(address)
    (handler,) = [part for part in opener.handlers if type(part).__name__ == "RedirectHandler"]
    request = urllib.request.Request(address)
    if not refused:
        assert handler.redirect_request(request, None, 302, "Found", {}, target).full_url == target
        return
    with pytest.raises(urllib.error.URLError, match=refused):
        handler.redirect_request(request, None, 302, "Found", {}, target)
