"""The last cell that failed, for ``%assistant fix``."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from typing import Any

MAX_LINES = 60
MAX_CHARACTERS = 8_000

_OURS = ("%%assistant", "%assistant")
_FRAMES_OF_IPYTHON = ("/IPython/core/", "/ipykernel/", "\\IPython\\core\\", "\\ipykernel\\")


@dataclass(frozen=True)
class Failure:
    """A cell and how it failed."""

    source: str
    error: str


class Failures:
    """Watches the cells of a shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._last: Failure | None = None
        shell.events.register("post_run_cell", self._remember)

    def close(self) -> None:
        """Stop watching."""
        self._shell.events.unregister("post_run_cell", self._remember)

    @property
    def last(self) -> Failure | None:
        """The last failure, also of a cell that ran before this watched."""
        return self._last or self._from_history()

    def _remember(self, result: Any) -> None:
        info = getattr(result, "info", None)
        # The model's own code runs as a cell as well, but without storing history.
        if info is None or not info.store_history:
            return
        source = str(info.raw_cell)
        error = result.error_before_exec or result.error_in_exec
        if error is not None and not source.lstrip().startswith(_OURS):
            self._last = Failure(source, error_text(error))

    def _from_history(self) -> Failure | None:
        error = getattr(sys, "last_value", None)
        cells = [each for each in self._shell.user_ns.get("In", [])[:-1] if each.strip()]
        cells = [each for each in cells if not each.lstrip().startswith((*_OURS, "%load_ext"))]
        if not isinstance(error, BaseException) or not cells:
            return None
        return Failure(str(cells[-1]), error_text(error))


def error_text(error: BaseException) -> str:
    """Return a traceback without the frames of IPython, at most 60 lines of it."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=False)
    frames = [f for f in whole.stack if not any(part in f.filename for part in _FRAMES_OF_IPYTHON)]
    whole.stack = traceback.StackSummary.from_list(frames)
    lines = "".join(whole.format()).rstrip().splitlines()
    if len(lines) > MAX_LINES:
        half = MAX_LINES // 2
        lines = [*lines[:half], "…", *lines[-half:]]
    return "\n".join(lines)[-MAX_CHARACTERS:]
