"""Assistants as programs of the languages that the stock SDKs exist for."""

from __future__ import annotations

from urllib.parse import quote

from jupyter_assistants.client.base import Client, Json

LANGUAGES = ("python", "javascript", "curl")


async def program_of(client: Client, assistant_id: str, language: str) -> Json:
    """Return the program of an assistant."""
    path = f"/assistants/{quote(assistant_id, safe='')}/program"
    return await client.request("GET", path, query={"language": language})
