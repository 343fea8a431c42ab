"""The doctor finds what is wrong and says what to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.distributions import write_distribution
from support.sandboxes import PROBLEM
from support.upstream import Reply, Upstream, chunk, events, plain, refused, streamed, usage

from jupyter_assistants import registry
from jupyter_assistants.api import Service, build
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.api.doctor.machine import NETWORK, file_system
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.protocol.doctor import Check
from jupyter_assistants.protocol.files import CreateFile
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile
from jupyter_assistants.retrieval.base import Block, Chunk, IndexedDocument

CANARY = "sk-canary-4711-0815-abcdef"
LISTED = plain({"data": [{"id": "m", "context_length": 32_000, "supported_parameters": ["tools"]}]})


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in an empty folder, without the keys and settings of whoever runs the tests."""
    for dialect in DIALECTS.values():
        for name in filter(None, (dialect.key_env, dialect.url_env)):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("JUPYTER_ASSISTANTS_MODEL", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@asynccontextmanager
async def served(folder: Path, **traits: Any) -> AsyncIterator[Service]:
    service = build(AssistantsTraits(data_dir=str(folder / "data"), **traits).settings())
    service.models.local_ports = {}
    try:
        yield service
    finally:
        await service.close()


async def checks(service: Service, **body: Any) -> dict[str, Check]:
    route, names = find("POST" if body else "GET", "/doctor")
    report = await perform(service, "ada", route, names, body=body)
    return {each.id: each for each in report.checks}


async def found(folder: Path, upstream: Upstream, **traits: Any) -> dict[str, Check]:
    """Return the checks of a server whose default model is one of this endpoint."""
    providers = {"lab": {"base_url": upstream.url}}
    given = {"providers": providers, "default_model": "lab/m", **traits}
    async with served(folder, **given) as service:
        return await checks(service)


async def test_a_fresh_server_works_and_is_told_how_to_get_a_model(tmp_path: Path) -> None:
    async with served(tmp_path, sandbox="auto") as service:
        given = await checks(service)
    # Whether it can be made depends on the machine.
    sandbox = given["sandbox"]
    assert sandbox.status == ("warning" if PROBLEM else "ok") and "'auto'" in sandbox.detail
    assert list(given) == [
        "model",
        "secrets",
        "kernel",
        "sandbox",
        "disk",
        "database",
        "index",
        "plugins",
    ]
    assert {each.id for each in given.values() if each.status != "ok"} - {"sandbox"} == {"model"}
    assert given["model"].status == "warning"
    assert "OPENAI_API_KEY" in (given["model"].remedy or "")
    assert "journal mode wal, version 0" in given["database"].detail


async def test_a_plug_in_that_cannot_be_imported_is_named_and_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    points = "[jupyter_assistants.tools]\nbroken = broken_toy:Tool\n"
    write_distribution(installed, "broken-toy", points, {"broken_toy": "import no_such_library"})
    with monkeypatch.context() as changed:
        changed.syspath_prepend(installed)
        registry.forget()
        async with served(tmp_path) as service:
            plugins = (await checks(service))["plugins"]
    registry.forget()
    assert plugins.status == "problem"
    assert "'broken' of the package 'broken-toy'" in plugins.detail
    assert "no_such_library" in plugins.detail
    assert "uninstall broken-toy" in (plugins.remedy or "")


async def test_a_server_on_this_machine_is_named_where_no_model_is(tmp_path: Path) -> None:
    with Upstream(models=LISTED) as upstream:
        async with served(tmp_path) as service:
            service.models.local_ports = {upstream.port: "ollama"}
            given = await checks(service)
    assert "there is Ollama" in given["model"].detail
    assert given["model"].remedy == "Connect it: jupyter assistants connect ollama"


async def test_a_model_that_answers_is_in_order(tmp_path: Path) -> None:
    with Upstream(models=LISTED) as upstream:
        given = await found(tmp_path, upstream)
    assert {given[name].status for name in ("model", "key", "window", "tools")} == {"ok"}
    assert "32,000 tokens" in given["window"].detail


@pytest.mark.parametrize(
    ("models", "id", "words"),
    [
        (refused(401, "no"), "model", "did not accept the API key"),
        (plain({"data": [{"id": "other"}]}), "model", "does not list the model"),
        (plain({"data": [{"id": "m", "context_length": 4000}]}), "window", "4,000 tokens"),
        (plain({"data": [{"id": "m"}]}), "window", "a cautious guess"),
        (plain({"data": [{"id": "m"}]}), "tools", "does not say"),
        (
            plain({"data": [{"id": "m", "capabilities": {"function_calling": False}}]}),
            "tools",
            "calls no functions",
        ),
    ],
)
async def test_what_is_wrong_with_a_model_has_a_remedy(
    tmp_path: Path, models: Reply, id: str, words: str
) -> None:
    with Upstream(models=models) as upstream:
        given = await found(tmp_path, upstream)
    assert words in given[id].detail
    assert given[id].status != "ok"
    assert given[id].remedy


async def test_an_endpoint_that_is_down_is_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    with Upstream() as upstream:
        pass
    given = await found(tmp_path, upstream)
    assert given["model"].status == "problem"
    assert "Nothing answers" in given["model"].detail
    assert given["database"].status == "ok"


async def test_a_second_endpoint_that_is_down_is_a_warning(tmp_path: Path) -> None:
    with Upstream() as down:
        pass
    with Upstream(models=LISTED) as upstream:
        providers = {"lab": {"base_url": upstream.url}, "old": {"base_url": down.url}}
        given = await found(tmp_path, upstream, providers=providers)
    assert given["endpoint:old"].status == "warning"


async def test_a_key_that_is_missing_is_told(tmp_path: Path) -> None:
    with Upstream(models=LISTED) as upstream:
        providers = {"lab": {"base_url": upstream.url, "api_key_env": "LAB_KEY"}}
        given = await found(tmp_path, upstream, providers=providers)
    assert given["key"].status == "problem"
    assert "LAB_KEY" in (given["key"].remedy or "")


async def test_it_says_where_a_key_is_and_never_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", CANARY)
    with Upstream(models=LISTED) as upstream:
        providers = {"lab": {"base_url": upstream.url, "api_key_env": "LAB_KEY"}}
        given = await found(tmp_path, upstream, providers=providers)
    assert given["key"].detail == "The key of 'lab' is in the variable LAB_KEY."
    assert CANARY not in repr(given)


async def test_a_file_of_keys_that_others_can_read_now_is_told(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        path = tmp_path / "data" / "keys.json"
        path.write_text("{}")
        path.chmod(0o644)
        given = await checks(service)
    assert given["key"].status == "problem"
    assert "chmod 600" in given["key"].detail


async def test_a_key_of_this_server_in_a_notebook_is_a_problem(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "plain0key0without0prefix")
    cell = {"cells": [{"source": "key = 'plain0key0without0prefix'"}]}
    (elsewhere / "mine.ipynb").write_text(json.dumps(cell))
    async with served(tmp_path, default_model="demo") as service:
        secrets = (await checks(service))["secrets"]
    assert secrets.status == "problem"
    assert "mine.ipynb" in secrets.detail
    assert "plain0key" not in repr(secrets)


async def test_what_looks_like_a_key_in_an_open_configuration_is_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    path = folder / "jupyter_server_config.py"
    path.write_text(f"key = '{CANARY}'")
    path.chmod(0o644)
    async with served(tmp_path) as service:
        assert (await checks(service))["secrets"].status == "warning"
        path.chmod(0o600)
        assert (await checks(service))["secrets"].status == "ok"


async def test_a_damaged_database_is_a_problem(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        await perform(service, "ada", *find("POST", "/threads"), body={})
        path = tmp_path / "data" / "assistants.db"
        await asyncio.to_thread(service.storage.close)
        damage(path)
        database = (await checks(service))["database"]
    assert database.status == "problem"
    assert database.remedy


def damage(path: Path) -> None:
    """Write nonsense into a database, behind its first pages."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))


async def test_a_folder_that_others_can_write_is_a_warning(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        (tmp_path / "data").chmod(0o777)
        disk = (await checks(service))["disk"]
    assert (disk.status, disk.remedy) == ("warning", f"chmod 700 {tmp_path / 'data'}")


def test_the_kind_of_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\nb /home/local xfs rw 0 0\n")
    kinds = {
        "/home/ada/x.db": "nfs4",
        "/home/local/x.db": "xfs",
        "/homes/x.db": "ext4",
    }
    assert {path: file_system(Path(path), mounts) for path in kinds} == kinds
    assert "nfs4" in NETWORK
    assert file_system(Path("/x"), tmp_path / "none") == ""


async def test_a_kernel_is_started_only_when_somebody_asks(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        looked = (await checks(service))["kernel"]
        assert looked.status == "ok" and "It was not started." in looked.detail


@pytest.mark.slow
async def test_a_kernel_that_is_tried_is_timed_and_ended(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        tried = (await checks(service, kernel=True))["kernel"]
        assert tried.status == "ok"
        assert "started in" in tried.detail
        again = (await checks(service, kernel=True))["kernel"]
        assert again == tried, "a moment later no other one is started"
        folders = [path.name for path in (tmp_path / "data" / "threads").iterdir()]
        assert [name for name in folders if not name.startswith(".")] == []


CALL = {"index": 0, "id": "c", "function": {"name": "ready", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (
            events(
                chunk({"tool_calls": [CALL]}, "tool_calls"), {"choices": [], "usage": usage(9, 2)}
            ),
            "ok",
            "called a function",
        ),
        (streamed({"content": "I am ready."}), "problem", "did not call the function"),
        (refused(400, "tools are not supported"), "problem", "tools are not supported"),
    ],
)
async def test_the_model_is_asked_for_real_on_demand(
    tmp_path: Path, reply: Reply, status: str, words: str
) -> None:
    with Upstream(reply, models=LISTED) as upstream:
        providers = {"lab": {"base_url": upstream.url}}
        async with served(tmp_path, providers=providers, default_model="lab/m") as service:
            assert upstream.received == []
            given = await checks(service, model=True)
    assert given["tools"].status == status
    assert words in given["tools"].detail


async def test_missing_documents_and_damaged_files_are_listed(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        storage = service.storage
        uploads = []
        for text in (b"Zanzibar has ducks.", b"Iceland has geese."):
            with storage.write_file() as writer:
                writer.write(text)
                received = ReceivedFile("a.txt", writer.commit(), CreateFile(purpose="assistants"))
                route, _ = find("POST", "/files")
                uploads.append(await perform(service, "ada", route, {}, received=received))
        whole, damaged = uploads
        sound = await checks(service, files=True)
        assert sound["files"].status == sound["index"].status == "ok"
        assert "files" not in await checks(service)
        (path,) = (tmp_path / "data" / "files").glob(f"??/{damaged.jupyter.sha256}")
        path.write_bytes(b"Iceland has geeze.")
        entry = VectorStoreFile(
            id=whole.id, created_at=1, vector_store_id="vs_1", status="completed", attempt="x"
        )
        store = VectorStore(id="vs_1", created_at=1, last_active_at=1)
        storage.save(store, entry, owner="ada")
        found = await checks(service, files=True)
        assert found["files"].status == "problem"
        assert damaged.id in found["files"].detail and whole.id not in found["files"].detail
        assert "Upload the same files again" in str(found["files"].remedy)
        assert found["index"].status == "problem" and f"vs_1/{whole.id}" in found["index"].detail


async def test_a_damaged_index_is_named_and_built_again(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        service.index.add(
            IndexedDocument("vs_1", "f", "f.txt", [Block("ducks")], [Chunk("c", "ducks")])
        )
        service.index.tidy()
        path = tmp_path / "data" / "search.db"
        data = path.read_bytes()
        assert data.count(b"ducks")
        path.write_bytes(data.replace(b"ducks", b"drake"))
        found = (await checks(service, files=True))["index"]
        assert found.status == "problem" and "was damaged" in found.detail
        assert service.index.documents() == []
