"""The table that a question is about: an attached file, or a DataFrame of the kernel."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from jupyter_assistants.models.demo.grammar import read_saves, understand
from jupyter_assistants.models.demo.history import Exchange
from jupyter_assistants.models.demo.plan import Plan
from jupyter_assistants.models.demo.table_files import (
    PLAIN,
    ReadOptions,
    beginning_code,
    is_suspicious,
    kind_of,
    load_code,
    options_for,
    variable_for,
)
from jupyter_assistants.models.demo.table_profile import (
    TableProfile,
    parse_profile,
    parse_tables,
)
from jupyter_assistants.models.demo.words import Word, fold_name, plain_words
from jupyter_assistants.protocol.json_text import parse_untrusted

_BELOW = re.compile(r"(?:\w[\w.-]*/)+\w[^/\\:]*")
"""A path that stays below the folder that it starts from."""
_NEVER_NAMES = ("filler", "and", "or", "by", "it")


@dataclass(frozen=True)
class Source:
    """The table that a thread worked on before, and its files.

    Parameters
    ----------
    file
        The file of ``/mnt/data`` that is meant if no DataFrame is.
    frame
        The DataFrame that the last answer was about; empty if that was a file.
    options
        How the file was read before.
    """

    file: str = ""
    frame: str = ""
    files: tuple[str, ...] = ()
    options: ReadOptions = PLAIN

    def read(self, question: str, table: TableProfile) -> Plan:
        """Return the plan for a question; names of the files name the data."""
        stems = [name.rpartition("/")[2].split(".")[0] for name in self.files]
        return understand(question, table, [*self.files, *stems, table.variable])

    def choose(self, question: str, listing: Sequence[TableProfile]) -> TableProfile | None:
        """Return the DataFrame that is meant; None if it is none of them."""
        newest = list(reversed(listing))
        own = variable_for(self.file) if self.file and not self.frame else ""
        named = [t for t in _named_variables(question, newest) if t.variable != own]
        before = [table for table in newest if table.variable == self.frame]
        candidates = [*named, *before]
        if not self.file or self.frame:
            # Tables that the demo derived from others are meant only by their names.
            derived = [
                t for t in newest if any(t.variable.startswith(f"{o.variable}_") for o in newest)
            ]
            candidates += [table for table in newest if table not in derived] + derived
        for table in candidates:
            plan = self.read(question, table)
            if not plan.unknown and not plan.problems and (plan.wishes or plan.saves):
                return table
        return next(iter(candidates), None)


def find_source(thread: Sequence[Exchange]) -> Source:
    """Return what the newest question is about, as far as the thread says.

    A file that the question names wins, then a file that was attached with it, then what the
    thread worked on before.
    """
    source = Source()
    for exchange in thread:
        tables = tuple(name for name in exchange.files if kind_of(name))
        known = source.files + tables
        file = _named_file(exchange.question, known) or (tables[-1] if tables else "")
        if file:
            source = Source(file, "", known)
        if exchange is thread[-1]:
            break
        source = _after(source, exchange)
    if source.file:
        source = replace(source, options=_earlier_options(thread[:-1], source.file))
    return source


def _after(source: Source, exchange: Exchange) -> Source:
    """Return the source behind an exchange, which may have been about a DataFrame."""
    listings = [tables for output in exchange.outputs if (tables := parse_tables(output))]
    if not listings:
        return source
    chosen = source.choose(exchange.question, listings[-1])
    return replace(source, frame=chosen.variable) if chosen else source


def _earlier_options(thread: Sequence[Exchange], file: str) -> ReadOptions:
    """Return how the thread read a file before: the load of each exchange, done again."""
    options = PLAIN
    for exchange in thread:
        if not exchange.outputs or _first_code(exchange) != load_code(file, options):
            continue
        loading = load_file(file, exchange.question, options)
        try:
            next(loading)
            for output in exchange.outputs:
                loading.send(output)
        except StopIteration as done:
            table, _, found = done.value
            options = found if table else options
    return options


def _first_code(exchange: Exchange) -> str:
    try:
        arguments = parse_untrusted(exchange.calls[0].arguments)
    except ValueError:
        return ""
    return str(arguments.get("code", "")) if isinstance(arguments, dict) else ""


def load_file(
    file: str, question: str, options: ReadOptions = PLAIN
) -> Generator[str, str, tuple[TableProfile | None, str, ReadOptions]]:
    """Read a file; where that fails or looks wrong, look at its beginning and read it again.

    Yields code, receives its output, and returns the profile, the last output, and how the file
    was read.
    """
    kind, variable = kind_of(file), variable_for(file)
    output = yield load_code(file, options)
    table, read = parse_profile(output, variable, file), options
    if options == PLAIN and is_suspicious(table, output, kind):
        beginning = yield beginning_code(file)
        options = options_for(file, beginning, output)
    if table is not None and table.odd_names and kind not in ("csv", "tsv"):
        options = replace(options, text_names=True)
    if options != read:
        output = yield load_code(file, options)
        table = parse_profile(output, variable, file)
    return table, output, options


def _own_words(question: str) -> list[Word]:
    """Return the words of a question without those that say where to save."""
    words = plain_words(question)
    read_saves(words)
    return [word for word in words if not word.used]


def _named_file(question: str, known: Sequence[str]) -> str:
    words = _own_words(question)
    for word in words:
        path = word.text.replace("\\", "/")
        if word.kind == "file" and kind_of(path):
            name = path.rpartition("/")[2]
            attached = [file for file in known if file.casefold() == name.casefold()]
            return attached[0] if attached else path if _BELOW.fullmatch(path) else name
    stems = {file: fold_name(file.rpartition("/")[2].split(".")[0]) for file in reversed(known)}
    return max((file for file, stem in stems.items() if _has_run(words, stem)), key=len, default="")


def _has_run(words: Sequence[Word], wanted: tuple[str, ...]) -> bool:
    """Return whether consecutive words are a name; "heavy_penguins" does not say "penguins"."""
    folded = [fold_name(word.text) for word in words if word.kind not in _NEVER_NAMES]
    for at in range(len(folded)):
        run: tuple[str, ...] = ()
        for part in folded[at:]:
            run += part
            if len(run) >= len(wanted):
                break
        if wanted and run == wanted:
            return True
    return False


def _named_variables(question: str, tables: Sequence[TableProfile]) -> list[TableProfile]:
    words = _own_words(question)
    names = [
        word.meaning if word.kind == "quoted" else word.text
        for word in words
        if word.kind not in _NEVER_NAMES
    ]
    folded = [name.casefold() for name in names]
    exact = [table for table in tables if table.variable in names]
    alike = [table for table in tables if table.variable.casefold() in folded]
    return list({table.variable: table for table in [*exact, *alike]}.values())
