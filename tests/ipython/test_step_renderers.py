"""How steps are drawn in a cell: by the renderer of their kind, ours or another package's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.distributions import write_distribution

from jupyter_assistants import registry
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.render import render
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.step_renderers import STEP_RENDERER_GROUP
from jupyter_assistants.protocol.transcript import Transcript

RENDERERS = """
from jupyter_assistants.ipython.step_renderers import StepRenderer


class ClockRenderer(StepRenderer):
    ended_verb = "Looked at"

    def name(self, entry):
        return "the clock"


class BrokenRenderer(StepRenderer):
    def blocks(self, entry, scene):
        raise RuntimeError("broken on purpose")
"""
ENTRY_POINTS = """
[jupyter_assistants.step_renderers]
clock = toy_renderers:ClockRenderer
broken = toy_renderers:BrokenRenderer
wrong = toy_renderers:registry_has_no_such_name
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    write_distribution(tmp_path, "toy-renderers", ENTRY_POINTS, {"toy_renderers": RENDERERS})
    monkeypatch.syspath_prepend(tmp_path)
    registry.forget()
    yield
    monkeypatch.undo()
    registry.forget()


def drawn(kind: str, body: dict[str, Any], **extension: Any) -> list[DisplayBlock]:
    """Return the blocks of one step with one call."""
    transcript = Transcript()
    call = {"id": "call_1", "type": kind, kind: body}
    transcript.fold(
        "thread.run.step.completed",
        {
            "id": "step_1",
            "status": "completed",
            "step_details": {"type": "tool_calls", "tool_calls": [call]},
            "jupyter": {"calls": {"call_1": {"status": "ok", "seconds": 0.5, **extension}}},
        },
    )
    return render(transcript.view(), Scene(ended=""))[:-1]


def test_a_kind_without_a_renderer_gets_a_card() -> None:
    [card] = drawn("weather", {"arguments": '{"city": "Graz"}', "output": "sunny"})
    assert card.data["text/plain"] == (
        'Called weather · 0.5 s · ok\n    {"city": "Graz"}\n    sunny'
    )


def test_a_renderer_of_another_package_overrides_what_differs(plugins: None) -> None:
    [card] = drawn("clock", {"arguments": "{}", "output": "<b>12:00</b>"})
    assert card.data["text/plain"].startswith("Looked at the clock · 0.5 s · ok")
    assert "<b>" not in card.data["text/html"] and "12:00" in card.data["text/html"]


@pytest.mark.parametrize("kind", ["broken", "wrong"])
def test_a_renderer_that_does_not_work_is_replaced_by_the_card(plugins: None, kind: str) -> None:
    [card] = drawn(kind, {"arguments": "{}", "output": "still here"})
    assert "still here" in card.data["text/markdown"]
    assert [failure.entry.name for failure in STEP_RENDERER_GROUP.failures()] == [kind]


@pytest.mark.parametrize(
    ("language", "title", "fence"),
    [
        (None, "Ran Python", "```python\n"),
        ("R", "Ran R", "```r\n"),
        ("Julia", "Ran Julia", "```julia\n"),
    ],
)
def test_code_is_named_by_its_language(language: str | None, title: str, fence: str) -> None:
    [card] = drawn("code_interpreter", {"input": "1 + 1"}, language=language)
    assert card.data["text/plain"].startswith(f"{title} · ")
    assert fence in card.data["text/markdown"]
    assert f'class="language-{fence[3:-1]}"' in card.data["text/html"]
