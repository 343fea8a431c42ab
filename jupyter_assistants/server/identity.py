"""The owner of a request's objects, and the key that this server's kernels carry."""

from __future__ import annotations

import getpass
import hmac
import os
import secrets
from ipaddress import ip_address

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User
from tornado.httputil import HTTPServerRequest

PREFIX = "/assistants/v1"
PREFIXES = (PREFIX, "/assistants/openai/v1", "/assistants/openai", "/openai/v1", "/openai")
"""Where the API is served, longest first. Clients of Azure append ``/openai`` to their endpoint."""

_DECIDERS = (
    "get_user",
    "_get_user",
    "get_user_token",
    "get_user_cookie",
    "user_from_cookie",
    "generate_anonymous_user",
    "process_login_form",
)


def below_prefix(path: str) -> str:
    """Return the part of a path after the API's prefix."""
    found = next(p for p in PREFIXES if path == p or path.startswith(f"{p}/"))
    return path.removeprefix(found)


def local_owner() -> str:
    """Return the name of the person whose server this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # Containers run under user ids that have no entry in the password file.
        return f"uid-{os.getuid()}"


def tells_users_apart(provider: IdentityProvider) -> bool:
    """Return whether this provider knows its users, rather than one shared token or password.

    Jupyter's own providers give whoever knows the token a random name, a new one for every
    client without cookies. Those names mean nothing: all of them are the server's user.
    """
    return any(
        getattr(type(provider), name)
        not in (getattr(IdentityProvider, name), getattr(PasswordIdentityProvider, name))
        for name in _DECIDERS
    )


def owner_of(provider: IdentityProvider, user: User) -> str:
    """Return the owner of the objects that this user creates and may see."""
    return user.username if tells_users_apart(provider) else local_owner()


def presented_key(request: HTTPServerRequest) -> str:
    """Return the key of the Authorization header, or an empty string."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() in ("bearer", "token") else ""


def masked(key: str) -> str:
    """Return a key in a form that its sender recognises and that nobody can use."""
    return f"{key[:3]}***{key[-4:]}" if len(key) >= 20 else "***"


class KernelKey:
    """A secret that kernels inherit through the environment, valid until the server ends.

    Kernels need it where the server has a password and no token. It gives a kernel no power that
    it lacks without it: kernels run under the server's own user id, so they can read the token in
    the server's info file and the memory of the server's process. For the same reason it is
    refused from anywhere but this machine, and is not made at all where several users share a
    server: there a kernel's code must not speak for all of them.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_urlsafe(32)
        self.user = User(local_owner())

    def opens(self, request: HTTPServerRequest) -> bool:
        """Return whether a request carries this key and comes from this machine."""
        presented = presented_key(request).encode("utf-8", "replace")
        if not hmac.compare_digest(presented, self.secret.encode()):
            return False
        try:
            return ip_address(request.remote_ip or "").is_loopback
        except ValueError:
            return False
