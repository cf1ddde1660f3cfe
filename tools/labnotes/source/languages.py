"""Languages as BCP 47 names them: `de`, `pt-BR`, `zh-Hant`. The only module that knows langcodes."""

from __future__ import annotations

RIGHT_TO_LEFT = {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
"""Scripts that are written from right to left (ISO 15924; of Unicode's those that a language of today is written in)."""


def checked_language(value: object) -> str:
    """The tag of a language in its standard form. Raises ValueError for what is none."""
    import langcodes  # 0.1 s of tables, which few notes need
    from langcodes.tag_parser import LanguageTagError

    hint = "a tag of BCP 47, such as de, pt-BR or zh-Hant"
    if not isinstance(value, str):
        raise ValueError(f"is no tag of a language: {hint}")
    try:
        is_known = langcodes.tag_is_valid(value)
        tag = langcodes.standardize_tag(value)
    except LanguageTagError:
        is_known, tag = False, ""
    if not is_known or tag.startswith(("x-", "und", "mul", "zxx")):
        raise ValueError(f"is no tag of a language that is known: {hint}")
    return tag


def text_direction(tag: str) -> str:
    """The direction of a language's script, as HTML has it: "rtl" or "ltr"."""
    import langcodes

    return "rtl" if langcodes.Language.get(tag).maximize().script in RIGHT_TO_LEFT else "ltr"


def open_graph_locale(tag: str) -> str:
    """A language as Open Graph names it, with its country: pt_BR; "" for one without a country."""
    import langcodes

    language = langcodes.Language.get(tag)
    return f"{language.language}_{language.territory}" if language.territory else ""
