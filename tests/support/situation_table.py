"""What a kernel can do to code, and the state in which each such step ends.

docs/kernels.md has the same table, for people; a test holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """One situation.

    Parameters
    ----------
    name
        As docs/kernels.md has it.
    code
        What the model wants to run.
    server, cell
        How the step ends when the server runs the code in a live kernel, and from ``%%assistant``.
        ``cancelled`` and ``failed`` are ends of the whole run.
    told
        What stands in the outputs or the note.
    not_told
        What must not.
    during
        What happens meanwhile; a method of the test.
    after
        Code that runs next, and its output, where the kernel might be harmed.
    images
        How many images there are.
    """

    name: str
    code: str
    server: str = "ok"
    cell: str = ""
    told: str = ""
    cell_told: str | None = None
    not_told: str = "never to be seen"
    during: str = ""
    after: tuple[str, str] | None = None
    images: int = 0

    @property
    def in_cell(self) -> str:
        return self.cell or self.server

    def told_in(self, place: str) -> str:
        return self.told if place == "server" or self.cell_told is None else self.cell_told


S = Situation
BEGUN = "BEGUN"
"""In code: where the test learns that it runs."""
HELD = "HELD"
"""In code: where it says so and waits until it may go on."""
GONE = "Variables are gone"
USABLE = ("6 * 7", "42")

SITUATIONS = [
    S("a value", "6 * 7", told="42"),
    S("no value", "nothing = None\nnothing", not_told="None"),
    S("an error", "print('before')\n1 / 0", "error", told="ZeroDivisionError"),
    S("a syntax error", "for in range", "error", told="SyntaxError"),
    S("an error that is no Exception", "raise BaseException('odd')", "error", told="odd"),
    S("an endless recursion", "def f(): return f()\nf()", "error", told="RecursionError"),
    S("no memory", "bytearray(10 ** 17)", "error", told="MemoryError"),
    S("a package that is absent", "import torch_is_not_here", "error", told="ModuleNotFoundError"),
    S("asynchronous code", "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'", told="awaited"),
    S("asyncio.run", "import asyncio\nasync def f(): pass\nasyncio.run(f())", "error", told="running event loop"),
    S("threads that print", "import threading\nt = threading.Thread(target=print, args=('from a thread',))\n"
      "t.start(); t.join()", told="from a thread"),
    S("a subprocess", "import subprocess\nsubprocess.run(['echo', 'from a process'])", told="from a process"),
    S("a fork", "import os\npid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)[1]", told="0", after=USABLE),
    S("a shell line", "!echo from a shell", told="from a shell"),
    S("a cell magic", "%%bash\necho from bash", told="from bash"),
    S("an unknown magic", "%no_such_magic", "error", "error", told="no_such_magic"),
    S("%pip", "%pip --version", told="pip "),
    S("bytes that are no text", "import os\nos.write(1, b'caf\\xe9 latin\\n'); print('after')", told="after"),
    S("half a surrogate pair", "'half ' + chr(0xd800)", told="half"),
    S("a huge text", "'x' * 10_000_000", told="left out", not_told="x" * 1_100_000),
    S("a flood of text", "for n in range(300_000): print('line', n)", told="left out"),
    S("a flood of displays", "for n in range(3000): display(n)", told="left out"),
    S("display updates", "h = display('first state', display_id=True)\nfor n in range(50): h.update(f'state {n}')",
      told="state 49", not_told="first state"),
    S("clear_output", "from IPython.display import clear_output\nprint('wiped')\nclear_output()\nprint('kept')",
      told="kept", not_told="wiped"),
    S("a broken repr", "class Broken:\n    def __repr__(self): raise ValueError('broken repr')\nBroken()",
      "error", "ok", told="broken repr"),
    S("open figures", "import matplotlib.pyplot as plt\nfor n in range(3): plt.figure(); plt.plot([n, 1])",
      images=3, after=("plt.get_fignums()", "[]")),
    S("a widget", "import ipywidgets\ndisplay(ipywidgets.IntSlider(value=7))", told="IntSlider"),
    S("os.chdir", "import os; here = os.getcwd(); os.chdir('/'); open('/mnt/data/moved.txt', 'w').write('1')",
      told="1", after=("os.chdir(here); len(here) > 1", "True")),
    S("sys.exit", "import sys\nalive = 1\nsys.exit(3)", "error", told="SystemExit", after=("alive", "1")),
    S("warnings", "import warnings; warnings.warn('be careful')", told="be careful"),
    S("input() and nobody answers", "input('Name? ')", "error", told="input()", cell_told="StdinNotImplementedError"),
    S("input() and a person answers", "print('hello', input('Name? '))", told="hello Ada", during="answer", after=USABLE),
    S("a busy kernel", "order + ['ours']", told="['cell', 'ours']", during="busy"),
    S("a cell before it failed", "'ran all the same'", told="ran all the same", during="failing"),
    S("interrupted by the user", f"import time; alive = 2; {BEGUN}; time.sleep(3600)", "interrupted", "cancelled",
      told="interrupted", cell_told="", during="interrupt", after=("alive", "2")),
    S("interrupted while it awaits", f"import asyncio; alive = 3; {BEGUN}; await asyncio.sleep(3600)", "interrupted",
      "cancelled", told="interrupted", cell_told="", during="interrupt", after=("alive", "3")),
    S("the run is cancelled", f"alive = 4\n{HELD}", "cancelled", "cancelled",
      during="cancel", after=("alive", "4")),
    S("restarted by the user", f"import time; {BEGUN}; time.sleep(3600)", "died", "failed", told=GONE,
      cell_told="restarted", during="restart", after=USABLE),
    S("the kernel ends itself", "import os; os._exit(1)", "died", "failed", told=GONE, cell_told="died", after=USABLE),
    S("the kernel is killed", f"import time; {BEGUN}; time.sleep(3600)", "died", "failed", told=GONE,
      cell_told="died", during="kill", after=USABLE),
]  # fmt: skip
