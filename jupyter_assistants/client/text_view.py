"""Transcripts printed as they grow, for terminals and the command line.

Nothing that was printed is changed, so only what is new is written: the text of an answer as it
arrives, code once it is complete, and outputs once they exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jupyter_assistants.client.call_progress import CallProgress, call_changes, language_name
from jupyter_assistants.client.citations import file_names_of, sources_by_mark
from jupyter_assistants.client.passages import search_text
from jupyter_assistants.client.text import plain, with_bars, with_controls_named
from jupyter_assistants.kernels.outputs import logs_text
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, View

Write = Callable[[str], object]


class TextView:
    """Writes the difference between a view and the one before.

    Parameters
    ----------
    write
        Called with pieces of text.
    outputs
        Whether to write the outputs of code; False where they were shown as the code ran.
    """

    def __init__(self, write: Write, *, outputs: bool = True) -> None:
        self._write = write
        self._outputs = outputs
        self._written: dict[str, str] = {}
        self._code: set[str] = set()
        self._results: set[str] = set()
        self._open: str | None = None

    def show(self, view: View, progress: Mapping[str, CallProgress] | None = None) -> None:
        """Write everything that the view before did not have."""
        names = file_names_of(view)
        for entry in view.entries:
            if isinstance(entry, MessageEntry):
                self._message(entry, names)
            elif entry.kind == "file_search":
                self._search(entry)
            else:
                self._call(entry, (progress or {}).get(entry.id))

    def close(self) -> None:
        """End the line that is being written."""
        if self._open is not None:
            self._write("\n")
            self._open = None

    def _message(self, entry: MessageEntry, names: Mapping[str, str]) -> None:
        text = plain(with_controls_named(entry.text))
        written = self._written.get(entry.id, "")
        if text != written:
            continues = text.startswith(written)
            if self._open != entry.id or not continues:
                self.close()
                self._open = entry.id
            # A terminal keeps what it has shown, so words that were changed are written again.
            self._write(text[len(written) :] if continues else text)
            self._written[entry.id] = text
        if entry.status != "in_progress" and self._open == entry.id:
            self.close()
            if sources := sources_by_mark(entry, names):
                self._write(f"\n{sources}\n")

    def _search(self, entry: CallEntry) -> None:
        if entry.status == "in_progress" or entry.id in self._results:
            return
        self._results.add(entry.id)
        self.close()
        self._write(f"\n{search_text(entry)}\n\n")

    def _call(self, entry: CallEntry, progress: CallProgress | None) -> None:
        finished = entry.status != "in_progress"
        if (finished or progress is not None) and entry.id not in self._code:
            self._code.add(entry.id)
            self.close()
            is_code = entry.kind == "code_interpreter"
            name = language_name(entry) if is_code else plain(entry.name or entry.kind)
            self._write(f"\n{name}:\n{with_bars(plain(entry.code))}\n")
        if finished and entry.id not in self._results:
            self._results.add(entry.id)
            self._result(entry, progress)

    def _result(self, entry: CallEntry, progress: CallProgress | None) -> None:
        text = plain(logs_text(entry.outputs)).rstrip() if self._outputs else ""
        note = plain(entry.note or entry.error or "")
        if entry.result == "rejected":
            note = f"Rejected{f': {note}' if note else ''}"
        for part in filter(None, [text, note, call_changes(entry, progress)]):
            self._write(f"{part}\n")
        self._write("\n")
