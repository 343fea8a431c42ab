"""What a cell says when the model's endpoint does not do its part; the thread stays usable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_session import KernelSession, kernel_session
from support.live_server import free_port
from support.upstream import Reply, Upstream, page, refused, streamed

pytestmark = pytest.mark.slow

LOGIN = page("<html><head><title>Sign in</title></head><body>Please log in.</body></html>")


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(streamed({"content": "Fine now."})) as started:
        yield started


@pytest.fixture(scope="module")
def kernel(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "m")
        patch.setenv("OPENAI_BASE_URL", upstream.url)
        patch.setenv("OPENAI_API_KEY", "sk-planted-secret")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(tmp_path_factory.mktemp("notebook")) as session:
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            yield session


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (LOGIN, "login page"),
        (refused(401, "Incorrect API key provided: sk-planted-secret"), "key"),
        (refused(404, "The model `m` does not exist"), "does not exist"),
        (refused(429, "You exceeded your quota", "insufficient_quota"), "quota"),
        (refused(400, "This model's maximum context length is 8192 tokens"), "context length"),
    ],
    ids=["a login page", "a wrong key", "an unknown model", "no quota", "a prompt too long"],
)
def test_an_endpoint_that_fails_is_one_line_and_the_thread_goes_on(
    kernel: KernelSession, upstream: Upstream, reply: Reply, told: str
) -> None:
    good = streamed({"content": "Fine now."})
    upstream.replies[:] = [reply] * (len(upstream.received) + 8)
    ran = kernel.run("%%assistant\nhello")
    [error] = ran.of("error")
    assert len(error["traceback"]) == 1 and told in error["evalue"]
    assert "\n" not in error["evalue"].strip()
    assert "sk-planted-secret" not in str(ran.outputs)
    upstream.replies[:] = [good] * (len(upstream.received) + 8)
    again = kernel.run("%%assistant\nhello again")
    assert again.status == "ok" and "Fine now." in str(again.outputs)


def test_an_endpoint_that_is_down_is_one_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_ASSISTANTS_MODEL", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
    with kernel_session(tmp_path) as kernel:
        kernel.run("%load_ext jupyter_assistants")
        ran = kernel.run("%%assistant\nhello")
        [error] = ran.of("error")
        assert f"127.0.0.1:{port}" in error["evalue"] and len(error["traceback"]) == 1
