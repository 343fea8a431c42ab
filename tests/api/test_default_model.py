"""The default model behind an ``OPENAI_BASE_URL`` that is not the vendor's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.service_session import Bench
from support.upstream import Reply, Upstream, plain, streamed

from jupyter_assistants.api import build
from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.protocol.doctor import Check
from jupyter_assistants.storage.sql import SqlStorage

LISTED = plain({"data": [{"id": "text-embedding-3"}, {"id": "qwen3:8b"}, {"id": "another"}]})
SPOKEN = streamed({"content": "Hello"})


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for dialect in DIALECTS.values():
        for name in filter(None, (dialect.key_env, dialect.url_env, "JUPYTER_ASSISTANTS_MODEL")):
            monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def served(tmp_path: Path, **traits: str) -> AsyncIterator[Bench]:
    settings = AssistantsTraits(
        data_dir=str(tmp_path), offer_local_servers=False, **traits
    ).settings()
    service = build(settings, storage=SqlStorage.in_memory())
    try:
        yield Bench(service, Scripted([]))
    finally:
        await service.close()


async def checks(b: Bench) -> dict[str, Check]:
    return {check.id: check for check in (await b.service.doctor.get()).checks}


@pytest.mark.parametrize("key", ["", "sk-mine"])
async def test_the_first_model_that_the_server_lists_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    with Upstream(SPOKEN, models=LISTED) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        monkeypatch.setenv("OPENAI_API_KEY", key)
        async with served(tmp_path) as b:
            listed = (await b.ask("GET", "/models")).data
            assert (listed[0].id, listed[0].jupyter.window) == ("qwen3:8b", 8_192)
            made = await b.ask("POST", "/assistants", model="default")
            content = [{"role": "user", "content": "hello"}]
            thread = await b.ask("POST", "/threads", messages=content)
            b.assistant_id, b.thread_id = made.id, thread.id
            run = await b.run()
            assert (run.status, run.jupyter.resolved_model) == ("completed", "openai/qwen3:8b")
            assert upstream.body["model"] == "qwen3:8b"


async def test_an_old_program_gets_the_first_model_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream(models=LISTED) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        async with served(tmp_path) as b:
            resolved = await b.service.models.resolve("gpt-4-turbo")
    assert resolved.model == "qwen3:8b"
    assert resolved.note == "The model 'gpt-4-turbo' is retired; 'qwen3:8b' answers."


async def test_the_doctor_says_what_is_used_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream(models=LISTED) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        async with served(tmp_path) as b:
            found = await checks(b)
    host = f"127.0.0.1:{upstream.port}"
    assert found["model"].status == "ok"
    assert f"The default model is qwen3:8b, the first that {host} lists" in found["model"].detail
    assert "OPENAI_BASE_URL is not OpenAI's" in found["model"].detail
    assert (found["key"].status, found["key"].detail.split(";")[0]) == (
        "ok",
        f"There is no key for {host}",
    )


@pytest.mark.parametrize("models", [plain({"data": []}), plain({}, 404)], ids=["empty", "no list"])
async def test_a_server_without_a_list_is_asked_for_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Reply
) -> None:
    with Upstream(models=models) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        async with served(tmp_path) as b:
            resolved = await b.service.models.resolve("default")
            found = await checks(b)
    assert (resolved.client.id, resolved.model) == ("openai", "default")
    assert "lists no models and default_model is not set" in found["model"].detail


async def test_a_server_that_is_down_is_named_and_no_demo_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    async with served(tmp_path) as b:
        found = await checks(b)
    assert found["model"].status == "problem"
    assert "Nothing answers at 127.0.0.1:9" in found["model"].detail


async def test_the_models_are_listed_again_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream(models=plain({"data": []})) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        async with served(tmp_path) as b:
            assert await b.service.models.find_default() == "default"
            upstream.models = LISTED
            assert await b.service.models.find_default() == "qwen3:8b"
            assert b.service.models.default == "qwen3:8b"


async def test_what_is_configured_comes_before_the_first_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream(models=LISTED) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        async with served(tmp_path, default_model="another") as b:
            assert await b.service.models.find_default() == "another"
    assert upstream.listings == 0


def test_the_vendors_own_address_has_its_own_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    settings = AssistantsTraits(data_dir=str(tmp_path)).settings()
    models = build(settings, storage=SqlStorage.in_memory()).models
    assert (models.default, models.foreign_host) == ("gpt-6-luna", None)
