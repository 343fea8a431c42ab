"""Code as it runs in a person's own cell: their paths in the place of ``/mnt/data``.

Models know the working folder by a name of the vendor's sandbox, which exists nowhere else. So what
people read, copy, promote and export names files as their own cell does: relative to the folder that
the code runs in. The panel does the same (``labextension/src/wire/ownPaths.ts``), and
``tests/data/own_paths.json`` pins both. Kernels import this: standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

MOUNT = "/mnt/data"
"""What models call the working folder, as in the vendor's sandbox."""

# Letters of ASCII alone, so that the panel's expression is the same. A link of an answer stays.
_MOUNT = re.compile(
    r"(?<![A-Za-z0-9_.~-])(?<!sandbox:)(?<!sandbox:/)(?<!sandbox://)(?<!file://)"
    r"/mnt/data(?=/|[^A-Za-z0-9_.-]|$)(/(?=[A-Za-z0-9_]))?"
)
_GOES_ON = re.compile(r"[A-Za-z0-9_-]|\.\w")
_QUOTES = "\"'"
_MOVES = re.compile(r"\bchdir\b|^[ \t]*+%?cd\s", re.MULTILINE)
# These end a string literal, or mean something in an f-string, a %-format or a shell line.
_UNQUOTABLE = re.compile(r"""["'\\{}\n\r$`%]""")
_BARE = re.compile(r"[A-Za-z0-9._+=,@/-]+")


def with_own_paths(
    code: str, paths: Mapping[str, str] = MappingProxyType({}), *, folder: str = ""
) -> str:
    """Return code with the paths that it has in the person's own cell; ``sandbox:`` links stay.

    Parameters
    ----------
    paths
        What names below ``/mnt/data`` mean that are not in the folder: files that lie elsewhere, and
        ids of files. One that cannot stand in a literal, or unquoted where it has to, is left as it is.
    folder
        The folder, for code that moves to another one, where relative paths would mean other files.
    """
    # The longest first: one name may begin as another.
    known = sorted((name for name in paths if name in code), key=len, reverse=True)
    moves = bool(folder) and not _UNQUOTABLE.search(folder) and _MOVES.search(code) is not None
    pieces, done = list[str](), 0
    for match in _MOUNT.finditer(code):
        quoted = match.start() > 0 and code[match.start() - 1] in _QUOTES
        end = match.end()
        name = next((each for each in known if _is_there(code, f"/{each}", end - 1)), None)
        if name is not None and match[1]:
            path = paths[name]
            fits = not _UNQUOTABLE.search(path) if quoted else _BARE.fullmatch(path)
            end += len(name)
            own = path if fits else code[match.start() : end]
        elif moves:
            own = f"{folder}{match[1] or ''}"
        elif match[1] is None:
            own = "."
        else:
            # A shell runs ./x, and not x; a string literal needs no such mark.
            own = "" if quoted else "./"
        pieces += [code[done : match.start()], own]
        done = end
    return "".join([*pieces, code[done:]])


def _is_there(code: str, name: str, at: int) -> bool:
    """Return whether a whole name stands at a position."""
    return code.startswith(name, at) and _GOES_ON.match(code, at + len(name)) is None
