"""The context windows of one endpoint's models, from the surest source that names one.

The user's own figure comes first, then what a refusal said, then what the server has allocated,
then its list, then the model's name, then a guess (docs/internals/models.md, "Context windows").
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from jupyter_assistants.models.base import Limits
from jupyter_assistants.models.dialects import EndpointDialect, dialect_of_owner
from jupyter_assistants.models.probes import Ask, ProbeResult, WindowProbe

ALLOCATED_FOR = 60.0
"""Seconds for which an allocated window is believed: it changes with a restart of the server."""
REFUSED_FOR = 600.0
"""Seconds for which the window in a refusal is believed: a server that says nothing else of itself may
have been restarted."""
UNSURE_FOR = 10.0
"""Seconds after which a server is asked again that was not sure, or did not answer."""
ENDS_SOON = timedelta(days=60)

# An endpoint's sentence, cut before it comes here; every figure is bounded all the same, so that
# a row of digits is read once and fits an integer.
_FIGURE = r"(\d[\d,]{0,14})"
_WINDOW_IN_REFUSAL = (
    re.compile(rf"maximum context length (?:is|of) {_FIGURE}", re.IGNORECASE),
    re.compile(rf"context (?:length|size|window)\D{{0,40}}?{_FIGURE} ?tokens", re.IGNORECASE),
    re.compile(rf"tokens? >[ ]{{0,4}}{_FIGURE} (?:token )?max", re.IGNORECASE),
    re.compile(rf"maximum number of (?:input )?tokens allowed \(?{_FIGURE}", re.IGNORECASE),
    re.compile(rf"\bn_ctx\W{{1,4}}{_FIGURE}", re.IGNORECASE),
)


class ContextWindows:
    """The windows of one endpoint's models.

    Parameters
    ----------
    endpoint
        Its name, for the user's patterns ``endpoint/model``.
    dialect
        Its dialect.
    configured
        The user's figures, by patterns of ``model`` or ``endpoint/model``.
    ask
        Sends a request to the server.
    """

    def __init__(
        self, endpoint: str, dialect: EndpointDialect, configured: Mapping[str, int], ask: Ask
    ) -> None:
        self._endpoint = endpoint
        self._dialect = dialect
        self._configured = configured
        self._ask = ask
        self._probed: dict[str, tuple[ProbeResult | None, float]] = {}
        self._refused: dict[str, tuple[int, float]] = {}

    def learn(self, model: str, refusal: str) -> None:
        """Remember the window that a refusal of a long prompt names, if it names one."""
        if (tokens := window_in_refusal(refusal)) is not None:
            self._refused[model] = tokens, time.monotonic() + REFUSED_FOR

    async def limits(
        self,
        model: str,
        listed: Limits,
        entry: Mapping[str, Any],
        *,
        asking: bool,
        fresh: bool = False,
    ) -> Limits:
        """Return the model's limits with the surest window.

        Parameters
        ----------
        listed
            The limits by the endpoint's list and the model's name.
        entry
            The model's entry in the list.
        asking
            Whether the model may be loaded to find out.
        fresh
            Whether the server is asked although its last answer is still believed.
        """
        # A gateway's address says nothing about the server behind it; the entry's owner may.
        dialect = dialect_of_owner(str(entry.get("owned_by") or "")) or self._dialect
        probe = dialect.probe
        limits = listed
        if result := await self._probe(probe, model, asking, fresh):
            limits = replace(
                listed,
                window=result.window,
                source=result.source,
                tools=listed.tools if result.tools is None else result.tools,
                vision=listed.vision if result.vision is None else result.vision,
            )
        refused, believed_until = self._refused.get(model, (0, 0.0))
        if 0 < refused < limits.window and time.monotonic() < believed_until:
            source = "the endpoint's refusal of a long prompt"
            limits = replace(limits, window=refused, source=source)
        if configured := self._configured_window(model):
            limits = replace(limits, window=configured, source="the setting windows")
        allocated = result is not None and result.allocated
        advice = (probe.advice(limits.window) if allocated else None) or _shutdown_advice(entry)
        return replace(limits, advice=advice) if advice else limits

    def _configured_window(self, model: str) -> int | None:
        names = (model, f"{self._endpoint}/{model}")
        matches = (
            window
            for pattern, window in self._configured.items()
            if any(fnmatch(name, pattern) for name in names)
        )
        return next(matches, None)

    async def _probe(
        self, probe: WindowProbe, model: str, asking: bool, fresh: bool
    ) -> ProbeResult | None:
        known, believed_until = self._probed.get(model, (None, 0.0))
        settled = known is not None and known.allocated
        if not fresh and time.monotonic() < believed_until and (settled or not asking):
            return known
        result = await probe.measure(model, self._ask)
        if asking and result is not None and not result.allocated:
            # The request that follows would load the model anyway; afterwards its window is sure.
            await probe.load(model, self._ask)
            result = await probe.measure(model, self._ask)
        if known is not None and result is not None and result.window != known.window:
            # The server was restarted: what it refused before says nothing any more.
            self._refused.pop(model, None)
        seconds = ALLOCATED_FOR if result is not None and result.allocated else UNSURE_FOR
        self._probed[model] = result, time.monotonic() + seconds
        return result


def window_in_refusal(text: str) -> int | None:
    """Return the window that a refusal of a long prompt names, or None."""
    for pattern in _WINDOW_IN_REFUSAL:
        if match := pattern.search(text):
            return int(match[1].replace(",", "")) or None
    return None


def _shutdown_advice(entry: Mapping[str, Any]) -> str | None:
    """Return a warning where the vendor's list says that it shuts the model down soon."""
    day = _date(entry.get("shutdown_date"))
    if day is None or day - datetime.now(UTC).date() >= ENDS_SOON:
        return None
    return f"Its vendor shuts this model down on {day.isoformat()}: choose another one before that."


def _date(value: Any) -> date | None:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value[:10])
        return datetime.fromtimestamp(value, UTC).date() if isinstance(value, int) else None
    except (ValueError, OverflowError, OSError):
        return None
