"""A note with pictures that have no data, through run, accept, check and the pages."""

import re

import pytest

from labnotes.commands import build
from labnotes.site.stage import staging
from labnotes.source.labs import Lab

NOTE = """
# %%
import io
import matplotlib.pyplot as plt
from IPython.display import SVG, Image
from PIL import Image as Picture, ImageDraw
from labnotes import figure

NUMBER, HEIGHT, FILL = "0.36", 1.0, "black"

def drawn(text):
    image = Picture.new("RGB", (240, 120), "white")
    ImageDraw.Draw(image).text((20, 20), text, fill=FILL)
    return image

def encoded(image, kind):
    target = io.BytesIO()
    image.save(target, kind)
    return target.getvalue()

figure(drawn(NUMBER), "pixels", caption="c", alt="a", by="pixels")
# %%
image = drawn("near")
image.save("image.webp", lossless=True)
figure("image.webp", "near", caption="c", alt="a", by="pixels", tolerance=0.02, because="another FreeType moved it by 0.5 %")
# %%
figure(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text y="20">{NUMBER}</text></svg>'), "drawing", caption="c", alt="a", by="pixels")
# %%
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([0, HEIGHT])
figure(fig, "plot", caption="c", alt="a", by="pixels")
# %%
figure(Image(encoded(drawn("bare"), "JPEG")), "bare", caption="c", alt="a")
"""


@pytest.fixture(scope="module")
def recorded(new_lab):
    lab = new_lab()
    lab.record_note("a", NOTE)
    return lab


def test_the_same_pictures_are_exact_and_one_without_by_is_unverified(recorded):
    done = recorded("check", "a", "--fresh")
    assert done.code == 0, done.text
    assert "unverified figure bare" in done.out
    assert 'not verified: image/jpeg without plotted data; figure(..., by="pixels") compares its pixels' in done.out
    for label in ("pixels", "near", "drawing", "plot"):
        assert f"figure {label}" not in done.out


def test_what_differs_is_named_with_its_place(new_lab, tmp_path):
    lab = new_lab()
    folder = lab.record_note("a", NOTE)
    source = (folder / "note.py").read_text()
    (folder / "note.py").write_text(source.replace('"0.36", 1.0, "black"', '"0.52", 1.2, "#040404"'))
    done = lab("check", "a", "--report", str(tmp_path / "report"))
    assert done.code == 1, done.text
    assert re.search(
        r"changed +figure pixels.*\n +its pixels differ by [\d.]+ % of full scale in the upper left \(around column \d+, row \d+\)",
        done.out,
    )
    assert re.search(r"changed +figure drawing.*\n +its texts are others: '0.52' is new, '0.36' is gone", done.out)
    assert re.search(r"changed +figure plot.*\n +its pixels differ by", done.out)
    assert "changed +figure near" not in done.out
    report = (tmp_path / "report" / "report.html").read_text()
    assert "its pixels differ by" in report
    assert "There is no overlay" in report


def test_a_page_says_how_a_picture_is_compared_and_has_no_table_of_it(recorded):
    done = recorded("init", ".")
    assert done.code == 0, done.text
    lab = Lab(recorded.root)
    staging.stage_notes(lab, lab.note_slugs(), build.prepare_site(lab), build.theme_of(lab), None, drafts=False)
    page = (recorded.root / "docs" / "notes" / "posts" / "a.md").read_text()
    assert page.count("Compared by its pixels, not by data.") == 3
    assert page.count("Compared by the text of its drawing (SVG), not by data.") == 1
    assert "Not verified: image/jpeg without plotted data" in page
    figures = recorded.root / "docs" / "notes" / "a" / "figures"
    shown = {"bare.jpeg", "drawing.svg", "near.webp", "pixels.png", "plot.png"}
    assert {path.name for path in figures.iterdir()} == {*shown, *(f"{name.partition('.')[0]}.embed.html" for name in shown)}
    assert "figures/pixels.csv" not in page
    assert "equal pixels" in page
    assert "± 2 % of full scale" in page


def test_a_picture_that_is_too_large_is_told_with_its_cell_and_figure(lab):
    lab.write_note(
        "a",
        """
# %%
from labnotes import figure
class Large:
    def _repr_png_(self):
        return b"\\x89PNG" + bytes(50_000_000)
# %%
figure(Large(), "large", caption="c", alt="a", by="pixels")
""",
    )
    done = lab("run", "a")
    assert done.code != 0
    assert "figure 'large': its picture has 50 MB; a record keeps 20 MB at most" in done.text
    assert "cell 2" in done.text


def test_an_unknown_way_to_compare_is_told_before_a_run(lab):
    lab.write_note("a", NOTE.replace('"plot", caption="c", alt="a", by="pixels"', '"plot", caption="c", alt="a", by="pixel"'))
    done = lab("run", "a")
    assert done.code == 2
    assert "figure 'plot' is compared by 'pixel'" in done.text
    assert "did you mean 'pixels'?" in done.text
