"""What a piece of code seems to do, for the person who decides whether it runs.

The code is read, never run, so these are hints and no promise: code that wants to hide what it
does can. What is found is told with its lines; what cannot be read is told as well. The server and
the kernel side both show them, so this needs the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_assistants.kernels.hints.kinds import KINDS, UNREAD, UNREADABLE
from jupyter_assistants.kernels.hints.python import python_lines
from jupyter_assistants.kernels.hints.shell import SHELLS, shell_lines

__all__ = ["KINDS", "LONGEST", "Hint", "hint_texts", "hints"]

LONGEST = 200_000
"""Characters; longer code is not read."""
_SHOWN_LINES = 4


@dataclass(frozen=True)
class Hint:
    """One thing that code seems to do.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    lines
        Where, from 1.
    """

    kind: str
    lines: tuple[int, ...]

    @property
    def text(self) -> str:
        """Return it for people: ``writes files (lines 3, 7)``."""
        shown = ", ".join(map(str, self.lines[:_SHOWN_LINES]))
        more = ", …" if len(self.lines) > _SHOWN_LINES else ""
        return f"{self.kind} ({'lines' if len(self.lines) > 1 else 'line'} {shown}{more})"


def hints(code: str, language: str = "python") -> list[Hint]:
    """Return what the code seems to do, the gravest first; empty if nothing was found.

    Parameters
    ----------
    language
        Python and shells are known; code of others is said to be unread.
    """
    found: dict[str, set[int]] = {}
    if language == "python" and len(code) > LONGEST:
        things: Iterator[tuple[str, int]] = iter([(UNREADABLE, 1)])
    elif language == "python":
        things = python_lines(code)
    elif language in SHELLS:
        things = shell_lines(code[:LONGEST])
    else:
        things = iter([(UNREAD, 1)])
    for kind, line in things:
        found.setdefault(kind, set()).add(line)
    return [Hint(kind, tuple(sorted(found[kind]))) for kind in KINDS if kind in found]


def hint_texts(code: str, language: str = "python") -> list[str]:
    """Return the hints as the card shows them."""
    return [hint.text for hint in hints(code, language)]
