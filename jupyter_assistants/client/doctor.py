"""The doctor's checks from a kernel or a terminal: whether a server can be reached at all.

The server checks everything else itself; see :mod:`jupyter_assistants.api.doctor`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_runtime_dir

from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.http import HttpClient
from jupyter_assistants.protocol.doctor import Check, check
from jupyter_assistants.protocol.errors import (
    AssistantsError,
    Forbidden,
    NotFound,
    StorageError,
    Unauthenticated,
)

EXTENSION = "jupyter_assistants"
ENABLE = (
    "Install it in the server's environment (pip install jupyter-assistants), run "
    "`jupyter server extension enable jupyter_assistants`, and restart the server."
)
_PROBE_SECONDS = 3.0
_API = "/assistants/v1/assistants?limit=1"


async def examine(
    client: Client, why: str, *, kernel: bool = False, model: bool = False, files: bool = False
) -> Json:
    """Return a doctor's report: the server and its extension, then the server's own checks.

    Parameters
    ----------
    why
        Why this client was chosen, for people.
    kernel, model
        Whether to start a kernel, and to ask the default model.
    files
        Whether to read all files and the search index.
    """
    remote = isinstance(client, HttpClient)
    try:
        if kernel or model or files:
            body = {"kernel": kernel, "model": model, "files": files}
            report = await client.request("POST", "/doctor", body=body)
        else:
            report = await client.request("GET", "/doctor")
    except AssistantsError as error:
        checks = [_refused(client, error)] if remote else [_broken(error)]
        return {"object": "doctor", "checks": [each.model_dump() for each in checks]}
    here = _reached(client, why) if remote else [*await _running(why), _enabled()]
    return {**report, "checks": [*(each.model_dump() for each in here), *report["checks"]]}


def failed(report: Json) -> bool:
    """Return whether a check found a problem."""
    return any(each["status"] == "problem" for each in report["checks"])


def report_text(report: Json) -> str:
    """Return a report as lines for a terminal."""
    signs = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}
    lines = []
    for each in report["checks"]:
        lines.append(f"{signs[each['status']]}  {each['title']}: {each['detail']}")
        if each.get("remedy"):
            lines.append(f"         -> {each['remedy']}")
    problems = sum(each["status"] == "problem" for each in report["checks"])
    warnings = sum(each["status"] == "warning" for each in report["checks"])
    counted = f"{problems} problems" if problems != 1 else "1 problem"
    lines.append(f"{counted}, {warnings} {'warning' if warnings == 1 else 'warnings'}")
    return "\n".join(lines)


def _reached(client: Client, why: str) -> list[Check]:
    return [
        check("server", "Server", "ok", f"Found {client.where} ({why})."),
        check("extension", "Extension", "ok", "jupyter_assistants answers there."),
    ]


def _refused(client: Client, error: AssistantsError) -> Check:
    if isinstance(error, Unauthenticated | Forbidden):
        remedy = "Pass the server's token with --token or in the variable JUPYTER_ASSISTANTS_KEY."
        return check("server", "Server", "problem", error.message, remedy)
    if isinstance(error, NotFound):
        detail = f"The extension is not loaded by {client.where}, or it is an older one."
        return check("extension", "Extension", "problem", detail, ENABLE)
    remedy = "Start the server (jupyter lab), or look up its address with `jupyter server list`."
    return check("server", "Server", "problem", error.message, remedy)


def _broken(error: AssistantsError) -> Check:
    remedy = "Fix what the message names, and run the doctor again."
    if isinstance(error, StorageError):
        return check("database", "Database", "problem", error.message, remedy)
    return check("service", "Service", "problem", error.message, remedy)


async def _running(why: str) -> list[Check]:
    """Return a check of this user's running servers, because none was used."""
    found = [(info["url"], info, await _answers(info, "/api")) for info in _servers()]
    # A killed server leaves its file behind, so each one is asked.
    alive = [(url, await _answers(info, _API)) for url, info, answers in found if answers]
    with_extension = [url for url, speaks in alive if speaks]
    without_extension = [url for url, speaks in alive if not speaks]
    title = "Server"
    if with_extension:
        detail = f"{', '.join(with_extension)} runs with the extension; this process works without it ({why})."
        return [check("server", title, "ok", detail)]
    if without_extension:
        detail = f"{', '.join(without_extension)} runs without the extension."
        return [check("server", title, "warning", detail, ENABLE)]
    detail = (
        f"No Jupyter server of yours is running ({why}): the service works inside this process."
    )
    remedy = "None is needed here. For JupyterLab and for programs, start one: jupyter lab"
    return [check("server", title, "ok", detail, remedy)]


def _servers() -> Iterator[dict[str, Any]]:
    """Yield the files in which this user's running servers describe themselves."""
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            info = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(info, dict) and info.get("url") and not info.get("sock"):
            yield info


async def _answers(info: dict[str, Any], path: str) -> bool:
    token = str(info.get("token") or "")
    try:
        probe = HttpClient(str(info["url"]), token, timeout=_PROBE_SECONDS)
        return await probe.probe(path)
    except AssistantsError:
        return False


def _enabled() -> Check:
    """Return a check of whether servers of this environment load the extension."""
    title = "Extension"
    for folder in map(Path, jupyter_config_path()):
        files = [folder / "jupyter_server_config.json"]
        files += sorted((folder / "jupyter_server_config.d").glob("*.json"))
        for path in files:
            enabled = _setting(path)
            if enabled is True:
                return check("extension", title, "ok", f"Servers load it ({path}).")
            if enabled is False:
                remedy = "jupyter server extension enable jupyter_assistants"
                return check("extension", title, "problem", f"{path} switches it off.", remedy)
    detail = "No configuration of this environment enables it."
    return check("extension", title, "warning", detail, ENABLE)


def _setting(path: Path) -> bool | None:
    try:
        content = json.loads(path.read_text("utf-8"))
        value = content["ServerApp"]["jpserver_extensions"][EXTENSION]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return bool(value)
