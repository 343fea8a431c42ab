"""A gate at which code of another process waits until a test lets it go on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from support.waiting import LONG, eventually, until


class Gate:
    """Two files: whoever waits creates the first, and goes on once the second is there."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="gate-"))
        self._begun, self.path = folder / "begun", folder / "open"
        self.touch = f"__import__('pathlib').Path({str(self._begun)!r}).touch()"
        """An expression of Python that says that the code has begun."""
        self.wait = self.wait_with("time.sleep(0.01)")
        """Statements of Python that say it, and then wait until the gate is open."""
        self.touch_in_shell = f"touch {self._begun}"

    def wait_with(self, pause: str) -> str:
        """Return statements that wait by this statement."""
        is_open = f"os.path.exists({str(self.path)!r})"
        return f"import os, time\n{self.touch}\nwhile not {is_open}: {pause}"

    @property
    def is_begun(self) -> bool:
        return self._begun.exists()

    async def begun(self) -> None:
        """Wait until the code has begun."""
        await eventually(self._begun.exists)

    def until_begun(self, seconds: float = LONG) -> None:
        """Wait until the code has begun, where there is no event loop."""
        until(self._begun.exists, seconds=seconds)

    def open(self) -> None:
        """Let the code go on."""
        self.path.touch()
