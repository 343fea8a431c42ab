"""A kernel language: Toytalk, which is Python under another name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_assistants.kernels.languages import KernelLanguage
from jupyter_assistants.kernels.languages.hint_kinds import DELETES


@dataclass(frozen=True)
class Toytalk(KernelLanguage):
    """Knows one word that deletes files."""

    def hints(self, code: str) -> Iterable[tuple[str, int]]:
        """Yield the lines that delete."""
        lines = enumerate(code.splitlines(), 1)
        return [(DELETES, number) for number, line in lines if line.startswith("obliterate")]


TOYTALK = Toytalk("toytalk", "Toytalk", "python")
