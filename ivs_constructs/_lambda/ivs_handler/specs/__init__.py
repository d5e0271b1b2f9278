"""Descriptors of the resource types: the only source of every name, limit and allowed value.

Synth validates and renders with them, the documentation prints them, and a contract test compares
them with the API models. They depend on nothing else and import only the standard library, since
the Lambda ships them.
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

# Only these are needed in the function. `_specs.py` lists the types that CloudFormation has.
CUSTOM_RESOURCES: tuple[CustomResourceSpec, ...] = (
    STAGE,
    ENCODER_CONFIGURATION,
    STORAGE_CONFIGURATION,
    INGEST_CONFIGURATION,
    FAILOVER_SLATE_CONFIGURATION,
    CHANNEL_ASSOCIATIONS,
)
