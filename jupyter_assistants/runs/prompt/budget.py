"""The budget of a prompt in tokens, from the model's window down to the run's own limit."""

from __future__ import annotations

import re

from jupyter_assistants.models.base import Limits

DEARER_ABOVE = 272_000
"""Tokens above which the newest models of OpenAI cost twice as much."""

_DEARER = re.compile(r"gpt-(5\.([6-9]|\d\d)|[6-9])")
LEAST = 256
"""A smaller prompt is useless, however little of a run's limit remains."""


def prompt_budget(limits: Limits, model: str, cap: int, left: int | None = None) -> int:
    """Return the most tokens of one prompt.

    Parameters
    ----------
    cap
        The user's own limit (``prompt_budget``).
    left
        What the run's ``max_prompt_tokens`` leaves; None without one.
    """
    answer = limits.max_output or limits.window // 8
    # Some models can write as much as their window holds; a prompt needs room all the same.
    figures = [limits.window - min(answer, limits.window // 4), cap]
    if _DEARER.match(model.lower().rpartition("/")[2]):
        figures.append(DEARER_ABOVE)
    if left is not None:
        figures.append(left)
    return max(LEAST, min(figures))
