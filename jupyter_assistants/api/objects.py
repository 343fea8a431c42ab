"""Stored objects for code on an event loop, and the checks that several resources make of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, ThreadLocked
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.pages import Page, PageQuery
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.tools import ToolResources
from jupyter_assistants.protocol.vector_stores import VectorStore
from jupyter_assistants.storage import unit_of_work
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.pages import every

W = TypeVar("W", bound=WireObject)

MOST_CODE_FILES = 20


@dataclass(frozen=True)
class Objects:
    """Objects in storage. Methods that are not coroutines block."""

    storage: Storage

    async def get(self, kind: type[W], id: str, owner: str) -> W:
        """Return one object of this owner."""
        return await asyncio.to_thread(self.storage.get, kind, id, owner=owner)

    async def save(self, *objects: WireObject, owner: str) -> None:
        """Persist objects."""
        await asyncio.to_thread(unit_of_work.save, self.storage, *objects, owner=owner)

    async def delete(self, id: str) -> None:
        """Delete an object, with those that belong to it."""
        await asyncio.to_thread(self.storage.delete, id)

    async def page(
        self,
        kind: type[W],
        owner: str,
        query: PageQuery,
        *,
        parent: str | None = None,
        key: str | None = None,
    ) -> Page[W]:
        """Return a page of objects of this owner."""
        return await asyncio.to_thread(
            self.storage.list,
            kind,
            owner=owner,
            parent=parent,
            key=key,
            limit=query.limit,
            order=query.order,
            after=query.after,
            before=query.before,
        )

    def every(self, kind: type[W], owner: str) -> Iterator[W]:
        """Yield all objects of a kind of this owner, page by page."""
        return every(self.storage, kind, owner=owner)

    def steps_of(self, run_id: str) -> Iterator[RunStep]:
        """Yield the steps of a run, oldest first."""
        return every(self.storage, RunStep, parent=run_id, order="asc")

    async def check_files(self, owner: str, ids: list[str], param: str) -> None:
        """Check that file ids named in a body are files of this owner.

        Raises
        ------
        NotFound
            For the first that is not.
        """

        def check() -> None:
            for file_id in ids:
                try:
                    self.storage.get(File, file_id, owner=owner)
                except NotFound:
                    raise NotFound.of("file", file_id, param=param) from None

        await asyncio.to_thread(check)

    async def check_resources(self, owner: str, resources: ToolResources | None) -> None:
        """Check the files and the vector stores that tool resources name."""
        if resources is not None and resources.code_interpreter is not None:
            ids = resources.code_interpreter.file_ids
            await self.check_files(owner, ids, "file_ids")
        if resources is not None and resources.file_search is not None:
            for id in resources.file_search.vector_store_ids:
                try:
                    await self.get(VectorStore, id, owner)
                except NotFound:
                    raise NotFound.of("vector_store", id, param="vector_store_ids") from None

    async def check_thread_is_free(self, thread_id: str, *, adding: bool) -> None:
        """Check that no run is active on a thread.

        Raises
        ------
        ThreadLocked
            With the protocol's text for new messages (``adding``) or for a second run.
        """
        lease = await asyncio.to_thread(self.storage.lease, thread_id)
        if lease is not None:
            raise ThreadLocked(thread_id, lease.subject, adding=adding)


def merged(
    old: ToolResources, new: ToolResources, *, may_lift_sandbox: bool = True
) -> ToolResources:
    """Return tool resources after an update: a tool in ``new`` replaces its entry in ``old``.

    A sandbox stays if ``new`` does not mention it: who adds a file does not mean to let code out.

    Parameters
    ----------
    may_lift_sandbox
        Whether ``sandbox: false`` in ``new`` ends it. Not for a run: its assistant decides.
    """
    changes = {name: value for name, value in new if value is not None}
    before, after = old.code_interpreter, new.code_interpreter
    had_one = before is not None and bool(before.sandbox)
    if had_one and after is not None and (after.sandbox is None or not may_lift_sandbox):
        changes["code_interpreter"] = after.model_copy(update={"sandbox": True})
    return old.model_copy(update=changes)


def check_file_count(resources: ToolResources) -> None:
    """Check that attachments did not bring more files than the code interpreter accepts.

    Raises
    ------
    InvalidRequest
        Above 20 files.
    """
    files = resources.code_interpreter.file_ids if resources.code_interpreter else []
    if len(files) > MOST_CODE_FILES:
        text = (
            "Invalid 'attachments': array too long. Expected an array with maximum length "
            f"{MOST_CODE_FILES}, but got an array with length {len(files)} instead."
        )
        raise InvalidRequest(text, param="attachments", code="array_above_max_length")
