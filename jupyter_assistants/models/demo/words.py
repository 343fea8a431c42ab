"""The words of a question: columns and values of the table first, then the grammar."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from jupyter_assistants.data_files.formats import ENDINGS, PACKED_ENDINGS
from jupyter_assistants.models.demo.tables import Table

LONGEST_QUESTION = 2_000

# What each kind of word means, and how it is said. A plural is the same word.
_VOCABULARY: dict[str, dict[str, str]] = {
    "operation": {
        "mean": "mean, average, avg", "median": "median", "sum": "sum, total",
        "min": "min, minimum, lowest, smallest", "max": "max, maximum, highest, largest, biggest",
        "count": "count, how many, number of", "missing": "missing, missing value",
        "overview": "overview, describe, summary, summarize, what column, which column",
        "rows": "row, record",
    },
    "chart": {
        "histogram": "histogram, distribution", "line": "line, over time", "bar": "bar",
        "scatter": "scatter, against, vs, versus", "any": "plot, chart, graph, draw",
    },
    "top": {"top": "top", "first": "first", "frequent": "most frequent, most common"},
    "period": {"year": "year", "month": "month", "day": "day"},
    "every": {"year": "yearly, annual", "month": "monthly", "day": "daily"},
    "by": {"": "by, per, each, every, for each, for every, in each"},
    "op": {
        ">=": "at least", "<=": "at most", "!=": "is not, are not", "==": "is, are, was, were, equal",
        ">": "above, over, greater than, more than, larger than, higher than",
        "<": "below, under, less than, fewer than, smaller than, lower than",
    },
    "not": {"!=": "not, without, except"},
    "time": {">=": "since", "<=": "until", ">": "after", "<": "before", "==": "in, of, for"},
    "save": {"": "save, export, write"},
    "and": {"": "and"}, "or": {"": "or"}, "it": {"": "it, that, this, them, those, these"},
    # Words that change nothing: what they lead to counts.
    "filler": {
        "": "a, an, the, from, with, on, to, as, at, where, which, what, what's, who, please, me, show, "
        "give, tell, display, print, compute, calculate, find, get, list, make, create, need, "
        "want, like, would, could, can, you, i, we, do, does, did, has, have, there, now, my, "
        "our, any, all, only, load, read, open, look, see, hi, hello, hey, thank, using, use, "
        "value, column, data, table, file, dataframe, data frame, result, in total, about, help"
    },
}  # fmt: skip
GRAMMAR = tuple(_VOCABULARY)
_GLUE = ("filler", "it", "and", "or", "by", "op", "time", "not")
_OPERATORS = {"≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=", "=": "=="}
_UNIT = re.compile(
    r"(?<=\w)[ _]\(?(?:[kcm]?m|in|ft|k?g|lb|[sh]|[cf]|usd|eur|pct|percent|ppm)\)?$", re.IGNORECASE
)
_ENDINGS = "|".join([*ENDINGS, "zip", "png", "svg", "pdf"])
_PACKED = "|".join(PACKED_ENDINGS)
_TOKEN = re.compile(
    r"(?<!\w)[`\"'“](?P<quoted>[^`\"'”\n]{1,200})[`\"'”](?!\w)"
    # Only where a run of such characters begins: looking at each of them would be quadratic.
    rf"|(?P<file>(?<![\w./\\-])[\w./\\-]{{1,200}}\.(?:{_ENDINGS})(?:\.(?:{_PACKED}))?(?!\w))"
    r"|(?P<date>\d{4}-\d{2}-\d{2}(?!\w))"
    r"|(?P<number>(?<![\w.])-?\d+(?:\.\d+)?(?!\w|[,.]\d))"
    r"|(?P<op>>=|<=|!=|<>|==?|>|<|≥|≤|≠)"
    r"|(?P<unknown>\d+(?:[.,]\d+)+(?!\w)|\w+(?:[.'’/-]\w+)*)"
    r"|(?P<cut>[;?!\n()\[\]:]|\.(?=\s|$))|(?P<and>[,&])|(?P<symbol>\S)",
    re.IGNORECASE,
)
_LONGEST_RUN = 8


@dataclass
class Word:
    """A word of the question, or several that are one name or one phrase.

    Parameters
    ----------
    kind
        ``column``, ``value``, ``data``, a group of the token's pattern, or of the vocabulary.
    meaning
        The column's name, the value, or the key in the vocabulary.
    columns
        Of a value: the columns that hold it.
    """

    text: str
    kind: str
    meaning: str = ""
    columns: tuple[str, ...] = ()
    spaced: bool = True
    used: bool = False

    @property
    def is_quiet(self) -> bool:
        """Return whether leaving it out changes nothing."""
        quiet = self.kind in ("filler", "it", "data", "and", "cut")
        return quiet or (self.meaning == "==" and self.text.isalpha())

    @property
    def file_name(self) -> str:
        """Return the last part of a path as people write it."""
        return self.text.replace("\\", "/").rpartition("/")[2]


def fold(text: str) -> str:
    """Fold case, plural, underscores and spaces; the result need not be a word."""
    return "".join(_folded_words(text))


def _folded_words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text[:200])
    return list(map(_fold_word, re.findall(r"[^\W_]+", spaced)))


def _fold_word(word: str) -> str:
    word = re.sub(r"(?<=\w\w)ies$", "y", word.casefold())
    return re.sub(r"(?<=ss|.x|ch|sh)es$|(?<=\w[^su])s$", "", word)


_PHRASES: dict[tuple[str, ...], tuple[str, str]] = {
    tuple(map(_fold_word, phrase.split())): (kind, meaning)
    for kind, meanings in _VOCABULARY.items()
    for meaning, phrases in meanings.items()
    for phrase in phrases.split(", ")
}


def close_names(said: str, table: Table) -> list[str]:
    """Return the columns that look like what was said, the nearest first."""
    if any(word.kind == "column" for word in QuestionReader(table).read(said)):
        return []
    parts = {fold(name): name for name in table.columns}
    for name in table.columns:
        parts = {part: name for part in _folded_words(name) if len(part) > 2} | parts
    near = difflib.get_close_matches(fold(said[:60]), parts, n=5, cutoff=0.75)
    return list(dict.fromkeys(parts[each] for each in near))[:3]


def plain_words(question: str) -> list[Word]:
    """Return the words of a question read by the vocabulary alone, without a table."""
    return QuestionReader(None).read(question)


class QuestionReader:
    """Recognizes the columns, values and phrases in questions about one table.

    Parameters
    ----------
    data_names
        Names of the data itself (``penguins``), which need no column.
    """

    def __init__(self, table: Table | None, data_names: Iterable[str] = ()) -> None:
        self._columns = table.columns if table else {}
        self._names: dict[str, list[str]] = {}
        self._values: dict[str, list[tuple[str, str]]] = {}
        self._data = {fold(n) for name in data_names for n in (name, *re.split(r"[\W_]+", name))}
        for shorten in (str, partial(_UNIT.sub, "")):
            known = set(self._names)
            for name in self._columns:
                if (folded := fold(shorten(name))) not in known and folded:
                    self._names.setdefault(folded, []).append(name)
        for column in self._columns.values():
            for value in column.values:
                if not value.strip().isdigit():
                    self._values.setdefault(fold(value), []).append((column.name, value))

    def read(self, question: str) -> list[Word]:
        """Return the words of a question with their kinds; no character is lost."""
        tokens = list(self._tokens(question[:LONGEST_QUESTION]))
        words: list[Word] = []
        at = 0
        while at < len(tokens):
            length, word = self._match(tokens, at)
            word.spaced = tokens[at].spaced
            words.append(word)
            at += length
        return words

    def _tokens(self, question: str) -> Iterator[Word]:
        for match in _TOKEN.finditer(question):
            kind = match.lastgroup or "symbol"
            text = match[0]
            word = Word(text, kind, _OPERATORS.get(text, text))
            if kind == "quoted":
                inner = Word(match["quoted"], "quoted", match["quoted"])
                word = replace(self._named([inner], []) or inner, text=text)
            word.spaced = match.start() == 0 or question[match.start() - 1].isspace()
            yield word

    def _match(self, tokens: Sequence[Word], at: int) -> tuple[int, Word]:
        """Return how many tokens are one word, and that word: the longest, of the table first."""
        first = tokens[at]
        counts = [word.text.casefold() in ("top", "first") for word in (tokens[at - 1], first)]
        if first.kind not in ("unknown", "number") or (first.kind == "number" and counts[at == 0]):
            return 1, first
        # "first 5" counts, also where "First" is a value.
        if counts[1] and [word.kind for word in tokens[at + 1 : at + 2]] == ["number"]:
            return 1, Word(first.text, "top", first.text.casefold())
        for length in range(min(_LONGEST_RUN, len(tokens) - at), 0, -1):
            run, behind = tokens[at : at + length], tokens[at + length : at + length + 1]
            plain = all(word.kind in ("unknown", "number") for word in run)
            if plain and (word := self._named(run, behind)):
                return length, word
        return 1, first

    def _named(self, run: Sequence[Word], following: Sequence[Word]) -> Word | None:
        text = " ".join(word.text for word in run)
        folded = fold(text)
        said = tuple(_fold_word(word.text.replace("’", "'")) for word in run)
        phrase = _PHRASES.get(said)
        # "over time" is a phrase only where no column is called "time".
        if phrase and len(said) > 1 and said[-1] in self._names:
            phrase = None
        is_glue = phrase is not None and phrase[0] in _GLUE
        # "a" is an article in "a plot", and a column in "mean of a".
        if not is_glue or _ends_name(following):
            if column := self._column(text):
                return Word(text, "column", column)
            values = self._values.get(folded, [])
            # "OR" may be Oregon; "or" is not.
            values = [v for v in values if not is_glue or v[1] == text or len(text) == 1]
            if values and run[0].kind != "number":
                return Word(text, "value", values[0][1], tuple(name for name, _ in values))
        if phrase:
            return Word(text, *phrase)
        return Word(text, "data", text) if folded in self._data and folded else None

    def _column(self, text: str) -> str:
        """Return the only column that is called so; empty if there is none."""
        names = self._names.get(fold(text), [])
        for form in (str, str.casefold, fold):
            exact = [name for name in names if form(name) == form(text)]
            if len(exact) == 1:
                return exact[0]
        return names[0] if len(names) == 1 else ""


def _ends_name(following: Sequence[Word]) -> bool:
    if not following or following[0].kind in ("and", "cut", "op"):
        return True
    kind, meaning = _PHRASES.get((_fold_word(following[0].text),), ("", ""))
    return kind in _GLUE or meaning == "scatter"
