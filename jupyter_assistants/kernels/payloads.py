"""Payloads of a reply: what a front end shows beside the outputs, such as a pager with ``obj?``.

For a model and in a step there is nothing beside the outputs, so texts become outputs. Both the server and
the kernel side import this, so it needs the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_assistants.kernels.outputs import Output, from_message, without_ansi


def payloads(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the payloads of an ``execute_reply``; code can put anything there."""
    found = reply.get("payload")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def pages(reply: Mapping[str, Any]) -> Iterator[Output]:
    """Yield the texts that a front end would show in a pager or in a new cell, as displays."""
    for payload in payloads(reply):
        data = payload.get("data")
        if payload.get("source") == "set_next_input":
            data = {"text/plain": payload.get("text")}
        elif payload.get("source") != "page":
            continue
        output = from_message("display_data", {"data": data, "metadata": {}})
        if output is not None and output["data"]:
            # Pagers show colours, outputs of this kind do not.
            if "text/plain" in output["data"]:
                output["data"]["text/plain"] = without_ansi(output["data"]["text/plain"])
            yield output
