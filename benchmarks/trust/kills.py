"""``kill -9`` in the middle of mixed work, again and again on the same database.

A case is one kill. The life after it checks what was acknowledged, repeats what was cut off, waits until
everything is settled, and works on until it is killed in turn. SQLite and PostgreSQL take turns.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from support.paths import ROOT
from support.postgresql_server import installed, postgresql_server
from support.waiting import until

from benchmarks.trust.campaign import Deadline, Outcome

LIVES_OF_A_DATABASE = 25
"""Then a new one: every life checks everything, which takes longer with each."""
LONGEST_WORK_SECONDS = 1.0
CHECK_SECONDS = 180.0


class Kills:
    """The campaign."""

    title: ClassVar[str] = "kills of a service during mixed work"
    aim: ClassVar[str] = "objects lost, doubled, orphaned, stuck"
    full: ClassVar[int] = 1_000
    small: ClassVar[int] = 6

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Kill services until all cases ran or the deadline has passed."""
        drawn = random.Random(seed)
        done, failures = 0, []
        requests: Counter[str] = Counter()
        with ExitStack() as stack:
            databases = [None]
            if installed():
                databases.append(stack.enter_context(postgresql_server()))
            kinds = " and ".join(["SQLite", "PostgreSQL"][: len(databases)])
            nursery = stack.enter_context(Nursery())
            number = 0
            lives = min(LIVES_OF_A_DATABASE, max(2, cases // len(databases)))
            while done < cases and not deadline.passed:
                server = databases[number % len(databases)]
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                url = f"sqlite:///{folder}/objects.sqlite" if server is None else server.create()
                family = Family(nursery, folder, url, drawn)
                done += family.grow(min(lives, cases - done), deadline)
                failures += [f"{url.partition(':')[0]}, seed {seed}: {w}" for w in family.wrong()]
                requests += family.requests()
                number += 1
        asked, cut = requests["asked"], requests["asked"] - requests["answered"]
        note = f"on {kinds}, {asked:,} requests, {cut:,} of them cut off" + (
            "" if done >= cases else ", ended by the clock"
        )
        return Outcome(done, failures, note)


class Nursery:
    """The process that forks services."""

    def __enter__(self) -> Nursery:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.mortal_service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def bear(self, order: dict[str, object]) -> int:
        """Return the number of a new service's process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def kill(self, child: int) -> None:
        # One that failed has ended by itself, and its journal says why.
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert self._line() == "over"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass
class Family:
    """The lives of one database."""

    nursery: Nursery
    folder: Path
    url: str
    random: random.Random
    _lines: list[str] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def grow(self, lives: int, deadline: Deadline) -> int:
        """Kill so many lives; one more checks what the last one left. Return how many were killed."""
        self.journal.touch()
        killed = 0
        for life in range(lives + 1):
            last = life == lives or deadline.passed
            order = {
                "folder": str(self.folder),
                "database": self.url,
                "journal": str(self.journal),
                "seed": self.random.random(),
                "life": life,
            }
            child = self.nursery.bear(order)
            until(lambda life=life: self._is_checked(life), seconds=CHECK_SECONDS)  # type: ignore[misc]
            if not last:
                time.sleep(self.random.uniform(0.02, LONGEST_WORK_SECONDS))
            self.nursery.kill(child)
            if last or self._has_failed():
                break
            killed += 1
        return killed

    def _is_checked(self, life: int) -> bool:
        checked = any(n["what"] == "checked" and n["life"] == life for n in self._notes())
        return checked or self._has_failed()

    def _has_failed(self) -> bool:
        return any(n["what"] == "wrong" and "Traceback" in n["text"] for n in self._notes())

    def requests(self) -> Counter[str]:
        """Return how many requests were begun, and how many of these were answered."""
        return Counter(n["what"] for n in self._notes() if n["what"] in ("asked", "answered"))

    def wrong(self) -> list[str]:
        """Return what the lives found."""
        return [
            f"life {note['life']}: {note['text']}"
            for note in self._notes()
            if note["what"] == "wrong"
        ]

    def _notes(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]
