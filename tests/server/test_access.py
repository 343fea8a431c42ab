"""Who may ask for what: every route, without credentials, with wrong ones, with each right."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, IdentityProvider, User
from tornado.httpclient import AsyncHTTPClient

from jupyter_assistants.api.routes import ROUTES, Route
from jupyter_assistants.server.app import KEY_VARIABLE, URL_VARIABLE
from jupyter_assistants.server.identity import local_owner, masked, owner_of


def path_of(route: Route) -> str:
    return re.sub(r"\{(\w+)\}", r"\1_x", route.path)


@pytest.mark.parametrize("key", [None, "wrong-key-wrong-key-wrong"])
async def test_every_route_needs_credentials(ask: Any, key: str | None) -> None:
    for route in ROUTES:
        answer = await ask(route.verb, path_of(route), key=key, raw=b"{}")
        assert answer.status == 401, route
        assert answer.error["type"] == "invalid_request_error"
        assert "Location" not in answer.headers
        assert "set-cookie" not in answer.headers


class TestWithJupytersDefaults:
    """Jupyter lets undecorated methods through unless it is told not to."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["allow_unauthenticated_access"] = True
        return jp_server_config

    @pytest.mark.parametrize("key", [None, "wrong"])
    async def test_every_route_needs_credentials(self, ask: Any, key: str | None) -> None:
        for route in ROUTES:
            answer = await ask(route.verb, path_of(route), key=key, raw=b"{}")
            assert answer.status == 401, route
            assert answer.error["type"] == "invalid_request_error"


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_unknown_paths_need_credentials_too(ask: Any, verb: str) -> None:
    for path in ("", "/", "/nothing", "/threads/x/nothing"):
        answer = await ask(verb, path, key=None, raw=b"")
        assert answer.status == 401, path
        assert answer.error["code"] is None


async def test_a_wrong_key_is_never_echoed_in_full(ask: Any) -> None:
    answer = await ask("GET", "/assistants", key="sk-0123456789abcdefghij")
    assert answer.error["code"] == "invalid_api_key"
    assert answer.error["message"].startswith("Incorrect API key provided: sk-***ghij. ")
    assert masked("short-secret") == "***"


async def test_an_upload_is_refused_before_its_bytes_are_read(ask: Any, data_dir: Any) -> None:
    answer = await ask("POST", "/files", key=None, raw=b"x" * 3_000_000)
    assert answer.status == 401
    assert not any(path.stat().st_size > 2_000_000 for path in data_dir.rglob("*"))


async def test_an_azure_client_may_present_its_key_as_api_key(ask: Any, token: str) -> None:
    assert (await ask("GET", "/models", key=None, headers={"api-key": token})).status == 200
    assert (await ask("GET", "/models", key=None, headers={"api-key": "no"})).status == 401


async def test_a_key_is_judged_without_the_cookies_that_come_with_it(
    ask: Any, http_server_client: AsyncHTTPClient, jp_base_url: str, token: str
) -> None:
    # The stock SDK keeps cookies, so that a wrong key would do once a right one was sent.
    login = await cookies(http_server_client, jp_base_url, token)
    for headers in ({"Authorization": "Bearer wrong"}, {"api-key": "wrong"}):
        for verb in ("GET", "POST"):
            answer = await ask(verb, "/assistants", key=None, headers={**headers, "Cookie": login})
            assert answer.status == 401
            assert answer.error["code"] == "invalid_api_key"


async def test_clients_with_a_key_get_no_cookies(ask: Any, token: str) -> None:
    assert "set-cookie" not in (await ask("GET", "/models")).headers
    assert (
        "set-cookie"
        not in (await ask("GET", "/models", key=None, headers={"api-key": token})).headers
    )


async def test_a_token_in_the_query_is_accepted_as_everywhere_in_jupyter(
    ask: Any, token: str
) -> None:
    assert (await ask("GET", f"/models?token={token}", key=None)).status == 200


async def test_a_foreign_host_is_refused(ask: Any) -> None:
    answer = await ask("GET", "/models", headers={"Host": "evil.example"})
    assert answer.status == 403
    assert "Host" in answer.error["message"]


async def test_a_preflight_request_needs_no_credentials_and_tells_nothing(ask: Any) -> None:
    answer = await ask("OPTIONS", "/threads", key=None)
    assert answer.status in (200, 204)
    assert answer.body == b""


# -- browsers ------------------------------------------------------------------------------------


async def cookies(client: AsyncHTTPClient, base: str, token: str) -> str:
    """Log in as a browser does; give its cookies."""
    answer = await client.fetch(f"{base}api/status?token={token}")
    return "; ".join(line.split(";")[0] for line in answer.headers.get_list("Set-Cookie"))


async def test_a_browser_without_an_xsrf_token_cannot_change_anything(
    ask: Any, http_server_client: Any, jp_base_url: str, token: str
) -> None:
    login = await cookies(http_server_client, jp_base_url, token)
    for route in ROUTES:
        if route.verb != "GET":
            answer = await ask(
                route.verb, path_of(route), key=None, headers={"Cookie": login}, raw=b"{}"
            )
            assert answer.status == 403, route
            assert "_xsrf" in answer.error["message"]


async def test_a_browser_with_an_xsrf_token_can(
    ask: Any, http_server_client: Any, jp_base_url: str, token: str
) -> None:
    login = await cookies(http_server_client, jp_base_url, token)
    page = await http_server_client.fetch(f"{jp_base_url}login")
    given = "; ".join(line.split(";")[0] for line in page.headers.get_list("Set-Cookie"))
    xsrf = re.search(r"_xsrf=([^;]+)", given)
    assert xsrf is not None
    headers = {"Cookie": f"{login}; {given}", "X-XSRFToken": xsrf[1]}
    answer = await ask("POST", "/threads", {}, key=None, headers=headers)
    assert answer.status == 200, answer.body
    # The browser and the token are the same person.
    assert (await ask("GET", f"/threads/{answer.json['id']}")).status == 200


async def test_a_page_of_another_site_cannot_include_a_file(
    ask: Any, http_server_client: Any, jp_base_url: str, token: str
) -> None:
    login = await cookies(http_server_client, jp_base_url, token)
    headers = {"Cookie": login, "Referer": "https://evil.example/"}
    answer = await ask("GET", "/files/file-x/content", key=None, headers=headers)
    assert answer.status == 403


async def test_a_page_of_another_origin_is_refused_and_told_how_to_be_allowed(
    ask: Any, http_server_client: Any, jp_base_url: str, token: str
) -> None:
    login = await cookies(http_server_client, jp_base_url, token)
    headers = {"Cookie": login, "Origin": "https://evil.example"}
    for verb, path in (("GET", "/models"), ("POST", "/threads"), ("DELETE", "/threads/thread_x")):
        answer = await ask(verb, path, key=None, headers=headers, raw=b"")
        assert answer.status == 403
        assert answer.error["message"].startswith("Pages of https://evil.example may not use")
        assert "allow_origin" in answer.error["message"]


async def test_a_wrong_key_does_not_fall_back_to_a_strangers_rights(ask: Any, made: Any) -> None:
    thread = await made("POST", "/threads", {})
    answer = await ask("GET", f"/threads/{thread['id']}", key="wrong")
    assert answer.status == 401


async def test_every_request_with_the_token_is_the_same_person(ask: Any, made: Any) -> None:
    thread = await made("POST", "/threads", {})
    again = await made("GET", f"/threads/{thread['id']}")
    assert again["id"] == thread["id"]


# -- identities ----------------------------------------------------------------------------------


class ByHeader(IdentityProvider):
    """Users as a hub gives them: by name."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User")
        handler._token_authenticated = name is not None
        return User(name) if name else None


class TestUsersWithNames:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["identity_provider_class"] = ByHeader
        return jp_server_config

    async def test_see_their_own_objects_only(self, ask: Any) -> None:
        anna, ben = {"X-User": "anna"}, {"X-User": "ben"}
        thread = (await ask("POST", "/threads", {}, key=None, headers=anna)).json["id"]
        assert (await ask("GET", f"/threads/{thread}", key=None, headers=anna)).status == 200
        answer = await ask("GET", f"/threads/{thread}", key=None, headers=ben)
        assert answer.status == 404
        assert answer.error["message"] == f"No thread found with id '{thread}'."
        listed = await ask("GET", "/threads", key=None, headers=ben)
        assert listed.json["data"] == []

    async def test_get_no_kernel_key(self, jp_serverapp: Any, monkeypatch: Any) -> None:
        monkeypatch.delenv(KEY_VARIABLE, raising=False)
        extension = jp_serverapp.web_app.settings["jupyter_assistants"]
        await extension._start_jupyter_server_extension(jp_serverapp)
        assert KEY_VARIABLE not in os.environ

    def test_are_told_apart_by_their_provider(self) -> None:
        assert owner_of(ByHeader(), User("anna")) == "anna"
        assert owner_of(IdentityProvider(), User("0f" * 16)) == local_owner()


# -- the kernels' key ----------------------------------------------------------------------------


@pytest.fixture
def kernel_key(jp_serverapp: Any, jp_asyncio_loop: Any, monkeypatch: Any) -> str:
    for name in (URL_VARIABLE, KEY_VARIABLE):
        monkeypatch.setenv(name, "")
    extension = jp_serverapp.web_app.settings["jupyter_assistants"]
    jp_asyncio_loop.run_until_complete(extension._start_jupyter_server_extension(jp_serverapp))
    return os.environ[KEY_VARIABLE]


async def test_kernels_inherit_an_address_and_a_key(
    kernel_key: str, ask: Any, made: Any, jp_http_port: int
) -> None:
    assert os.environ[URL_VARIABLE].startswith(f"http://127.0.0.1:{jp_http_port}/a%40b")
    thread = await made("POST", "/threads", {})
    assert (await ask("GET", f"/threads/{thread['id']}", key=kernel_key)).status == 200
    assert (await ask("POST", "/threads", {}, key=kernel_key)).status == 200


async def test_the_kernels_key_opens_nothing_else_of_jupyter(
    kernel_key: str, http_server_client: Any, jp_base_url: str
) -> None:
    answer = await http_server_client.fetch(
        f"{jp_base_url}api/kernels",
        headers={"Authorization": f"Bearer {kernel_key}"},
        raise_error=False,
        follow_redirects=False,
    )
    assert answer.code == 403


async def test_the_kernels_key_is_refused_from_other_machines(
    kernel_key: str, ask: Any, http_server: Any
) -> None:
    http_server.xheaders = True
    http_server.trusted_downstream = set()
    answer = await ask("GET", "/models", key=kernel_key, headers={"X-Real-Ip": "192.0.2.7"})
    assert answer.status == 401


# -- authorization -------------------------------------------------------------------------------


class OnlyListed(Authorizer):
    """Allows what ``allowed`` lists and remembers what it was asked for."""

    allowed: set[tuple[str, str]] = set()
    asked: list[tuple[str, str]] = []

    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        OnlyListed.asked.append((action, resource))
        return (action, resource) in OnlyListed.allowed


class TestWithAnAuthorizer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = OnlyListed
        OnlyListed.allowed, OnlyListed.asked = set(), []
        return jp_server_config

    async def test_nothing_is_done_that_it_denies(self, ask: Any) -> None:
        for route in ROUTES:
            answer = await ask(route.verb, path_of(route), raw=b"{}")
            assert answer.status == 403, route
            assert answer.error["type"] == "invalid_request_error"
            assert route.action in answer.error["message"]

    async def test_each_operation_asks_for_its_own_right_in_any_order(self, ask: Any) -> None:
        for route in [*ROUTES, *reversed(ROUTES)]:
            OnlyListed.asked.clear()
            await ask(route.verb, path_of(route), raw=b"{}")
            assert OnlyListed.asked == [(route.action, f"jupyter_assistants:{route.resource}")]

    async def test_a_right_opens_its_own_operations_and_no_others(self, ask: Any) -> None:
        rights = {route.rights[0] for route in ROUTES}
        for right in sorted(rights):
            OnlyListed.allowed = {right, ("execute", "kernels")}
            for route in ROUTES:
                answer = await ask(route.verb, path_of(route), raw=b"{}")
                mine = set(route.rights) <= OnlyListed.allowed
                assert (answer.status == 403) is not mine, (right, route)

    async def test_all_rights_of_an_operation_open_it_and_none_may_miss(self, ask: Any) -> None:
        for route in ROUTES:
            OnlyListed.allowed = set(route.rights)
            assert (await ask(route.verb, path_of(route), raw=b"{}")).status != 403, route
            for missing in route.rights:
                OnlyListed.allowed = set(route.rights) - {missing}
                answer = await ask(route.verb, path_of(route), raw=b"{}")
                assert answer.status == 403, (route, missing)

    @pytest.mark.parametrize("operation", ["preview_run", "list_variables"])
    async def test_values_of_a_kernel_are_shown_only_to_those_who_may_run_code(
        self, ask: Any, operation: str
    ) -> None:
        (route,) = (each for each in ROUTES if each.id == operation)
        OnlyListed.allowed = {("read", f"jupyter_assistants:{r.resource}") for r in ROUTES}
        OnlyListed.allowed |= {("read", "kernels"), ("write", "jupyter_assistants:runs")}
        answer = await ask(route.verb, path_of(route), raw=b"{}")
        assert answer.status == 403
        assert "execute" in answer.error["message"]

    async def test_an_export_shows_files_and_messages_only_to_those_who_may_read_them(
        self, ask: Any
    ) -> None:
        threads = ("read", "jupyter_assistants:threads")
        rights = {threads, *(("read", f"jupyter_assistants:{r}") for r in ("messages", "runs"))}
        OnlyListed.allowed = rights
        answer = await ask("GET", "/threads/thread_x/export")
        assert answer.status == 403
        assert "read jupyter_assistants:files" in answer.error["message"]

    async def test_a_run_needs_the_right_to_use_kernels_as_well(self, ask: Any) -> None:
        rights = {("execute", f"jupyter_assistants:{route.resource}") for route in ROUTES}
        OnlyListed.allowed = rights
        for route in ROUTES:
            if route.action == "execute":
                answer = await ask(route.verb, path_of(route), raw=b"{}")
                assert answer.status == 403
                assert "execute kernels" in answer.error["message"]
