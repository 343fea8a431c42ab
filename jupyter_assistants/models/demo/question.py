"""The grammar of the demo model: from the words of a question to what it asks for.

Every word and number is either used or reported as not understood (docs/demo.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from jupyter_assistants.models.demo.tables import MOST_VALUES, Table
from jupyter_assistants.models.demo.words import GRAMMAR, LONGEST_QUESTION, QuestionReader, Word

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_YEAR = re.compile(r"[12]\d{3}")
_SAVED = re.compile(r".+\.(?:csv|xlsx|json|png|svg|pdf)", re.IGNORECASE)
_TAGS = {
    "column": "c", "value": "v", "number": "n", "date": "d", "unknown": "u", "op": "o", "not": "N",
    "time": "t", "and": "&", "or": "|", "by": "b", "period": "p", "top": "^", "save": "w",
    "file": "f", "chart": "H", "operation": "S", "every": "e",
}  # fmt: skip
# "by kind and wind > 3" is a group and a filter; "by day and time without Lunch" is two groups.
_GROUPS = r"b[cp](?:(?:&b?|b)(?:c(?!o)|p))?"
# Compared columns, points in time, values alone. What stands behind "where kind is" is a value
# even if it is a word of the grammar.
_FILTERS = (
    r"co{1,2}(?:v(?:[&|]{1,2}v)*|u{1,6}|[^x?&|])|ct[nd]",
    r"t(?:n(?:[&|]n)*|d)",
    r"N?v(?:[&|]{1,2}v)*",
    r"N?v",
)
_MEASURES = {
    "size": "number of rows", "nunique": "number of different values",
    "count": "number of known values", "min": "minimum", "max": "maximum",
    "overview": "columns of the table", "missing": "missing values",
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """Rows that are meant: ``values`` of a column, or the years of its dates.

    Of several values, which only ``==`` and ``!=`` take, any may be meant.
    """

    column: str
    operator: str
    values: tuple[str, ...]
    year: bool = False

    @property
    def text(self) -> str:
        """Return the filter for people."""
        sign = {"==": "is", "!=": "is not"}.get(self.operator, self.operator)
        of = "the year of " if self.year else ""
        return f"{of}{one_line(self.column)} {sign} {' or '.join(map(one_line, self.values))}"


@dataclass(frozen=True)
class GroupKey:
    """A key of groups: a column, or the year, month or day of its dates."""

    column: str
    period: str = ""

    @property
    def text(self) -> str:
        """Return the group for people."""
        return f"{self.period} of {one_line(self.column)}" if self.period else one_line(self.column)


@dataclass(frozen=True)
class Question:
    """A question as it was read.

    Parameters
    ----------
    operation
        ``overview``, ``missing``, ``rows``, ``summary``, ``size`` (the number of rows), or a
        statistic of pandas; empty if nothing is asked.
    columns
        What is looked at; of a scatter chart y and x.
    chart
        ``bar``, ``line``, ``histogram``, ``scatter`` or empty.
    unknown, problem
        What was not understood, and why there is no answer. With any, nothing is computed.
    """

    operation: str = ""
    columns: tuple[str, ...] = ()
    by: tuple[GroupKey, ...] = ()
    ranked: bool = False
    limit: int = 0
    filters: tuple[Filter, ...] = ()
    chart: str = ""
    save: str = ""
    unknown: tuple[str, ...] = ()
    problem: str = ""

    @property
    def selection(self) -> str:
        """Return which rows are meant; empty for all."""
        where = " and ".join(each.text for each in self.filters)
        return f"rows where {where}" if where else ""

    @property
    def measure(self) -> str:
        """Return what the numbers are: "mean of body_mass_g"."""
        names = " and ".join(map(one_line, self.columns))
        what = _MEASURES.get(self.operation, self.operation)
        return f"{what} {'by' if what == 'rows' else 'of'} {names}" if names else what

    @property
    def title(self) -> str:
        """Return what the result is, for a heading."""
        by = f" by {' and '.join(group.text for group in self.by)}" if self.by else ""
        first = f"the first {self.limit} " if self.limit and not self.ranked else ""
        largest = f", the {self.limit} largest" if self.limit else ", largest first"
        return f"{first}{self.measure}{by}{largest if self.ranked else ''}"

    @property
    def text(self) -> str:
        """Return everything that would be computed, for people."""
        chart = f", as a {self.chart} chart" if self.chart else ""
        return f"{self.title}{chart}{f', for {self.selection}' if self.filters else ''}"


class NotPossible(Exception):
    """A question that this table cannot answer; the text says why."""


def understand(question: str, table: Table, data_names: Iterable[str] = ()) -> Question:
    """Return what a question about a table asks for.

    Parameters
    ----------
    data_names
        Names of files and the like, which mean the table itself: ``penguins.csv``.
    """
    if len(question) > LONGEST_QUESTION:
        return Question(problem=f"The question has more than {LONGEST_QUESTION} characters.")
    names = {name.rpartition("/")[2] for name in (table.variable, table.file, *data_names) if name}
    words = QuestionReader(table, names).read(question)
    try:
        found = _Grammar(words, table).read()
    except NotPossible as error:
        found = Question(problem=str(error))
        for word in words:
            word.used |= word.kind in (*GRAMMAR, "column", "value")
    for word in words:
        word.used |= word.kind == "file" and word.file_name in names
    return replace(found, unknown=tuple(_unknown(words)))


def one_line(text: str) -> str:
    """Fold white space, so that a name cannot break a comment or a title."""
    return " ".join(text.split())


def _require(holds: object, problem: str) -> None:
    if not holds:
        raise NotPossible(problem)


def _unknown(words: Sequence[Word]) -> list[str]:
    """Return what was not understood; neighbors are one phrase."""
    found: list[str] = []
    adjacent = False
    for word in words:
        if understood := word.used or word.is_quiet:
            pass
        elif adjacent:
            found[-1] += " " * word.spaced + word.text
        else:
            found.append(word.text)
        adjacent = not understood
    return list(dict.fromkeys(found))


class _Grammar:
    """Takes words off a question by rule after rule, and marks them as used."""

    def __init__(self, words: Sequence[Word], table: Table) -> None:
        self._words = [word for word in words if word.kind not in ("filler", "it", "data")]
        self._table = table
        self._filters: list[Filter] = []

    def read(self) -> Question:
        """Return what the words ask for.

        Raises
        ------
        NotPossible
            If the table has no answer.
        """
        saved = self._use_run("wH?f", lambda run: _SAVED.fullmatch(run[-1].text))
        by = self._read_groups()
        for rule in _FILTERS:
            while self._use_run(rule, self._add_filter):
                pass
        found = self._read_chart(self._read_operation(by))
        if not found.operation and (self._filters or saved):
            found = replace(found, operation="rows")
        meant = {*found.columns, *(group.column for group in found.by)}
        for word in self._unused("column"):
            word.used = word.meaning in meant
        save = saved[-1].file_name if saved else ""
        is_image = save.lower().endswith((".png", ".svg", ".pdf"))
        _require(found.chart or not is_image, "There is no chart to save: ask for one.")
        return replace(found, filters=tuple(self._filters), save=save)

    def _use_run(self, pattern: str, fits: Callable[[list[Word]], object] = bool) -> list[Word]:
        """Return the words of the first match that fits, and mark them as used."""
        tags = "".join("x" if w.used else _TAGS.get(w.kind, "?") for w in self._words)
        for match in re.finditer(pattern, tags):
            run = self._words[match.start() : match.end()]
            if fits(run):
                for word in run:
                    word.used = True
                return run
        return []

    def _unused(self, kind: str, *meanings: str) -> list[Word]:
        some = [word for word in self._words if word.kind == kind and not word.used]
        return [word for word in some if not meanings or word.meaning in meanings]

    def _use(self, kind: str, *meanings: str) -> str:
        """Return the meaning of the first such word, and mark it as used; empty if none."""
        for word in self._unused(kind, *meanings)[:1]:
            word.used = True
            return word.meaning
        return ""

    def _read_groups(self) -> list[GroupKey]:
        """Return what to group by, if the question is one that has groups."""
        if not self._unused("operation", "count") and (
            self._unused("chart", "histogram", "scatter")
            or self._unused("operation", "missing", "overview", "rows")
        ):
            return []
        run = self._use_run(_GROUPS, lambda run: all(map(self._group, run)))
        for word in self._unused("every"):
            word.used = self._group(word) is not None
            run += [word] * word.used
        return [group for group in dict.fromkeys(map(self._group, run)) if group and group.column]

    def _group(self, word: Word) -> GroupKey | None:
        """Return the group that a word means, empty for "by"; None if the table has no dates."""
        if word.kind not in ("period", "every"):
            return GroupKey(word.meaning if word.kind == "column" else "")
        if word.meaning == "year" and self._table.year_column:
            return GroupKey(self._table.year_column)
        dates = self._table.dates
        return GroupKey(dates[0], word.meaning) if len(dates) == 1 else None

    def _add_filter(self, run: list[Word]) -> bool:
        """Add the filter that words mean; return whether they mean one."""
        *idle, sign = [None, *(word for word in run if word.kind in ("op", "not", "time"))]
        values = [w for w in run if w.kind not in ("op", "not", "time", "and", "or")] or run[-1:]
        if any(word and not word.is_quiet for word in idle):
            # "is at least" says no more than "at least", and "over not" means nothing.
            return False
        operator = sign.meaning if sign else "=="
        if run[0].kind != "column" and values[0].kind == "value":
            return self._add_values(operator, values)
        name, table = self._table.time_column, self._table
        if run[0].kind == "column":
            name, values = run[0].meaning, values[1:]
        elif values[0].kind == "date" and table.dates:
            name = table.dates[0]
        if sign and sign.kind == "time":
            is_time = name and (table.columns[name].is_date or name == table.year_column)
            dated = all(w.kind == "date" or _YEAR.fullmatch(w.text) for w in values)
            if not is_time or not dated or (len(values) > 1 and operator != "=="):
                return False
        self._filters.append(self._comparison(name, operator, values))
        return True

    def _comparison(self, name: str, operator: str, words: list[Word]) -> Filter:
        """Return the filter of "kind is red" and "wind > 3"."""
        column = self._table.columns[name]
        values = [word.meaning if name in word.columns else word.text for word in words]
        if words[0].kind == "unknown":
            values = [" ".join(values)]
        values = [value.strip("`\"'“”") for value in values]
        if column.is_number:
            wrong = next((value for value in values if not _NUMBER.fullmatch(value)), "")
            _require(not wrong, f'{name} holds numbers, and "{wrong}" is not one.')
        elif column.is_date:
            dated = words[0].kind == "date" or _YEAR.fullmatch(values[0])
            _require(dated, f"{name} holds dates. Write them like this: 2026-01-31.")
        else:
            _require(operator in ("==", "!="), f"{name} holds text, which has no order.")
            known = {value.strip().casefold() for value in column.values}
            strange = [value for value in values if value.casefold() not in known]
            listed = 0 < len(column.values) < MOST_VALUES
            _require(not (strange and listed), f'{name} has no value "{" ".join(strange)}".')
        return Filter(name, operator, tuple(values), column.is_date and words[0].kind != "date")

    def _add_values(self, operator: str, words: list[Word]) -> bool:
        """Add the filter of "Adelie", "Adelie or Gentoo" and "not Adelie"."""
        shared = [n for n in words[0].columns if all(n in word.columns for word in words)]
        said, either = words[0].text, " and of ".join(shared[:5])
        hint = f"Write for example: where {either.partition(' and of ')[0]} is {said}"
        _require(len(shared) < 2, f'"{said}" is a value of {either}. {hint}')
        for name in shared:
            self._filters.append(Filter(name, operator, tuple(word.meaning for word in words)))
        return bool(shared)

    def _read_operation(self, by: list[GroupKey]) -> Question:
        """Return what is asked for; charts of groups come later."""
        known = self._table.columns
        names = list(dict.fromkeys(word.meaning for word in self._unused("column")))
        top = self._unused("top")[0].meaning if self._unused("top") else ""
        if top == "top":
            # "top 3 species by body mass" ranks by the number.
            ranking = [g for g in by if not g.period and known[g.column].is_number]
            names += [group.column for group in ranking]
            by = [group for group in by if group not in ranking]
        numbers = [name for name in names if known[name].is_number]
        others = [name for name in names if name not in numbers]
        if drawn := self._use("chart", "histogram", "scatter"):
            # "a scatter plot of x against y"
            while self._use("chart", drawn, "any"):
                pass
            count = 1 if drawn == "histogram" else 2
            columns = numbers or self._find_measure(by, others)
            _require(len(columns) >= count, "A scatter chart needs two columns with numbers.")
            return Question("summary", tuple(columns[:count]), chart=drawn)
        counting = self._use("operation", "count")
        operation = self._use("operation", *(["missing"] if counting else [])) or counting
        if operation == "missing":
            return Question(operation, tuple(names))
        if operation == "overview":
            return Question("summary", tuple(names[:1])) if names else Question(operation)
        if operation == "rows" or (top == "top" and not (operation or others or by)):
            key = tuple(numbers[:1]) if top == "top" else ()
            for word in self._unused("by") if key else ():
                word.used = True
            limit = self._limit() if top in ("top", "first") else 0
            return Question("rows", key, ranked=bool(key), limit=limit)
        # "most frequent species", "top 3 species" and "bar chart of species" count.
        counted = others and not (numbers or operation) and (top == "top" or self._unused("chart"))
        if top == "frequent" or counted:
            groups = [*by, *map(GroupKey, names)][:2]
            _require(groups, "Which column is meant?")
            found = Question("size", (), tuple(groups))
        else:
            found = self._read_statistic(operation, by, numbers, others)
        if not found.by or top not in ("top", "frequent"):
            return found
        return replace(found, ranked=True, limit=self._limit())

    def _limit(self) -> int:
        """Return the number of "top 5", which is used from now on; 0 if there is none."""
        run = self._use_run(r"\^n?")
        return int(run[1].text[:4]) if len(run) > 1 and run[1].text.isdigit() else 0

    def _read_statistic(
        self, operation: str, by: list[GroupKey], numbers: list[str], others: list[str]
    ) -> Question:
        """Return the statistic that is asked for, or the summary of a column."""
        if operation == "count" and not numbers:
            self._use("operation", "rows")
            if others:
                return Question("nunique", tuple(others[:1]), tuple(by))
            return Question("size", (), tuple(by))
        if not operation and not by and not (numbers and others):
            some = tuple((numbers + others)[:1])
            return Question("summary", some) if some else Question()
        dates = [name for name in others if self._table.columns[name].is_date]
        dates = dates if operation in ("min", "max") else []
        columns = (numbers or dates or self._find_measure(by, others))[:1]
        groups = [*by, *(GroupKey(name) for name in others if name not in columns)]
        return Question(operation or "mean", tuple(columns), tuple(groups[:2]))

    def _find_measure(self, by: list[GroupKey], others: list[str]) -> list[str]:
        """Return the only number that can be meant: the one that is filtered by, or there is."""
        filtered = [f.column for f in self._filters if self._table.columns[f.column].is_number]
        rest = [name for name in self._table.numbers if GroupKey(name) not in by]
        found = list(dict.fromkeys(filtered)) or rest
        _require(not others or by or filtered, f"{', '.join(others)} holds no numbers.")
        _require(len(found) == 1, "Which column is meant?")
        return found

    def _read_chart(self, found: Question) -> Question:
        """Return a question with the chart of its groups, if it asks for one."""
        kind = found.chart or self._use("chart", "bar", "line") or self._use("chart", "any")
        while kind and self._use("chart", "any"):
            pass
        time = self._table.time_column
        if kind == "line" and not found.by and found.columns:
            _require(time, "No column holds dates or years.")
            operation = "mean" if found.operation == "summary" else found.operation
            found = replace(found, operation=operation, by=(GroupKey(time),))
        if kind == "any" and found.operation == "summary":
            kind = "histogram"
        elif kind and not found.chart:
            _require(found.by, "Which groups should be drawn? Write by COLUMN.")
        if kind == "any":
            group = found.by[0]
            is_time = group.column == time or self._table.columns[group.column].is_date
            kind = "line" if is_time else "bar"
        return replace(found, chart=kind)
