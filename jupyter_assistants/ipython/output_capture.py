"""Capture of what nested code shows, so that the assistant's cell can show it its own way.

:class:`OutputCapture` collects and reports; the hook that feeds it differs between a kernel
(:mod:`.kernel_output_hook`) and a terminal (:mod:`.terminal_output_hook`).
"""

from __future__ import annotations

import html
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from jupyter_assistants.kernels.outputs import Output, OutputList, from_message, without_ansi
from jupyter_assistants.kernels.surrogates import escaped_inside

OnOutput = Callable[[Output], None]

_STOPPED = ("KeyboardInterrupt", "CancelledError")
_THREAD = threading.local()


@contextmanager
def own_output() -> Iterator[None]:
    """Mark what this thread shows inside the block as the cell's own, not the code's.

    ipykernel 7 needs it only in ``on_output``, where it is set already; ipykernel 6 needs it for
    what other tasks display while the code awaits.
    """
    before = is_own_output()
    _THREAD.own = True
    try:
        yield
    finally:
        _THREAD.own = before


def is_own_output() -> bool:
    """Return whether this thread shows something in the cell itself."""
    return getattr(_THREAD, "own", False)


def apply(outputs: OutputList, output: Output) -> None:
    """Fold one event that :class:`OutputCapture` reports into a list of outputs."""
    if output["output_type"] == "clear_output":
        outputs.clear(output["wait"])
    elif output["output_type"] == "update_display_data":
        outputs.update_display(output)
    else:
        outputs.add(output)


class OutputCapture:
    """Collects what code shows, in order, and reports it at once.

    Parameters
    ----------
    on_output
        Called with each nbformat output, with ``transient`` where there is a display id, and besides these
        two other kinds of ``output_type``: ``update_display_data`` and ``clear_output`` (with
        ``wait``). It is called from the thread that shows, often ipykernel's IO thread, never twice
        at the same time. What it displays is the cell's, not the code's.
    """

    def __init__(self, on_output: OnOutput) -> None:
        self.collected = OutputList()
        self.failed = False
        self.stopped = False
        self._on_output = on_output
        self._undelivered: deque[Output] = deque()
        self._delivering = threading.Lock()
        # Copied before the code gets a parent id of its own: on_output must not run under that.
        self._context = copy_context()
        self._display_ids: set[str] = set()

    def knows(self, content: dict[str, Any]) -> bool:
        """Return whether this code created the display that a message updates."""
        return (content.get("transient") or {}).get("display_id") in self._display_ids

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Collect and report what one message shows."""
        output = self._read(kind, content)
        if output is None:
            return
        self._undelivered.append(output)
        # A thread that finds the lock taken leaves its output to the holder. Waiting for the lock
        # could deadlock: showing something in on_output waits until the IO thread has flushed.
        while self._undelivered and self._delivering.acquire(blocking=False):
            self._deliver()

    def finish(self) -> None:
        """Wait until everything is collected and reported."""
        # With a timeout, because an interrupt may have struck a thread that holds the lock.
        self._delivering.acquire(timeout=5)
        self._deliver()

    def _read(self, kind: str, content: dict[str, Any]) -> Output | None:
        if kind == "clear_output":
            return {"output_type": kind, "wait": bool(content.get("wait"))}
        if kind == "error":
            # A stopped run is reported as such; its traceback says nothing more.
            if self.stopped and content["ename"] in _STOPPED:
                return None
            self.failed = True
        output = from_message(kind, content)
        if output is not None:
            # What is captured here is not packed by the kernel. Ids of displays go nowhere.
            output |= {k: escaped_inside(v) for k, v in output.items() if k != "transient"}
        if output is not None and kind == "update_display_data":
            output["output_type"] = kind
        if display_id := (content.get("transient") or {}).get("display_id"):
            self._display_ids.add(display_id)
        return output

    def _deliver(self) -> None:
        """Report what was not delivered yet; the caller holds the lock, and this releases it."""
        try:
            while self._undelivered:
                output = self._undelivered.popleft()
                apply(self.collected, output)
                self._context.run(self._report, output)
        finally:
            self._delivering.release()

    def _report(self, output: Output) -> None:
        with own_output():
            self._on_output(output)


def folded_error(error: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a display that shows a traceback folded."""
    text = without_ansi("\n".join(error["traceback"]))
    title = html.escape(f"{error['ename']}: {error['evalue']}"[:300])
    page = f"<details><summary>{title}</summary><pre>{html.escape(text)}</pre></details>"
    return {"data": {"text/html": page, "text/plain": text}, "metadata": {}, "transient": {}}


@contextmanager
def replaced(owner: Any, **attributes: Any) -> Iterator[None]:
    """Replace attributes of one object inside the block."""
    before = {name: vars(owner)[name] for name in attributes if name in vars(owner)}
    for name, value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name in attributes:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)


def flush_streams() -> None:
    """Flush what was printed."""
    sys.stdout.flush()
    sys.stderr.flush()
