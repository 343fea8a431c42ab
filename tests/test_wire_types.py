"""The TypeScript types of the panel, which are written from the Python schema."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "labextension" / "scripts" / "wire_types.py"


def test_the_types_of_the_panel_are_those_of_the_schema() -> None:
    script = runpy.run_path(str(SCRIPT))
    rendered, written = script["render"](), script["TARGET"].read_text("utf-8")
    assert rendered == written, f"run: python {SCRIPT}"
