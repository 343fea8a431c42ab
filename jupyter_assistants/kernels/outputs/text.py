"""Outputs as text: what the model gets, and what a terminal would show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from jupyter_assistants.kernels.outputs.images import image_of, placeholder
from jupyter_assistants.kernels.outputs.merge import left_out
from jupyter_assistants.kernels.outputs.select import Output, joined
from jupyter_assistants.kernels.tables import MAX_ROWS, MAX_TABLE
from jupyter_assistants.kernels.tables import MIME as TABLE

MAX_MODEL_TEXT = 8_000
"""Characters of one execution's outputs that a model gets."""
MAX_TRACEBACK = 2_500

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_FRAME = re.compile(r"(?m)^(?=Cell In ?\[|Input In ?\[|File \S)")
_LIBRARY = re.compile(
    r"^File .*?(site-packages|dist-packages|lib/python3|\\lib\\|<frozen|\.pyx:|\.pxi:)", re.I
)
# Where text/plain is only the name of an object that shows itself in another way.
_BARE_REPR = re.compile(r"<[\w.][^\n]*>\s*")


def without_ansi(text: str) -> str:
    """Return text without colours and cursor movements."""
    return _ANSI.sub("", text)


def as_terminal(text: str) -> str:
    """Return what a terminal would show: later text on a line over earlier, no colours."""
    text = without_ansi(text).replace("\r\n", "\n")
    if "\x08" in text:
        text = _backspaced(text)
    if "\r" not in text:
        return text
    return "\n".join(_overwritten(line) for line in text.split("\n"))


def _backspaced(text: str) -> str:
    shown: list[str] = []
    for character in text:
        if character != "\x08":
            shown.append(character)
        elif shown and shown[-1] != "\n":
            shown.pop()
    return "".join(shown)


def _overwritten(line: str) -> str:
    # From the last part, of which everything shows, so that no character is copied twice: a hostile
    # line is all carriage returns.
    shown: list[str] = []
    length = 0
    for part in reversed(line.split("\r")):
        if len(part) > length:
            shown.append(part[length:])
            length = len(part)
    return "".join(shown)


def logs_text(outputs: Sequence[Output]) -> str:
    """Return the API's ``logs``: what a terminal would show, without images."""
    pieces = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            pieces.append(as_terminal(joined(output["text"])))
        elif kind == "error":
            lines = output["traceback"] or [_last_line(output)]
            pieces.append(without_ansi("\n".join(lines)))
        elif image_of(output["data"]) is None:
            pieces.append(_plain(output["data"]))
    return _on_own_lines(pieces)


class LogLines:
    """The logs of consecutive outputs: each display begins a line of its own, and so does what follows it."""

    def __init__(self) -> None:
        self._is_open = False
        self._was_stream = True

    def separated(self, text: str, output: Output) -> str:
        """Return the text of the next output, after a line break if the one before needs it."""
        if not text:
            return ""
        is_stream = output["output_type"] == "stream"
        # A stream goes on where the one before it ended, as in a terminal.
        needs_break = self._is_open and not (is_stream and self._was_stream)
        self._is_open, self._was_stream = not text.endswith("\n"), is_stream
        return f"\n{text}" if needs_break else text


def model_text(outputs: Sequence[Output], note: str = "", limit: int = MAX_MODEL_TEXT) -> str:
    """Return the text that a model gets for one execution.

    Images are placeholders, HTML is never there, tracebacks show their own code's frames, and of
    more than ``limit`` characters the first 60 % and the last 40 % stay. The note stays whole.
    """
    pieces = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            pieces.append(as_terminal(joined(output["text"])))
        elif kind == "error":
            pieces.append(traceback_text(output))
        else:
            pieces.append(_display(output))
    body = shortened(_on_own_lines(pieces).rstrip(), limit)
    return "\n".join(part for part in [body or "(no output)", note] if part)


def shortened(text: str, limit: int) -> str:
    """Return the first 60 % and the last 40 % of a text that is too long."""
    if len(text) <= limit:
        return text
    head = limit * 6 // 10
    tail = limit - head
    return f"{text[:head]}\n{left_out(len(text) - limit)}\n{text[-tail:]}"


def _on_own_lines(pieces: Sequence[str]) -> str:
    text = ""
    for piece in pieces:
        if text and piece and not text.endswith("\n"):
            text += "\n"
        text += piece
    return text


def without_tables(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs without the texts that only models read."""
    return [
        {**o, "data": {m: v for m, v in o["data"].items() if m != TABLE}}
        if TABLE in (o.get("data") or ())
        else o
        for o in outputs
    ]


def _display(output: Output) -> str:
    data = output["data"]
    image = image_of(data)
    table = without_ansi(joined(data.get(TABLE))).strip()
    if table:
        return shortened(table, MAX_TABLE)
    if image is None:
        return _short_table(data)
    plain = _plain(data) if "text/plain" in data else ""
    caption = "" if _BARE_REPR.fullmatch(plain) else plain
    return _on_own_lines([caption, placeholder(*image)])


def _plain(data: dict[str, object]) -> str:
    for mime in ("text/plain", "text/markdown", "text/latex"):
        if mime in data:
            return without_ansi(joined(data[mime]))
    kinds = ", ".join(sorted(data))
    return f"[output of type {kinds}]" if kinds else ""


def _short_table(data: dict[str, object]) -> str:
    """Return a display's text; of a long data frame the first and the last rows."""
    text = _plain(data)
    if "<table" not in joined(data.get("text/html")):
        return text
    lines = text.split("\n")
    # A table that is too wide comes in blocks, which only the general limit can cut.
    if len(lines) <= MAX_ROWS + 4 or any(line.endswith("\\") for line in lines):
        return text
    half = MAX_ROWS // 2
    count = len(lines) - 1 - 2 * half
    return "\n".join([*lines[: 1 + half], f"[… {count} rows left out …]", *lines[-half:]])


def traceback_text(output: Output) -> str:
    """Return the frames of one's own code and the exception, without those of libraries."""
    text = without_ansi("\n".join(output["traceback"])).strip()
    _, *frames = _FRAME.split(text)
    if not frames:
        return shortened(text or _last_line(output), MAX_TRACEBACK)
    end = frames[-1].rfind(f"\n{output['ename']}")
    if end < 0:
        exception = _last_line(output)
    else:
        frames[-1], exception = frames[-1][:end], frames[-1][end:]
    exception = shortened(exception.strip(), MAX_TRACEBACK // 2)
    lines = _own_frames(frames)
    room = MAX_TRACEBACK - len(exception) - 1
    shown = "\n".join(lines)
    if len(shown) > room:
        shown = f"[… earlier frames left out …]\n{shown[len(shown) - room + 40 :]}"
    return f"{shown}\n{exception}"


def _own_frames(frames: Sequence[str]) -> list[str]:
    lines: list[str] = []
    shown = ("" if _LIBRARY.match(frame) else frame.rstrip() for frame in frames)
    for frame, repeated in groupby(shown):
        count = len(list(repeated))
        if not frame:
            lines.append(f"[frames in libraries: {count}]")
            continue
        lines.append(frame)
        if count > 1:
            lines.append(f"[the same frame again: {count - 1} times]")
    return lines


def _last_line(output: Output) -> str:
    return f"{output['ename']}: {without_ansi(output['evalue'])}".rstrip(": ")
