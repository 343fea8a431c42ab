"""file_search: looks into the vector stores of the assistant and the thread."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.protocol.errors import NotFound, ToolError, VectorStoreExpired
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.locations import FilePlace, ResultExtension, TextPlace
from jupyter_assistants.protocol.steps import (
    CallExtension,
    FileSearch,
    FileSearchCall,
    FileSearchResult,
    PassageText,
)
from jupyter_assistants.protocol.tools import (
    DEFAULT_RANKING,
    FileSearchOptions,
    FileSearchResources,
)
from jupyter_assistants.protocol.tools import FileSearchTool as Declared
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile
from jupyter_assistants.retrieval.base import FileText, Hit, IndexUnavailable, Ranking
from jupyter_assistants.tools.arguments import normalized, read_value, wrong_arguments
from jupyter_assistants.tools.base import (
    Following,
    Progress,
    Tool,
    ToolContext,
    ToolParts,
    ToolResult,
)
from jupyter_assistants.tools.file_search.passages import Passage, for_model, passages

FILE_SEARCH = "file_search"
WAIT_SECONDS = 60.0
DEFAULT_RESULTS = 20
MOST_TOKENS = 16_000
MOST_QUERIES = 20
_SPEC = ToolSpec(
    name=FILE_SEARCH,
    description="Search the files that were given to you and get the passages that fit best. Give "
    "one to five queries: short, in the words that the files may use; a query for each thing that "
    "you need to know, and other words for the same thing.",
    parameters={
        "type": "object",
        "properties": {"queries": {"type": "array", "items": {"type": "string"}}},
        "required": ["queries"],
        "additionalProperties": False,
    },
    strict=True,
)
_LISTED = 50
_POLL_SECONDS = 0.1


class HostedFileSearch(Tool):
    """The tool type ``file_search``."""

    type = "file_search"

    def __init__(self, parts: ToolParts) -> None:
        super().__init__(parts)
        self._storage = parts.storage
        self._index = parts.index

    def spec(self) -> ToolSpec:
        """Return the function that the model is told of."""
        return _SPEC

    def accept(self, arguments: str, context: ToolContext) -> str:
        """Return the arguments as JSON with queries."""
        return normalized(arguments, {"queries": queries_of(arguments)})

    async def prepare(self, context: ToolContext) -> None:
        """Wait, though not for ever, until the thread's own files are searchable.

        Raises
        ------
        VectorStoreExpired
            If a vector store of the run has expired.
        """
        await asyncio.to_thread(self._touch, context)
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until and await asyncio.to_thread(self._busy, context):
            await asyncio.sleep(_POLL_SECONDS)

    def _touch(self, context: ToolContext) -> None:
        for vector_store in self._vector_stores(context):
            if vector_store.is_expired:
                raise VectorStoreExpired(vector_store.id)
            self._storage.save(vector_store.changed(last_active_at=now()), owner=context.owner)

    def _busy(self, context: ToolContext) -> bool:
        own = context.thread.tool_resources.file_search
        return any(
            self._storage.count(VectorStoreFile, parent=id).get("in_progress")
            for id in (own.vector_store_ids if own else ())
        )

    def _vector_stores(self, context: ToolContext) -> list[VectorStore]:
        found = []
        for resources in (context.run.tool_resources, context.thread.tool_resources):
            for id in (resources.file_search or FileSearchResources()).vector_store_ids:
                try:
                    found.append(self._storage.get(VectorStore, id, owner=context.owner))
                except NotFound:
                    # Deleted while a run still knows it.
                    continue
        return list({each.id: each for each in found}.values())

    def briefing(self, context: ToolContext) -> str:
        """Return which files there are and how to cite them."""
        names = self._names(context)
        listed = f" The files: {', '.join(names)}." if names else ""
        return (
            f"You can search the user's files with the tool {FILE_SEARCH}.{listed} Search before "
            "you answer a question that they may answer. Behind each statement that you take from "
            "a passage, put the mark that stands above it, exactly as it is, for example "
            "【0:2†notes.txt】. Never make up a mark. If the files do not answer the question, say so."
        )

    def _names(self, context: ToolContext) -> list[str]:
        names: list[str] = []
        for vector_store in self._vector_stores(context):
            try:
                found = self._index.filenames(vector_store.id, limit=_LISTED - len(names))
            except IndexUnavailable:
                # The call says so, if there is one.
                break
            names += [json.dumps(name, ensure_ascii=False) for name in found]
        return names

    def begin(self, call_id: str, arguments: str) -> FileSearchCall:
        """Return the step's tool call: nothing is shown before there are results."""
        return FileSearchCall(id=call_id)

    def follow(self) -> Following:
        """Return nothing: the protocol's deltas have no place for queries."""
        return lambda arguments: None

    async def call(
        self, call_id: str, arguments: str, context: ToolContext, progress: Progress
    ) -> ToolResult:
        """Search both vector stores."""
        queries = queries_of(arguments)
        options = _options(context)
        ranking = options.ranking_options
        started = time.monotonic()

        def search() -> tuple[list[Passage], str]:
            ids = [vector_store.id for vector_store in self._vector_stores(context)]
            limit = options.max_num_results or DEFAULT_RESULTS
            self.parts.check_searchable(ids)
            hits = self._index.search(
                queries,
                ids,
                limit=limit,
                threshold=ranking.score_threshold,
                ranking=Ranking.of(ranking.hybrid_search),
            )
            most = MOST_TOKENS if context.room is None else min(MOST_TOKENS, context.room)
            return for_model(passages(hits, self._text_of), context.number, most)

        status, note = "ok", None
        try:
            shown, text = await asyncio.to_thread(search)
        except IndexUnavailable as error:
            # Nothing found would be untrue. It is no mistake of the model's either, so no ToolError.
            status, note = "error", error.message
            shown, text = [], f"error: the files were not searched: {note} Tell the user so."
        ranker = ranking.ranker or DEFAULT_RANKING.ranker
        return ToolResult(
            details=FileSearchCall(
                id=call_id,
                file_search=FileSearch(
                    ranking_options=ranking.model_copy(update={"ranker": ranker}),
                    results=[_result(passage) for passage in shown],
                ),
            ),
            output=text,
            extension=CallExtension(
                status=status,
                note=note,
                number=context.number,
                queries=queries,
                seconds=round(time.monotonic() - started, 3),
            ),
        )

    def _text_of(self, hit: Hit) -> FileText:
        return FileText(self._index.blocks(hit.vector_store_id, hit.file_id))


def queries_of(arguments: str) -> list[str]:
    """Return the queries of a call; models also send one query, or bare text.

    Raises
    ------
    ToolError
        If there is none.
    """
    value = _value_of(arguments)
    if isinstance(value, dict):
        value = value.get("queries") or value.get("query")
    if isinstance(value, str):
        value = [value]
    found = value if isinstance(value, list) else []
    queries = [query for query in found if isinstance(query, str) and query.strip()]
    if not queries:
        raise wrong_arguments(_SPEC, "the arguments need at least one query")
    return queries[:MOST_QUERIES]


def _value_of(arguments: str) -> Any:
    text = arguments.lstrip()
    if text.startswith(("{", '"{', "```")):
        return read_value(arguments, _SPEC)
    try:
        return parse_untrusted(text) if not text.startswith("[") else read_value(text, _SPEC)
    except (ValueError, ToolError):
        # Words, such as "[draft] contract".
        return arguments


def _options(context: ToolContext) -> FileSearchOptions:
    declared = [tool.file_search for tool in context.run.tools if isinstance(tool, Declared)]
    return declared[0] if declared else FileSearchOptions()


def _result(passage: Passage) -> FileSearchResult:
    places = [
        TextPlace(
            place=FilePlace.model_validate(piece.location.to_json()),
            label=piece.location.label or None,
            start=piece.start,
            end=piece.stop,
        )
        for piece in passage.pieces
    ]
    return FileSearchResult(
        file_id=passage.file_id,
        file_name=passage.filename,
        score=passage.score,
        content=[PassageText(text=piece.text) for piece in passage.pieces],
        jupyter=ResultExtension(places=places),
    )
