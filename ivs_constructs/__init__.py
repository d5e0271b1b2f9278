"""AWS CDK constructs for Amazon Interactive Video Service (IVS).

Every name is loaded when it is first used: importing the package itself loads neither the AWS CDK
nor Node.js.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from ivs_constructs._node import ensure_node

if TYPE_CHECKING:
    __version__: str

    from ivs_constructs.ad_configuration import AdConfiguration, IAdConfiguration
    from ivs_constructs.channel import Channel, IChannel
    from ivs_constructs.enums import (
        ChannelType,
        ContainerFormat,
        LatencyMode,
        MaximumResolution,
        Policy,
        Preset,
        RecordingMode,
        RenditionSelection,
        Resolution,
        Storage,
    )
    from ivs_constructs.errors import (
        Failure,
        InvalidPropertyError,
        InvalidScopeError,
        IvsConstructsError,
        MissingNodeError,
        SecretAttributeError,
        UnknownAttributeError,
        UnsupportedError,
    )
    from ivs_constructs.patterns.live_channel import LiveChannel
    from ivs_constructs.playback_key_pair import IPlaybackKeyPair, PlaybackKeyPair
    from ivs_constructs.playback_restriction_policy import (
        IPlaybackRestrictionPolicy,
        PlaybackRestrictionPolicy,
    )
    from ivs_constructs.recording_bucket import RecordingBucket
    from ivs_constructs.recording_configuration import (
        IRecordingConfiguration,
        RecordingConfiguration,
    )
    from ivs_constructs.stream_key import IStreamKey, StreamKey
    from ivs_constructs.values import (
        MultitrackInputConfiguration,
        PostRollConfiguration,
        RenditionConfiguration,
        ThumbnailConfiguration,
    )

_HOMES = {
    "ad_configuration": ("AdConfiguration", "IAdConfiguration"),
    "channel": ("Channel", "IChannel"),
    "enums": (
        "ChannelType",
        "ContainerFormat",
        "LatencyMode",
        "MaximumResolution",
        "Policy",
        "Preset",
        "RecordingMode",
        "RenditionSelection",
        "Resolution",
        "Storage",
    ),
    "errors": (
        "Failure",
        "InvalidPropertyError",
        "InvalidScopeError",
        "IvsConstructsError",
        "MissingNodeError",
        "SecretAttributeError",
        "UnknownAttributeError",
        "UnsupportedError",
    ),
    "patterns.live_channel": ("LiveChannel",),
    "playback_key_pair": ("IPlaybackKeyPair", "PlaybackKeyPair"),
    "playback_restriction_policy": ("IPlaybackRestrictionPolicy", "PlaybackRestrictionPolicy"),
    "recording_bucket": ("RecordingBucket",),
    "recording_configuration": ("IRecordingConfiguration", "RecordingConfiguration"),
    "stream_key": ("IStreamKey", "StreamKey"),
    "values": (
        "MultitrackInputConfiguration",
        "PostRollConfiguration",
        "RenditionConfiguration",
        "ThumbnailConfiguration",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_WITHOUT_NODE = ("enums", "errors", "values")

__all__ = [
    "AdConfiguration",
    "Channel",
    "ChannelType",
    "ContainerFormat",
    "Failure",
    "IAdConfiguration",
    "IChannel",
    "IPlaybackKeyPair",
    "IPlaybackRestrictionPolicy",
    "IRecordingConfiguration",
    "IStreamKey",
    "InvalidPropertyError",
    "InvalidScopeError",
    "IvsConstructsError",
    "LatencyMode",
    "LiveChannel",
    "MaximumResolution",
    "MissingNodeError",
    "MultitrackInputConfiguration",
    "PlaybackKeyPair",
    "PlaybackRestrictionPolicy",
    "Policy",
    "PostRollConfiguration",
    "Preset",
    "RecordingBucket",
    "RecordingConfiguration",
    "RecordingMode",
    "RenditionConfiguration",
    "RenditionSelection",
    "Resolution",
    "SecretAttributeError",
    "Storage",
    "StreamKey",
    "ThumbnailConfiguration",
    "UnknownAttributeError",
    "UnsupportedError",
    "ensure_node",
]


if not TYPE_CHECKING:  # type checkers would take every name for a good one

    def __getattr__(name: str) -> object:
        if name == "__version__":
            # Not at the top: this import costs more than all the rest of the package's.
            from importlib.metadata import version

            return version("ivs-constructs")
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        if home not in _WITHOUT_NODE and "jsii" not in sys.modules:
            ensure_node()
        found = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
