"""A kernel of the language Toytalk."""

from __future__ import annotations

from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp


class ToytalkKernel(IPythonKernel):  # type: ignore[misc]
    """Executes Python and calls it Toytalk."""

    @property
    def language_info(self) -> dict[str, Any]:
        """Return the language that the kernel reports."""
        return {"name": "toytalk", "version": "1", "mimetype": "text/plain"}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=ToytalkKernel)
