"""What code shows: nbformat outputs, folded as a notebook folds them, and read in three ways.

Both the server and the kernel side import this, so it needs the standard library only.
"""

from __future__ import annotations

from jupyter_assistants.kernels.outputs.images import images
from jupyter_assistants.kernels.outputs.merge import OutputList
from jupyter_assistants.kernels.outputs.select import Output, checked, from_message
from jupyter_assistants.kernels.outputs.text import (
    LogLines,
    logs_text,
    model_text,
    without_ansi,
    without_tables,
)

__all__ = [
    "LogLines",
    "Output",
    "OutputList",
    "checked",
    "from_message",
    "images",
    "logs_text",
    "model_text",
    "without_ansi",
    "without_tables",
]
