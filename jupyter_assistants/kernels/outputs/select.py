"""Outputs as they arrive: from a kernel's messages, and from clients that nobody vouches for."""

from __future__ import annotations

import json
from typing import Any

from jupyter_assistants.protocol.json_text import NestedTooDeep, check_depth

Output = dict[str, Any]
"""An nbformat output. ``transient`` may be there as well, until a list has taken it in."""

MAX_DEPTH = 80
"""Levels of a value in an output: less than of a request, in which clients post it."""

_DISPLAYS = ("display_data", "update_display_data", "execute_result")


def from_message(msg_type: str, content: dict[str, Any]) -> Output | None:
    """Return the output that an iopub message carries, or None when it carries none.

    Code can publish what it likes, so what is no valid output is left out here as well.
    """
    if msg_type in ("stream", "error"):
        return checked({**content, "output_type": msg_type})
    if msg_type not in _DISPLAYS:
        return None
    kind = "execute_result" if msg_type == "execute_result" else "display_data"
    output = _display(content, kind)
    if isinstance(content.get("transient"), dict):
        output["transient"] = content["transient"]
    return output


def joined(text: object) -> str:
    """Return a multi-line string of nbformat, which may be a list of lines, as one string."""
    if isinstance(text, list):
        return "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def checked(output: object) -> Output | None:
    """Return what is valid of an untrusted output, or None when it is no output."""
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": joined(output.get("text"))}
    if kind == "error":
        return _checked_error(output)
    if kind in ("display_data", "execute_result"):
        display = _display(output, kind)
        if display["data"] and _is_json(display):
            return display
    return None


def _checked_error(output: Output) -> Output:
    traceback = output.get("traceback")
    lines = traceback if isinstance(traceback, list) else []
    return {
        "output_type": "error",
        "ename": joined(output.get("ename")) or "Error",
        "evalue": joined(output.get("evalue")),
        "traceback": [line for line in lines if isinstance(line, str)],
    }


def _display(content: dict[str, Any], kind: str) -> Output:
    data, metadata = content.get("data"), content.get("metadata")
    kept: dict[str, Any] = {}
    notices: list[str] = []
    for mime, value in data.items() if isinstance(data, dict) else ():
        if not isinstance(mime, str) or "/" not in mime:
            continue
        if mime == "application/json" or mime.endswith("+json"):
            if _is_too_deep(value):
                notices.append(
                    f"[An output of type {mime[:100]} was left out: it is nested more than "
                    f"{MAX_DEPTH} levels deep.]"
                )
            else:
                kept[mime] = value
        elif isinstance(value, str | list):
            kept[mime] = joined(value)
    if notices:
        kept["text/plain"] = "\n".join(filter(None, [kept.get("text/plain", ""), *notices]))
    clean: Output = {"output_type": kind, "data": kept, "metadata": {}}
    if isinstance(metadata, dict) and not _is_too_deep(metadata):
        clean["metadata"] = metadata
    if kind == "execute_result":
        count = content.get("execution_count")
        clean["execution_count"] = count if isinstance(count, int) and count >= 0 else None
    return clean


def _is_too_deep(value: object) -> bool:
    try:
        check_depth(value, MAX_DEPTH)
    except NestedTooDeep:
        return True
    return False


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
