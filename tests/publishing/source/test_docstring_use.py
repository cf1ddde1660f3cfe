"""Docstrings are code where a program may read them, and words where none does."""

import textwrap

import pytest

from labnotes.source import code_digest, docstring_use
from labnotes.source.code_digest import parse_code, python_digest
from labnotes.source.docstring_use import CodeOutline, counted_in_run, outline_of

WORDS = "Answer yes."


def counting_files(note, **modules):
    """The files of a run whose digests change when the words of all docstrings do; modules are named by their paths without the suffix."""
    texts = {f"{name}.py": textwrap.dedent(code) for name, code in modules.items()}
    note = textwrap.dedent(note)
    counting = set()
    digests = []
    for words in (WORDS, "Answer no."):
        code = {name: text.replace(WORDS, words) for name, text in {**texts, "notes/a/note.py": note}.items()}
        outlines = {name: outline_of([parse_code(text)]) for name, text in code.items()}
        counted = counted_in_run(outlines.pop("notes/a/note.py"), "notes/a/note.py", outlines)
        digests.append({name: python_digest(text, counted=counted[name]) for name, text in code.items()})
    for name in digests[0]:
        if digests[0][name] != digests[1][name]:
            counting.add(name)
    return counting


FUNCTION = f'def f():\n    """{WORDS}"""\n'

READ = {
    "an attribute": "{f}.__doc__",
    "getattr": "getattr({f}, '__doc__')",
    "code kept as text": "eval('{f}.__doc__')",
    "getdoc": "import inspect\ninspect.getdoc({f})",
    "getdoc by its name": "from inspect import getdoc as read\nread({f})",
    "getsource": "import inspect as i\ni.getsource({f})",
    "all members": "import inspect\ninspect.getmembers({f})",
    "help": "help({f})",
    "pydoc": "import pydoc",
    "examples": "import doctest\ndoctest.testmod()",
    "the sign of IPython": "{f}?",
}


@pytest.mark.parametrize("reading", READ.values(), ids=READ.keys())
def test_docstrings_count_in_code_that_reads_them_and_in_modules_that_it_imports(reading):
    assert counting_files(FUNCTION + reading.format(f="f")) == {"notes/a/note.py"}
    assert counting_files("import helper\n" + reading.format(f="helper.f"), helper=FUNCTION) == {"helper.py"}


NOT_READ = {
    "nothing": "f()",
    "a signature": "import inspect\ninspect.signature(f)",
    "a docstring is set": 'f.__doc__ = "x"',
    "words that mention it": '"""Nothing reads __doc__."""',
    "a parser of examples": "import doctest\ndoctest.DocTestParser()",
    "a library that reads none": "import numpy\nnumpy.vectorize(f)",
    "a builtin": "print(map(f, [1]))",
}


@pytest.mark.parametrize("using", NOT_READ.values(), ids=NOT_READ.keys())
def test_elsewhere_they_do_not_count(using):
    assert counting_files(FUNCTION + using) == set()


def test_a_module_that_prints_its_own_docstring_as_help_counts_alone():
    script = f'"""{WORDS}"""\nimport argparse, helper\nargparse.ArgumentParser(description=__doc__)\n'
    assert counting_files("import script", script=script, helper=FUNCTION) == {"script.py"}


def test_modules_that_a_reading_one_imports_count_and_others_do_not():
    note = "import reader, other, lib.upper"
    reader = "from package import inner\nprint(inner.f.__doc__)\n"
    modules = {
        "reader": reader,
        "package/__init__": FUNCTION,
        "package/inner": "from .deep import g\n" + FUNCTION,
        "package/deep": FUNCTION.replace("f(", "g("),
        "package/unused": FUNCTION,
        "other": FUNCTION,
        "lib/upper": FUNCTION,
    }
    assert counting_files(note, **modules) == {"package/__init__.py", "package/inner.py", "package/deep.py"}


def decorated(decorator, imports):
    return f'{imports}\n{decorator}\ndef f():\n    """{WORDS}"""\n'


def derived(base, imports=""):
    return f'{imports}\nclass C({base}):\n    """{WORDS}"""\n    def m(self):\n        """Also."""\n'


OUTSIDE = {
    "a decorator": decorated("@tool", "from agents import tool"),
    "a decorator with arguments": decorated("@agents.tool(name='x')", "import agents"),
    "a decorator among others": decorated("@cache\n@tool", "from functools import cache\nfrom agents import tool"),
    "a method of an object": decorated("@server.tool()", "from mcp.server import FastMCP\nserver = FastMCP('x')"),
    "a decorator that is a parameter": f'def add(server):\n    @server.tool\n    def f():\n        """{WORDS}"""\n',
    "a base": derived("dspy.Signature", "import dspy"),
    "a base with parameters": derived("Model[int]", "from models import Model"),
    "a base of a base": "import dspy\nclass B(dspy.Signature): pass\n" + derived("B"),
    "a metaclass": derived("metaclass=M", "from schemas import M"),
    "a base among others": derived("torch.nn.Module, Mixin", "import torch\nfrom schemas import Mixin"),
    "a base by a star": derived("Signature", "from dspy import *"),
    "a method in a class with a base": f'import cmd\nclass Shell(cmd.Cmd):\n    def do_x(self):\n        """{WORDS}"""\n',
    "a function handed over": "import ollama\n" + FUNCTION + "ollama.chat(tools=[f])",
    "a function handed over in a list": "import ollama\n" + FUNCTION + "tools = []\ntools.append(f)\nollama.chat(tools=tools)",
    "a function put into an object": "import agents\n" + FUNCTION + "agents.tools['f'] = f",
    "a function handed over to what a star binds": "from ollama import *\n" + FUNCTION + "chat(tools=[f])",
    "an object handed over": "from agents import Agent\n" + derived("object") + "tool = C()\nagent = Agent()\nagent.run([tool])",
}


@pytest.mark.parametrize("code", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_a_library_outside_the_lab_derives_decorates_or_gets_counts(code):
    plain = f'\ndef other():\n    """{WORDS}"""\n'
    assert counting_files(code) == {"notes/a/note.py"}
    assert counting_files("import helper", helper=code) == {"helper.py"}
    alone = outline_of([parse_code(code.replace(WORDS, "x") + plain)])
    assert not counted_in_run(alone, "n", {})["n"].all_docstrings, "another function's are words"


KNOWN = {
    "a module of torch": derived("nn.Module, ABC", "from torch import nn\nfrom abc import ABC"),
    "an exception": derived("ValueError"),
    "an enumeration": derived("IntEnum", "from enum import IntEnum"),
    "a named tuple": derived("NamedTuple", "from typing import NamedTuple"),
    "a class of its own": "class B: pass\n" + derived("B"),
    "an estimator": derived("BaseEstimator", "from sklearn.base import BaseEstimator"),
    "a dataclass": f'from dataclasses import dataclass\n@dataclass(frozen=True)\nclass C:\n    """{WORDS}"""\n',
    "a cached function": decorated("@cache", "from functools import cache"),
    "a context": decorated("@contextlib.contextmanager", "import contextlib"),
    "a property": f'class C:\n    @property\n    def p(self):\n        """{WORDS}"""\n',
    "a static and a class method": f'class C:\n    @staticmethod\n    def p():\n        """{WORDS}"""\n    @classmethod\n    def q(cls):\n        """{WORDS}"""\n',
    "a fixture": decorated("@pytest.fixture", "import pytest"),
    "no gradients": decorated("@torch.no_grad()", "import torch"),
    "a decorator of its own": "def wrap(function):\n    return function\n" + decorated("@wrap", ""),
    "a star of a library that reads none": derived("Module", "from torch.nn import *"),
}


@pytest.mark.parametrize("code", KNOWN.values(), ids=KNOWN.keys())
def test_what_is_known_to_read_no_docstrings_makes_none_count(code):
    assert counting_files(code) == set()
    assert counting_files("import helper", helper=code) == set()


def test_a_decorator_of_the_lab_counts_if_its_module_reads_docstrings():
    note = "from registry import tool\n@tool\n" + FUNCTION + '\ndef other():\n    """Answer yes."""\n'
    silent = "def tool(function):\n    return function\n"
    assert counting_files(note, registry=silent) == set()
    assert counting_files(note, registry=silent.replace("return function", "return function.__doc__")) == {"notes/a/note.py"}
    assert counting_files(note, **{"tools/registry": silent.replace("return function", "return function.__doc__")}) == {"notes/a/note.py"}
    assert counting_files(note, registry="import agents\n" + silent) == {"notes/a/note.py"}


def test_a_note_that_is_called_like_a_library_does_not_hide_it():
    code = decorated("@tool", "from agents import tool")
    assert counting_files("import helper", **{"notes/agents/helper": code}) == {"notes/agents/helper.py"}
    assert counting_files("import agents.helper", **{"agents/helper": code}) == set(), "the lab's own package, which reads none"


def test_a_function_of_one_module_that_another_hands_to_a_library_counts():
    note = "import ollama\nfrom helper import f\nfrom words import g\nollama.chat(tools=[f])\ng()"
    assert counting_files(note, helper=FUNCTION, words=FUNCTION.replace("f(", "g(")) == {"helper.py"}


@pytest.mark.parametrize(
    "loading",
    [
        "import importlib\nhelper = importlib.import_module('help' + 'er')",
        "from runpy import run_path\nrun_path('helper.py')",
        "%run helper.py",
    ],
)
def test_where_modules_are_loaded_by_other_means_those_of_the_whole_run_count(loading):
    assert counting_files(f"{loading}\nprint(helper.f.__doc__)", helper=FUNCTION) == {"helper.py"}
    assert counting_files(f"{loading}\nprint(helper.f())", helper=FUNCTION) == set()


def test_code_that_is_read_as_text_counts_with_its_comments():
    code = "import inspect\ndef f():\n    return 1  # one\ninspect.getsource(f)"
    assert python_digest(code) != python_digest(code.replace("# one", "# two"))
    assert python_digest(code.replace("getsource", "signature")) == python_digest(
        code.replace("getsource", "signature").replace("# one", "# two")
    )


def test_an_outline_is_the_same_read_back():
    outline = outline_of([parse_code("import a.b as c\nfrom .d import *\n" + OUTSIDE["a base of a base"] + "x = B()\nx.run(C)")])
    assert outline != CodeOutline()
    assert CodeOutline.from_json(outline.as_json()) == outline


def test_code_without_readers_has_the_digest_it_had():
    """Records made before docstrings counted anywhere stay what they are: this digest was computed by that version."""
    assert python_digest('"""Words."""\n@dataclass\nclass A(B):\n    """Words."""\n    x: int = 1\n') == OLD_DIGEST


OLD_DIGEST = "342eb56cf6610f87fbe4ed8b6d736e8a23d47a63a8e12a520658a66ccdfae0da"

NOTE = """
# %%
from labnotes import claim
import prompts, plain, reading
claim("words", reading.count(prompts.prompt), tolerance=1000, because="any number will do")
claim("plain", plain.value())
"""


@pytest.fixture
def read_lab(lab):
    folder = lab.write_note("a", NOTE)
    (folder / "prompts.py").write_text('def prompt():\n    """Answer yes."""\n')
    (folder / "plain.py").write_text('def value():\n    """Nobody reads this."""\n    return 1\n')
    (folder / "reading.py").write_text("import prompts\n\ndef count(function):\n    return len(function.__doc__)\n")
    lab.run_and_accept("a")
    return lab


@pytest.mark.slow  # 4 s: a note is run twice
def test_a_docstring_that_a_helper_reads_makes_the_record_stale_and_no_stored_run_is_taken(read_lab):
    folder = read_lab.root / "notes" / "a"
    assert "fresh" in read_lab("list").out
    (folder / "plain.py").write_text('def value():\n    """Nobody will ever read this."""\n    return 1\n')
    assert "fresh" in read_lab("list").out
    assert "Nothing was executed" in read_lab("check").out
    (folder / "prompts.py").write_text('def prompt():\n    """Answer with great care."""\n')
    listed = read_lab("list")
    assert "a is stale: notes/a/prompts.py changed" in listed.out
    checked = read_lab("check")
    assert "Nothing was executed" not in checked.out
    assert "within claim words" in checked.out
    assert "a is stale: notes/a/prompts.py changed" in read_lab("list").out


@pytest.mark.slow  # 4 s: a note is run twice
def test_a_docstring_of_the_note_that_a_helper_reads_counts(lab):
    source = """
    # %%
    from labnotes import claim
    import reading

    # %%
    def prompt():
        '''Answer yes.'''

    def other():
        '''Nobody reads this.'''

    # %%
    claim("words", reading.count(prompt), tolerance=1000, because="any number will do")
    """
    folder = lab.write_note("a", source)
    (folder / "reading.py").write_text("def count(function):\n    return len(function.__doc__)\n")
    lab.run_and_accept("a")
    note = folder / "note.py"
    note.write_text(note.read_text().replace("Nobody reads", "No one reads"))
    assert "fresh" in lab("list").out
    note.write_text(note.read_text().replace("Answer yes", "Answer no"))
    assert "a is stale: a docstring in notes/a/note.py changed, which the code it is given to may read" in lab("list").out
    assert "Nothing was executed" not in lab("check").out
    assert "a is stale" in lab("list").out


@pytest.mark.slow  # 3 s: a note is run twice
def test_a_docstring_that_the_note_reads_is_code_of_its_cell(lab):
    folder = lab.record_note("a", '# %%\nfrom labnotes import claim\ndef f():\n    """Yes."""\n\n# %%\nclaim("words", len(f.__doc__))\n')
    note = folder / "note.py"
    note.write_text(note.read_text().replace("Yes.", "No."))
    assert "a is stale: the code changed in cell 1" in lab("list").out
    done = lab("check")
    assert done.code == 1 and "4" in done.out and "3" in done.out, done.text


@pytest.mark.slow  # 2 s: a note is run
def test_a_record_from_before_says_that_docstrings_count_now(read_lab):
    path = read_lab.root / "notes" / "a" / "record" / "provenance.json"
    prompts = read_lab.root / "notes" / "a" / "prompts.py"
    text = path.read_text()
    outline = code_digest.module_outline(prompts)
    assert [position for position, _ in outline.docstrings] == [1]
    plain = code_digest.module_digest(prompts)
    counted = code_digest.module_digest(prompts, docstring_use.CountedText(all_docstrings=True))
    assert counted in text and plain not in text
    path.write_text(text.replace(counted, plain))
    assert "notes/a/prompts.py was recorded without its docstrings, which a program may read" in read_lab("list").out
