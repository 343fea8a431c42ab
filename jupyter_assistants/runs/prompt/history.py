"""A thread's history as models read it.

The thread itself is never changed; :mod:`.truncation` decides what of it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
    Reasoning,
)
from jupyter_assistants.models.notebook_block import wrap_context
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import (
    IMAGE_SCHEMES,
    ImageFileContent,
    ImageUrlContent,
    Message,
    RefusalContent,
    TextContent,
)
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.runs.prompt.image_size import MESSAGE_SIDE, OUTPUT_SIDE, shrunk
from jupyter_assistants.runs.prompt.images import from_data_url, is_data_url
from jupyter_assistants.runs.prompt.truncation import Entry, cost, dropped, truncate

LoadImage = Callable[[str], Image | None]

LONGEST_URL = 500
IMAGES_OF_ONE_STEP = 2

# Stands for an image that is not shown any more, so that nobody reads its bytes.
_UNREAD = Image(b"", "")


@dataclass(frozen=True)
class ShownHistory:
    """The part of a thread that the model sees.

    Parameters
    ----------
    history
        The entries in order.
    seen
        For people, for example ``34 of 61 messages``.
    tokens
        An estimate of their size.
    state
        How far the thread is truncated now.
    dropped
        The entries of the turns that were dropped just now.
    cuts
        Of each message that is shown without its middle: the characters left out, and all it has.
    unseen_images
        How many images of the newest messages the model is not shown, because it has no vision.
    """

    history: Sequence[HistoryEntry]
    seen: str
    tokens: int
    state: Truncation
    dropped: Sequence[HistoryEntry] = ()
    cuts: Sequence[tuple[int, int]] = ()
    unseen_images: int = 0


def size_of(count: int) -> str:
    """Return a number of bytes for people: ``15 kB``."""
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= step:
            return f"{count / step:.0f} {unit}"
    return f"{count} B"


def attached_lines(files: Sequence[tuple[str, File]]) -> list[str]:
    """Return the line of each attached file, which has its path for code."""
    return [f"- {path} ({size_of(file.bytes)}, id {file.id})" for path, file in files]


def show_history(
    history: Sequence[Message | Item],
    *,
    files: Mapping[str, tuple[str, File]],
    loose: Sequence[str],
    load_image: LoadImage,
    vision: bool,
    budget: int,
    state: Truncation,
    last_messages: int | None = None,
) -> ShownHistory:
    """Return the part of a thread's history that fits into ``budget`` tokens.

    Parameters
    ----------
    files
        Path for code and File, by file id.
    loose
        Ids of files that no message attaches; the first user message tells of them.
    state
        How far the thread was truncated by the prompt before.
    last_messages
        Only so many of the newest messages (and what belongs to them).
    """
    total = sum(isinstance(entry, Message) for entry in history)
    chosen = history if last_messages is None else _newest(history, last_messages)
    elsewhere = [i for entry in history[: len(history) - len(chosen)] for i in _attached_to(entry)]
    first = sorted({*loose, *(i for i in elsewhere if i in files)})
    project = _Projection(files, first, load_image, vision, frozenset(state.blind))
    entries = _whole_calls([entry for each in chosen for entry in project(each)])
    shown, after = truncate(entries, state, budget)
    gone = [entry.part for entry in dropped(entries, state, after)]
    seen = sum(entry.message for entry in shown)
    tokens = sum(cost(entry.part) for entry in shown)
    return ShownHistory(
        _joined(shown),
        f"{seen} of {total} messages",
        tokens,
        after,
        gone,
        cuts=_cuts(entries, shown, after),
        unseen_images=0 if vision else _newest_images(history),
    )


def _cuts(
    entries: Sequence[Entry], shown: Sequence[Entry], state: Truncation
) -> list[tuple[int, int]]:
    whole = {entry.id: entry.part for entry in entries if entry.message and entry.id in state.cuts}
    found: list[tuple[int, int]] = []
    for entry in shown:
        before = whole.get(entry.id)
        if isinstance(before, HistoryMessage) and isinstance(entry.part, HistoryMessage):
            missing = len(before.text) - len(entry.part.text)
            found += [(missing, len(before.text))] if missing > 0 else []
    return found


def _newest_images(history: Sequence[Message | Item]) -> int:
    """Count the images in the messages of the user since the last answer."""
    count = 0
    for entry in reversed(history):
        if isinstance(entry, Message):
            if entry.role == "assistant":
                break
            pictures = (ImageFileContent, ImageUrlContent)
            count += sum(isinstance(part, pictures) for part in entry.content)
    return count


def _newest(history: Sequence[Message | Item], count: int) -> Sequence[Message | Item]:
    messages = [i for i, entry in enumerate(history) if isinstance(entry, Message)]
    return history[messages[-count] if len(messages) > count else 0 :]


def _attached_to(entry: Message | Item) -> list[str]:
    return [a.file_id for a in entry.attachments or []] if isinstance(entry, Message) else []


def _joined(entries: Sequence[Entry]) -> list[HistoryEntry]:
    """Return the parts, each block of context at the beginning of the message that it belongs to.

    The question comes last: what stands nearest to the answer weighs most.
    """
    parts: list[HistoryEntry] = []
    for entry in entries:
        before = parts[-1] if parts else None
        if not entry.context or not isinstance(entry.part, HistoryMessage):
            parts.append(entry.part)
        elif entry.part.text and isinstance(before, HistoryMessage) and before.role == "user":
            block = wrap_context(entry.part.text)
            parts[-1] = replace(before, text=f"{block}\n\n{before.text}")
    return parts


class _Projection:
    def __init__(
        self,
        files: Mapping[str, tuple[str, File]],
        loose: list[str],
        load_image: LoadImage,
        vision: bool,
        blind: frozenset[str],
    ) -> None:
        self._files = files
        self._loose = loose
        self._load_image = load_image
        self._vision = vision
        self._blind = blind
        self._names: dict[str, str] = {}

    def __call__(self, entry: Message | Item) -> list[Entry]:
        if isinstance(entry, Message):
            return self._message(entry)
        match entry.type:
            case "function_call":
                self._names[entry.call_id] = entry.name
                part = FunctionCall(entry.call_id, entry.name, entry.arguments, entry.extras)
                return [Entry(entry.id, part)]
            case "reasoning":
                return [Entry(entry.id, Reasoning(entry.extras))]
            case "context":
                return [_context_entry(entry)]
            case "function_call_output":
                answer = FunctionOutput(entry.call_id, entry.output, self._output_images(entry))
                return [Entry(entry.id, answer, again=self._again(entry))]

    def _message(self, message: Message) -> list[Entry]:
        said = self._said(message)
        listing: tuple[str, ...] = ()
        if message.role == "user":
            listing = tuple(self._attached(message))
            block = "\n\n[attached files]\n" + "\n".join(listing) if listing else ""
            said = replace(said, text=said.text + block)
        if not said.text and not said.images:
            return []
        return [Entry(message.id, said, message=True, listing=listing)]

    def _output_images(self, output: Item) -> list[Image]:
        ids = output.image_file_ids[-IMAGES_OF_ONE_STEP:] if self._vision else []
        if output.id in self._blind:
            return [_UNREAD] * len(ids)
        return self._images(ids)

    def _again(self, output: Item) -> str:
        """Return how the model gets an output back that is not shown any more."""
        if output.kept_at:
            return f"run the code again or read {output.kept_at}"
        name = self._names.get(output.call_id, "the function")
        return "run the code again" if name == "run_python" else f"call {name} again"

    def _said(self, message: Message) -> HistoryMessage:
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
                case ImageUrlContent() if not part.image_url.url.lower().startswith(IMAGE_SCHEMES):
                    # Stored by an earlier version or imported: not even its text goes to a model.
                    texts.append("[an image that is not loaded]")
                case ImageUrlContent():
                    texts.append(f"[image at {part.image_url.url[:LONGEST_URL]}, not loaded]")
                case RefusalContent():
                    texts.append(part.refusal)
        if message.role == "assistant":
            return HistoryMessage("assistant", "\n".join(texts))
        images, note = self._sight(message, pictures)
        return HistoryMessage("user", "\n".join([*texts, note] if note else texts), images)

    def _sight(
        self, message: Message, parts: Sequence[ImageFileContent | ImageUrlContent]
    ) -> tuple[list[Image], str]:
        """Return the images of a message that the model sees, and a note on the others."""
        if not self._vision:
            return [], f"[{len(parts)} image(s) that this model cannot see]" if parts else ""
        if message.id in self._blind:
            return [_UNREAD] * len(parts), ""
        images = self._pictures(parts)
        lost = len(parts) - len(images)
        note = f"[{lost} image(s) that could not be read: not PNG, JPEG, GIF or WebP]"
        return images, note if lost else ""

    def _attached(self, message: Message) -> list[str]:
        ids, self._loose = self._loose + _attached_to(message), []
        return attached_lines([self._files[i] for i in dict.fromkeys(ids) if i in self._files])

    def _pictures(self, parts: Sequence[ImageFileContent | ImageUrlContent]) -> list[Image]:
        found = [
            self._load_image(part.image_file.file_id)
            if isinstance(part, ImageFileContent)
            else from_data_url(part.image_url.url)
            for part in parts
        ]
        return _small(found, MESSAGE_SIDE)

    def _images(self, ids: Sequence[str]) -> list[Image]:
        return _small(map(self._load_image, ids), OUTPUT_SIDE)


def _context_entry(item: Item) -> Entry:
    whole = HistoryMessage("user", item.output)
    if item.changes is None:
        return Entry(item.id, whole, context=True)
    changes = HistoryMessage("user", item.changes)
    return Entry(item.id, changes, context=True, base=item.base, whole=whole)


def _small(images: Iterable[Image | None], side: int) -> list[Image]:
    smaller = (shrunk(image, side) for image in images if image is not None)
    return [image for image in smaller if image is not None]


def _whole_calls(entries: Sequence[Entry]) -> list[Entry]:
    """Remove calls without an output and outputs without a call: endpoints refuse both."""
    called = {e.part.call_id for e in entries if isinstance(e.part, FunctionCall)}
    answered = {e.part.call_id for e in entries if isinstance(e.part, FunctionOutput)}
    both = called & answered
    return [
        e
        for e in entries
        if not isinstance(e.part, FunctionCall | FunctionOutput) or e.part.call_id in both
    ]
