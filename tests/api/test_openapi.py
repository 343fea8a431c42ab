"""The OpenAPI document: valid, made from the code, and equal to the notes on the protocol.

The types of the panel are made of it too.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.paths import DOCS, ROOT
from support.protocol_facts import facts_of_document, facts_of_notes, read_notes

from jupyter_assistants.api.answers import AnswerKind
from jupyter_assistants.api.openapi import document
from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.protocol.tool_types import forget_tool_types

OPERATIONS, NOTES = read_notes()
PANEL = ROOT / "labextension"

SENT = {
    "AssistantObject": "Assistant",
    "ThreadObject": "Thread",
    "MessageObject": "Message",
    "RunObject": "Run",
    "RunStepObject": "RunStep",
    "OpenAIFile": "File",
    "Upload": "Upload",
    "UploadPart": "UploadPart",
    "VectorStoreObject": "VectorStore",
    "VectorStoreFileObject": "VectorStoreFile",
    "VectorStoreFileBatchObject": "VectorStoreFileBatch",
    "VectorStoreFileContentResponse": "FileContent",
    "VectorStoreSearchResultsPage": "SearchResults",
}
"""Objects that the server sends, in the notes and here."""

TAKEN = {
    "CreateAssistantRequest": "CreateAssistant",
    "ModifyAssistantRequest": "ModifyAssistant",
    "CreateThreadRequest": "CreateThread",
    "ModifyThreadRequest": "ModifyThread",
    "CreateMessageRequest": "CreateMessage",
    "ModifyMessageRequest": "ModifyMessage",
    "CreateRunRequest": "CreateRun",
    "CreateThreadAndRunRequest": "CreateThreadAndRun",
    "ModifyRunRequest": "ModifyRun",
    "SubmitToolOutputsRunRequest": "SubmitOutputs",
    "CreateUploadRequest": "CreateUpload",
    "CompleteUploadRequest": "CompleteUpload",
    "CreateVectorStoreRequest": "CreateVectorStore",
    "UpdateVectorStoreRequest": "ModifyVectorStore",
    "CreateVectorStoreFileRequest": "CreateVectorStoreFile",
    "UpdateVectorStoreFileAttributesRequest": "ModifyVectorStoreFile",
    "CreateVectorStoreFileBatchRequest": "CreateVectorStoreFileBatch",
    "VectorStoreSearchRequest": "SearchVectorStore",
}
"""Bodies that the server takes, in the notes and here."""

EXTENSION_ROW = re.compile(
    r"^\| `\w+` \| `([A-Z]+ \S+)` \| [^|]+ \| .*\bExtension\b.*\|$", re.MULTILINE
)
OUR_OPERATIONS = {
    *EXTENSION_ROW.findall((DOCS / "api.md").read_text()),
    # Of the hosted API, but not of the notes on assistants.
    "GET /models",
    "GET /models/{model}",
}
"""The operations whose row in docs/api.md says Extension; each operation has a row there."""

ADDED = {
    "File": {".jupyter"},
    "Run": {".jupyter", ".tool_resources", ".usage.cached_tokens", ".usage.estimated_tokens"},
    "RunStep": {
        ".jupyter",
        ".expires_at",
        ".usage.cached_tokens",
        ".usage.estimated_tokens",
        ".step_details.tool_calls[].file_search.results[].jupyter",
    },
    "SearchResults": {".data[].jupyter"},
    "VectorStore": {".jupyter"},
    "Message": {".content[].text.annotations[].jupyter"},
    "Thread": {".jupyter"},
    "CreateThread": {".jupyter"},
    "ModifyThread": {".jupyter"},
    "CreateRun": {".jupyter"},
    # The notes' schema lacks three fields that a run on an existing thread has.
    "CreateThreadAndRun": {
        ".jupyter",
        ".thread.jupyter",
        ".additional_instructions",
        ".additional_messages",
        ".reasoning_effort",
    },
    "ModifyMessage": {".content"},
    "SubmitOutputs": {".tool_outputs[].jupyter"},
    "Upload": {".file.jupyter"},
}
"""Fields beyond the notes; wherever they are, ``kernel_id`` and ``sandbox`` of the code interpreter
and ``hybrid_search`` of ranking options (the guides name it, section 5.3) are more of them.
"""

STRICTER = (
    ".bytes <= 8589934592",
    ".bytes >= 0",
    # Limits of our own (section 6.2 of the notes) and limits that their section 6.1 has in words.
    "attachments items <= 500",
    "attributes keys length <= 64",
    "attributes pairs <= 16",
    ".name length <= 256",
    "content items <= 500",
    "image_url.url length <= 12001000",
    "content length <= 256000",
    "content[].text length <= 256000",
    "function.description length <= 1024",
    "function.name length <= 64",
    "instructions length <= 256000",
    "json_schema.name length <= 64",
    "messages items <= 1000",
    "model length <= 256",
    "output length <= 1048576",
    "query items <= 50",
    "query items >= 1",
    "static.chunk_overlap_tokens >= 0",
    "tools items <= 128",
    # An attachment without a file means nothing.
    "attachments[].file_id required",
)
LAXER = (
    # The guides say 128 (section 12).
    "tools items <= 20",
    # Left out, it is "auto".
    "truncation_strategy.type required",
)
NAMELY = {
    # What a client uploaded for evals is shown so (section 5.3).
    "File": {".purpose = evals"},
    "Upload": {".file.purpose = evals"},
    # Null as long as it does not expire (section 12).
    "VectorStore": {".expires_after: null"},
    # The SDK knows two more; the notebook uploads what code in the user's kernel wrote.
    "CreateUpload": {
        ".purpose = assistants_output",
        ".purpose = evals",
        ".purpose = user_data",
    },
    # Whole numbers are numbers, and truth values can be listed as well as asked for.
    "SearchVectorStore": {
        f".filters{inner}.value{kind}"
        for inner in ("", ".filters[]")
        for kind in (": integer", "[]: integer", "[]: boolean")
    },
}
"""Values beyond the notes."""

NOT_OURS = {
    # How files are cut is always known here.
    "VectorStoreFile": {".chunking_strategy.type = other"},
    # Nothing shows it.
    "CreateVectorStore": {".description: string"},
}
"""Values and fields of the notes that are never sent, or taken and ignored."""


@pytest.fixture(autouse=True, scope="module")
def only_the_protocols_tools() -> Iterator[None]:
    """Describe no hosted tool that a service of another test has registered in this process."""
    forget_tool_types()
    document.cache_clear()
    yield
    document.cache_clear()


def test_it_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()] == []


def test_it_describes_each_route_and_nothing_else() -> None:
    described = {
        (operation["operationId"], verb.upper(), path)
        for path, verbs in document()["paths"].items()
        for verb, operation in verbs.items()
    }
    assert described == {(route.id, route.verb, route.path) for route in ROUTES}


def test_it_has_the_protocols_operations_and_ours() -> None:
    described = {
        f"{verb.upper()} {path}" for path, verbs in document()["paths"].items() for verb in verbs
    }
    assert described - OPERATIONS == OUR_OPERATIONS
    assert OPERATIONS - described == set()


@pytest.mark.parametrize(("theirs", "ours"), SENT.items())
def test_an_object_has_the_protocols_fields_and_values(theirs: str, ours: str) -> None:
    added, missing = differences(document(), theirs, ours)
    # An answer may promise more than the protocol asks for: a field always, never a null, one of
    # a few values where the protocol has any string.
    narrowed = {fact.removesuffix(": string") for fact in missing if fact.endswith(": string")}
    added = {fact for fact in added if not fact.endswith(" required") and not is_bound(fact)}
    added = {fact for fact in added if fact.split(" = ")[0] not in narrowed}
    missing = {fact for fact in missing if not fact.endswith(": null") and not is_bound(fact)}
    missing -= {f"{path}: string" for path in narrowed if chosen(ours, path)}
    assert (added, missing) == (NAMELY.get(ours, set()), NOT_OURS.get(ours, set()))


@pytest.mark.parametrize(("theirs", "ours"), TAKEN.items())
def test_a_body_takes_the_protocols_fields_and_values(theirs: str, ours: str) -> None:
    added, missing = differences(document(), theirs, ours)
    # A null stands for an absent field everywhere (section 2.11).
    added = {fact for fact in added if not fact.endswith((": null", *STRICTER))}
    missing = {fact for fact in missing if not fact.endswith((": null", *LAXER))}
    assert (added, missing) == (NAMELY.get(ours, set()), NOT_OURS.get(ours, set()))


def test_our_additions_are_where_they_are_said_to_be() -> None:
    for theirs, ours in {**SENT, **TAKEN}.items():
        facts = facts_of_document(document(), schema_name(document(), ours))
        paths = {fact.split(" ")[0].rstrip(":") for fact in facts}
        assert ADDED.get(ours, set()) <= paths, theirs


def test_a_difference_would_be_found() -> None:
    changed = copy.deepcopy(document())
    run = changed["components"]["schemas"]["Run"]
    run["properties"]["status"]["enum"].remove("expired")
    del run["properties"]["usage"]
    run["properties"]["colour"] = {"type": "string"}
    added, missing = differences(changed, "RunObject", "Run")
    assert ".colour: string" in added
    assert {".status = expired", ".usage required"} <= missing


def differences(described: Any, theirs: str, ours: str) -> tuple[set[str], set[str]]:
    """Return the facts that the document adds to the notes, and those that it lacks."""
    wanted = facts_of_notes(NOTES, theirs)
    facts = facts_of_document(described, schema_name(described, ours))
    roots = tuple(ADDED.get(ours, ()))
    added = {fact for fact in facts - wanted if not (roots and fact.startswith(roots))}
    ours = (
        ".code_interpreter.kernel_id",
        ".code_interpreter.sandbox",
        ".ranking_options.hybrid_search",
    )
    added = {fact for fact in added if not any(name in fact for name in ours)}
    return set(filter(is_shallow, added)), set(filter(is_shallow, wanted - facts))


def is_shallow(fact: str) -> bool:
    """Return whether a fact is not about filters within filters, which go on without an end."""
    return ".filters[].filters[]" not in fact


def schema_name(described: Any, name: str) -> str:
    """Return the name of a schema, which has a suffix where bodies and answers differ."""
    schemas = described["components"]["schemas"]
    return next(n for n in (name, f"{name}-Output", f"{name}-Input") if n in schemas)


def chosen(ours: str, path: str) -> bool:
    """Return whether a field has one of a few values here."""
    facts = facts_of_document(document(), schema_name(document(), ours))
    return any(fact.startswith(f"{path} = ") for fact in facts)


def is_bound(fact: str) -> bool:
    return " <= " in fact or " >= " in fact


def test_internal_fields_are_not_in_it() -> None:
    schemas = document()["components"]["schemas"]
    assert not {"reasoning_effort", "spent", "turns"} & set(schemas["Run"]["properties"])
    assert "reasoning_effort" not in schemas["Assistant"]["properties"]


STREAMED_BY_BODY = {"create_run", "create_thread_and_run", "submit_tool_outputs"}


def test_every_streamed_operation_offers_events() -> None:
    for route in ROUTES:
        answer = document()["paths"][route.path][route.verb.lower()]["responses"]["200"]
        streamed = AnswerKind.EVENTS in route.answers
        assert ("text/event-stream" in answer["content"]) == streamed
    streams = {route.id for route in ROUTES if AnswerKind.EVENTS in route.answers}
    assert {each for each in streams if not each.endswith("_events")} == STREAMED_BY_BODY


def test_forms_have_their_parts() -> None:
    body = document()["paths"]["/files"]["post"]["requestBody"]["content"]
    form = body["multipart/form-data"]["schema"]
    assert form["required"] == ["file", "purpose"]
    assert set(form["properties"]) == {
        "file",
        "purpose",
        "expires_after[anchor]",
        "expires_after[seconds]",
    }


async def test_the_server_gives_it_to_whoever_has_a_key(
    http_server_client: Any, jp_serverapp: Any, jp_base_url: str
) -> None:
    token = jp_serverapp.identity_provider.token
    url = f"{jp_base_url}assistants/v1/openapi.json"
    headers = {"Authorization": f"Bearer {token}"}
    answer = await http_server_client.fetch(url, headers=headers)
    assert json.loads(answer.body) == document()
    refused = await http_server_client.fetch(url, raise_error=False)
    assert refused.code == 401


def test_the_types_of_the_panel_are_those_of_the_schema() -> None:
    if not (PANEL / "node_modules" / "openapi-typescript").exists():
        pytest.skip("The generator of the panel's types is not installed: run `make panel`.")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    checked = subprocess.run(
        ["node", "scripts/wire-types.mjs", "--check"],
        cwd=PANEL,
        env={**os.environ, "PATH": path, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
