"""Keys: from the environment, the keyring, or a file that only its owner can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_assistants.models.keys import Keys
from jupyter_assistants.protocol.errors import AssistantsError

KEY = "sk-canary-0815"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def filed(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "keys.json"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_key_comes_from_the_environment_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", f" {KEY}\n")
    filed(tmp_path, json.dumps({"lab": "another", "other": "filed"}))
    found = Keys(tmp_path).find({"lab": "LAB_KEY", "other": "OTHER_KEY", "none": ""})
    assert found == {"lab": KEY, "other": "filed"}


def test_without_anything_there_are_no_keys(tmp_path: Path) -> None:
    assert Keys(tmp_path).find({"lab": "NO_SUCH_KEY", "other": ""}) == {}


@needs_posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = filed(tmp_path, json.dumps({"lab": KEY}), mode)
    with pytest.raises(AssistantsError, match=f"mode {mode:04o}") as caught:
        Keys(tmp_path)
    assert f"chmod 600 {path}" in caught.value.message
    assert KEY not in caught.value.message


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    filed(tmp_path, json.dumps({"lab": KEY}), mode)
    assert Keys(tmp_path).find({"lab": ""}) == {"lab": KEY}


@pytest.mark.parametrize("text", [f"lab={KEY}", f'["{KEY}"]', f'{{"lab": ["{KEY}"]}}', ""])
def test_a_file_of_another_shape_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    filed(tmp_path, text)
    with pytest.raises(AssistantsError, match="one JSON object") as caught:
        Keys(tmp_path)
    assert KEY not in caught.value.message
    assert caught.value.__cause__ is None


def test_keys_are_not_shown(tmp_path: Path) -> None:
    filed(tmp_path, json.dumps({"lab": KEY}))
    assert KEY not in repr(Keys(tmp_path))


BACKEND = """
import threading
import keyring.backend

class Keyring(keyring.backend.KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        if username == "slow":
            threading.Event().wait()
        if username == "locked":
            raise keyring.errors.KeyringLocked("no")
        return f"{service}/{username}/key" if username == "lab" else None

    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...
"""


def ringed(tmp_path: Path, *names: str) -> dict[str, str]:
    """Look for keys in another process, whose keyring is the one above."""
    pytest.importorskip("keyring")
    (tmp_path / "backend_of_the_test.py").write_text(BACKEND)
    code = (
        "import json, pathlib; from jupyter_assistants.models.keys import Keys;"
        f"print(json.dumps(Keys(pathlib.Path({str(tmp_path)!r})).find({dict.fromkeys(names, '')})))"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "backend_of_the_test.Keyring",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_a_key_comes_from_the_keyring_before_the_file(tmp_path: Path) -> None:
    filed(tmp_path, json.dumps({"lab": "filed", "other": "filed"}))
    found = ringed(tmp_path, "lab", "other")
    assert found == {"lab": "jupyter-assistants/lab/key", "other": "filed"}


@pytest.mark.slow
def test_a_keyring_that_waits_for_somebody_holds_nothing_up(tmp_path: Path) -> None:
    filed(tmp_path, json.dumps({"slow": "filed"}))
    assert ringed(tmp_path, "lab", "slow")["slow"] == "filed"


def test_a_keyring_that_is_locked_is_passed_over(tmp_path: Path) -> None:
    filed(tmp_path, json.dumps({"locked": "filed"}))
    assert ringed(tmp_path, "locked") == {"locked": "filed"}
