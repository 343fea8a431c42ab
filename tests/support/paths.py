"""Where things lie in this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
DATA = TESTS / "data"
DOCUMENTS = DATA / "documents"
GOLDEN = TESTS / "golden"
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs"
PACKAGE = ROOT / "jupyter_assistants"
LEAN = TESTS / "support" / "lean"
"""Modules that stand in for slow ones that no test needs; first on the path of tests and servers."""
