"""One fold of a run's events for every view, here and in TypeScript.

A view never looks at events. It feeds them to :class:`Transcript` and draws what
:meth:`Transcript.view` gives. Objects and deltas are kept as they came; the view is derived from
them, so that a reader who has the deltas and one who only has the stored objects see the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_assistants.protocol.own_paths import with_own_paths

Json = dict[str, Any]

_LIVE = frozenset({"queued", "in_progress", "requires_action", "cancelling"})


@dataclass(frozen=True)
class TranscriptPart:
    """A piece of a message.

    Parameters
    ----------
    type
        ``text``, ``image`` (a file), ``link`` (an image that nobody fetches) or ``refusal``.
    text
        The text, or the address of a link.
    file_id
        The image's file.
    annotations
        As the protocol has them.
    """

    type: Literal["text", "image", "link", "refusal"]
    text: str = ""
    file_id: str = ""
    annotations: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class MessageEntry:
    """A message of the user or of the assistant."""

    id: str
    role: str
    status: str
    incomplete: str | None
    parts: list[TranscriptPart]
    attachments: list[str]
    type: Literal["message"] = "message"

    @property
    def text(self) -> str:
        """Return the text parts, joined."""
        return "".join(part.text for part in self.parts if part.type in ("text", "refusal"))


@dataclass(frozen=True)
class CallEntry:
    """A tool call.

    Parameters
    ----------
    kind
        ``code_interpreter``, ``function``, or another tool type.
    status
        ``in_progress``, ``completed``, ``failed``, ``cancelled`` or ``expired``.
    result
        How the code ended (``ok``, ``error``, ``rejected`` …) when the server says so.
    name
        The function's name; of code, its language where that is not Python.
    code
        The code, or a function's JSON arguments.
    outputs
        nbformat output dicts.
    output
        What a function answered.
    note
        One sentence: why the code ended, what was left out, why it was rejected.
    changes
        What the code changed: variables and files, and whether it can be undone.
    search
        Of file_search: ``queries``, the first ``number`` of its marks, and ``results`` as the protocol has them; None before it ends.
    """

    id: str
    step_id: str
    kind: str
    status: str
    result: str | None
    name: str
    code: str
    outputs: list[Json]
    output: str | None
    files: list[Json]
    seconds: float | None
    note: str | None
    place: str | None
    error: str | None
    changes: Json | None = None
    search: Json | None = None
    type: Literal["call"] = "call"


@dataclass(frozen=True)
class RunState:
    """The run that was folded last."""

    id: str
    thread_id: str
    assistant_id: str
    model: str
    status: str
    error: str | None
    incomplete: str | None
    usage: Json | None
    note: str | None
    seen: str | None

    @property
    def live(self) -> bool:
        """Whether the run can still change."""
        return self.status in _LIVE


@dataclass(frozen=True)
class PendingCall:
    """A call that the client has to answer."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class View:
    """All there is to draw; ``dataclasses.asdict`` of it is what the golden files hold."""

    run: RunState | None
    entries: list[MessageEntry | CallEntry]
    waiting: list[PendingCall]
    error: str | None


class Transcript:
    """Folds the events of one run, or of several runs of one thread, into a view."""

    def __init__(self) -> None:
        self._run: Json | None = None
        self._steps: dict[str, Json] = {}
        self._messages: dict[str, Json] = {}
        self._order: dict[tuple[str, str], None] = {}
        self._error: str | None = None

    def fold(self, event: str, data: Any) -> None:
        """Fold one event; unknown ones are ignored (docs/internals/protocol.md, "Events and streaming")."""
        if event == "error":
            self._error = _error_text(data)
        elif event == "thread.run.step.delta":
            self._step_delta(data)
        elif event.startswith("thread.run.step."):
            self._put_step(data, begins=event.endswith(".created"))
        elif event.startswith("thread.run."):
            self._run = data
        elif event == "thread.message.delta":
            self._message_delta(data)
        elif event == "thread.message.deleted":
            self._messages.pop(data["id"], None)
        elif event.startswith("thread.message."):
            self._put_message(data, begins=event.endswith(".created"))

    def view(self) -> View:
        """Return what there is to draw now."""
        run = self._run
        live = run is None or run.get("status") in _LIVE
        entries: list[MessageEntry | CallEntry] = []
        for kind, id in self._order:
            if kind == "step":
                entries += _calls(self._steps[id], run, live)
            elif id in self._messages:
                entries.append(_message(self._messages[id], live))
        return View(_run_state(run) if run else None, entries, list(_waiting(run)), self._error)

    def _put_step(self, step: Json, *, begins: bool) -> None:
        id, details = step["id"], step.get("step_details") or {}
        # All its deltas follow: what was known of it is not to be there twice.
        known = None if begins else self._steps.get(id)
        self._steps[id] = _newer(known, step, ("step_details", "tool_calls"))
        if details.get("type") == "message_creation":
            self._order.setdefault(("message", details["message_creation"]["message_id"]))
        else:
            self._order.setdefault(("step", id))

    def _put_message(self, message: Json, *, begins: bool) -> None:
        id = message["id"]
        known = None if begins else self._messages.get(id)
        self._messages[id] = _newer(known, message, ("content",))
        self._order.setdefault(("message", id))

    def _step_delta(self, data: Json) -> None:
        step = self._steps.get(data["id"])
        # A reader that joined late lacks the object, or has a newer one than the delta.
        if step is not None and step.get("status") == "in_progress":
            self._steps[data["id"]] = merge(step, data["delta"])

    def _message_delta(self, data: Json) -> None:
        message = self._messages.get(data["id"])
        if message is not None and message.get("status") == "in_progress":
            self._messages[data["id"]] = merge(message, data["delta"])


def stored_view(run: Json, steps: Sequence[Json], messages: Mapping[str, Json]) -> View:
    """Return the view of a stored run.

    Parameters
    ----------
    steps
        Its steps, oldest first.
    messages
        Messages by id; those that no step of the run wrote are ignored, deleted ones are missing.
    """
    transcript = Transcript()
    for step in steps:
        written = _written_by(step)
        if written in messages:
            transcript.fold("thread.message.completed", messages[written])
        transcript.fold("thread.run.step.completed", step)
    transcript.fold(f"thread.run.{run['status']}", run)
    return transcript.view()


def written_by(steps: Iterable[Json]) -> set[str]:
    """Return the ids of the messages that steps wrote."""
    return {id for step in steps if (id := _written_by(step))}


def _written_by(step: Json) -> str:
    return _at(step, ("step_details", "message_creation", "message_id")) or ""


def merge(known: Json, delta: Json) -> Json:
    """Return ``known`` with a delta merged into it, as the SDKs merge.

    Strings are joined, numbers added, objects merged, lists of objects merged by ``index``.
    Neither argument is changed.
    """
    merged = dict(known)
    for name, value in delta.items():
        merged[name] = value if name in ("index", "type") else _merged(merged.get(name), value)
    return merged


def _merged(known: Any, value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return _merged_list(known or [], value)
    if known is None:
        return value
    if isinstance(known, str) and isinstance(value, str):
        return known + value
    if isinstance(known, dict) and isinstance(value, dict):
        return merge(known, value)
    if isinstance(known, int | float) and isinstance(value, int | float):
        return known + value
    return known if value is None else value


def _merged_list(known: list[Any], items: list[Json]) -> list[Any]:
    merged = list(known)
    for item in items:
        index = item.get("index", len(merged))
        if index < len(merged):
            merged[index] = merge(merged[index], item)
        else:
            merged.append(merge({}, item))
    return merged


def _newer(known: Json | None, new: Json, grown: tuple[str, ...]) -> Json:
    """Return the new object; an unfinished one keeps what deltas added and it does not have yet."""
    if known is None or new.get("status") != "in_progress" or _at(new, grown):
        return new
    kept = _at(known, grown)
    if not kept:
        return new
    for name in reversed(grown[1:]):
        kept = {**(new.get(grown[0]) or {}), name: kept}
    return {**new, grown[0]: kept}


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = (value or {}).get(name)
    return value


def _error_text(data: Any) -> str:
    found = data.get("error", data) if isinstance(data, dict) else data
    return str(found.get("message", found) if isinstance(found, dict) else found)


def _run_state(run: Json) -> RunState:
    ours = run.get("jupyter") or {}
    return RunState(
        id=run["id"],
        thread_id=run["thread_id"],
        assistant_id=run["assistant_id"],
        model=ours.get("resolved_model") or run["model"],
        status=run["status"],
        error=_at(run, ("last_error", "message")),
        incomplete=_at(run, ("incomplete_details", "reason")),
        usage=run.get("usage"),
        note=ours.get("note"),
        seen=ours.get("seen"),
    )


def _waiting(run: Json | None) -> Iterable[PendingCall]:
    if run is None or run.get("status") != "requires_action":
        return
    for call in _at(run, ("required_action", "submit_tool_outputs", "tool_calls")) or []:
        yield PendingCall(call["id"], call["function"]["name"], call["function"]["arguments"])


def _message(message: Json, live: bool) -> MessageEntry:
    status = message.get("status") or "completed"
    return MessageEntry(
        id=message["id"],
        role=message["role"],
        status="incomplete" if status == "in_progress" and not live else status,
        incomplete=_at(message, ("incomplete_details", "reason")),
        parts=[_part(part) for part in message.get("content") or []],
        attachments=[item["file_id"] for item in message.get("attachments") or []],
    )


def _part(part: Json) -> TranscriptPart:
    kind = part.get("type")
    if kind == "image_file":
        return TranscriptPart("image", file_id=_at(part, ("image_file", "file_id")) or "")
    if kind == "image_url":
        return TranscriptPart("link", text=_at(part, ("image_url", "url")) or "")
    if kind == "refusal":
        return TranscriptPart("refusal", text=part.get("refusal") or "")
    text = part.get("text") or {}
    return TranscriptPart(
        "text", text=text.get("value") or "", annotations=_plain(text.get("annotations"))
    )


def _plain(annotations: list[Json] | None) -> list[Json]:
    return [{k: v for k, v in item.items() if k != "index"} for item in annotations or []]


def _calls(step: Json, run: Json | None, live: bool) -> Iterable[CallEntry]:
    status = step.get("status") or "in_progress"
    if status == "in_progress" and not live and run is not None:
        status = run["status"]
    for call in _at(step, ("step_details", "tool_calls")) or []:
        yield _call(call, step, status)


def _call(call: Json, step: Json, status: str) -> CallEntry:
    kind, id = call.get("type") or "", call.get("id") or ""
    ours = _at(step, ("jupyter", "calls", id)) or {}
    body = call.get(kind) or {}
    is_code = kind == "code_interpreter"
    written = body.get("input" if is_code else "arguments") or ""
    return CallEntry(
        id=id,
        step_id=step["id"],
        kind=kind,
        status=status,
        result=ours.get("status"),
        name=body.get("name") or ours.get("language") or "",
        code=with_own_paths(written) if is_code else written,
        outputs=ours.get("outputs") or _outputs(body.get("outputs") or []),
        output=body.get("output"),
        files=ours.get("files") or [],
        seconds=ours.get("seconds"),
        note=ours.get("note"),
        place=ours.get("place"),
        error=_at(step, ("last_error", "message")),
        changes=ours.get("changes"),
        search=_search(body, ours) if kind == "file_search" else None,
    )


def _search(body: Json, ours: Json) -> Json | None:
    if body.get("results") is None:
        return None
    queries, number = ours.get("queries") or [], ours.get("number") or 0
    return {"queries": queries, "number": number, "results": body["results"]}


def _outputs(outputs: list[Json]) -> list[Json]:
    return [_output(output) for output in outputs]


def _output(output: Json) -> Json:
    if output.get("type") == "logs":
        return {"output_type": "stream", "name": "stdout", "text": output.get("logs") or ""}
    file_id = _at(output, ("image", "file_id")) or ""
    metadata = {"jupyter_assistants": {"file_id": file_id}}
    return {"output_type": "display_data", "data": {}, "metadata": metadata}
