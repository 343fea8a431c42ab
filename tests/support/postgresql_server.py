"""A PostgreSQL server of a test's own, which the test can stop and start."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.live_server import free_port

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def installed() -> bool:
    """Return whether there are programs to start one with."""
    return bool(_BINARIES)


@dataclass
class PostgresqlServer:
    """A cluster in a folder of its own."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self.folder}"
        )
        log = str(self.folder / "log")
        self._control("-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would: connections are cut."""
        self._control("-m", "immediate", "-w", "stop")

    def create(self) -> str:
        """Create an empty database and return its address."""
        name = f"db_{uuid.uuid4().hex}"
        words = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "tester", name]
        _run(str(_BINARIES[-1] / "createdb"), *words)
        return f"postgresql://tester@127.0.0.1:{self.port}/{name}"

    def _control(self, *words: str) -> None:
        _run(str(_BINARIES[-1] / "pg_ctl"), "-D", str(self.folder / "data"), *words)


def _run(*command: str) -> None:
    # PostgreSQL refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextlib.contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Run a new cluster until the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    server = PostgresqlServer(folder, free_port())
    initdb = str(_BINARIES[-1] / "initdb")
    try:
        _run(initdb, "-D", str(folder / "data"), "-U", "tester", "-A", "trust", "--no-sync")
        server.start()
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
