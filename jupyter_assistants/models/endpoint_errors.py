"""Errors of model endpoints: what each kind means, and its sentence for people.

How an endpoint's response becomes one of these kinds is in :mod:`.error_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.unseen import revealed
from jupyter_assistants.redaction import Masker

ErrorKind = Literal[
    "bad_url",
    "redirect",
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
    "no_tools",
    "loading",
    "no_path",
    "quota",
    "too_long",
    "filtered",
    "input",
    "refused",
    "no_stream",
    "garbled",
    "too_large",
]

MOST_NAMES = 8
"""Names of models or tools in one sentence."""
_SECRET = re.compile(r"\b(?:sk|pk|gsk|xai|hf|AIza)[-_][\w*.-]{6,}")


@dataclass(frozen=True)
class _KindOfError:
    """The meaning of one kind of error.

    Parameters
    ----------
    sentence
        What happened, to which value, and what to do next.
    attempts
        How many attempts it is worth: one, two, or as many as the endpoint's settings allow.
    run_code, code
        The codes of the failed run and of the error on the wire.
    reason
        Why the run waits for another attempt, for people.
    longest
        Characters of the endpoint's own words that the sentence quotes.
    """

    sentence: str
    attempts: Literal["one", "two", "all"] = "one"
    run_code: str = "server_error"
    code: str | None = None
    reason: str = "no answer from {host}"
    longest: int = 300


_KINDS: Mapping[ErrorKind, _KindOfError] = {
    "bad_url": _KindOfError(
        "{host} is not a valid address for {model}: set a base URL for the provider '{id}' that "
        "begins with http:// or https://."
    ),
    "redirect": _KindOfError(
        "{host} (model {model}) redirects requests to another server, which would get your prompt and "
        "your key, so nothing was sent there: if that server is the right one, make its address the "
        "base URL of the provider '{id}'."
    ),
    "down": _KindOfError(
        "Nothing answers at {host} (model {model}): start the model server there, or set another "
        "base URL for the provider '{id}'.",
        "two",
    ),
    "unknown_host": _KindOfError(
        "The name of the host {host} (model {model}) cannot be resolved: check the base URL of the "
        "provider '{id}' and the network.",
        "two",
    ),
    "unreachable": _KindOfError(
        "{host} (model {model}) did not accept a connection in time: check that the server is "
        "running and that no firewall or proxy blocks it.",
        "two",
    ),
    "certificate": _KindOfError(
        "The certificate of {host} (model {model}) is not trusted{detail}: check the base URL, or "
        "add your organisation's certificate to the system."
    ),
    "silent": _KindOfError(
        "{host} sent nothing for {seconds} s while {model} was expected to answer: run it again, or "
        "raise the provider's timeout if the model is slow to load.",
        "two",
    ),
    "cut": _KindOfError(
        "{host} closed the connection while {model} was answering{detail}: run it again, and check "
        "the server's log if it happens repeatedly.",
        "all",
    ),
    "rate": _KindOfError(
        "{host} accepts no more requests for {model} at the moment{detail}: wait a little and run "
        "it again, or choose another model.",
        "all",
        run_code="rate_limit_exceeded",
        reason="rate limit of {host}",
    ),
    "broken": _KindOfError(
        "{host} reported an internal error while {model} was answering{detail}: run it again, and "
        "check the server's log if it happens repeatedly.",
        "all",
        reason="an error at {host}",
    ),
    "auth": _KindOfError(
        "{host} did not accept the API key for {model}{detail}: set a valid key for the provider "
        "'{id}'."
    ),
    "forbidden": _KindOfError(
        "{host} does not allow this API key to use {model}{detail}: choose another model, or ask "
        "whoever runs the endpoint for access."
    ),
    "no_model": _KindOfError(
        "{host} has no model {model}{detail}: choose one that it lists{listed}, or load the model "
        "there first."
    ),
    "no_tools": _KindOfError(
        "{model} at {host} calls no functions{detail}, and {tools} cannot do without: choose a model "
        "that does, turn tool calling on in its server, or remove the tool from the assistant."
    ),
    "loading": _KindOfError(
        "{host} is still loading {model}{detail}, after {seconds} s: run it again once the model is "
        "loaded, or raise the provider's first_byte_seconds.",
        "all",
        reason="{host} is loading the model",
    ),
    "no_path": _KindOfError(
        "{host} has no chat completions for {model} at this address{detail}: check the base URL of "
        "the provider '{id}'; most end in /v1."
    ),
    "quota": _KindOfError(
        "The quota or credit at {host} is used up, so {model} did not answer{detail}: check plan "
        "and billing there, or choose another provider.",
        run_code="rate_limit_exceeded",
        code="insufficient_quota",
    ),
    "too_long": _KindOfError(
        "The prompt is too long for {model} at {host}{detail}: shorten the thread or its files, "
        "set a truncation strategy, or choose a model with a larger window.",
        run_code="invalid_prompt",
        code="context_length_exceeded",
    ),
    "filtered": _KindOfError(
        "The content filter of {host} refused the prompt for {model}{detail}: reword it.",
        run_code="invalid_prompt",
        code="content_filter",
    ),
    "input": _KindOfError(
        "{host} refused the prompt for {model}{detail}: change the messages or their images.",
        run_code="invalid_prompt",
    ),
    "refused": _KindOfError(
        "{host} refused the request for {model}{detail}: change the setting that it names, or "
        "choose another model."
    ),
    "no_stream": _KindOfError(
        "{host} did not stream an answer of {model}; is this a login page{detail}? Open the base "
        "URL of the provider '{id}' in a browser and check it.",
        longest=80,
    ),
    "garbled": _KindOfError(
        "{host} sent something that is not JSON while {model} was answering{detail}: run it again, "
        "and check that the base URL is that of a model server.",
        longest=60,
    ),
    "too_large": _KindOfError(
        "{host} sent more than an answer of {model} can have{detail}, and the rest was not read: check "
        "that the base URL of the provider '{id}' is that of a model server.",
        longest=60,
    ),
}


class EndpointError(Exception):
    """One failed attempt, before it is decided whether another one is made.

    Parameters
    ----------
    kind
        What happened.
    detail
        The endpoint's own words, if it had any.
    param
        The request field that it names, if it names one.
    wait
        Seconds after which it wants to be asked again, if it says so.
    seconds
        How long it was silent.
    status
        The HTTP status, if a response came.
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
        """Return how many attempts are worth making when this happens.

        Parameters
        ----------
        most
            As many as the endpoint's settings allow.
        """
        return {"one": 1, "two": min(2, most), "all": most}[_KINDS[self.kind].attempts]


@dataclass(frozen=True)
class ErrorFormatter:
    """Writes the errors of one endpoint for people; it holds the key only to remove it from them."""

    id: str
    host: str
    key: str = ""

    def __repr__(self) -> str:
        return f"ErrorFormatter(id={self.id!r}, host={self.host!r})"

    def error(
        self,
        error: EndpointError,
        model: str,
        *,
        listed: Sequence[str] = (),
        tools: Sequence[str] = (),
    ) -> ProviderError:
        """Return the error with its sentence.

        Parameters
        ----------
        listed
            Names of the models that the endpoint lists.
        tools
            Names of the tools in the request.
        """
        kind = _KINDS[error.kind]
        # Masked before it is cut: a key that straddles the cut would keep its beginning.
        detail = shorten(self._without_secrets(error.detail), kind.longest).rstrip(" .:;")
        # Terminals obey what an endpoint writes, and it could hide what follows.
        detail = revealed(" ".join(detail.split()))
        sentence = kind.sentence.format(
            id=self.id,
            host=self.host,
            model=model,
            seconds=f"{error.seconds:g}",
            detail=f' ("{detail}")' if detail else "",
            listed=f" ({self._names(listed, 'and more')})" if listed else "",
            tools=self._names(tools, "others") or "the run",
        )
        param = None if error.param is None else revealed(self._without_secrets(error.param))
        return ProviderError(sentence, run_code=kind.run_code, param=param, code=kind.code)

    def reason(self, error: EndpointError) -> str:
        """Return why the endpoint is asked again later, for people."""
        return _KINDS[error.kind].reason.format(host=self.host)

    def _names(self, names: Sequence[str], rest: str) -> str:
        shown = [revealed(shorten(name, 80)) for name in names[:MOST_NAMES]]
        return ", ".join([*shown, *([rest] if len(names) > MOST_NAMES else [])])

    def _without_secrets(self, text: str) -> str:
        if len(self.key) >= 4:
            text = text.replace(self.key, "[key]")
        # A proxy in front may show what it knows of this machine, or of others.
        return Masker().text(_SECRET.sub("[key]", text))


def shorten(text: str, longest: int) -> str:
    """Return at most so many characters of a text, the last one an ellipsis if it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
