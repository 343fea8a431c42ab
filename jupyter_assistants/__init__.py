"""The Assistants API inside your own Jupyter server, with your live kernel as code interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%%assistant`` and ``%assistant`` (``%load_ext jupyter_assistants``)."""
    from jupyter_assistants.ipython.magics import register

    register(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from jupyter_assistants.server.app import JupyterAssistantsApp

    return [{"module": "jupyter_assistants", "app": JupyterAssistantsApp}]
