"""``jupyter assistants``: ask and look things up from a terminal or a script.

Code of a run is executed in a kernel that belongs to the thread, not in this process. The client is
the notebook's: a Jupyter server if one is named, otherwise the service inside this process.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from jupyter_assistants import __version__
from jupyter_assistants.cli import ask, doctor, documents, endpoints, stores, threads
from jupyter_assistants.cli.command import Command
from jupyter_assistants.client.discovery import KEY, URL, KernelIdentity, find
from jupyter_assistants.client.text import plain
from jupyter_assistants.protocol.errors import AssistantsError

GROUPS = (ask, threads, documents, endpoints, stores, doctor)
"""The modules of commands, in the order of ``--help``. Each adds its commands to the parser."""

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        return asyncio.run(_run(arguments))
    except AssistantsError as error:
        print(f"jupyter assistants: {plain(error.message)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("jupyter assistants: cancelled", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="jupyter assistants",
        description="Assistants that run Python, from the command line.",
        epilog=f"Without --url (or ${URL} and ${KEY}) everything happens in this process, on "
        "the database of your Jupyter servers.",
    )
    top.add_argument("--version", action="version", version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument("--url", default="", help=f"address of a Jupyter server (or ${URL})")
    common.add_argument("--token", default="", help=f"its token (better: ${KEY})")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, help: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=help)
        command.set_defaults(run=run)
        return command

    for group in GROUPS:
        group.add_commands(add)
    return top


async def _run(arguments: argparse.Namespace) -> int:
    chosen = await find(KernelIdentity(), url=arguments.url, token=arguments.token)
    arguments.why = chosen.why
    command: Command = arguments.run
    try:
        return await command(chosen.client, arguments)
    finally:
        await asyncio.to_thread(chosen.client.close)
