"""What a word of ``%assistant`` is."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State

Command = Callable[[State, str], Coroutine[Any, Any, list[Block]]]
Completes = Literal["assistants", "threads", "models", "files"]


@dataclass(frozen=True)
class Word:
    """One word of ``%assistant``.

    Parameters
    ----------
    command
        Does it with the rest of the line, and gives what is shown.
    usage, help
        The line of ``%assistant help``.
    completes
        Of what kind the arguments are, for Tab.
    choices
        Arguments that Tab offers as they are.
    parser
        Gives the parser of its options, for Tab.
    here
        Whether it works with the kernel's variables, and so on the kernel's own event loop.
    cell
        Whether it goes on as a cell does: it waits for a model, or runs code.
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
