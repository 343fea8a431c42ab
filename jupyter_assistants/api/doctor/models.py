"""Checks of the models: the default one, its key, its window, its tools."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from jupyter_assistants.api.model_catalog import DEMO, HOW_TO_CONNECT, OPENAI, ModelCatalog
from jupyter_assistants.models.base import HistoryMessage, Limits, ModelRequest, StreamEnd, ToolSpec
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.probes import SMALL_WINDOW
from jupyter_assistants.protocol.doctor import Check, check
from jupyter_assistants.protocol.errors import AssistantsError, ProviderError
from jupyter_assistants.runs.context import ResolvedModel

ASK_SECONDS = 120.0
_TOOL = ToolSpec("ready", "Tells that you are ready.", {"type": "object", "properties": {}})
_ENOUGH = 1000
"""Tokens of the answer: models that think before they call need some."""


async def check_models(models: ModelCatalog, keys: Mapping[str, str], ask: bool) -> list[Check]:
    """Check the default model, then every other endpoint that is connected.

    Parameters
    ----------
    keys
        Where the key of each endpoint is, for people.
    ask
        Whether the model is asked something.
    """
    try:
        resolved = await models.resolve("default")
    except AssistantsError as error:
        return [check("model", "Model", "problem", error.message, _SET)]
    name = resolved.client.id
    first = [await _reachable(models, resolved)]
    if name != DEMO:
        first.append(_key(models, name, keys))
    if name != DEMO and first[0].status != "problem":
        limits = await resolved.client.limits(resolved.model, asking=ask)
        tools = _tools(limits, name)
        first += [_window(limits, models.default), await _ask(resolved) if ask else tools]
    others = [each for each in sorted(models.connected) if each != name]
    return first + await asyncio.gather(*(_endpoint(models, each) for each in others))


_SET = "Set c.JupyterAssistantsApp.default_model to a model that `jupyter assistants models` lists."


async def _reachable(models: ModelCatalog, resolved: ResolvedModel) -> Check:
    title, name = "Model", resolved.client.id
    if name == DEMO:
        detail = "No model is connected: demo answers, which is rules and no AI."
        wanted = models.default
        if wanted != DEMO:
            detail = f"No endpoint for the default model '{wanted}' is connected: demo answers."
        names = await models.offered()
        offered = [DIALECTS[each].title for each in names]
        remedy = HOW_TO_CONNECT
        if offered:
            detail += f" On this machine there is {', '.join(offered)}."
            remedy = f"Connect it: jupyter assistants connect {names[0]}"
        return check("model", title, "warning", detail, remedy)
    listed = await resolved.client.models()
    if problem := resolved.client.problem():
        return check("model", title, "problem", problem, "Then run the doctor again.")
    why = ""
    if models.takes_first:
        why = (
            f", the first that {models.foreign_host} lists: OPENAI_BASE_URL is not OpenAI's, and "
            "default_model is not set"
        )
        if not listed:
            why = f", since {models.foreign_host} lists no models and default_model is not set"
    detail = f"The default model is {models.default}{why}; its endpoint '{name}' answers"
    if listed and resolved.model not in listed:
        return check("model", title, "problem", f"{detail}, and does not list the model.", _SET)
    return check("model", title, "ok", f"{detail}.")


def _key(models: ModelCatalog, name: str, keys: Mapping[str, str]) -> Check:
    if name in keys:
        return check("key", "Key", "ok", f"The key of '{name}' is in {keys[name]}.")
    endpoint, dialect = models.endpoints.get(name), DIALECTS.get(name)
    if name == OPENAI and models.foreign_host is not None:
        detail = f"There is no key for {models.foreign_host}; many such servers want none."
        return check("key", "Key", "ok", detail)
    if endpoint is None or not endpoint.api_key_env or (dialect is not None and dialect.local):
        return check("key", "Key", "ok", f"'{name}' has no key, and wants none that we know of.")
    remedy = f"Put it into the variable {endpoint.api_key_env} of the server's environment, and restart the server."
    return check("key", "Key", "problem", f"There is no key for '{name}'.", remedy)


def _window(limits: Limits, model: str) -> Check:
    title = "Context window"
    detail = f"{limits.window:,} tokens ({limits.source})"
    own = f"c.JupyterAssistantsApp.windows = {{'{model}': TOKENS}}"
    if "guess" in limits.source:
        return check("window", title, "warning", detail, f"If you know it, set {own}.")
    if limits.window < SMALL_WINDOW:
        remedy = (
            limits.advice or f"Give the model more than {SMALL_WINDOW:,} tokens, or choose another."
        )
        return check("window", title, "warning", detail, remedy)
    if limits.advice:
        return check("window", title, "warning", detail, limits.advice)
    return check("window", title, "ok", detail)


def _tools(limits: Limits, name: str) -> Check:
    title, dialect = "Tools", DIALECTS.get(name)
    if limits.tools is False:
        return check("tools", title, "problem", "The model calls no functions.", _SET)
    if limits.tools:
        return check("tools", title, "ok", "The model calls functions.")
    if dialect is not None and not dialect.local:
        return check("tools", title, "ok", f"Current models of {dialect.title} call functions.")
    detail = "The endpoint does not say whether the model calls functions."
    return check("tools", title, "warning", detail, "Try it: jupyter assistants doctor --ask")


async def _ask(resolved: ResolvedModel) -> Check:
    """Ask the model to call a tool, and check that it does."""
    request = ModelRequest(
        resolved.model,
        "Call the tool `ready` now. Say nothing else.",
        [HistoryMessage("user", "Are you ready?")],
        tools=[_TOOL],
        max_output_tokens=_ENOUGH,
    )
    began, finished = time.monotonic(), StreamEnd("stop")
    try:
        async with asyncio.timeout(ASK_SECONDS):
            stream: Any = resolved.client.stream(request)
            async with aclosing(stream) as events:
                async for event in events:
                    finished = event if isinstance(event, StreamEnd) else finished
    except ProviderError as error:
        return check("tools", "Tools", "problem", error.message, "Then run the doctor again.")
    except TimeoutError:
        detail = f"The model did not answer within {ASK_SECONDS:g} s."
        return check("tools", "Tools", "problem", detail, _SET)
    seconds = f"{time.monotonic() - began:.1f} s"
    if any(call.name == _TOOL.name for call in finished.calls):
        return check("tools", "Tools", "ok", f"The model called a function, in {seconds}.")
    detail = f"The model answered in {seconds} and did not call the function that it was told to."
    return check("tools", "Tools", "problem", detail, _SET)


async def _endpoint(models: ModelCatalog, name: str) -> Check:
    id, title = f"endpoint:{name}", f"Endpoint {name}"
    problem = await models.problem(name)
    if problem:
        return check(id, title, "warning", problem, "Mend it, or disconnect the endpoint.")
    return check(id, title, "ok", "It answers.")
