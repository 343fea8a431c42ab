r"""Halves of surrogate pairs: Python's strings may hold them, messages of a kernel cannot.

``print("\ud800")`` makes ipykernel lose what was printed and print its own traceback of sixty lines instead,
and text with undecodable bytes of a file name arrives nowhere. So they are sent as Python writes them.

This is sent to kernels as text, too, since their Python may lack this package. It needs the standard
library only.
"""

from __future__ import annotations

from typing import Any

_MARK = "_accepts_surrogates"


def escaped(text: str) -> str:
    r"""Return a text in which halves of surrogate pairs stand as Python writes them, ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def escaped_inside(value: Any) -> Any:
    """Return a value of JSON with all its texts escaped."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, dict):
        return {escaped_inside(key): escaped_inside(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [escaped_inside(each) for each in value]
    return value


def accept_surrogates(shell: Any) -> None:
    """Have a shell's kernel send texts that hold halves of surrogate pairs; nothing else changes."""
    session = getattr(getattr(shell, "kernel", None), "session", None)
    if session is None or getattr(session.pack, _MARK, False):
        return
    pack = session.pack

    def pack_escaped(value: Any) -> Any:
        try:
            packed = pack(value)
            if isinstance(packed, bytes):
                # Undecodable bytes of file names are packed as such, and no reader accepts them.
                packed.decode("utf-8")
            return packed
        except UnicodeError:
            return pack(escaped_inside(value))

    setattr(pack_escaped, _MARK, True)
    session.pack = pack_escaped
