"""Objects to store: one of each kind with everything set, and short ones to make many of."""

from __future__ import annotations

from itertools import count
from typing import Any

from jupyter_assistants.protocol.answers import KeptAnswer
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.protocol.uploads import Upload, UploadPart
from jupyter_assistants.protocol.vector_stores import (
    VectorStore,
    VectorStoreExpiration,
    VectorStoreFile,
    VectorStoreFileBatch,
)

_number = count(1)
NEVER = 4_000_000_000


def message(thread_id: str = "thread_1", text: str = "Hello", **fields: Any) -> Message:
    """Return a new message, all of them of the same second."""
    given = {
        "id": f"msg_{next(_number)}",
        "created_at": 1_700_000_000,
        "thread_id": thread_id,
        "role": "user",
        "content": [{"type": "text", "text": {"value": text}}],
    }
    return Message.model_validate(given | fields)


def thread(id: str = "thread_1") -> Thread:
    return Thread(id=id, created_at=1_700_000_000)


def run(id: str = "run_1", thread_id: str = "thread_1", **fields: Any) -> Run:
    given = {"id": id, "created_at": 1, "thread_id": thread_id, "assistant_id": "a", "model": "m"}
    return Run.model_validate(given | fields)


def step(id: str = "step_1", run_id: str = "run_1", thread_id: str = "thread_1") -> RunStep:
    call = {
        "id": "call_1",
        "type": "code_interpreter",
        "code_interpreter": {
            "input": "print(1)",
            "outputs": [
                {"type": "logs", "logs": "1\n"},
                {"type": "image", "image": {"file_id": "file-1"}},
            ],
        },
    }
    outputs = [{"output_type": "stream", "name": "stdout", "text": "1\n\x00 ü 🎉"}]
    return RunStep.model_validate(
        {
            "id": id,
            "created_at": 1,
            "run_id": run_id,
            "thread_id": thread_id,
            "assistant_id": "asst_1",
            "type": "tool_calls",
            "step_details": {"type": "tool_calls", "tool_calls": [call]},
            "jupyter": {"calls": {"call_1": {"outputs": outputs, "seconds": 0.5, "status": "ok"}}},
        }
    )


def item(thread_id: str = "thread_1", **fields: Any) -> Item:
    given = {
        "id": f"item_{next(_number)}",
        "created_at": 1_700_000_000,
        "thread_id": thread_id,
        "run_id": "run_1",
        "type": "function_call",
        "extras": {"openai": {"encrypted": "…"}},
    }
    return Item.model_validate(given | fields)


def file(id: str = "file-1", **fields: Any) -> File:
    given = {"id": id, "created_at": 1, "bytes": 3, "filename": "a.csv", "purpose": "assistants"}
    return File.model_validate(given | fields)


def assistant(id: str = "asst_1") -> Assistant:
    schema = {"name": "answer", "schema": {"type": "object", "default": None}, "strict": True}
    return Assistant.model_validate(
        {
            "id": id,
            "created_at": 1,
            "model": "m",
            "name": "Ünï",
            "tools": [
                {"type": "code_interpreter"},
                {"type": "function", "function": {"name": "f", "parameters": {"a": None}}},
            ],
            "tool_resources": {"code_interpreter": {"file_ids": ["file-1"], "kernel_id": "k"}},
            "metadata": {"a": "b"},
            "temperature": None,
            "response_format": {"type": "json_schema", "json_schema": schema},
            "reasoning_effort": "low",
        }
    )


def vector_store(id: str = "vs_1") -> VectorStore:
    return VectorStore(id=id, created_at=1, last_active_at=1)


def entry(file_id: str = "file-1", vector_store_id: str = "vs_1", **fields: Any) -> VectorStoreFile:
    """Return a file's entry in a vector store, which is stored under an id of its own."""
    return VectorStoreFile(id=file_id, created_at=1, vector_store_id=vector_store_id, **fields)


def one_of_each_kind() -> list[WireObject]:
    needed = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "run_python", "arguments": '{"code": "1"}'},
    }
    return [
        assistant(),
        thread(),
        message(
            attachments=[{"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}],
            run_id="run_1",
        ),
        run(
            status="requires_action",
            required_action={"submit_tool_outputs": {"tool_calls": [needed]}},
            tool_choice={"type": "function", "function": {"name": "f"}},
            spent={"prompt_tokens": 7},
            turns=2,
            jupyter={"place": "caller", "seen": "34 of 61 messages"},
        ),
        step(),
        item(),
        file(jupyter={"sha256": "0" * 64, "run_id": "run_1"}),
        Upload(
            id="upload_1",
            created_at=1,
            filename="a.bin",
            bytes=3,
            purpose="assistants",
            expires_at=NEVER,
            mime_type="text/plain",
        ),
        UploadPart(
            id="part_1",
            created_at=1,
            upload_id="upload_1",
            bytes=3,
            sha256="0" * 64,
            expires_at=NEVER,
        ),
        VectorStore(
            id="vs_1",
            created_at=1,
            last_active_at=2,
            name="library",
            expires_after=VectorStoreExpiration(anchor="last_active_at", days=7),
        ),
        entry(attributes={"s": "x", "i": 1, "f": 1.5, "b": True}, attempt="1"),
        VectorStoreFileBatch(id="vsfb_1", created_at=1, vector_store_id="vs_1", was_cancelled=True),
        Truncation.of("thread_1", "auto").changed(cleared=["item_1"], cuts={"msg_1": 7}),
        KeptAnswer(
            id="answer_1",
            created_at=NEVER,
            fingerprint="0" * 64,
            done=True,
            run={"id": "run_1"},
            start=3,
        ),
    ]
