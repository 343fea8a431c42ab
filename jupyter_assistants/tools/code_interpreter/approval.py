"""Approvals: whether a person has allowed exactly this code, for this kernel and thread, just now.

The rules stand in docs/internals/approvals.md, "What an approval is bound to".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.kernels.attached_files import name_apart
from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.kernels.languages import find_hints, find_language
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.runs import Handed

APPROVE_CODE = "approve_code"
VALID_SECONDS = 600
"""How long an approval may be given after it was asked for, and how long it holds."""

LONGEST_REASON = 2_000
LONGEST_CODE = 1_000_000

MOST_LINES = 50
"""Lines of code at which a hint is shown; whoever reads code has understood by then."""


@dataclass(frozen=True)
class Verdict:
    """A person's decision.

    Parameters
    ----------
    code
        What may run; empty if nothing may.
    reason
        Why not.
    always
        Whether later code of the thread may run in this kernel unasked.
    """

    code: str = ""
    reason: str = ""
    always: bool = False


def sha256(code: str) -> str:
    """Return the hash that an approval of this code is bound to."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def question(
    code: str,
    *,
    kernel_id: str,
    place: str,
    max_approval: str,
    language: str = "python",
    files: Sequence[str] = (),
    own: bool = False,
) -> Handout:
    """Return the call that asks a person. Blocking: the code is read for its hints.

    Parameters
    ----------
    max_approval
        The administrator's ceiling, so that views offer only what is possible.
    kernel_id
        What the approval is bound to: a live kernel, or the thread whose own kernel it is.
    files
        The names of the files that are put into the kernel's folder before the code runs.
    own
        Whether it is the thread's own kernel, which is in no sandbox then.
    """
    hints = find_hints(code, language)
    arguments: dict[str, Any] = {
        "code": code,
        "sha256": sha256(code),
        "hints": [*(hint.text for hint in hints), *filter(None, [name_apart(files)])],
        # For views that show a hint at its lines.
        "findings": [{"kind": hint.kind, "lines": list(hint.lines[:MOST_LINES])} for hint in hints],
        "kernel_id": kernel_id,
        "place": place,
        "max_approval": max_approval,
    }
    if own:
        arguments["own_kernel"] = True
    if language != "python":
        arguments["language"] = find_language(language).title
    return Handout(APPROVE_CODE, arguments)


def decide(
    posted: dict[str, Any], asked: Handed | None, *, code: str, kernel_id: str, now: int
) -> Verdict:
    """Return what a posted answer allows.

    Parameters
    ----------
    posted
        ``{"output": str, "jupyter": {…} | None}``; either may hold the answer.
    asked
        The question that the person was asked; without one nothing is allowed.
    code
        What the model wants to run.
    kernel_id
        Where it would run now, as in the question.
    """
    answer = _answer(posted)
    if answer.get("approved") is not True:
        reason = answer.get("reason")
        return Verdict(reason=reason[:LONGEST_REASON] if isinstance(reason, str) else "")
    problem = _problem(asked, code=code, kernel_id=kernel_id, now=now)
    if problem:
        return Verdict(reason=problem)
    edited = answer.get("code", code)
    if not isinstance(edited, str) or not edited.strip() or len(edited) > LONGEST_CODE:
        return Verdict(reason="the approval came with something that is no code")
    if answer.get("sha256") != sha256(edited):
        return Verdict(reason="the approval was given for other code")
    return Verdict(edited, always=answer.get("always") is True)


def _answer(posted: dict[str, Any]) -> dict[str, Any]:
    answer = posted.get("jupyter")
    if answer is None:
        try:
            answer = parse_untrusted(posted.get("output") or "null")
        except ValueError:
            answer = None
    return answer if isinstance(answer, dict) else {}


def _problem(asked: Handed | None, *, code: str, kernel_id: str, now: int) -> str:
    if asked is None or asked.call.function.name != APPROVE_CODE:
        return "nobody was asked for this approval"
    shown = parse_untrusted(asked.call.function.arguments)
    if shown.get("sha256") != sha256(code):
        return "the approval was given for other code"
    if shown.get("kernel_id") != kernel_id:
        return "the approval was given for another kernel"
    if now - asked.at > VALID_SECONDS:
        return f"the approval came too late: it holds for {VALID_SECONDS // 60} minutes"
    return ""
