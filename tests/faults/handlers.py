"""Today's handler, loaded as Lambda loads it, and a former one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tests.faults import former
from tests.faults.former import clients as former_clients
from tests.faults.former import index as former_index
from tests.faults.former import lifecycle as former_lifecycle
from tests.faults.former import wire as former_wire

# Lambda's root is this directory; the modules must be loaded once, by that name.
ASSET = Path(__file__).resolve().parents[2] / "ivs_constructs" / "_lambda"
if str(ASSET) not in sys.path:
    sys.path.insert(0, str(ASSET))

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, index, lifecycle, wire
else:
    from ivs_handler import clients, index, lifecycle, wire

__all__ = ["FORMER", "TODAY", "Handler", "former", "index", "lifecycle", "wire"]


@dataclass(frozen=True, slots=True)
class Handler:
    """The modules of one version of the handler."""

    index: ModuleType
    wire: ModuleType
    lifecycle: ModuleType
    clients: ModuleType


TODAY = Handler(index, wire, lifecycle, clients)
FORMER = Handler(former_index, former_wire, former_lifecycle, former_clients)
