"""The declaration of a word of ``%assistant``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.shell_state import ShellState

Command = Callable[[ShellState, str], Coroutine[Any, Any, list[DisplayBlock]]]
Completes = Literal["assistants", "threads", "models", "files"]


@dataclass(frozen=True)
class MagicWord:
    """One word of ``%assistant``.

    Parameters
    ----------
    command
        Runs the word with the rest of the line, and returns what is shown.
    usage, help
        The line of ``%assistant help``.
    completes
        The kinds of its arguments, for Tab.
    choices
        Arguments that Tab offers literally.
    parser
        Returns the parser of its options, for Tab.
    here
        Whether it works with the kernel's variables, and so on the kernel's own event loop.
    cell
        Whether it streams like a cell: it waits for a model, or runs code.
    """

    name: str
    usage: str
    help: str
    command: Command
    completes: tuple[Completes, ...] = ()
    choices: tuple[str, ...] = ()
    parser: Callable[[], argparse.ArgumentParser] | None = None
    here: bool = False
    cell: bool = False
