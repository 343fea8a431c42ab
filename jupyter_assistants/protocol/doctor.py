"""The doctor's report: checks, their findings and remedies. Extension."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_assistants.protocol.base import Body, Part

CheckStatus = Literal["ok", "warning", "problem"]


class Examine(Body):
    """The checks that try something for real.

    Parameters
    ----------
    kernel
        Whether a kernel is started, used and ended.
    model
        Whether the default model gets a small request with a tool; it costs a few tokens.
    files
        Whether every uploaded file and the whole search index are read.
    """

    kernel: bool = False
    model: bool = False
    files: bool = False


class Check(Part):
    """One thing that was examined.

    Parameters
    ----------
    id
        Its name for programs, for example ``database``.
    status
        ``problem``: something does not work; ``warning``: it works and could do harm later.
    detail
        What was found.
    remedy
        What to do; null where nothing is to be done.
    """

    id: str
    title: str
    status: CheckStatus
    detail: str
    remedy: str | None = None


def check(
    id: str, title: str, status: CheckStatus, detail: str, remedy: str | None = None
) -> Check:
    """Return one check."""
    return Check(id=id, title=title, status=status, detail=detail, remedy=remedy)


class Report(Part):
    """All checks."""

    object: Literal["doctor"] = "doctor"
    checks: list[Check]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
