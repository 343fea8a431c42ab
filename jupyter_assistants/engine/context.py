"""What a model is sent: the thread's history as one request that fits the model.

Truncation drops whole turns from the middle and keeps the first user message and the newest
turns (protocol.md section 7.3); the thread itself is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jupyter_assistants.engine.images import from_data_url, is_data_url
from jupyter_assistants.providers.base import Answered, Called, HistoryEntry, Image, Said, Thought
from jupyter_assistants.schema.files import File
from jupyter_assistants.schema.items import Item
from jupyter_assistants.schema.messages import (
    ImageFileContent,
    ImageUrlContent,
    Message,
    RefusalContent,
    TextContent,
)
from jupyter_assistants.tokens import estimate

LoadImage = Callable[[str], Image | None]

IMAGE_TOKENS = 1100
KEEP_TURNS = 2
LONGEST_URL = 500


@dataclass(frozen=True)
class Shown:
    """What the model sees of a thread.

    Parameters
    ----------
    history
        The entries in order.
    seen
        For people, for example ``34 of 61 messages``.
    tokens
        An estimate of their size.
    """

    history: Sequence[HistoryEntry]
    seen: str
    tokens: int


def size_of(count: int) -> str:
    """Give a number of bytes for people: ``15 kB``."""
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= step:
            return f"{count / step:.0f} {unit}"
    return f"{count} B"


def attached_block(files: Sequence[tuple[str, File]]) -> str:
    """Give the lines that tell the model of attached files, by the name each has in /mnt/data."""
    lines = [f"- /mnt/data/{name} ({size_of(file.bytes)}, id {file.id})" for name, file in files]
    return "\n\n[attached files]\n" + "\n".join(lines) if lines else ""


def show(
    history: Sequence[Message | Item],
    *,
    files: Mapping[str, tuple[str, File]],
    loose: Sequence[str],
    load_image: LoadImage,
    vision: bool,
    budget: int,
    last_messages: int | None = None,
) -> Shown:
    """Turn a thread's history into what fits into ``budget`` tokens.

    Parameters
    ----------
    files
        Name in the working folder and File, by file id.
    loose
        Ids of files that no message attaches; the first user message tells of them.
    last_messages
        Only so many of the newest messages (and what belongs to them).
    """
    turns = _turns(history)
    total = sum(1 for entry in history if isinstance(entry, Message))
    if last_messages is not None:
        turns = _newest(turns, last_messages)
    project = _Projection(files, list(loose), load_image, vision)
    projected = [[part for entry in turn for part in project(entry)] for turn in turns]
    kept, dropped = _fit(projected, budget)
    entries = _whole_calls([entry for turn in kept for entry in turn])
    left_out = sum(1 for i in dropped for entry in turns[i] if isinstance(entry, Message))
    shown = sum(1 for turn in turns for entry in turn if isinstance(entry, Message)) - left_out
    return Shown(entries, f"{shown} of {total} messages", sum(map(_cost, entries)))


def _turns(history: Sequence[Message | Item]) -> list[list[Message | Item]]:
    """Group the history: a turn begins with a user message."""
    turns: list[list[Message | Item]] = []
    for entry in history:
        if not turns or (isinstance(entry, Message) and entry.role == "user"):
            turns.append([])
        turns[-1].append(entry)
    return turns


def _newest(turns: list[list[Message | Item]], count: int) -> list[list[Message | Item]]:
    flat = [entry for turn in turns for entry in turn]
    messages = [i for i, entry in enumerate(flat) if isinstance(entry, Message)]
    start = messages[-count] if len(messages) > count else 0
    return _turns(flat[start:])


class _Projection:
    def __init__(
        self,
        files: Mapping[str, tuple[str, File]],
        loose: list[str],
        load_image: LoadImage,
        vision: bool,
    ) -> None:
        self._files = files
        self._loose = loose
        self._load_image = load_image
        self._vision = vision

    def __call__(self, entry: Message | Item) -> list[HistoryEntry]:
        if isinstance(entry, Message):
            said = self._said(entry)
            return [said] if said.text or said.images else []
        if entry.type == "function_call":
            return [Called(entry.call_id, entry.name, entry.arguments, entry.extras)]
        if entry.type == "reasoning":
            return [Thought(entry.extras)]
        if entry.type == "function_call_output":
            images = self._images(entry.image_file_ids) if self._vision else []
            return [Answered(entry.call_id, entry.output, images)]
        return []

    def _said(self, message: Message) -> Said:
        texts: list[str] = []
        pictures: list[ImageFileContent | ImageUrlContent] = []
        for part in message.content:
            match part:
                case TextContent():
                    texts.append(part.text.value)
                case ImageFileContent():
                    pictures.append(part)
                case ImageUrlContent() if is_data_url(part.image_url.url):
                    pictures.append(part)
                case ImageUrlContent():
                    texts.append(f"[image at {part.image_url.url[:LONGEST_URL]}, not loaded]")
                case RefusalContent():
                    texts.append(part.refusal)
        if message.role == "assistant":
            return Said("assistant", "\n".join(texts))
        images = self._pictures(pictures) if self._vision else []
        if pictures and not self._vision:
            texts.append(f"[{len(pictures)} image(s) that this model cannot see]")
        elif len(images) < len(pictures):
            lost = len(pictures) - len(images)
            texts.append(f"[{lost} image(s) that could not be read: not PNG, JPEG, GIF or WebP]")
        return Said("user", "\n".join(texts) + self._attached(message), images)

    def _attached(self, message: Message) -> str:
        ids = [attachment.file_id for attachment in message.attachments or []]
        ids, self._loose = self._loose + ids, []
        return attached_block([self._files[i] for i in dict.fromkeys(ids) if i in self._files])

    def _pictures(self, parts: Sequence[ImageFileContent | ImageUrlContent]) -> list[Image]:
        found = [
            self._load_image(part.image_file.file_id)
            if isinstance(part, ImageFileContent)
            else from_data_url(part.image_url.url)
            for part in parts
        ]
        return [image for image in found if image is not None]

    def _images(self, ids: Sequence[str]) -> list[Image]:
        return [image for image in map(self._load_image, ids) if image is not None]


def _fit(
    turns: list[list[HistoryEntry]], budget: int
) -> tuple[list[list[HistoryEntry]], list[int]]:
    """Drop turns from the middle until the rest fits; the first and the newest two stay."""
    costs = [sum(map(_cost, turn)) for turn in turns]
    dropped: list[int] = []
    total = sum(costs)
    for i in range(1, max(1, len(turns) - KEEP_TURNS)):
        if total <= budget:
            break
        dropped.append(i)
        total -= costs[i]
    kept = [turn for i, turn in enumerate(turns) if i not in set(dropped)]
    if dropped and kept:
        kept[0] = [*kept[0], Said("user", f"[{len(dropped)} earlier turns left out]")]
    return kept, dropped


def _whole_calls(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Leave out calls without an answer and answers without a call: endpoints refuse both."""
    called = {entry.call_id for entry in entries if isinstance(entry, Called)}
    answered = {entry.call_id for entry in entries if isinstance(entry, Answered)}
    both = called & answered
    return [e for e in entries if isinstance(e, Said | Thought) or e.call_id in both]


def _cost(entry: HistoryEntry) -> int:
    match entry:
        case Said():
            return 4 + estimate(entry.text) + IMAGE_TOKENS * len(entry.images)
        case Called():
            return 8 + estimate(entry.name) + estimate(entry.arguments)
        case Answered():
            return 4 + estimate(entry.output) + IMAGE_TOKENS * len(entry.images)
        case Thought():
            # Sealed: about as long as its letters, four to a token.
            return len(str(entry.extras)) // 4
