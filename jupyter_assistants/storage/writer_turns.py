"""The turns of threads that write to a SQLite database."""

from __future__ import annotations

import threading
from types import TracebackType

from sqlalchemy.exc import OperationalError

from jupyter_assistants.protocol.errors import StorageUnavailable
from jupyter_assistants.storage.database import BUSY_SECONDS

SHORT_SECONDS = 1.0


class WriterTurns:
    """A lock that threads do not wait for without end.

    While another process holds the file, each writer waits for as long as SQLite does. Those behind it
    must not add these waits up: they would take every thread of the process, and reads, which the lock
    does not concern, would wait as well. So a writer waits for its turn only shortly once one has failed.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._failing = False

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=SHORT_SECONDS if self._failing else BUSY_SECONDS):
            raise StorageUnavailable(
                f"The database {self._name} cannot be used: other writers wait for it already. Try again."
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._failing = isinstance(error, OperationalError)
        self._lock.release()
