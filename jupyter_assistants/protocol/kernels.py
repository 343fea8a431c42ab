"""What is defined in a live kernel. Extension."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_assistants.protocol.base import Body, Part


class VariableQuery(Body):
    """The query of ``GET /kernels/{kernel_id}/variables``.

    Parameters
    ----------
    name
        The value of this variable is given as well.
    thread_id
        How much of it this thread may see; without one names, types, shapes and columns.
    """

    name: str = Field("", max_length=200)
    thread_id: str | None = None


class Variable(Part):
    """One variable: its type, what it is (shape, columns, size), and first rows of a table."""

    name: str
    type: str
    text: str
    rows: str = ""


class VariableList(Part):
    """The variables of a kernel.

    Parameters
    ----------
    state
        ``seen``; ``busy`` when the kernel could not be looked at now; ``foreign`` when it runs another
        language than Python.
    left_out
        How many more there are.
    value
        Of the variable that was asked for, as a model would get it.
    """

    object: Literal["list"] = "list"
    kernel_id: str
    state: Literal["seen", "busy", "foreign"]
    data: list[Variable]
    left_out: int = 0
    value: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
