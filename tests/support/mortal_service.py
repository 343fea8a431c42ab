"""Services that are killed: a process that forks one for each life, without the time that imports take.

``python -m support.mortal_service`` reads one JSON object a line: folder, database, seed, journal. For
each it forks a child that checks what earlier lives left, then works until it is killed. The child writes
what it does to the journal, whose lines survive the kill.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from jupyter_assistants.api import Service, build
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.config import Settings
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.files import CreateFile, File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.uploads import Upload, UploadPart
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.pages import every
from jupyter_assistants.storage.sql import SqlStorage

OWNER = "ada"
AT_ONCE = 4
SETTLE_SECONDS = 60.0


class Life:
    """One life of the service: what it does, and what it finds."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.folder = Path(order["folder"])
        self.url = str(order["database"])
        self.random = random.Random(order["seed"])
        self.life = int(order["life"])
        self.journal = Path(order["journal"])
        self.service: Service
        self.storage: Storage
        self.threads: list[str] = []

    def note(self, what: str, **fields: Any) -> None:
        """Append a line to the journal, in one write that a kill cannot cut in two."""
        line = json.dumps({"what": what, "life": self.life, **fields}) + "\n"
        file = os.open(self.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, line.encode())
        os.close(file)

    async def live(self) -> None:
        self.storage = SqlStorage(self.url, self.folder / "files")
        self.service = build(
            Settings(data_dir=self.folder, embedding_model="none"), storage=self.storage
        )
        await self.service.start()
        await self.check()
        self.note("checked")
        await asyncio.gather(*(self.work(number) for number in range(AT_ONCE)))

    # -- the work ---------------------------------------------------------------------------

    async def work(self, number: int) -> None:
        """Do one thing after another, each under a key of its own, until the end comes."""
        count = 0
        while True:
            count += 1
            key = f"{self.life}.{number}.{count}"
            act = self.random.choice([self.talk, self.talk, self.say, self.upload, self.attach])
            await act(key)

    async def post(self, key: str, path: str, received: Any = None, **body: Any) -> Any:
        """Send a request with a key, noted before it is sent and once it is answered."""
        self.note("asked", key=key, path=path, body=None if received else body)
        route, names = find("POST", path)
        result = await perform(
            self.service, OWNER, route, names, body=body, received=received, key=key
        )
        answer = result.wire()
        self.note("answered", key=key, path=path, id=answer["id"])
        return answer

    async def talk(self, key: str) -> None:
        body = {"metadata": {"key": key}, "messages": [{"role": "user", "content": "hello"}]}
        thread = await self.post(f"{key}.thread", "/threads", **body)
        assistant = await self.post(f"{key}.a", "/assistants", model="demo", metadata={"key": key})
        run = await self.post(
            f"{key}.run",
            f"/threads/{thread['id']}/runs",
            assistant_id=assistant["id"],
            metadata={"key": f"{key}.run"},
        )
        while not is_over(stored := self.storage.get(Run, run["id"])):
            await asyncio.sleep(0.005)
        self.note("ended", id=stored.id, status=stored.status)
        self.threads.append(thread["id"])

    async def say(self, key: str) -> None:
        if self.threads:
            thread_id = self.random.choice(self.threads)
            body = {"role": "user", "content": "more", "metadata": {"key": key}}
            await self.post(f"{key}.m", f"/threads/{thread_id}/messages", **body)
        else:
            await self.talk(key)

    def received(self, data: bytes, fields: Any) -> Any:
        writer = self.storage.write_file()
        writer.write(data)
        return writer, ReceivedFile("a.txt", writer.commit(), fields)

    async def upload(self, key: str) -> None:
        data = f"text of {key} ".encode() * self.random.randrange(1, 2000)
        upload = await self.post(
            f"{key}.u",
            "/uploads",
            bytes=len(data),
            filename="a.txt",
            mime_type="text/plain",
            purpose="assistants",
        )
        writer, received = await asyncio.to_thread(self.received, data, None)
        with writer:
            part = await self.post(f"{key}.p", f"/uploads/{upload['id']}/parts", received)
        done = await self.post(
            f"{key}.c", f"/uploads/{upload['id']}/complete", part_ids=[part["id"]]
        )
        self.note("stored", id=done["file"]["id"], sha256=hashlib.sha256(data).hexdigest())

    async def attach(self, key: str) -> None:
        data = f"A fact about {key}. ".encode() * 50
        fields = CreateFile(purpose="assistants")
        writer, received = await asyncio.to_thread(self.received, data, fields)
        with writer:
            file = await self.post(f"{key}.f", "/files", received)
        self.note("stored", id=file["id"], sha256=hashlib.sha256(data).hexdigest())
        await self.post(f"{key}.v", "/vector_stores", file_ids=[file["id"]], metadata={"key": key})

    # -- the checks -------------------------------------------------------------------------

    async def check(self) -> None:
        """Note what is wrong with what earlier lives left."""
        notes = [json.loads(line) for line in self.journal.read_text().splitlines()]
        past = [each for each in notes if each["life"] == self.life - 1]
        await self.check_answers(past)
        await self.check_repetition(past)
        await self.check_settled()
        for wrong in await asyncio.to_thread(lambda: [*self.doubled(), *self.orphans()]):
            self.note("wrong", text=wrong)

    async def check_answers(self, past: list[dict[str, Any]]) -> None:
        """What was acknowledged is there, and as it was."""
        kinds = {
            "thread": Thread, "msg": Message, "run": Run, "upload": Upload, "part": UploadPart,
            "vs": VectorStore, "file": File,
        }  # fmt: skip
        for each in past:
            kind = kinds.get(str(each.get("id", "")).split("_")[0].split("-")[0])
            if each["what"] == "answered" and kind is not None and kind is not UploadPart:
                try:
                    self.storage.get(kind, each["id"])
                except AssistantsError as error:
                    self.note("wrong", text=f"{each['path']} was answered and is lost: {error}")
            elif each["what"] == "ended":
                found = self.storage.get(Run, each["id"]).status
                if found != each["status"]:
                    self.note("wrong", text=f"{each['id']} was {each['status']} and is {found}")
            elif each["what"] == "stored":
                file = self.storage.get(File, each["id"])
                with self.storage.open_file(file.jupyter.sha256) as content:
                    if hashlib.sha256(content.read()).hexdigest() != each["sha256"]:
                        self.note("wrong", text=f"the bytes of {each['id']} are others")

    async def check_repetition(self, past: list[dict[str, Any]]) -> None:
        """Each request that was cut off can be repeated, and finds what it made."""
        answered = {each["key"]: each["id"] for each in past if each["what"] == "answered"}
        for each in past:
            if each["what"] != "asked" or each["body"] is None:
                continue  # the bytes of a form are gone with the process
            route, names = find("POST", each["path"])
            try:
                result = await perform(
                    self.service, OWNER, route, names, body=each["body"], key=each["key"]
                )
            except AssistantsError as error:
                self.note("wrong", text=f"repeated {each['path']}: {error}")
                continue
            found = result.wire()["id"]
            if each["key"] in answered and found != answered[each["key"]]:
                self.note("wrong", text=f"repeated {each['path']} made {found} once more")

    async def check_settled(self) -> None:
        """Every run ends, every thread is free, every file is read."""

        def unsettled() -> list[str]:
            runs = [r.id for r in every(self.storage, Run) if not is_over(r)]
            leases = [lease.resource for lease in self.storage.leases("thread")]
            files = [
                f.storage_id for f in every(self.storage, VectorStoreFile, status="in_progress")
            ]
            return [*runs, *leases, *files]

        end = time.monotonic() + SETTLE_SECONDS
        while left := await asyncio.to_thread(unsettled):
            if time.monotonic() > end:
                self.note("wrong", text=f"stuck: {', '.join(left[:5])}")
                return
            await asyncio.sleep(0.05)

    def doubled(self) -> list[str]:
        """Nothing was made twice: each key names one object of its kind."""
        wrong = []
        for kind in (Thread, Message, Run, VectorStore):
            keys = Counter(
                each.metadata["key"]
                for each in every(self.storage, kind)  # type: ignore[type-var]
                if each.metadata.get("key")  # type: ignore[attr-defined]
            )
            wrong += [
                f"{number} of {kind.kind} {key}" for key, number in keys.items() if number > 1
            ]
        return wrong

    def orphans(self) -> list[str]:
        """Nothing belongs to what is not there."""
        threads = {each.id for each in every(self.storage, Thread)}
        runs = every(self.storage, Run)
        messages = every(self.storage, Message)
        return [
            f"{each.id} has no thread"
            for each in (*runs, *messages)
            if each.thread_id not in threads
        ]


def main() -> None:
    """Fork a child for each order, and wait for it to be killed before the next."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            life = Life(order)
            try:
                asyncio.run(life.live())
            except BaseException:
                life.note("wrong", text=traceback.format_exc())
            os._exit(1)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("over", flush=True)


if __name__ == "__main__":
    main()
