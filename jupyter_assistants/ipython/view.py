"""The two displays of a run: the outputs of a notebook's cell, or the lines of a terminal."""

from __future__ import annotations

from typing import Protocol

from jupyter_assistants.client.text import plain, with_bars
from jupyter_assistants.client.text_view import TextView, Write
from jupyter_assistants.ipython.display_updates import Screen
from jupyter_assistants.ipython.render import SENT_TITLE, render
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.protocol.transcript import View


class Display(Protocol):
    """Shows a run while it goes on, and its end."""

    def show(self, view: View, scene: Scene, *, now: bool = True) -> bool:
        """Show this state; without ``now`` only if an update is due. Return whether it was shown."""


class CellDisplay:
    """Shows a run as outputs of the running cell."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, view: View, scene: Scene, *, now: bool = True) -> bool:
        """Show this state."""
        if not now and not self._screen.due:
            return False
        self._screen.draw(render(view, scene))
        return True


class TerminalDisplay:
    """Prints a run as it grows."""

    def __init__(self, write: Write) -> None:
        self._write = write
        # The terminal has shown the code's outputs already, as the code ran.
        self._text = TextView(write, outputs=False)
        self._preview_shown = False

    def show(self, view: View, scene: Scene, *, now: bool = True) -> bool:
        """Print what is new, and at the end the files and the small print."""
        if scene.sent and not self._preview_shown:
            self._preview_shown = True
            self._write(f"{SENT_TITLE}:\n{with_bars(plain(scene.sent))}\n")
        self._text.show(view, scene.progress)
        if scene.ended is not None:
            self._text.close()
            self._write(f"{render(view, scene)[-1].data['text/plain']}\n")
        return True
