"""Errors of a cell, shown as one readable line instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_assistants.protocol.errors import AssistantsError


class AssistantError(AssistantsError):
    """An error of a cell. It fails the cell, also under nbconvert and papermill."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return [f"AssistantError: {self.message}"]


@contextmanager
def readable() -> Iterator[None]:
    """Convert errors of the service into errors that IPython shows as one line."""
    try:
        yield
    except AssistantError:
        raise
    except AssistantsError as error:
        raise AssistantError(error.message, param=error.param, code=error.code) from None


def stopped(message: str) -> KeyboardInterrupt:
    """Return a KeyboardInterrupt that shows as one line."""
    error = KeyboardInterrupt(message)
    error._render_traceback_ = lambda: [f"KeyboardInterrupt: {message}"]  # type: ignore[attr-defined]
    return error
