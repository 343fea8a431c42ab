"""Every operation asked for by callers who may not: without a key, of other sites, users and rights.

A cell is one operation and one caller. What must come of it follows from the route table: 401 without
a valid key, 403 from another host or site or without a right, 404 for another user's objects.
"""

from __future__ import annotations

import difflib
import json
import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import requests

from benchmarks.trust.api_requests import World
from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.api.routes import ROUTES, Route

Right = tuple[str, str]

OWNER, STRANGER = "key-of-the-owner", "key-of-a-stranger"
CONFIGURATION = f"""
import json
from jupyter_server.auth import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User


class KnownKeys(IdentityProvider):
    def get_user(self, handler):
        key = handler.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key in ({OWNER!r}, {STRANGER!r}):
            handler._token_authenticated = True
            return User(key)
        return super().get_user(handler)


class RightsOfTheRequest(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        rights = handler.request.headers.get("X-Rights")
        return rights is None or [action, resource] in json.loads(rights)


c.ServerApp.identity_provider_class = KnownKeys
c.ServerApp.authorizer_class = RightsOfTheRequest
"""
ALL_RIGHTS = sorted({right for route in ROUTES for right in route.rights})
WRONG_KEYS: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer "},
    {"Authorization": f"Basic {OWNER}"},
    {"Authorization": f"Bearer {OWNER} "[:-2]},
    {"Authorization": f"Bearer {OWNER.upper()}"},
    {"api-key": "wrong"},
]


@dataclass
class Cell:
    """One operation and one caller.

    Parameters
    ----------
    caller
        Who asks, in a few words.
    expected
        The statuses that are right.
    real
        Whether the path names objects of the owner; else it names none that exist.
    secret
        Whether the answer may name no object of the owner but those of the request.
    """

    route: Route
    caller: str
    headers: dict[str, str]
    expected: frozenset[int]
    real: bool = False
    secret: bool = False


@dataclass
class Scene:
    """A server with objects of its owner, and the cookies of a browser that logged in there."""

    world: World
    cookies: str
    failures: list[str] = field(default_factory=list)

    def try_cell(self, cell: Cell) -> None:
        """Send the request of a cell and note an answer that is wrong."""
        world = self.world
        path = re.sub(
            r"\{(\w+)\}",
            lambda name: world.ids[name[1]] if cell.real and name[1] in world.ids else "no_such_x",
            cell.route.path,
        )
        answer = requests.request(
            cell.route.verb,
            world.server.url + path,
            headers=cell.headers,
            # Whoever gets as far as the body must not change anything.
            data=b"{}" if cell.real else b"[",
            allow_redirects=False,
            timeout=60,
        )
        place = f"{cell.route.id}, {cell.caller}"
        if answer.status_code not in cell.expected:
            self.failures.append(f"{place}: {answer.status_code} {answer.text[:100]}")
        if cell.secret:
            named = [id for id in world.ids.values() if id in answer.text and id not in path]
            # "demo" is a model that all may use.
            if set(named) - {"demo"}:
                self.failures.append(f"{place}: the answer names {named}")

    def objects(self) -> str:
        """Return all objects of the owner, to see whether anything changed."""
        lists = ("/assistants", "/threads", "/files", "/vector_stores")
        texts = [self.world.session.get(self.world.server.url + path).text for path in lists]
        return "\n".join(texts)


def draw(random: random.Random, cookies: str) -> Cell:
    """Return one cell."""
    route = random.choice(ROUTES)
    kind = random.choice(["key", "host", "site", "stranger", "rights", "rights", "rights"])
    key = {"Authorization": f"Bearer {OWNER}"}
    if kind == "key":
        return Cell(route, "wrong key", random.choice(WRONG_KEYS), frozenset({401}), real=True)
    if kind == "host":
        headers = {**key, "Host": random.choice(["evil.example", "127.0.0.1.evil.example"])}
        return Cell(route, "foreign host", headers, frozenset({403}), real=True)
    if kind == "site" and (route.verb != "GET" or route.same_origin):
        headers = {"Cookie": cookies, "Referer": "https://evil.example/"}
        if random.random() < 0.5:
            headers |= {"Origin": "https://evil.example", "X-XSRFToken": "forged"}
        return Cell(route, "another site", headers, frozenset({403}), real=True)
    if kind == "stranger":
        return stranger(route)
    rights = random.sample(ALL_RIGHTS, random.randint(0, len(ALL_RIGHTS)))
    if random.random() < 0.5:
        # A choice of many rights seldom has all of an operation, or all but one.
        rights = list({*rights, *route.rights})
        if random.random() < 0.5:
            rights.remove(random.choice(route.rights))
    may = set(route.rights) <= set(rights)
    headers = {**key, "X-Rights": json.dumps(rights)}
    expected = frozenset({200, 400, 404}) if may else frozenset({403})
    return Cell(route, f"with {len(rights)} rights", headers, expected)


def stranger(route: Route) -> Cell:
    """Return the cell of another user of the same server."""
    headers = {"Authorization": f"Bearer {STRANGER}"}
    names_an_object = any(name.endswith("_id") and name != "kernel_id" for name in route.path_names)
    # Without an id a stranger works on objects of their own; that must not name those of the owner.
    expected = frozenset({404}) if names_an_object else frozenset({200, 400, 404, 409})
    return Cell(route, "another user", headers, expected, real=names_an_object, secret=True)


class Authorization:
    """Operations of the API, asked for by callers who may not."""

    title: ClassVar[str] = "operations × callers who may not"
    aim: ClassVar[str] = "wrong answers"
    full: ClassVar[int] = 2_500
    small: ClassVar[int] = 700

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Run as many cells against one server."""
        source = random.Random(seed)
        done = 0
        with running_scene() as scene:
            before = scene.objects()
            while done < cases and not deadline.passed:
                scene.try_cell(draw(source, scene.cookies))
                done += 1
            after = scene.objects()
            if after != before:
                changes = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
                scene.failures.append(f"objects of the owner changed: {' '.join(changes)}")
        return Outcome(done, scene.failures)


@contextmanager
def running_scene() -> Iterator[Scene]:
    """Run a server with two users, objects of the first, and a browser of a third."""
    from support.live_server import LiveServer

    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder))
        (Path(folder) / "config").mkdir()
        (Path(folder) / "config" / "jupyter_server_config.py").write_text(CONFIGURATION)
        server.start()
        try:
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {OWNER}"
                world = World(server, session)
                world.fill()
                # Its counts change until the file is indexed.
                with session.get(
                    f"{server.url}/vector_stores/{world.ids['vector_store_id']}/events"
                ) as ended:
                    assert ended.ok
                yield Scene(world, log_in(server))
        finally:
            server.stop()


def log_in(server: Any) -> str:
    """Return the cookies of a browser that opened the server with its token."""
    answer = requests.get(f"{server.root}/api/status?token={server.token}", timeout=60)
    assert answer.cookies, answer.text
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
