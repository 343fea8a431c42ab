"""Reasoning that a model writes into its answer between tags, as many local servers leave it there.

Each family of models has its own tags, and a server that knows them sends the reasoning in a field of
its own. One that does not leaves ``<think>…</think>`` in the content (docs/internals/models.md,
"Reasoning in the content").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple


class _TagStyle(NamedTuple):
    """How one family of models marks its reasoning.

    Parameters
    ----------
    markup
        Tokens around the answer itself, which such a server leaves in as well.
    """

    opening: str
    closing: str
    markup: tuple[str, ...] = ()


_HARMONY = (
    "<|start|>assistant",
    "<|channel|>final<|message|>",
    "<|channel|>commentary<|message|>",
    "<|return|>",
    "<|end|>",
)
_STYLES = (
    _TagStyle("<think>", "</think>"),
    _TagStyle("<thinking>", "</thinking>"),
    _TagStyle("<thought>", "</thought>"),
    _TagStyle("<seed:think>", "</seed:think>"),
    _TagStyle("[THINK]", "[/THINK]"),
    _TagStyle("◁think▷", "◁/think▷"),
    _TagStyle("<|channel>thought", "<channel|>"),
    _TagStyle("<|channel|>analysis<|message|>", "<|end|>", _HARMONY),
    _TagStyle("<|START_THINKING|>", "<|END_THINKING|>", ("<|START_RESPONSE|>", "<|END_RESPONSE|>")),
    _TagStyle(
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ),
)
_BY_OPENING = {style.opening: style for style in _STYLES}
_BY_MARKUP = {token: style.markup for style in _STYLES for token in style.markup}
_CLOSINGS = tuple(style.closing for style in _STYLES if "/" in style.closing)
"""Tags that can only close reasoning, wherever they stand."""
_LONGEST_TAG = max(len(tag) for style in _STYLES for tag in (*style[:2], *style.markup))
_LONGEST_INDENT = 3
"""Spaces before a tag; with more of them a line is code in Markdown."""
_LONGEST_BLANK = 1000
"""White space that is held back at the beginning; an answer may have no end."""
_LINE_HEAD = 80
"""Characters of a line that are kept to recognise a fence of code."""
_FENCE = re.compile(r"[ \t>*+\-\d.]{0,20}(`{3,}|~{3,})([^`]*)$")
_BLANK, _SPACES = re.compile(r"\s*"), re.compile(" *")

HiddenOpening = Literal["no", "maybe", "sure"]
"""Whether the model's template writes the opening tag, so that an answer has only the closing one."""


@dataclass
class _Block:
    """Reasoning whose closing tag has not come; without an opening tag, the template wrote that."""

    closing: re.Pattern[str]
    opening: str = ""
    markup: tuple[str, ...] = ()
    pieces: list[str] = field(default_factory=list)


def _any_of(tags: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, tags)))


_HIDDEN_CLOSING = _any_of(_CLOSINGS)


class ReasoningTags:
    """Separates the reasoning of one answer from its text, whatever deltas both come in.

    A tag counts at the beginning of the answer or of a line, and not in code: an answer may be about
    these tags. What the text is does not depend on where the endpoint cut it.

    Parameters
    ----------
    hidden_opening
        Whether the answer may begin inside of reasoning. Then nothing is shown before the closing tag.

    Attributes
    ----------
    thoughts
        The reasoning so far, of blocks that are closed.
    growth
        Reasoning that has come since :meth:`feed` was called last, closed or not.
    found_hidden
        Whether a closing tag without an opening one has come; None while nothing is known.
    """

    def __init__(self, hidden_opening: HiddenOpening = "no") -> None:
        self.thoughts: list[str] = []
        self.growth = ""
        self.found_hidden: bool | None = None
        self._hidden = hidden_opening
        self._block: _Block | None = None
        self._markup: tuple[str, ...] = ()
        self._held = ""
        self._line = ""
        self._fence = ""
        self._breaks = True
        """Whether a tag may stand here."""
        self._shown = False
        self._trims = False
        """Whether white space is dropped that comes now: it belongs to a closing tag."""

    def feed(self, text: str) -> Iterator[str]:
        """Yield the text of the answer in this piece; empty pieces are left out."""
        self.growth = ""
        if text:
            yield from self._separate(text, last=False)

    def finish(self, *, answered: bool) -> Iterator[str]:
        """Yield what was held back, at the end of the answer or where a call begins.

        Parameters
        ----------
        answered
            Whether the model stopped by itself and called nothing. Then reasoning that it never
            closed is all the answer there is.
        """
        self.growth = ""
        yield from self._separate("", last=True)
        block, self._block = self._block, None
        if block is not None:
            text = "".join(block.pieces)
            if answered or (not block.opening and self._hidden == "maybe"):
                yield from self._release(block, text)
            else:
                self.thoughts.append(text)
        self._hidden, self._breaks = "no", True

    def expect_hidden_opening(self) -> None:
        """Search for a closing tag without an opening one: the whole answer comes as one piece."""
        if self._hidden == "no" and not self._shown:
            self._hidden = "maybe"

    def expect_none(self) -> Iterator[str]:
        """Yield what was held back for a closing tag: the server sends the reasoning by itself."""
        block = self._block
        if block is not None and not block.opening:
            self._block = None
            text, self._held = "".join(block.pieces) + self._held, ""
            yield from self._release(block, text)
        self._hidden = "no"

    def _release(self, block: _Block, text: str) -> Iterator[str]:
        if not block.opening:
            self.found_hidden = False
        # In the middle of an answer it may just be about the tag, which is then part of the text.
        shown = block.opening + text if self._shown else text.lstrip()
        if shown.strip():
            self._shown = True
            yield shown

    def _separate(self, text: str, *, last: bool) -> Iterator[str]:
        text, self._held = self._held + text, ""
        shown: list[str] = []
        place = 0
        while place < len(text):
            if self._block is not None:
                place = self._read_block(self._block, text, place, last)
            elif self._breaks:
                place = self._read_break(text, place, last)
            else:
                place = self._read_line(text, place, last, shown)
        if visible := "".join(shown):
            yield visible

    def _hold(self, text: str, place: int) -> int:
        """Hold the rest of a text back until more is known, and return its end."""
        self._held = text[place:]
        return len(text)

    # Each of these reads on from a place in the text, and returns the next one.

    def _read_block(self, block: _Block, text: str, place: int, last: bool) -> int:
        start = place
        while (found := block.closing.search(text, start)) is not None:
            quoted = found.start() > place and text[found.start() - 1] == "`"
            if quoted and found.end() == len(text) and not last:
                # The next character decides whether the model only speaks of the tag.
                self._think(block, text[place : found.start() - 1])
                return self._hold(text, found.start() - 1)
            if not quoted or text[found.end() : found.end() + 1] != "`":
                self._think(block, text[place : found.start()])
                self._close(block)
                return found.end()
            start = found.end()
        kept = len(text) if last else max(place, start, len(text) - _LONGEST_TAG)
        self._think(block, text[place:kept])
        return self._hold(text, kept)

    def _think(self, block: _Block, text: str) -> None:
        block.pieces.append(text)
        self.growth += text

    def _close(self, block: _Block) -> None:
        self.thoughts.append("".join(block.pieces))
        if not block.opening:
            self.found_hidden = True
        self._markup = self._markup or block.markup
        self._block, self._hidden = None, "no"
        self._breaks = self._trims = True

    def _read_break(self, text: str, place: int, last: bool) -> int:
        inside = self._shown and not self._trims
        blank = (_SPACES if inside else _BLANK).match(text, place)
        start = place if blank is None else blank.end()
        if self._trims:
            place = start
        if start - place > (_LONGEST_INDENT if inside else _LONGEST_BLANK):
            self._breaks, self._shown = False, True
            return place
        if start == len(text):
            if last and inside:
                self._breaks = False
                return place
            # Nothing but white space is no answer.
            return len(text) if last else self._hold(text, place)
        return self._read_tag(text, place, start, last)

    def _read_tag(self, text: str, place: int, start: int, last: bool) -> int:
        """Read a tag, or find that there is none; white space before it begins at ``place``."""
        head = text[start : start + _LONGEST_TAG]
        markup = self._markup or (() if self._shown else tuple(_BY_MARKUP))
        tags = (*_BY_OPENING, *markup, *_CLOSINGS)
        if tag := next((tag for tag in tags if head.startswith(tag)), None):
            self._use_tag(tag)
            return start + len(tag)
        if not last and any(tag.startswith(head) for tag in tags):
            return self._hold(text, place)
        if self._hidden != "no":
            self._block = _Block(_HIDDEN_CLOSING)
        else:
            self._breaks, self._trims, self._shown = False, False, True
        return place

    def _use_tag(self, tag: str) -> None:
        style = _BY_OPENING.get(tag)
        if style is not None:
            self._block = _Block(_any_of([style.closing]), tag, style.markup)
        elif tag in _BY_MARKUP:
            self._markup = _BY_MARKUP[tag]
        else:
            # What was shown before it was reasoning. From the next answer on it is held back.
            self.found_hidden, self._hidden, self._trims = True, "no", True

    def _read_line(self, text: str, place: int, last: bool, shown: list[str]) -> int:
        newline = text.find("\n", place)
        end = after = newline + 1 or len(text)
        if self._markup and not self._fence:
            if found := _any_of(self._markup).search(text, place, end):
                end, after = found.span()
                self._breaks = True
            elif newline < 0 and not last:
                end = self._partial_markup(text, place)
                after = self._hold(text, end)
        shown.append(text[place:end])
        self._line = (self._line + text[place : min(end, place + _LINE_HEAD)])[:_LINE_HEAD]
        if end == newline + 1 == after:
            self._end_line()
        return after

    def _partial_markup(self, text: str, place: int) -> int:
        """Return where a token begins that the text breaks off in; its end if there is none."""
        starts = range(max(place, len(text) - _LONGEST_TAG), len(text))
        partial = (i for i in starts if any(t.startswith(text[i:]) for t in self._markup))
        return next(partial, len(text))

    def _end_line(self) -> None:
        line, self._line = self._line.strip(), ""
        if self._fence:
            closes = line.startswith(self._fence) and not line.strip(self._fence[0])
            self._fence = "" if closes else self._fence
        elif fence := _FENCE.match(line):
            self._fence = fence[1]
        self._breaks = not self._fence
