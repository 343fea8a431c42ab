"""A count of what is read from the database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def counted_reads() -> Iterator[Counter[str]]:
    """Count the statements that read one object, by the object's id."""
    found: Counter[str] = Counter()

    def count(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith("SELECT") and re.search(r"objects\.id = ", statement):
            found.update(str(value) for value in values)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", count)
