"""Finds columns in a question: case, underscores, units and plurals do not matter."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jupyter_assistants.models.demo.history import Columns

UNITS = frozenset(
    {"mm", "cm", "m", "km", "in", "ft", "mg", "g", "kg", "t", "lb", "oz", "ml", "l"}
    | {"ms", "s", "sec", "h", "hr", "hour", "c", "f", "k", "w", "kw", "kwh", "v", "hz"}
    | {"ppm", "ppb", "pct", "percent", "usd", "eur", "gbp", "mph", "kmh", "o", "oo"}
)
_LONGEST = 6
_SHORTEST_PART = 3
_SHORTEST_PREFIX = 4
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s_()\[\]/.\-]*")
_QUOTED = re.compile(r"[`'\"‘’“”]([^`'\"‘’“”]+)[`'\"‘’“”]")
_BEFORE_A_COLUMN = re.compile(
    r"\b(of|average|mean|median|sum|min|max|minimum|maximum)\s+(the\s+)?$", re.IGNORECASE
)
_OPEN, _CLOSE = "⟨", "⟩"
COLUMN = rf"{_OPEN}(\d+){_CLOSE}"
"""A column in a masked text."""


@dataclass(frozen=True)
class Mention:
    """A column that a question names; ``others`` could have been meant as well."""

    column: str
    said: str
    others: tuple[str, ...] = ()


@dataclass
class Masked:
    """A question in which every column is replaced by its number in ``mentions``."""

    text: str
    mentions: list[Mention] = field(default_factory=list)

    def put(self, mention: Mention) -> str:
        """Return the placeholder of a mention."""
        self.mentions.append(mention)
        return f"{_OPEN}{len(self.mentions) - 1}{_CLOSE}"

    def column(self, number: str) -> str:
        """Return the column behind a placeholder's number."""
        return self.mentions[int(number)].column

    def columns(self, text: str) -> list[str]:
        """Return the columns in a piece of the masked text, in order, each once."""
        return list(dict.fromkeys(self.column(number) for number in re.findall(COLUMN, text)))

    def original(self, text: str) -> str:
        """Return a piece of the masked text as the user wrote it."""
        return re.sub(COLUMN, lambda match: self.mentions[int(match[1])].said, text)


def is_number(dtype: str) -> bool:
    """Return whether a dtype holds numbers (truth values are none)."""
    return bool(re.match(r"(u?int|float|double|decimal)\d*", dtype, re.IGNORECASE))


def is_date(dtype: str) -> bool:
    """Return whether a dtype holds points in time."""
    return dtype.startswith(("datetime", "timestamp", "date"))


def numbers(columns: Columns) -> list[str]:
    """Return the columns that hold numbers."""
    return [name for name, dtype in columns.items() if is_number(dtype)]


def categories(columns: Columns) -> list[str]:
    """Return the columns that hold text, categories or truth values."""
    return [
        name
        for name, dtype in columns.items()
        if not is_number(dtype) and not is_date(dtype) and name != time_column(columns)
    ]


def time_column(columns: Columns) -> str:
    """Return the column to draw over time: dates, then text named so, then a year; or empty."""
    for name, dtype in columns.items():
        if is_date(dtype):
            return name
    for name, dtype in columns.items():
        if not is_number(dtype) and named_as_date(name):
            return name
    return next((name for name in columns if parts(name) == ["year"]), "")


def named_as_date(column: str) -> bool:
    """Return whether a column is named as columns with dates are."""
    return bool({"date", "datetime", "time", "timestamp", "day", "month"} & set(parts(column)))


def is_time(name: str, columns: Columns) -> bool:
    """Return whether something can be drawn over this column as over time."""
    text = not is_number(columns[name]) and named_as_date(name)
    return text or is_date(columns[name]) or name == time_column(columns)


def singular(word: str) -> str:
    """Fold a word's plural; the result need not be a word, it only has to be the same twice."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def parts(name: str) -> list[str]:
    """Return the folded words of a name."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [singular(word.casefold()) for word in _WORD.findall(spaced)]


def bare(name: str) -> list[str]:
    """Return the folded words of a name without its unit."""
    words = parts(name)
    while len(words) > 1 and (words[-1] in UNITS or singular(words[-1]) in UNITS):
        words.pop()
    return words


def close(said: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that look like what was said."""
    wanted = " ".join(parts(said))
    by_text: dict[str, str] = {}
    for name in columns:
        for text in (" ".join(parts(name)), " ".join(bare(name)), *bare(name)):
            by_text.setdefault(text, name)
    near = difflib.get_close_matches(wanted, by_text, n=5, cutoff=0.7)
    return list(dict.fromkeys(by_text[text] for text in near))[:3]


def mask(
    text: str,
    columns: Columns,
    *,
    reserved: Callable[[str], bool],
    own: Callable[[str], bool] = lambda word: False,
) -> Masked:
    """Replace every column that the text names.

    Parameters
    ----------
    reserved
        Tells a word of the grammar. Alone, it means a column only in quotes or after "of" and
        the like.
    own
        Tells a word that names the data itself; it may be a column, but no part of one.
    """
    masked = Masked("")
    text = re.sub(f"[{_OPEN}{_CLOSE}]", " ", text)
    text = _QUOTED.sub(lambda match: _quoted(match, columns, masked), text)
    done, position = "", 0
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        found = _longest(text, words, index, columns, reserved, own)
        if found is None or text[max(0, words[index].start() - 1)] == _OPEN:
            index += 1
            continue
        taken, mention = found
        done += text[position : words[index].start()] + masked.put(mention)
        position = words[index + taken - 1].end()
        index += taken
    masked.text = re.sub(rf"({_CLOSE})\s*[)\]]", r"\1", done + text[position:])
    return masked


def _quoted(match: re.Match[str], columns: Columns, masked: Masked) -> str:
    wanted = parts(match[1])
    for name in columns:
        if name == match[1] or (wanted and wanted in (parts(name), bare(name))):
            return masked.put(Mention(name, match[0]))
    return match[0]


def _longest(
    text: str,
    words: list[re.Match[str]],
    start: int,
    columns: Columns,
    reserved: Callable[[str], bool],
    own: Callable[[str], bool],
) -> tuple[int, Mention] | None:
    run: list[re.Match[str]] = []
    for word in words[start : start + _LONGEST]:
        if run and not _GAP.fullmatch(text, run[-1].end(), word.start()):
            break
        run.append(word)
    after_of = bool(_BEFORE_A_COLUMN.search(text[: run[0].start()]))
    for whole in (True, False):
        for length in range(len(run), 0, -1):
            folded = [singular(word[0].casefold()) for word in run[:length]]
            alone = length == 1 and (reserved(run[0][0].casefold()) or folded[0].isdigit())
            if alone and not (whole and after_of):
                continue
            said = text[run[0].start() : run[length - 1].end()]
            if not whole and not _can_be_part(text, run[:length], reserved, own):
                continue
            names = _whole(folded, columns) if whole else _part(folded, columns)
            if names:
                return length, Mention(names[0], said, tuple(names[1:]))
    return None


def _can_be_part(
    text: str,
    run: list[re.Match[str]],
    reserved: Callable[[str], bool],
    own: Callable[[str], bool],
) -> bool:
    words = [word[0].casefold() for word in run]
    if any(reserved(word) or own(word) for word in words):
        return False
    # "body_mas" names one thing as a whole; a part of it must not pass for a column.
    around = text[max(0, run[0].start() - 1) : run[0].start()] + text[run[-1].end() :][:1]
    return "_" not in around


def _whole(folded: list[str], columns: Columns) -> list[str]:
    compact = "".join(folded)
    full = [name for name in columns if compact == "".join(parts(name))]
    return (full or [name for name in columns if compact == "".join(bare(name))])[:1]


def _part(folded: list[str], columns: Columns) -> list[str]:
    if len(" ".join(folded)) < _SHORTEST_PART:
        return []
    length = len(folded)
    found = []
    for name in columns:
        words = bare(name)
        runs = [words[at : at + length] for at in range(len(words) - length + 1)]
        if folded in runs or (length == 1 and any(_begins(folded[0], word) for word in words)):
            found.append(name)
    return found


def _begins(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_PREFIX and long.startswith(short)
