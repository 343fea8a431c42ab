"""What functions, modules and methods of Python are known to do."""

from __future__ import annotations

from jupyter_assistants.kernels.languages.hint_kinds import (
    ASKS,
    DELETES,
    DYNAMIC,
    ENDS,
    ENVIRONMENT,
    INSTALLS,
    MOVES,
    NATIVE,
    NETWORK,
    RUNS,
    SETS_ENVIRONMENT,
    WRITES,
)

CALLS: dict[str, str] = {
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
    **dict.fromkeys(["os.getenv", "os.getenvb", "dotenv.dotenv_values"], ENVIRONMENT),
    **dict.fromkeys(["os.putenv", "os.unsetenv", "dotenv.load_dotenv"], SETS_ENVIRONMENT),
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
"""Functions by their whole name."""

MODULES: dict[str, str] = {
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
"""Modules of which any use counts."""

PREFIXES = {"os.exec": RUNS, "os.spawn": RUNS, "os.posix_spawn": RUNS}
"""Beginnings of whole names."""

METHODS: dict[str, str] = {
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
"""Methods by their name, whatever they belong to."""

ENVIRONMENTS = frozenset(["os.environ", "os.environb"])
"""The variables of the process."""

MUTATORS = frozenset(
    ["clear", "pop", "popitem", "setdefault", "update", "__setitem__", "__delitem__", "__ior__"]
)
"""Methods that change a mapping."""

MAYBE_TO_FILE = frozenset(
    ["to_csv", "to_json", "to_html", "to_markdown", "to_latex", "to_xml", "to_string"]
)
"""Methods that write if they are given a path."""
