"""Endpoints are connected with one click, and never silently."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.upstream import Upstream, plain, streamed

from jupyter_assistants.api import Service, build
from jupyter_assistants.api.connections import FILE
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.protocol.endpoints import ListedEndpoint
from jupyter_assistants.protocol.errors import AssistantsError, Forbidden, InvalidRequest, NotFound
from jupyter_assistants.storage.sql import SqlStorage

CANARY = "sk-canary-4711"
LISTED = plain({"data": [{"id": "nomic-embed"}, {"id": "llama"}, {"id": "qwen"}]})


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the keys of whoever runs the tests out of the environment."""
    for dialect in DIALECTS.values():
        for name in filter(None, (dialect.key_env, dialect.url_env)):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("JUPYTER_ASSISTANTS_MODEL", raising=False)


@pytest.fixture
def ollama() -> Iterator[Upstream]:
    with Upstream(streamed({"content": "Hi"}), models=LISTED) as found:
        yield found


@asynccontextmanager
async def served(
    folder: Path, upstream: Upstream | None = None, **traits: Any
) -> AsyncIterator[Service]:
    settings = AssistantsTraits(data_dir=str(folder), **traits).settings()
    service = build(settings, storage=SqlStorage.in_memory())
    service.models.local_ports = {upstream.port: "ollama"} if upstream else {}
    try:
        yield service
    finally:
        await service.close()


async def ask(service: Service, verb: str, path: str, **body: Any) -> Any:
    route, names = find(verb, path)
    return await perform(service, "ada", route, names, body=body)


async def listed(service: Service) -> dict[str, ListedEndpoint]:
    return {each.id: each for each in (await ask(service, "GET", "/endpoints")).data}


async def connect(service: Service, name: str, **body: Any) -> ListedEndpoint:
    found: ListedEndpoint = await ask(service, "POST", f"/endpoints/{name}/connect", **body)
    return found


async def disconnect(service: Service, name: str) -> ListedEndpoint:
    found: ListedEndpoint = await ask(service, "POST", f"/endpoints/{name}/disconnect")
    return found


async def test_a_server_on_this_machine_is_offered_and_used_once_somebody_connects_it(
    tmp_path: Path, ollama: Upstream
) -> None:
    async with served(tmp_path, ollama) as service:
        assert (await listed(service))["ollama"].status == "offered"
        assert (await service.models.resolve("ollama/llama")).model == "demo"
        now = await connect(service, "ollama")
        assert (now.status, now.by, now.local) == ("connected", "person", True)
        assert now.host == f"127.0.0.1:{ollama.port}"
        assert (await service.models.resolve("ollama/llama")).client.id == "ollama"
        assert next(iter(await listed(service))) == "ollama"


async def test_its_first_model_that_makes_text_takes_the_place_of_the_demo(
    tmp_path: Path, ollama: Upstream
) -> None:
    async with served(tmp_path, ollama) as service:
        assert (await connect(service, "ollama")).default_model == "ollama/llama"
        assert service.models.default == "ollama/llama"
        assert (await connect(service, "ollama", model="qwen")).default_model == "ollama/qwen"
        with pytest.raises(InvalidRequest, match="has no model 'gone'"):
            await connect(service, "ollama", model="gone")


async def test_a_default_of_the_administrator_stays(tmp_path: Path, ollama: Upstream) -> None:
    async with served(tmp_path, ollama, default_model="demo") as service:
        assert (await connect(service, "ollama", model="qwen")).default_model is None
        assert service.models.default == "demo"


async def test_a_connection_survives_a_restart_and_its_file_is_private(
    tmp_path: Path, ollama: Upstream
) -> None:
    async with served(tmp_path, ollama) as service:
        await connect(service, "ollama")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    async with served(tmp_path) as service:
        assert service.models.default == "ollama/llama"
        assert (await listed(service))["ollama"].status == "connected"
        gone = await disconnect(service, "ollama")
        assert gone.status == "absent"
        assert "start it there" in (gone.why or "")
    async with served(tmp_path) as service:
        assert service.models.default == "demo"
        assert service.models.connected == frozenset()


async def test_a_server_that_is_not_there_cannot_be_connected(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        with pytest.raises(InvalidRequest, match=r"No Ollama answers .* \(port 11434\)"):
            await connect(service, "ollama")
    assert not (tmp_path / FILE).exists()


async def test_only_known_names_can_be_connected(tmp_path: Path, ollama: Upstream) -> None:
    async with served(tmp_path, ollama) as service:
        for name in ("evil.example", "OLLAMA", "..", "demo"):
            with pytest.raises(NotFound, match="No endpoint is called"):
                await connect(service, name)
            with pytest.raises(NotFound, match="No endpoint is called"):
                await disconnect(service, name)


@pytest.mark.parametrize("field", ["api_key", "key", "base_url", "port"])
async def test_no_key_and_no_address_is_taken_from_a_request(
    tmp_path: Path, ollama: Upstream, field: str
) -> None:
    async with served(tmp_path, ollama) as service:
        with pytest.raises(InvalidRequest, match="no key for Mistral"):
            await connect(service, "mistral", **{field: CANARY})
        await connect(service, "ollama", **{field: CANARY})
        await service.models.names("ollama")
    assert ollama.listed_by["authorization"] == "Bearer not-needed"
    assert CANARY not in (tmp_path / FILE).read_text()


async def test_a_vendor_whose_key_came_later_is_connected_without_a_restart(
    tmp_path: Path,
) -> None:
    # With a default model, nobody asks the vendor for its list.
    async with served(tmp_path, default_model="demo") as service:
        missing = (await listed(service))["mistral"]
        assert missing.status == "absent"
        assert "MISTRAL_API_KEY" in (missing.why or "")
        path = tmp_path / "keys.json"
        path.write_text(json.dumps({"mistral": CANARY}))
        path.chmod(0o600)
        assert (await listed(service))["mistral"].status == "offered"
        now = await connect(service, "mistral")
        assert (now.status, now.by) == ("connected", "key")
        shown = repr([each.wire() for each in (await listed(service)).values()])
        assert CANARY not in shown


async def test_a_vendor_with_a_key_can_be_switched_off_and_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", CANARY)
    async with served(tmp_path) as service:
        assert (await listed(service))["mistral"].by == "key"
        assert (await disconnect(service, "mistral")).status == "offered"
    assert CANARY not in (tmp_path / FILE).read_text()
    async with served(tmp_path, default_model="demo") as service:
        assert "mistral" not in service.models.connected
        await connect(service, "mistral")
    async with served(tmp_path) as service:
        assert "mistral" in service.models.connected


async def test_what_the_administrator_configured_stays_connected(
    tmp_path: Path, ollama: Upstream
) -> None:
    async with served(tmp_path, providers={"lab": {"base_url": ollama.url}}) as service:
        assert (await listed(service))["lab"].by == "configuration"
        with pytest.raises(Forbidden, match="JupyterAssistantsApp.providers"):
            await disconnect(service, "lab")


async def test_an_endpoint_that_is_not_connected_may_be_disconnected_again(tmp_path: Path) -> None:
    async with served(tmp_path) as service:
        assert (await disconnect(service, "ollama")).status == "absent"


async def test_an_endpoint_without_an_address_says_what_is_missing(tmp_path: Path) -> None:
    async with served(tmp_path, providers={"lab": {"api_key_env": "LAB_KEY"}}) as service:
        lab = (await listed(service))["lab"]
        assert (lab.status, lab.local) == ("absent", False)
        assert "LAB_KEY" in (lab.why or "")


async def test_an_administrator_can_forbid_it_and_then_old_choices_do_not_count(
    tmp_path: Path, ollama: Upstream
) -> None:
    async with served(tmp_path, ollama) as service:
        await connect(service, "ollama")
    async with served(tmp_path, ollama, allow_connecting=False) as service:
        assert service.models.connected == frozenset()
        for act in (connect, disconnect):
            with pytest.raises(Forbidden, match="administrator"):
                await act(service, "ollama")
        assert (await listed(service))["ollama"].status == "offered"


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        '{"ports": {"evil": 80, "mistral": 80, "ollama": "80", "vllm": 0}, "off": 3}',
        '{"ports": ["ollama"], "off": ["nobody"], "default_model": 7}',
    ],
)
async def test_a_file_that_holds_something_else_connects_nothing(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / FILE).write_text(content)
    (tmp_path / FILE).chmod(0o600)
    async with served(tmp_path) as service:
        assert service.models.connected == frozenset()
        assert service.models.default == "demo"


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
async def test_a_file_that_others_can_write_connects_nothing(
    tmp_path: Path, ollama: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path, ollama) as service:
        await connect(service, "ollama")
    (tmp_path / FILE).chmod(0o622)
    async with served(tmp_path) as service:
        assert service.models.connected == frozenset()
    assert "others can write" in caplog.text


async def test_a_folder_that_takes_no_file_is_told(tmp_path: Path, ollama: Upstream) -> None:
    folder = tmp_path / "data"
    async with served(folder, ollama) as service:
        (folder / FILE).mkdir()
        with pytest.raises(AssistantsError, match="Cannot write"):
            await connect(service, "ollama")
        assert service.models.connected == frozenset()
