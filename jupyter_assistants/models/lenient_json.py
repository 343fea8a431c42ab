r"""JSON as models write it: ``\'`` and ``\d`` in strings, Python's quotes, commas at the end, comments.

Valid JSON is parsed as such. Of other texts only those are read whose meaning is plain; a text that
stops in the middle, or that could mean two things, is refused, since its value may be code that
runs. Why no library does this: docs/internals/decisions.md, "Arguments of calls are read by a
parser of our own". Each character is looked at a fixed number of times.
"""

from __future__ import annotations

import json
import re
from typing import Any

from jupyter_assistants.protocol.json_text import MAX_DEPTH, NestedTooDeep, parse_untrusted

LONGEST = 256 * 1024
"""Characters of a text that is read leniently: it is read on the event loop."""

_STRICT = json.JSONDecoder()
# Possessive, so that a text that does not match is not tried in any other way.
_SPACE = re.compile(r"(?:\s++|//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))*+")
_STRINGS = {
    '"""': re.compile(r'((?:[^"\\]|\\.|"(?!""))*+)"""', re.DOTALL),
    "'''": re.compile(r"((?:[^'\\]|\\.|'(?!''))*+)'''", re.DOTALL),
    '"': re.compile(r'((?:[^"\\]|\\.)*+)"', re.DOTALL),
    "'": re.compile(r"((?:[^'\\]|\\.)*+)'", re.DOTALL),
    "`": re.compile(r"((?:[^`\\]|\\.)*+)`", re.DOTALL),
}
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\"'`\\/nrt])"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?(?![\w.])")
_WORD = re.compile(r"(?:true|false|null|True|False|None)(?!\w)")
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
# What stands behind a whole value by mistake and adds nothing: a fence, a tag, one bracket too many.
_REST = re.compile(r"(?:[\s;})\]]++|```|</?[\w-]++>|<\|[\w-]++\|>)*+")
_FENCE = re.compile(r"```[\w+-]*+[ \t]*+\r?\n?")


class UnclearJson(ValueError):
    """A text that is no JSON, and of which nobody can say for sure what it means."""


def parse_lenient(text: str) -> Any:
    """Return the value of a text that is JSON, or plainly means some.

    Raises
    ------
    UnclearJson
        If it stops in the middle, goes on behind the value, or could mean something else.
    NestedTooDeep
        If it has too many levels.
    """
    try:
        return parse_untrusted(text)
    except NestedTooDeep:
        raise
    except ValueError:
        text = unfence(text)
    value, end = decode_lenient(text)
    end = _skip(text, end)
    if not _REST.fullmatch(text, end):
        raise UnclearJson(f"something follows the JSON, at character {end + 1}: {_seen(text, end)}")
    return value


def decode_lenient(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the value that begins at a position, and where it ends.

    Raises
    ------
    UnclearJson
        If there is none whose meaning is plain.
    NestedTooDeep
        If it has too many levels.
    """
    try:
        return _STRICT.raw_decode(text, start)
    except RecursionError:
        raise NestedTooDeep from None
    except ValueError:
        pass
    if len(text) > LONGEST:
        raise UnclearJson(f"it is no valid JSON, and has more than {LONGEST:,} characters")
    return _Scanner(text).value(start, 0)


def unfence(text: str) -> str:
    """Return what stands inside a Markdown fence; a text without one as it is."""
    stripped = text.strip()
    if len(stripped) < 6 or not (stripped.startswith("```") and stripped.endswith("```")):
        return text
    opening = _FENCE.match(stripped)
    inner = stripped[opening.end() if opening else 3 : -3]
    # With another fence inside, nobody knows which of the texts is meant.
    return text if "```" in inner else inner


class _Scanner:
    """Reads values from a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """Return the value at a position, behind spaces and comments, and where it ends."""
        at = _skip(self._text, at)
        sign = self._text[at : at + 1]
        if sign in ("{", "["):
            if depth >= MAX_DEPTH:
                raise NestedTooDeep
            return self._object(at + 1, depth) if sign == "{" else self._array(at + 1, depth)
        if sign and sign in "\"'`":
            return self._string(at)
        if number := _NUMBER.match(self._text, at):
            # Integers with thousands of digits raise a ValueError, as they do in JSON.
            return json.loads(number[0]), number.end()
        if word := _WORD.match(self._text, at):
            return _WORDS[word[0]], word.end()
        raise self._unclear(at, "a value")

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while True:
            at = _skip(self._text, at)
            if self._text[at : at + 1] == "}":
                return found, at + 1
            key, at = self._key(at)
            at = _skip(self._text, at)
            if self._text[at : at + 1] != ":":
                raise self._unclear(at, "a colon")
            found[key], at = self.value(at + 1, depth + 1)
            at = self._comma(at, "}")

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        while True:
            at = _skip(self._text, at)
            if self._text[at : at + 1] == "]":
                return found, at + 1
            value, at = self.value(at, depth + 1)
            found.append(value)
            at = self._comma(at, "]")

    def _comma(self, at: int, closing: str) -> int:
        """Return where the next entry begins, or the closing bracket stands."""
        at = _skip(self._text, at)
        sign = self._text[at : at + 1]
        if sign not in (",", closing) or not sign:
            raise self._unclear(at, f"a comma or {closing}")
        return at + 1 if sign == "," else at

    def _key(self, at: int) -> tuple[str, int]:
        if self._text[at : at + 1] in ('"', "'"):
            return self._string(at)
        name = _NAME.match(self._text, at)
        if name is None:
            raise self._unclear(at, "a key in quotes")
        return name[0], name.end()

    def _string(self, at: int) -> tuple[str, int]:
        quote = self._text[at : at + 3]
        quote = quote if quote in _STRINGS else self._text[at]
        found = _STRINGS[quote].match(self._text, at + len(quote))
        if found is None:
            raise UnclearJson(f"it stops in the middle of the string at character {at + 1}")
        return _ESCAPE.sub(_character, found[1]), found.end()

    def _unclear(self, at: int, wanted: str) -> UnclearJson:
        if at >= len(self._text):
            return UnclearJson(f"it stops in the middle: {wanted} is missing at the end")
        return UnclearJson(
            f"character {at + 1} should be {wanted}, and is: {_seen(self._text, at)}"
        )


def _skip(text: str, at: int) -> int:
    """Return where the spaces and comments at a position end."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _character(escape: re.Match[str]) -> str:
    r"""Return what an escape stands for.

    Those that are not known stay as they are written: ``\d`` belongs to a pattern, and so do ``\b``
    and ``\f`` beside it, which no code means as the signs that JSON has for them.
    """
    sign = escape[0][1]
    return json.loads(f'"{escape[0]}"') if sign == "u" else _LETTERS.get(sign, sign)


def _seen(text: str, at: int) -> str:
    return json.dumps(text[at : at + 20], ensure_ascii=False)
