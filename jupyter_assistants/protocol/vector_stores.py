"""Vector stores, their files and batches (docs/internals/protocol.md, "Vector stores")."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from jupyter_assistants.protocol.base import Body, MaxItems, Metadata, Part, Whole, WireObject
from jupyter_assistants.protocol.filters import Attributes, SearchFilter
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.locations import ResultExtension
from jupyter_assistants.protocol.pages import PageQuery

MOST_FILE_IDS = 500
MOST_BATCH_FILES = 2000
HELPER_DAYS = 7
"""Vector stores that come with a thread or a message go so many days after their last use."""
MOST_WEIGHT = 1000.0
_DAY = 24 * 3600

FileStatus = Literal["in_progress", "completed", "cancelled", "failed"]


class StaticChunking(Part):
    """Sizes in tokens."""

    max_chunk_size_tokens: Whole = Field(default=800, ge=100, le=4096)
    chunk_overlap_tokens: Whole = Field(default=400, ge=0)

    @field_validator("chunk_overlap_tokens")
    @classmethod
    def _half_at_most(cls, value: int, info: ValidationInfo) -> int:
        half = info.data.get("max_chunk_size_tokens", value * 2) // 2
        if value > half:
            raise PydanticCustomError("less_than_equal", "too much overlap", {"le": half})
        return value


class StaticChunkingStrategy(Part):
    """Chunks of one size, as they are reported for ``auto`` as well."""

    type: Literal["static"] = "static"
    static: StaticChunking = StaticChunking()


class StaticChunkingInput(Part):
    """A client's choice of sizes; both have to be given."""

    type: Literal["static"]
    static: StaticChunkingSizes


class StaticChunkingSizes(StaticChunking):
    """Sizes in tokens."""

    max_chunk_size_tokens: Whole = Field(ge=100, le=4096)
    chunk_overlap_tokens: Whole = Field(ge=0)


StaticChunkingInput.model_rebuild()


class AutoChunkingInput(Part):
    """We choose."""

    type: Literal["auto"]


ChunkingInput = Annotated[AutoChunkingInput | StaticChunkingInput, Field(discriminator="type")]


def chosen(given: AutoChunkingInput | StaticChunkingInput | None) -> StaticChunkingStrategy:
    """Return the strategy that is reported; ``auto`` is reported as hosted."""
    if not isinstance(given, StaticChunkingInput):
        return StaticChunkingStrategy()
    return StaticChunkingStrategy(static=StaticChunking(**given.static.model_dump()))


class VectorStoreExpiration(Part):
    """When a vector store expires by itself."""

    anchor: Literal["last_active_at"]
    days: Whole = Field(ge=1, le=365)


class FileCounts(Part):
    """How many files of a vector store or a batch are in which state."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class EmbeddingState(Part):
    """How far a vector store can be searched by meaning.

    Parameters
    ----------
    model
        What makes the vectors; null where files are found by their words alone.
    dimension
        Of its vectors, as soon as there are any.
    chunks, embedded
        How many chunks the files have, and how many of these have vectors of this model.
    """

    model: str | None = None
    dimension: int | None = None
    chunks: int = 0
    embedded: int = 0


class VectorStoreExtension(Part):
    """Extension field ``jupyter`` of a vector store."""

    embeddings: EmbeddingState = EmbeddingState()


class VectorStore(WireObject):
    """Files made searchable.

    ``status``, ``file_counts``, ``usage_bytes``, ``expires_at`` and ``jupyter`` are derived
    whenever the object is shown; what the store keeps of them means nothing.
    """

    kind: ClassVar[str] = "vector_store"

    object: Literal["vector_store"] = "vector_store"
    name: str = ""
    usage_bytes: int = 0
    file_counts: FileCounts = FileCounts()
    status: Literal["expired", "in_progress", "completed"] = "completed"
    expires_after: VectorStoreExpiration | None = None
    expires_at: int | None = None
    last_active_at: int
    metadata: Metadata = {}
    jupyter: VectorStoreExtension = VectorStoreExtension()

    @property
    def ends_at(self) -> int | None:
        """Return the time at which it expires, if it does."""
        if self.expires_after is None:
            return None
        return self.last_active_at + self.expires_after.days * _DAY

    @property
    def is_expired(self) -> bool:
        """Return whether its time is over."""
        return self.ends_at is not None and self.ends_at <= now()


class FileError(Part):
    """Why a file is not searchable."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


class VectorStoreFile(WireObject):
    """A file in a vector store; on the wire it goes by the file's id.

    Parameters
    ----------
    batch_id
        The batch that attached it.
    attempt
        Names one ingestion: results of an older one are dropped.
    size
        How many bytes the file has.
    auto_chunks
        Whether it is cut along its structure; ``chunking_strategy`` is what the wire says then.
    restoring
        Whether it was searchable, and is ingested again because the index has lost it.
    """

    kind: ClassVar[str] = "vector_store.file"
    internal: ClassVar[frozenset[str]] = frozenset(
        {"batch_id", "attempt", "size", "auto_chunks", "restoring"}
    )

    object: Literal["vector_store.file"] = "vector_store.file"
    usage_bytes: int = 0  # shown anew each time: vectors come after the file is completed
    vector_store_id: str
    status: FileStatus = "in_progress"
    last_error: FileError | None = None
    chunking_strategy: StaticChunkingStrategy = StaticChunkingStrategy()
    attributes: Attributes = {}
    batch_id: str | None = None
    attempt: str = ""
    size: int = 0
    auto_chunks: bool = False
    restoring: bool = False

    @property
    def storage_id(self) -> str:
        """Return an id that no other vector store's entry of the same file has."""
        return entry_id(self.vector_store_id, self.id)

    @property
    def parent(self) -> str:
        """Return the vector store's id."""
        return self.vector_store_id

    @property
    def key(self) -> str | None:
        """Return the batch's id."""
        return self.batch_id


def entry_id(vector_store_id: str, file_id: str) -> str:
    """Return the id under which a vector store's file is kept."""
    return f"{vector_store_id}/{file_id}"


class VectorStoreFileBatch(WireObject):
    """Files attached together. ``status`` and ``file_counts`` are derived when it is shown."""

    kind: ClassVar[str] = "vector_store.files_batch"
    internal: ClassVar[frozenset[str]] = frozenset({"was_cancelled"})

    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    vector_store_id: str
    status: FileStatus = "in_progress"
    file_counts: FileCounts = FileCounts()
    was_cancelled: bool = False

    @property
    def parent(self) -> str:
        """Return the vector store's id."""
        return self.vector_store_id

    def counted(self, counts: FileCounts) -> Self:
        """Return the batch as it is shown with these counts."""
        status: FileStatus = "completed"
        if counts.in_progress:
            status = "in_progress"
        elif self.was_cancelled:
            status = "cancelled"
        elif counts.total and counts.failed == counts.total:
            status = "failed"
        return self.changed(status=status, file_counts=counts)


# -- bodies -------------------------------------------------------------------------------------


class CreateVectorStore(Body):
    """Body of ``POST /vector_stores``."""

    file_ids: Annotated[list[str], MaxItems(MOST_FILE_IDS)] = []
    name: Annotated[str, Field(max_length=256)] = ""
    expires_after: VectorStoreExpiration | None = None
    chunking_strategy: ChunkingInput | None = None
    metadata: Metadata = {}


class ModifyVectorStore(Body):
    """Body of ``POST /vector_stores/{vector_store_id}``: what is not given stays."""

    clearable = frozenset({"name", "expires_after"})

    name: Annotated[str, Field(max_length=256)] | None = None
    expires_after: VectorStoreExpiration | None = None
    metadata: Metadata | None = None


class CreateVectorStoreFile(Body):
    """Body of ``POST /vector_stores/{vector_store_id}/files``, and one file of a batch."""

    file_id: str
    chunking_strategy: ChunkingInput | None = None
    attributes: Attributes = {}


class ModifyVectorStoreFile(Body):
    """Body of ``POST /vector_stores/{vector_store_id}/files/{file_id}``; null clears."""

    clearable = frozenset({"attributes"})

    attributes: Attributes | None


class CreateVectorStoreFileBatch(Body):
    """Body of ``POST /vector_stores/{vector_store_id}/file_batches``: ``file_ids`` or ``files``.

    With ``files``, each has options of its own and the common ones are passed over.
    """

    file_ids: Annotated[list[str], Field(min_length=1), MaxItems(MOST_BATCH_FILES)] | None = None
    files: (
        Annotated[list[CreateVectorStoreFile], Field(min_length=1), MaxItems(MOST_BATCH_FILES)]
        | None
    ) = None
    chunking_strategy: ChunkingInput | None = None
    attributes: Attributes = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.file_ids is not None and self.files is not None:
            raise excluding("file_ids", "files")
        if self.file_ids is None and self.files is None:
            raise PydanticCustomError("one_missing", "missing", {"name": "file_ids"})
        return self

    def each(self) -> list[CreateVectorStoreFile]:
        """Return every file with its own options."""
        if self.files is not None:
            return self.files
        return [
            CreateVectorStoreFile.model_construct(
                file_id=file_id,
                chunking_strategy=self.chunking_strategy,
                attributes=self.attributes,
            )
            for file_id in self.file_ids or []
        ]


def excluding(first: str, second: str) -> PydanticCustomError:
    """Return the error for two fields of which only one may be given."""
    return PydanticCustomError("excluding", "not both", {"first": first, "second": second})


class VectorStoreFilePageQuery(PageQuery):
    """Files of a vector store or a batch can be kept to one state."""

    filter: FileStatus | None = None


class HybridSearch(Part):
    """How much meaning and words count beside each other; 0 leaves one out."""

    embedding_weight: float = Field(default=1.0, ge=0, le=MOST_WEIGHT)
    text_weight: float = Field(default=1.0, ge=0, le=MOST_WEIGHT)

    @model_validator(mode="after")
    def _not_both_left_out(self) -> Self:
        if not self.embedding_weight and not self.text_weight:
            raise PydanticCustomError("weightless", "no weight", {})
        return self


class SearchRanking(Body):
    """How results are ranked, and the least score of a result."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: float = Field(default=0.0, ge=0, le=1)
    hybrid_search: HybridSearch | None = None


class SearchVectorStore(Body):
    """Body of ``POST /vector_stores/{vector_store_id}/search``."""

    query: Annotated[list[str], Field(min_length=1), MaxItems(50)]
    rewrite_query: bool = False
    max_num_results: Whole = Field(default=10, ge=1, le=50)
    filters: SearchFilter | None = None
    ranking_options: SearchRanking = SearchRanking()

    @classmethod
    def describe_taken(cls, schema: JsonSchemaValue) -> None:
        """Describe that one query may come without a list."""
        super().describe_taken(schema)
        query = schema["properties"]["query"]
        schema["properties"]["query"] = {"anyOf": [{"type": "string"}, query]}

    @field_validator("query", mode="before")
    @classmethod
    def _one_query_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


# -- answers that are no objects ----------------------------------------------------------------


class TextPart(Part):
    """A piece of a file's text."""

    type: Literal["text"] = "text"
    text: str


class SearchResult(Part):
    """A passage that was found.

    Parameters
    ----------
    jupyter
        Extension: where it stands.
    """

    file_id: str
    filename: str
    score: float
    attributes: Attributes = {}
    content: list[TextPart]
    jupyter: ResultExtension = ResultExtension()


class SearchResults(Part):
    """All that a search gives: there is one page only."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[SearchResult]
    has_more: bool = False
    next_page: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


class FileContent(Part):
    """The text of a file as it was parsed: there is one page only."""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    data: list[TextPart]
    has_more: bool = False
    next_page: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
