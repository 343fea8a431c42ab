"""The windows of one endpoint's models, from the surest source that says something.

The user's own figure comes first, then what a refusal said, then what the server has set aside,
then its list, then the model's name, then a guess (models.md section 5.1).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from jupyter_assistants.models.base import Limits
from jupyter_assistants.models.probes import (
    OLLAMA_ADVICE,
    SMALL,
    Ask,
    ProbeResult,
    load,
    native,
    probed,
    window_in_refusal,
)

SURE_FOR = 600.0
"""Seconds for which an answer is good that will hardly change."""
UNSURE_FOR = 10.0
ENDS_SOON = timedelta(days=60)


class Windows:
    """What is known of the windows.

    Parameters
    ----------
    endpoint
        Its name, for the user's patterns ``endpoint/model``.
    family
        The kind of server.
    chosen
        The user's figures, by patterns of ``model`` or ``endpoint/model``.
    ask
        Asks the server in its own words.
    """

    def __init__(self, endpoint: str, family: str, chosen: Mapping[str, int], ask: Ask) -> None:
        self._endpoint = endpoint
        self._family = family
        self._chosen = chosen
        self._ask = ask
        self._told: dict[str, tuple[ProbeResult | None, float]] = {}
        self._learnt: dict[str, int] = {}

    def learn(self, model: str, refusal: str) -> None:
        """Take the window out of a refusal of a long prompt, if it names one."""
        if (tokens := window_in_refusal(refusal)) is not None:
            self._learnt[model] = tokens

    async def of(
        self, model: str, listed: Limits, entry: Mapping[str, Any], *, asking: bool
    ) -> Limits:
        """Return the limits with the surest window.

        Parameters
        ----------
        listed
            What the endpoint's list and the model's name say.
        entry
            The model's entry in the list.
        asking
            Whether the model may be loaded to find out.
        """
        kind = native(self._family, entry)
        limits = listed
        if told := await self._ask_server(kind, model, asking):
            limits = replace(
                listed,
                window=told.window,
                source=told.source,
                tools=listed.tools if told.tools is None else told.tools,
                vision=listed.vision if told.vision is None else told.vision,
            )
        if (known := self._learnt.get(model)) and known < limits.window:
            limits = replace(limits, window=known, source="the endpoint's refusal of a long prompt")
        if chosen := self._choice(model):
            limits = replace(limits, window=chosen, source="the setting windows")
        advice = _advice(kind, told, limits.window) or _ending(entry)
        return replace(limits, advice=advice) if advice else limits

    def _choice(self, model: str) -> int | None:
        names = (model, f"{self._endpoint}/{model}")
        fits = (v for k, v in self._chosen.items() if any(fnmatch(name, k) for name in names))
        return next(fits, None)

    async def _ask_server(self, kind: str, model: str, asking: bool) -> ProbeResult | None:
        known, until = self._told.get(model, (None, 0.0))
        settled = known is not None and known.sure
        if time.monotonic() < until and (settled or not asking):
            return known
        told = await probed(kind, model, self._ask)
        if asking and told is not None and not told.sure:
            await load(kind, model, self._ask)
            told = await probed(kind, model, self._ask)
        good = SURE_FOR if told is not None and told.sure else UNSURE_FOR
        self._told[model] = told, time.monotonic() + good
        return told


def _advice(kind: str, told: ProbeResult | None, window: int) -> str | None:
    small = kind == "ollama" and told is not None and told.sure and window < SMALL
    return OLLAMA_ADVICE.format(tokens=window) if small else None


def _ending(entry: Mapping[str, Any]) -> str | None:
    """Say that the vendor ends a model soon, where its list says when."""
    day = _day(entry.get("shutdown_date"))
    if day is None or day - datetime.now(UTC).date() >= ENDS_SOON:
        return None
    return f"Its vendor ends this model on {day.isoformat()}: choose another one before that."


def _day(value: Any) -> date | None:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value[:10])
        return datetime.fromtimestamp(value, UTC).date() if isinstance(value, int) else None
    except (ValueError, OverflowError, OSError):
        return None
