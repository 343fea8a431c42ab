"""Takes secrets out of texts before they leave: to a model, into the store, into a notebook.

Two kinds are known: the values of environment variables whose names say that they are secret, and
what :mod:`jupyter_assistants.redaction.formats` knows by its form. Both the server and the kernel side
import this, so it needs the standard library only.
"""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jupyter_assistants.redaction.formats import KEY_BEGIN, KEY_END, open_name, secret_spans

MASKED = "[secret removed]"
SHORTEST = 8
"""Shorter values can be everyday words."""

_NAME = re.compile(
    r"key(?!board)|token|secret|passw|passphrase|credential|connection_?string"
    r"|(?:database|db|redis|mongo(?:db)?|postgres(?:ql)?|mysql|amqp|broker|sentry)_?ur[il]"
    r"|(?:^|_)(?:pwd|pw|pat|dsn|jwt|auth|cookie|webhook|sas|salt)s?$|^PGPASS",
    re.IGNORECASE,
)
"""Names of variables that hold secrets. The only list: prompts, outputs, kernels, sandboxes and the
processes that read files go by it (:mod:`jupyter_assistants.kernels.environment`)."""


def is_secret_name(name: str) -> bool:
    """Return whether a variable of this name holds a secret."""
    # The working directory and the one before it; no password is kept in them.
    return name not in ("PWD", "OLDPWD") and _NAME.search(name) is not None


_LONGEST_WORD = 2_000
_LONGEST_KEY = 8_000
"""Characters of an unfinished word, and of an unfinished private key, that wait for their rest."""


def _unfinished(text: str) -> int:
    """Return where something begins that the next piece of a stream may complete to a secret.

    Only the end of the text is read: a search from each of its characters froze servers on one long
    line of base64.
    """
    first = max(0, len(text) - _LONGEST_KEY - len(KEY_BEGIN))
    closed = max((match.end() for match in KEY_END.finditer(text, first)), default=first)
    key = text.find(KEY_BEGIN, closed)
    if key >= 0:
        return key
    tail = text[-_LONGEST_WORD:]
    words = tail.split()
    last = len(text) if not words or tail[-1].isspace() else len(text) - len(words[-1])
    name = open_name(text)
    return last if name is None else min(last, name)


_remembered: set[str] = set()


def remember(secrets: Iterable[str]) -> None:
    """Have secrets masked that are in no variable: keys out of a file or a keyring."""
    global _remembered
    # A new set, so that a thread that reads the old one is not disturbed.
    _remembered = _remembered | {each for each in secrets if len(each) >= SHORTEST}


class Masker:
    """Masks the secrets of one environment.

    Parameters
    ----------
    environment
        Variables and their values; by default those of this process, and what is remembered.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._values = _secrets(os.environ if environment is None else environment)
        self._own = environment is None
        self._known: set[str] = set()
        self._learn()

    def _learn(self) -> None:
        """Add the values that were remembered since."""
        self._known = _remembered if self._own else set()
        values = self._values | self._known
        # A value is shown in other spellings as well; the longest comes first, for one may hold
        # another.
        spellings = {s for value in values for s in _spellings(value)}
        literal = "|".join(map(re.escape, sorted(spellings, key=len, reverse=True)))
        self._literal = re.compile(literal) if literal else None

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return replaced(text, self.spans(text))

    def values(self, text: str, *, keep_lines: bool = False) -> str:
        """Return a text without the environment's own secrets; other people's secrets stay.

        For what a person or a program wrote to a model: they may have a reason to send a token of
        theirs, and none to send this server's.

        Parameters
        ----------
        keep_lines
            Whether the text has as many lines as before.
        """
        return replaced(text, _merged(self._literals(text)), keep_lines=keep_lines)

    def output(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return an nbformat output without secrets; images stay as they are."""
        masked = {key: self._value(value) for key, value in output.items() if key != "data"}
        if isinstance(output.get("data"), dict):
            masked["data"] = {
                mime: value if _is_binary(mime) else self._value(value)
                for mime, value in output["data"].items()
            }
        return masked

    def outputs(self, outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return nbformat outputs without secrets, also without those that are cut in two.

        What code prints to one stream arrives in pieces, and those of the other stream come between.
        """
        masked = [self.output(each) for each in outputs]
        places: dict[str, list[int]] = {}
        for at, each in enumerate(outputs):
            if each.get("output_type") == "stream":
                places.setdefault(str(each.get("name")), []).append(at)
        for pieces in places.values():
            texts = ["".join(outputs[at]["text"]) for at in pieces]
            for at, text in zip(pieces, self._pieces(texts), strict=True):
                masked[at]["text"] = text
        return masked

    def _pieces(self, texts: Sequence[str]) -> Iterator[str]:
        """Yield the pieces of one text; a secret is replaced where it begins."""
        whole = "".join(texts)
        spans = self.spans(whole)
        start = number = 0
        for text in texts:
            at, end = start, start + len(text)
            shown = []
            while number < len(spans) and spans[number][0] < end:
                first, last = spans[number]
                if first >= start:
                    shown += [whole[at:first], MASKED]
                at = min(last, end)
                if last > end:
                    break
                number += 1
            yield "".join([*shown, whole[at:end]])
            start = end

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where secrets begin and end, in order and apart from each other."""
        return _merged([*self._literals(text), *secret_spans(text)])

    def _literals(self, text: str) -> list[tuple[int, int]]:
        if self._own and self._known is not _remembered:
            self._learn()
        if self._literal is None:
            return []
        return [match.span() for match in self._literal.finditer(text)]

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            if value and all(isinstance(each, str) for each in value):
                # Lines of one text: a key may go over several of them.
                return self.text("\x00".join(value)).split("\x00")
            return [self._value(each) for each in value]
        if isinstance(value, dict):
            return {self._value(key): self._value(each) for key, each in value.items()}
        return value


class StreamMasker:
    """Masks a text that comes in pieces; a secret may be cut in two between them."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = ""

    def add(self, piece: str) -> str:
        """Return what can be shown by now."""
        text = self._held + piece
        at = _unfinished(text)
        # A key of several words is not cut in two either.
        at = next((first for first, last in self._masker.spans(text) if first < at < last), at)
        self._held = text[at:]
        return self._masker.text(text[:at])

    def finish(self) -> str:
        """Return the rest."""
        text, self._held = self._held, ""
        return self._masker.text(text)


def _merged(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order; those that overlap as one."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if spans and first < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def replaced(text: str, spans: Sequence[tuple[int, int]], *, keep_lines: bool = False) -> str:
    """Return a text with a mark in the place of each span; the spans are in order and apart."""
    pieces, at = [], 0
    for first, last in spans:
        pieces += [text[at:first], MASKED]
        if keep_lines:
            pieces.append("\n" * text.count("\n", first, last))
        at = last
    return "".join([*pieces, text[at:]]) if spans else text


def _secrets(environment: Mapping[str, str]) -> set[str]:
    return {
        value.strip()
        for name, value in environment.items()
        # A path names the file that holds the secret.
        if is_secret_name(name) and len(value.strip()) >= SHORTEST and not value.startswith("/")
    }


def _spellings(value: str) -> set[str]:
    spelled = {value, html.escape(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
    # A key of several lines is often shown line by line.
    lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
    return spelled | {line for line in lines if len(line) >= 2 * SHORTEST}


def _is_binary(mime: str) -> bool:
    return mime.startswith(("image/", "audio/", "video/")) and mime != "image/svg+xml"
