"""Rules by which a response, an event or an exception becomes an error of one kind.

Vendors word the same refusal in their own ways, and put it into a status, a body, a header or an
event. Nothing here trusts an endpoint: its text is cut before any regular expression reads it, every
expression is linear, and what is kept of its words is short (docs/internals/models.md, "Errors").
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorKind, shorten
from jupyter_assistants.protocol.json_text import parse_untrusted

LONGEST_BODY = 64_000
"""Characters of an error's body that are read; sentences stand at the beginning."""
LONGEST_DETAIL = 2_000
"""Characters of an endpoint's sentence that are kept, to look for what it names."""


class _Rule(NamedTuple):
    """A response with one of these statuses and these words is an error of this kind."""

    statuses: Collection[int]
    words: re.Pattern[str] | None
    kind: ErrorKind


_REFUSALS = (400, 403, 413, 422)
# The gaps are bounded, so that a text of many beginnings without an end is read once.
_TOO_LONG = re.compile(
    r"context_length_exceeded|maximum context length"
    r"|context (?:length|window|size)[^.]{0,200}exceed"
    r"|exceed[^.]{0,200}context (?:length|window|size)|reduce the length|input token count"
    r"|prompt is too long|prompt too long|too many tokens|string_above_max_length",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"must alternate|jinja|chat.template|apply_template|system role not supported", re.IGNORECASE
)
_NO_TOOLS = re.compile(
    r"(not|n't) support (tools?|functions?)\b|tool use\b|tools? (is|are) not (supported|enabled)"
    r"|function calling (is )?not|enable-auto-tool-choice|tools param requires"
    r"|(not|n't) support parameters: \[[^\]]{0,80}'tools'",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"invalid model name|pinned to|unknown model|no such model|model_not_found"
    r"|model\b[^.]{0,120}(not found|not exist|not available|is not loaded|unknown)",
    re.IGNORECASE,
)
_RULES = (
    _Rule((402,), None, "quota"),
    _Rule(
        (429,),
        re.compile(
            r"insufficient_quota|insufficient[ _](balance|credit|funds)|billing_(hard|not)",
            re.IGNORECASE,
        ),
        "quota",
    ),
    _Rule(_REFUSALS, _TOO_LONG, "too_long"),
    _Rule(
        _REFUSALS,
        re.compile(r"content_filter|content management policy|ResponsibleAIPolicy|flagged", re.I),
        "filtered",
    ),
    _Rule((400, 404, 422, 500, 501), _NO_TOOLS, "no_tools"),
    _Rule((400, 422), _NO_MODEL, "no_model"),
    _Rule((403,), None, "forbidden"),
    _Rule(
        _REFUSALS,
        re.compile(r"invalid_prompt|invalid_image|image_parse_error|invalid_base64|image", re.I),
        "input",
    ),
    # A server may call it an internal error when the template of its model refuses the messages.
    _Rule((500,), _TEMPLATE, "refused"),
    _Rule((404,), re.compile(r"model", re.I), "no_model"),
    _Rule((404,), None, "no_path"),
    _Rule((401,), None, "auth"),
    _Rule((429,), None, "rate"),
    _Rule((503,), re.compile(r"loading|warming up|starting up", re.I), "loading"),
    _Rule((408, 409, 425, *range(500, 1000)), None, "broken"),
)
"""The first rule that fits decides; a response that fits none is refused."""

_STATUS_BY_WORD = {
    "rate_limit": 429,
    "resource_exhausted": 429,
    "too_many_requests": 429,
    "insufficient_quota": 429,
    "authentication": 401,
    "invalid_api_key": 401,
    "permission": 403,
    "model_not_found": 404,
    "context_length": 400,
    "content_filter": 400,
    "invalid_request": 400,
    "invalid_prompt": 400,
    "badrequest": 400,
}
"""The status that an error inside a stream would have had, by the first of these words in it."""

_BY_EXCEPTION: tuple[tuple[str, ErrorKind], ...] = (
    ("ForeignRedirect", "redirect"),
    ("ResponseTooLarge", "too_large"),
    ("UnknownEncoding", "garbled"),
    ("gaierror", "unknown_host"),
    ("SSL", "certificate"),
    ("ConnectTimeout", "unreachable"),
    ("ConnectError", "down"),
)
"""Kinds by the names of the exceptions behind a failed connection, the surest first."""

_HIDDEN_MARKUP = re.compile(r"<(?:(?P<name>style|script)\b|!--)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_DELAY = re.compile(r'"retryDelay"\s*:\s*"([\d.]{1,20})s"')


def error_of_response(status: int, text: str, headers: Mapping[str, str]) -> EndpointError:
    """Return the error that a response with an error status stands for."""
    text = text[:LONGEST_BODY]
    try:
        # Some gateways answer with an error status and send its text as an event.
        event = text.split("\n")[0].removeprefix("data:") if text.startswith("data:") else text
        body = parse_untrusted(event)
    except ValueError:
        body = text
    wait = _requested_wait(headers, text)
    return EndpointError(
        _kind_of(status, text), find_message(body), param=_param(body), wait=wait, status=status
    )


def error_of_event(error: Any) -> EndpointError:
    """Return the error that an ``error`` inside a stream or a 200 response stands for."""
    text = json.dumps(error)[:LONGEST_BODY]
    kind = _kind_of(_status_of_event(error, text), text)
    return EndpointError(kind, find_message(error), param=_param(error))


def error_of_connection(error: BaseException) -> EndpointError:
    """Return the error behind an exception of the HTTP library."""
    names = {type(link).__name__: link for link in reversed(_chain(error))}
    for part, kind in _BY_EXCEPTION:
        for name, link in names.items():
            if part in name:
                # Other exceptions name addresses and files of this machine.
                is_ours = kind in ("too_large", "garbled")
                return EndpointError(kind, str(link) if is_ours else "")
    return EndpointError("cut")


def find_message(body: Any, depth: int = 8) -> str:
    """Find the sentence in an error's body: an object, a list, a web page or plain text.

    Parameters
    ----------
    depth
        Levels of objects and lists that are searched; none has more, unless to exhaust the stack.
    """
    if isinstance(body, dict):
        body = [body[key] for key in ("error", "message", "detail", "msg") if body.get(key)]
    if isinstance(body, list):
        found = (find_message(each, depth - 1) for each in body) if depth else iter(())
        return next(filter(None, found), "")
    if not isinstance(body, str):
        return ""
    text = _TAG.sub(" ", _without_hidden_markup(body[:LONGEST_BODY]))
    return shorten(" ".join(text.split()), LONGEST_DETAIL)


def _without_hidden_markup(page: str) -> str:
    """Remove scripts, styles and comments; one that is never closed hides the rest of the page.

    A search from one opening to its closing, and no single expression for both: that would read
    a page of openings without a closing once for each of them.
    """
    lowered, visible, start = page.lower(), list[str](), 0
    while opening := _HIDDEN_MARKUP.search(page, start):
        visible.append(page[start : opening.start()])
        name = opening["name"]
        closing = lowered.find(f"</{name.lower()}" if name else "-->", opening.end())
        end = lowered.find(">", closing) if closing >= 0 else -1
        if end < 0:
            return " ".join(visible)
        start = end + 1
    return " ".join([*visible, page[start:]])


def _kind_of(status: int, text: str) -> ErrorKind:
    for rule in _RULES:
        if status in rule.statuses and (rule.words is None or rule.words.search(text)):
            return rule.kind
    return "refused"


def _status_of_event(error: Any, text: str) -> int:
    """Return the status that an error without one would have had; gateways put it into ``code``."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int | str) and re.fullmatch(r"[4-9]\d\d", str(code)):
        return int(code)
    lowered = text.lower()
    return next((status for word, status in _STATUS_BY_WORD.items() if word in lowered), 500)


def _param(body: Any, depth: int = 8) -> str | None:
    """Find the field that an error names, as OpenAI's API names it or as pydantic does."""
    if isinstance(body, list) and depth:
        return next(filter(None, (_param(each, depth - 1) for each in body)), None)
    if not isinstance(body, dict) or not depth:
        return None
    if isinstance(body.get("param"), str):
        return str(body["param"])[:LONGEST_DETAIL]
    location = body.get("loc")
    if isinstance(location, list) and location and isinstance(location[-1], str):
        return location[-1][:LONGEST_DETAIL]
    inner = (_param(body.get(key), depth - 1) for key in ("error", "detail", "message"))
    return next(filter(None, inner), None)


def _requested_wait(headers: Mapping[str, str], text: str) -> float | None:
    """Return the seconds after which the endpoint wants to be asked again, if it says so."""
    delay = _DELAY.search(text)
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif "retry-after" in headers:
            seconds = _seconds_until(headers["retry-after"])
        elif delay:
            seconds = float(delay[1])
        else:
            return None
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(value: str) -> float:
    """Return the seconds in a ``Retry-After``, which are a number or a date."""
    try:
        return float(value)
    except ValueError:
        moment = parsedate_to_datetime(value)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
