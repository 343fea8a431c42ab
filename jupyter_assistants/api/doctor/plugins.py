"""Check of plug-ins: whether every one that is installed can be loaded."""

from __future__ import annotations

from jupyter_assistants import registry
from jupyter_assistants.protocol.doctor import Check, check

TITLE = "Plug-ins"


def check_plugins() -> Check:
    """Load every plug-in and name those that are skipped. Blocking: it imports packages."""
    found = set()
    for group in registry.groups():
        loaded = group.load_all()
        found |= {entry.distribution for name, entry in group.entries().items() if name in loaded}
    failures = registry.failures()
    if failures:
        detail = "; ".join(
            f"'{failure.entry.name}' of the package '{failure.entry.distribution}' "
            f"({failure.entry.group}) is skipped: {failure.error}"
            for failure in failures
        )
        names = ", ".join(sorted({failure.entry.distribution for failure in failures}))
        remedy = f"Update or uninstall {names}, then restart the server."
        return check("plugins", TITLE, "problem", f"{detail}.", remedy)
    others = sorted(found - {registry.DISTRIBUTION})
    detail = f"Loaded from {', '.join(others)}." if others else "No other package adds any."
    return check("plugins", TITLE, "ok", detail)
