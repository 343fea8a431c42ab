"""From a question and the columns of a table to a plan."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from jupyter_assistants.models.demo import filters
from jupyter_assistants.models.demo.clause import Clause, NotPossible
from jupyter_assistants.models.demo.clauses import read
from jupyter_assistants.models.demo.columns import COLUMN, Masked, bare, close, mask, parts
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.plan import Chart, Plan, Wish
from jupyter_assistants.models.demo.vocabulary import (
    CHARTS,
    EVERYTHING,
    GROUP,
    IMAGE_ENDING,
    PERIODS,
    PRONOUN,
    STATS,
    STOP,
    TABLE_ENDING,
    TABLES,
    asks,
    has,
    named,
    reserved,
)

_SAVE = re.compile(
    r"(?:,\s*)?(?:\b(?:and|then|also)\s+)*\b(?:save|export|write|store|download|convert)\b[^,;?!]*?"
    r"\b(?:as|to|into|in)\s+(?:an?\s+|the\s+)?(?:file\s+)?"
    rf"(?:[`'\"]?(?P<name>[^\s,;`'\"]+?(?:{TABLE_ENDING}|{IMAGE_ENDING}))[`'\"]?(?![\w.]*\w)"
    r"|(?P<format>csv|tsv|excel|xlsx|parquet|json|png|svg|pdf)\b(?:\s+file)?)",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    rf"(?:\b(?:in|of|from|using|for)\s+(?:the\s+)?(?:file\s+)?)?[`'\"]?[^\s,;`'\"]+{TABLE_ENDING}\b"
    r"[`'\"]?",
    re.IGNORECASE,
)
_CUT = re.compile(r"\s*(?:[,;?!\n]+|\.(?=\s|$)|\b(?:and|then|also|plus)\b)\s*", re.IGNORECASE)
_AFTER = rf"\s*(?:$|[:.()]|{COLUMN}|\b(?:{EVERYTHING}|{GROUP})\b)"
_PLACE = re.compile(
    r"\b(?:in|of|from|for|using)\s+(?:(?:the|my|table|data)\s+)*[`'\"]?([^\W\d]\w*)[`'\"]?"
    rf"(?={_AFTER}|\s+(?:in|of|from|for|using|with|as|where|and|then|please)\b)"
    r"|^\s*[`'\"]?([^\W\d]\w*)[`'\"]?\s*:",
    re.IGNORECASE,
)
_NO_COLUMN_NEEDED = "|".join(TABLES[key] for key in ("overview", "missing", "rows", "head"))


def without_saving(question: str) -> tuple[str, list[str]]:
    """Take "save it as name.csv" out of a question.

    Returns
    -------
    tuple
        The rest, and what was named: a file name, or an ending such as ``.csv``.
    """
    targets = []
    for match in _SAVE.finditer(question):
        ending = (match["format"] or "").lower()
        name = re.split(r"[/\\:]", match["name"])[-1] if match["name"] else ""
        targets.append(name or "." + {"excel": "xlsx"}.get(ending, ending))
    return _SAVE.sub(" ", question), targets


_BELOW = re.compile(r"(?:\w[\w.-]*/)+\w[^/\\:]*")
"""A path that stays below the folder that it starts from."""


def file_names(question: str) -> list[str]:
    """Return the table files that a question names, those to save aside.

    A path below the working folder (``data/penguins.csv``) keeps its folders.
    """
    rest, _ = without_saving(question)
    found = re.findall(rf"[^\s,;`'\"]+{TABLE_ENDING}\b", rest, re.IGNORECASE)
    return [name if _BELOW.fullmatch(name) else re.split(r"[/\\:]", name)[-1] for name in found]


def is_wish(question: str) -> bool:
    """Return whether a question may be one that the demo can fulfil; the columns decide."""
    rest, targets = without_saving(question)
    return bool(targets) or asks(rest)


def leans_back(question: str) -> bool:
    """Return whether a question only goes on with the one before ("save it as x.csv")."""
    rest, targets = without_saving(question)
    pointing = bool(PRONOUN.search(question))
    drawing = has(f"{CHARTS['any']}|{CHARTS['bars']}", rest)
    words = set(re.findall(r"[^\W_]+", rest.casefold())) - STOP
    others = {word for word in words if not has(f"{CHARTS['any']}|{CHARTS['bars']}", word)}
    return pointing and (bool(targets) or drawing) and not others


def understand(question: str, columns: Columns, *, data_names: Collection[str] = ()) -> Plan:
    """Return the plan for a question.

    Parameters
    ----------
    data_names
        Names of the data itself (``penguins``), which are no columns and need no remark.
    """
    rest, targets = without_saving(question)
    rest = re.sub(r"\bvs\.", "vs", _FILE_NAME.sub(" ", rest))
    own = {word for name in data_names for word in parts(name)} | {
        name.casefold() for name in data_names
    }
    joined = _joined(rest, columns)
    # A name of the data may have the name of a column in it: "heavy_species".
    for name in {*joined} & {*data_names}:
        rest = re.sub(rf"\b{name}\b", " ", rest)
    masked = mask(rest, columns, reserved=reserved, own=lambda word: _own(word, own))
    conditions, problems = filters.take(masked, columns)
    wishes, more, unused = _wishes(masked, columns, own)
    problems += more
    if not wishes and not targets and not problems and conditions:
        wishes = [Wish("head")]
    notes = [_ambiguous(masked, column) for column in _ambiguities(masked)]
    if unused and (wishes or targets):
        notes.append(_unused(unused, columns))
    return Plan(
        wishes=tuple(_merged(wishes)),
        conditions=tuple(conditions),
        saves=tuple(targets) if wishes or not problems else (),
        notes=tuple(notes),
        problems=tuple(problems),
        elsewhere=tuple(_elsewhere(masked, joined, columns, own)),
    )


def _merged(wishes: list[Wish]) -> list[Wish]:
    """Put charts of one and the same table together."""
    charts: dict[Wish, tuple[Chart, ...]] = {}
    for wish in wishes:
        bare = replace(wish, charts=())
        charts[bare] = (*charts.get(bare, ()), *wish.charts)
    return [replace(wish, charts=tuple(dict.fromkeys(drawn))) for wish, drawn in charts.items()]


def _wishes(
    masked: Masked, columns: Columns, own: Collection[str]
) -> tuple[list[Wish], list[str], list[str]]:
    wishes: list[Wish] = []
    problems: list[str] = []
    unused: list[str] = []
    before: list[str] = []
    clauses = _clauses(masked.text)
    for text, following in zip(clauses, [*clauses[1:], ""], strict=False):
        unknown = _unknown(text, own)
        if unknown and _needs_it(text):
            problems.append(_no_column(unknown, columns))
            continue
        unused += unknown
        drawn = _draw_before(text, masked, wishes)
        if drawn is not None:
            wishes[-1] = drawn
            continue
        try:
            # "box plot and histogram of bill length": the columns may come later
            borrowed = before or masked.columns(following)
            wishes += read(Clause.of(text, masked, columns, borrowed))
        except NotPossible as error:
            problems.append(str(error))
        before = masked.columns(text) or before
    return wishes, problems, unused


def _clauses(text: str) -> list[str]:
    """Cut a masked text so that every piece has one wish."""
    pieces = [piece for piece in _CUT.split(text) if piece.strip()]
    clauses: list[str] = []
    for piece in pieces:
        if clauses and (_says_no_kind(piece, clauses[-1]) or _only_stats(clauses[-1])):
            clauses[-1] += " and " + piece
        else:
            clauses.append(piece)
    return clauses


def _says_no_kind(*clauses: str) -> bool:
    kinds = "|".join([*STATS.values(), *CHARTS.values(), *TABLES.values()])
    return not all(has(kinds, clause) for clause in clauses)


def _only_stats(clause: str) -> bool:
    words = re.findall(r"[^\W_]+", re.sub("|".join(STATS.values()), " ", clause.casefold()))
    return (
        not re.search(COLUMN, clause)
        and has("|".join(STATS.values()), clause)
        and (set(words) <= STOP)
    )


def _draw_before(text: str, masked: Masked, wishes: list[Wish]) -> Wish | None:
    """Return the last wish with a chart, for "plot it" and "as a bar chart"."""
    kinds = named(CHARTS, text)
    new = has("|".join([*STATS.values(), *TABLES.values(), *PERIODS.values()]), text)
    if not wishes or not kinds or masked.columns(text) or new:
        return None
    last = wishes[-1]
    fitting: dict[str, Chart] = {
        "counts": "bars",
        "missing": "bars",
        "numbers": "bars" if last.by else "histogram",
        "correlation": "scatter" if len(last.columns) == 2 else "heatmap",
        "series": "lines",
    }
    chart = fitting.get(last.table)
    if chart is None or not set(kinds) <= {"any", chart}:
        return None
    return replace(last, charts=tuple(dict.fromkeys((*last.charts, chart))))


def _unknown(text: str, own: Collection[str]) -> list[str]:
    bare = re.sub(rf"\b(?:{EVERYTHING}|{GROUP})\b", " ", re.sub(COLUMN, " ", text), flags=re.I)
    words = re.findall(r"[^\W\d]\w*", bare)
    counted = re.search(r"\b(?:how many|number of)\s+(\w+)", text, re.IGNORECASE)
    words = [word for word in words if not counted or word != counted[1]]
    return [
        word for word in words if word.casefold() not in STOP and not _own(word.casefold(), own)
    ]


def _own(word: str, own: Collection[str]) -> bool:
    # "heavy_penguins" is not "penguins": every part of a longer name has to be known.
    folded = parts(word)
    known = [part for part in folded if part in own]
    return word in own or (bool(known) and all(part in own or part in STOP for part in folded))


def _joined(text: str, columns: Columns) -> list[str]:
    """Return the words with underscores that are no columns: names of something, wherever."""
    known = [words for name in columns for words in (parts(name), bare(name))]
    words = [word for word in re.findall(r"[^\W\d]\w*", text) if "_" in word.strip("_")]
    return [word for word in words if parts(word) not in known and not reserved(word.casefold())]


def _elsewhere(
    masked: Masked, joined: list[str], columns: Columns, own: Collection[str]
) -> list[str]:
    """Return the words that may name other data than this; a misspelled column is none."""
    found = [word for word in joined if not _own(word.casefold(), own)]
    for text in _clauses(masked.text):
        unknown = _unknown(text, own)
        placed = {word for match in _PLACE.finditer(text) for word in match.groups() if word}
        alone = len(unknown) == 1 and not re.search(COLUMN, text)
        if alone and re.search(rf"\b{unknown[0]}\b[`'\"]?\s*(?:$|:)", text):
            placed.add(unknown[0])
        found += [word for word in unknown if word in placed]
    return [word for word in dict.fromkeys(found) if not close(word, columns)]


def _needs_it(text: str) -> bool:
    """Return whether a word that is no column stands where a column has to be."""
    grouped = re.search(rf"\b(?:{GROUP})\s+(?:the\s+)?([^\W\d]\w*)", text, re.IGNORECASE)
    if grouped and not reserved(grouped[1].casefold()):
        return True
    if has(f"{_NO_COLUMN_NEEDED}|{STATS['count']}", text):
        return False
    values = re.findall(COLUMN, re.sub(rf"\b(?:{GROUP})\s+(?:the\s+)?{COLUMN}", " ", text))
    pair = has(f"{TABLES['correlation']}|{CHARTS['scatter']}", text)
    return len(values) < (2 if pair else 1)


def _no_column(words: list[str], columns: Columns) -> str:
    said = " ".join(words)
    near = close(said, columns) or [name for word in words for name in close(word, columns)]
    hint = f" Did you mean {_either(near)}?" if near else ""
    return f'There is no column "{said}".{hint} The columns are: {", ".join(columns)}.'


def _unused(words: list[str], columns: Columns) -> str:
    said = ", ".join(f'"{word}"' for word in dict.fromkeys(words))
    near = [name for word in words for name in close(word, columns)]
    hint = f" Did you mean {_either(near)}?" if near else ""
    return f"Not understood and not used: {said}.{hint} A filter reads like: where COLUMN is VALUE."


def _either(names: list[str]) -> str:
    return " or ".join(dict.fromkeys(names))


def _ambiguities(masked: Masked) -> list[int]:
    return [number for number, mention in enumerate(masked.mentions) if mention.others]


def _ambiguous(masked: Masked, number: int) -> str:
    mention = masked.mentions[number]
    others = ", ".join(mention.others)
    return f'"{mention.said}" was read as {mention.column}; it could also be {others}.'
