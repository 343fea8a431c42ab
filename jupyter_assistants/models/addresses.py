"""Addresses of endpoints: what a base URL says, without a request."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def host_of(base_url: str) -> str:
    """Return host and port for messages, without any user name and password."""
    return split_address(base_url).netloc.rpartition("@")[2] or base_url


def is_address(base_url: str) -> bool:
    """Return whether requests can be sent to this address at all."""
    parts = split_address(base_url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port_of(base_url) >= 0


def is_local(base_url: str) -> bool:
    """Return whether the server runs on this machine or in its private network."""
    host = (split_address(base_url).hostname or "").lower()
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".internal"))


def split_address(base_url: str) -> SplitResult:
    """Split an address; one that cannot be split is all path."""
    try:
        return urlsplit(base_url)
    except ValueError:
        # A bracket that is never closed. The first request reports it in a sentence.
        return SplitResult("", "", base_url, "", "")


def port_of(base_url: str) -> int:
    """Return the port that the address names, 0 if it names none, -1 if it is no number."""
    try:
        return split_address(base_url).port or 0
    except ValueError:
        return -1
