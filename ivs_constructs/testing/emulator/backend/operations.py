"""Every emulated operation; apart from tags, no two services share a name."""

from __future__ import annotations

from collections.abc import Mapping

from ivs_constructs.testing.emulator.backend import low_latency, realtime, resources, tags
from ivs_constructs.testing.emulator.backend.resources import Operate

OPERATIONS: Mapping[str, Operate] = {
    **resources.OPERATIONS,
    **low_latency.OPERATIONS,
    **realtime.OPERATIONS,
    **tags.OPERATIONS,
}
