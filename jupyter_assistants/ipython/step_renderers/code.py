"""Code of the code interpreter, named by the language of its kernel."""

from __future__ import annotations

import re

from jupyter_assistants.client.call_progress import language_name
from jupyter_assistants.client.text import plain
from jupyter_assistants.ipython.step_renderers.base import Section, StepRenderer
from jupyter_assistants.protocol.transcript import CallEntry


class CodeRenderer(StepRenderer):
    """Draws code and its outputs."""

    running_verb = "Running"
    writing_verb = "Writing"
    ended_verb = "Ran"

    def name(self, entry: CallEntry) -> str:
        """Return the language of the code."""
        return language_name(entry)

    def input(self, entry: CallEntry) -> Section:
        """Return the code."""
        # The language ends up in a class of HTML and behind a fence of Markdown.
        language = re.sub(r"[^a-z0-9+#-]", "", language_name(entry).lower())
        return Section("Code", plain(entry.code).rstrip(), language)
