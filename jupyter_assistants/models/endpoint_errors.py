"""What goes wrong at a model endpoint: which kind of trouble it is, and the sentence for it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from jupyter_assistants.protocol.errors import ProviderError

ErrorKind = Literal[
    "bad_url",
    "down",
    "unknown_host",
    "unreachable",
    "certificate",
    "silent",
    "cut",
    "rate",
    "broken",
    "auth",
    "forbidden",
    "no_model",
    "no_path",
    "quota",
    "too_long",
    "filtered",
    "input",
    "refused",
    "no_stream",
    "garbled",
]

_ONCE_MORE = frozenset({"down", "unknown_host", "unreachable", "silent"})
_AGAIN = frozenset({"cut", "rate", "broken"})
_REASONS = {"rate": "rate limit of {host}", "broken": "an error at {host}"}
_RUN_CODES = {
    "rate": "rate_limit_exceeded",
    "quota": "rate_limit_exceeded",
    "too_long": "invalid_prompt",
    "filtered": "invalid_prompt",
    "input": "invalid_prompt",
}
_CODES = {
    "too_long": "context_length_exceeded",
    "filtered": "content_filter",
    "quota": "insufficient_quota",
}
_SENTENCES: dict[str, str] = {
    "bad_url": "{host} is no address for {model}: set a base URL for the provider '{id}' that "
    "begins with http:// or https://.",
    "down": "Nothing answers at {host} (model {model}): start the model server there, or set "
    "another base URL for the provider '{id}'.",
    "unknown_host": "The host of {host} (model {model}) is not known: check the base URL of the "
    "provider '{id}' and the network.",
    "unreachable": "{host} (model {model}) took no connection in time: check that the server is "
    "up and that no firewall or proxy is in between.",
    "certificate": "The certificate of {host} (model {model}) is not trusted{detail}: check the "
    "base URL, or add your organisation's certificate to the system.",
    "silent": "{host} sent nothing for {seconds} s while {model} was to answer: run it again, or "
    "raise the provider's timeout if the model is slow to load.",
    "cut": "{host} ended the connection while {model} was answering{detail}: run it again, and "
    "look into the server's log if that repeats.",
    "rate": "{host} takes no more requests for {model} at the moment{detail}: wait a little and "
    "run it again, or choose another model.",
    "broken": "{host} had an error of its own while {model} was answering{detail}: run it again, "
    "and look into the server's log if that repeats.",
    "auth": "{host} did not accept the API key for {model}{detail}: set a valid key for the "
    "provider '{id}'.",
    "forbidden": "{host} does not let this API key use {model}{detail}: choose another model, or "
    "ask whoever runs the endpoint for access.",
    "no_model": "{host} has no model {model}{detail}: choose one that it offers, or load the "
    "model there first.",
    "no_path": "{host} has no chat completions for {model} at this address{detail}: check the "
    "base URL of the provider '{id}'; most end in /v1.",
    "quota": "The quota or credit at {host} is used up, so {model} did not answer{detail}: check "
    "plan and billing there, or choose another provider.",
    "too_long": "The prompt is too long for {model} at {host}{detail}: shorten the thread or its "
    "files, set a truncation strategy, or choose a model with a larger window.",
    "filtered": "The content filter of {host} refused the prompt for {model}{detail}: reword it.",
    "input": "{host} refused the prompt for {model}{detail}: change the messages or their images.",
    "refused": "{host} refused the request for {model}{detail}: change the setting that it names, "
    "or choose another model.",
    "no_stream": "{host} did not stream an answer of {model}; is this a login page{detail}? Open "
    "the base URL of the provider '{id}' in a browser and check it.",
    "garbled": "{host} sent something that is not JSON while {model} was answering{detail}: run it "
    "again, and check that the base URL is that of a model server.",
}
_OVERFLOW = re.compile(
    r"context_length_exceeded|maximum context length|context (length|window|size)[^.]*exceed"
    r"|exceed[^.]*context (length|window|size)|reduce the length|input token count"
    r"|prompt is too long|prompt too long|too many tokens|string_above_max_length",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content_filter|content management policy|ResponsibleAIPolicy|flagged", re.I)
_QUOTA = re.compile(
    r"insufficient_quota|insufficient[ _](balance|credit|funds)|billing_(hard|not)", re.IGNORECASE
)
_INPUT = re.compile(r"invalid_prompt|invalid_image|image_parse_error|invalid_base64|image", re.I)
_MODEL = re.compile(r"model", re.I)
_SECRET = re.compile(r"\b(?:sk|pk|gsk|xai|hf|AIza)[-_][\w*.-]{6,}")
_PAGE = re.compile(r"<(style|script)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_DELAY = re.compile(r'"retryDelay"\s*:\s*"([\d.]+)s"')
_WORDS = {
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


class EndpointError(Exception):
    """One attempt that failed, before it is decided whether another one is made.

    Parameters
    ----------
    kind
        What happened.
    detail
        The endpoint's own words, if it had any.
    param
        The request field that it names, if it does.
    wait
        Seconds after which it wants to be asked again, if it says so.
    seconds
        How long it was silent.
    status
        The HTTP status, if an answer came.
    """

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        param: str | None = None,
        wait: float | None = None,
        seconds: float = 0.0,
        status: int = 0,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.param = param
        self.wait = wait
        self.seconds = seconds
        self.status = status

    def attempts(self, most: int) -> int:
        """Return how many attempts are worth making when this is what happens."""
        if self.kind in _ONCE_MORE:
            return min(2, most)
        return most if self.kind in _AGAIN else 1


@dataclass(frozen=True)
class ErrorFormatter:
    """What an error text may say of an endpoint; the key is here only to be struck out."""

    id: str
    host: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Address(id={self.id!r}, host={self.host!r})"

    def error(self, error: EndpointError, model: str) -> ProviderError:
        """Return the sentence for a person."""
        detail = self._without_key(error.detail).rstrip(" .:;")
        text = _SENTENCES[error.kind].format(
            id=self.id,
            host=self.host,
            model=model,
            seconds=f"{error.seconds:g}",
            detail=f' ("{detail}")' if detail else "",
        )
        return ProviderError(
            text,
            run_code=_RUN_CODES.get(error.kind, "server_error"),
            param=error.param,
            code=_CODES.get(error.kind),
        )

    def reason(self, error: EndpointError) -> str:
        """Return why the endpoint is asked again later, for people."""
        return _REASONS.get(error.kind, "no answer from {host}").format(host=self.host)

    def _without_key(self, text: str) -> str:
        if len(self.key) >= 4:
            text = text.replace(self.key, "[key]")
        return _SECRET.sub("[key]", text)


def error_of_response(status: int, text: str, headers: Mapping[str, str]) -> EndpointError:
    """Return the trouble that an HTTP answer with an error status stands for."""
    try:
        # Some gateways answer with an error status and its text as an event.
        body = json.loads(
            text.split("\n")[0].removeprefix("data:") if text[:5] == "data:" else text
        )
    except ValueError:
        body = text
    wait = _wait(headers, text)
    return EndpointError(
        _kind(status, text), find_message(body), param=_param(body), wait=wait, status=status
    )


def error_of_event(error: Any) -> EndpointError:
    """Return the trouble that an ``error`` inside a stream or a 200 answer stands for."""
    text = json.dumps(error)
    return EndpointError(
        _kind(_status(error, text), text), find_message(error), param=_param(error)
    )


def error_of_connection(error: BaseException) -> EndpointError:
    """Return the trouble behind an exception of the HTTP library."""
    names = [type(link).__name__ for link in _chain(error)]
    if "gaierror" in names:
        return EndpointError("unknown_host")
    if any("SSL" in name for name in names):
        return EndpointError("certificate")
    if "ConnectTimeout" in names:
        return EndpointError("unreachable")
    if "ConnectError" in names:
        return EndpointError("down")
    return EndpointError("cut")


def find_message(body: Any) -> str:
    """Find the sentence in an error body: a dict, a list, a page or plain text."""
    if isinstance(body, list):
        return next(filter(None, map(find_message, body)), "")
    if isinstance(body, dict):
        found = (
            find_message(body[key])
            for key in ("error", "message", "detail", "msg")
            if body.get(key)
        )
        return next(filter(None, found), "")
    if not isinstance(body, str):
        return ""
    text = " ".join(_PAGE.sub(" ", body).split())
    return text if len(text) <= 300 else text[:299] + "…"


def _kind(status: int, text: str) -> ErrorKind:
    if status == 402 or (status == 429 and _QUOTA.search(text)):
        return "quota"
    if status in (400, 403, 413, 422):
        return _refusal(status, text)
    if status == 404:
        return "no_model" if _MODEL.search(text) else "no_path"
    if status == 401:
        return "auth"
    if status == 429:
        return "rate"
    return "broken" if status >= 500 or status in (408, 409, 425) else "refused"


def _refusal(status: int, text: str) -> ErrorKind:
    if _OVERFLOW.search(text):
        return "too_long"
    if _FILTER.search(text):
        return "filtered"
    if status == 403:
        return "forbidden"
    return "input" if _INPUT.search(text) else "refused"


def _status(error: Any, text: str) -> int:
    """Return the status that an error without one would have had; gateways put it into ``code``."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int | str) and str(code).isdigit() and int(code) >= 400:
        return int(code)
    lowered = text.lower()
    return next((status for word, status in _WORDS.items() if word in lowered), 500)


def _param(body: Any) -> str | None:
    """Find the field that an error body names, the vendor's way or pydantic's."""
    if isinstance(body, list):
        return next(filter(None, map(_param, body)), None)
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("param"), str):
        return str(body["param"])
    place = body.get("loc")
    if isinstance(place, list) and place and isinstance(place[-1], str):
        return place[-1]
    inner = (_param(body.get(key)) for key in ("error", "detail", "message"))
    return next(filter(None, inner), None)


def _wait(headers: Mapping[str, str], text: str) -> float | None:
    delay = _DELAY.search(text)
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif "retry-after" in headers:
            seconds = _seconds(headers["retry-after"])
        elif delay:
            seconds = float(delay[1])
        else:
            return None
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        at = parsedate_to_datetime(value)
        return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
