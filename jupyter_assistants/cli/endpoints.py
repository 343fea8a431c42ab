"""``jupyter assistants models``, ``endpoints``, ``connect`` and ``disconnect``: who answers."""

from __future__ import annotations

import argparse
import json
from urllib.parse import quote

from jupyter_assistants.cli.command import AddCommand, list_command
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.text import plain

MODEL_COLUMNS = ("Model", "Usable", "Window", "Tools", "Sees", "Note")
ENDPOINT_COLUMNS = ("Endpoint", "Now", "By", "At", "Missing")


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    add("models", list_command("/models", MODEL_COLUMNS, _model_row), "list the models")
    endpoints = list_command("/endpoints", ENDPOINT_COLUMNS, _endpoint_row)
    add("endpoints", endpoints, "list the endpoints, connected or not")
    connect = add("connect", _connect, "use an endpoint that is offered").add_argument
    connect("endpoint", metavar="ENDPOINT")
    connect("-m", "--model", help="its model that becomes the default")
    disconnect = add("disconnect", _disconnect, "stop using an endpoint")
    disconnect.add_argument("endpoint", metavar="ENDPOINT")


async def _connect(client: Client, arguments: argparse.Namespace) -> int:
    endpoint = await _change(client, arguments, "connect", {"model": arguments.model})
    if not arguments.json:
        default = endpoint["default_model"]
        print(plain(f"{endpoint['title']} is connected."))
        hint = "Ask for its models as {id}/NAME; jupyter assistants models lists them."
        print(plain(f"The default model is {default}." if default else hint.format(**endpoint)))
    return 0


async def _disconnect(client: Client, arguments: argparse.Namespace) -> int:
    endpoint = await _change(client, arguments, "disconnect", None)
    if not arguments.json:
        print(plain(f"{endpoint['title']} is disconnected."))
    return 0


async def _change(
    client: Client, arguments: argparse.Namespace, action: str, body: Json | None
) -> Json:
    path = f"/endpoints/{quote(arguments.endpoint, safe='')}/{action}"
    endpoint = await client.request("POST", path, body=body)
    if arguments.json:
        print(json.dumps(endpoint, indent=1))
    return endpoint


def _endpoint_row(item: Json) -> list[str]:
    why = item["why"] or ""
    return [item["id"], item["status"], item["by"] or "", item["host"] or "", why]


def _model_row(item: Json) -> list[str]:
    ours = item["jupyter"]
    window = f"{ours['window']:,}" if "window" in ours else ""
    usable = "yes" if ours["usable"] else "no"
    note = ours.get("why") or ours.get("advice") or ""
    tools, vision = _yes_or_no(ours.get("tools")), _yes_or_no(ours.get("vision"))
    return [item["id"], usable, window, tools, vision, note]


def _yes_or_no(value: bool | None) -> str:
    if value is None:
        return "?"
    return "yes" if value else "no"
