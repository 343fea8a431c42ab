"""The files of a thread, and what file_search found in it: everything an answer can refer to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from jupyter_assistants.kernels.attached_files import attached_names
from jupyter_assistants.models.base import Image
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Annotation, Message
from jupyter_assistants.protocol.own_paths import MOUNT
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CodeInterpreterCall, ImageOutput, RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.citations import CitedPassage, sources
from jupyter_assistants.runs.file_links import annotate, unknown_links, unknown_marks
from jupyter_assistants.runs.prompt.images import MAX_IMAGE_BYTES, image_of
from jupyter_assistants.storage.background import outlast
from jupyter_assistants.storage.base import Storage

NEWEST = 1000
"""How many files and steps of earlier runs an answer can refer to."""


def names_of(files: Iterable[File]) -> dict[str, str]:
    """Return the name that each file takes for code in ``/mnt/data``, by the file's id."""
    return attached_names(
        (f.id, f.filename, f.jupyter.sha256, bool(f.jupyter.apart)) for f in files
    )


class ThreadFiles:
    """Files that code reads and has written, new images, and sources of citations.

    Attributes
    ----------
    named
        Files for code, by id: the name that each has in ``/mnt/data``, and the file.
    new_images
        Ids of images made by code that no message shows yet.
    """

    def __init__(self, storage: Storage, owner: str, run: Run, thread: Thread) -> None:
        self._storage = storage
        self._owner = owner
        self._run = run
        self._thread = thread
        self.named: dict[str, tuple[str, File]] = {}
        self.new_images: list[str] = []
        self._loose: list[str] = []
        self._written: dict[str, str] = {}
        self._sources: dict[str, CitedPassage] = {}

    @property
    def mounted(self) -> list[File]:
        """Return the files for code, each with the name that it has there."""
        return [file.changed(filename=name) for name, file in self.named.values()]

    @property
    def paths(self) -> dict[str, tuple[str, File]]:
        """Return the path that code has to use for each file, and the file, by its id.

        In a person's kernel it is where the person has the file: nothing is copied that the kernel can
        see, so what the model is told, what code reads and what the person has are one file.
        """
        run, resources = self._run, self._run.tool_resources
        others = self._thread.tool_resources
        is_live = resources.live_kernel(others) is not None
        if run.jupyter.place == "caller" and not resources.sandboxed(others):
            is_live = True
        own = run.context.files if is_live and run.context else {}
        return {
            id: (own.get(id) or (name if is_live else f"{MOUNT}/{name}"), file)
            for id, (name, file) in self.named.items()
        }

    @property
    def loose(self) -> list[str]:
        """Return the ids of files for code that no message attaches."""
        return self._loose

    def load(self, history: Sequence[Message | Item]) -> None:
        """Read the files that the run, its thread and the messages name for code. Blocking."""
        attached = [i for entry in history if isinstance(entry, Message) for i in _for_code(entry)]
        resources = (
            self._run.tool_resources.code_interpreter,
            self._thread.tool_resources.code_interpreter,
        )
        listed = [i for each in resources if each for i in each.file_ids]
        files = list(self._existing([*listed, *attached]))
        names = names_of(files)
        self.named = {file.id: (names[file.id], file) for file in files}
        self._loose = [file.id for file in files if file.id not in set(attached)]

    def _existing(self, ids: Sequence[str]) -> Iterator[File]:
        for file_id in dict.fromkeys(ids):
            try:
                yield self._storage.get(File, file_id, owner=self._owner)
            except NotFound:
                continue

    def image(self, file_id: str) -> Image | None:
        """Read an image; None if there is none that a model can be shown. Blocking."""
        try:
            file = self._storage.get(File, file_id, owner=self._owner)
        except NotFound:
            return None
        if file.bytes > MAX_IMAGE_BYTES:
            return None
        with self._storage.open_file(file.jupyter.sha256) as stream:
            return image_of(stream.read())

    def restore(self, step: RunStep) -> None:
        """Note a step of an earlier drive of the run."""
        if step.type == "message_creation":
            self.new_images.clear()
        else:
            self.add_step(step)

    def add_step(self, step: RunStep) -> None:
        """Note the images, files and sources of a step of tool calls."""
        for call in getattr(step.step_details, "tool_calls", []):
            if isinstance(call, CodeInterpreterCall):
                outputs = call.code_interpreter.outputs
                self.new_images += [o.image.file_id for o in outputs if isinstance(o, ImageOutput)]
        self._sources |= sources(step)
        for extension in step.jupyter.calls.values():
            # The newest file of a name wins.
            self._written |= {file.filename: file.file_id for file in extension.files}

    def annotations(self, text: str) -> list[Annotation]:
        """Return the annotations of an answer's text."""
        return annotate(text, self._written, self._sources)

    async def look_up(self, text: str) -> None:
        """Read what earlier runs wrote and found, if the text refers to something unknown."""
        # In a thread: the answer may be long, and nothing but links.
        if await asyncio.to_thread(unknown_links, text, self._written):
            await outlast(self._load_written)
        if await asyncio.to_thread(unknown_marks, text, self._sources):
            await outlast(self._load_sources)

    def _load_written(self) -> None:
        written = self._storage.list(File, owner=self._owner, key="assistants_output", limit=NEWEST)
        for file in written.data:
            if file.jupyter.thread_id == self._run.thread_id:
                self._written.setdefault(file.filename, file.id)

    def _load_sources(self) -> None:
        steps = self._storage.list(
            RunStep, owner=self._owner, key=self._run.thread_id, limit=NEWEST
        )
        for step in steps.data:
            self._sources = sources(step) | self._sources


def _for_code(message: Message) -> list[str]:
    attachments = message.attachments or []
    return [a.file_id for a in attachments if any(t.type == "code_interpreter" for t in a.tools)]
