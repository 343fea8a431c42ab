"""The hook for what nested code shows in a kernel.

The code gets a parent message id of its own, and ``session.send`` is replaced meanwhile: what goes
out under that id belongs to the code, from whichever thread it comes, and what the assistant itself
shows in the same cell does not. The hooks of ipykernel would miss what other threads show.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_assistants.ipython.output_capture import (
    OutputCapture,
    flush_streams,
    folded_error,
    is_own_output,
    replaced,
)

_SHOWN = ("stream", "display_data", "execute_result", "update_display_data", "error")


class KernelOutputHook:
    """Feeds a capture with what nested code shows in a kernel.

    Parameters
    ----------
    live
        Also show it in the cell as it comes. A traceback is then shown folded, as a display: an
        error that the model goes on to correct must not fail a headless run.
    """

    def __init__(self, shell: Any, capture: OutputCapture, live: bool) -> None:
        self._shell = shell
        self._capture = capture
        self._live = live
        self._session = shell.kernel.session
        self._send = self._session.send
        self._request = shell.get_parent()
        self._id = f"{self._request['header']['msg_id']}_{os.urandom(8).hex()}"
        self._output_widget = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """Capture what is shown inside the block."""
        header = {**self._request["header"], "msg_id": self._id}
        nested = {**self._request, "header": header, "msg_id": self._id}
        flush_streams()  # what was printed before belongs to the cell
        with replaced(self._session, send=self._sending):
            self._set_parent(nested)
            try:
                yield
            finally:
                flush_streams()
                self._set_parent(self._request)

    def _set_parent(self, request: dict[str, Any]) -> None:
        self._shell.set_parent(request)
        # Up to 7.0 threads do not take the shell's parent but one of their own.
        of_threads = getattr(self._shell.kernel, "_associate_new_top_level_threads_with", None)
        if of_threads is not None:
            of_threads(request["header"])

    def _sending(
        self,
        stream: Any,
        message: Any,
        content: dict[str, Any] | None = None,
        parent: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Stand for ``Session.send``."""
        whole = message if isinstance(message, dict) else None
        kind = whole["header"]["msg_type"] if whole else message
        content = whole["content"] if whole else content
        above: dict[str, Any] = (whole["parent_header"] if whole else parent) or {}
        if kind in ("comm_msg", "comm_open"):
            self._follow_output_widget(content or {})
        elif above.get("header", above).get("msg_id") == self._id:
            if self._captures(kind, content or {}):
                return message
            parent = self._request
            if whole:
                message = {**whole, "parent_header": self._request["header"]}
            if kind == "error":
                # live, or inside a widget: never as an error of the cell
                message, whole, content = "display_data", None, folded_error(content or {})
        return self._send(stream, message, None if whole else content, parent, *args, **kwargs)

    def _captures(self, kind: str, content: dict[str, Any]) -> bool:
        capture = self._capture
        if self._output_widget or is_own_output():
            return False
        if kind == "update_display_data" and not capture.knows(content):
            return False  # it changes what an earlier cell has shown
        if kind == "clear_output":
            capture.add(kind, content)
            return True  # in the cell it would wipe the assistant's text as well
        if kind not in _SHOWN:
            return False
        capture.add(kind, content)
        return not self._live

    def _follow_output_widget(self, content: dict[str, Any]) -> None:
        """Route into an Output widget, which names the parent id that it wants."""
        state = (content.get("data") or {}).get("state") or {}
        if "msg_id" not in state:
            return
        self._output_widget = bool(state["msg_id"])
        if state["msg_id"] == self._id:
            state["msg_id"] = self._request["header"]["msg_id"]
