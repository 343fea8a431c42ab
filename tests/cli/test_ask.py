"""The question of `jupyter assistants ask` before code runs in a live kernel."""

from __future__ import annotations

import io

import pytest

from jupyter_assistants.cli.ask import ask_person


def test_code_to_approve_is_printed_with_everything_that_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A terminal reads this as the title of its window, and Python reads the second line.
    code = "#\x1b]0;\nimport os\n#\x07\rdel x"
    request = {"place": "kernel 1", "code": code, "hints": ["deletes variables (line 4)"]}
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    assert ask_person(request)
    shown = capsys.readouterr().out
    assert "#⟨U+001B⟩]0;\nimport os\n#⟨U+0007⟩⟨U+000D⟩del x\n" in shown
    assert "  * deletes variables (line 4)" in shown and "\x1b" not in shown


class Terminal(io.StringIO):
    """A terminal where somebody types."""

    def isatty(self) -> bool:
        return True
