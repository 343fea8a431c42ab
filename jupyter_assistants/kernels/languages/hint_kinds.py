"""The kinds of things that code seems to do."""

from __future__ import annotations

WRITES = "writes files"
DELETES = "deletes files"
FORGETS = "deletes variables"
INSTALLS = "installs packages"
NETWORK = "network"
RUNS = "runs programs"
ENVIRONMENT = "reads environment"
SETS_ENVIRONMENT = "changes environment"
HIDDEN = "reads hidden or secret files"
DYNAMIC = "runs code made at run time"
ENDS = "ends processes"
MOVES = "changes the working folder"
ASKS = "asks for input"
NATIVE = "calls native code"
UNSEEN = "has hidden characters"
LOOK_ALIKE = "has letters that look like others"
FAR_RIGHT = "goes on far to the right"
FAR_BELOW = "goes on after many blank lines"
LONG_LINE = "has a very long line"
UNREADABLE = "cannot be read as Python"
UNREAD = "is in a language that is not read here"

ODDITIES = (UNSEEN, LOOK_ALIKE, FAR_RIGHT, FAR_BELOW, LONG_LINE)
"""What makes code look different from what it does."""

KINDS = (
    *ODDITIES,
    *(DELETES, WRITES, INSTALLS, NETWORK, RUNS, SETS_ENVIRONMENT, ENVIRONMENT, HIDDEN),
    *(DYNAMIC, ENDS, NATIVE),
    *(FORGETS, MOVES, ASKS, UNREADABLE, UNREAD),
)
"""All kinds, the gravest first."""
