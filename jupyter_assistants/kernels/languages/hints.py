"""Hints: what a piece of code seems to do, for the person who decides whether it runs.

Code is read, never run, so hints are no promise: code that wants to hide its effects can. What is
found comes with its lines; what cannot be read is said as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_assistants.kernels.languages.hint_kinds import KINDS

_SHOWN_LINES = 4


@dataclass(frozen=True)
class Hint:
    """One thing that code seems to do.

    Parameters
    ----------
    kind
        One of :data:`.hint_kinds.KINDS`.
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


def collect_hints(findings: Iterable[tuple[str, int]]) -> list[Hint]:
    """Return hints of (kind, line) pairs, the gravest first. Unknown kinds are left out."""
    lines: dict[str, set[int]] = {}
    for kind, line in findings:
        lines.setdefault(kind, set()).add(line)
    return [Hint(kind, tuple(sorted(lines[kind]))) for kind in KINDS if kind in lines]
