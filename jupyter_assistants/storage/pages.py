"""Lists of stored objects, read to their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from jupyter_assistants.storage.base import Storage, W

_PAGE = 500


def every(
    storage: Storage,
    kind: type[W],
    *,
    owner: str | None = None,
    parent: str | None = None,
    key: str | None = None,
    status: str | None = None,
    order: Literal["asc", "desc"] = "desc",
) -> Iterator[W]:
    """Yield all objects of a list, page by page. Blocking.

    For the filters see :meth:`.base.Storage.list`.
    """
    after: str | None = None
    more = True
    while more:
        page = storage.list(
            kind,
            owner=owner,
            parent=parent,
            key=key,
            status=status,
            limit=_PAGE,
            order=order,
            after=after,
        )
        yield from page.data
        more = page.has_more
        after = page.data[-1].storage_id if page.data else None
