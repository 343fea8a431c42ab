"""Sentences: where one ends, in many languages.

A full stop ends a sentence less often than not: "am 24. Dezember", "Dr. J. Smith", "z. B. Enten". Where that is not
clear, the sentence goes on; two sentences in a quote do less harm than half of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A run of marks is looked at where it begins, so that a long one takes longer.
_END = re.compile(
    "(?<![.!?…])[.!?…]++[\"'”’»)\\]]*+(?=\\s)|(?<![。！？｡])[。！？｡]++[」』）”]*+|(?<![।॥؟۔։])[।॥؟۔։]++(?=\\s)"
)
_LONGEST_WORD = 30
_OPENING = "([{\"'“„«‚‘»¿¡"

_ABBREVIATION_WORDS = (
    # English, and what many languages share
    "dr prof mr mrs ms messrs st mt rev hon gen col capt lt sgt jr sr vol vols fig figs eq eqs ch "
    "pp ed eds cf vs al approx ca dept inc ltd co corp resp jan feb mar apr jun jul aug sep "
    "sept oct nov dec tue wed thu fri ave blvd "
    # German
    "nr bzw vgl abs bd hrsg inkl exkl evtl ggf sog ebd geb gest hr fr frl mio mrd tsd std okt dez "
    "mär anm aufl ausg bsp kap lfd str tel zzgl abb dipl ing phil "
    # French, Spanish, Italian, Portuguese
    "mm mme mlle env av janv févr juil déc sra srta dra ud uds pág págs núm cap ej dott sig pag "
    "lic arq "
    # Dutch, Scandinavian, Polish, Czech, Turkish, Russian
    "dhr mevr bijv blz bl kl ff dvs ul np tzn tj doç yrd vb vs örn гг др пр ул стр рис"
)
_ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())
# Words of their own as well.
_BEFORE_A_NUMBER = frozenset(
    ["no", "nos", "art", "sec", "tab", "min", "max", "mon", "sat", "sun", "est", "mai", "op"]
)
_BEFORE_A_DATE = frozenset(
    [
        "am",
        "vom",
        "zum",
        "bis",
        "im",
        "ab",
        "den",
        "dem",
        "der",
        "des",
        "das",
        "die",
        "seit",
        "nach",
        "und",
        "oder",
        "ein",
        "einem",
        "einen",
        "eines",
        "el",
        "le",
        "il",
        "den",
        "d",
        "dne",
        "od",
        "do",
        "od",
        "den",
        "på",
        "fra",
        "til",
        "la",
        "av",
        "ve",
        "в",
        "с",
        "от",
        "до",
    ]
)
_MONTHS = (
    "jan feb fév mar mär már apr avr abr mai may maj mag jun jui giu jul lug aug aoû ago aug sep set oct okt out "
    "ott nov dec dez déc dic oca şub nis haz tem ağu eyl eki kas ara led úno bře dub kvě čer srp zář říj lis pro"
)
_MONTH = re.compile("|".join(dict.fromkeys(_MONTHS.split())), re.IGNORECASE)
_ORDINAL = re.compile(r"\d{1,2}")
_ROMAN = re.compile(r"[IVX]{1,5}")
_INITIALS = re.compile(r"(?:\w\.)*\w")


def sentence_ends(text: str, begin: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where sentences of a part of a text end, behind their last mark.

    Its own end is one only where a mark stands there.
    """
    for mark in _END.finditer(text, begin, len(text) if end is None else end):
        if mark[0] != "." or not _goes_on(text, begin, mark.start()):
            yield mark.end()


def _goes_on(text: str, begin: int, stop: int) -> bool:
    """Return whether a sentence goes on behind the full stop at ``stop``."""
    follows = text[stop + 1 : stop + 1 + _LONGEST_WORD].lstrip()
    if follows[:1].islower():
        return True
    before = text[max(begin, stop - 2 * _LONGEST_WORD) : stop].split()
    if not before:
        return True
    word = before[-1].lstrip(_OPENING)
    if word.lower() in _ABBREVIATIONS or (_INITIALS.fullmatch(word) and not word[-1].isdigit()):
        return True
    if word.lower() in _BEFORE_A_NUMBER or (_ROMAN.fullmatch(word) and len(before) > 1):
        return follows[:1].isdigit() or word.isupper()
    if _ORDINAL.fullmatch(word):
        # A day, a rank, or the number of a heading.
        alone = len(before) == 1 and stop - begin <= _LONGEST_WORD
        dated = len(before) > 1 and before[-2].lstrip(_OPENING).lower() in _BEFORE_A_DATE
        return alone or dated or follows[:1].isdigit() or _MONTH.match(follows) is not None
    return False
