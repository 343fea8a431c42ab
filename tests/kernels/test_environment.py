"""Which variables of the server reach the processes that it starts."""

from __future__ import annotations

import pytest

from jupyter_assistants.kernels.environment import (
    filter_environment,
    sandbox_environment,
    without_secrets,
)

SECRETS = {
    "DATABASE_URL": "postgresql://db/lab",
    "SENTRY_DSN": "https://1@sentry.example.org/2",
    "GITHUB_PAT": "ghp",
    "WAREHOUSE_DSN": "dsn=lab",
    "SIGNING_PASSPHRASE": "correct horse",
    "AWS_CREDENTIALS": "id:secret",
    "CONDA_TOKEN": "t",
    "PIP_INDEX_URL": "https://ada:pw@index.example.org/simple",
    "JUPYTERHUB_API_TOKEN": "hub",
}
KNOWN = {
    "PATH": "/usr/bin",
    "HOME": "/home/ada",
    "LC_TIME": "C",
    "VIRTUAL_ENV": "/home/ada/venv",
    "OMP_NUM_THREADS": "2",
    "HTTPS_PROXY": "http://proxy:3128",
}
UNKNOWN = {"LAB_SETTING": "7", "JUPYTER_RUNTIME_DIR": "/run/jupyter", "DISPLAY": ":0"}
ALL = SECRETS | KNOWN | UNKNOWN


def test_only_known_variables_without_secrets_are_passed_on() -> None:
    assert filter_environment(ALL) == KNOWN


def test_an_administrator_can_name_more_even_secret_ones() -> None:
    more = filter_environment(ALL, ["LAB_*", "DATABASE_URL"])
    assert more == KNOWN | {"LAB_SETTING": "7", "DATABASE_URL": "postgresql://db/lab"}


def test_a_sandbox_gets_language_and_time_zone_only() -> None:
    assert sandbox_environment({**ALL, "TZ": "UTC"}) == {"LC_TIME": "C", "TZ": "UTC"}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_recognised_by_its_name_or_by_its_value(name: str) -> None:
    assert without_secrets({name: SECRETS[name], "LAB_SETTING": "7"}) == {"LAB_SETTING": "7"}
