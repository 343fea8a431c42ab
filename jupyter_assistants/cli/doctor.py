"""``jupyter assistants doctor``: whether everything works, and what to do if not."""

from __future__ import annotations

import argparse
import sys

from jupyter_assistants.cli.command import AddCommand, print_result
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.doctor import examine, failed, report_text
from jupyter_assistants.client.text import plain


def add_commands(add: AddCommand) -> None:
    """Add the command ``doctor``."""
    doctor = add("doctor", _doctor, "check whether everything works, and what to do if not")
    doctor.add_argument("--ask", action="store_true", help="ask the default model for real")
    doctor.add_argument("--no-kernel", action="store_true", help="do not start a kernel")
    doctor.add_argument("--no-files", action="store_true", help="do not read all stored files")


async def _doctor(client: Client, arguments: argparse.Namespace) -> int:
    if not arguments.json:
        print("Checking; a kernel takes a few seconds …", file=sys.stderr)
    report = await examine(
        client,
        arguments.why,
        kernel=not arguments.no_kernel,
        model=arguments.ask,
        files=not arguments.no_files,
    )
    print_result(arguments, report, plain(report_text(report)))
    return 1 if failed(report) else 0
