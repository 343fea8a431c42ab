"""Another process on the same database: ``python -m support.store_worker <task> <url> <files> …``."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.storage.base import LeaseHeld
from jupyter_assistants.storage.sql import SqlStorage
from support.store_samples import item, message, run


def wait_for_the_start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def claim(storage: SqlStorage, run_id: str) -> None:
    """Try to claim one thread after another, each together with the other processes."""
    wait_for_the_start()
    for number in range(50):
        try:
            storage.acquire(f"thread_{number}", run_id, kind="thread", process=run_id, seconds=60)
        except LeaseHeld:
            continue
        print(f"thread_{number}", flush=True)


def once(storage: SqlStorage, _name: str) -> None:
    wait_for_the_start()
    for number in range(50):
        if storage.claim_once(f"key_{number}"):
            print(f"key_{number}", flush=True)


def replace(storage: SqlStorage, name: str) -> None:
    """Take one entry after another, each together with the other processes."""
    seen = {each.id: each for each in storage.list(VectorStoreFile, limit=100).data}
    wait_for_the_start()
    for number in range(50):
        old = seen[f"file-{number}"]
        if storage.replace(old, old.changed(attempt=name)):
            print(old.id, flush=True)


def write(storage: SqlStorage, name: str) -> None:
    wait_for_the_start()
    for number in range(200):
        storage.save(message(id=f"msg_{name}_{number}"), owner="me")


def write_for_ever(storage: SqlStorage, _name: str) -> None:
    """Print the ids of each three objects once they are acknowledged."""
    while True:
        three = (message(text="x" * 2000), item(output="y" * 2000), message())
        storage.save(run(), *three, owner="me")
        print(*(each.id for each in three), flush=True)


def open_only(url: str, files: str) -> None:
    wait_for_the_start()
    SqlStorage(url, Path(files)).close()


if __name__ == "__main__":
    task, url, files, name = sys.argv[1:]
    if task == "open_only":
        open_only(url, files)
    else:
        storage = SqlStorage(url, Path(files))
        tasks = {"claim": claim, "once": once, "replace": replace, "write": write}
        tasks["write_for_ever"] = write_for_ever
        tasks[task](storage, name)
        storage.close()
