"""The passages that a search returned, as every view shows them: where, why, and which part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.client.citations import ViewOf, no_view, where
from jupyter_assistants.client.text import plain, plain_line
from jupyter_assistants.protocol.transcript import CallEntry

Json = dict[str, Any]

SHOWN_CHARACTERS = 600
MAX_QUERY_CHARACTERS = 160
_MANY_LINES, _SHORT_LINE = 8, 25
_WORD = re.compile(r"\w{3,}")
_COMMON = frozenset(
    [
        "about",
        "and",
        "are",
        "did",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "into",
        "its",
        "not",
        "that",
        "the",
        "their",
        "there",
        "they",
        "this",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)


@dataclass(frozen=True)
class ShownPassage:
    """One passage of a search.

    Parameters
    ----------
    where
        The file and the location in it.
    why
        Why it was shown to the model: its mark, score, and the words of the queries in it.
    text
        The part of it that fits the queries best; not escaped.
    href
        Where it is shown; None if nothing shows it.
    """

    where: str
    why: str
    text: str
    href: str | None


def search_title(entry: CallEntry) -> str:
    """Return a search in one line: the queries, the number of passages, the seconds."""
    if entry.search is None:
        return "Searching the files …" if entry.status == "in_progress" else "Searched the files"
    queries = ", ".join(f"“{plain_line(query)}”" for query in entry.search["queries"])
    count = len(entry.search["results"])
    result = f"{count} passage{'' if count == 1 else 's'}" if count else "nothing found"
    seconds = f"{entry.seconds:.1f} s" if entry.seconds is not None else ""
    title = f"Searched for {queries[:MAX_QUERY_CHARACTERS]}"
    return " · ".join(filter(None, [title, result, seconds]))


def search_text(entry: CallEntry) -> str:
    """Return a search for terminals: its title, then a line for each passage."""
    lines = [f"    {plain(each.where)} · {plain(each.why)}" for each in shown_passages(entry)]
    return "\n".join([search_title(entry), *lines])


def shown_passages(entry: CallEntry, view_of: ViewOf = no_view) -> Iterator[ShownPassage]:
    """Yield the passages of a search, best first."""
    search = entry.search or {"queries": [], "number": 0, "results": []}
    for index, result in enumerate(search["results"]):
        text = "\n".join(part["text"] for part in result.get("content") or [])
        locations = (result.get("jupyter") or {}).get("places") or []
        start = locations[0]["start"] if locations else None
        end = locations[-1]["end"] if locations else None
        shared = _shared_words(search["queries"], text)
        why = [f"mark {search['number']}:{index}", f"score {result['score']:.2f}"]
        why += [f"has {', '.join(shared)}"] if shared else []
        yield ShownPassage(
            where(result["file_name"], result),
            " · ".join(why),
            _joined_if_short(_excerpt(plain(text).strip(), shared)),
            view_of(result["file_id"], start, end),
        )


def _shared_words(queries: Sequence[str], text: str) -> list[str]:
    """Return the words of the queries that a passage has, in one form or another."""
    stems = {_stem(word) for word in _WORD.findall(text.lower())}
    words = dict.fromkeys(word for query in queries for word in _WORD.findall(query.lower()))
    return [word for word in words if _stem(word) in stems and word not in _COMMON][:8]


def _joined_if_short(text: str) -> str:
    """Return text of many short lines, a menu for example, in one line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > _MANY_LINES and len(text) / len(lines) < _SHORT_LINE:
        return " · ".join(lines)
    return text


def _stem(word: str) -> str:
    return word.rstrip("s")[:5]


def _excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of a long passage that has most of the words."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    low = text.lower()
    starts = range(0, len(text) - SHOWN_CHARACTERS // 2, SHOWN_CHARACTERS // 4)
    best = max(
        starts, key=lambda at: sum(_stem(word) in low[at : at + SHOWN_CHARACTERS] for word in words)
    )
    end = best + SHOWN_CHARACTERS
    return f"{'… ' if best else ''}{text[best:end]}{' …' if end < len(text) else ''}"
