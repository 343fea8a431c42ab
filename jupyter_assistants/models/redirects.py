"""Redirects of model endpoints: followed on the endpoint's own server, and nowhere else.

A request holds a prompt and often a key. Whoever answers with a redirect to another server would decide
who else gets them (docs/internals/security.md, "No outside fetches").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


class ForeignRedirect(Exception):
    """A redirect that leads to another server."""


def check_redirect(response: httpx2.Response) -> None:
    """Check where a response leads; called before a redirect is followed.

    Raises
    ------
    ForeignRedirect
        If it is a redirect to another origin. From http to https of the same host is none.
    """
    if not response.has_redirect_location:
        return
    here = response.request.url
    there = here.join(response.headers["location"])
    upgraded = (here.scheme, there.scheme) == ("http", "https") and {here.port, there.port} == {
        None
    }
    same_ports = here.scheme == there.scheme and here.port == there.port
    if here.host != there.host or not (same_ports or upgraded):
        raise ForeignRedirect(f"{here.host} redirects to {there.host}")


async def check_redirect_async(response: httpx2.Response) -> None:
    """See :func:`check_redirect`."""
    check_redirect(response)
