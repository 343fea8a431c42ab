"""A list of outputs that grows as a notebook cell's does, and stays within bounds."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.kernels.outputs.select import Output, joined

MAX_TEXT = 1_000_000
MAX_OUTPUTS = 200
MAX_BUNDLE = 10_000_000
MAX_BUNDLES = 50_000_000


def left_out(characters: int) -> str:
    """Return the marker that stands for characters that were left out."""
    return f"[… {characters:,} characters left out …]"


@dataclass(eq=False)
class _Text:
    """Text of one output: its beginning, how much is missing, its end."""

    head: list[str] = field(default_factory=list)
    missing: int = 0
    tail: deque[str] = field(default_factory=deque)
    seen: bool = True

    def whole(self) -> str:
        if not self.missing:
            return "".join([*self.head, *self.tail])
        return "".join([*self.head, f"\n{left_out(self.missing)}\n", *self.tail])


class _Budget:
    """Keeps the first and the last half of all text that one execution gives."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head_room = self._half
        self._tail_room = limit - self._half
        self._tail: deque[_Text] = deque()
        self.missing = 0

    def spend(self, text: _Text, value: str) -> None:
        head, value = value[: self._head_room], value[self._head_room :]
        if head:
            self._head_room -= len(head)
            text.head.append(head)
        if not value:
            return
        text.tail.append(value)
        self._tail.append(text)
        self._tail_room -= len(value)
        while self._tail_room < 0:
            self._shorten()

    def _shorten(self) -> None:
        oldest = self._tail[0]
        excess = -self._tail_room
        chunk = oldest.tail.popleft()
        kept = chunk[excess:]
        if kept:
            oldest.tail.appendleft(kept)
        else:
            self._tail.popleft()
        gone = len(chunk) - len(kept)
        oldest.missing += gone
        self.missing += gone if oldest.seen else 0
        self._tail_room += gone

    def release(self, text: _Text) -> None:
        """Return back what a text that nobody sees any more took of the first half."""
        self._head_room += sum(map(len, text.head))
        text.head.clear()
        text.seen = False


@dataclass(eq=False)
class _Entry:
    output: Output
    text: _Text
    display_id: str | None = None
    bundle: int = 0

    def whole(self) -> Output:
        kind = self.output["output_type"]
        if kind == "stream":
            return {**self.output, "text": self.text.whole()}
        if kind == "error":
            if not self.text.missing:
                return dict(self.output)
            return {**self.output, "traceback": self.text.whole().split("\n")}
        data = dict(self.output["data"])
        if "text/plain" in data:
            data["text/plain"] = self.text.whole()
        return {**self.output, "data": data}


class OutputList:
    """Outputs of one execution, folded as a notebook folds them.

    Streams that follow each other are one output, ``clear_output`` empties the list, and a display
    with an id is replaced where it stands. Of more text than ``max_text`` the beginning and the end
    are kept, and so they are of more than ``max_outputs`` outputs.
    """

    def __init__(self, max_text: int = MAX_TEXT, max_outputs: int = MAX_OUTPUTS) -> None:
        self._max_text = max_text
        self._max_outputs = max_outputs
        self._dropped: list[str] = []
        self._start()

    def _start(self) -> None:
        self._entries: list[_Entry] = []
        self._budget = _Budget(self._max_text)
        self._bundles = 0
        self._outputs_missing = 0
        self._clear_next = False

    @property
    def outputs(self) -> list[Output]:
        """Return valid nbformat outputs."""
        return [entry.whole() for entry in self._entries]

    @property
    def full(self) -> bool:
        """Whether anything had to be left out."""
        return bool(self._budget.missing or self._outputs_missing or self._dropped)

    @property
    def note(self) -> str:
        """Return one sentence for each thing that was left out, or nothing."""
        notes = list(dict.fromkeys(self._dropped))
        if self._budget.missing:
            notes.append(f"{self._budget.missing:,} characters of output were left out.")
        if self._outputs_missing:
            notes.append(f"{self._outputs_missing:,} outputs were left out.")
        return " ".join(notes)

    def add(self, output: Output) -> None:
        """Append an output, or merge it with the stream before it."""
        if self._clear_next:
            self._start()
        if output["output_type"] == "stream" and self._entries:
            last = self._entries[-1]
            if last.output.get("name") == output["name"]:
                self._budget.spend(last.text, joined(output["text"]))
                return
        self._entries.append(self._entry(output))
        if len(self._entries) > self._max_outputs:
            # The beginning shows what the code set out to do, the end how it ended.
            self._forget(self._entries.pop(self._max_outputs // 2))
            self._outputs_missing += 1

    def clear(self, wait: bool) -> None:
        """Empty the list, at once or when the next output comes."""
        if wait:
            self._clear_next = True
        else:
            self._start()

    def update_display(self, output: Output) -> None:
        """Replace every display that has this output's ``transient.display_id``."""
        wanted = _display_id(output)
        for index, entry in enumerate(self._entries):
            if wanted is not None and entry.display_id == wanted:
                self._forget(entry)
                new = self._entry({**output, "output_type": "display_data"})
                for name in ("output_type", "execution_count"):
                    if name in entry.output:
                        new.output[name] = entry.output[name]
                self._entries[index] = new

    def _entry(self, output: Output) -> _Entry:
        kept = {key: value for key, value in output.items() if key != "transient"}
        entry = _Entry(kept, _Text(), _display_id(output))
        if kept["output_type"] == "stream":
            self._budget.spend(entry.text, joined(kept["text"]))
        elif kept["output_type"] == "error":
            self._budget.spend(entry.text, "\n".join(kept["traceback"]))
            kept["evalue"] = kept["evalue"][:10_000]
        else:
            kept["data"] = dict(kept["data"])
            kept["metadata"] = dict(kept.get("metadata") or {})
            self._take_bundle(entry)
            if "text/plain" in kept["data"]:
                self._budget.spend(entry.text, joined(kept["data"]["text/plain"]))
        return entry

    def _take_bundle(self, entry: _Entry) -> None:
        data = entry.output["data"]
        for mime in [mime for mime in data if mime != "text/plain"]:
            size = _size(data[mime])
            if size > MAX_BUNDLE or self._bundles + size > MAX_BUNDLES:
                del data[mime]
                note = f"An output of type {mime} was left out: it has {size / 1e6:,.1f} MB."
                self._dropped.append(note)
                data.setdefault("text/plain", f"[{note}]")
            else:
                entry.bundle += size
                self._bundles += size

    def _forget(self, entry: _Entry) -> None:
        self._budget.release(entry.text)
        self._bundles -= entry.bundle


def _display_id(output: Output) -> str | None:
    found = (output.get("transient") or {}).get("display_id")
    return found if isinstance(found, str) else None


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
