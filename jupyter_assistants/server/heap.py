"""Keeps the collector of garbage from stopping the server."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Let the collector pass over what is there by now: modules, classes, routes.

    To look through all of it takes a tenth of a second on a busy machine, and no thread runs
    meanwhile, the event loop's neither. While many files are indexed that happens every few seconds.
    What is made later is collected as always.
    """
    gc.freeze()
