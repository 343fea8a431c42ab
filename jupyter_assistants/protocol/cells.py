"""A run as clean cells, and an assistant as a program. Extensions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from jupyter_assistants.protocol.base import Body, MaxItems, Part


class CellsQuery(Body):
    """The query of ``GET …/runs/{run_id}/cells``."""

    format: Literal["json", "notebook"] = "json"


class RunCell(Part):
    """A code cell.

    Parameters
    ----------
    outputs
        What its code gave in the run, as nbformat has it.
    """

    source: str
    outputs: list[dict[str, Any]] = []


class RunCells(Part):
    """The code of a run that worked, as cells: imports first, failed attempts left out.

    Parameters
    ----------
    left_out
        How many attempts failed or were rejected.
    files
        The paths, as the cells name them, of attached files that they read.
    """

    object: Literal["thread.run.cells"] = "thread.run.cells"
    thread_id: str
    run_id: str
    question: str
    left_out: int
    files: list[str] = []
    cells: list[RunCell]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


class CheckCells(Body):
    """Body of ``POST …/runs/{run_id}/cells/check``.

    Parameters
    ----------
    file_ids
        Files that the code reads, beside those of the run: they are put into the folder first.
    """

    file_ids: Annotated[list[str], MaxItems(100)] = []


class CheckedCell(Part):
    """A cell that was run in a fresh kernel.

    Parameters
    ----------
    agrees
        Whether its outputs are those of the run: numbers within a tolerance, text equal, an image
        where there was one.
    differences, notes
        What differs, and what is not the same without being a difference.
    """

    source: str
    status: str
    seconds: float
    agrees: bool
    differences: list[str] = []
    notes: list[str] = []


class CheckedCells(Part):
    """The outcome of running a run's cells in a fresh kernel."""

    object: Literal["thread.run.cells.check"] = "thread.run.cells.check"
    thread_id: str
    run_id: str
    agrees: bool
    cells: list[CheckedCell]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


class ProgramQuery(Body):
    """The query of ``GET /assistants/{assistant_id}/program``."""

    language: Literal["python", "javascript", "curl"] = "python"


class Program(Part):
    """A program that makes the same assistant, asks it, and prints the answer."""

    object: Literal["assistant.program"] = "assistant.program"
    assistant_id: str
    language: str
    filename: str
    source: str

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
