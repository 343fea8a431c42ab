"""The house of the situations, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.echo_model import EchoModel
from support.house import House
from support.live_server import running


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    model = EchoModel()
    options = {
        "providers": {"echo": {"base_url": model.url, "wire": "chat"}},
        "default_model": "echo/echo",
        "run_expiry": 300,
        "code_timeout": 45.0,
    }
    with running(tmp_path_factory.mktemp("house"), options=options) as server:
        house = House(server, model)
        tools = [{"type": "code_interpreter"}]
        made = house.api(
            "POST", "/assistants", {"model": "echo/echo", "name": "echo", "tools": tools}
        )
        house.assistant_id = made["id"]
        for name in ("server", "cell"):
            house.start_kernel(name)
        yield house
        for session in house.sessions.values():
            session.client.stop_channels()
    model.close()
