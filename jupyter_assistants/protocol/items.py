"""Items: the internal history of a thread, in the shape that every model wire projects from.

Messages are items themselves. What else a model said or saw (calls, their outputs, opaque
reasoning) is kept in these classes, beside the public run steps, because the steps do not hold
what the model was told exactly.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.threads import ContextLevel, Thread, stricter


class Item(WireObject):
    """One entry of a thread's history that is not a message.

    Parameters
    ----------
    type
        ``function_call``, ``function_call_output``, ``reasoning``, or ``context``: what the model is
        told of the user's kernel along with the message before it.
    call_id
        Joins a call and its output.
    name, arguments
        Of a call: the name on the model's wire, and the JSON text.
    output
        Of an output or a context: the text that the model gets.
    kept_at
        Of an output: where the model can read the whole text, as it names the file.
    image_file_ids
        Of an output: images for models that see.
    extras
        What the provider wants back, by ``backend id``.
    changes, base
        Of a context: what to tell instead of ``output`` where the context with the id ``base`` is
        shown as well. None where there was none before.
    told
        Of a context: hashes of what ``output`` tells, by cell and variable.
    context_level
        Of a context: how much the thread allowed when it was written. None where nothing was chosen,
        and in what earlier versions wrote.
    """

    kind: ClassVar[str] = "thread.item"

    object: Literal["thread.item"] = "thread.item"
    thread_id: str
    run_id: str
    type: Literal["function_call", "function_call_output", "reasoning", "context"]
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: str = ""
    kept_at: str = ""
    image_file_ids: list[str] = []
    extras: dict[str, Any] = {}
    changes: str | None = None
    base: str = ""
    told: dict[str, str] = {}
    context_level: ContextLevel | None = None

    @property
    def parent(self) -> str:
        """Return the thread's id."""
        return self.thread_id

    @property
    def key(self) -> str:
        """Return the run's id."""
        return self.run_id

    def may_be_shown(self, thread: Thread) -> bool:
        """Return whether models of a thread may see this, now that it allows what it allows."""
        if self.type != "context":
            return True
        if thread.jupyter.context == "none":
            return False
        return stricter(thread.jupyter.context, self.context_level) == self.context_level
