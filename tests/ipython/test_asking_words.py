"""``%assistant ask``, ``fix`` and ``replay`` in a real kernel, and what Tab offers after words."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.kernel_session import KernelSession
from support.upstream import Upstream

from jupyter_assistants.ipython.commands.ask import leading_options


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("what's the mean?", ("", "what's the mean?")),
        ("--yes -m 'a b' how many", ("--yes -m 'a b'", "how many")),
        ("--instructions=short -n hello -y", ("--instructions=short -n", "hello -y")),
        ("--unknown hello", ("", "--unknown hello")),
        ("-f", ("-f", "")),
    ],
)
def test_options_come_first_and_the_rest_is_the_prompt(
    line: str, expected: tuple[str, str]
) -> None:
    assert leading_options(line) == expected


def test_ask_is_a_cell_on_one_line(coder_kernel: KernelSession, coder: Upstream) -> None:
    ran = coder_kernel.run("%assistant ask --new --yes what's this?")
    assert ran.status == "ok" and ran.saved()[1] == "Done."
    assert "what's this?" in str(coder.body["messages"][-1])
    assert "Ask what?" in coder_kernel.run("%assistant ask --yes").reply["evalue"]


def test_ask_works_between_other_lines_as_well(coder_kernel: KernelSession) -> None:
    ran = coder_kernel.run("before = 1\n%assistant ask --yes hello\nprint('after', before)")
    assert ran.status == "ok" and "after 1" in ran.text and "Done." in ran.saved()


def test_fix_sends_the_failing_cell_and_proposes_another(
    coder_kernel: KernelSession, coder: Upstream
) -> None:
    failing = "total = 6\n\nprint(totl / 2)"
    assert coder_kernel.run(failing).status == "error"
    ran = coder_kernel.run("%assistant fix --yes be kind")
    sent = str(coder.body["messages"][-1]["content"])
    assert "print(totl / 2)" in sent and "name 'totl' is not defined" in sent
    assert "be kind" in sent and "/IPython/core/" not in sent and "{source}" not in sent
    [payload] = ran.reply["payload"]
    assert payload["text"] == "total = 6\nprint(total / 2)"
    assert "-print(totl / 2)\n+print(total / 2)" in ran.saved()[-1]
    assert "The name was wrong." in ran.saved()[0]


def test_fix_knows_syntax_errors_and_stays_with_the_cell_that_failed(
    coder_kernel: KernelSession, coder: Upstream
) -> None:
    coder_kernel.run("print('unclosed)")
    coder_kernel.run("fine = 1")
    coder_kernel.run("%assistant fix --yes")
    assert "print('unclosed)" in str(coder.body["messages"][-1]["content"])


def test_replay_runs_the_last_answer_or_a_file_again(
    coder_kernel: KernelSession, coder_folder: Path
) -> None:
    coder_kernel.run(
        "%%assistant --new --yes --record word.recording.json\n```python\nprint(6 * 7)\n```"
    )
    for line in ("%assistant replay --yes", "%assistant replay word.recording.json --yes --strict"):
        ran = coder_kernel.run(line)
        assert "Replayed: every output agrees" in ran.saved()[-1], ran.outputs
    said = coder_kernel.run("%assistant replay nothing.json").reply["evalue"]
    assert "No recordings can be read from nothing.json" in said


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%assistant pro", "promote"),
        ("%assistant undo --f", "--force"),
        ("%assistant promote --c", "--check"),
        ("%assistant export --thread thr", "thread_"),
        ("%assistant program ja", "javascript"),
        ("%assistant replay word", "word.recording.json"),
        ("%assistant ask --m", "--model"),
        ("%%assistant --re", "--replay"),
        ("%%assistant --record word", "word.recording.json"),
        ("%assistant program -a not", "notebook"),
    ],
)
def test_tab_knows_words_options_and_their_values(
    coder_kernel: KernelSession, coder_folder: Path, code: str, expected: str
) -> None:
    (coder_folder / "word.recording.json").touch()
    reply = coder_kernel.client.complete(code, len(code), reply=True, timeout=30)
    matches = reply["content"]["matches"]
    assert any(expected in match for match in matches), matches


def test_what_a_question_takes_and_sends_is_shown(coder_kernel: KernelSession) -> None:
    coder_kernel.run("numbers = [1, 2]")
    coder_kernel.run("%assistant ask --new hello")
    assert "numbers: list, 2 items" in coder_kernel.run("%assistant vars").saved()[0]
    cost, why = coder_kernel.run("%assistant cost").saved()
    assert "18" in cost and "JupyterAssistantsApp.prices" in why
    [doctor] = coder_kernel.run("%assistant doctor").saved()
    assert "problem" in doctor and "Server" in doctor
