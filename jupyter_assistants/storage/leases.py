"""What every adapter says of a claim that does not hold."""

from __future__ import annotations

from jupyter_assistants.protocol.errors import ClaimLost
from jupyter_assistants.storage.base import Claim


def lost(claim: Claim) -> ClaimLost:
    """Return the error for a claim that was taken over or given back."""
    return ClaimLost(
        f"The run {claim.run_id} is no longer driven from here: its claim (number {claim.epoch}) "
        f"on thread {claim.thread_id} was taken over or given back."
    )
