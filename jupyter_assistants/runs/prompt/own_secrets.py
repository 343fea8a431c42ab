"""Prompts without the secrets of this server.

Outputs and context are masked where they arise. What is left are texts of people and programs: messages,
instructions, results of their functions. Those keep what they hold, except the values of this server's
own secret variables, which no caller has a reason to send (docs/internals/security.md, "Secrets").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    ToolSpec,
)

Mask = Callable[[str], str]


def masked_entries(entries: Sequence[HistoryEntry], mask: Mask) -> list[HistoryEntry]:
    """Return entries of a history with every text masked."""
    return [_masked(entry, mask) for entry in entries]


def masked_specs(specs: Sequence[ToolSpec], mask: Mask) -> list[ToolSpec]:
    """Return tools whose descriptions are masked."""
    return [replace(spec, description=mask(spec.description)) for spec in specs]


def _masked(entry: HistoryEntry, mask: Mask) -> HistoryEntry:
    match entry:
        case HistoryMessage():
            return replace(entry, text=mask(entry.text))
        case FunctionCall():
            return replace(entry, arguments=mask(entry.arguments))
        case FunctionOutput():
            return replace(entry, output=mask(entry.output))
    # Reasoning is opaque to everybody but its endpoint, and was made of masked prompts.
    return entry
