"""The hook for what nested code shows in a terminal, where there are no messages."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_assistants.ipython.output_capture import OutputCapture, is_own_output, replaced


class TerminalOutputHook:
    """Feeds a capture with what nested code shows in a terminal.

    Parameters
    ----------
    live
        Also print it as it comes.
    """

    def __init__(self, shell: Any, capture: OutputCapture, live: bool) -> None:
        self._shell = shell
        self._capture = capture
        self._live = live
        self._stdout, self._stderr = sys.stdout, sys.stderr
        self._publish = shell.display_pub.publish

    @contextmanager
    def open(self) -> Iterator[None]:
        """Capture what is shown inside the block."""
        shell, hook = self._shell, self._shell.displayhook
        decoration = {"write_output_prompt": _nothing, "finish_displayhook": _nothing}
        with (
            replaced(sys, stdout=_Stream("stdout", self), stderr=_Stream("stderr", self)),
            replaced(shell.display_pub, publish=self._published, clear_output=self._cleared),
            replaced(shell, _showtraceback=self._failed),
            replaced(hook, write_format_data=self._resulted, **decoration),
        ):
            pager = shell.hooks["show_in_pager"]
            # A real pager would wait for keys.
            shell.hooks["show_in_pager"] = self._paged
            try:
                yield
            finally:
                shell.hooks["show_in_pager"] = pager

    def write(self, name: str, text: str) -> None:
        """Capture what goes to ``stdout`` or ``stderr``."""
        if is_own_output():
            self._echo(name, text)
        else:
            self._capture_output("stream", {"name": name, "text": text}, text)

    def _published(self, data: Any, metadata: Any = None, **more: Any) -> None:
        plain = str(data.get("text/plain", "")) + "\n"
        if is_own_output():
            self._echo("stdout", plain)
            return
        kind = "update_display_data" if more.get("update") else "display_data"
        transient = more.get("transient") or {}
        self._capture_output(
            kind, {"data": data, "metadata": metadata, "transient": transient}, plain
        )

    def _resulted(self, data: Any, metadata: Any = None) -> None:
        count = self._shell.displayhook.prompt_count
        content = {"data": data, "metadata": metadata, "execution_count": count}
        self._capture_output("execute_result", content, str(data.get("text/plain", "")) + "\n")

    def _paged(self, text: Any, **_: Any) -> None:
        data = text if isinstance(text, dict) else {"text/plain": str(text)}
        self._capture_output("display_data", {"data": data}, str(data.get("text/plain", "")) + "\n")

    def _failed(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        content = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        self._capture_output("error", content, "\n".join(stb) + "\n")

    def _cleared(self, wait: bool = False) -> None:
        self._capture.add("clear_output", {"wait": wait})

    def _capture_output(self, kind: str, content: dict[str, Any], plain: str) -> None:
        self._capture.add(kind, content)
        if self._live:
            self._echo("stderr" if content.get("name") == "stderr" else "stdout", plain)

    def _echo(self, name: str, text: str) -> None:
        stream = self._stderr if name == "stderr" else self._stdout
        stream.write(text)
        stream.flush()


class _Stream(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr``; reports whole lines, and what is flushed."""

    def __init__(self, name: str, hook: TerminalOutputHook) -> None:
        self.name = name
        self._hook = hook
        self._line = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._line += text
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._line = self._line, ""
        if text:
            self._hook.write(self.name, text)


def _nothing() -> None:
    """Stand for the decoration around a result."""
