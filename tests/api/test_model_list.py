"""The list of models: what is usable, and why something is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai.types import Model as StockModel
from support.upstream import Upstream, plain, refused
from traitlets import TraitError

from jupyter_assistants.api import build
from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.config import AssistantsTraits, Endpoint, Settings
from jupyter_assistants.models.demo import Demo
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.protocol.pages import Model
from jupyter_assistants.storage.sql import SqlStorage

CANARY = "sk-canary-4711"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the keys of whoever runs the tests out of the environment."""
    for dialect in DIALECTS.values():
        for name in filter(None, (dialect.key_env, dialect.url_env)):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    entries = [
        {"id": "big", "context_length": 32_000, "supported_parameters": ["tools"]},
        {"id": "pixtral-12b", "capabilities": {"function_calling": False}},
        {"id": "text-embedding-3-small"},
    ]
    with Upstream(models=plain({"data": entries})) as found:
        yield found


async def listed(
    upstream: Upstream, *, offers: dict[int, str] | None = None, **settings: Any
) -> dict[str, Model]:
    clients = {"demo": Demo(), "lab": ModelEndpoint("lab", base_url=upstream.url, api_key="k")}
    given = Settings(data_dir=Path(), **settings)
    models = ModelCatalog(given, clients, frozenset({"lab"}), local_ports=offers or {})
    try:
        return {model.id: model for model in (await models.list()).data}
    finally:
        await models.close()


async def test_an_entry_says_what_a_model_can_take(upstream: Upstream) -> None:
    found = await listed(upstream)
    assert found["lab/big"].wire() == {
        "id": "lab/big",
        "object": "model",
        "created": 0,
        "owned_by": "lab",
        "jupyter": {
            "usable": True,
            "window": 32_000,
            "window_source": "the endpoint",
            "tools": True,
            "vision": False,
            "endpoint": "lab",
        },
    }
    assert found["lab/pixtral-12b"].jupyter.vision is True
    assert found["lab/pixtral-12b"].jupyter.tools is False
    assert found["demo"].jupyter.usable


async def test_a_stock_sdk_takes_every_entry(upstream: Upstream) -> None:
    for model in (await listed(upstream)).values():
        assert StockModel.model_validate(model.wire()).id == model.id


async def test_a_model_that_makes_no_text_is_not_usable(upstream: Upstream) -> None:
    extension = (await listed(upstream))["lab/text-embedding-3-small"].jupyter
    assert not extension.usable
    assert extension.why == "It gives images, sound or vectors, and no text."


async def test_an_endpoint_that_refuses_has_an_entry_that_says_why() -> None:
    with Upstream(models=refused(401, "Incorrect API key")) as upstream:
        extension = (await listed(upstream))["lab"].jupyter
    assert not extension.usable
    assert extension.why is not None
    assert "did not accept the API key for its models" in extension.why


async def test_an_endpoint_that_is_down_has_an_entry_that_says_why() -> None:
    with Upstream() as upstream:
        pass
    why = (await listed(upstream))["lab"].jupyter.why
    assert why is not None and why.startswith(f"Nothing answers at 127.0.0.1:{upstream.port}")


async def test_an_endpoint_without_a_list_is_no_fault() -> None:
    with Upstream(models=plain({"detail": "Not Found"}, 404)) as upstream:
        assert set(await listed(upstream)) == {"demo"}


async def test_the_default_model_is_first_although_nobody_lists_it(upstream: Upstream) -> None:
    found = await listed(upstream, default_model="lab/hidden")
    assert next(iter(found)) == "lab/hidden"
    assert found["lab/hidden"].jupyter.usable


async def test_the_default_model_of_an_endpoint_that_is_down_says_so() -> None:
    with Upstream() as upstream:
        pass
    found = await listed(upstream, default_model="lab/big")
    assert next(iter(found)) == "lab/big"
    assert not found["lab/big"].jupyter.usable
    assert "Nothing answers" in (found["lab/big"].jupyter.why or "")


async def test_a_server_on_this_machine_is_offered_and_not_used(upstream: Upstream) -> None:
    with Upstream(models=plain({"data": [{"id": "llama"}]})) as local:
        found = await listed(upstream, offers={local.port: "ollama"})
        assert local.received == []
    extension = found["ollama/llama"].jupyter
    assert not extension.usable
    assert extension.why is not None
    assert f"'base_url': 'http://127.0.0.1:{local.port}/v1'" in extension.why
    assert list(found)[-1] == "ollama/llama"


async def test_an_offer_is_never_what_answers(upstream: Upstream) -> None:
    clients = {"demo": Demo()}
    with Upstream(models=plain({"data": [{"id": "llama"}]})) as local:
        ports = {local.port: "ollama"}
        models = ModelCatalog(Settings(Path()), clients, frozenset(), local_ports=ports)
        await models.list()
        resolved = await models.resolve("ollama/llama")
        await models.close()
    assert resolved.model == "demo"


async def test_offers_can_be_switched_off(upstream: Upstream) -> None:
    with Upstream(models=plain({"data": [{"id": "llama"}]})) as local:
        found = await listed(upstream, offers={local.port: "ollama"}, offer_local_servers=False)
        assert local.listings == 0
    assert "ollama/llama" not in found


async def test_a_server_that_is_connected_is_not_offered_again(upstream: Upstream) -> None:
    endpoints = {"lab": Endpoint(upstream.url)}
    found = await listed(upstream, offers={upstream.port: "vllm"}, endpoints=endpoints)
    assert not [name for name in found if name.startswith("vllm/")]


def connected(tmp_path: Path, **traits: Any) -> set[str]:
    """Return the names of the endpoints that a server with these traits would use."""
    settings = AssistantsTraits(data_dir=str(tmp_path), **traits).settings()
    service = build(settings, storage=SqlStorage.in_memory())
    return set(service.models._connected)


def test_without_any_key_nothing_is_connected(tmp_path: Path) -> None:
    assert connected(tmp_path) == set()


@pytest.mark.parametrize(
    "name", [name for name, v in DIALECTS.items() if v.base_url and not v.local] + ["openai"]
)
def test_a_key_in_the_environment_connects_an_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(DIALECTS[name].key_env, CANARY)
    assert connected(tmp_path) == {name}


def test_azure_needs_its_address_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", CANARY)
    assert connected(tmp_path) == set()
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/")
    assert connected(tmp_path) == {"azure"}
    endpoint = AssistantsTraits().settings().endpoints["azure"]
    assert endpoint.base_url == "https://me.openai.azure.com/openai/v1/"


def test_a_local_vendor_is_connected_when_it_is_configured(tmp_path: Path) -> None:
    assert connected(tmp_path, providers={"ollama": {}}) == {"ollama"}


def test_a_key_in_the_file_connects_an_endpoint(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"mistral": CANARY}))
    (tmp_path / "keys.json").chmod(0o600)
    assert connected(tmp_path) == {"mistral"}


def test_an_openai_key_makes_its_default_model_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    settings = AssistantsTraits(data_dir=str(tmp_path)).settings()
    assert build(settings, storage=SqlStorage.in_memory()).models.default == "gpt-6-luna"


async def test_the_openai_key_goes_to_no_other_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    with Upstream(models=plain({"data": [{"id": "x"}]})) as upstream:
        providers = {"lab": {"base_url": upstream.url}}
        settings = AssistantsTraits(data_dir=str(tmp_path), providers=providers).settings()
        service = build(settings, storage=SqlStorage.in_memory())
        await service.models._of("lab")
        await service.models.close()
    assert upstream.listed_by["authorization"] == "Bearer not-needed"


def test_an_option_that_is_unknown_is_told(tmp_path: Path) -> None:
    traits = AssistantsTraits(providers={"lab": {"url": "http://x/v1"}})
    with pytest.raises(TraitError, match="base_url"):
        traits.settings()


def test_a_wire_that_is_none_is_told() -> None:
    traits = AssistantsTraits(providers={"lab": {"base_url": "http://x/v1", "wire": "grpc"}})
    with pytest.raises(TraitError, match="auto, chat or responses"):
        traits.settings()


def test_keys_are_in_no_settings_and_no_repr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", CANARY)
    settings = AssistantsTraits(data_dir=str(tmp_path)).settings()
    service = build(settings, storage=SqlStorage.in_memory())
    shown = repr(settings) + repr(service.models._clients) + repr(vars(service.models))
    assert CANARY not in shown
