"""Chooses the table that a question is about: an attached file or a DataFrame of the kernel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.models.demo.code import variable_for
from jupyter_assistants.models.demo.columns import parts
from jupyter_assistants.models.demo.history import Frame, Turn
from jupyter_assistants.models.demo.requests import file_names, understand, without_saving

_KINDS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".parquet": "parquet",
    ".json": "json",
    ".json.gz": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
}
_PRODUCT = re.compile(
    r"_(overview|missing|\w*counts|numbers|by_\w+|per_\w+|correlation|pairs|rows|dated|selected)$"
)
_VARIABLE = re.compile(
    r"`([^\W\d]\w*)`|\b(df\w*|\w+_df)\b|\b(?:data ?frame|variable)\s+([^\W\d]\w*)"
    r"|\b([^\W\d]\w*)\s+(?:data ?frame|variable)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """Where the rows come from: a file of ``/mnt/data``, or a DataFrame."""

    file: str = ""
    frame: Frame | None = None


def kind_of(file: str) -> str:
    """Return which reader a file needs; empty if it holds no table that can be read."""
    return next((kind for ending, kind in _KINDS.items() if file.lower().endswith(ending)), "")


def current(turns: Sequence[Turn]) -> Source | None:
    """Return the source for the newest turn.

    A file or a DataFrame that the question names wins, then the newest attached file, then what
    the thread worked on before. None: the kernel has to be asked for its DataFrames.
    """
    source: Source | None = None
    known: list[str] = []
    for turn in turns:
        tables = [name for name in turn.files if kind_of(name)]
        known += tables
        frames = turn.frames() or []
        frame = _named_frame(turn.question, frames)
        file = _named_file(turn.question, known)
        if file and not (frame and _rather(turn.question, frame, file)):
            source = Source(file)
        elif frame:
            source = Source(frame=frame)
        elif tables:
            source = Source(tables[-1])
        elif frames and (source is None or source.frame):
            before = source.frame.name if source and source.frame else ""
            source = Source(frame=_default(turn.question, frames, before))
    return source


def wants_frames(turns: Sequence[Turn]) -> bool:
    """Return whether the kernel has to be asked for its DataFrames in this turn."""
    turn = turns[-1]
    if turn.frames() is not None:
        return False
    source = current(turns)
    if source is None or source.frame:
        return True
    said = {name for match in _VARIABLE.finditer(turn.question) for name in match.groups() if name}
    seen = {frame.name for earlier in turns[:-1] for frame in earlier.frames() or []}
    # What the load of the file made is read anew anyway.
    seen.discard(variable_for(source.file))
    words = set(re.findall(r"[^\W\d]\w*", turn.question))
    return bool(said or words & seen) and not file_names(turn.question)


def _named_file(question: str, known: Sequence[str]) -> str:
    for name in file_names(question):
        attached = name.rpartition("/")[2].casefold()
        return next((file for file in known if file.casefold() == attached), name)
    rest, _ = without_saving(question)
    stems = {file: parts(file.split(".")[0]) for file in reversed(known)}
    fitting = [file for file, stem in stems.items() if stem and _says(rest, stem)]
    return max(fitting, key=len, default="")


def _says(text: str, stem: list[str]) -> bool:
    # A longer name is another one: "heavy_penguins" does not say "penguins".
    tokens = [parts(token) for token in re.findall(r"\w+", text)]
    words = " ".join(word for token in tokens if len(token) <= max(1, len(stem)) for word in token)
    return f" {' '.join(stem)} " in f" {words} "


def _rather(question: str, frame: Frame, file: str) -> bool:
    """Return whether a DataFrame is meant although a file is named ("penguins in heavy")."""
    own = frame.name == variable_for(file)
    return not own and not file_names(question) and _is_placed(frame, question)


def _is_placed(frame: Frame, question: str) -> bool:
    name = re.escape(frame.name)
    place = rf"`{name}`|\b(?:in|from|using)\s+(?:the\s+)?{name}\b|^\s*{name}\s*:"
    return bool(re.search(place, question, re.IGNORECASE))


def _named_frame(question: str, frames: Sequence[Frame]) -> Frame | None:
    rest, _ = without_saving(question)
    words = re.findall(r"[^\W\d]\w*", rest)
    folded = [word.casefold() for word in words]
    newest = list(reversed(frames))
    for frame in sorted(newest, key=lambda frame: not _is_placed(frame, rest)):
        if frame.name in words:
            return frame
    for frame in newest:
        if frame.name.casefold() in folded:
            return frame
    return None


def _default(question: str, frames: Sequence[Frame], before: str) -> Frame:
    """Prefer what the thread works on, then the newest; either has to have the columns."""
    own = [frame for frame in frames if not _is_product(frame, frames)] or list(frames)
    own.sort(key=lambda frame: frame.name == before)
    fitting = [frame for frame in own if _fits(question, frame)]
    return (fitting or own)[-1]


def _fits(question: str, frame: Frame) -> bool:
    plan = understand(question, {**frame.index, **frame.columns}, data_names=[frame.name])
    return bool(plan.wishes or plan.saves) and not plan.problems


def _is_product(frame: Frame, frames: Sequence[Frame]) -> bool:
    """Return whether a DataFrame is a result of earlier code of the demo."""
    product = bool(_PRODUCT.search(frame.name))
    return product and any(frame.name.startswith(f"{other.name}_") for other in frames)
