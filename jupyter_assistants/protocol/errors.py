"""The one tree of errors.

Every error carries what a client needs to show it: an HTTP status, the vendor's ``type``, and
where they are known the parameter and a code. :mod:`jupyter_assistants.server` turns them into
answers in one place; the notebook shows ``message`` as one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class AssistantsError(Exception):
    """Any error that this package raises on purpose.

    Parameters
    ----------
    message
        What is wrong, with the offending value, and what to do next.
    param
        The name of the request field that is wrong, or None.
    code
        A machine-readable code of the protocol, or None.
    """

    status = 500
    type = "server_error"

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """Return the JSON body (docs/internals/protocol.md, "Errors")."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


class InvalidRequest(AssistantsError):
    """A request that can never succeed as it is (400)."""

    status = 400
    type = "invalid_request_error"


class Unauthenticated(InvalidRequest):
    """No key, or a wrong one (401)."""

    status = 401


class Forbidden(InvalidRequest):
    """The user is known and may not do this (403)."""

    status = 403


class NotFound(InvalidRequest):
    """An id or a path that names nothing (404); the texts are the hosted API's."""

    status = 404

    _TEXTS = {
        "assistant": "No assistant found with id '{id}'.",
        "thread": "No thread found with id '{id}'.",
        "thread.message": "No message found with id '{id}'.",
        "thread.run": "No run found with id '{id}'.",
        "thread.run.step": "No run step found with id '{id}'.",
        "file": "No such File object: {id}",
        "upload": "No upload found with id '{id}'.",
        "upload.part": "No upload part found with id '{id}'.",
        "vector_store": "No vector store found with id '{id}'.",
        "vector_store.file": "No file found with id '{id}' in vector store '{parent}'.",
        "vector_store.files_batch": "No file batch found with id '{id}' in vector store '{parent}'.",
        "model": "No model found with id '{id}'.",
    }

    @classmethod
    def of(cls, kind: str, id: str, *, param: str | None = None, parent: str = "") -> NotFound:
        """Return the error for an object of this kind (the wire's ``object`` value).

        Parameters
        ----------
        parent
            The vector store that a file or a batch was looked for in.
        """
        text = cls._TEXTS.get(kind, "No object found with id '{id}'.")
        if kind == "file" and param is None:
            param = "id"
        return cls(text.format(id=id, parent=parent), param=param)


class InProgress(InvalidRequest):
    """The same request is being worked on (409); SDKs ask again by themselves."""

    status = 409


class MethodNotAllowed(InvalidRequest):
    """A known path asked with a verb that it does not have (405)."""

    status = 405


class TooLarge(InvalidRequest):
    """An upload above the limit (413)."""

    status = 413


class ThreadLocked(InvalidRequest):
    """A run is active on the thread, so it takes no new messages and no new runs (400).

    409 would make every stock SDK retry and stall (docs/internals/decisions.md, "The lock of a thread answers 400").
    """

    def __init__(self, thread_id: str, run_id: str, *, adding: bool = False) -> None:
        text = (
            f"Can't add messages to {thread_id} while a run {run_id} is active."
            if adding
            else f"Thread {thread_id} already has an active run {run_id}."
        )
        super().__init__(text)
        self.thread_id = thread_id
        self.run_id = run_id


class VectorStoreExpired(InvalidRequest):
    """A vector store was not used for as long as it was to be kept."""

    def __init__(self, vector_store_id: str) -> None:
        super().__init__(f"Vector store {vector_store_id} has expired.")


class WrongToolOutputs(InvalidRequest):
    """The posted outputs are not exactly those that the run waits for (400)."""

    def __init__(self, expected: Sequence[str], got: Sequence[str]) -> None:
        super().__init__(
            f"Expected tool outputs for call_ids {list(expected)!r}, got {list(got)!r}"
        )


class StorageError(AssistantsError):
    """The database or the file folder cannot be used."""


class StorageUnavailable(StorageError):
    """The database or the file folder cannot be used for now (503): the same request may work later.

    Its text is the server's own, never the driver's, which can name hosts, users and statements.
    """

    status = 503
    retry_after = 5
    """Seconds, of the header ``Retry-After``."""


class ClaimLost(StorageError):
    """Another process drives this run now; whoever gets this error must stop writing."""


class ProviderError(AssistantsError):
    """The model's endpoint did not do its part; it ends the run, never the thread.

    Parameters
    ----------
    run_code
        The code of the run's ``last_error``: ``server_error``, ``rate_limit_exceeded`` or
        ``invalid_prompt``.
    """

    status = 502

    def __init__(
        self,
        message: str,
        *,
        run_code: str = "server_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, param=param, code=code)
        self.run_code = run_code


class ExecutorError(AssistantsError):
    """Code could not be run at all (no kernel, wrong kernel, folder missing)."""


class KernelBusy(InvalidRequest):
    """The kernel runs somebody's cell (409)."""

    status = 409


class UndoRefused(InvalidRequest):
    """Undoing a step would lose what somebody did since, or it is undone already (409)."""

    status = 409


class ToolError(AssistantsError):
    """A tool call that the model can mend; its text goes back to the model."""


class ApprovalNeeded(InvalidRequest):
    """Code wants to run in a live kernel and nobody can be asked (403)."""

    status = 403


class RunFailed(AssistantsError):
    """A run ended in another state than completed; raised where a person waits for it."""
