"""Code written for Azure, for version 1 of the API, and for models that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncAzureOpenAI, AzureOpenAI
from support.live_server import LiveServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

V1 = {"OpenAI-Beta": "assistants=v1"}
CODE_INTERPRETER: Any = {"type": "code_interpreter"}
RETRIEVAL: Any = {"type": "retrieval"}


def azure_endpoint(server: LiveServer, path: str) -> AzureOpenAI:
    return AzureOpenAI(
        azure_endpoint=server.root + path,
        api_key=server.token,
        api_version="2024-05-01-preview",
        max_retries=0,
    )


@pytest.fixture(scope="module", params=["", "/assistants", "/assistants/"])
def azure(assistants_server: LiveServer, request: Any) -> Iterator[AzureOpenAI]:
    with azure_endpoint(assistants_server, request.param) as client:
        yield client


def test_azures_client_runs_a_thread(azure: AzureOpenAI) -> None:
    assistant = azure.beta.assistants.create(model="demo")
    run = azure.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": "Hello"}]},
        poll_interval_ms=50,
    )
    assert run.status == "completed"
    (answer,) = azure.beta.threads.messages.list(run.thread_id, run_id=run.id)
    assert answer.role == "assistant"


def test_azures_client_streams_a_run(azure: AzureOpenAI) -> None:
    assistant = azure.beta.assistants.create(model="demo")
    thread = azure.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    with azure.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        assert "".join(stream.text_deltas)


def test_azures_client_uploads_and_downloads_a_file(azure: AzureOpenAI) -> None:
    file = azure.files.create(file=("a.csv", b"a,b\n1,2\n"), purpose="assistants")
    assert azure.files.content(file.id).read() == b"a,b\n1,2\n"
    assert azure.files.delete(file.id).deleted


def test_a_deployment_of_azures_client_changes_nothing(assistants_server: LiveServer) -> None:
    with AzureOpenAI(
        azure_endpoint=assistants_server.root,
        azure_deployment="my-gpt",
        api_key=assistants_server.token,
        api_version="2024-05-01-preview",
    ) as client:
        assert client.beta.assistants.create(model="demo").model == "demo"


def test_azures_client_with_a_wrong_key_is_refused(assistants_server: LiveServer) -> None:
    with (
        AzureOpenAI(
            azure_endpoint=assistants_server.root, api_key="wrong", api_version="2024-05-01-preview"
        ) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.beta.assistants.list()


async def test_azures_asynchronous_client_lists_the_same_objects(
    assistants_server: LiveServer,
) -> None:
    async with AsyncAzureOpenAI(
        azure_endpoint=assistants_server.root,
        api_key=assistants_server.token,
        api_version="2025-01-01-preview",
    ) as client:
        made = await client.beta.threads.create()
    with assistants_server.client() as stock:
        assert stock.beta.threads.retrieve(made.id) == made


@pytest.mark.parametrize("path", ["/openai/v1", "/assistants/openai/v1"])
def test_azures_newer_addresses_work_with_the_stock_client(
    assistants_server: LiveServer, path: str
) -> None:
    with assistants_server.client() as stock:
        made = stock.beta.threads.create()
    with openai.OpenAI(
        base_url=assistants_server.root + path + "/", api_key=assistants_server.token
    ) as client:
        assert client.beta.threads.retrieve(made.id) == made


# -- version 1 -----------------------------------------------------------------------------------


async def test_a_request_for_version_1_is_answered_as_version_2(ask: Any) -> None:
    answer = await ask("POST", "/assistants", {"model": "demo"}, headers=V1)
    assert answer.status == 200
    assert answer.json["tool_resources"] == {}
    assert "file_ids" not in answer.json


@pytest.mark.parametrize("headers", [V1, {}])
async def test_the_tool_retrieval_is_refused_with_the_name_of_its_successor(
    ask: Any, headers: dict[str, str]
) -> None:
    body = {"model": "demo", "tools": [RETRIEVAL]}
    answer = await ask("POST", "/assistants", body, headers=headers)
    assert answer.status == 400
    assert answer.error["param"] == "tools[0].type"
    assert (
        "Version 2 of the Assistants API calls the tool 'retrieval' 'file_search'."
        in (answer.error["message"])
    )


async def test_files_of_an_assistant_are_refused_with_their_new_place(ask: Any, made: Any) -> None:
    assistant = await made("POST", "/assistants", {"model": "demo"})
    for path in ("/assistants", f"/assistants/{assistant['id']}"):
        answer = await ask("POST", path, {"model": "demo", "file_ids": ["file-x"]}, headers=V1)
        assert answer.status == 400
        assert (answer.error["param"], answer.error["code"]) == ("file_ids", "version_1_field")
        assert "tool_resources.code_interpreter.file_ids" in answer.error["message"]


async def test_files_of_a_message_are_refused_with_their_new_place(ask: Any, made: Any) -> None:
    thread = await made("POST", "/threads", {})
    message = {"role": "user", "content": "a", "file_ids": ["file-x"]}
    answer = await ask("POST", f"/threads/{thread['id']}/messages", message)
    assert (answer.status, answer.error["param"]) == (400, "file_ids")
    assert "attachments" in answer.error["message"]
    answer = await ask("POST", "/threads", {"messages": [message]})
    assert (answer.status, answer.error["param"]) == (400, "messages[0].file_ids")


@pytest.mark.parametrize("nothing", [None, []])
async def test_an_empty_list_of_files_is_no_reason_to_refuse(ask: Any, nothing: Any) -> None:
    answer = await ask("POST", "/assistants", {"model": "demo", "file_ids": nothing}, headers=V1)
    assert answer.status == 200


# -- models that are gone ------------------------------------------------------------------------


async def started(made: Any, model: str, **more: Any) -> dict[str, Any]:
    assistant = await made("POST", "/assistants", {"model": model})
    assert assistant["model"] == model
    run: dict[str, Any] = await made(
        "POST", "/threads/runs", {"assistant_id": assistant["id"], **more}
    )
    return run


async def test_a_run_keeps_the_name_and_says_who_answers_in_its_metadata(made: Any) -> None:
    run = await started(made, "gpt-4-turbo", metadata={"mine": "1"})
    assert run["model"] == "gpt-4-turbo"
    assert run["metadata"]["mine"] == "1"
    assert "'demo' answers" in run["metadata"]["model_note"]


async def test_a_run_of_a_known_model_has_the_users_metadata_alone(made: Any) -> None:
    assert (await started(made, "demo", metadata={"mine": "1"}))["metadata"] == {"mine": "1"}


async def test_the_note_never_takes_a_users_place(made: Any) -> None:
    mine = {"model_note": "mine"}
    assert (await started(made, "gpt-4", metadata=mine))["metadata"] == mine
    full = {f"key{n}": "v" for n in range(16)}
    assert (await started(made, "gpt-4", metadata=full))["metadata"] == full
