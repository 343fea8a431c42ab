"""The body of an undo. Extension."""

from __future__ import annotations

from jupyter_assistants.protocol.base import Body


class UndoStep(Body):
    """Body of ``POST …/steps/{step_id}/undo``.

    Parameters
    ----------
    force
        Undo also what somebody changed since.
    undone
        Whoever ran the code has undone it already, and says so.
    """

    force: bool = False
    undone: bool = False
