"""The port of kernel languages.

The kernel side reads hints, too, so everything in this folder needs the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_assistants.kernels.languages.hint_kinds import UNREAD

LONGEST_READ = 200_000
"""Characters; longer code is not read for hints."""


@dataclass(frozen=True)
class KernelLanguage:
    """A language that kernels speak.

    The entry point group ``jupyter_assistants.kernel_languages`` names an instance, or a subclass
    without parameters, under the lower-case name that kernels report in ``language_info``.

    Parameters
    ----------
    name
        That name, for example ``r``.
    title
        The name for people and for models, for example ``R``.
    highlighter
        What Markdown fences and highlighters call it; empty if that is ``name``.
    advice
        Sentences for models that write code in it; most languages need none.
    """

    name: str
    title: str
    highlighter: str = ""
    advice: str = ""

    @property
    def fence(self) -> str:
        """Return the word behind the backticks of a code block."""
        return self.highlighter or self.name

    def hints(self, code: str) -> Iterable[tuple[str, int]]:
        """Yield what code seems to do: a kind of :mod:`.hint_kinds` and a line, from 1.

        The code may be hostile, and whoever approves it waits: read at most
        :data:`LONGEST_READ` characters, in linear time.
        """
        yield UNREAD, 1

    def facts_expression(self) -> str | None:
        """Return an expression for ``user_expressions`` whose value is a dict of facts.

        None if kernels of this language cannot be asked.
        """
        return None

    def folder_expression(self) -> str | None:
        """Return an expression whose value is the kernel's working folder, or None."""
        return None

    def watch_expression(self, code: str | None = None) -> str | None:
        """Return an expression that has what code shows arrive, whatever the code does, or None.

        Parameters
        ----------
        code
            The code, as the kernel will get it; None for all code of the kernel.
        """
        return None

    def variables_expression(self, names: Sequence[str], rows: int, head: int) -> str | None:
        """Return an expression whose value describes the variables, or None.

        Parameters
        ----------
        names
            Variables whose values are wanted.
        rows, head
            First rows of each table, and of each table that is named.
        """
        return None

    def tables_expression(self, session: str) -> str | None:
        """Return an expression after which displays of tables carry a text for models, or None.

        Parameters
        ----------
        session
            The session whose code this is for.
        """
        return None
