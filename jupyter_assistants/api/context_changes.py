"""What a later run has to tell of a notebook, after what an earlier one of its thread has told.

A notebook hardly changes between two questions. So the second one sends the cells and variables that
are new, and the prompt begins as the first one did (docs/internals/prompts.md, "Changes only").
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

VARIABLES = "variables"
CHANGED = "variables, only what changed since the last list"
GONE = "- gone: "
WORTH = 0.8
"""Part of the whole list above which changes are no shorter."""

BlockKind = Literal["cell", "variables", "other"]
"""Cells are told once, variables as changes, everything else in every run that has it."""

_INCOMPLETE = ("- and ", "[… cut …]")


@dataclass(frozen=True)
class ContextBlock:
    """One block of a run's context.

    Parameters
    ----------
    text
        Without the title; of variables possibly empty, where it is known that there are none.
    """

    kind: BlockKind
    title: str
    text: str

    @property
    def titled_text(self) -> str:
        """Return the block as a model reads it; empty if it has no text."""
        return f"[{self.title}]\n{self.text}" if self.text else ""


def whole_text(blocks: Sequence[ContextBlock]) -> str:
    """Return all blocks as a model reads them."""
    return "\n\n".join(block.titled_text for block in blocks if block.text)


def told_of(blocks: Sequence[ContextBlock]) -> dict[str, str]:
    """Return what blocks tell: a hash of each cell, and of each variable by its name."""
    told: dict[str, str] = {}
    for block in blocks:
        if block.kind == "cell":
            told[f"cell {_hash(block.titled_text)}"] = ""
        elif block.kind == "variables":
            told[VARIABLES] = ""
            told |= {f"@{name}": _hash(text) for name, text in _entries(block.text).items()}
    return told


def changes_of(blocks: Sequence[ContextBlock], told: Mapping[str, str]) -> str:
    """Return the blocks without what an earlier context has told.

    Parameters
    ----------
    told
        Of the earlier context; see :func:`told_of`.
    """
    new: list[ContextBlock] = []
    for block in blocks:
        if block.kind == "variables" and VARIABLES in told:
            new.append(_changed(block, told))
        elif block.kind != "cell" or f"cell {_hash(block.titled_text)}" not in told:
            new.append(block)
    return whole_text(new)


def _changed(block: ContextBlock, told: Mapping[str, str]) -> ContextBlock:
    entries = _entries(block.text)
    lines = [text for name, text in entries.items() if told.get(f"@{name}") != _hash(text)]
    if not any(line.startswith(_INCOMPLETE) for line in block.text.splitlines()):
        # A variable that a long list has no room for is still there.
        known = [name[1:] for name in told if name.startswith("@")]
        gone = [name for name in known if name not in entries]
        lines += [GONE + ", ".join(gone)] if gone else []
    text = "\n".join(lines)
    if block.text and len(text) > WORTH * len(block.text):
        return block
    return ContextBlock("variables", CHANGED, text)


def _entries(text: str) -> dict[str, str]:
    """Return the lines of each variable, the first of which names it, and those that name none."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("- "):
            name = line[2:].partition(": ")[0]
            entries[name] = line
        else:
            entries[name] = f"{entries[name]}\n{line}" if name in entries else line
    return entries


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
