"""The victim of the attacks: a real server of two users, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.attacking_model import AttackingModel
from support.live_server import LiveServer
from support.victim import CANARY, CODE, FILE_CANARY, Trap, Victim

_TWO_USERS = """
from jupyter_server.auth.identity import IdentityProvider, User

class TwoUsers(IdentityProvider):
    def get_user(self, handler):
        key = handler.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key in ("ada-key", "eve-key"):
            handler._token_authenticated = True
            return User(key[:3])
        return None

c.ServerApp.identity_provider_class = TwoUsers
"""


@pytest.fixture(scope="session")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    home = tmp_path_factory.mktemp("victim")
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(_TWO_USERS)
    (home / ".env").write_text(f"TOKEN={FILE_CANARY}")
    ran = tmp_path_factory.mktemp("ran")
    model, trap = AttackingModel(), Trap()
    options = {
        "providers": {"evil": {"base_url": model.url, "wire": "chat"}},
        "default_model": "evil/m",
        "max_approval": "always",
    }
    server = LiveServer(home, options, {"LAB_API_KEY": CANARY})
    server.token = "ada-key"
    server.start()
    victim = Victim(server, model, trap, ran)
    try:
        for name in ("kernel_id", "other_kernel_id"):
            kernel = victim.ask("POST", "/api/kernels", {"name": "python3"}).json
            setattr(victim, name, kernel["id"])
        body = {"model": "evil/m", "tools": [CODE]}
        victim.assistant_id = victim.api("POST", "/assistants", body).json["id"]
        yield victim
    finally:
        server.stop()
        model.close()
        trap.close()


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each attack: nothing ran unapproved, nothing was fetched, no secret went anywhere."""
    if "victim" not in request.fixturenames:
        yield
        return
    victim: Victim = request.getfixturevalue("victim")
    victim.seen.clear()
    told, traces = len(victim.model.bodies), victim.traces
    victim.allowed = 0
    yield
    assert victim.traces == traces + victim.allowed, "code ran that nobody approved"
    assert victim.trap.visits == 0, "something was fetched"
    for text in [*victim.model.bodies[told:], *victim.seen]:
        assert CANARY not in text and FILE_CANARY not in text, "a secret went out"
