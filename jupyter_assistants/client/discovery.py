"""Discovery of the Jupyter server that a kernel belongs to.

A server is used only if it answers for this very kernel, so that a prompt never goes to another
of the user's servers.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from jupyter_assistants.client.base import Client
from jupyter_assistants.client.http import HttpClient
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.redaction import remember

URL = "JUPYTER_ASSISTANTS_URL"
KEY = "JUPYTER_ASSISTANTS_KEY"
_PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class KernelIdentity:
    """The identity of a kernel, as far as it knows it.

    Parameters
    ----------
    connection_file
        The path of its connection file; None outside kernels.
    """

    connection_file: Path | None = None

    @property
    def id(self) -> str | None:
        """Return the id under which a server knows it."""
        name = self.connection_file.name if self.connection_file else ""
        match = re.fullmatch(r"kernel-([0-9a-fA-F-]{8,})\.json", name)
        return match[1] if match else None


@dataclass(frozen=True)
class Candidate:
    """A server that may be the right one.

    Parameters
    ----------
    source
        Where its address was found, for people.
    sure
        Whether a person configured it, so that it need not know this kernel.
    own
        Whether it is the server that started this process, and not one that was configured.
    """

    url: str
    token: str = field(repr=False)
    source: str
    sure: bool = False
    own: bool = True


@dataclass(frozen=True)
class ChosenClient:
    """The client to use, and the reason for the choice, for people."""

    client: Client
    why: str


def candidates(
    kernel: KernelIdentity, environ: Mapping[str, str], *, url: str = "", token: str = ""
) -> list[Candidate]:
    """Return the servers to try, best first.

    Parameters
    ----------
    url, token
        Explicit configuration; it wins.
    """
    found = []
    if url:
        found.append(
            Candidate(url, token or environ.get(KEY, ""), "the configuration", True, False)
        )
    if environ.get(URL):
        found.append(Candidate(environ[URL], environ.get(KEY, ""), f"${URL}", True))
    found += filter(None, [_of_hub(environ), _of_parent(kernel, environ)])
    # What code prints in this kernel is masked here, before it leaves.
    remember(each.token for each in found)
    return found


async def find(
    kernel: KernelIdentity,
    environ: Mapping[str, str] | None = None,
    *,
    url: str = "",
    token: str = "",
) -> ChosenClient:
    """Return the client for this kernel: its server's, else the service in this process."""
    tried = []
    for candidate in candidates(
        kernel, os.environ if environ is None else environ, url=url, token=token
    ):
        if candidate.sure:
            client = HttpClient(candidate.url, candidate.token, own=candidate.own)
            return ChosenClient(client, f"from {candidate.source}")
        reason = await _reason_against(candidate, kernel)
        if reason is None:
            client = HttpClient(candidate.url, candidate.token, own=candidate.own)
            return ChosenClient(client, f"from {candidate.source}; it runs kernel {kernel.id}")
        tried.append(f"{candidate.source}: {reason}")
    return ChosenClient(_in_process(), "; ".join(tried) or "no Jupyter server started this process")


def _in_process() -> Client:
    from jupyter_assistants.client.in_process import InProcessClient

    return InProcessClient()


async def _reason_against(candidate: Candidate, kernel: KernelIdentity) -> str | None:
    """Return why a server is not the right one; None if it is."""
    if kernel.id is None:
        return "this kernel's id is unknown"
    try:
        probe = HttpClient(candidate.url, candidate.token, timeout=_PROBE_SECONDS)
    except InvalidRequest as error:
        return error.message
    if not await probe.probe(f"/api/kernels/{kernel.id}"):
        return "it does not know this kernel"
    if not await probe.probe("/assistants/v1/assistants?limit=1"):
        return "it runs without the jupyter_assistants extension"
    return None


def _of_hub(environ: Mapping[str, str]) -> Candidate | None:
    token = environ.get("JUPYTERHUB_API_TOKEN")
    url, prefix = environ.get("JUPYTERHUB_SERVICE_URL"), environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not (token and url):
        return None
    parts = urlsplit(url)
    # A server that listens everywhere is asked on the loopback interface.
    host = "127.0.0.1" if parts.hostname in (None, "0.0.0.0", "::") else parts.hostname
    host = f"[{host}]" if ":" in host else host
    netloc = f"{host}:{parts.port}" if parts.port else host
    path = prefix or parts.path
    return Candidate(
        urlunsplit((parts.scheme, netloc, path, "", "")), token, "JupyterHub's variables"
    )


def _of_parent(kernel: KernelIdentity, environ: Mapping[str, str]) -> Candidate | None:
    pid = environ.get("JPY_PARENT_PID", "")
    if kernel.connection_file is None or not pid.isdigit():
        return None
    path = kernel.connection_file.parent / f"jpserver-{pid}.json"
    try:
        info = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(info, dict) or info.get("sock") or not info.get("url"):
        return None
    return Candidate(str(info["url"]), str(info.get("token") or ""), "the running server's file")
