"""An emulator of both IVS APIs, for tests: real HTTP, real state, and injected faults.

See `Emulator`; from the shell: `python -m ivs_constructs.testing.emulator --port 4588`.
"""

from __future__ import annotations

from ivs_constructs.testing.emulator.backend.account import States
from ivs_constructs.testing.emulator.calls import Call
from ivs_constructs.testing.emulator.clock import Clock, SteppingClock
from ivs_constructs.testing.emulator.emulator import Emulator, Resource
from ivs_constructs.testing.emulator.errors import EmulatorError
from ivs_constructs.testing.emulator.faults import (
    Delay,
    Fault,
    FaultKind,
    Faults,
    Hang,
    Refuse,
    Reset,
    ServerError,
    Throttle,
)

__all__ = [
    "Call",
    "Clock",
    "Delay",
    "Emulator",
    "EmulatorError",
    "Fault",
    "FaultKind",
    "Faults",
    "Hang",
    "Refuse",
    "Reset",
    "Resource",
    "ServerError",
    "States",
    "SteppingClock",
    "Throttle",
]
