"""What a search found, made ready to be read: neighbours joined, doubles gone, cut to a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.retrieval.base import GAP, FileText, Hit, Location

LONGEST = 8000
"""Characters of a passage above which no more neighbours are joined to it: a mark that cites a whole
file says little."""

Texts = Callable[[Hit], FileText]
"""Gives the text of the file that a hit is of."""


@dataclass(frozen=True)
class Piece:
    """A part of a passage that stands in one page, paragraph, table …: word for word."""

    text: str
    location: Location
    start: int

    @property
    def stop(self) -> int:
        """Return where it ends in the file's text."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Passage:
    """A passage of a file; ``score`` is the best of the chunks that it is made of."""

    file_id: str
    filename: str
    score: float
    text: str
    location: Location
    pieces: Sequence[Piece]

    @property
    def prompt_text(self) -> str:
        """Return the text with a line ``[page 4]`` wherever another page, slide or sheet begins."""
        if self.location.until is None:
            return self.text
        lines, before = [], None
        for piece in self.pieces:
            place = piece.location
            here = (place.page, place.slide, place.sheet, place.cell)
            if here != before and place.label:
                lines.append(f"[{place.label}]")
            before = here
            lines.append(piece.text)
        return "\n".join(lines)


def passages(hits: Sequence[Hit], texts: Texts) -> list[Passage]:
    """Join hits that overlap or follow each other, and leave out what says the same twice.

    The best come first.
    """
    once: dict[str, Hit] = {}
    for hit in hits:
        once.setdefault(hit.chunk.id, hit)
    files: dict[str, list[Hit]] = {}
    for hit in once.values():
        files.setdefault(hit.file_id, []).append(hit)
    found = [
        _passage(group, texts(group[0])) for of_file in files.values() for group in _groups(of_file)
    ]
    return sorted(found, key=lambda each: -each.score)


def _groups(hits: Iterable[Hit]) -> Iterator[list[Hit]]:
    """Yield the hits of one file in the order of its text, neighbours together."""
    group: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.chunk.start, each.chunk.end)):
        end = max((each.chunk.end for each in group), default=0)
        near = hit.chunk.start <= end + len(GAP)
        if group and (not near or hit.chunk.end - group[0].chunk.start > LONGEST):
            yield group
            group = []
        group.append(hit)
    if group:
        yield group


def _passage(group: Sequence[Hit], text: FileText) -> Passage:
    first, score = group[0], max(hit.score for hit in group)
    start, end = first.chunk.start, max(hit.chunk.end for hit in group)
    if text.text[start : start + len(first.text)] != first.text:
        # The file was taken out, or attached anew, while we looked.
        best = max(group, key=lambda hit: hit.score)
        alone = Piece(best.text, best.location, best.chunk.start)
        return Passage(best.file_id, best.filename, score, best.text, best.location, [alone])
    return Passage(
        first.file_id,
        first.filename,
        score,
        text.text[start:end],
        text.locate(start, end),
        list(_by_block(text, start, end)),
    )


def _by_block(text: FileText, start: int, end: int) -> Iterator[Piece]:
    number, at = text.at(start)
    while number < len(text.blocks) and at < end:
        until = at + len(text.blocks[number].text)
        begin, stop = max(start, at), min(end, until)
        if text.text[begin:stop].strip():
            yield Piece(text.text[begin:stop], text.locate(begin, stop), begin)
        number, at = number + 1, until + len(GAP)


def mark(number: int, at: int, filename: str) -> str:
    """Return the mark that cites a result."""
    return f"【{number}:{at}†{filename.translate(str.maketrans('【】', '()'))}】"


def for_model(found: Sequence[Passage], number: int, most_tokens: int) -> tuple[list[Passage], str]:
    """Return the passages that fit into the model's share, and the text that it reads."""
    shown: list[Passage] = []
    texts: list[str] = []
    left = most_tokens
    for passage in found:
        head = f"{mark(number, len(shown), passage.filename)} {passage.location.label}".rstrip()
        text = f"{head}\n{passage.prompt_text}"
        cost = estimate(text)
        if cost > left and not shown:
            # The best one is shown in any case, as much of it as there is room for.
            text = f"{head}\n{passage.prompt_text[: len(passage.prompt_text) * left // cost]} …"
            cost = left
        if cost > left and shown:
            # A shorter one further down may still fit.
            continue
        left -= cost
        shown.append(passage)
        texts.append(text)
    if not shown:
        return [], "Nothing was found. Try other words, or say that the files do not answer it."
    return shown, "\n\n".join([*texts, "Cite with the marks above, exactly as they are."])
