"""Model providers are plug-ins: one class each, skipped when it does not load or connect."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.conversations import answer_of, sample_request
from support.distributions import write_distribution
from support.upstream import Upstream, streamed

from jupyter_assistants import registry
from jupyter_assistants.api import build
from jupyter_assistants.config import Endpoint, Settings, endpoints
from jupyter_assistants.models.base import ProviderOptions
from jupyter_assistants.models.registry import PROVIDERS, create_client, own_clients
from jupyter_assistants.protocol.errors import AssistantsError

PARROT = """
from jupyter_assistants.models.base import ModelProvider, StreamEnd, TextDelta

class Parrot(ModelProvider):
    id = "parrot"

    async def stream(self, request):
        yield TextDelta(request.history[-1].text)
        yield StreamEnd("stop")

class Picky(Parrot):
    id = "picky"

    @classmethod
    def connect(cls, options):
        return cls() if options.base_url else None

class Broken(Parrot):
    def __init__(self):
        raise RuntimeError("out of seeds")

NO_CLASS = 7
"""
POINTS = f"""
[{registry.MODEL_PROVIDERS}]
parrot = birds:Parrot
picky = birds:Picky
broken = birds:Broken
no-class = birds:NO_CLASS
absent = no_such_module:Bird
"""


@pytest.fixture
def birds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a distribution with these providers."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    write_distribution(folder, "birds", POINTS, {"birds": PARROT})
    PROVIDERS.forget()
    yield
    PROVIDERS.forget()
    sys.modules.pop("birds", None)


def test_the_smallest_provider_answers_and_has_a_model(birds: None) -> None:
    client = own_clients({})["parrot"]
    assert answer_of(client, sample_request("Polly")).text == "Polly"


def test_a_provider_that_does_not_work_is_skipped_and_reported(birds: None) -> None:
    assert set(own_clients({})) == {"demo", "parrot"}
    reported = {failure.entry.name: failure.error for failure in PROVIDERS.failures()}
    assert set(reported) == {"broken", "no-class", "absent"}
    assert "out of seeds" in reported["broken"]
    assert "birds:NO_CLASS is no class of a model provider" in reported["no-class"]


def test_a_provider_may_serve_configured_endpoints_only(birds: None) -> None:
    options = ProviderOptions("nest", base_url="https://example.org/v1")
    assert create_client("picky", options).id == "picky"
    assert "picky" not in own_clients({})


def test_an_endpoint_gets_the_provider_of_its_name_or_that_of_openais_apis(birds: None) -> None:
    assert create_client("", ProviderOptions("parrot")).id == "parrot"
    with Upstream(streamed({"content": "Hello"})) as upstream:
        client = create_client("", ProviderOptions("lab", base_url=upstream.url))
        assert answer_of(client).text == "Hello"


@pytest.mark.parametrize("name", ["absent", "broken", "unheard-of"])
def test_a_provider_that_cannot_be_used_is_named_with_those_that_can(
    birds: None, name: str
) -> None:
    with pytest.raises(AssistantsError) as refused:
        create_client(name, ProviderOptions("nest"))
    assert f"The provider '{name}' of the endpoint 'nest' cannot be used" in refused.value.message
    assert "endpoint, demo, " in refused.value.message


async def test_the_service_starts_with_what_works(
    birds: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    nest = Endpoint("https://example.org/v1", provider="broken")
    configured = {**endpoints({}), "nest": nest}
    service = build(Settings(tmp_path, endpoints=configured, offer_local_servers=False))
    try:
        models = {model.id: model.jupyter.usable for model in (await service.models.list()).data}
    finally:
        await service.close()
    assert models["parrot/parrot"]
    assert not any(name.startswith("nest") for name in models)
