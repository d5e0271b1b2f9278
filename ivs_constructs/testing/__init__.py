"""For unit tests: `synthesize` and its result, a pytest plugin, and an emulator of IVS."""

from __future__ import annotations

from ivs_constructs.testing.permissions import Permission
from ivs_constructs.testing.synthesized import Resource, Synthesized, synthesize

__all__ = ["Permission", "Resource", "Synthesized", "synthesize"]
