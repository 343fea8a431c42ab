"""Threads (docs/internals/protocol.md, "Objects")."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from jupyter_assistants.protocol.base import Body, InputPart, MaxItems, Metadata, Sparse, WireObject
from jupyter_assistants.protocol.messages import CreateMessage
from jupyter_assistants.protocol.tools import ToolResources, ToolResourcesInput

Messages = Annotated[list[CreateMessage], MaxItems(1000)]


ContextLevel = Literal["none", "names", "schema", "rows"]
"""How much of a notebook its models may see.

``none``: nothing. ``names``: names and types of variables. ``schema``: also their shapes and columns,
the cells' code and the last error. ``rows``: also first rows, values and the cells' outputs. Where
nothing was chosen it is ``schema``, with the values of variables that a prompt mentions.
"""


_STRICTEST_FIRST: tuple[ContextLevel | None, ...] = ("none", "names", "schema", None, "rows")


def stricter(one: ContextLevel | None, other: ContextLevel | None) -> ContextLevel | None:
    """Return the level of the two that shows less; None is the one where nothing was chosen."""
    return min(one, other, key=_STRICTEST_FIRST.index)


class ThreadExtension(Sparse):
    """Extension field ``jupyter`` of a thread; a stock SDK does not notice it.

    Parameters
    ----------
    context
        How much of the notebook models of this thread may see; the server keeps to it.
    context_shown
        Whether the person was shown what will be sent.
    always
        The live kernels in which code of this thread runs without asking, and the thread's own id
        for its own kernel. A person adds one with an approval's ``always``.
    """

    context: ContextLevel | None = None
    context_shown: bool | None = None
    always: list[str] | None = None


class ThreadExtensionInput(InputPart):
    """The extension field of a new or changed thread: what is not given stays.

    Parameters
    ----------
    always
        Those of the kernels that are kept; none can be added here.
    """

    context: ContextLevel | None = None
    context_shown: bool | None = None
    always: Annotated[list[str], MaxItems(100)] | None = None


class Thread(WireObject):
    """A conversation that lasts."""

    kind: ClassVar[str] = "thread"

    object: Literal["thread"] = "thread"
    tool_resources: ToolResources = ToolResources()
    metadata: Metadata = {}
    jupyter: ThreadExtension = ThreadExtension()

    @property
    def context_level(self) -> ContextLevel:
        """Return how much of the notebook models may see."""
        return self.jupyter.context or "schema"

    @property
    def shows_values(self) -> bool:
        """Return whether models may see the values of variables that a prompt mentions."""
        return self.jupyter.context in (None, "rows")

    def trusts(self, kernel_id: str) -> bool:
        """Return whether code of this thread runs in this kernel without asking.

        Its own kernel goes by the id of the thread.
        """
        return kernel_id in (self.jupyter.always or [])

    def extended(self, given: ThreadExtensionInput | None) -> Self:
        """Return a copy with these changes of the extension field."""
        if given is None:
            return self
        changes = {name: getattr(given, name) for name in given.model_fields_set}
        if given.always is not None:
            changes["always"] = [k for k in self.jupyter.always or [] if k in given.always]
        return self.changed(jupyter=self.jupyter.model_copy(update=changes))

    @property
    def words(self) -> str:
        """Return the values of the metadata, where views keep a thread's title."""
        return "\n".join(self.metadata.values())


class CreateThread(Body):
    """Body of ``POST /threads``."""

    messages: Messages = []
    tool_resources: ToolResourcesInput = ToolResourcesInput()
    metadata: Metadata = {}
    jupyter: ThreadExtensionInput | None = None


class ModifyThread(Body):
    """Body of ``POST /threads/{thread_id}``: what is not given stays."""

    tool_resources: ToolResources | None = None
    metadata: Metadata | None = None
    jupyter: ThreadExtensionInput | None = None
