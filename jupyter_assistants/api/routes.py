"""The whole API on one page: every operation, its path, its body and who may ask for it.

The HTTP server and the in-process client both go through :func:`find` and :func:`perform`, so
that neither can know an operation that the other lacks. Nothing here knows of HTTP beyond verbs
and paths.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from jupyter_assistants.protocol.assistants import CreateAssistant, ModifyAssistant
from jupyter_assistants.protocol.base import Body
from jupyter_assistants.protocol.cells import CellsQuery, CheckCells, ProgramQuery
from jupyter_assistants.protocol.doctor import Examine
from jupyter_assistants.protocol.documents import DocumentQuery
from jupyter_assistants.protocol.endpoints import ConnectEndpoint
from jupyter_assistants.protocol.errors import MethodNotAllowed, NotFound
from jupyter_assistants.protocol.event_queries import EventQuery, RunQuery
from jupyter_assistants.protocol.kernels import VariableQuery
from jupyter_assistants.protocol.messages import CreateMessage, ModifyMessage
from jupyter_assistants.protocol.pages import (
    FilePageQuery,
    IncludeQuery,
    MessagePageQuery,
    PageQuery,
    StepPageQuery,
)
from jupyter_assistants.protocol.runs import (
    CreateRun,
    CreateThreadAndRun,
    InputReply,
    ModifyRun,
    SubmitOutputs,
)
from jupyter_assistants.protocol.thread_exports import (
    CopyThread,
    ExportQuery,
    ThreadExport,
    ThreadPageQuery,
    TranscriptQuery,
)
from jupyter_assistants.protocol.threads import CreateThread, ModifyThread
from jupyter_assistants.protocol.undo import UndoStep
from jupyter_assistants.protocol.uploads import CompleteUpload, CreateUpload
from jupyter_assistants.protocol.validation import parse
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStore,
    CreateVectorStoreFile,
    CreateVectorStoreFileBatch,
    ModifyVectorStore,
    ModifyVectorStoreFile,
    SearchVectorStore,
    VectorStoreFilePageQuery,
)

if TYPE_CHECKING:
    from jupyter_assistants.api import Service

Action = Literal["read", "write", "execute"]


@dataclass(frozen=True)
class Route:
    """One operation.

    Parameters
    ----------
    verb, path
        As in protocol.md section 4; ``{names}`` in the path become arguments.
    operation
        The method of :class:`jupyter_assistants.api.Service` that does it.
    action, resource
        What the authorizer is asked for.
    body, query
        The class of the JSON body, and of the query.
    poll
        Whether clients poll it, so that the answer carries ``openai-poll-after-ms``.
    """

    verb: str
    path: str
    operation: str
    action: Action
    resource: str
    body: type[Body] | None = None
    query: type[Body] | None = None
    poll: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return the regular expression of the path."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path) + r"/?$")


_A, _T, _M = "/assistants", "/threads", "/threads/{thread_id}/messages"
_R, _F, _U = "/threads/{thread_id}/runs", "/files", "/uploads"
_V = "/vector_stores"
_VF, _VB = _V + "/{vector_store_id}/files", _V + "/{vector_store_id}/file_batches"

# fmt: off
# One line an operation: this is the table of the whole API.
ROUTES: tuple[Route, ...] = (
    Route("POST", _A, "create_assistant", "write", "assistants", body=CreateAssistant),
    Route("GET", _A, "list_assistants", "read", "assistants", query=PageQuery),
    Route("GET", _A + "/{assistant_id}", "get_assistant", "read", "assistants"),
    Route("POST", _A + "/{assistant_id}", "modify_assistant", "write", "assistants", body=ModifyAssistant),
    Route("DELETE", _A + "/{assistant_id}", "delete_assistant", "write", "assistants"),
    Route("GET", _A + "/{assistant_id}/program", "assistant_program", "read", "assistants", query=ProgramQuery),
    Route("POST", _T + "/runs", "create_thread_and_run", "execute", "runs", body=CreateThreadAndRun),
    Route("POST", _T, "create_thread", "write", "threads", body=CreateThread),
    Route("GET", _T, "list_threads", "read", "threads", query=ThreadPageQuery),
    Route("POST", _T + "/import", "import_thread", "write", "threads", body=ThreadExport),
    Route("GET", _T + "/{thread_id}", "get_thread", "read", "threads"),
    Route("POST", _T + "/{thread_id}", "modify_thread", "write", "threads", body=ModifyThread),
    Route("DELETE", _T + "/{thread_id}", "delete_thread", "write", "threads"),
    Route("POST", _T + "/{thread_id}/copy", "copy_thread", "write", "threads", body=CopyThread),
    Route("GET", _T + "/{thread_id}/export", "export_thread", "read", "threads", query=ExportQuery),
    Route("GET", _T + "/{thread_id}/transcript", "thread_transcript", "read", "runs", query=TranscriptQuery),
    Route("GET", _T + "/{thread_id}/usage", "thread_usage", "read", "threads"),
    Route("POST", _M, "create_message", "write", "messages", body=CreateMessage),
    Route("GET", _M, "list_messages", "read", "messages", query=MessagePageQuery),
    Route("GET", _M + "/{message_id}", "get_message", "read", "messages"),
    Route("POST", _M + "/{message_id}", "modify_message", "write", "messages", body=ModifyMessage),
    Route("DELETE", _M + "/{message_id}", "delete_message", "write", "messages"),
    Route("POST", _R, "create_run", "execute", "runs", body=CreateRun, query=IncludeQuery),
    Route("POST", _R + "/preview", "preview_run", "read", "runs", body=CreateRun),
    Route("GET", _R, "list_runs", "read", "runs", query=PageQuery),
    Route("GET", _R + "/{run_id}", "get_run", "read", "runs", query=RunQuery, poll=True),
    Route("GET", _R + "/{run_id}/events", "run_events", "read", "runs", query=EventQuery),
    Route("GET", _T + "/{thread_id}/events", "thread_events", "read", "runs", query=EventQuery),
    Route("POST", _R + "/{run_id}", "modify_run", "write", "runs", body=ModifyRun),
    Route("POST", _R + "/{run_id}/cancel", "cancel_run", "write", "runs"),
    Route("POST", _R + "/{run_id}/submit_tool_outputs", "submit_tool_outputs", "execute", "runs", body=SubmitOutputs),
    Route("POST", _R + "/{run_id}/input_reply", "input_reply", "execute", "runs", body=InputReply),
    Route("GET", _R + "/{run_id}/cells", "run_cells", "read", "runs", query=CellsQuery),
    Route("POST", _R + "/{run_id}/cells/check", "check_cells", "execute", "runs", body=CheckCells),
    Route("GET", _R + "/{run_id}/cassette", "run_cassette", "read", "runs"),
    Route("GET", _R + "/{run_id}/steps", "list_steps", "read", "runs", query=StepPageQuery),
    Route("GET", _R + "/{run_id}/steps/{step_id}", "get_step", "read", "runs", query=IncludeQuery),
    Route("POST", _R + "/{run_id}/steps/{step_id}/undo", "undo_step", "execute", "runs", body=UndoStep),
    Route("POST", _F, "create_file", "write", "files"),
    Route("GET", _F, "list_files", "read", "files", query=FilePageQuery),
    Route("GET", _F + "/{file_id}", "get_file", "read", "files"),
    Route("DELETE", _F + "/{file_id}", "delete_file", "write", "files"),
    Route("GET", _F + "/{file_id}/content", "open_file", "read", "files"),
    Route("GET", _F + "/{file_id}/text", "get_file_text", "read", "files", query=DocumentQuery),
    Route("GET", _F + "/{file_id}/view", "view_file", "read", "files", query=DocumentQuery),
    Route("POST", _U, "create_upload", "write", "files", body=CreateUpload),
    Route("POST", _U + "/{upload_id}/parts", "create_upload_part", "write", "files"),
    Route("POST", _U + "/{upload_id}/complete", "complete_upload", "write", "files", body=CompleteUpload),
    Route("POST", _U + "/{upload_id}/cancel", "cancel_upload", "write", "files"),
    Route("POST", _V, "create_vector_store", "write", "vector_stores", body=CreateVectorStore),
    Route("GET", _V, "list_vector_stores", "read", "vector_stores", query=PageQuery),
    Route("GET", _V + "/{vector_store_id}", "get_vector_store", "read", "vector_stores"),
    Route("POST", _V + "/{vector_store_id}", "modify_vector_store", "write", "vector_stores", body=ModifyVectorStore),
    Route("DELETE", _V + "/{vector_store_id}", "delete_vector_store", "write", "vector_stores"),
    Route("GET", _V + "/{vector_store_id}/events", "vector_store_events", "read", "vector_stores"),
    Route("POST", _V + "/{vector_store_id}/search", "search_vector_store", "read", "vector_stores", body=SearchVectorStore),
    Route("POST", _VF, "create_vector_store_file", "write", "vector_stores", body=CreateVectorStoreFile),
    Route("GET", _VF, "list_vector_store_files", "read", "vector_stores", query=VectorStoreFilePageQuery),
    Route("GET", _VF + "/{file_id}", "get_vector_store_file", "read", "vector_stores", poll=True),
    Route("POST", _VF + "/{file_id}", "modify_vector_store_file", "write", "vector_stores", body=ModifyVectorStoreFile),
    Route("DELETE", _VF + "/{file_id}", "delete_vector_store_file", "write", "vector_stores"),
    Route("GET", _VF + "/{file_id}/content", "get_vector_store_file_content", "read", "vector_stores"),
    Route("POST", _VB, "create_file_batch", "write", "vector_stores", body=CreateVectorStoreFileBatch),
    Route("GET", _VB + "/{batch_id}", "get_file_batch", "read", "vector_stores", poll=True),
    Route("POST", _VB + "/{batch_id}/cancel", "cancel_file_batch", "write", "vector_stores"),
    Route("GET", _VB + "/{batch_id}/files", "list_file_batch_files", "read", "vector_stores", query=VectorStoreFilePageQuery),
    Route("GET", "/kernels/{kernel_id}/variables", "list_variables", "read", "kernels", query=VariableQuery),
    Route("GET", "/models", "list_models", "read", "models"),
    Route("GET", "/models/{model}", "get_model", "read", "models"),
    Route("GET", "/endpoints", "list_endpoints", "read", "models"),
    Route("POST", "/endpoints/{endpoint}/connect", "connect_endpoint", "write", "models", body=ConnectEndpoint),
    Route("POST", "/endpoints/{endpoint}/disconnect", "disconnect_endpoint", "write", "models"),
    Route("GET", "/doctor", "doctor", "read", "doctor"),
    Route("POST", "/doctor", "check_health", "execute", "doctor", body=Examine),
    Route("GET", "/openapi.json", "describe_api", "read", "openapi"),
)
# fmt: on

STREAMED = frozenset({"create_run", "create_thread_and_run", "submit_tool_outputs"})
"""Operations that give a stream of events when their body says ``stream: true``."""

_PATTERNS = [(route, route.pattern) for route in ROUTES]


def find(verb: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the operation behind a verb and a path, and the path's arguments.

    Parameters
    ----------
    path
        What follows ``/assistants/v1``, percent-encoded, without the query.

    Raises
    ------
    NotFound
        If no operation has this path.
    MethodNotAllowed
        If others verbs have it.
    """
    known = False
    for route, pattern in _PATTERNS:
        match = pattern.match(path)
        if match is None:
            continue
        if route.verb == verb:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
        known = True
    if known:
        raise MethodNotAllowed(f"Not allowed to {verb} on /v1{path}.")
    raise NotFound(f"Invalid URL ({verb} /v1{path})")


async def perform(
    service: Service,
    owner: str,
    route: Route,
    names: Mapping[str, str],
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Any:
    """Validate and carry out one operation; give what the service's method gives.

    ``create_file``, ``create_upload_part`` and ``open_file`` carry bytes and are called on the
    service directly.

    Parameters
    ----------
    key
        Of a POST, its ``Idempotency-Key``: the same request is carried out once a day.

    Raises
    ------
    AssistantsError
        As the service's method does, and InvalidRequest for a wrong query or body.
    """
    arguments: dict[str, Any] = dict(names)
    await service.check_parents(owner, arguments)
    if route.query is not None:
        arguments["query"] = parse(route.query, dict(query or {}))
    if route.body is not None:
        arguments["body"] = parse(route.body, dict(body or {}), strict=True)

    async def work() -> Any:
        return await getattr(service, route.operation)(owner, **arguments)

    if key is None or route.verb != "POST":
        return await work()
    path = f"{route.operation} {sorted(names.items())}"
    return await service.once(owner, key, path, [dict(query or {}), dict(body or {})], work)
