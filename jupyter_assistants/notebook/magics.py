"""The magics ``%%assistant`` and ``%assistant``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import Bool, Int, Unicode

from jupyter_assistants.masking import Masker
from jupyter_assistants.notebook import async_cell
from jupyter_assistants.notebook.approval import Approvals
from jupyter_assistants.notebook.blocking import run_here
from jupyter_assistants.notebook.catalog import DEFAULT_ASSISTANT
from jupyter_assistants.notebook.client import wait_for
from jupyter_assistants.notebook.commands import find_word, words_help
from jupyter_assistants.notebook.completion import Completer
from jupyter_assistants.notebook.errors import AssistantError, readable, stopped
from jupyter_assistants.notebook.options import cell_parser, option_lines, parse_cell
from jupyter_assistants.notebook.prompt import Prompt, interpolate
from jupyter_assistants.notebook.screen import Screen
from jupyter_assistants.notebook.session import CellRun
from jupyter_assistants.notebook.state import State
from jupyter_assistants.notebook.stop import interruptible
from jupyter_assistants.notebook.view import CellDisplay, Display, TerminalDisplay

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_CELL_HELP = f"""Ask an assistant; the prompt is the rest of the cell.

    %%assistant [NAME] [options]
    PROMPT

{{name}} in the prompt stands for a variable of the notebook; other braces stay as they are, and
{{{{name}}}} stands for {{name}}. The assistant's code runs in this kernel after you approved it. The
answer, its plots and its files are shown below the cell, and the thread goes on in the next one.

{option_lines(cell_parser())}

Examples

    %%assistant --file penguins.csv
    Mean body mass by species, as a table and as a plot.

    %%assistant tutor -o answer
    Why is {{df}} so skewed?

%assistant help shows what else there is."""

_LINE_HELP = f"""See and change what %%assistant works with.

{words_help()}"""


@magics_class
class AssistantMagics(Magics):
    """Ask an assistant from a cell; its code runs in this kernel."""

    default_assistant = Unicode(
        DEFAULT_ASSISTANT, help="Assistant that cells ask when they name none."
    ).tag(config=True)
    model = Unicode("", help="Model for cells that name none. Empty: the assistant's own.").tag(
        config=True
    )
    url = Unicode(
        "", help="Address of the Jupyter server to use. Empty: the one that runs this kernel."
    ).tag(config=True)

    context = Bool(
        True, help="Tell models the names, types and shapes of the variables, never their values."
    ).tag(config=True)
    context_rows = Int(
        0, min=0, max=20, help="First rows of each data frame that models are shown as well."
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.state = State(shell, Approvals(shell), assistant=self.default_assistant)
        self._configure()
        self.observe(self._changed, ["default_assistant", "model", "url"])
        self.observe(lambda _change: self._configure(), ["context", "context_rows"])

    def _changed(self, _change: object) -> None:
        self.state.assistant = self.default_assistant
        self._configure()
        self.state.forget_client()

    def _configure(self) -> None:
        self.state.model, self.state.url = self.model or None, self.url
        self.state.context, self.state.context_rows = self.context, self.context_rows

    async def run(self, line: str, body: str) -> None:
        """Run an assistant's cell. Input transformers rewrite such cells to await this."""
        try:
            with readable(), interruptible():
                await self._ask(line, body)
        except KeyboardInterrupt:
            raise stopped("The run was cancelled.") from None

    async def _ask(self, line: str, body: str) -> None:
        options = parse_cell(line)
        if not body.strip():
            raise AssistantError("The prompt is empty: write it below the %%assistant line.")
        namespace = self.state.shell.user_ns
        prompt = Prompt(body) if options.raw else interpolate(body, namespace, Masker().text)
        client = await self.state.client()
        answer = await CellRun(self.state, client, options, self._display()).ask(
            prompt.text.strip(), [f"Sent of {note}." for note in prompt.notes]
        )
        if options.output:
            namespace[options.output] = answer

    def _display(self) -> Display:
        if self.state.in_kernel:
            return CellDisplay(Screen(self.state.shell.display_pub.publish))
        return TerminalDisplay(_print)

    @no_var_expand
    @cell_magic("assistant")  # type: ignore[arg-type]
    def cell(self, line: str, cell: str) -> None:
        """Stand for the docstring that is set below."""
        run_here(self.run(line, cell))

    @no_var_expand
    @line_magic("assistant")  # type: ignore[arg-type]
    def line(self, line: str) -> None:
        """Stand for the docstring that is set below."""
        with readable():
            word, rest = find_word(line)
            work = word.command(self.state, rest)
            # What works with variables stays in this thread; the rest must not stop this loop.
            blocks = run_here(work) if word.here else wait_for(work)
        for block in blocks:
            self.state.shell.display_pub.publish(block.data, block.metadata)

    cell.__doc__ = _CELL_HELP  # type: ignore[assignment]
    line.__doc__ = _LINE_HELP  # type: ignore[assignment]


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def register(shell: InteractiveShell) -> None:
    """Register the magics in a shell; a second call begins anew."""
    magics = AssistantMagics(shell)
    shell.register_magics(magics)
    async_cell.install(shell, magics.run)
    completer = Completer(magics.state)
    for word in ("%%assistant", "%assistant"):
        shell.set_hook("complete_command", completer.complete, str_key=word)  # type: ignore[no-untyped-call]
