"""The whole API on one page: every operation, its path, its function, and who may call it.

Bodies, queries and the objects of a path are the parameters of the functions; see
:class:`jupyter_assistants.api.route.Route`. docs/api.md describes the operations by their ids.
"""

from __future__ import annotations

from jupyter_assistants.api.assistants import Assistants
from jupyter_assistants.api.cell_checks import CellChecks
from jupyter_assistants.api.description import ApiDescription
from jupyter_assistants.api.doctor import Doctor
from jupyter_assistants.api.documents import Documents
from jupyter_assistants.api.endpoints import Endpoints
from jupyter_assistants.api.file_batches import FileBatches
from jupyter_assistants.api.files import Files
from jupyter_assistants.api.forms import FILE_FORM, PART_FORM
from jupyter_assistants.api.messages import Messages
from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.api.notebook_context import NotebookContext
from jupyter_assistants.api.previews import Previews
from jupyter_assistants.api.programs import Programs
from jupyter_assistants.api.recordings import Recordings
from jupyter_assistants.api.route import BYTES, EVENTS, JSON, PAGE, Route
from jupyter_assistants.api.run_events import RunEvents
from jupyter_assistants.api.runs import Runs
from jupyter_assistants.api.steps import Steps
from jupyter_assistants.api.thread_copy import ThreadCopies
from jupyter_assistants.api.thread_exports import ThreadExports
from jupyter_assistants.api.thread_usages import ThreadUsages
from jupyter_assistants.api.threads import Threads
from jupyter_assistants.api.tools import Tools
from jupyter_assistants.api.transcripts import Transcripts
from jupyter_assistants.api.undo import Undo
from jupyter_assistants.api.uploads import Uploads
from jupyter_assistants.api.vector_store_events import VectorStoreEvents
from jupyter_assistants.api.vector_store_files import VectorStoreFiles
from jupyter_assistants.api.vector_stores import VectorStores

_A, _T, _M = "/assistants", "/threads", "/threads/{thread_id}/messages"
_R, _F, _U = "/threads/{thread_id}/runs", "/files", "/uploads"
_V = "/vector_stores"
_VF, _VB = _V + "/{vector_store_id}/files", _V + "/{vector_store_id}/file_batches"

# fmt: off
# One line an operation: this is the table of the whole API.
ROUTES: tuple[Route, ...] = (
    Route("create_assistant", "POST", _A, Assistants.create, "write", "assistants"),
    Route("list_assistants", "GET", _A, Assistants.list, "read", "assistants"),
    Route("get_assistant", "GET", _A + "/{assistant_id}", Assistants.get, "read", "assistants"),
    Route("modify_assistant", "POST", _A + "/{assistant_id}", Assistants.modify, "write", "assistants"),
    Route("delete_assistant", "DELETE", _A + "/{assistant_id}", Assistants.delete, "write", "assistants"),
    Route("assistant_program", "GET", _A + "/{assistant_id}/program", Programs.get, "read", "assistants"),
    Route("create_thread_and_run", "POST", _T + "/runs", Runs.create_with_thread, "execute", "runs", answers=JSON | EVENTS),
    Route("create_thread", "POST", _T, Threads.create, "write", "threads"),
    Route("list_threads", "GET", _T, Threads.list, "read", "threads"),
    Route("import_thread", "POST", _T + "/import", ThreadExports.create_thread, "write", "threads", also=("messages", "files")),
    Route("get_thread", "GET", _T + "/{thread_id}", Threads.get, "read", "threads"),
    Route("modify_thread", "POST", _T + "/{thread_id}", Threads.modify, "write", "threads"),
    Route("delete_thread", "DELETE", _T + "/{thread_id}", Threads.delete, "write", "threads"),
    Route("copy_thread", "POST", _T + "/{thread_id}/copy", ThreadCopies.create, "write", "threads", also=("messages", "runs")),
    Route("export_thread", "GET", _T + "/{thread_id}/export", ThreadExports.get, "read", "threads", answers=BYTES, also=("messages", "runs", "files")),
    Route("thread_transcript", "GET", _T + "/{thread_id}/transcript", Transcripts.get, "read", "runs", also=("messages",)),
    Route("thread_usage", "GET", _T + "/{thread_id}/usage", ThreadUsages.get, "read", "threads"),
    Route("create_message", "POST", _M, Messages.create, "write", "messages"),
    Route("list_messages", "GET", _M, Messages.list, "read", "messages"),
    Route("get_message", "GET", _M + "/{message_id}", Messages.get, "read", "messages"),
    Route("modify_message", "POST", _M + "/{message_id}", Messages.modify, "write", "messages"),
    Route("delete_message", "DELETE", _M + "/{message_id}", Messages.delete, "write", "messages"),
    Route("create_run", "POST", _R, Runs.create, "execute", "runs", answers=JSON | EVENTS),
    Route("preview_run", "POST", _R + "/preview", Previews.create, "execute", "runs"),
    Route("list_runs", "GET", _R, Runs.list, "read", "runs"),
    Route("get_run", "GET", _R + "/{run_id}", Runs.get, "read", "runs", poll=True),
    Route("run_events", "GET", _R + "/{run_id}/events", RunEvents.of_run, "read", "runs", answers=EVENTS, also=("messages",)),
    Route("thread_events", "GET", _T + "/{thread_id}/events", RunEvents.of_thread, "read", "runs", answers=EVENTS, also=("messages",)),
    Route("modify_run", "POST", _R + "/{run_id}", Runs.modify, "write", "runs"),
    Route("cancel_run", "POST", _R + "/{run_id}/cancel", Runs.cancel, "write", "runs"),
    Route("submit_tool_outputs", "POST", _R + "/{run_id}/submit_tool_outputs", Runs.submit_tool_outputs, "execute", "runs", answers=JSON | EVENTS),
    Route("input_reply", "POST", _R + "/{run_id}/input_reply", Runs.reply_to_input, "execute", "runs"),
    Route("run_cells", "GET", _R + "/{run_id}/cells", CellChecks.get, "read", "runs", answers=JSON | BYTES, also=("messages",)),
    Route("check_cells", "POST", _R + "/{run_id}/cells/check", CellChecks.create, "execute", "runs"),
    Route("run_recording", "GET", _R + "/{run_id}/recording", Recordings.get, "read", "runs", also=("messages",)),
    Route("run_cassette", "GET", _R + "/{run_id}/cassette", Recordings.get, "read", "runs", also=("messages",)),
    Route("list_steps", "GET", _R + "/{run_id}/steps", Steps.list, "read", "runs"),
    Route("get_step", "GET", _R + "/{run_id}/steps/{step_id}", Steps.get, "read", "runs"),
    Route("undo_step", "POST", _R + "/{run_id}/steps/{step_id}/undo", Undo.undo_step, "execute", "runs"),
    Route("create_file", "POST", _F, Files.create, "write", "files", form=FILE_FORM),
    Route("list_files", "GET", _F, Files.list, "read", "files"),
    Route("get_file", "GET", _F + "/{file_id}", Files.get, "read", "files"),
    Route("delete_file", "DELETE", _F + "/{file_id}", Files.delete, "write", "files"),
    Route("get_file_table", "GET", _F + "/{file_id}/table", Files.table, "read", "files"),
    Route("open_file", "GET", _F + "/{file_id}/content", Files.open, "read", "files", answers=BYTES, same_origin=True),
    Route("get_file_text", "GET", _F + "/{file_id}/text", Documents.get, "read", "files"),
    Route("view_file", "GET", _F + "/{file_id}/view", Documents.view, "read", "files", answers=PAGE),
    Route("create_upload", "POST", _U, Uploads.create, "write", "files"),
    Route("create_upload_part", "POST", _U + "/{upload_id}/parts", Uploads.add_part, "write", "files", form=PART_FORM),
    Route("complete_upload", "POST", _U + "/{upload_id}/complete", Uploads.complete, "write", "files"),
    Route("cancel_upload", "POST", _U + "/{upload_id}/cancel", Uploads.cancel, "write", "files"),
    Route("create_vector_store", "POST", _V, VectorStores.create, "write", "vector_stores"),
    Route("list_vector_stores", "GET", _V, VectorStores.list, "read", "vector_stores"),
    Route("get_vector_store", "GET", _V + "/{vector_store_id}", VectorStores.get, "read", "vector_stores"),
    Route("modify_vector_store", "POST", _V + "/{vector_store_id}", VectorStores.modify, "write", "vector_stores"),
    Route("delete_vector_store", "DELETE", _V + "/{vector_store_id}", VectorStores.delete, "write", "vector_stores"),
    Route("vector_store_events", "GET", _V + "/{vector_store_id}/events", VectorStoreEvents.stream, "read", "vector_stores", answers=EVENTS),
    Route("search_vector_store", "POST", _V + "/{vector_store_id}/search", VectorStores.search, "read", "vector_stores", also=("files",)),
    Route("create_vector_store_file", "POST", _VF, VectorStoreFiles.create, "write", "vector_stores"),
    Route("list_vector_store_files", "GET", _VF, VectorStoreFiles.list, "read", "vector_stores"),
    Route("get_vector_store_file", "GET", _VF + "/{file_id}", VectorStoreFiles.get, "read", "vector_stores", poll=True),
    Route("modify_vector_store_file", "POST", _VF + "/{file_id}", VectorStoreFiles.modify, "write", "vector_stores"),
    Route("delete_vector_store_file", "DELETE", _VF + "/{file_id}", VectorStoreFiles.delete, "write", "vector_stores"),
    Route("get_vector_store_file_content", "GET", _VF + "/{file_id}/content", VectorStoreFiles.content, "read", "vector_stores", also=("files",)),
    Route("create_file_batch", "POST", _VB, FileBatches.create, "write", "vector_stores"),
    Route("get_file_batch", "GET", _VB + "/{batch_id}", FileBatches.get, "read", "vector_stores", poll=True),
    Route("cancel_file_batch", "POST", _VB + "/{batch_id}/cancel", FileBatches.cancel, "write", "vector_stores"),
    Route("list_file_batch_files", "GET", _VB + "/{batch_id}/files", FileBatches.list_files, "read", "vector_stores"),
    Route("list_variables", "GET", "/kernels/{kernel_id}/variables", NotebookContext.list_variables, "execute", "kernels"),
    Route("list_models", "GET", "/models", ModelCatalog.list, "read", "models"),
    Route("get_model", "GET", "/models/{model}", ModelCatalog.get, "read", "models"),
    Route("list_endpoints", "GET", "/endpoints", Endpoints.list, "read", "models"),
    Route("connect_endpoint", "POST", "/endpoints/{endpoint}/connect", Endpoints.connect, "write", "models"),
    Route("disconnect_endpoint", "POST", "/endpoints/{endpoint}/disconnect", Endpoints.disconnect, "write", "models"),
    Route("list_tools", "GET", "/tools", Tools.list, "read", "assistants"),
    Route("doctor", "GET", "/doctor", Doctor.get, "read", "doctor"),
    Route("examine", "POST", "/doctor", Doctor.examine, "execute", "doctor"),
    Route("describe_api", "GET", "/openapi.json", ApiDescription.get, "read", "openapi"),
)
# fmt: on
