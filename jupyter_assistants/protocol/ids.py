"""Ids and times as the protocol spells them (docs/internals/protocol.md, "Ids and pages")."""

from __future__ import annotations

import secrets
import string
import time

_ALPHABET = string.ascii_letters + string.digits

ASSISTANT = "asst_"
THREAD = "thread_"
MESSAGE = "msg_"
RUN = "run_"
STEP = "step_"
CALL = "call_"
FILE = "file-"
ITEM = "item_"
UPLOAD = "upload_"
PART = "part_"
VECTOR_STORE = "vs_"
FILE_BATCH = "vsfb_"


def new_id(prefix: str) -> str:
    """Return ``prefix`` and 24 random base-62 characters (142 random bits)."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def now() -> int:
    """Return the time in whole seconds since 1970."""
    return int(time.time())
