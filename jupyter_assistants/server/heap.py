"""Pauses of the garbage collector, and how to keep them short."""

from __future__ import annotations

import gc


def freeze_heap() -> None:
    """Exclude all objects that exist now from garbage collection: modules, classes, routes.

    Scanning all of them takes a tenth of a second on a busy machine, and every thread stops for it,
    the event loop's too. While many files are indexed that happens every few seconds. Later objects
    are collected as always.
    """
    gc.freeze()
