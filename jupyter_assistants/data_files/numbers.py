"""Numbers as people and programs write them, and values that only look like numbers.

Every pattern is linear, and is matched against values of bounded length only.
"""

from __future__ import annotations

import re

LONGEST_VALUE = 60
MISSING_WORDS = frozenset(
    [
        "#N/A",
        "#NA",
        "N/A",
        "NA",
        "n/a",
        "nan",
        "NaN",
        "-nan",
        "-NaN",
        "<NA>",
        "NULL",
        "null",
        "None",
        "1.#IND",
        "1.#QNAN",
        "#N/A N/A",
    ]
)
"""What pandas reads as a missing value by itself."""
MISSING_MARKS = frozenset(["?", "-", "--", "..", ".", "…", "–", "n.a.", "n.d.", "k.A.", "missing"])
"""What people write for a missing value, and pandas reads as text."""

_PLAIN = re.compile(r"[+-]?+(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d++)?", re.ASCII)
_ZEROS = re.compile(r"0[0-9]+")
_PHONE = re.compile(r"\+\d{6,}")
_EXPONENT = re.compile(r"[0-9]+E[0-9]+")
_YEAR = re.compile(r"[12]\d{3}")
_LETTERS = re.compile(r"[A-Z]{2}")
_SIGNED = re.compile(
    r"(?P<sign>[-+−]?)(?P<left>[$€£¥]?)\s?(?P<body>[-+−]?[0-9.,'’\s]{1,40})(?P<right>\s?(?:[€$£¥%]|EUR|USD|CHF)?)"
)
_SPACES = "\u00a0\u202f "
# Groups of three behind a comma, as in English; "1,500" may be one and a half, too.
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}")
_MAYBE_COMMA = re.compile(r"\d{1,3},\d{3}")
_DECIMAL_COMMA = re.compile(
    r"\d{1,3}(?:\.\d{3})+,\d+|\d*,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+|\d{1,3}(?:\.\d{3}){2,}"
)
_POINT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_WHOLE = re.compile(r"\d+")
_DECIMAL_POINT = re.compile(r"\d+\.\d*|\.\d+")


def is_number(value: str) -> bool:
    """Return whether pandas reads a value as a number without being told anything."""
    return len(value) <= LONGEST_VALUE and bool(_PLAIN.fullmatch(value.strip()))


def is_year(value: str) -> bool:
    """Return whether a value may be a year."""
    return bool(_YEAR.fullmatch(value.strip()[:5]))


def is_missing(value: str) -> bool:
    """Return whether pandas reads a value as missing."""
    return not value.strip() or value.strip() in MISSING_WORDS


def is_pair_of_letters(value: str) -> bool:
    """Return whether a value may be a code of two letters, such as a country's."""
    return bool(_LETTERS.fullmatch(value[:3]))


def code_reason(values: list[str]) -> str:
    """Return why a column that pandas reads as numbers holds codes; empty if it does not.

    Parameters
    ----------
    values
        Known values of the column, or those of them that look like codes.
    """
    texts = [value.strip() for value in values if len(value) <= LONGEST_VALUE]
    if not texts or not all(map(is_number, texts)):
        return ""
    if any("." in text for text in texts):
        return ""
    if any(map(_ZEROS.fullmatch, texts)):
        return "of leading zeros"
    if any(map(_PHONE.fullmatch, texts)):
        return "of a leading plus"
    if any(re.search("[eE][+-]", text) for text in texts):
        return ""
    code = next((text for text in texts if _EXPONENT.fullmatch(text)), "")
    return f"values such as {code} look like codes" if code else ""


class Notation:
    """How the numbers of a column are written: what is to be removed, and what a comma means."""

    def __init__(self, values: list[str]) -> None:
        self.values = values
        self.signs = ""
        self.has_percent = False
        self._bodies: list[str] = []
        self.is_number = bool(values) and all(map(self._add, values))

    def _add(self, value: str) -> bool:
        match = _SIGNED.fullmatch(value.strip()) if len(value) <= LONGEST_VALUE else None
        if match is None or not re.search(r"\d", match["body"]):
            return False
        unit = match["right"].strip()
        self.has_percent |= unit == "%"
        for sign in (match["left"], unit):
            self.signs += "".join(each for each in sign if each not in self.signs)
        self._bodies.append(match["body"].strip().lstrip("+-−"))
        return True

    @property
    def spaces(self) -> bool:
        """Return whether groups of three are set apart by spaces or apostrophes."""
        return any(re.search(r"\d['’\s]\d", body) for body in self._bodies)

    @property
    def style(self) -> str:
        """Return what commas and points mean.

        Returns
        -------
        str
            ``comma``: decimal comma. ``point``: decimal point, and commas between groups.
            ``plain``: neither commas nor groups. ``maybe``: "1,500" alone. ``mixed``: no number.
        """
        if self.spaces and not all(
            re.fullmatch(r"[\d.,]*|\d{1,3}(?:['’\s]\d{3})+(?:[.,]\d*)?", b) for b in self._bodies
        ):
            return "mixed"
        bodies = [re.sub(r"['’\s]", "", body) for body in self._bodies]
        if all(_WHOLE.fullmatch(b) or _DECIMAL_POINT.fullmatch(b) for b in bodies):
            return "plain"
        groups = [bool(_COMMA_GROUPS.fullmatch(b)) for b in bodies]
        decimals = [bool(_DECIMAL_COMMA.fullmatch(b)) for b in bodies]
        maybe = [bool(_MAYBE_COMMA.fullmatch(b) or _WHOLE.fullmatch(b)) for b in bodies]
        if any(decimals) and all(
            d or m or _POINT_GROUPS.fullmatch(b)
            for d, m, b in zip(decimals, maybe, bodies, strict=True)
        ):
            return "comma"
        pointed = [bool(_DECIMAL_POINT.fullmatch(b)) for b in bodies]
        mixed = not all(map(any, zip(groups, maybe, pointed, strict=True)))
        if mixed:
            return "mixed"
        return "point" if any(groups) or any(pointed) else "maybe"

    @property
    def has_point_groups(self) -> bool:
        """Return whether points stand between groups of three."""
        return any(re.search(r"\d\.\d{3}(?!\d)", body) for body in self._bodies)

    @property
    def removed(self) -> str:
        """Return the signs that are to be removed, where a comma does not count."""
        return self.signs + (" '’" if self.spaces else " " if self._has_blank() else "")

    def _has_blank(self) -> bool:
        return any(re.search(r"\s", value.strip()) for value in self.values)
