"""What was answered to a request with an ``Idempotency-Key``."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from jupyter_assistants.protocol.base import WireObject

KEPT_SECONDS = 24 * 3600


class KeptAnswer(WireObject):
    """The answer to a request; it is deleted after a day.

    Parameters
    ----------
    fingerprint
        The hash of the request's query and body.
    done
        False in what version 0.1.0 stored of requests that were still being carried out.
    answer
        The JSON object that was sent.
    run, start
        Instead, for a run: the run as it was then, and where the stream of the request began.
    """

    kind: ClassVar[str] = "answer"

    object: Literal["answer"] = "answer"
    fingerprint: str
    done: bool = False
    answer: dict[str, Any] = {}
    run: dict[str, Any] | None = None
    start: int = 0

    @property
    def gone_at(self) -> int:
        """Return the end of the day after the request."""
        return self.created_at + KEPT_SECONDS
