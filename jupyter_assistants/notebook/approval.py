"""Asks the person before a model's code runs in their kernel.

Three ways, in this order: buttons, ``input()``, and where nobody can be asked an error that names
the option. What is displayed while asking becomes one line of text, so that a saved notebook reads
well. A decision belongs to the exact code that was shown.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import platform
import re
import sys
import threading
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell

from jupyter_assistants.errors import ApprovalNeeded
from jupyter_assistants.notebook.stop import raising

Policy = Literal["ask", "auto"]

PROMPT = "Run this code? [y]es / [a]lways in this thread / [n]o: "
NOBODY = (
    "Nobody is here to approve this code. Run the cell with `%%assistant --yes` to let code run "
    "without asking."
)
HINT = (
    "Read it before you run it: what a model writes can be influenced by the contents of files "
    "and messages that it has read."
)

# An output cannot be taken back. nbconvert warns about a bundle without any type.
NOTHING = {"text/html": "", "text/plain": ""}


@dataclass(frozen=True)
class Decision:
    """What a person, or the policy, decided about one piece of code.

    Parameters
    ----------
    reason
        Why not, in the person's words; goes to the model.
    always
        Whether it also holds for the later code of the thread.
    sha256
        The hash of the code that it is about.
    """

    approved: bool
    reason: str = ""
    always: bool = False
    sha256: str = ""

    def covers(self, code: str) -> bool:
        """Tell whether exactly this code may run."""
        return self.approved and self.sha256 == fingerprint(code)

    def text(self) -> str:
        """Give the line that stands in the notebook from now on."""
        if not self.approved:
            return f"Rejected: {self.reason}" if self.reason else "Rejected"
        return "Approved, always in this thread" if self.always else "Approved"


def fingerprint(code: str) -> str:
    """Give the SHA-256 that binds a decision to its code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class Approvals:
    """Decides what may run, for one shell.

    Keep one object as long as the kernel lives: "always in this thread" is remembered here and
    nowhere else.

    Parameters
    ----------
    policy
        ``ask``, or ``auto`` to run everything (``--yes``).
    place
        Where code will run, for people; by default this kernel and its folder.
    """

    def __init__(
        self, shell: InteractiveShell, *, policy: Policy = "ask", place: str | None = None
    ) -> None:
        self.policy: Policy = policy
        self.place = place or f"this Python {platform.python_version()} kernel"
        self._shell = shell
        self._always: set[str] = set()

    async def decide(
        self,
        code: str,
        *,
        thread_id: str,
        explain: str = "",
        policy: Policy | None = None,
    ) -> Decision:
        """Decide about this code, asking if need be.

        Parameters
        ----------
        explain
            One plain sentence that is shown above the code.
        policy
            For this call only.

        Raises
        ------
        ApprovalNeeded
            If somebody has to be asked and nobody can be.
        KeyboardInterrupt, asyncio.CancelledError
            If the person stops instead of answering.
        """
        sha256 = fingerprint(code)
        if (policy or self.policy) == "auto" or thread_id in self._always:
            return Decision(True, always=thread_id in self._always, sha256=sha256)
        decision = await self._ask(code, sha256, explain)
        if decision.always:
            self._always.add(thread_id)
        return decision

    def forget(self, thread_id: str) -> None:
        """Ask again in this thread."""
        self._always.discard(thread_id)

    async def _ask(self, code: str, sha256: str, explain: str) -> Decision:
        buttons = can_ask(self._shell) == "buttons"
        question = _Display(self._shell, _question(code, explain, self.place))
        outcome = "Not run: stopped before it was approved"
        try:
            decision = await ask_with_buttons(self._shell, sha256) if buttons else None
            decision = decision or ask_with_input(sha256)
            outcome = decision.text()
        except ApprovalNeeded:
            outcome = "Not run: nobody could be asked"
            raise
        finally:
            question.replace({"text/markdown": f"*{_escaped(outcome)}*", "text/plain": outcome})
        return decision


def can_ask(shell: InteractiveShell) -> Literal["buttons", "input"]:
    """Tell how a person can be asked from this cell.

    Raises
    ------
    ApprovalNeeded
        If nobody can be asked, as under nbconvert and papermill.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        if not sys.stdin.isatty():
            raise ApprovalNeeded(NOBODY)
        return "input"
    request = kernel.get_parent()
    if not request.get("content", {}).get("allow_stdin", False):
        raise ApprovalNeeded(NOBODY)
    # Notebooks name the cell in their request. Consoles do not, and show no widgets either.
    in_a_notebook = bool(request.get("metadata", {}).get("cellId"))
    widgets = importlib.util.find_spec("ipywidgets") is not None
    return "buttons" if in_a_notebook and widgets and _clicks_arrive(kernel) else "input"


def _clicks_arrive(kernel: Any) -> bool:
    """Tell whether a button's callback runs while this cell waits (measured: notes/kernels.md)."""
    from ipykernel._version import version_info

    if version_info < (7, 4) or threading.current_thread() is not threading.main_thread():
        return False
    return kernel.io_loop.asyncio_loop is asyncio.get_running_loop()


def ask_with_input(sha256: str) -> Decision:
    """Ask on one line; whatever follows "n" is the reason.

    Raises
    ------
    ApprovalNeeded
        If the front end takes no input after all.
    """
    answers = {"y": (True, False), "a": (True, True), "n": (False, False)}
    with raising():
        while True:
            try:
                word, _, rest = input(PROMPT).strip().partition(" ")
            except EOFError:
                return Decision(False, sha256=sha256)
            except StdinNotImplementedError as error:
                raise ApprovalNeeded(NOBODY) from error
            known = word.lower() in {"y", "yes", "a", "always", "n", "no"}
            if known:
                approved, always = answers[word[0].lower()]
                return Decision(approved, "" if approved else rest.strip(), always, sha256)


async def ask_with_buttons(shell: InteractiveShell, sha256: str) -> Decision | None:
    """Ask with buttons; None if the front end turns out to have no widgets."""
    import ipywidgets as w

    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Decision | None] = loop.create_future()

    def settle(decision: Decision | None) -> None:
        if not answer.done():
            answer.set_result(decision)

    def decide(approved: bool, always: bool = False) -> None:
        why = "" if approved else " ".join(reason.value.split())
        decision = Decision(approved, why, always, sha256)
        # The callback's thread differs between versions of ipykernel.
        loop.call_soon_threadsafe(settle, decision)

    run = w.Button(description="Run", button_style="primary")
    run.tooltip = "Run this code once"
    always = w.Button(description="Always in this thread")
    always.tooltip = "Run this code and all later code of this thread, until the kernel restarts"
    reject = w.Button(description="Reject")
    reject.tooltip = "Do not run this code; the model is told the reason"
    reason = w.Text(placeholder="Reason, if you reject (optional)", description="Reason")
    reason.tooltip = "Why this code should not run; the model reads it"
    run.on_click(lambda _: decide(True))
    always.on_click(lambda _: decide(True, always=True))
    reject.on_click(lambda _: decide(False))
    _lay_out(run, always, reason, reject)
    box = w.HBox([run, always, reason, reject], layout=w.Layout(flex_flow="row wrap"))
    # JupyterLab closes the comm of a widget for which it has no widget manager.
    box.comm.on_close(lambda _: loop.call_soon_threadsafe(settle, None))
    bundle = {**box._repr_mimebundle_(), "text/plain": "Run / Always in this thread / Reject"}
    shown = _Display(shell, bundle)
    try:
        return await answer
    finally:
        shown.replace(NOTHING)
        for widget in (*box.children, box):
            widget.close()


def _lay_out(run: Any, always: Any, reason: Any, reject: Any) -> None:
    for button in (run, always, reject):
        button.layout.width = "auto"
    reason.style.description_width = "auto"
    reason.layout.width = "22em"
    reason.layout.margin = "2px 2px 2px 24px"


def _question(code: str, explain: str, place: str) -> dict[str, str]:
    warning = _odd_characters(code)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", code))])
    where = f"It runs in {place}, in the folder {os.getcwd()}, with your variables and files."
    lines = [f"**Run this code?** {_escaped(where)}", _escaped(explain)]
    lines += [f"{fence}python\n{code.rstrip()}\n{fence}"]
    lines += [f"**{_escaped(warning)}**" if warning else "", f"*{_escaped(HINT)}*"]
    plain = [f"Run this code? {where}", explain, code.rstrip(), warning, HINT]
    return {
        "text/markdown": "\n\n".join(filter(None, lines)),
        "text/plain": "\n\n".join(filter(None, plain)),
    }


def _odd_characters(code: str) -> str:
    """Name characters that make code look other than it is (bidirectional marks and the like)."""
    odd = {char for char in code if unicodedata.category(char) in ("Cf", "Cc")} - set("\t\n\r")
    names = ", ".join(f"U+{ord(char):04X}" for char in sorted(odd))
    return f"It has invisible characters ({names}): it may do other than it seems." if odd else ""


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", " ".join(text.split()))


class _Display:
    """One output that can be replaced."""

    def __init__(self, shell: InteractiveShell, bundle: dict[str, Any]) -> None:
        self._publish = shell.display_pub.publish
        self._transient = {"display_id": os.urandom(16).hex()}
        self._publish(bundle, transient=self._transient)

    def replace(self, bundle: dict[str, Any]) -> None:
        """Show this instead."""
        self._publish(bundle, transient=self._transient, update=True)
