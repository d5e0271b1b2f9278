"""Descriptors of the resource types: the one home of every name, limit and allowed value.

The synth validates and renders with them, the documentation prints them, and a contract test holds
them against the API models. They know nothing of the rest and import the standard library only,
since the Lambda ships them.
"""

from __future__ import annotations

from .low_latency import (
    AD_CONFIGURATION,
    CHANNEL,
    CHANNEL_ASSOCIATIONS,
    FAILOVER_SLATE_CONFIGURATION,
    PLAYBACK_KEY_PAIR,
    PLAYBACK_RESTRICTION_POLICY,
    RECORDING_CONFIGURATION,
    STREAM_KEY,
)
from .prop import CustomResourceSpec, ResourceSpec
from .realtime import (
    ENCODER_CONFIGURATION,
    INGEST_CONFIGURATION,
    PUBLIC_KEY,
    STAGE,
    STORAGE_CONFIGURATION,
)

RESOURCES: tuple[ResourceSpec, ...] = (
    CHANNEL,
    STREAM_KEY,
    RECORDING_CONFIGURATION,
    PLAYBACK_KEY_PAIR,
    PLAYBACK_RESTRICTION_POLICY,
    AD_CONFIGURATION,
    PUBLIC_KEY,
)

CUSTOM_RESOURCES: tuple[CustomResourceSpec, ...] = (
    STAGE,
    ENCODER_CONFIGURATION,
    STORAGE_CONFIGURATION,
    INGEST_CONFIGURATION,
    FAILOVER_SLATE_CONFIGURATION,
    CHANNEL_ASSOCIATIONS,
)
