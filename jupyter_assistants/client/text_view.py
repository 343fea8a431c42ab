"""Prints a transcript as it grows: for terminals and for the command line.

Nothing that was printed is changed, so only what is new is written: the text of an answer as it
comes, code once it is whole, and outputs once they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jupyter_assistants.client.citations import by_mark, names_of, no_view
from jupyter_assistants.ipython import search_card
from jupyter_assistants.ipython.render import Execution, changes_line
from jupyter_assistants.ipython.untrusted import plain
from jupyter_assistants.kernels.outputs import logs_text
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, View

Write = Callable[[str], object]


class TextView:
    """Writes what is new in a view.

    Parameters
    ----------
    write
        Takes pieces of text.
    outputs
        Whether to write what code gave; not where it was shown as the code ran.
    """

    def __init__(self, write: Write, *, outputs: bool = True) -> None:
        self._write = write
        self._outputs = outputs
        self._written: dict[str, str] = {}
        self._code: set[str] = set()
        self._results: set[str] = set()
        self._open: str | None = None

    def show(self, view: View, executions: Mapping[str, Execution] | None = None) -> None:
        """Write what this view has and the one before had not."""
        names = names_of(view)
        for entry in view.entries:
            if isinstance(entry, MessageEntry):
                self._message(entry, names)
            else:
                self._call(entry, (executions or {}).get(entry.id))

    def close(self) -> None:
        """End the line that is being written."""
        if self._open is not None:
            self._write("\n")
            self._open = None

    def _message(self, entry: MessageEntry, names: Mapping[str, str]) -> None:
        text = plain(entry.text)
        written = self._written.get(entry.id, "")
        if text != written:
            goes_on = text.startswith(written)
            if self._open != entry.id or not goes_on:
                self.close()
                self._open = entry.id
            # What a terminal has shown stays there, so words that were changed are said again.
            self._write(text[len(written) :] if goes_on else text)
            self._written[entry.id] = text
        if entry.status != "in_progress" and self._open == entry.id:
            self.close()
            if sources := by_mark(entry, names):
                self._write(f"\n{sources}\n")

    def _search(self, entry: CallEntry) -> None:
        if entry.status == "in_progress" or entry.id in self._results:
            return
        self._results.add(entry.id)
        self.close()
        self._write(f"\n{search_card.bundle(entry, no_view)['text/plain']}\n\n")

    def _call(self, entry: CallEntry, execution: Execution | None) -> None:
        if entry.kind == "file_search":
            self._search(entry)
            return
        finished = entry.status != "in_progress"
        if (finished or execution is not None) and entry.id not in self._code:
            self._code.add(entry.id)
            self.close()
            name = "Python" if entry.kind == "code_interpreter" else plain(entry.name or entry.kind)
            self._write(f"\n{name}:\n{barred(plain(entry.code))}\n")
        if finished and entry.id not in self._results:
            self._results.add(entry.id)
            text = plain(logs_text(entry.outputs)).rstrip() if self._outputs else ""
            note = plain(entry.note or entry.error or "")
            if entry.result == "rejected":
                note = f"Rejected{f': {note}' if note else ''}"
            changes = (execution.changes if execution else None) or entry.changes
            for part in filter(None, [text, note, changes_line(changes)]):
                self._write(f"{part}\n")
            self._write("\n")


def barred(text: str) -> str:
    """Return a text with a bar before each line."""
    return "\n".join(f"  | {line}" for line in text.rstrip().split("\n"))
