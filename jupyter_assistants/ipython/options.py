"""The options of ``%%assistant``, and parsers whose help and errors read well in a notebook."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from jupyter_assistants.client.errors import AssistantError


@dataclass
class CellOptions:
    """The options on the first line of a cell; the fields have the names of the options."""

    name: str | None = None
    model: str | None = None
    file: list[str] = field(default_factory=list)
    thread: str | None = None
    store: str | None = None
    new: bool = False
    yes: bool = False
    raw: bool = False
    output: str | None = None
    instructions: str | None = None
    timeout: float | None = None
    no_context: bool = False
    record: str | None = None
    replay: bool = False
    strict: bool = False


class WordParser(argparse.ArgumentParser):
    """A parser that fails with one line, and names what was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Raise an AssistantError with this message."""
        _, unknown, rest = message.partition("unrecognized arguments: ")
        if unknown:
            message = self._unknown(shlex.split(rest) if rest.count("'") % 2 == 0 else [rest])
        raise AssistantError(f"{message} ({self.prog}? shows the options)")

    def _unknown(self, words: Sequence[str]) -> str:
        word = next((word for word in words if word.startswith("-")), words[0])
        if not word.startswith("-"):
            return (
                f"{self.prog} takes one assistant's name; the prompt goes below this line: {word}"
            )
        near = difflib.get_close_matches(word.partition("=")[0], option_names(self), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"There is no option {word}{hint}"


def cell_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%%assistant``."""
    parser = WordParser(prog="%%assistant", add_help=False, allow_abbrev=False)
    add = parser.add_argument
    add("name", nargs="?", help="assistant to ask, by name or id (default: notebook)")
    add("-m", "--model", metavar="MODEL", help="model for this run, instead of the assistant's")
    add(
        *("-f", "--file"),
        action="append",
        default=[],
        metavar="PATH",
        help="file for the assistant; can be repeated",
    )
    add("-t", "--thread", metavar="ID", help="continue this thread in this cell")
    add("-s", "--store", metavar="NAME", help="search this store, in this cell and later ones")
    add("-n", "--new", action="store_true", help="begin a new thread, for this cell and later ones")
    add("-y", "--yes", action="store_true", help="run the assistant's code without asking")
    add("--raw", action="store_true", help="send the prompt as it is: {name} is no variable")
    add("-o", "--output", metavar="VAR", help="keep the answer in this variable")
    add("--instructions", metavar="TEXT", help="further instructions, for this run only")
    add("--no-context", action="store_true", help="tell the model nothing of the notebook")
    add(
        "--record",
        metavar="FILE",
        help="keep a recording in this file; with --replay, the file to play",
    )
    add("--replay", action="store_true", help="run the recorded code again, without a model")
    add("--strict", action="store_true", help="fail if a replay differs from its recording")
    add("--timeout", type=_seconds, metavar="SECONDS", help="cancel the run after so long")
    return parser


def parse_cell(line: str) -> CellOptions:
    """Return the options on the first line of a cell.

    Raises
    ------
    AssistantError
        If an option is unknown or wrong; the text says what to do.
    """
    options = cell_parser().parse_args(split(line), CellOptions())
    if options.new and options.thread:
        raise AssistantError("--new begins a thread and --thread continues one: use one of them")
    if options.output is not None and not options.output.isidentifier():
        raise AssistantError(f"-o {options.output}: not a name for a variable")
    return options


def split(line: str) -> list[str]:
    """Split a line into words; quotes keep spaces together.

    Raises
    ------
    AssistantError
        If a quote is not closed.
    """
    words = shlex.shlex(line, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.commenters = ""
    if os.name == "nt":
        words.escape = ""  # a backslash separates folders there
    try:
        return list(words)
    except ValueError:
        raise AssistantError(f"A quotation mark is not closed in: {line}") from None


def option_names(parser: argparse.ArgumentParser) -> list[str]:
    """Return the names of all options."""
    return [name for action in parser._actions for name in action.option_strings]


def option_lines(parser: argparse.ArgumentParser) -> str:
    """Return the options as indented lines for a docstring."""
    lines = []
    for action in parser._actions:
        names = ", ".join(action.option_strings) or str(action.dest)
        value = f" {action.metavar}" if action.option_strings and action.metavar else ""
        lines.append(f"    {names + value:<24} {action.help}")
    return "\n".join(lines)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"not a number of seconds: {text}")
    return seconds
