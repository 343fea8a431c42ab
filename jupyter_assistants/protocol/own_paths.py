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
_BEGINS = r"(?<![A-Za-z0-9_.~-])(?<!sandbox:)(?<!sandbox:/)(?<!sandbox://)(?<!file://)/mnt/data"
_MOUNT = re.compile(rf"{_BEGINS}(?=/|[^A-Za-z0-9_.-]|$)(/(?=[A-Za-z0-9_]))?")
_QUOTES = "\"'"
_MOVES = re.compile(r"\bchdir\b|^[ \t]*+%?cd\s", re.MULTILINE)
# These end a string literal, or mean something in an f-string, a %-format or a shell line.
_UNQUOTABLE = re.compile(r"""["'\\{}\n\r$`%]""")


def with_own_paths(
    code: str, paths: Mapping[str, str] = MappingProxyType({}), *, folder: str = ""
) -> str:
    """Return code with the paths that it has in the person's own cell; ``sandbox:`` links stay.

    Parameters
    ----------
    paths
        The own path of files that lie outside of the folder, by the name below ``/mnt/data``.
    folder
        The folder, for code that moves to another one, where relative paths would mean other files.
    """
    names = {name: path for name, path in paths.items() if not _UNQUOTABLE.search(path)}
    # The longest first: one name may begin as another.
    known = sorted(filter(code.__contains__, names), key=len, reverse=True)
    moves = bool(folder) and not _UNQUOTABLE.search(folder) and _MOVES.search(code) is not None

    def own(match: re.Match[str]) -> str:
        if moves:
            return f"{folder}{match[1] or ''}"
        if match[1] is None:
            return "."
        # A shell runs ./x, and not x; a string literal needs no such mark.
        quoted = match.start() > 0 and code[match.start() - 1] in _QUOTES
        return "" if quoted else "./"

    for name in known:
        pattern = rf"{_BEGINS}/{re.escape(name)}(?![A-Za-z0-9_-]|\.\w)"
        code = re.sub(pattern, lambda match, path=names[name]: path, code)  # type: ignore[misc]
    return _MOUNT.sub(own, code)
