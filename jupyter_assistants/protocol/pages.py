"""Lists, deletions and models (docs/internals/protocol.md, "Ids and pages")."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import Field, RootModel, computed_field, field_validator

from jupyter_assistants.protocol.base import Body, Part, Sparse, WireObject

T = TypeVar("T", bound=WireObject)


class PageQuery(Body):
    """The query of a list: newest first by default, cursors are ids and exclusive."""

    limit: int = Field(20, ge=1, le=100)
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


class IncludeQuery(Body):
    """Query of a run step: whether it comes with the texts of search results."""

    include: list[Literal["step_details.tool_calls[*].file_search.results[*].content"]] = []

    @field_validator("include", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class StepPageQuery(IncludeQuery, PageQuery):
    """Steps, and whether the texts of search results come with them."""


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
    has_more: bool = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def first_id(self) -> str | None:
        """Return the first item's id; null for an empty page."""
        return self.data[0].id if self.data else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def last_id(self) -> str | None:
        """Return the last item's id; null for an empty page."""
        return self.data[-1].id if self.data else None

    def wire(self) -> dict[str, Any]:
        """Return the list envelope."""
        return {
            "object": "list",
            "data": [item.wire() for item in self.data],
            "first_id": self.first_id,
            "last_id": self.last_id,
            "has_more": self.has_more,
        }


class Deleted(Part):
    """The answer to a deletion."""

    id: str
    object: Literal[
        "assistant.deleted",
        "file",
        "thread.deleted",
        "thread.message.deleted",
        "vector_store.deleted",
        "vector_store.file.deleted",
    ]
    deleted: Literal[True] = True

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


class ModelExtension(Sparse):
    """Extension field ``jupyter`` of a model; a stock SDK does not notice it.

    Parameters
    ----------
    usable
        Whether it can be asked for now.
    why
        Why not, and what to do about it.
    window
        Tokens of prompt and answer together.
    window_source
        Where that figure comes from.
    tools
        Whether it calls functions; absent where nobody says.
    vision
        Whether it sees images.
    endpoint
        The name of the endpoint that serves it.
    advice
        How it can be had better, or that it ends soon.
    """

    usable: bool = True
    why: str | None = None
    window: int | None = None
    window_source: str | None = None
    tools: bool | None = None
    vision: bool | None = None
    endpoint: str | None = None
    advice: str | None = None


class Model(Part):
    """A model that can be asked for, or one that could be after what its extension says."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str
    jupyter: ModelExtension = ModelExtension()

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


class RawDocument(RootModel[dict[str, Any]]):
    """The description of this API (OpenAPI 3.1)."""

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.root
