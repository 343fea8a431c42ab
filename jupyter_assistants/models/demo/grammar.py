"""The grammar of the demo model: from the words of a question to a plan.

Every word and number is either used or reported as not understood (docs/demo.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from jupyter_assistants.models.demo.clauses import Clause, NotPossible
from jupyter_assistants.models.demo.conditions import read_conditions
from jupyter_assistants.models.demo.plan import Plan, Wish
from jupyter_assistants.models.demo.table_profile import TableProfile
from jupyter_assistants.models.demo.words import (
    GRAMMAR,
    IMAGE_ENDINGS,
    LONGEST_QUESTION,
    TABLE_ENDINGS,
    QuestionReader,
    Word,
    tags_of,
)

_FORMATS = (*TABLE_ENDINGS, *IMAGE_ENDINGS)


def understand(question: str, table: TableProfile, data_names: Iterable[str] = ()) -> Plan:
    """Return the plan for a question about a table.

    Parameters
    ----------
    data_names
        Names of the data itself (``penguins``), which need no column.
    """
    if len(question) > LONGEST_QUESTION:
        return Plan(problems=(f"The question has more than {LONGEST_QUESTION} characters.",))
    names = {file_name(n).casefold() for n in (table.variable, table.file, *data_names) if n}
    words = QuestionReader(table, names).read(question)
    saves = read_saves(words)
    for word in words:
        word.used |= word.kind == "file" and file_name(word.text).casefold() in names
    words = [word for word in words if word.kind not in ("filler", "it", "data") or word.used]
    conditions, problems = read_conditions(words, table)
    wishes: list[Wish] = []
    sentences = _sentences(words)
    last = max((clause[0].position for each in sentences for clause in each), default=0)
    if any(word.kind == "save" and word.used and word.position < last for word in words):
        problems.append("Only the last result can be saved: ask for one result, and save it.")
    for sentence in sentences:
        found: list[Wish] = []
        for clause in (Clause(part, table, tuple(wishes + found)) for part in sentence):
            try:
                found += clause.wishes()
            except NotPossible as error:
                problems.append(str(error))
                for word in clause.words:
                    word.used |= word.kind in GRAMMAR
        # "mean x and median y by z" groups both.
        by = found[-1].by if found else ()
        wishes += [replace(w, by=w.by or by) if w.kind == "numbers" else w for w in found]
    if not wishes and not problems and conditions:
        wishes = [Wish("head")]
    return Plan(
        tuple(_merged(wishes)),
        tuple(conditions),
        tuple(saves),
        tuple(_unknown(words)),
        tuple(problems),
        tuple(dict.fromkeys(note for word in words if (note := word.note))),
    )


def file_name(path: str) -> str:
    """Return the last part of a path as people write it."""
    return path.replace("\\", "/").rpartition("/")[2]


def read_saves(words: Sequence[Word]) -> list[str]:
    """Return the targets of "save it as name.csv": file names, or an ending such as ``.csv``."""
    targets = []
    for at, word in enumerate(words):
        skipped = re.match(r"w[.i_H]*", tags_of(words[at : at + 12]))
        end = at + skipped.end() if skipped else len(words)
        if word.used or end >= len(words):
            continue
        target = words[end].text.casefold()
        if words[end].kind == "file":
            targets.append(file_name(words[end].text))
        elif target in (*_FORMATS, "excel"):
            targets.append(".xlsx" if target == "excel" else f".{target}")
        else:
            continue
        for used in words[at : end + 1]:
            used.used = True
    return targets


def _sentences(words: Sequence[Word]) -> list[list[list[Word]]]:
    """Cut a question into sentences, and those into clauses that each ask for one thing."""
    sentences: list[list[list[Word]]] = [[]]
    for hard, segment in _segments(words):
        heads = "".join(sorted(set(re.findall(r"[SHTPX^]", tags_of(segment)))))
        current = next((each[-1] for each in reversed(sentences) if each), None)
        tags = tags_of(current or ())
        # "plot it" draws what was asked before; "min" in "min and max of x" waits for its column.
        drawing = heads == "H" and "c" not in tags_of(segment) and bool(re.search("[cSTP]", tags))
        waiting = not hard and not re.search(r"[cTPX^]", tags)
        if current is not None and (not heads or drawing or waiting):
            current.extend(segment)
            continue
        if hard and sentences[-1]:
            sentences.append([])
        sentences[-1].append(segment)
    return sentences


def _segments(words: Sequence[Word]) -> Iterator[tuple[bool, list[Word]]]:
    """Yield the pieces between commas, "and" and full stops; True behind a full stop."""
    hard = True
    segment: list[Word] = []
    for word in words:
        if word.kind in ("cut", "and"):
            if segment:
                yield hard, segment
            hard, segment = word.kind == "cut", [word] * (word.kind == "and")
        elif not word.used:
            segment.append(word)
    if segment:
        yield hard, segment


def _merged(wishes: Sequence[Wish]) -> Iterator[Wish]:
    """Yield the wishes, with the charts of one and the same table together."""
    charts: dict[Wish, list[str]] = {}
    for wish in wishes:
        charts.setdefault(replace(wish, charts=()), []).extend(wish.charts)
    for wish, drawn in charts.items():
        yield replace(wish, charts=tuple(dict.fromkeys(drawn)))


def _unknown(words: Sequence[Word]) -> list[str]:
    """Return what was not understood; neighbors are one phrase."""
    found: list[str] = []
    adjacent = False
    for word in words:
        if word.used or word.is_quiet:
            adjacent = False
        elif adjacent:
            found[-1] += " " * word.spaced + word.text
        else:
            found.append(word.text)
            adjacent = True
    return list(dict.fromkeys(found))
