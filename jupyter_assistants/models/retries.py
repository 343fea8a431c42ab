"""When a request is made again, and after how long: the same rules for both wires."""

from __future__ import annotations

import random
from dataclasses import dataclass

from jupyter_assistants.models.endpoint_errors import EndpointError


@dataclass(frozen=True)
class Retries:
    """The rules.

    Parameters
    ----------
    max_attempts
        Attempts per request; 1 turns retries off, which gateways that punish them need.
    first_wait
        Upper bound of the first wait between attempts, in seconds; it doubles each time.
    max_wait
        Seconds that all waits of one request may add up to.
    """

    max_attempts: int = 4
    first_wait: float = 1.0
    max_wait: float = 90.0


class RetryBudget:
    """What one request has cost so far."""

    def __init__(self, rules: Retries) -> None:
        self._rules = rules
        self._attempts = 0
        self._waited = 0.0

    def count(self) -> None:
        """Count an attempt."""
        self._attempts += 1

    def forgive(self) -> None:
        """Take an attempt back: the next one is another request."""
        self._attempts -= 1

    def wait_after(self, error: EndpointError) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is to be none."""
        rules = self._rules
        if self._attempts >= error.attempts(max(1, rules.max_attempts)):
            return None
        backoff = rules.first_wait * 2 ** max(0, self._attempts - 1)
        wait = random.uniform(0, backoff) if error.wait is None else error.wait
        if self._waited + wait > rules.max_wait:
            return None
        self._waited += wait
        return wait
