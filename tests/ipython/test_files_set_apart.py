"""Files that could be imported by chance, in cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession

pytestmark = pytest.mark.slow


def test_a_file_is_read_where_the_person_has_it_and_is_copied_nowhere(
    coder_kernel: KernelSession, coder_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('loaded')")
    code = "import json, os\nprint(os.listdir('/mnt/data'), open('/mnt/data/json.py').read())"
    cell = f"%%assistant --new --file {tmp_path}/json.py\n{blocks(code)}"
    before = set(coder_folder.iterdir())
    ran = coder_kernel.run(cell, answers=["y"])
    assert ran.status == "ok"
    questions = [
        message["data"]["text/plain"]
        for kind in ("display_data", "update_display_data")
        for message in ran.of_messages(kind)
        if "Run this code?" in message["data"].get("text/plain", "")
    ]
    # The question shows what runs, and the file lies where nothing is imported from.
    assert f"open('{tmp_path}/json.py')" in questions[0] and "/mnt/data" not in questions[0]
    assert "attached-files" not in questions[0]
    shown = "\n".join(ran.saved())
    assert "raise SystemExit('loaded')" in shown and "was copied" not in shown
    assert set(coder_folder.iterdir()) == before


def test_a_file_that_is_gone_from_its_place_is_set_apart_and_named(
    coder_kernel: KernelSession, coder_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('loaded')")
    asked = coder_kernel.run(f"%%assistant --new --file {tmp_path}/json.py\nHello", answers=["y"])
    assert asked.status == "ok"
    (tmp_path / "json.py").unlink()
    code = "import os\nprint(os.listdir('attached-files'))"
    ran = coder_kernel.run(f"%%assistant\n{blocks(code)}", answers=["y"])
    questions = [
        message["data"]["text/plain"]
        for kind in ("display_data", "update_display_data")
        for message in ran.of_messages(kind)
        if "Run this code?" in message["data"].get("text/plain", "")
    ]
    assert questions and "attached-files: json.py." in questions[0]
    shown = "\n".join(ran.saved())
    assert "['json.py']" in shown
    assert f"json.py was copied to {coder_folder / 'attached-files' / 'json.py'}" in shown
    assert not (coder_folder / "json.py").exists()
