"""What changes the digest of code, and what does not."""

import pytest

from labnotes.source.code_digest import file_digest, module_digest, python_digest

CODE = '''
"""Docstring."""
from labnotes import figure
x = 1  # a comment
def f(a):
    """What f does."""
    return a + 0.5
@cache
class C(B): pass
figure(f(x), "dose", caption="A caption.", alt="An alt text.", tolerance=0.1, because="measured")
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a comment", "# another"),
        ("x = 1  # a comment", "x   =   1"),
        ('"""Docstring."""', '"""Other."""'),
        ('    """What f does."""\n', ""),
        ('caption="A caption."', 'caption="Another"'),
        ('alt="An alt text."', 'alt="Another"'),
        ('because="measured"', 'because="twice"'),
        ("def f", "\n\n\ndef f"),
        ("return a + 0.5", "return (a + 0.5)"),
    ],
)
def test_words_and_layout_do_not_count(old, new):
    assert old in CODE
    assert python_digest(CODE.replace(old, new)) == python_digest(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.5", "0.50001"),
        ("x = 1", "x = 2"),
        ("x = 1", "x = True"),
        ("tolerance=0.1", "tolerance=0.2"),
        ('"dose"', '"doses"'),
        ("a + 0.5", "a - 0.5"),
        ('caption="A caption."', "caption=x"),
        ("def f(a)", "def f(b)"),
        ("@cache", "@lru_cache"),
        ("@cache\n", ""),
        ("def f(a)", "@cache\ndef f(a)"),
        ("C(B)", "C(A)"),
    ],
)
def test_code_counts(old, new):
    assert python_digest(CODE.replace(old, new)) != python_digest(CODE)


def test_another_function_called_caption_keeps_its_words():
    assert python_digest('draw(caption="a")') != python_digest('draw(caption="b")')


def test_magics_are_code():
    assert python_digest("%time x = 1") != python_digest("%time x = 2")
    assert python_digest("!ls a") == python_digest("!ls a  ")


def test_code_that_does_not_parse_is_compared_as_it_is():
    assert python_digest("def (") != python_digest("def  (")


def test_a_python_file_counts_as_code_or_as_data(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1  # one\n")
    second.write_text("x = 1  # another\n")
    assert module_digest(first) == module_digest(second)
    assert file_digest(first) != file_digest(second)


def test_the_author_functions_are_known_by_their_imports():
    code = "import labnotes as ln\nfrom labnotes import figure as fig\nln.table(f, 't', caption='{}')\nfig(f, 'f', caption='{}')\n"
    assert python_digest(code.format("a", "b")) == python_digest(code.format("c", "d"))
    assert python_digest("def figure(x, caption): ...\nfigure(1, caption='a')") != python_digest(
        "def figure(x, caption): ...\nfigure(1, caption='b')"
    )
