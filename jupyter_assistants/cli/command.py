"""What the groups of commands share: their signature, and how they print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.tables import newest_objects, plain_table

Command = Callable[[Client, argparse.Namespace], Awaitable[int]]
"""Runs with the parsed arguments and returns the exit status."""


class AddCommand(Protocol):
    """Adds a command to the command line and returns its parser, for its arguments."""

    def __call__(self, name: str, run: Command, help: str) -> argparse.ArgumentParser:
        """Add a command."""


def print_result(arguments: argparse.Namespace, result: Any, text: str) -> None:
    """Print a result as JSON with ``--json``, and as text otherwise."""
    print(json.dumps(result, indent=1) if arguments.json else text)


def list_command(path: str, columns: Sequence[str], row: Callable[[Json], list[str]]) -> Command:
    """Return a command that lists the newest objects at a path."""

    async def run(client: Client, arguments: argparse.Namespace) -> int:
        items = await newest_objects(client, path)
        table = plain_table(columns, [row(item) for item in items], "Nothing yet.")
        print_result(arguments, items, table)
        return 0

    return run


def print_progress(text: str) -> None:
    """Print a piece of text to standard error at once."""
    sys.stderr.write(text)
    sys.stderr.flush()
