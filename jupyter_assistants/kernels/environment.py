"""The variables that processes get which this server starts: those that are known to be harmless.

A deny list is always one name short: ``SENTRY_DSN``, ``GITHUB_PAT``, ``VAULT_ADDR`` with a token in
it. So a variable is passed on only if it is listed here or an administrator named it
(docs/internals/sandbox.md, "The environment").
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from jupyter_assistants.redaction import is_secret_name

_LANGUAGE = ("LANG", "LANGUAGE", "LC_*", "TZ")
"""All that a sandbox gets."""
_KNOWN = (
    *_LANGUAGE,
    # The person and the places of their files.
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"),
    # What finds interpreters, packages and libraries.
    *("VIRTUAL_ENV", "CONDA_*", "MAMBA_*", "PYTHON*", "LD_*", "DYLD_*", "PIP_*", "UV_*"),
    *("R_*", "JULIA_*", "JAVA_HOME", "SPARK_HOME", "PYSPARK_*", "GDAL_*", "PROJ_*"),
    *("HF_HOME", "JUPYTER_PATH", "JUPYTER_PREFER_ENV_PATH", "JUPYTER_PLATFORM_DIRS"),
    # How many threads numeric libraries start, and on what.
    *("OMP_*", "GOMP_*", "KMP_*", "OPENBLAS_*", "MKL_*", "BLIS_*", "NUMEXPR_*", "VECLIB_*"),
    *("NUMBA_*", "POLARS_*", "MALLOC_*", "CUDA_*", "NVIDIA_*", "ROCR_*", "HIP_*", "MPL*"),
    # The way to the network.
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    # Windows starts no program without these.
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA"),
    *("USERPROFILE", "PROGRAMDATA", "PROGRAMFILES*", "NUMBER_OF_PROCESSORS"),
)
CREDENTIALS = re.compile(r"://[^\s/@]{1,512}@")
"""An address with a password or a token in it."""


def filter_environment(environ: Mapping[str, str], more: Iterable[str] = ()) -> dict[str, str]:
    """Return the variables that a process of ours may see.

    Parameters
    ----------
    environ
        Those of this process.
    more
        Patterns of further names that an administrator passes on, whatever they hold.
    """
    wanted = tuple(more)
    return {
        name: value
        for name, value in environ.items()
        if _matches(name, wanted) or (_matches(name, _KNOWN) and not _is_secret(name, value))
    }


def sandbox_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that code in a sandbox may see: language and time zone."""
    return {name: value for name, value in environ.items() if _matches(name, _LANGUAGE)}


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those that say, or show, that they are secret."""
    return {name: value for name, value in variables.items() if not _is_secret(name, value)}


def _is_secret(name: str, value: str) -> bool:
    # An index or a proxy often has a password in its address.
    return is_secret_name(name) or CREDENTIALS.search(value) is not None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    # Windows knows no case in the names of variables.
    name = name.upper() if sys.platform == "win32" else name
    return any(fnmatchcase(name, pattern) for pattern in patterns)
