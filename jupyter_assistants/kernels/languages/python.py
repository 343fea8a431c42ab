"""Python, as ipykernel runs it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_assistants.kernels.languages.base import LONGEST_READ, KernelLanguage
from jupyter_assistants.kernels.languages.hint_kinds import UNREADABLE
from jupyter_assistants.kernels.languages.python_hints import python_lines


@dataclass(frozen=True)
class Python(KernelLanguage):
    """The language that everything is made for: files, facts, variables, hints."""

    name: str = "python"
    title: str = "Python"

    def hints(self, code: str) -> Iterable[tuple[str, int]]:
        """Yield what the program, its magics and its lines for a shell seem to do."""
        return [(UNREADABLE, 1)] if len(code) > LONGEST_READ else python_lines(code)

    def facts_expression(self) -> str:
        """Return an expression that asks for the version, the folder and the packages.

        It executes our source in a namespace of its own, because the kernel's Python may lack this
        package, and nothing of ours may stay in the user's namespace.
        """
        call = f"(lambda n: (exec({_source('facts')!r}, n), n['facts']())[1])"
        return f"{call}({{'__name__': 'facts'}})"

    def folder_expression(self) -> str:
        """Return an expression for the working folder."""
        return '__import__("os").getcwd()'

    def watch_expression(self, code: str | None = None) -> str:
        """Return an expression that watches what code shows; it leaves no name behind."""
        calls = (
            f"n['watch_figures'](get_ipython(), {code!r}), n['accept_surrogates'](get_ipython())"
        )
        sources = f"exec({_source('figures')!r}, n), exec({_source('surrogates')!r}, n)"
        return f"(lambda n: ({sources}, {calls}) and 1)({{'__name__': 'figures'}})"

    def variables_expression(self, names: Sequence[str], rows: int, head: int) -> str:
        """Return an expression that describes the user's namespace, without a trace in it."""
        spaces = "get_ipython().user_ns, get_ipython().user_ns_hidden"
        call = f"n['describe_variables']({spaces}, {list(names)!r}, {rows:d}, {head:d})"
        execute = f"(lambda n: (exec({_source('variables')!r}, n), {call})[1])"
        return f"{execute}({{'__name__': 'variables'}})"

    def tables_expression(self, session: str) -> str:
        """Return an expression that installs the formatter of :mod:`~..tables`."""
        call = f"n['install'](get_ipython(), {session!r})"
        execute = f"(lambda n: (exec({_source('tables')!r}, n), {call})[1])"
        return f"{execute}({{'__name__': 'tables'}})"


@functools.cache
def _source(module: str) -> str:
    """Return the text of a module that kernels without this package can execute."""
    return (Path(__file__).parents[1] / f"{module}.py").read_text(encoding="utf-8")


PYTHON = Python()
