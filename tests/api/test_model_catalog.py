"""Which model answers to which name, above all to the names in old programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.upstream import Upstream, plain

from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.config import RETIRED_MODELS, AssistantsTraits, Endpoint, Settings
from jupyter_assistants.models.base import ModelClient
from jupyter_assistants.models.demo import Demo
from jupyter_assistants.models.endpoint import ModelEndpoint

OFF = (
    "gpt-4",
    "gpt-4-turbo",
    "gpt-4-1106-preview",
    "gpt-3.5-turbo",
    "gpt-35-turbo",
    "o1",
    "o4-mini",
)
ENDING = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "o3", "o3-mini")
STAYING = ("gpt-6-luna", "gpt-5.4-mini", "gpt-5.6-sol", "llama-4", "o365", "local/gpt-4")


def listing(*names: str) -> Upstream:
    return Upstream(models=plain({"data": [{"id": name} for name in names]}))


def models(
    *endpoints: tuple[str, Upstream], traits: AssistantsTraits | None = None, default: str = ""
) -> ModelCatalog:
    """Return the models of a server with these endpoints, by name."""
    chosen = traits or AssistantsTraits()
    chosen.default_model = default
    plain = chosen.settings()
    clients: dict[str, ModelClient] = {"demo": Demo()}
    for name, upstream in endpoints:
        clients[name] = ModelEndpoint(name, base_url=upstream.url, api_key="k")
    return ModelCatalog(plain, clients, frozenset(name for name, _ in endpoints))


async def answers(found: ModelCatalog, names: Sequence[str]) -> dict[str, str]:
    resolved = {name: await found.resolve(name) for name in names}
    return {name: f"{each.client.id}/{each.model}" for name, each in resolved.items()}


@pytest.mark.parametrize("name", [*OFF, *ENDING])
async def test_a_retired_model_is_replaced_by_the_default(name: str) -> None:
    with listing("gpt-6-luna") as upstream:
        found = models(("openai", upstream), default="gpt-6-luna")
        resolved = await found.resolve(name)
        await found.close()
    assert resolved.model == "gpt-6-luna"
    assert resolved.note == f"The model '{name}' is retired; 'gpt-6-luna' answers."


@pytest.mark.parametrize("name", STAYING[:-1])
async def test_any_other_name_is_asked_for_as_it_is(name: str) -> None:
    with listing("gpt-6-luna") as upstream:
        found = models(("openai", upstream), default="gpt-6-luna")
        resolved = await found.resolve(name)
        await found.close()
    assert (resolved.model, resolved.note) == (name, None)


async def test_a_retired_model_that_the_endpoint_lists_still_answers() -> None:
    with listing(*OFF, *ENDING) as upstream:
        found = models(("openai", upstream), default="gpt-6-luna")
        given = await answers(found, [*OFF, *ENDING])
        await found.close()
    assert given == {name: f"openai/{name}" for name in [*OFF, *ENDING]}


async def test_another_endpoint_that_lists_it_answers() -> None:
    with listing("gpt-6-luna") as first, listing("gpt-4") as second:
        found = models(("openai", first), ("lab", second), default="gpt-6-luna")
        resolved = await found.resolve("gpt-4")
        await found.close()
    assert (resolved.client.id, resolved.model, resolved.note) == ("lab", "gpt-4", None)


async def test_where_the_endpoint_lists_nothing_only_models_that_are_off_are_replaced() -> None:
    with Upstream() as upstream:
        found = models(("openai", upstream), default="gpt-6-luna")
        given = await answers(found, ["gpt-4", "gpt-4o"])
        await found.close()
    assert given == {"gpt-4": "openai/gpt-6-luna", "gpt-4o": "openai/gpt-4o"}


async def test_an_endpoint_is_not_asked_for_its_list_again_and_again() -> None:
    with listing("gpt-6-luna") as upstream:
        found = models(("openai", upstream), default="gpt-6-luna")
        await answers(found, ["gpt-4"] * 5)
        await found.close()
        assert upstream.listings == 1


async def test_without_any_endpoint_the_note_says_how_to_connect_one() -> None:
    resolved = await models().resolve("gpt-4")
    assert resolved.model == "demo"
    assert resolved.note is not None
    assert "No endpoint for the model 'gpt-4' is configured" in resolved.note
    assert "OPENAI_API_KEY" in resolved.note


async def test_the_users_aliases_come_before_what_an_endpoint_lists() -> None:
    traits = AssistantsTraits(model_aliases={"gpt-4o*": "lab/ours", "fast": "default"})
    with listing("gpt-4o", "gpt-6-luna") as upstream:
        found = models(("openai", upstream), ("lab", upstream), traits=traits, default="gpt-6-luna")
        given = await answers(found, ["gpt-4o", "fast", "gpt-4", "default"])
        await found.close()
    assert given == {
        "gpt-4o": "lab/ours",
        "fast": "openai/gpt-6-luna",
        "gpt-4": "openai/gpt-6-luna",
        "default": "openai/gpt-6-luna",
    }


async def test_an_empty_alias_keeps_a_name() -> None:
    traits = AssistantsTraits(model_aliases={"gpt-4": "", "fast": "lab/ours"})
    with listing("gpt-6-luna") as upstream:
        found = models(("openai", upstream), traits=traits, default="gpt-6-luna")
        given = await answers(found, ["gpt-4", "gpt-4-turbo"])
        await found.close()
    assert given == {"gpt-4": "openai/gpt-4", "gpt-4-turbo": "openai/gpt-6-luna"}


async def test_no_aliases_at_all_switch_the_shipped_ones_off() -> None:
    with listing("gpt-6-luna") as upstream:
        traits = AssistantsTraits(model_aliases={})
        found = models(("openai", upstream), traits=traits, default="gpt-6-luna")
        assert await answers(found, ["gpt-4"]) == {"gpt-4": "openai/gpt-4"}
        await found.close()


def test_shipped_aliases_that_the_user_extends_stay_shipped() -> None:
    settings = AssistantsTraits(model_aliases={**RETIRED_MODELS, "fast": "demo"}).settings()
    assert settings.model_aliases == {"fast": "demo"}
    assert settings.retired_models == RETIRED_MODELS


def test_settings_made_by_hand_have_the_shipped_aliases(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, endpoints={"openai": Endpoint()})
    assert settings.retired_models == RETIRED_MODELS
