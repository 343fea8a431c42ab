"""Workarounds: how a request is changed after an endpoint refused something in it.

Most refusals name a field that the request can do without, and the workaround has the field's name:
the field is left out, or replaced by a sentence in the prompt. The few that need more are
:class:`RefusalRule` entries, a table per API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorKind

NO_STREAM = "stream"
"""Asks for the whole answer at once, at endpoints that answered a stream with nothing."""

NO_EFFORT = "reasoning_effort=none"
"""Turns reasoning off, for models whose chat completions call functions only without it."""

NO_REASONING_ITEMS = "reasoning items"
"""Leaves reasoning out that the endpoint cannot decrypt any more, after its keys changed."""

ALTERNATE = "alternating roles"
"""Lets the model answer between a tool's results and the user, for templates that insist on turns."""

NO_SYSTEM = "no system role"
"""Begins the user's first message with the instructions, for templates without a system role."""

PLAIN_TOOLS = "tools in words"
"""Tells of calls and results in messages, for templates that know neither."""

FOR_ONE_REQUEST = frozenset({NO_REASONING_ITEMS})
"""Workarounds for the history of one request. All others are remembered for the model."""

_REFUSALS: tuple[ErrorKind, ...] = ("refused", "input")
ANY_REFUSAL: tuple[ErrorKind, ...] = (*_REFUSALS, "no_model", "no_path", "no_tools")
_OTHER_WIRE = re.compile(r"v1/responses|use the responses api", re.IGNORECASE)
_NO_SUCH_PATH = (404, 405, 501)


def _always(body: Mapping[str, Any]) -> bool:
    return True


def _tells_of_tools(body: Mapping[str, Any]) -> bool:
    if "messages" in body:
        return any(message.get("role") == "tool" for message in body["messages"])
    return any(item.get("type") == "function_call_output" for item in body["input"])


@dataclass(frozen=True)
class RefusalRule:
    """A workaround for refusals whose words match all these patterns.

    Parameters
    ----------
    kinds
        Kinds of the error.
    unless
        A pattern that must not match.
    applies
        Whether the refused body is one that the workaround changes.
    """

    workaround: str
    patterns: tuple[re.Pattern[str], ...]
    kinds: tuple[ErrorKind, ...] = _REFUSALS
    unless: re.Pattern[str] | None = None
    applies: Callable[[Mapping[str, Any]], bool] = _always

    def fits(self, error: EndpointError, body: Mapping[str, Any]) -> bool:
        """Return whether this refusal of this body calls for the workaround."""
        words = f"{error.param or ''} {error.detail}"
        return (
            error.kind in self.kinds
            and all(pattern.search(words) for pattern in self.patterns)
            and not (self.unless and self.unless.search(words))
            and self.applies(body)
        )


@dataclass(frozen=True)
class Workarounds:
    """The workarounds of one API.

    Parameters
    ----------
    rules
        The first one that fits is used.
    droppable
        Fields that a request can do without; ``strict`` stands for that of every function.
    aliases
        Other words for these fields in refusals.
    """

    droppable: AbstractSet[str]
    rules: tuple[RefusalRule, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def find(
        self, error: EndpointError, body: Mapping[str, Any], used: AbstractSet[str]
    ) -> str | None:
        """Return the workaround for a refusal of this body, or None.

        Parameters
        ----------
        used
            Workarounds that are in this body already; none is used twice.
        """
        for rule in self.rules:
            if rule.workaround not in used and rule.fits(error, body):
                return rule.workaround
        if error.kind not in _REFUSALS:
            return None
        fields = {*body, "strict"} if _has_strict_function(body) else set(body)
        words = re.findall(r"\w+", f"{error.param or ''} {error.detail}")
        named = (self.aliases.get(word, word) for word in words)
        return next((name for name in named if name in self.droppable & fields - used), None)


_ROLES = re.compile(
    r"alternat|(unexpected|expected|invalid|only)[^.]{0,40} role|(role|message) order"
    r"|first message[^.]{0,40}user",
    re.IGNORECASE,
)
TEMPLATE_RULES = (
    RefusalRule(
        NO_SYSTEM,
        (re.compile(r"system (role|message|prompt)s?[^.]{0,40}not (be )?support", re.IGNORECASE),),
    ),
    RefusalRule(ALTERNATE, (_ROLES,)),
    RefusalRule(PLAIN_TOOLS, (_ROLES,), applies=_tells_of_tools),
)
"""What the chat templates of models refuse, in the words of their authors."""


def other_wire(name: str, error: EndpointError) -> str | None:
    """Return the other API if a refusal points to it, or None."""
    if name == "responses":
        return "chat" if error.status in _NO_SUCH_PATH else None
    points = error.kind in ANY_REFUSAL and _OTHER_WIRE.search(error.detail)
    return "responses" if points else None


def _has_strict_function(body: Mapping[str, Any]) -> bool:
    # Responses has the field in the tool itself, chat completions one level below.
    tools = body.get("tools", ())
    return any("strict" in tool.get("function", {}) or tool.get("strict") for tool in tools)
