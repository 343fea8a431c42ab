"""Secrets taken out of a document's text before it is indexed, embedded and quoted to a model."""

from __future__ import annotations

import re

from jupyter_assistants.redaction.formats import KEY_BEGIN, KEY_END
from jupyter_assistants.redaction.masker import Masker, replaced

_BODY = re.compile(r"[A-Za-z0-9+/=\s]*+")


class DocumentMasker:
    """Masks the parts of one document, in their order, by the form of secrets.

    Citations count lines and rows, so what takes the place of a secret has as many of them. Word
    processors make a paragraph of each line of a private key: what looks like the rest of one is
    masked in the following parts as well.
    """

    def __init__(self) -> None:
        # The values of the server's own secrets stay with the server: this works where hostile
        # files are parsed.
        self._masker = Masker({})
        self._in_key = False

    def text(self, text: str) -> str:
        """Return the next part without secrets."""
        head = self._rest_of_key(text) if self._in_key else 0
        spans = [(head + first, head + last) for first, last in self._masker.spans(text[head:])]
        if spans and spans[-1][1] == len(text):
            key = text[spans[-1][0] :]
            self._in_key = key.startswith(KEY_BEGIN) and KEY_END.search(key) is None
        return replaced(text, [(0, head), *spans] if head else spans, keep_lines=True)

    def label(self, text: str) -> str:
        """Return a heading or the names of columns without secrets."""
        return self._masker.text(text)

    def _rest_of_key(self, text: str) -> int:
        """Return where a private key ends that began in an earlier part."""
        body = _BODY.match(text)
        at = body.end() if body is not None else 0
        end = KEY_END.match(text, at)
        self._in_key = end is None and at == len(text)
        if end is not None:
            return end.end()
        return at if self._in_key else 0
