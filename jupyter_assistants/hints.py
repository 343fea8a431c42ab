"""What a piece of code seems to do, for the person who decides whether it runs.

The code is read, never run, so these are hints and no promise: code that wants to hide what it
does can. What is found is told with its lines; what cannot be read is told as well. The server and
the kernel side both show them, so this needs the standard library only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

WRITES = "writes files"
DELETES = "deletes files"
FORGETS = "deletes variables"
INSTALLS = "installs packages"
NETWORK = "network"
RUNS = "runs programs"
ENVIRONMENT = "reads environment"
HIDDEN = "reads hidden or secret files"
DYNAMIC = "runs code made at run time"
ENDS = "ends processes"
MOVES = "changes the working folder"
ASKS = "asks for input"
NATIVE = "calls native code"
UNREADABLE = "cannot be read as Python"
UNREAD = "is in a language that is not read here"

KINDS = (
    *(DELETES, WRITES, INSTALLS, NETWORK, RUNS, ENVIRONMENT, HIDDEN, DYNAMIC, ENDS, NATIVE),
    *(FORGETS, MOVES, ASKS, UNREADABLE, UNREAD),
)
"""All kinds, the gravest first."""

LONGEST = 200_000
"""Characters; longer code is not read."""
_SHOWN_LINES = 4

_CALLS: dict[str, str] = {
    **dict.fromkeys(
        [
            "os.remove",
            "os.unlink",
            "os.rmdir",
            "os.removedirs",
            "shutil.rmtree",
            "send2trash.send2trash",
            "os.truncate",
        ],
        DELETES,
    ),
    **dict.fromkeys(
        [
            "os.rename",
            "os.renames",
            "os.replace",
            "os.mkdir",
            "os.makedirs",
            "os.link",
            "os.symlink",
            "os.open",
            "os.chmod",
            "os.chown",
            "os.mkfifo",
            "shutil.copy",
            "shutil.copy2",
            "shutil.copyfile",
            "shutil.copytree",
            "shutil.move",
            "shutil.make_archive",
            "shutil.unpack_archive",
            "json.dump",
            "pickle.dump",
            "joblib.dump",
            "numpy.save",
            "numpy.savez",
            "numpy.savez_compressed",
            "numpy.savetxt",
            "tempfile.mkdtemp",
            "tempfile.mkstemp",
            "tempfile.NamedTemporaryFile",
            "sqlite3.connect",
            "shelve.open",
            "torch.save",
        ],
        WRITES,
    ),
    **dict.fromkeys(
        ["os.system", "os.popen", "os.fork", "os.forkpty", "pty.spawn", "pexpect.run"], RUNS
    ),
    **dict.fromkeys(
        ["os.getenv", "os.getenvb", "dotenv.load_dotenv", "dotenv.dotenv_values"], ENVIRONMENT
    ),
    **dict.fromkeys(
        [
            "eval",
            "exec",
            "compile",
            "__import__",
            "importlib.import_module",
            "pickle.load",
            "pickle.loads",
            "runpy.run_path",
            "runpy.run_module",
            "marshal.loads",
            "codeop.compile_command",
        ],
        DYNAMIC,
    ),
    **dict.fromkeys(
        [
            "exit",
            "quit",
            "sys.exit",
            "os._exit",
            "os.abort",
            "os.kill",
            "os.killpg",
            "signal.raise_signal",
        ],
        ENDS,
    ),
    **dict.fromkeys(["os.chdir", "os.fchdir"], MOVES),
    **dict.fromkeys(["input", "getpass.getpass"], ASKS),
    **dict.fromkeys(["pip.main", "pip._internal.main", "ensurepip.bootstrap"], INSTALLS),
    "webbrowser.open": NETWORK,
}
_MODULES: dict[str, str] = {
    **dict.fromkeys(
        [
            "requests",
            "httpx",
            "aiohttp",
            "urllib3",
            "urllib.request",
            "http.client",
            "http.server",
            "socket",
            "socketserver",
            "ftplib",
            "smtplib",
            "poplib",
            "imaplib",
            "telnetlib",
            "xmlrpc",
            "paramiko",
            "websocket",
            "websockets",
            "boto3",
            "botocore",
            "openai",
            "anthropic",
            "asyncssh",
            "fabric",
            "gspread",
            "kaggle",
            "huggingface_hub",
            "yfinance",
            "ssl",
            "selenium",
            "playwright",
        ],
        NETWORK,
    ),
    **dict.fromkeys(["subprocess", "multiprocessing", "pexpect", "sh", "plumbum"], RUNS),
    **dict.fromkeys(["ctypes", "cffi"], NATIVE),
}
_PREFIXES = {"os.exec": RUNS, "os.spawn": RUNS, "os.posix_spawn": RUNS}
_METHODS: dict[str, str] = {
    **dict.fromkeys(
        [
            "write_text",
            "write_bytes",
            "savefig",
            "to_excel",
            "to_parquet",
            "to_pickle",
            "to_feather",
            "to_hdf",
            "to_stata",
            "to_sql",
            "to_netcdf",
            "to_zarr",
            "write_csv",
            "write_parquet",
            "write_json",
            "write_excel",
            "write_html",
            "write_image",
            "tofile",
            "touch",
            "mkdir",
            "symlink_to",
            "hardlink_to",
            "imsave",
            "extractall",
        ],
        WRITES,
    ),
    **dict.fromkeys(["unlink", "rmdir", "rmtree"], DELETES),
    **dict.fromkeys(["urlopen", "urlretrieve"], NETWORK),
    **dict.fromkeys(["system", "getoutput", "system_raw", "system_piped"], RUNS),
    **dict.fromkeys(["run_line_magic", "run_cell_magic", "run_cell"], DYNAMIC),
}
_MAYBE_TO_FILE = frozenset(
    ["to_csv", "to_json", "to_html", "to_markdown", "to_latex", "to_xml", "to_string"]
)
_URL = re.compile(r"(?i)^\s*(?:https?|ftps?|s3|gs|ssh|sftp|wss?)://")
_SECRET_FILE = re.compile(
    r"(?i)(^|[/\\~])\.(env|ssh|aws|netrc|pypirc|npmrc|kube|docker|gnupg|git-credentials|config)"
    r"([./\\]|$)|id_(rsa|ed25519|ecdsa)|/etc/(passwd|shadow)|credentials(\.|$)"
)
_ENVIRON_FILE = re.compile(r"/proc/[^/]+/(environ|cmdline|mem)")

_SHELL: tuple[tuple[str, str], ...] = (
    (
        INSTALLS,
        r"\b(pip3?|conda|mamba|uv|poetry|npm|yarn|apt(-get)?|brew|gem|cargo|R CMD)\b[^|;&]*"
        r"\b(install|add|remove|uninstall|update|upgrade|sync)\b|install\.packages",
    ),
    (NETWORK, r"\b(curl|wget|ssh|scp|rsync|nc|ncat|telnet|ftp|git\s+(clone|pull|push|fetch))\b"),
    (DELETES, r"\b(rm|rmdir|unlink|shred|truncate|git\s+clean)\b"),
    (WRITES, r">|\b(tee|cp|mv|mkdir|touch|ln|dd|unzip|tar|chmod|chown|sed\s+-i)\b"),
    (ENVIRONMENT, r"\b(env|printenv|export)\b|\$\{?[A-Z_]{3,}"),
    (ENDS, r"\b(kill|pkill|killall|shutdown|reboot)\b"),
)
_SHELL_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _SHELL)
_SHELLS = frozenset(["bash", "sh", "zsh", "fish"])
_SHELL_CELLS = frozenset(["bash", "sh", "script", "system", "sx", "!", "cmd", "perl", "ruby"])
_MAGICS = {
    **dict.fromkeys(["pip", "conda", "mamba", "uv"], INSTALLS),
    **dict.fromkeys(["writefile", "file", "save", "store", "notebook", "logstart"], WRITES),
    **dict.fromkeys(["env", "set_env"], ENVIRONMENT),
    **dict.fromkeys(["reset", "reset_selective", "xdel"], FORGETS),
    **dict.fromkeys(["cd", "pushd", "popd"], MOVES),
    **dict.fromkeys(
        ["run", "load", "loadpy", "rerun", "macro", "edit", "load_ext", "reload_ext"], DYNAMIC
    ),
}
_MAGIC = re.compile(r"^(?P<indent>\s*)(?P<target>[\w ,.\[\]]+=\s*)?(?P<mark>%%?|!!?)(?P<rest>.*)$")


@dataclass(frozen=True)
class Hint:
    """One thing that code seems to do.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    lines
        Where, from 1.
    """

    kind: str
    lines: tuple[int, ...]

    @property
    def text(self) -> str:
        """Give it for people: ``writes files (lines 3, 7)``."""
        shown = ", ".join(map(str, self.lines[:_SHOWN_LINES]))
        more = ", …" if len(self.lines) > _SHOWN_LINES else ""
        return f"{self.kind} ({'lines' if len(self.lines) > 1 else 'line'} {shown}{more})"


def hints(code: str, language: str = "python") -> list[Hint]:
    """Give what the code seems to do, the gravest first; empty if nothing was found.

    Parameters
    ----------
    language
        Python and shells are known; code of others is said to be unread.
    """
    found: dict[str, set[int]] = {}
    if language == "python":
        things = _found(code)
    elif language in _SHELLS:
        things = _shell_lines(code)
    else:
        things = iter([(UNREAD, 1)])
    for kind, line in things:
        found.setdefault(kind, set()).add(line)
    return [Hint(kind, tuple(sorted(found[kind]))) for kind in KINDS if kind in found]


def hint_texts(code: str, language: str = "python") -> list[str]:
    """Give the hints as the card shows them."""
    return [hint.text for hint in hints(code, language)]


def _shell_lines(code: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(code[:LONGEST].splitlines(), 1):
        yield from ((kind, number) for kind in _shell(line))


def _found(code: str) -> Iterator[tuple[str, int]]:
    if len(code) > LONGEST:
        yield UNREADABLE, 1
        return
    lines = code.splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        yield from _cell_magic(lines, first)
        return
    plain: list[str] = []
    for number, line in enumerate(lines, 1):
        match = _MAGIC.match(line)
        # "a %b" at the beginning of a line that goes on is taken for a magic; a hint may err.
        if match is None or (match["mark"] == "%" and not match["rest"][:1].isalpha()):
            plain.append(line)
            continue
        plain.append(f"{match['indent']}pass")
        yield from ((kind, number) for kind in _magic(match["mark"], match["rest"]))
    yield from _python("\n".join(plain))


def _cell_magic(lines: list[str], first: int) -> Iterator[tuple[str, int]]:
    name, _, rest = lines[first].strip()[2:].partition(" ")
    if name in ("time", "timeit", "capture", "prun"):
        body = "\n" * (first + 1) + "\n".join(lines[first + 1 :])
        yield from _found(body)
        return
    yield from ((kind, first + 1) for kind in _magic("%", f"{name} {rest}"))
    if name in _SHELL_CELLS:
        yield RUNS, first + 1
        for number, line in enumerate(lines[first + 1 :], first + 2):
            yield from ((kind, number) for kind in _shell(line))
    elif name not in _MAGICS:
        yield UNREADABLE, first + 1


def _magic(mark: str, rest: str) -> Iterator[str]:
    if mark.startswith("!"):
        yield RUNS
        yield from _shell(rest)
        return
    name, _, arguments = rest.strip().partition(" ")
    if name in _MAGICS:
        yield _MAGICS[name]
    if name in _SHELL_CELLS:
        yield RUNS
        yield from _shell(arguments)
    if name in ("time", "timeit", "prun"):
        yield from (kind for kind, _ in _python(arguments))


def _shell(line: str) -> Iterator[str]:
    yield from (kind for kind, pattern in _SHELL_PATTERNS if pattern.search(line))


def _python(code: str) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(code)
        reader = _Reader(tree)
        for node in ast.walk(tree):
            line = getattr(node, "lineno", 1)
            yield from ((kind, line) for kind in reader.kinds(node))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield UNREADABLE, getattr(error, "lineno", None) or 1


class _Reader:
    """Knows which names of a program stand for which modules."""

    def __init__(self, tree: ast.AST) -> None:
        self._names: dict[str, str] = {"pd": "pandas", "np": "numpy", "plt": "matplotlib.pyplot"}
        self._stars: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    target = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._names[alias.asname or target] = target
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if alias.name == "*":
                        self._stars.append(node.module)
                    self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def kinds(self, node: ast.AST) -> Iterator[str]:
        """Give what one node of the program seems to do."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from self._imported(node)
        elif isinstance(node, ast.Call):
            yield from self._called(node)
        elif isinstance(node, ast.Attribute | ast.Name):
            if self._dotted(node) in ("os.environ", "os.environb"):
                yield ENVIRONMENT
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_text(node.value)
        elif isinstance(node, ast.Delete) and any(isinstance(t, ast.Name) for t in node.targets):
            yield FORGETS

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        for name in names:
            yield from _of_module(name)

    def _called(self, node: ast.Call) -> Iterator[str]:
        name = self._dotted(node.func)
        for known in [name, *(f"{star}.{name}" for star in self._stars)]:
            if known in _CALLS:
                yield _CALLS[known]
            yield from (kind for prefix, kind in _PREFIXES.items() if known.startswith(prefix))
            yield from _of_module(known)
        if name.removeprefix("builtins.") in ("open", "io.open", "codecs.open", "gzip.open"):
            yield from _opened(node, at=1)
        if name == "getattr" and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
            yield DYNAMIC
        if isinstance(node.func, ast.Attribute):
            yield from _method(node, node.func.attr)
        if any(_is_pip(argument) for argument in node.args):
            yield INSTALLS

    def _dotted(self, node: ast.AST) -> str:
        """Give the whole name of what an expression stands for, as far as it can be read."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and self._dotted(node.func) == "__import__":
            module = node.args[0] if node.args else None
            parts.append(str(module.value) if isinstance(module, ast.Constant) else "?")
        elif isinstance(node, ast.Name):
            parts.append(self._names.get(node.id, node.id))
        else:
            parts.append("?")
        return ".".join(reversed(parts))


def _of_module(name: str) -> Iterator[str]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        if kind := _MODULES.get(".".join(parts[:end])):
            yield kind


def _method(node: ast.Call, name: str) -> Iterator[str]:
    if name in _METHODS:
        yield _METHODS[name]
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if name.endswith("_magic"):
            yield from _magic("%", " ".join(map(str, texts)))
    elif name in _MAYBE_TO_FILE:
        if node.args or any(k.arg in ("path_or_buf", "path", "buf") for k in node.keywords):
            yield WRITES
    elif name == "open":
        # Path(…).open("w"), and ZipFile.open(name, "w").
        yield from _opened(node, at=0)


def _opened(node: ast.Call, *, at: int) -> Iterator[str]:
    modes = [*node.args[at : at + 2], *(k.value for k in node.keywords if k.arg == "mode")]
    for mode in modes:
        if not isinstance(mode, ast.Constant):
            continue
        if isinstance(mode.value, str) and re.fullmatch(r"[rbtU]*[wax+][wax+rbt]*", mode.value):
            yield WRITES
            return


def _is_pip(argument: ast.AST) -> bool:
    words = [n.value for n in ast.walk(argument) if isinstance(n, ast.Constant)]
    text = " ".join(word for word in words if isinstance(word, str))
    return _SHELL_PATTERNS[0][1].search(text) is not None


def _in_text(text: str) -> Iterator[str]:
    if _URL.match(text):
        yield NETWORK
    if _ENVIRON_FILE.search(text):
        yield ENVIRONMENT
    if len(text) < 400 and _SECRET_FILE.search(text):
        yield HIDDEN
