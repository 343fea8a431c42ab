"""The buttons below a piece of code, and the decision that a person makes with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_ROWS = 24


@dataclass(frozen=True)
class Decision:
    """The decision of a person, or of the policy, about one piece of code.

    Parameters
    ----------
    reason
        The person's reason for a rejection; the model reads it.
    always
        Whether it also covers the later code of the thread.
    sha256
        The hash of the code that it covers.
    code
        The code to run instead, where the person has edited it.
    """

    approved: bool
    reason: str = ""
    always: bool = False
    sha256: str = ""
    code: str = ""

    def covers(self, code: str) -> bool:
        """Return whether exactly this code may run."""
        return self.approved and self.sha256 == fingerprint(code)

    def text(self) -> str:
        """Return the line that stays in the notebook."""
        if not self.approved:
            return f"Rejected: {self.reason}" if self.reason else "Rejected"
        how = "Approved after editing" if self.code else "Approved"
        return f"{how}, always in this thread" if self.always else how


def fingerprint(code: str) -> str:
    """Return the SHA-256 that binds a decision to its code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class Card:
    """The widgets that ask about one piece of code. All of them can be reached with Tab.

    Parameters
    ----------
    settle
        Called with the decision, from the thread that reads the front end's messages.
    may_always
        Whether "Always in this thread" is offered.
    """

    def __init__(self, code: str, settle: Callable[[Decision], object], may_always: bool) -> None:
        # Not at load: importing it takes a quarter of a second.
        import ipywidgets as w

        self._code = code
        self._settle = settle
        self._run = w.Button(description="Run", button_style="primary")
        self._always = w.Button(description="Always in this thread")
        self._edit = w.Button(description="Edit")
        self._reject = w.Button(description="Reject")
        self._reason = w.Text(placeholder="Reason, if you reject (optional)", description="Reason")
        rows = min(MAX_ROWS, code.count("\n") + 2)
        self._text = w.Textarea(value=code, rows=rows, description="Code to run")
        self._add_tooltips()
        row = [self._run, *([self._always] if may_always else []), self._edit]
        buttons = w.HBox([*row, self._reason, self._reject], layout=w.Layout(flex_flow="row wrap"))
        self.box = w.VBox([self._text, buttons])
        self.words = " / ".join(button.description for button in (*row, self._reject))
        self._widgets = [self._text, *buttons.children, buttons, self.box]
        self._lay_out(w)

    def _add_tooltips(self) -> None:
        self._run.tooltip = "Run this code once"
        self._always.tooltip = (
            "Run this code and all later code of this thread, until the kernel restarts"
        )
        self._edit.tooltip = "Change the code before it runs; the model sees what ran"
        self._reject.tooltip = "Do not run this code; the model sees your reason"
        self._reason.tooltip = "Why this code should not run; the model reads it"
        self._text.tooltip = "The code that will run"
        self._run.on_click(lambda _: self._approve(False))
        self._always.on_click(lambda _: self._approve(True))
        self._reject.on_click(lambda _: self._refuse())
        self._edit.on_click(lambda _: self._open_editor())

    def _lay_out(self, w: Any) -> None:
        for button in (self._run, self._always, self._edit, self._reject):
            button.layout.width = "auto"
        self._reason.style.description_width = "auto"
        self._reason.layout.width = "22em"
        self._reason.layout.margin = "2px 2px 2px 24px"
        self._text.style.description_width = "auto"
        self._text.layout = w.Layout(width="98%", display="none")

    def _open_editor(self) -> None:
        self._text.layout.display = "flex"
        self._run.description = "Run edited code"
        self._edit.layout.display = "none"
        self._always.layout.display = "none"
        self._text.focus()

    def _approve(self, always: bool) -> None:
        edited = str(self._text.value)
        if edited == self._code or not edited.strip():
            self._settle(Decision(True, "", always, fingerprint(self._code)))
        else:
            self._settle(Decision(True, "", always, fingerprint(edited), edited))

    def _refuse(self) -> None:
        why = " ".join(str(self._reason.value).split())
        self._settle(Decision(False, why, False, fingerprint(self._code)))

    def close(self) -> None:
        """Remove the widgets."""
        for widget in self._widgets:
            widget.close()
