"""Descriptors of the resource types: the one home of every name, limit and allowed value.

The synth validates and renders with them, the documentation prints them, and a contract test holds
them against the API models. They know nothing of the rest and import the standard library only,
since the Lambda ships them.
"""

from __future__ import annotations

from .low_latency import CHANNEL_ASSOCIATIONS, FAILOVER_SLATE_CONFIGURATION
from .prop import CustomResourceSpec
from .realtime import (
    ENCODER_CONFIGURATION,
    INGEST_CONFIGURATION,
    STAGE,
    STORAGE_CONFIGURATION,
)

# The function needs only these. `_specs.py` lists the resources that CloudFormation has types for.
CUSTOM_RESOURCES: tuple[CustomResourceSpec, ...] = (
    STAGE,
    ENCODER_CONFIGURATION,
    STORAGE_CONFIGURATION,
    INGEST_CONFIGURATION,
    FAILOVER_SLATE_CONFIGURATION,
    CHANNEL_ASSOCIATIONS,
)
