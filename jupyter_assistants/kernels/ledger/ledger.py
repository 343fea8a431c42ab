"""The steps of one kernel: what each changed, and how it is undone."""

from __future__ import annotations

import os
import re
import types
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jupyter_assistants.kernels.figures import FigureWatch
from jupyter_assistants.kernels.ledger.files import FileChanges, FileSnapshots, FolderState
from jupyter_assistants.kernels.ledger.saved_objects import alike, never_changes
from jupyter_assistants.kernels.ledger.settings import SettingChange, SettingsSnapshot
from jupyter_assistants.kernels.ledger.snapshot import (
    LIBRARY_ERRORS,
    NamespaceSnapshot,
    SavedObject,
    take_snapshot,
)
from jupyter_assistants.protocol.errors import NotFound, UndoRefused

MAX_STEPS = 20
MAX_BYTES = 2 * 1024**3
MAX_NAMES = 200

_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_WORD = re.compile(r"[^\W\d]\w*")
_MISSING = object()

Json = dict[str, Any]
Undo = Literal["full", "partial", "none", "undone"]


@dataclass
class Step:
    """The changes of one piece of code.

    Parameters
    ----------
    bound
        The objects that changed and deleted variables named before.
    saved
        Objects that the code changed, with their content from before.
    after
        What the code touched, as it left it.
    lost
        What cannot be restored, one sentence each.
    rebound_since
        Variables that somebody else has rebound since; their objects were released.
    settings
        Settings of the process that the code changed.
    notes
        What else a person should know, one sentence each.
    """

    number: int
    id: str
    new: list[str]
    changed: list[str]
    deleted: list[str]
    bound: dict[str, Any]
    saved: list[SavedObject]
    after: NamespaceSnapshot
    files: FileChanges
    lost: list[str]
    undone: bool = False
    bytes: int = 0
    rebound_since: set[str] = field(default_factory=set)
    settings: list[SettingChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the code changed nothing."""
        files = self.files
        return not (
            *self.new,
            *self.changed,
            *self.deleted,
            *files.new,
            *files.changed,
            *files.deleted,
            *self.named_settings,
        )

    @property
    def named_settings(self) -> list[str]:
        """The names of the settings that the code changed."""
        return [change.name for change in self.settings if change.shown]

    @property
    def undo(self) -> Undo:
        """Whether it can be undone."""
        if self.undone:
            return "undone"
        if self.empty and not self.lost:
            return "none"
        return "partial" if self.lost else "full"

    def release(self, names: Mapping[str, Any], later: Sequence[Step]) -> None:
        """Release the objects of variables that somebody else has rebound or deleted since."""
        gone = {
            name
            for name, value in self.after.names.items()
            if not alike(names.get(name, _MISSING), value)
            and not any(step.bound.get(name, _MISSING) is value for step in later)
        }
        if gone:
            # A new variable that is deleted again is as it was before the step.
            self.rebound_since |= {name for name in gone if name in names or name not in self.new}
            values = [*self.bound.values(), *(saved.value for saved in self.saved)]
            self.after = self.after.part(set(self.after.names) - gone, *values)

    def wire(self) -> Json:
        """Return the :class:`~jupyter_assistants.protocol.steps.Changes` of the step as JSON."""
        shown = [name for name in self.new if not _is_module(self.after.names.get(name))]
        changes: Json = {
            "variables": {
                "new": _few(shown),
                "changed": _few(self.changed),
                "deleted": _few(self.deleted),
            },
            "files": {
                "new": _few(list(self.files.new)),
                "changed": _few(list(self.files.changed)),
                "deleted": _few(self.files.deleted),
            },
            "undo": self.undo,
            "step": self.number,
            "id": self.id,
        }
        if self.named_settings:
            changes["settings"] = _few(self.named_settings)
        if self.lost or self.notes:
            changes["note"] = " ".join([*self.lost, *self.notes])[:2000]
        return changes


@dataclass
class StepStart:
    """The state before a step."""

    code: str
    snapshot: NamespaceSnapshot
    folder: FolderState
    settings: SettingsSnapshot


@dataclass
class Ledger:
    """Records what steps change in one namespace, its folder and its process, and undoes them.

    Parameters
    ----------
    figures
        What watches the figures of the step.
    """

    steps: list[Step] = field(default_factory=list)
    figures: FigureWatch | None = None
    _count: int = 0
    _open: StepStart | None = None
    _files: FileSnapshots = field(default_factory=FileSnapshots)
    _made: dict[str, Callable[[], Any]] = field(default_factory=dict)

    def assistant_names(self, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names that an assistant's code bound, and nobody has bound again since."""
        return {
            name
            for name, value in self._made.items()
            if name in namespace and alike(namespace[name], value())
        }

    def begin(
        self, namespace: Mapping[str, Any], hidden: Mapping[str, Any], code: str, folder: Path
    ) -> None:
        """Snapshot the namespace and the folder before a step."""
        names = own_names(namespace, hidden)
        for index, step in enumerate(self.steps):
            step.release(names, self.steps[index + 1 :])
        snapshot = take_snapshot(names)
        state = self._files.snapshot_folder(folder)
        self._open = StepStart(code, snapshot, state, SettingsSnapshot())

    def drop(self) -> None:
        """Forget the state before a step of which nothing more will be known."""
        self._open = None

    def finish(self, namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> Step | None:
        """Return what the step has changed; None if none was begun."""
        start, self._open = self._open, None
        if start is None:
            return None
        self._count += 1
        before, names = start.snapshot, own_names(namespace, hidden)
        changed = before.changed()
        touched = before.names_leading_to({id(saved.value) for saved in changed})
        rebound = {n for n in before.names if n in names and not alike(names[n], before.names[n])}
        equal = {name for name in rebound if before.has_equal(before.names[name], names[name])}
        deleted = [name for name in before.names if name not in names]
        new = [name for name in names if name not in before.names]
        bound = {n: before.names[n] for n in before.names if n in touched | rebound | set(deleted)}
        left = {name: names[name] for name in [*new, *sorted(touched | rebound)] if name in names}
        self._made = {name: value for name, value in self._made.items() if name in names}
        self._made |= {name: _remembered(names[name]) for name in [*new, *sorted(rebound)]}
        after = take_snapshot(left, *bound.values(), *(saved.value for saved in changed))
        files = self._files.changes(start.folder)
        figures, self.figures = self.figures, None
        step = Step(
            number=self._count,
            id=os.urandom(8).hex(),
            new=new,
            changed=[n for n in names if n in touched or n in rebound - equal],
            deleted=deleted,
            bound=bound,
            saved=changed,
            after=after,
            files=files,
            lost=[*_unknown(before, start.code, rebound), *_lost_files(files)],
            bytes=sum(saved.kind.size(saved.value, saved.content) for saved in changed)
            + sum(_bytes(before.names[name]) for name in [*rebound, *deleted]),
            settings=start.settings.changes(start.code),
            notes=[figures.note] if figures is not None and figures.note else [],
        )
        self._add(step, start.folder)
        return step

    def _add(self, step: Step, folder: FolderState) -> None:
        self.steps.append(step)
        while len(self.steps) > MAX_STEPS or (
            len(self.steps) > 1 and sum(each.bytes for each in self.steps) > MAX_BYTES
        ):
            self.steps.pop(0)
        needed = {
            saved_file.sha256
            for each in self.steps
            for saved_file in each.files.saved_files.values()
        }
        self._files.forget(needed, folder.saved_files)

    def find(self, which: str = "") -> Step:
        """Return the step of this number or id; the newest that is not undone if none is named.

        Raises
        ------
        NotFound
            If there is none.
        """
        if not which:
            for step in reversed(self.steps):
                if step.undo in ("full", "partial"):
                    return step
            raise NotFound("No step of this kernel can be undone.")
        for step in self.steps:
            if which in (str(step.number), step.id):
                return step
        known = ", ".join(str(step.number) for step in self.steps) or "none"
        raise NotFound(
            f"There is no step {which} in this kernel (there are: {known}). The last {MAX_STEPS} "
            "steps are saved, and none over a restart."
        )

    def undo(
        self,
        namespace: dict[str, Any],
        hidden: Mapping[str, Any],
        which: str = "",
        *,
        force: bool = False,
    ) -> Json:
        """Undo a step; give what was restored and removed, and what could not be.

        Raises
        ------
        UndoRefused
            If something was changed since, unless ``force`` is given; or it is undone already.
        """
        step = self.find(which)
        if step.undone:
            raise UndoRefused(f"Step {step.number} is undone already.")
        others = self._conflicts(step, own_names(namespace, hidden))
        if others and not force:
            raise UndoRefused(
                f"Step {step.number} was not undone: {_listed(others)} changed since. "
                f"Undo later steps first, or `%assistant undo {step.number} --force` to lose that."
            )
        failed = [saved.value for saved in step.saved if not saved.restore()]
        broken = NamespaceSnapshot(
            step.bound | step.after.names, step.after.saved
        ).names_leading_to(set(map(id, failed)))
        for name in step.new:
            namespace.pop(name, None)
        namespace.update(step.bound)
        unrestored = [*sorted(broken), *self._files.undo(step.files)]
        unrestored += [each.name for each in step.settings if not each.restore() and each.shown]
        step.undone = True
        answer = self._report(step, unrestored)
        step.saved, step.bound, step.after = [], {}, NamespaceSnapshot({})
        step.settings = []
        return answer

    def _report(self, step: Step, unrestored: list[str]) -> Json:
        lost = list(step.lost)
        if unrestored:
            lost.append(f"{_listed(unrestored)} could not be restored.")
        variables = [name for name in [*step.changed, *step.deleted] if name not in unrestored]
        files = [n for n in [*step.files.changed, *step.files.deleted] if n not in unrestored]
        settings = [name for name in step.named_settings if name not in unrestored]
        return {
            "step": step.number,
            "id": step.id,
            "restored": variables + files + settings,
            "removed": [
                *(n for n in step.new if not _is_module(step.after.names.get(n))),
                *step.files.new,
            ],
            "note": " ".join(lost),
        }

    def _conflicts(self, step: Step, names: Mapping[str, Any]) -> list[str]:
        """Return the variables and files that are no longer as the step left them."""
        found = set(step.rebound_since)
        for name, value in step.after.names.items():
            if not alike(names.get(name, _MISSING), value) and (
                name in names or name not in step.new
            ):
                found.add(name)
        found |= {name for name in step.deleted if name in names}
        changed = {id(saved.value) for saved in step.after.changed()}
        if changed:
            every = NamespaceSnapshot(step.bound | step.after.names, step.after.saved)
            reached = every.names_leading_to(changed)
            inside = {id(v): n for n, v in names.items()}
            found |= reached or {inside.get(id_, "a value") for id_ in changed}
        settings = [each.name for each in step.settings if each.is_conflict]
        return [*sorted(found), *self._files.conflicts(step.files), *settings]


def _remembered(value: Any) -> Callable[[], Any]:
    """Return what gives a value back, without keeping a table in memory for it."""
    try:
        return weakref.ref(value)
    except TypeError:
        # Numbers, texts and containers of Python. A container is held until its name is bound again.
        return lambda: value


def own_names(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's names: not those of IPython, and none that begins with an underscore."""
    return {
        name: value
        for name, value in list(namespace.items())
        if isinstance(name, str)
        and not name.startswith("_")
        and name not in _OF_IPYTHON
        and not (name in hidden and hidden[name] is value)
    }


def _unknown(before: NamespaceSnapshot, code: str, rebound: set[str]) -> list[str]:
    """Name the variables that the code speaks of and that may have changed unseen.

    What stands for another object by now was most likely replaced, not changed.
    """
    spoken = set(_WORD.findall(code))
    named = [
        name
        for name, value in before.names.items()
        if name in spoken - rebound and id(value) in before.opaque and not never_changes(value)
    ]
    if not named:
        return []
    kinds = ", ".join(f"{name} ({type(before.names[name]).__name__[:60]})" for name in named[:20])
    return [f"What the code changed inside {kinds} cannot be seen, nor restored."]


def _lost_files(files: FileChanges) -> list[str]:
    if not files.lost:
        return []
    return [
        f"The old content of {_listed(files.lost)} was not saved: only 64 MB of files are, and none "
        "over 32 MB."
    ]


def _bytes(value: Any) -> int:
    """Return about how much memory a table or an array takes."""
    if str(type(value).__module__).partition(".")[0] not in ("pandas", "numpy"):
        return 0
    usage = getattr(value, "memory_usage", None)
    try:
        found = usage(deep=False) if usage is not None else getattr(value, "nbytes", 0)
        return int(found.sum() if hasattr(found, "sum") else found)
    except LIBRARY_ERRORS:
        return 0


def _is_module(value: Any) -> bool:
    return isinstance(value, types.ModuleType)


def _few(names: list[str]) -> list[str]:
    return [name[:200] for name in names[:MAX_NAMES]]


def _listed(names: list[str]) -> str:
    shown = [name[:100] for name in names[:10]]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more
