"""Files that code in cells lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession

pytestmark = pytest.mark.slow


def test_a_cell_lists_its_files_once(coder_kernel: KernelSession, coder_folder: Path) -> None:
    (coder_folder / "numbers.txt").write_text("10")
    code = "import os\nprint([name for name in os.listdir('/mnt/data') if 'numbers' in name])"
    cell = f"%%assistant --new --yes --file numbers.txt\n{blocks(code)}"
    ran = coder_kernel.run(cell)
    assert ran.status == "ok" and "['numbers.txt']" in "\n".join(ran.saved())
    assert not [name for name in coder_folder.iterdir() if name.name.startswith("file-")]
