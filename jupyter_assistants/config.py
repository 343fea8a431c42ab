"""The configuration, as traits and as plain values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, get_args

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir
from traitlets import (
    Bool,
    Dict,
    Enum,
    Float,
    HasTraits,
    Int,
    List,
    TraitError,
    Unicode,
    default,
)
from traitlets.config import Config, Configurable
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from jupyter_assistants.models.dialects import DIALECTS, WireName


def _names(*, local: bool) -> str:
    """Return the names of the known endpoints, of this machine or elsewhere."""
    return ", ".join(name for name, dialect in DIALECTS.items() if dialect.local is local)


SANDBOX_VARIABLE = "JUPYTER_ASSISTANTS_SANDBOX"
"""The variable with the default of the setting ``sandbox``."""


@dataclass(frozen=True)
class Endpoint:
    """An address that serves models. It holds no key, only where to find one.

    Parameters
    ----------
    base_url
        None for OpenAI's address.
    api_key_env
        The variable of the server's environment that holds the key; empty for none.
    wire
        ``chat``, ``responses``, or ``auto`` to find out.
    kind
        The name of its dialect in :data:`.dialects.DIALECTS`; None to go by its address.
    max_attempts
        Attempts per request; 1 for gateways that penalise retries.
    first_byte_seconds
        Longest wait for the first byte of an answer; None for 120, on this machine 600.
    idle_seconds
        Longest pause within an answer.
    provider
        The plug-in that serves it (entry points ``jupyter_assistants.model_providers``); empty for
        the one of the endpoint's name, or else for OpenAI's APIs.
    shipped
        Whether it is one of ours that nobody configured: only a key connects it.
    """

    base_url: str | None = None
    api_key_env: str = ""
    wire: WireName = "auto"
    kind: str | None = None
    max_attempts: int = 4
    first_byte_seconds: float | None = None
    idle_seconds: float = 60.0
    provider: str = ""
    shipped: bool = False


def endpoints(configured: Mapping[str, Any]) -> dict[str, Endpoint]:
    """Return the endpoints by name: the known ones, and those of the trait ``providers``.

    Raises
    ------
    TraitError
        If an option is unknown.
    """
    found: dict[str, Endpoint] = {}
    for name, dialect in DIALECTS.items():
        address = os.environ.get(dialect.url_env) if dialect.url_env else None
        url = address.rstrip("/") + dialect.url_path if address else dialect.base_url
        endpoint = Endpoint(url or None, dialect.key_env, dialect.wire, shipped=True)
        if dialect.connects_by_address:
            found[name] = replace(endpoint, shipped=not address)
        elif name in configured or (url and not dialect.local):
            found[name] = replace(endpoint, kind=name if dialect.local else None)
    for name, options in configured.items():
        try:
            found[name] = replace(found.get(name, Endpoint()), shipped=False, **options)
        except TypeError:
            known = ", ".join(field.name for field in fields(Endpoint) if field.name != "shipped")
            text = (
                f"c.JupyterAssistantsApp.providers: {options!r} of '{name}' is not made of {known}."
            )
            raise TraitError(text) from None
        if found[name].wire not in get_args(WireName):
            text = f"c.JupyterAssistantsApp.providers: the wire of '{name}' is auto, chat or responses."
            raise TraitError(text)
    return found


_OFF = ("gpt-4", "gpt-4-*", "gpt-4.5*", "gpt-3.5*", "gpt-35*", "o1", "o1-*", "o4-mini*")
_ENDING = (
    "gpt-4o*",
    "chatgpt-4o*",
    "gpt-4.1*",
    "gpt-5",
    "gpt-5-mini*",
    "gpt-5-nano*",
    "o3",
    "o3-*",
)

RETIRED_MODELS: Mapping[str, str] = dict.fromkeys((*_OFF, *_ENDING), "default")
"""The shipped ``model_aliases``: retired models, or models that retire soon, in old programs."""


def is_off(name: str) -> bool:
    """Return whether the vendor has switched a model off (since 2026-10-23 at the latest)."""
    return any(fnmatch(name, pattern) for pattern in _OFF)


@dataclass(frozen=True)
class Settings:
    """The configuration as plain values; the traits of the same names explain them."""

    data_dir: Path
    database_url: str = ""
    journal_mode: str = "wal"
    embedding_model: str = ""
    default_model: str = ""
    model_aliases: Mapping[str, str] = field(default_factory=dict)
    """The user's own; they apply even if an endpoint lists the name."""
    retired_models: Mapping[str, str] = field(default_factory=lambda: RETIRED_MODELS)
    """The shipped ones; they do not apply to a name that an endpoint lists."""
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    offer_local_servers: bool = True
    allow_connecting: bool = True
    allowed_models: tuple[str, ...] = ()
    max_approval: str = "auto"
    run_expiry: int = 600
    max_turns: int = 24
    code_timeout: float = 120.0
    dedicated_kernel_idle: float = 3600.0
    kernel_environment: tuple[str, ...] = ()
    kernel_memory: int = 0
    kernel_processes: int = 2000
    kernel_file_size: int = 10_000
    kernel_disk: int = 20_000
    sandbox: str = field(default_factory=lambda: os.environ.get(SANDBOX_VARIABLE, "auto"))
    prompt_budget: int = 100_000
    summaries: bool = False
    max_answer_characters: int = 4_000_000
    windows: Mapping[str, int] = field(default_factory=dict)
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the database's address; SQLite in ``data_dir`` when none is configured."""
        return self.database_url or f"sqlite:///{self.data_dir / 'assistants.db'}"


class AssistantsTraits(HasTraits):
    """The traits of ``c.JupyterAssistantsApp``, usable without a server as well."""

    data_dir = Unicode(help="Folder of the database, the files and the kernels' folders.").tag(
        config=True
    )
    database_url = Unicode(
        "", help="SQLAlchemy address of the database. Empty: SQLite in data_dir."
    ).tag(config=True)
    journal_mode = Enum(
        ["wal", "delete", "truncate", "persist"],
        "wal",
        help="SQLite's journal mode. Use 'delete' if data_dir is on a network file system.",
    ).tag(config=True)
    embedding_model = Unicode(
        "",
        help="Model of the vectors with which file_search finds by meaning: 'ENDPOINT/MODEL', whose "
        "/embeddings then receives the text of all files and the queries; 'fastembed/MODEL' for a "
        "model on this machine; the absolute path of a folder with a model in ONNX; 'none'; or empty "
        "for all-MiniLM-L6-v2 on this machine, if jupyter-assistants[embeddings] is installed. "
        "Without a model, files are found by their words. After a change, all files are embedded "
        "again in the background.",
    ).tag(config=True)
    default_model = Unicode(
        "",
        help="Model for assistants whose own is not available here. Empty: $JUPYTER_ASSISTANTS_MODEL, "
        "or the first model that the server behind $OPENAI_BASE_URL lists, or gpt-6-luna if there is an "
        "OpenAI key, or demo.",
    ).tag(config=True)
    model_aliases = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        default_value=dict(RETIRED_MODELS),
        help="Patterns of model names (gpt-4*) and the model that answers instead: 'default' for the "
        "default model, empty to use the name as it is. Yours come before the shipped ones, which "
        "replace retired models that no endpoint lists. {} switches all of them off.",
    ).tag(config=True)
    providers = Dict(
        help="Endpoints by name: {'lab': {'base_url': 'https://models.example.org/v1', 'api_key_env': "
        "'LAB_KEY'}, 'ollama': {}}. Their models are called 'lab/NAME'. Known names need less: "
        + _names(local=False)
        + " need only a key; "
        + _names(local=True)
        + " only {}. More options: wire, kind, provider, max_attempts, first_byte_seconds, idle_seconds."
    ).tag(config=True)
    offer_local_servers = Bool(
        True,
        help="Whether model servers that are found on 127.0.0.1 are offered in the list of models. They "
        "are not used until somebody connects them.",
    ).tag(config=True)
    allow_connecting = Bool(
        True,
        help="Whether users may connect and disconnect endpoints with one click: model servers that "
        "are found on 127.0.0.1, and vendors whose key the server has. No key and no address is "
        "accepted from a browser. Their choices are in connections.json in data_dir.",
    ).tag(config=True)
    allowed_models = List(
        Unicode(), help="Patterns of the model names that users may use. Empty: all."
    ).tag(config=True)
    max_approval = Enum(
        ["ask", "always", "auto"],
        "auto",
        help="The most that users may allow for code that they are asked about: 'auto' runs it without "
        "asking, 'always' lets them allow all code of one thread in one kernel, 'ask' neither.",
    ).tag(config=True)
    run_expiry = Int(600, min=1, help="Seconds after its creation when a run expires.").tag(
        config=True
    )
    max_turns = Int(24, min=1, help="Model calls in one run.").tag(config=True)
    code_timeout = Float(120.0, min=1, help="Seconds before running code is interrupted.").tag(
        config=True
    )
    dedicated_kernel_idle = Float(
        3600.0, min=1, help="Seconds without code after which a thread's own kernel ends."
    ).tag(config=True)
    kernel_environment = List(
        Unicode(),
        help="Patterns of the server's variables that threads' own kernels get beyond the usual ones "
        "(PATH, LANG, CONDA_*, OMP_NUM_THREADS, …): ['LAB_*', 'DATABASE_URL']. Sandboxes get none.",
    ).tag(config=True)
    kernel_memory = Int(
        0,
        help="Megabytes of memory for a thread's own kernel with all its processes. 0: three quarters of "
        "the machine's; -1: no limit.",
    ).tag(config=True)
    kernel_processes = Int(
        2000, min=0, help="Processes and threads of a thread's own kernel. 0: no limit."
    ).tag(config=True)
    kernel_file_size = Int(
        10_000, min=0, help="Megabytes of a file that a thread's own kernel writes. 0: no limit."
    ).tag(config=True)
    kernel_disk = Int(
        20_000,
        min=0,
        help="Megabytes of all files in the folder of a thread's own kernel. 0: no limit.",
    ).tag(config=True)
    sandbox = Enum(
        ["auto", "always", "never"],
        "auto",
        help="Whether threads' own kernels for which nobody asked for a sandbox run in one, with the "
        "network and without the server's secrets: 'auto' where bubblewrap works, 'always' or not at "
        "all, 'never'. Default: $JUPYTER_ASSISTANTS_SANDBOX, or 'auto'.",
    ).tag(config=True)
    prompt_budget = Int(
        100_000, min=1000, help="Most tokens in one prompt; longer threads are truncated."
    ).tag(config=True)
    max_answer_characters = Int(
        4_000_000,
        min=1000,
        help="Most characters in one answer of a model, with the arguments of its calls. A piece of a "
        "stream counts as at least 16 characters. A longer answer is stopped and its run fails.",
    ).tag(config=True)
    summaries = Bool(
        False,
        help="Whether the model summarises the part of a long thread that is dropped from its prompts. "
        "Each summary costs one more model call.",
    ).tag(config=True)
    windows = Dict(
        key_trait=Unicode(),
        value_trait=Int(min=1),
        help="Tokens of prompt and answer together, by patterns of models: {'ollama/*': 32000, "
        "'our-model': 64000}. They take precedence over what an endpoint says.",
    ).tag(config=True)
    prices = Dict(
        help="Dollars for a million tokens, by model: {'NAME': {'input': 1.25, 'output': 10}}. With "
        "prices, the totals of a thread include its cost."
    ).tag(config=True)

    @default("sandbox")
    def _sandbox(self) -> str:
        return os.environ.get(SANDBOX_VARIABLE, "auto")

    @default("data_dir")
    def _data_dir(self) -> str:
        home = os.environ.get("JUPYTER_ASSISTANTS_DATA_DIR")
        return home or str(Path(jupyter_data_dir()) / "jupyter_assistants")

    def settings(self) -> Settings:
        """Return the plain values."""
        aliases = {k: v for k, v in self.model_aliases.items() if RETIRED_MODELS.get(k) != v}
        retired = {k: v for k, v in RETIRED_MODELS.items() if k not in aliases}
        return Settings(
            data_dir=Path(self.data_dir).expanduser(),
            database_url=self.database_url,
            journal_mode=self.journal_mode,
            embedding_model=self.embedding_model,
            default_model=self.default_model or os.environ.get("JUPYTER_ASSISTANTS_MODEL", ""),
            model_aliases=aliases,
            retired_models=retired if self.model_aliases else {},
            endpoints=endpoints(self.providers),
            offer_local_servers=self.offer_local_servers,
            allow_connecting=self.allow_connecting,
            allowed_models=tuple(self.allowed_models),
            max_approval=self.max_approval,
            run_expiry=self.run_expiry,
            max_turns=self.max_turns,
            code_timeout=self.code_timeout,
            dedicated_kernel_idle=self.dedicated_kernel_idle,
            kernel_environment=tuple(self.kernel_environment),
            kernel_memory=self.kernel_memory,
            kernel_processes=self.kernel_processes,
            kernel_file_size=self.kernel_file_size,
            kernel_disk=self.kernel_disk,
            sandbox=self.sandbox,
            prompt_budget=self.prompt_budget,
            summaries=self.summaries,
            max_answer_characters=self.max_answer_characters,
            windows=dict(self.windows),
            prices=_checked_prices(self.prices),
        )


def _checked_prices(prices: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the prices as numbers; converted here, so that a wrong one stops the start."""
    return {
        model: {side: float(price[side]) for side in ("input", "output")}
        for model, price in prices.items()
    }


class StandaloneConfig(AssistantsTraits, Configurable):
    """The traits where no server app has them: in kernels without a server and in the CLI."""

    @classmethod
    def section_names(cls) -> list[str]:
        """Return the sections of the configuration that are read: those of the server app."""
        return ["JupyterAssistantsApp"]


def load_settings() -> Settings:
    """Return the settings that a Jupyter server of this user would have.

    It reads the same configuration files, so that a kernel without a server uses the same
    database.
    """
    config: Config = Config()
    for folder in reversed(jupyter_config_path()):
        for name in ("jupyter_server_config", "jupyter_jupyter_assistants_config"):
            for loader in (JSONFileConfigLoader, PyFileConfigLoader):
                suffix = ".json" if loader is JSONFileConfigLoader else ".py"
                config.merge(_load(loader, name + suffix, folder))
    return StandaloneConfig(config=config).settings()


def _load(loader: Any, name: str, folder: str) -> Config:
    try:
        loaded: Config = loader(name, path=folder).load_config()
    except ConfigFileNotFound:
        return Config()
    return loaded
