"""The approval of a model's code before it runs in the person's kernel.

The person is asked with buttons, or with ``input()``; where nobody can be asked, an error names the
option. The question becomes one line of text once it is answered, so that a saved notebook reads
well. A decision covers exactly the code that was shown, bound by its SHA-256.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import re
import sys
import threading
from typing import Any, Literal

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell

from jupyter_assistants.ipython.blocks import EMPTY_BUNDLE
from jupyter_assistants.ipython.card import Card, Decision, fingerprint
from jupyter_assistants.ipython.display_updates import ReplaceableOutput
from jupyter_assistants.ipython.stop import raising
from jupyter_assistants.protocol.errors import ApprovalNeeded

Policy = Literal["ask", "auto"]

PROMPT = "Run this code? [y]es / [a]lways in this thread / [n]o: "
PROMPT_ONCE = "Run this code? [y]es / [n]o: "
NOBODY = (
    "Nobody is here to approve this code. Run the cell with `%%assistant --yes` to run code "
    "without asking."
)
MOST_NAMED = 20
"""Hidden characters that a warning names."""
HINT_CAVEAT = "Found by reading the code, so no promise:"
HINT = (
    "Read it before you run it: what a model writes can be influenced by the contents of files "
    "and messages that it has read."
)

__all__ = ["Approvals", "Decision", "can_ask", "fingerprint"]


class Approvals:
    """The decisions of one shell about code.

    One object lives as long as the kernel: "always in this thread" is remembered here and nowhere
    else, so it ends with the kernel.

    Parameters
    ----------
    policy
        ``ask``, or ``auto`` to run everything (``--yes``).
    place
        Where code will run, for people; by default this kernel.
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
        may_always: bool = True,
    ) -> Decision:
        """Return the decision about this code, asking the person if necessary.

        Parameters
        ----------
        explain
            One plain sentence that is shown above the code.
        policy
            For this call only.
        may_always
            Whether the administrator allows "always in this thread".

        Raises
        ------
        ApprovalNeeded
            If a person has to be asked and nobody is there.
        KeyboardInterrupt, asyncio.CancelledError
            If the person stops instead of answering.
        """
        sha256 = fingerprint(code)
        always = may_always and thread_id in self._always
        if (policy or self.policy) == "auto" or always:
            return Decision(True, always=always, sha256=sha256)
        decision = await self._ask(code, explain, may_always)
        if decision.always:
            self._always.add(thread_id)
        return decision

    def forget(self, thread_id: str) -> None:
        """Revoke the approval of all code of a thread."""
        self._always.discard(thread_id)

    async def _ask(self, code: str, explain: str, may_always: bool) -> Decision:
        buttons = can_ask(self._shell) == "buttons"
        question = ReplaceableOutput(
            self._shell.display_pub.publish, _question(code, explain, self.place)
        )
        outcome = "Not run: stopped before it was approved"
        try:
            decision = (
                await ask_with_buttons(self._shell, code, may_always=may_always)
                if buttons
                else None
            )
            decision = decision or ask_with_input(fingerprint(code), may_always=may_always)
            outcome = decision.text()
        except ApprovalNeeded:
            outcome = "Not run: nobody could be asked"
            raise
        finally:
            question.replace({"text/markdown": f"*{_escaped(outcome)}*", "text/plain": outcome})
        return decision


def can_ask(shell: InteractiveShell) -> Literal["buttons", "input"]:
    """Return how a person can be asked from this cell.

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
    """Return whether a button's callback runs while this cell waits.

    Measured: before ipykernel 7.4, comm messages wait in the shell's queue until the cell ends, and
    so they do where the cell runs outside the main thread or on another loop.
    """
    from ipykernel._version import version_info

    if version_info < (7, 4) or threading.current_thread() is not threading.main_thread():
        return False
    return kernel.io_loop.asyncio_loop is asyncio.get_running_loop()


def ask_with_input(sha256: str, *, may_always: bool = True) -> Decision:
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
                prompt = PROMPT if may_always else PROMPT_ONCE
                word, _, rest = input(prompt).strip().partition(" ")
            except EOFError:
                return Decision(False, sha256=sha256)
            except StdinNotImplementedError as error:
                raise ApprovalNeeded(NOBODY) from error
            words = {"y", "yes", "n", "no"} | ({"a", "always"} if may_always else set())
            known = word.lower() in words
            if known:
                approved, always = answers[word[0].lower()]
                return Decision(approved, "" if approved else rest.strip(), always, sha256)


async def ask_with_buttons(
    shell: InteractiveShell, code: str, *, may_always: bool = True
) -> Decision | None:
    """Ask with buttons; None if the front end turns out to have no widgets."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Decision | None] = loop.create_future()

    def settle(decision: Decision | None) -> None:
        if not answer.done():
            answer.set_result(decision)

    # The callback's thread differs between versions of ipykernel.
    card = Card(code, lambda decision: loop.call_soon_threadsafe(settle, decision), may_always)
    # JupyterLab closes the comm of a widget for which it has no widget manager.
    card.box.comm.on_close(lambda _: loop.call_soon_threadsafe(settle, None))
    bundle = {**card.box._repr_mimebundle_(), "text/plain": card.words}
    shown = ReplaceableOutput(shell.display_pub.publish, bundle)
    try:
        return await answer
    finally:
        shown.replace(EMPTY_BUNDLE)
        card.close()


def _question(code: str, explain: str, place: str) -> dict[str, str]:
    # Not at load: it is needed with the first question only.
    from jupyter_assistants.kernels.languages import hint_texts
    from jupyter_assistants.kernels.outputs.untrusted_text import fenced
    from jupyter_assistants.protocol.unseen import revealed

    warning = _odd_characters(code)
    shown = revealed(code).rstrip()
    hints = "; ".join(hint_texts(code))
    hints = f"{HINT_CAVEAT} {hints}." if hints else ""
    where = f"It runs in {place}, in the folder {os.getcwd()}, with your variables and files."
    lines = [f"**Run this code?** {_escaped(where)}", _escaped(explain)]
    lines += [fenced(shown, "python")]
    lines += [_escaped(hints), f"**{_escaped(warning)}**" if warning else "", f"*{_escaped(HINT)}*"]
    plain = [f"Run this code? {where}", explain, shown, hints, warning, HINT]
    return {
        "text/markdown": "\n\n".join(filter(None, lines)),
        "text/plain": "\n\n".join(filter(None, plain)),
    }


def _odd_characters(code: str) -> str:
    """Return a warning about characters that make code look different from what it does."""
    from jupyter_assistants.kernels.languages.appearance import unseen_characters

    names = unseen_characters(code)
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return (
        f"It has invisible characters ({shown}): it may do something other than it seems to."
        if names
        else ""
    )


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", " ".join(text.split()))
