"""Truncation: a long thread in a budget of tokens, so that consecutive prompts begin alike.

Endpoints are fast and cheap with a prompt that begins as the one before did. So nothing is removed
bit by bit: a prompt grows until it is too long, then much goes at once, and the state says what
(docs/internals/runs.md, "Truncation"). The functions here are pure.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any

from jupyter_assistants.kernels.outputs.merge import left_out
from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Reasoning,
)
from jupyter_assistants.models.tokens import IMAGE_TOKENS, estimate, pieces
from jupyter_assistants.protocol.truncation import Truncation

KEPT_TURNS = 2
KEPT_STEPS = 3
KEPT_IMAGES = 3
MAX_IMAGES = 2 * KEPT_IMAGES
WORTH_CLEARING = 0.25
"""Part of the budget that clearing outputs must free: it costs the equal beginning of prompts."""
HIGH, LOW = 0.75, 0.5
"""Above which part of the budget turns are dropped, and down to which."""
MAX_ENTRIES = 1200
"""More are too many whatever their size: a thread's history is read up to a limit."""
LEAST_CUT = 48
MOST_CUTS = 8
"""Attempts to find how far texts are cut."""
HEAD_PART = 0.6
"""Part of a text that was cut which is its beginning; people put the question at either end."""


@dataclass(frozen=True)
class Entry:
    """One entry of a thread's history, with what truncation needs to know of it.

    Parameters
    ----------
    id
        Of the message or item; the same in every replay.
    message
        Whether it counts as a message for people.
    again
        How the model gets the text back when it is cleared.
    listing
        Lines on the files attached to it.
    context
        Whether it is a block that belongs to the message before it.
    base, whole
        The id of an entry that this one adds to, and what is shown where that one is not.
    """

    id: str
    part: HistoryEntry
    message: bool = False
    again: str = ""
    listing: tuple[str, ...] = ()
    context: bool = False
    base: str = ""
    whole: HistoryEntry | None = None

    @property
    def opens(self) -> bool:
        """Whether it is a message of the user."""
        return (
            isinstance(self.part, HistoryMessage) and self.part.role == "user" and not self.context
        )


# The same texts are counted before every model call of a thread.
_count = lru_cache(maxsize=4096)(estimate)


def cost(part: HistoryEntry) -> int:
    """Estimate the tokens of an entry."""
    match part:
        case HistoryMessage():
            return 4 + _count(part.text) + IMAGE_TOKENS * len(part.images)
        case FunctionCall():
            return 8 + _count(part.name) + _count(part.arguments)
        case FunctionOutput():
            return 4 + _count(part.output) + IMAGE_TOKENS * len(part.images)
        case Reasoning():
            # Sealed: about as long as its letters, four to a token.
            return len(str(part.extras)) // 4


def truncate(
    entries: Sequence[Entry], state: Truncation, budget: int
) -> tuple[list[Entry], Truncation]:
    """Return the entries that are shown of a thread, and the state for the next prompt.

    Parameters
    ----------
    entries
        The whole thread, every call with its output.
    budget
        The most tokens, by :func:`cost`.
    """
    work = _Work(entries, state, budget)
    if len(work.seeing) > MAX_IMAGES:
        work.forget_images()
    if not work.fits:
        work.clear(worth=WORTH_CLEARING * budget)
        if work.total > HIGH * budget or work.crowded:
            work.drop_turns()
        if work.total > HIGH * budget:
            work.clear(worth=0)
    for tighten in (work.clear_all, work.cut, work.skip_steps, work.cut):
        if not work.fits:
            tighten()
    return work.shown, work.state


def dropped(entries: Sequence[Entry], before: Truncation, after: Truncation) -> list[Entry]:
    """Return the entries of the turns that a truncation dropped, as they were shown before."""
    ids = {entry.id for entry in entries}
    if before.first_kept == after.first_kept:
        return []
    start = before if before.first_kept in ids else before.changed(first_kept=None)
    kept = {entry.id for entry in _entries_shown(entries, after)}
    return [
        e
        for e in _entries_shown(entries, start)
        if e.id and e.id not in kept and not _is_passing(e)
    ]


class _Work:
    """The truncation of one prompt; every method moves the state forward."""

    def __init__(self, entries: Sequence[Entry], state: Truncation, budget: int) -> None:
        self._entries = entries
        self._budget = budget
        self._costs = {entry.id: cost(entry.part) for entry in entries}
        self._parts = {entry.id: entry.part for entry in entries}
        ids = self._costs.keys()
        if state.first_kept is not None and state.first_kept not in ids:
            # The message behind the gap was deleted, so the state fits the thread no more.
            state = state.changed(first_kept=None, omitted=0, listing=[], summary="")
        self._set(state)

    def _set(self, state: Truncation) -> None:
        self.state = state
        self.shown = _entries_shown(self._entries, state)
        self._turns = list(turns_of(self.shown))
        known, parts = self._costs, self._parts
        costs = {
            e.id: known[e.id] if e.part is parts.get(e.id) else cost(e.part) for e in self.shown
        }
        self._shown_costs = costs
        self.total = sum(costs.values())

    def _cost(self, entry: Entry) -> int:
        return self._shown_costs[entry.id]

    @property
    def crowded(self) -> bool:
        """Whether there are too many entries."""
        return len(self.shown) > MAX_ENTRIES

    @property
    def fits(self) -> bool:
        """Whether it fits the budget."""
        return not self.crowded and self.total <= self._budget

    @property
    def seeing(self) -> list[Entry]:
        """Return the entries with images."""
        return [entry for entry in self.shown if _images(entry.part)]

    def forget_images(self) -> None:
        """Remove all images but the newest."""
        blind = {*self.state.blind, *(entry.id for entry in self.seeing[:-KEPT_IMAGES])}
        self._set(self.state.changed(blind=sorted(blind)))

    def clear(self, *, worth: float) -> None:
        """Replace the outputs before the last three steps by placeholders, if that frees enough."""
        self._clear(KEPT_STEPS, worth)

    def clear_all(self) -> None:
        """Replace all outputs but those of the last step by placeholders."""
        self._clear(1, 0)

    def _clear(self, kept_steps: int, worth: float) -> None:
        recent = {e.id for step in list(steps_of(self.shown))[-kept_steps:] for e in step}
        newest = {entry.id for entry in self._turns[-1]} if self._turns else set()
        old = [
            entry
            for entry in self.shown
            if entry.id not in self.state.cleared
            and (
                (isinstance(entry.part, FunctionOutput) and entry.id not in recent)
                or (_is_passing(entry) and entry.id not in newest)
            )
        ]
        freed = {entry.id: self._cost(entry) - _cleared_cost(entry) for entry in old}
        chosen = [id for id, tokens in freed.items() if tokens > 0]
        unseen = [entry.id for entry in self.seeing[:-KEPT_IMAGES]]
        if chosen and sum(freed[id] for id in chosen) >= worth:
            state = self.state
            self._set(
                state.changed(
                    cleared=sorted({*state.cleared, *chosen}),
                    blind=sorted({*state.blind, *unseen}),
                )
            )

    def drop_turns(self) -> None:
        """Drop whole turns after the first message, down to half of the budget."""
        head = {entry.id for entry in _head(self.shown)}
        total, count = self.total, len(self.shown)
        gone: list[Entry] = []
        goal = LOW * self._budget
        first_kept = None
        for turn in self._turns[: -KEPT_TURNS or None]:
            if total <= goal and count <= MAX_ENTRIES // 2:
                break
            leaving = [entry for entry in turn if entry.id not in head]
            gone += leaving
            count -= len(leaving)
            total -= sum(self._cost(entry) for entry in leaving)
            first_kept = _after(self._entries, turn[-1].id)
        if not gone or first_kept is None:
            return
        listing = [*self.state.listing, *(line for entry in gone for line in entry.listing)]
        self._set(
            self.state.changed(
                first_kept=first_kept,
                omitted=self.state.omitted + sum(entry.message for entry in gone),
                listing=list(dict.fromkeys(listing)),
            )
        )

    def cut(self) -> None:
        """Cut the longest texts to head and tail, by no more than is necessary."""
        # What was cut before is cut with a reserve, so that the next prompts begin alike.
        again = any(entry.id in self.state.cuts for entry in self.shown)
        goal = int(self._budget * (HIGH if again else 1))
        costs = {entry.id: self._cost(entry) for entry in self.shown}
        texts = {entry.id: _text_tokens(entry.part) for entry in self.shown if entry.id}
        for _ in range(MOST_CUTS):
            room = _largest_room(costs, texts, goal)
            long = [id for id, tokens in texts.items() if tokens > room]
            self._set(self.state.changed(cuts={**self.state.cuts, **dict.fromkeys(long, room)}))
            if self.fits or room == LEAST_CUT:
                return
            # Quoted as JSON, arguments that were cut are longer than their text.
            goal -= self.total - self._budget

    def skip_steps(self) -> None:
        """Remove calls with their outputs, oldest first, but not the last ones."""
        over = self.total - self._budget
        skipped = list(self.state.skipped)
        for step in list(steps_of(self.shown))[:-1]:
            if over <= 0:
                break
            skipped += [entry.id for entry in step]
            over -= sum(self._cost(entry) for entry in step)
        self._set(self.state.changed(skipped=skipped))


def turns_of(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield entries by turn: a turn begins with a user's message. The gap's marker is in none."""
    turn: list[Entry] = []
    for entry in entries:
        if entry.opens and entry.id and turn:
            yield turn
            turn = []
        if entry.id:
            turn.append(entry)
    if turn:
        yield turn


def steps_of(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield calls that were made together, with their outputs and the reasoning before them."""
    step: list[Entry] = []
    thoughts: list[Entry] = []
    for entry in entries:
        if isinstance(entry.part, Reasoning):
            thoughts.append(entry)
        elif isinstance(entry.part, FunctionOutput):
            step.append(entry)
        else:
            called = isinstance(entry.part, FunctionCall)
            if step and (not called or thoughts or isinstance(step[-1].part, FunctionOutput)):
                yield step
                step = []
            step += [*thoughts, entry] if called else []
            thoughts = []
    if step:
        yield step


def _is_passing(entry: Entry) -> bool:
    """Return whether it matters in its own turn only, and leaves no placeholder."""
    return entry.context or isinstance(entry.part, Reasoning)


def _head(entries: Sequence[Entry]) -> list[Entry]:
    """Return the first message of the user: the task, and files."""
    return next(([entry] for entry in entries if entry.opens), [])


def _after(entries: Sequence[Entry], id: str) -> str | None:
    place = next(i for i, entry in enumerate(entries) if entry.id == id) + 1
    return entries[place].id if place < len(entries) else None


def _entries_shown(entries: Sequence[Entry], state: Truncation) -> list[Entry]:
    """Return a thread as a state shows it."""
    kept = list(entries)
    if state.first_kept is not None:
        start = next(i for i, entry in enumerate(kept) if entry.id == state.first_kept)
        head = _head(kept) or kept[:1]
        marker = Entry("", HistoryMessage("user", _marker(state)))
        kept = [*head, marker, *(entry for entry in kept[start:] if entry.id != head[0].id)]
    cleared, blind, skipped = set(state.cleared), set(state.blind), set(state.skipped)
    kept = [e for e in kept if e.id not in skipped and not (_is_passing(e) and e.id in cleared)]
    # What adds to something that is not there any more, or not all of it, has to stand alone.
    bases = {entry.id for entry in kept} - state.cuts.keys()
    kept = [e if e.whole is None or e.base in bases else replace(e, part=e.whole) for e in kept]
    return [_changed(e, cleared, blind, state.cuts.get(e.id)) for e in kept]


def _marker(state: Truncation) -> str:
    listing = "\n\n[attached files]\n" + "\n".join(state.listing) if state.listing else ""
    summary = f"\n\n[notes on them]\n{state.summary}" if state.summary else ""
    return f"[{state.omitted} earlier messages omitted]{summary}{listing}"


def _changed(entry: Entry, cleared: Set[str], blind: Set[str], room: int | None) -> Entry:
    part = entry.part
    if entry.id in blind and _images(part):
        part = _rewritten(part, _without_images(part), images=())
    if entry.id in cleared and isinstance(part, FunctionOutput):
        part = replace(part, output=placeholder(entry), images=())
    if room is not None:
        part = _rewritten(part, lambda text: cut(text, room))
    return entry if part is entry.part else replace(entry, part=part)


def _text_tokens(part: HistoryEntry) -> int:
    """Return the tokens of an entry that cutting its text can save."""
    match part:
        case HistoryMessage():
            return _count(part.text)
        case FunctionCall():
            return _count(part.arguments)
        case FunctionOutput():
            return _count(part.output)
    return 0


def _largest_room(costs: Mapping[str, int], texts: Mapping[str, int], goal: int) -> int:
    """Return the most tokens that each text may have so that all entries fit into ``goal``."""
    rest = sum(costs.values()) - sum(texts.values())
    rooms = range(LEAST_CUT, max(texts.values(), default=0) + 1)
    fitting = bisect_right(
        rooms, goal, key=lambda room: rest + sum(min(room, tokens) for tokens in texts.values())
    )
    return rooms[fitting - 1] if fitting else LEAST_CUT


def _images(part: HistoryEntry) -> int:
    return len(part.images) if isinstance(part, HistoryMessage | FunctionOutput) else 0


def _without_images(part: HistoryEntry) -> Callable[[str], str]:
    note = f"[{_images(part)} image(s) removed to save space]"
    return lambda text: f"{text}\n{note}"


def _rewritten(part: HistoryEntry, change: Callable[[str], str], **more: Any) -> HistoryEntry:
    match part:
        case HistoryMessage():
            return replace(part, text=change(part.text), **more)
        case FunctionOutput():
            return replace(part, output=change(part.output), **more)
        case FunctionCall():
            # What is cut is no JSON any more, and endpoints parse it.
            text = change(part.arguments)
            return part if text == part.arguments else replace(part, arguments=_json(text))
        case Reasoning():
            return part


def _json(text: str) -> str:
    return json.dumps({"code": text}, ensure_ascii=False)


def placeholder(entry: Entry) -> str:
    """Return what stands for an output that was cleared."""
    assert isinstance(entry.part, FunctionOutput)
    size = f"{len(entry.part.output):,} chars"
    return f"[output removed to save space; {size}; {entry.again}]"


def _cleared_cost(entry: Entry) -> int:
    if not isinstance(entry.part, FunctionOutput):
        return 0
    return cost(replace(entry.part, output=placeholder(entry), images=()))


def cut(text: str, room: int) -> str:
    """Return as much of the head and the tail of a text as ``room`` tokens hold, a marker between."""
    if _count(text) <= room:
        return text
    borders = list(pieces(text))
    # Kept for the marker, whose size depends on how much is left out.
    room = max(1, room - estimate(f"\n{left_out(len(text))}\n") - 1)
    tokens = list(accumulate(weight for _, _, weight in borders))
    head = bisect_right(tokens, room * HEAD_PART)
    used = tokens[head - 1] if head else 0.0
    tail = bisect_left(tokens, tokens[-1] - (room - used), lo=head) + 1
    start = borders[head - 1][1] if head else 0
    end = borders[tail][0] if tail < len(borders) else len(text)
    return f"{text[:start]}\n{left_out(end - start)}\n{text[end:]}"
