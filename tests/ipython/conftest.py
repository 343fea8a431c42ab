"""A kernel whose model runs the code in the prompt; one for each module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.coding_model import coding
from support.kernel_session import KernelSession, kernel_session
from support.upstream import Upstream

FIXED = "The name was wrong.\n\n```python\ntotal = 6\nprint(total / 2)\n```"


@contextmanager
def kernel_of(upstream: Upstream, folder: Path, data: Path) -> Iterator[KernelSession]:
    """Start a kernel that asks this endpoint, without a Jupyter server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(data))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "m")
        patch.setenv("OPENAI_BASE_URL", upstream.url)
        patch.setenv("OPENAI_API_KEY", "sk-of-the-endpoint")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(folder) as session:
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            yield session


@pytest.fixture(scope="module")
def coder() -> Iterator[Upstream]:
    with coding({"A cell of my notebook failed": FIXED}) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def coder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the coder's kernel works."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def coder_kernel(
    coder: Upstream, coder_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KernelSession]:
    with kernel_of(coder, coder_folder, tmp_path_factory.mktemp("data")) as session:
        yield session
