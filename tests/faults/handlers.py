"""The handler, loaded as Lambda loads it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

# Lambda's root is this directory; the modules must be loaded once, by that name.
ASSET = Path(__file__).resolve().parents[2] / "ivs_constructs" / "_lambda"
if str(ASSET) not in sys.path:
    sys.path.insert(0, str(ASSET))

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, index, lifecycle, wire
else:
    from ivs_handler import clients, index, lifecycle, wire

__all__ = ["clients", "index", "lifecycle", "wire"]
