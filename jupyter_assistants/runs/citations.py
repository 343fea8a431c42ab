"""Quotes behind citations: the part of a passage that a statement was taken from.

Models cite a passage, not its words. A quote stands word for word in the file, at the location that
is named with it, whatever the model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jupyter_assistants.models.sentences import sentence_ends
from jupyter_assistants.protocol.locations import CitationExtension, FilePlace, TextPlace
from jupyter_assistants.protocol.steps import (
    CallExtension,
    FileSearchCall,
    FileSearchResult,
    RunStep,
)
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.words import split_words

LONGEST_QUOTE = 300
_STATEMENT = 600
_SHORTEST_WORDS = 2

_WRAPPED = 40
"""Characters of a line that may go on in the next one."""

_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"\n]{8,}?)[”“»\"]")


@dataclass(frozen=True)
class QuotablePart:
    """A part of a passage, with its location as JSON."""

    text: str
    start: int
    place: str


@dataclass(frozen=True)
class CitedPassage:
    """A passage that can be cited."""

    file_id: str
    score: float
    parts: tuple[QuotablePart, ...] = ()


def sources(step: RunStep) -> dict[str, CitedPassage]:
    """Return the passages that a step found, by the numbers of their marks."""
    return {
        f"{extension.number}:{at}": _source(result)
        for call in getattr(step.step_details, "tool_calls", [])
        if isinstance(call, FileSearchCall)
        for extension in [step.jupyter.calls.get(call.id, CallExtension())]
        if extension.number is not None
        for at, result in enumerate(call.file_search.results or [])
    }


def _source(result: FileSearchResult) -> CitedPassage:
    places: Sequence[TextPlace] = result.jupyter.places if result.jupyter else []
    parts = tuple(
        QuotablePart(content.text, place.start, place.place.model_dump_json())
        for content, place in zip(result.content or [], places, strict=False)
    )
    return CitedPassage(result.file_id, result.score, parts)


def statement(text: str, end: int) -> str:
    """Return the text that a mark at ``end`` of an answer backs: since the last mark or paragraph."""
    before = text[max(0, end - _STATEMENT) : end]
    before = re.sub(r"(?:【[^【】]*】\s*)+$", "", before)
    return re.split(r"【[^【】]*】|\n\s*\n", before)[-1]


@lru_cache(maxsize=1024)
def citation(said: str, source: CitedPassage) -> CitationExtension | None:
    """Return the quote that fits a statement best; None if the passage is not known any more."""
    found = _literal(said, source) or _similar(said, source)
    if found is None:
        return None
    part, begin, end = found
    whole = Location.from_json(FilePlace.model_validate_json(part.place).model_dump())
    first = part.text.count("\n", 0, begin)
    place = whole.narrowed(first, first + part.text.count("\n", begin, end))
    return CitationExtension(
        quote=part.text[begin:end],
        place=FilePlace.model_validate(place.to_json()),
        label=place.label or None,
        score=source.score,
        start=part.start + begin,
        end=part.start + end,
    )


_Found = tuple[QuotablePart, int, int]


def _literal(said: str, source: CitedPassage) -> _Found | None:
    """Find the words that the answer itself quotes; line breaks may differ."""
    longest_first = sorted(_QUOTED.findall(said), key=len, reverse=True)
    for quoted in (form for each in longest_first for form in (each, each.rstrip(" .,;:…"))):
        words = quoted.split()
        if len(words) < _SHORTEST_WORDS:
            continue
        pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
        for part in source.parts:
            if (match := pattern.search(part.text)) is not None:
                return part, match.start(), match.end()
    return None


def _similar(said: str, source: CitedPassage) -> _Found | None:
    """Find the sentence or row that shares most words with the statement."""
    asked = _stems(said)
    best: tuple[float, _Found] | None = None
    for part in source.parts:
        for begin, end in _sentences(part.text):
            shared = asked & _stems(part.text[begin:end])
            # Rare words are long ones, by and large; a sentence of many words has no advantage.
            score = sum(map(len, shared)) / (8 + (end - begin) / 20)
            if best is None or score > best[0]:
                best = score, (part, begin, end)
    return best[1] if best is not None else None


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for begin, end in _paragraphs(text):
        at = begin
        for stop in [*sentence_ends(text, begin, end), end]:
            yield from _cut(text, at, stop)
            at = stop


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield lines, joining those that the page has only wrapped."""
    begin = at = 0
    for line in text.split("\n"):
        end = at + len(line)
        follows = text[end + 1 : end + 2]
        wrapped = len(line) >= _WRAPPED and follows.islower() and line[-1] not in ".!?:"
        if not wrapped:
            yield begin, end
            begin = end + 1
        at = end + 1


def _cut(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    inside = text[begin:end]
    begin += len(inside) - len(inside.lstrip())
    if end - begin > LONGEST_QUOTE:
        cut = text.rfind(" ", begin, begin + LONGEST_QUOTE)
        end = cut if cut > begin else begin + LONGEST_QUOTE
    if quoted := text[begin:end].rstrip():
        yield begin, begin + len(quoted)


def _stems(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s")[:6] for word in split_words(text))
