"""The magics ``%%assistant`` and ``%assistant``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import Bool, Int, Unicode

from jupyter_assistants.client.assistants import DEFAULT_ASSISTANT
from jupyter_assistants.client.errors import AssistantError, readable, stopped
from jupyter_assistants.client.event_loops import run_in_thread, run_nested
from jupyter_assistants.client.text import print_text
from jupyter_assistants.ipython import async_cell
from jupyter_assistants.ipython.approval import Approvals
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.words import WORDS, find_word, words_help
from jupyter_assistants.ipython.completer import Completer
from jupyter_assistants.ipython.last_error import Failures
from jupyter_assistants.ipython.options import CellOptions, cell_parser, option_lines, parse_cell
from jupyter_assistants.ipython.prompt import Prompt, interpolate
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.ipython.stop import interruptible
from jupyter_assistants.redaction import Masker

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_assistants.ipython.view import Display

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

%assistant help lists the other commands."""

_LINE_HELP = f"""Show and change what %%assistant works with.

{words_help()}"""


REPLAY = "JUPYTER_ASSISTANTS_REPLAY"
STOPPED = "Stopped. The run was cancelled."
_YES = ("1", "true", "yes", "on")
_NO = ("", "0", "false", "no", "off")


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
        True, help="Describe variables to models by name, type and shape, never by value."
    ).tag(config=True)
    context_rows = Int(
        0, min=0, max=20, help="First rows of each data frame that models are shown as well."
    ).tag(config=True)

    replay = Unicode(
        "",
        help="Run recorded code instead of asking a model: 1 looks for the recordings in the "
        "notebook and its folder, a path names the file. $JUPYTER_ASSISTANTS_REPLAY does the same.",
    ).tag(config=True)
    strict_replay = Bool(False, help="Fail a cell whose replay differs from its recording.").tag(
        config=True
    )
    record = Unicode("", help="File to which a recording of every run is written.").tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.state = ShellState(shell, Approvals(shell), assistant=self.default_assistant)
        self.state.failures = Failures(shell)
        self.state.ask_cell, self.state.play = self._ask, self._replay
        self._configure()
        self.observe(self._reconfigure, ["default_assistant", "model", "url"])
        self.observe(lambda _change: self._configure(), ["context", "context_rows"])

    def _reconfigure(self, _change: object) -> None:
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
            raise stopped(STOPPED) from None

    async def run_word(self, line: str) -> None:
        """Run a word that streams like a cell. Input transformers rewrite such lines to this."""
        try:
            with readable(), interruptible():
                word, rest = find_word(line)
                self._publish(await word.command(self.state, rest))
        except KeyboardInterrupt:
            raise stopped(STOPPED) from None

    async def _ask(self, line: str, body: str) -> str | None:
        options = parse_cell(line)
        if not body.strip():
            raise AssistantError("The prompt is empty: write it below the %%assistant line.")
        namespace = self.state.shell.user_ns
        where = self._replay_source(options)
        if where is not None:
            answer = await self._find_and_replay(options, body, where)
            if options.output:
                namespace[options.output] = answer
            return answer
        prompt = Prompt(body) if options.raw else interpolate(body, namespace, Masker().text)
        # Not at load: drawing and running are needed with the first question only.
        from jupyter_assistants.ipython.cell_run import CellRun

        client = await self.state.client()
        run = CellRun(self.state, client, options, self._display())
        notes = [f"Sent of {note}." for note in prompt.notes]
        try:
            answer = await run.ask(prompt.text.strip(), notes, written=body)
        finally:
            self._keep_recording(run.recording, options.record or self.record)
        if options.output:
            namespace[options.output] = answer
        return answer

    def _replay_source(self, options: CellOptions) -> str | None:
        """Return the file to replay, an empty string to search for one, or None to ask a model."""
        wanted = self.replay or os.environ.get(REPLAY, "")
        if options.replay:
            return options.record or (wanted if wanted.lower() not in _YES else "")
        if wanted.lower() in _NO:
            return None
        return "" if wanted.lower() in _YES else wanted

    async def _find_and_replay(self, options: CellOptions, body: str, where: str) -> str:
        from jupyter_assistants.client.recordings import find
        from jupyter_assistants.kernels.recording import key_of

        number = self.state.count_use("replay", key_of(body))
        recording, source = find(body, number, where, self.state.home)
        # A trait or a variable decides for all cells of a headless run; an option on a line does not.
        unasked = options.yes or not options.replay
        return await self._replay(recording, source, unasked, options.strict, options.file)

    async def _replay(
        self, recording: dict[str, Any], source: Path, unasked: bool, strict: bool, files: Any = ()
    ) -> str:
        from jupyter_assistants.ipython.replay import Replay

        strict = strict or self.strict_replay
        display = self._display()
        replay = Replay(self.state, display, recording, source, unasked=unasked, strict=strict)
        return await replay.play(files)

    def _keep_recording(self, recording: dict[str, Any] | None, file: str) -> None:
        if recording is None:
            return
        self.state.recordings.append(recording)
        number = self.state.count_use("record", recording["key"])
        if file:
            from jupyter_assistants.client.recordings import replace_by_prompt

            replace_by_prompt(Path(file).expanduser(), recording, number)

    def _display(self) -> Display:
        from jupyter_assistants.ipython.display_updates import Screen
        from jupyter_assistants.ipython.view import CellDisplay, TerminalDisplay

        if self.state.in_kernel:
            return CellDisplay(Screen(self.state.shell.display_pub.publish))
        return TerminalDisplay(print_text)

    @no_var_expand
    @cell_magic("assistant")  # type: ignore[arg-type]
    def cell(self, line: str, cell: str) -> None:
        """Run a cell synchronously; its docstring is set below."""
        run_nested(self.run(line, cell))

    @no_var_expand
    @line_magic("assistant")  # type: ignore[arg-type]
    def line(self, line: str) -> None:
        """Run a cell synchronously; its docstring is set below."""
        with readable():
            word, rest = find_word(line)
            if word.cell:
                run_nested(self.run_word(line))
                return
            work = word.command(self.state, rest)
            # A word that works with variables must stay in this thread; the others must not block it.
            self._publish(run_nested(work) if word.here else run_in_thread(work))

    def _publish(self, blocks: Sequence[DisplayBlock]) -> None:
        for block in blocks:
            self.state.shell.display_pub.publish(block.data, block.metadata)

    cell.__doc__ = _CELL_HELP  # type: ignore[assignment]
    line.__doc__ = _LINE_HELP  # type: ignore[assignment]


def register(shell: InteractiveShell) -> None:
    """Register the magics in a shell; a second call replaces them."""
    magics = AssistantMagics(shell)
    shell.register_magics(magics)
    words = [word.name for word in WORDS.values() if word.cell]
    async_cell.install(shell, magics.run, magics.run_word, words)
    completer = Completer(magics.state)
    for word in ("%%assistant", "%assistant"):
        shell.set_hook("complete_command", completer.complete, str_key=word)  # type: ignore[no-untyped-call]
