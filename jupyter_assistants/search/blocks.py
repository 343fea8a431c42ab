"""What a parser gives, without anything that is slow to import: parsers start once a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_assistants.errors import AssistantsError


class Unreadable(AssistantsError):
    """A file's content cannot be made searchable.

    Parameters
    ----------
    kind
        ``invalid_file`` for broken or empty content, ``unsupported_file`` for content of a type
        that cannot be parsed.
    """

    def __init__(self, kind: Literal["invalid_file", "unsupported_file"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Block:
    """A part of a file as it was parsed.

    Parameters
    ----------
    place
        Where it stands, for people: ``page 3``, ``slide 2``; empty where there is one block only.
    """

    text: str
    place: str = ""
