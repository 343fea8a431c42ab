"""The extension: what it needs to start, and how kernels reach it on servers of every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import passwd

from jupyter_assistants.server.app import (
    KEY_VARIABLE,
    SERVER_VARIABLE,
    URL_VARIABLE,
    _drop_inherited_address,
)

STARTUP = """
import sys
from pathlib import Path
from jupyter_assistants.config import Settings
from jupyter_assistants.server.app import JupyterAssistantsApp
from jupyter_assistants.api import build
build(Settings(data_dir=Path(sys.argv[1])))
print(sorted({"openai", "pandas", "matplotlib", "IPython", "numpy"} & set(sys.modules)))
"""


def test_starting_imports_no_heavy_package(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", STARTUP, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


async def test_the_options_of_the_command_line_reach_the_service(
    jp_configurable_serverapp: Any,
) -> None:
    app = jp_configurable_serverapp(argv=["--JupyterAssistantsApp.max_turns=3"])
    service = await app.web_app.settings["jupyter_assistants"].ready()
    assert service.settings.max_turns == 3
    assert service.settings.default_model == "demo"


async def test_the_data_folder_is_the_users_alone(jp_serverapp: Any, data_dir: Path) -> None:
    await jp_serverapp.web_app.settings["jupyter_assistants"].ready()
    assert data_dir.stat().st_mode & 0o077 == 0


@pytest.fixture
def extension(jp_serverapp: Any, jp_asyncio_loop: Any, monkeypatch: Any) -> Any:
    for name in (URL_VARIABLE, KEY_VARIABLE):
        monkeypatch.setenv(name, "left by another server")
    monkeypatch.setenv(SERVER_VARIABLE, "1")
    extension = jp_serverapp.web_app.settings["jupyter_assistants"]
    jp_asyncio_loop.run_until_complete(extension._start_jupyter_server_extension(jp_serverapp))
    return extension


def test_it_says_where_it_is_and_which_model_answers_but_no_key(
    extension: Any, caplog: Any, token: str
) -> None:
    logged = [record.getMessage() for record in caplog.get_records("setup")]
    (line,) = [text for text in logged if "default model" in text]
    assert "/a%40b/assistants/v1, default model: demo" in line
    assert token not in line
    assert not any(extension.kernel_key.secret in text for text in logged)


async def test_a_stopped_server_leads_no_kernel_to_it(extension: Any) -> None:
    assert os.environ[KEY_VARIABLE] == extension.kernel_key.secret
    await extension.stop_extension()
    assert KEY_VARIABLE not in os.environ
    assert URL_VARIABLE not in os.environ


@pytest.mark.parametrize(("server", "stays"), [("1", False), (None, True)])
def test_the_address_of_the_server_whose_terminal_started_this_one_is_dropped(
    server: str | None, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (URL_VARIABLE, KEY_VARIABLE):
        monkeypatch.setenv(name, "of another server")
    monkeypatch.delenv(SERVER_VARIABLE, raising=False)
    if server is not None:
        monkeypatch.setenv(SERVER_VARIABLE, server)
    _drop_inherited_address()
    # What a person configured has no mark of a server.
    assert (URL_VARIABLE in os.environ, KEY_VARIABLE in os.environ) == (stays, stays)
    assert (SERVER_VARIABLE in os.environ) is False


class TestAServerWithAPasswordAndNoToken:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        hashed = passwd("secret", algorithm="sha1")
        jp_server_config["PasswordIdentityProvider"] = {"hashed_password": hashed}
        jp_server_config["ServerApp"]["token"] = ""
        return jp_server_config

    async def test_lets_its_kernels_in(self, extension: Any, ask: Any) -> None:
        key = extension.kernel_key.secret
        assert (await ask("POST", "/threads", {}, key=key)).status == 200

    @pytest.mark.parametrize("key", [None, "", "secret", "left by another server"])
    async def test_lets_nobody_else_in(self, extension: Any, ask: Any, key: str | None) -> None:
        assert (await ask("POST", "/threads", {}, key=key)).status == 401
        assert (await ask("GET", "/threads", key=key)).status == 401


class TestAServerWithoutAuthentication:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["token"] = ""
        return jp_server_config

    async def test_still_refuses_what_another_site_could_send(self, ask: Any) -> None:
        assert (await ask("GET", "/threads", key="any")).status == 200
        answer = await ask("POST", "/threads", {}, key="any")
        assert answer.status == 403
        assert "token" in answer.error["message"]

    async def test_lets_its_kernels_in(self, extension: Any, ask: Any) -> None:
        answer = await ask("POST", "/threads", {}, key=extension.kernel_key.secret)
        assert answer.status == 200


class TestAServerOnAnAddressOfTheNetwork:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["ip"] = "192.0.2.1"
        return jp_server_config

    def test_gives_its_kernels_no_key(self, extension: Any) -> None:
        assert extension.kernel_key is None
