"""When a refused or failed request is sent again, and after how many seconds.

Why no library does this. The openai package's own retries (measured with 3.52 against a scripted
server) spend all attempts on an empty quota, make a single one when ``Retry-After`` is above 120 s,
and cannot tell the run that it waits. tenacity owns the loop and sleeps inside it, while this loop is
a generator that has to yield an event before it sleeps, does not count an attempt that a workaround
follows, and must not begin again after the first event; what would be left for tenacity is a counter
and one multiplication.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from jupyter_assistants.models.endpoint_errors import EndpointError


@dataclass(frozen=True)
class Retries:
    """The rules for one endpoint.

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


LONGEST_LOADING_WAIT = 5.0
"""Seconds between attempts while a server loads its model."""


class RetryBudget:
    """The attempts and the waiting time that one request has used."""

    def __init__(self, rules: Retries) -> None:
        self._rules = rules
        self._attempts = 0
        self._waited = 0.0
        self._loading = 0.0

    def count_attempt(self) -> None:
        """Count an attempt."""
        self._attempts += 1

    def refund_attempt(self) -> None:
        """Uncount the last attempt: what follows is another request, not the same one again."""
        self._attempts -= 1

    def wait_after(self, error: EndpointError) -> float | None:
        """Return the seconds to wait before the next attempt, or None if this was the last one."""
        rules = self._rules
        if self._attempts >= error.attempts(max(1, rules.max_attempts)):
            return None
        # Full jitter: clients that failed together do not come back together.
        backoff = rules.first_wait * 2 ** max(0, self._attempts - 1)
        wait = random.uniform(0, backoff) if error.wait is None else error.wait
        if self._waited + wait > rules.max_wait:
            return None
        self._waited += wait
        return wait

    def wait_for_loading(self, error: EndpointError, most: float) -> float | None:
        """Return the seconds to wait for a server that loads its model, or None if it took too long.

        Parameters
        ----------
        most
            Seconds that loading may take. Such attempts do not count as any.
        """
        if self._rules.max_attempts <= 1:
            return None
        self.refund_attempt()
        usual = min(self._rules.first_wait + self._loading / 2, LONGEST_LOADING_WAIT)
        wait = usual if error.wait is None else error.wait
        error.seconds = self._loading
        if self._loading + wait > most:
            return None
        self._loading += wait
        return wait
