"""Real ways out of the sandbox, tried as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import escape
from support.sandboxes import needs_sandbox

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.default_sandbox import default_sandbox
from jupyter_assistants.kernels.environment import filter_environment
from jupyter_assistants.kernels.limits import KernelLimits

pytestmark = [pytest.mark.slow, needs_sandbox]

NOBODY = 65534
SECRETS = {
    "SENTRY_DSN": "https://canary@sentry",
    "GITHUB_PAT": "canary",
    "OPENAI_API_KEY": "canary",
}


@dataclass(frozen=True)
class User:
    """A user, the words that start a program as them, and a Python that they may start."""

    words: tuple[str, ...]
    python: str


@pytest.fixture(params=["this user", "this user, not mapped", "nobody"])
def user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> User:
    if request.param == "this user":
        return User((), sys.executable)
    # As where users cannot be mapped, or where the server is not root.
    monkeypatch.setattr(sandbox, "maps_users", lambda bwrap: False)
    if request.param == "this user, not mapped":
        if os.geteuid() != 0:
            pytest.skip("is what the test before does")
        return User((), sys.executable)
    python = shutil.which("python3", path="/usr/bin")
    if os.geteuid() != 0 or python is None or shutil.which("setpriv") is None:
        pytest.skip("needs root, setpriv and /usr/bin/python3, to become another user")
    # The Python of the tests may lie in a home that nobody else can enter.
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(site, "USER_BASE", "/nowhere")
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "/nowhere")
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
    return User(drop, python)


@pytest.fixture
def folder(user: User) -> Iterator[Path]:
    """The thread's folder, which belongs to the user."""
    folder = sandbox.make_socket_folder()
    if user.words:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """A folder that holds secrets."""
    return tmp_path


@pytest.mark.parametrize("grade", ["strict", "default"])
@pytest.mark.parametrize("old", [False, True], ids=["this bubblewrap", "one before 0.8"])
def test_no_way_out_of_the_sandbox_is_found(
    user: User, folder: Path, hidden: Path, old: bool, grade: str
) -> None:
    environ = {**os.environ, **SECRETS}
    box = sandbox.strict_sandbox(environ)
    if grade == "default":
        known = filter_environment(environ)
        readable = [Path.cwd()] if user.words else [Path.home(), Path.cwd()]
        box = default_sandbox(known, readable, [hidden])
    words = sandbox.command(box, folder, folder, environ)
    if old:
        words = [word for word in words if word != "--disable-userns"]
    script = folder / "escape.py"
    script.write_text(Path(escape.__file__).read_text())
    done = subprocess.run(
        [*user.words, *words, user.python, "-I", str(script)],
        env=sandbox.outer_environment(environ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    found_of_others = found.pop("of_others")
    assert not any(" leads to " in line for line in found_of_others), found_of_others
    assert found == {name: [] for name in found} and len(found) == 4
    assert not any("canary" in line for line in found_of_others), found_of_others


FORK = """
import os, sys
made = 0
try:
    while made < 60:
        if os.fork() == 0:
            sys.stdin.read()
            os._exit(0)
        made += 1
except BlockingIOError:
    pass
print(made)
"""


def test_the_system_refuses_a_sandbox_too_many_processes(
    user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = sandbox.strict_sandbox(os.environ)
    is_counted = user.words or sandbox.counts_processes(os.environ)
    words = sandbox.command(box, folder, folder, os.environ)
    monkeypatch.setattr(sys, "executable", user.python)
    limits = KernelLimits(processes=25).words(sandboxed=True)
    done = subprocess.run(
        [*user.words, *words, *limits, user.python, "-I", "-c", FORK],
        env=sandbox.outer_environment(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    made = int(done.stdout.split()[0])
    assert made < 25 if is_counted else made == 60, done
