"""``python -m benchmarks.dabench``."""

from __future__ import annotations

import sys

from benchmarks.dabench.command import main

sys.exit(main())
