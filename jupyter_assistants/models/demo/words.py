"""The words of a question: columns and values of the table first, then the grammar."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jupyter_assistants.models.demo.table_profile import TableProfile

LONGEST_QUESTION = 2_000
TABLE_ENDINGS = ("csv", "tsv", "xlsx", "parquet", "jsonl", "ndjson", "json")
IMAGE_ENDINGS = ("png", "svg", "pdf")

# What each kind of word means, and how it is said. A plural is the same word.
_VOCABULARY: dict[str, dict[str, str]] = {
    "stat": {
        "mean": "mean, average, avg",
        "median": "median",
        "sum": "sum, total",
        "min": "min, minimum",
        "max": "max, maximum",
        "std": "std, sd, standard deviation",
        "nunique": "distinct, unique, different",
        "count": "count, how many, number of",
    },
    "extreme": {
        "max": "highest, largest, biggest, greatest",
        "min": "lowest, smallest",
    },
    "chart": {
        "heatmap": "heatmap, heat map",
        "histogram": "histogram, distribution",
        "box": "box, boxplot, box plot, box chart",
        "scatter": "scatter, scatterplot, scatter plot, scatter chart",
        "against": "against, vs, versus",
        "lines": "line, line chart, line plot, line graph, trend, time series, timeline, over time, "
        "over the time",
        "bars": "bar, bar chart, bar plot, bar graph",
        "any": "plot, chart, graph, draw, visualize, visualise, diagram",
    },
    "table": {
        "overview": "overview, describe, description, profile, summary, summarize, summarise, "
        "explore, info, statistic, dtype, inspect, what is in, tell me about, which column, "
        "what column, list the column, list column",
        "missing": "missing, missing value, null, nan, empty value",
        "correlation": "correlation, correlate, correlated, correlation matrix",
        "counts": "most frequent, most common, value count, frequency, how often, most frequently",
        "head": "head, preview",
        "rows": "row, record, entry, observation",
    },
    "period": {
        "day": "daily, per day, by day, each day, every day",
        "week": "weekly, per week, by week, each week, every week",
        "month": "monthly, per month, by month, each month, every month",
        "quarter": "quarterly, per quarter, by quarter, each quarter, every quarter",
        "year": "yearly, annual, annually, per year, by year, each year, every year",
    },
    "by": {
        "": "by, per, for each, for every, in each, across, each, grouped by, group by, split by, "
        "colored by, coloured by, color by, broken down by"
    },
    "op": {
        "missing": "is missing, is null, is empty",
        "present": "is not missing, is not null, is not empty, is present",
        "contains": "contain, include",
        ">=": "at least, is at least, since",
        "<=": "at most, is at most, up to, until",
        ">": "above, over, greater than, larger than, more than, higher than, after, is above, "
        "is over, is greater than, is larger than, is more than, is higher than",
        "<": "below, under, less than, smaller than, lower than, fewer than, before, is below, "
        "is under, is less than, is smaller than, is lower than",
        "!=": "is not, are not, not, without, except, excluding",
        "==": "is, are, was, were, equal, equal to",
        "between": "between, is between",
    },
    "sort": {
        "descending": "sorted, sort, ranked, descending, highest first, largest first",
        "ascending": "ascending, sorted ascending, lowest first, smallest first",
    },
    "top": {"first": "first", "top": "top", "bottom": "bottom"},
    "bins": {"": "bin"},
    "save": {"": "save, export, write, store, download, convert"},
    "and": {"": "and, plus, also"},
    "or": {"": "or"},
    "cut": {"": "then"},
    "it": {"": "it, that, this, them, those, these, same, result"},
    # Words that change nothing: what they lead to counts.
    "filler": {
        "": "a, an, the, of, in, for, from, with, on, to, as, at, where, whose, which, what, who, "
        "when, if, please, me, show, give, tell, display, print, compute, calculate, find, get, "
        "list, make, create, into, need, want, like, would, could, can, you, i, we, us, do, does, did, "
        "has, have, had, there, here, now, just, my, our, their, any, all, only, load, read, "
        "open, look, see, let, hi, hello, thanks, using, use, value, column, data, dataset, table, "
        "file, dataframe, data frame, set, in total, matrix, each other, they, how, be, whole, "
        "entire, compare"
    },
}
_TAGS = {
    "column": "c", "value": "v", "number": "n", "date": "d", "quoted": "q", "unknown": "u", "op": "o",
    "and": "&", "or": "|", "to": "-", "top": "^", "bins": "%", "by": "b", "stat": "S", "chart": "H",
    "table": "T", "period": "P", "extreme": "X", "save": "w", "filler": ".", "it": "i", "data": "_",
}  # fmt: skip
GRAMMAR = tuple(_VOCABULARY)
_DROPPED = ("filler", "it", "data")
_OPERATORS = {"≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=", "=": "=="}
_UNITS = frozenset(
    re.findall(
        r"\w+",
        "mm cm m km in ft mg g kg t lb oz ml l ms s sec h hr hour c f k w kw kwh v hz "
        "ppm ppb pct percent usd eur gbp mph kmh o oo",
    )
)
_ENDINGS = "|".join((*TABLE_ENDINGS, *IMAGE_ENDINGS))
_TOKEN = re.compile(
    r"`(?P<tick>[^`\n]{1,200})`|(?<!\w)\"(?P<double>[^\"\n]{1,200})\"|“(?P<curly>[^”\n]{1,200})”"
    r"|(?<!\w)'(?P<single>[^'\n]{1,200})'(?!\w)"
    rf"|(?P<file>[\w./\\-]{{1,200}}\.(?:{_ENDINGS})(?:\.gz)?(?!\w))"
    r"|(?P<date>\d{4}-\d{2}(?:-\d{2})?(?!\w))"
    r"|(?P<number>(?<![\w.])-?\d+(?:[.,]\d+)*(?![\w]))"
    r"|(?P<op>>=|<=|!=|<>|==?|>|<|≥|≤|≠)"
    r"|(?P<word>\w+(?:['’]\w+)?)"
    r"|(?P<cut>[;?!\n]|\.(?=\s|$))|(?P<and>[,&+])|(?P<joint>[-–()\[\]/.:_%°])|(?P<symbol>\S)",
    re.IGNORECASE,
)
_GLUE = ("filler", "and", "or", "by", "op", "it")
_LONGEST_RUN = 8
_SHORTEST_PART = 3
_SHORTEST_PREFIX = 4


@dataclass
class Word:
    """A word of the question, or several that are one name or one phrase.

    Parameters
    ----------
    kind
        ``column``, ``value``, ``data``, ``number``, ``date``, ``file``, ``quoted``, ``unknown``,
        ``symbol``, ``joint``, or a kind of the vocabulary.
    meaning
        The column's name, the value, or the key in the vocabulary.
    columns
        Of a value: the columns that hold it. Of an ambiguous column: the others it may be.
    also
        The kind that a name would have as a word of the grammar.
    adjacent
        Whether it stands directly behind another word that counts.
    introduced
        Whether it stands behind "where" and the like.
    """

    text: str
    kind: str
    meaning: str = ""
    columns: tuple[str, ...] = ()
    also: str = ""
    adjacent: bool = False
    introduced: bool = False
    used: bool = False
    position: int = 0
    spaced: bool = True

    @property
    def is_quiet(self) -> bool:
        """Return whether leaving it out changes nothing."""
        if self.kind == "op":
            return self.text.casefold() in ("is", "are", "was", "were", "between")
        return self.kind in (*_DROPPED, "and", "cut") or self.text in "()[]:._"

    @property
    def note(self) -> str:
        """Return how it was read, where it may be read otherwise."""
        if self.kind == "column" and self.columns:
            others = ", ".join(self.columns[:5])
            return f'"{self.text}" was read as {self.meaning}; it could also be {others}.'
        if self.also:
            kind = "column" if self.kind == "column" else f"value of {self.columns[0]}"
            return f'"{self.text}" was read as the {kind} of this name.'
        return ""


def tags_of(words: Iterable[Word]) -> str:
    """Return one letter for each word, for patterns of words."""
    special = {"missing": "e", "present": "e", "between": "r"}
    return "".join(
        special.get(word.meaning, "o") if word.kind == "op" else _TAGS.get(word.kind, "?")
        for word in words
    )


def fold_word(word: str) -> str:
    """Fold case and plural; the result need not be a word, only the same for both forms."""
    word = word.casefold()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def fold_name(name: str) -> tuple[str, ...]:
    """Return the folded words of a name."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name[:200])
    return tuple(fold_word(word) for word in re.findall(r"[^\W_]+", spaced))


def without_unit(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folded words of a name without a unit at its end."""
    while len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    return words


_PHRASES: dict[tuple[str, ...], tuple[str, str]] = {
    tuple(fold_word(word) for word in phrase.split()): (kind, meaning)
    for kind, meanings in _VOCABULARY.items()
    for meaning, phrases in meanings.items()
    for phrase in phrases.split(", ")
}
_CONTRACTIONS = {"what's": "what is", "isn't": "is not", "aren't": "are not", "don't": "do not"}


def close_names(said: str, table: TableProfile) -> list[str]:
    """Return the columns that look like what was said."""
    known: dict[str, str] = {}
    for name in table.columns:
        words = fold_name(name)
        for text in (" ".join(words), " ".join(without_unit(words)), *without_unit(words)):
            known.setdefault(text, name)
    wanted = " ".join(fold_name(said[:60]))
    near = difflib.get_close_matches(wanted, known, n=5, cutoff=0.7)
    return list(dict.fromkeys(known[text] for text in near))[:3]


def split_words(question: str) -> list[Word]:
    """Split a question into words, quotes, numbers and signs; no character is lost."""
    for short, long in _CONTRACTIONS.items():
        question = re.sub(rf"\b{short}", long, question.replace("’", "'"), flags=re.IGNORECASE)
    question = re.sub(r"\bvs\.", "vs", question, flags=re.IGNORECASE)
    words = []
    for match in _TOKEN.finditer(question[:LONGEST_QUESTION]):
        kind = match.lastgroup or "symbol"
        text = match[0]
        if kind in ("tick", "double", "curly", "single"):
            words.append(Word(text, "quoted", match[kind]))
        elif kind == "op":
            words.append(Word(text, "op", _OPERATORS.get(text, text)))
        else:
            words.append(Word(text, "unknown" if kind == "word" else kind, text))
        words[-1].spaced = question[max(0, match.start() - 1)].isspace()
    return words


def plain_words(question: str) -> list[Word]:
    """Return the words of a question read by the vocabulary alone, without a table."""
    return QuestionReader(None, ()).read(question)


class QuestionReader:
    """Recognizes the columns, values and phrases in questions about one table."""

    def __init__(self, table: TableProfile | None, data_names: Iterable[str]) -> None:
        self._whole: dict[str, str] = {}
        self._values: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._names: Collection[str] = table.columns if table else ()
        self._parts_allowed = table is not None and len(table.columns) == table.width + len(
            table.index
        )
        self._data = {
            words
            for name in data_names
            for words in (fold_name(name), *((word,) for word in fold_name(name)))
            if words and not words[0].isdigit()
        }
        for name in self._names:
            self._whole.setdefault("".join(fold_name(name)), name)
        for name in self._names:
            self._whole.setdefault("".join(without_unit(fold_name(name))), name)
        self._whole.pop("", None)
        for name, column in table.columns.items() if table else ():
            for value in column.values:
                if words := fold_name(value):
                    self._values.setdefault(words, []).append((name, value))

    def read(self, question: str) -> list[Word]:
        """Return the words of a question with their kinds."""
        words = split_words(question)
        result: list[Word] = []
        at = 0
        while at < len(words):
            length, word = self._match(words, at)
            word.adjacent = bool(result) and result[-1].kind not in (*_DROPPED, "and", "cut")
            before = [each.text.casefold() for each in result[-4:]]
            word.introduced = not {"where", "whose", "when", "if", "with"}.isdisjoint(before)
            word.position, word.spaced = at, words[at].spaced
            result.append(word)
            at += length
        for before_it, word, behind in zip(result, result[1:], result[2:], strict=False):
            if word.text in ("to", "-", "–") and before_it.kind == behind.kind == "number":
                word.kind = "to"
        return result

    def _match(self, words: list[Word], at: int) -> tuple[int, Word]:
        first = words[at]
        if first.kind == "quoted":
            return 1, self._quoted(first)
        if first.kind not in ("unknown", "number", "date"):
            return 1, first
        before = words[at - 1] if at else None
        if first.kind == "number" and before and fold_word(before.text) in ("top", "first"):
            return 1, first
        runs = list(_runs(words, at))
        # The longest name or phrase wins; of the same length, the table before the grammar.
        for length, folded, text in reversed(runs):
            found = self._named(folded, text, words[at + length : at + length + 1])
            if found is not None:
                return length, found
        if self._parts_allowed and first.kind == "unknown":
            for length, folded, text in reversed(runs):
                if (part := self._part(folded, text)) is not None:
                    return length, part
        return 1, first

    def _named(self, folded: tuple[str, ...], text: str, following: list[Word]) -> Word | None:
        said = tuple(fold_word(word) for word in text.split())
        phrase = _PHRASES.get(said)
        if phrase and len(said) > 1 and said[-1] in self._whole:
            # "by day" and "over time" are words of the grammar only where no column is called so.
            phrase = None
        also = phrase[0] if phrase and phrase[0] in ("stat", "chart", "table") else ""
        name = self._whole.get("".join(folded))
        if name and (phrase is None or phrase[0] not in _GLUE or _ends_name(following)):
            return Word(text, "column", name, also=also)
        values = self._values.get(folded, [])
        if phrase and phrase[0] in _GLUE:
            # "OR" may be Oregon, and "a" a value at the end of a name; "or" and "a plot" are not.
            exact = [each for each in values if each[1] == text or len(text) == 1]
            values = exact if _ends_name(following) else []
        if values and not text.isdigit():
            return Word(text, "value", values[0][1], tuple(name for name, _ in values), also)
        if phrase:
            return Word(text, *phrase)
        if folded in self._data or tuple(text.casefold().split()) in self._data:
            return Word(text, "data", text)
        return None

    def _quoted(self, word: Word) -> Word:
        inner = word.meaning
        exact = inner if inner in self._names else self._whole.get("".join(fold_name(inner)))
        if exact:
            return Word(word.text, "column", exact)
        folded = fold_name(inner)
        values = self._values.get(folded, [])
        if values:
            return Word(word.text, "value", values[0][1], tuple(name for name, _ in values))
        if folded in self._data:
            return Word(word.text, "data", inner)
        return word

    def _part(self, folded: tuple[str, ...], text: str) -> Word | None:
        """Return the columns of which the words are a part: "bill" of bill_length_mm."""
        words = text.split()
        known = any((fold_word(word),) in _PHRASES or (word,) in self._data for word in words)
        # "body_mas" names one thing as a whole; a part of it must not pass for a column.
        if known or "_" in text or len(" ".join(folded)) < _SHORTEST_PART:
            return None
        names = [name for name in self._names if _has_part(without_unit(fold_name(name)), folded)]
        return Word(text, "column", names[0], tuple(names[1:])) if names else None


def _ends_name(following: list[Word]) -> bool:
    """Return whether a name may end here: "a" is an article in "a plot", a column in "mean a"."""
    if not following or following[0].kind in ("and", "cut", "joint", "op"):
        return True
    kind, meaning = _PHRASES.get((fold_word(following[0].text),), ("", ""))
    return kind in _GLUE or meaning == "against"


def _has_part(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    if any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1)):
        return True
    if len(part) > 1:
        return False
    pairs = (sorted((part[0], word), key=len) for word in words)
    return any(len(short) >= _SHORTEST_PREFIX and long.startswith(short) for short, long in pairs)


def _runs(words: list[Word], at: int) -> Iterable[tuple[int, tuple[str, ...], str]]:
    """Yield runs of words: how many, folded, and as text; signs inside a name are skipped."""
    folded: tuple[str, ...] = ()
    texts: list[str] = []
    for length, word in enumerate(words[at : at + _LONGEST_RUN], 1):
        if word.kind == "joint":
            continue
        if word.kind not in ("unknown", "number", "date"):
            return
        folded += fold_name(word.text)
        texts.append(word.text)
        yield length, folded, " ".join(texts)
