"""The few words that a page puts between those of its author, in the author's language: Figure, Table, Equation.

All else that labnotes says on a page is English, and marked as such where the note is not, so that it is read aloud as English. The words are
our own: neither Babel nor ICU has them. Languages that set the number before the word are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

ENGLISH = ("Figure", "Table", "Equation")

_WORDS = {
    "ar": ("الشكل", "الجدول", "المعادلة"),
    "ca": ("Figura", "Taula", "Equació"),
    "cs": ("Obrázek", "Tabulka", "Rovnice"),
    "da": ("Figur", "Tabel", "Ligning"),
    "de": ("Abbildung", "Tabelle", "Gleichung"),
    "el": ("Σχήμα", "Πίνακας", "Εξίσωση"),
    "en": ENGLISH,
    "es": ("Figura", "Tabla", "Ecuación"),
    "fa": ("شکل", "جدول", "معادله"),
    "fi": ("Kuva", "Taulukko", "Yhtälö"),
    "fr": ("Figure", "Tableau", "Équation"),
    "he": ("איור", "טבלה", "משוואה"),
    "hi": ("चित्र", "तालिका", "समीकरण"),
    "id": ("Gambar", "Tabel", "Persamaan"),
    "it": ("Figura", "Tabella", "Equazione"),
    "ja": ("図", "表", "式"),
    "ko": ("그림", "표", "식"),
    "nb": ("Figur", "Tabell", "Ligning"),
    "nl": ("Figuur", "Tabel", "Vergelijking"),
    "nn": ("Figur", "Tabell", "Likning"),
    "no": ("Figur", "Tabell", "Ligning"),
    "pl": ("Rysunek", "Tabela", "Równanie"),
    "pt": ("Figura", "Tabela", "Equação"),
    "ro": ("Figura", "Tabelul", "Ecuația"),
    "ru": ("Рисунок", "Таблица", "Уравнение"),
    "sv": ("Figur", "Tabell", "Ekvation"),
    "tr": ("Şekil", "Tablo", "Denklem"),
    "uk": ("Рисунок", "Таблиця", "Рівняння"),
    "vi": ("Hình", "Bảng", "Phương trình"),
    "zh": ("图", "表", "公式"),
    "zh-Hant": ("圖", "表", "公式"),
}
"""Figure, Table and Equation by the tag of a language, or of a language in a script."""

_TRADITIONAL = {"TW", "HK", "MO", "Hant"}
"""Parts of a tag by which Chinese is written in traditional characters."""


@dataclass(frozen=True, kw_only=True)
class PageWords:
    """The words of a page. `is_foreign` says that they are English on a page that is not; `is_marked` that what labnotes says there else is."""

    figure: str
    table: str
    equation: str
    is_foreign: bool
    is_marked: bool

    @property
    def english(self) -> Markup:
        """The attributes of an element whose text is English, in any note."""
        return Markup(' lang="en" dir="ltr"') if self.is_marked else Markup("")

    @property
    def named(self) -> Markup:
        """The attributes of an element that holds one of the three words alone."""
        return self.english if self.is_foreign else Markup("")


def words_in(language: str) -> PageWords:
    """The words of a page in the language of this tag, "" for the site's own."""
    first, *others = (language or "en").split("-")
    key = "zh-Hant" if first == "zh" and not _TRADITIONAL.isdisjoint(others) else first
    figure, table, equation = _WORDS.get(key, ENGLISH)
    return PageWords(
        figure=figure, table=table, equation=equation, is_foreign=key not in _WORDS, is_marked=bool(language) and first != "en"
    )
