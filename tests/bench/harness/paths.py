"""Where things are."""

import os
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
PROJECT = BENCH.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or PROJECT / "target").resolve()
RELEASE = TARGET / "release"
SCRATCH = TARGET / "bench"
WORKERS = BENCH / "workers"
