"""A text that arrives in pieces."""

from __future__ import annotations


class GrowingText:
    """A text to which pieces are added, in time that is proportional to its length.

    ``self.text += piece`` copies the whole text with every piece: a model that sends a megabyte in
    single characters would cost a server hours.
    """

    def __init__(self, text: str = "") -> None:
        self._pieces = [text] if text else []
        self._length = len(text)

    def __len__(self) -> int:
        return self._length

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def append(self, piece: str) -> None:
        """Add a piece."""
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)
