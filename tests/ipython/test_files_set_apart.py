"""Files that could be imported by chance, in cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession

pytestmark = pytest.mark.slow


def test_the_question_and_the_card_name_files_that_are_set_apart(
    coder_kernel: KernelSession, coder_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('loaded')")
    code = "import os\nprint(os.listdir('/mnt/data/attached-files'))"
    cell = f"%%assistant --new --file {tmp_path}/json.py\n{blocks(code)}"
    ran = coder_kernel.run(cell, answers=["y"])
    assert ran.status == "ok"
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
