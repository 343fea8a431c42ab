"""Tools of assistants and runs, and the choices that go with them.

See docs/internals/protocol.md, "Objects".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from jupyter_assistants.protocol.base import (
    FROM_DECIMAL,
    InputPart,
    MaxItems,
    Metadata,
    Part,
    Sparse,
)
from jupyter_assistants.protocol.tool_types import OpenUnion, PluginTool, ToolTypeName
from jupyter_assistants.protocol.vector_stores import ChunkingInput, HybridSearch, excluding


class CodeInterpreterTool(Part):
    """``{"type": "code_interpreter"}``"""

    type: Literal["code_interpreter"] = "code_interpreter"


class FunctionDefinition(Sparse):
    """A function that the client runs."""

    name: str = Field(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
    description: str | None = Field(None, max_length=1024)
    parameters: dict[str, Any] | None = None
    strict: bool | None = False


class FunctionTool(Part):
    """``{"type": "function", "function": {…}}``"""

    type: Literal["function"] = "function"
    function: FunctionDefinition


class RankingOptions(Sparse):
    """How file_search ranks, and the least score of a result."""

    score_threshold: float = Field(ge=0, le=1)
    ranker: Literal["auto", "default_2024_08_21"] = "auto"
    hybrid_search: HybridSearch | None = None


DEFAULT_RANKING = RankingOptions(score_threshold=0.0, ranker="default_2024_08_21")


class FileSearchOptions(Sparse):
    """Options of file_search; the ranking is always shown."""

    max_num_results: Annotated[int, Field(ge=1, le=50), FROM_DECIMAL] | None = None
    ranking_options: RankingOptions = DEFAULT_RANKING


class FileSearchTool(InputPart):
    """``{"type": "file_search", "file_search": {…}}``"""

    type: Literal["file_search"] = "file_search"
    file_search: FileSearchOptions = FileSearchOptions()


AssistantTool = CodeInterpreterTool | FileSearchTool | FunctionTool | PluginTool
Tools = Annotated[list[Annotated[AssistantTool, OpenUnion("config")]], MaxItems(128)]
"""The tools of a stored object."""
ToolsInput = Annotated[
    list[Annotated[AssistantTool, OpenUnion("config", stored=False)]], MaxItems(128)
]
"""The tools of a request, which may only name types that are there."""


class CodeInterpreterResources(Sparse):
    """Files that the code interpreter sees, and our extension: where the code runs."""

    file_ids: Annotated[list[str], MaxItems(20)] = []
    kernel_id: str | None = None
    """Extension: the live kernel of this Jupyter server in which code runs."""
    sandbox: bool | None = None
    """Extension: whether the thread's own kernel is locked down. Once true it stays so, also where the
    resources are sent again without it, until ``false`` is sent."""


class FileSearchResources(Sparse):
    """Vector stores of an assistant or a thread."""

    vector_store_ids: Annotated[list[str], MaxItems(1)] = []


class VectorStoreHelper(InputPart):
    """A vector store that is made along with an assistant or a thread."""

    file_ids: Annotated[list[str], MaxItems(100_000_000)] = []
    chunking_strategy: ChunkingInput | None = None
    metadata: Metadata = {}


class FileSearchResourcesInput(InputPart):
    """Vector stores that exist, or the description of a new one."""

    vector_store_ids: Annotated[list[str], MaxItems(1)] = []
    vector_stores: Annotated[list[VectorStoreHelper], MaxItems(1)] = []

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.vector_store_ids and self.vector_stores:
            raise excluding("vector_store_ids", "vector_stores")
        return self


class ToolResourcesInput(InputPart):
    """Tool resources of a new assistant or thread."""

    code_interpreter: CodeInterpreterResources | None = None
    file_search: FileSearchResourcesInput | None = None


class ToolResources(Sparse):
    """Resources of the tools; a tool without resources has no key."""

    code_interpreter: CodeInterpreterResources | None = None
    file_search: FileSearchResources | None = None

    def sandboxed(self, of_thread: ToolResources) -> bool | None:
        """Return whether code runs locked down: one who says so is enough.

        None if nobody says so and the thread does not say ``false`` either: then it depends on what
        ran in the thread's folder before.
        """
        named = (self.code_interpreter, of_thread.code_interpreter)
        if any(each is not None and bool(each.sandbox) for each in named):
            return True
        own = of_thread.code_interpreter
        return False if own is not None and own.sandbox is False else None

    def live_kernel(self, of_thread: ToolResources) -> str | None:
        """Return the live kernel that a thread names, or else these resources of its run."""
        named = of_thread.code_interpreter
        ours = self.code_interpreter
        return (named.kernel_id if named else None) or (ours.kernel_id if ours else None)


class FunctionName(Part):
    """The name inside a named tool choice."""

    name: str


class NamedToolChoice(Sparse):
    """Forces one tool once."""

    type: Annotated[str, ToolTypeName("function", "code_interpreter", "file_search")]
    function: FunctionName | None = None


def _shape(value: Any) -> str:
    return "choice" if isinstance(value, str) else "named"


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("choice")]
    | Annotated[NamedToolChoice, Tag("named")],
    Discriminator(_shape),
]


class TextFormat(Part):
    """Plain text."""

    type: Literal["text"]


class JsonObjectFormat(Part):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchema(Sparse):
    """The schema of a structured answer."""

    name: str = Field(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
    description: str | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(Part):
    """JSON that fits a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


_Format = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]
ResponseFormat = Annotated[
    Annotated[Literal["auto"], Tag("choice")] | Annotated[_Format, Tag("named")],
    Discriminator(_shape),
]


class TruncationStrategy(InputPart):
    """Which messages of a long thread the model sees."""

    type: Literal["auto", "last_messages"] = "auto"
    last_messages: Annotated[int, Field(ge=1), FROM_DECIMAL] | None = None


ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
