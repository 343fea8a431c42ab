"""Lists, deletions and models (protocol.md sections 3, 4.11 and 5.1)."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from jupyter_assistants.schema.base import Body, Part, WireObject

T = TypeVar("T", bound=WireObject)


class PageQuery(Body):
    """The query of a list: newest first by default, cursors are ids and exclusive."""

    limit: int = Field(20, ge=1, le=100)
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


class MessagePageQuery(PageQuery):
    """Messages can be kept to those of one run."""

    run_id: str | None = None


class FilePageQuery(PageQuery):
    """Files come in larger pages, and can be kept to one purpose."""

    limit: int = Field(10_000, ge=1, le=10_000)
    purpose: str | None = None


class Page(Part, Generic[T]):
    """One page of a list."""

    object: Literal["list"] = "list"
    data: list[T]
    has_more: Annotated[bool, Field()] = False

    def wire(self) -> dict[str, Any]:
        """Give the list envelope; ``first_id`` and ``last_id`` are null when it is empty."""
        return {
            "object": "list",
            "data": [item.wire() for item in self.data],
            "first_id": self.data[0].id if self.data else None,
            "last_id": self.data[-1].id if self.data else None,
            "has_more": self.has_more,
        }


class Deleted(Part):
    """The answer to a deletion."""

    id: str
    object: str
    deleted: Literal[True] = True

    def wire(self) -> dict[str, Any]:
        """Give the JSON object."""
        return self.model_dump(mode="json")


class Model(Part):
    """A model that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str

    def wire(self) -> dict[str, Any]:
        """Give the JSON object."""
        return self.model_dump(mode="json")
