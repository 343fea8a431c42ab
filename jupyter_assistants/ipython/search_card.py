"""A search as a card: what was asked for, and why each passage was shown to the model."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from jupyter_assistants.client.citations import ViewOf, where
from jupyter_assistants.ipython.untrusted import fenced, inert, one_line, plain
from jupyter_assistants.protocol.transcript import CallEntry

Json = dict[str, Any]

SHOWN_CHARACTERS = 600
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


def title(entry: CallEntry) -> str:
    """Return the card's first line."""
    if entry.search is None:
        return "Searching the files …" if entry.status == "in_progress" else "Searched the files"
    asked = ", ".join(f"“{' '.join(plain(query).split())}”" for query in entry.search["queries"])
    count = len(entry.search["results"])
    found = f"{count} passage{'' if count == 1 else 's'}" if count else "nothing found"
    took = f"{entry.seconds:.1f} s" if entry.seconds is not None else ""
    return " · ".join(filter(None, [f"Searched for {asked[:160]}", found, took]))


def bundle(entry: CallEntry, view_of: ViewOf) -> dict[str, str]:
    """Return the card as a mime bundle."""
    head = title(entry)
    found = list(_passages(entry, view_of))
    pages = [f"<details><summary>{html.escape(inert(head))}</summary>"]
    marks, lines = [f"**{one_line(head)}**"], [head]
    for each in found:
        place = html.escape(inert(each["where"]))
        link = f'<a href="{html.escape(each["href"])}" target="_blank">{place}</a>'
        why = html.escape(inert(each["why"]))
        pages.append(f"<p>{link if each['href'] else place}<br><small>{why}</small></p>")
        pages.append(f"<pre>{_unbroken(html.escape(each['text']))}</pre>" if each["text"] else "")
        place = one_line(each["where"])
        place = f"[{place}]({html.escape(each['href'])})" if each["href"] else place
        marks.append(f"{place} · {one_line(each['why'])}")
        marks += [fenced(each["text"], "text")] if each["text"] else []
        lines.append(f"    {plain(each['where'])} · {plain(each['why'])}")
    return {
        "text/html": "\n".join([*filter(None, pages), "</details>"]),
        "text/markdown": "\n\n".join(marks),
        "text/plain": "\n".join(lines),
    }


def _passages(entry: CallEntry, view_of: ViewOf) -> Iterator[dict[str, str]]:
    search = entry.search or {"queries": [], "number": 0, "results": []}
    for at, result in enumerate(search["results"]):
        text = "\n".join(part["text"] for part in result.get("content") or [])
        places = (result.get("jupyter") or {}).get("places") or []
        start = places[0]["start"] if places else None
        end = places[-1]["end"] if places else None
        why = [f"mark {search['number']}:{at}", f"score {result['score']:.2f}"]
        shared = _shared(search["queries"], text)
        if shared:
            why.append(f"has {', '.join(shared)}")
        yield {
            "where": where(result["file_name"], result),
            "why": " · ".join(why),
            "text": _dense(_excerpt(plain(text).strip(), shared)),
            "href": view_of(result["file_id"], start, end) or "",
        }


def _shared(queries: list[str], text: str) -> list[str]:
    """Return the words of the queries that a passage has, in one form or another."""
    there = {_stem(word) for word in _WORD.findall(text.lower())}
    words = dict.fromkeys(word for query in queries for word in _WORD.findall(query.lower()))
    return [word for word in words if _stem(word) in there and word not in _COMMON][:8]


def _dense(text: str) -> str:
    """Return text of many short lines, a menu for example, in one."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > _MANY_LINES and len(text) / len(lines) < _SHORT_LINE:
        return " · ".join(lines)
    return text


def _stem(word: str) -> str:
    return word.rstrip("s")[:5]


def _excerpt(text: str, words: list[str]) -> str:
    """Return the part of a long passage in which most of the words stand."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    low = text.lower()
    starts = range(0, len(text) - SHOWN_CHARACTERS // 2, SHOWN_CHARACTERS // 4)
    best = max(
        starts, key=lambda at: sum(_stem(word) in low[at : at + SHOWN_CHARACTERS] for word in words)
    )
    end = best + SHOWN_CHARACTERS
    return f"{'… ' if best else ''}{text[best:end]}{' …' if end < len(text) else ''}"


def _unbroken(escaped: str) -> str:
    """Return HTML without empty lines: in Markdown files, they would end the HTML."""
    return re.sub(r"\n(?=[ \t]*(?:\n|$))", "&#10;", escaped)
