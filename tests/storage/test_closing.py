"""A storage in memory is closed while background threads still read it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from support.store_samples import message

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.storage.sql import SqlStorage


def read_until_closed(storage: SqlStorage, reading: threading.Event) -> str:
    while True:
        try:
            storage.list(Message, limit=100)
        except StorageError as error:
            return error.message
        reading.set()


def test_a_thread_that_reads_while_it_is_closed_gets_an_error() -> None:
    for _ in range(20):
        storage, reading = SqlStorage.in_memory(), threading.Event()
        storage.save(*(message(f"msg_{number}") for number in range(100)), owner="me")
        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read_until_closed, storage, reading) for _ in range(4)]
            assert reading.wait(60)
            storage.close()
            assert all("its tables are not those" in reader.result(60) for reader in readers)
