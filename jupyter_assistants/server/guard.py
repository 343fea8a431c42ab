"""The guard of every request: authentication and authorization.

See docs/internals/security.md.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, cast

from jupyter_server import CallContext
from jupyter_server.auth.identity import User

from jupyter_assistants.api.route import Route
from jupyter_assistants.protocol.errors import Forbidden
from jupyter_assistants.server.errors import ErrorHandler
from jupyter_assistants.server.identity import owner_of, presented_key


class GuardedHandler(ErrorHandler):
    """A handler that knows its user; which operations it guards is up to subclasses."""

    auth_resource = "jupyter_assistants"

    @property
    def _user(self) -> User:
        return cast(User, self.current_user)

    @property
    def owner(self) -> str:
        """The owner of the objects that this request works on."""
        return owner_of(self.identity_provider, self._user)

    async def identify(self) -> None:
        """Identify the user.

        Raises
        ------
        Unauthenticated
            If it is nobody who is known here.
        """
        # Against DNS rebinding: a foreign name that points here is not this server.
        if not self.check_host():
            raise Forbidden("This server does not answer to the Host of your request.")
        if "Authorization" not in self.request.headers and "api-key" in self.request.headers:
            # Azure's clients present the same key under another name.
            self.request.headers["Authorization"] = f"Bearer {self.request.headers['api-key']}"
        if presented_key(self.request):
            # A key speaks for itself, whatever cookies the client still has.
            self.request.headers.pop("Cookie", None)
        if self.app.kernel_key is not None and self.app.kernel_key.opens(self.request):
            CallContext.set(CallContext.JUPYTER_HANDLER, self)
            # As for Jupyter's token: no browser adds this key by itself, so no XSRF check.
            self._token_authenticated = True
            self.current_user = self._jupyter_current_user = self.app.kernel_key.user
            self.set_cors_headers()
            return
        await super().prepare()
        if self.current_user is None:
            raise self.unauthenticated()

    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        """Set a cookie in browsers only: clients with a key would keep it beyond their key."""
        if not presented_key(self.request):
            super().set_cookie(*args, **kwargs)

    def check_xsrf_cookie(self) -> None:
        """Refuse cross-site requests; without any credentials the answer is 401 all the same."""
        if getattr(self, "_jupyter_current_user", self) is None:
            raise self.unauthenticated()
        super().check_xsrf_cookie()

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Refuse pages of other sites, where Jupyter would say that there is no such URL.

        Raises
        ------
        Forbidden
            If the request comes from a page whose origin is not allowed.
        """
        if not super().check_origin(origin_to_satisfy_tornado):
            origin = self.request.headers.get("Origin", "")[:200]
            raise Forbidden(
                f"Pages of {origin} may not use this server. An administrator can allow them with "
                "c.ServerApp.allow_origin."
            )
        return True

    async def authorize(self, route: Route) -> None:
        """Check that the user may carry out an operation.

        Raises
        ------
        Forbidden
            If the server's authorizer says no.
        """
        for action, resource in route.rights:
            # Not @authorized: on an inherited verb it remembers the resource of its first caller.
            allowed = self.authorizer.is_authorized(self, self._user, action, resource)
            if isinstance(allowed, Awaitable):
                allowed = await allowed
            if not allowed:
                raise Forbidden(f"You are not allowed to {action} {resource} on this server.")
        if route.same_origin:
            # As Jupyter's own /files: no site may include the user's files in its pages.
            self.check_xsrf_cookie()
