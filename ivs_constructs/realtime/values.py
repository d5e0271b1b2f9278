"""Immutable values for constructs: groups of settings that belong together.

They are checked when they are made, so an error points at the line that wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, check_members, enum_value, is_concrete
from ivs_constructs._core.misnamed import advise_arguments, advise_factories
from ivs_constructs._specs import Prop
from ivs_constructs.enums import (
    MediaType,
    RecordingMode,
    Storage,
)

if TYPE_CHECKING:
    import aws_cdk as cdk
    from _typeshed import DataclassInstance
    from aws_cdk.interfaces.aws_ivs import (
        IChannelRef,
        IEncoderConfigurationRef,
        IStorageConfigurationRef,
    )

MOST_PIXELS = 2_073_600
"""Pixels of the largest picture in an encoder configuration: 1920 times 1080."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """Picture size, frame rate and bitrate of a composition.

    Attributes:
        width: Width in pixels, even, 2-1920. Default: 1280 (set by IVS).
        height: Height in pixels, even, 2-1920; width times height is at most 2073600.
            Default: 720 (set by IVS).
        framerate: Frames a second, 1-60. Default: 30 (set by IVS).
        bitrate: Bits a second, 1-8500000. Default: 2500000 (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> video = Video(width=1920, height=1080, framerate=30, bitrate=6_000_000)

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_Video.html
    """

    # float, because a deploy-time number is one.
    width: float | None = None
    height: float | None = None
    framerate: float | None = None
    bitrate: float | None = None

    def __post_init__(self) -> None:
        check = check_members(self, specs.VIDEO, specs.ENCODER_CONFIGURATION)
        for name in ("width", "height"):
            pixels = getattr(self, name)
            if not check.failures and is_concrete(pixels) and (pixels or 0) % 2:
                check.fail(
                    name,
                    "even",
                    f"{name} must be an even number of pixels, got {pixels}; use {pixels - 1} or "
                    f"{pixels + 1}",
                )
        if not check.failures and is_concrete((self.width, self.height)):
            defaults = {"width": 1280, "height": 720}
            width, height = (getattr(self, name) or pixels for name, pixels in defaults.items())
            if width * height > MOST_PIXELS:
                check.fail(
                    "width",
                    "pixels",
                    f"width times height must be at most {MOST_PIXELS} pixels (1920 times 1080), "
                    f"got {width} times {height}; make the picture smaller",
                )
        check.raise_for("Video")

    @classmethod
    def hd_720p(cls) -> Video:
        """1280 times 720 pixels, 30 frames a second, 2.5 million bits a second."""
        return cls(width=1280, height=720, framerate=30, bitrate=2_500_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantThumbnailConfiguration:
    """Whether and how thumbnails of a stage's participants are made.

    Make one with `interval` or `disable`.

    Attributes:
        recording_mode: Whether thumbnails are made.
        storage: How to store them: one or two ways. Default: SEQUENTIAL (set by IVS).
        target_interval: Time between two thumbnails, 1-86400 whole seconds.
            Default: 60 seconds (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed, or one is given while thumbnails are
            disabled.

    Example:
        >>> thumbnails = ParticipantThumbnailConfiguration.interval(storage=[Storage.LATEST])

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
    """

    recording_mode: RecordingMode | str
    storage: Sequence[Storage | str] | None = None
    target_interval: cdk.Duration | None = None

    def __post_init__(self) -> None:
        check = check_members(self, specs.PARTICIPANT_THUMBNAILS, specs.STAGE)
        if enum_value(self.recording_mode) == RecordingMode.DISABLED:
            for name in ("storage", "target_interval"):
                if getattr(self, name) is not None:
                    check.fail(
                        name,
                        "thumbnails-disabled",
                        f"{name} requires recording_mode INTERVAL, got DISABLED; use "
                        f"ParticipantThumbnailConfiguration.interval(...) or drop {name}",
                    )
        check.raise_for("ParticipantThumbnailConfiguration")

    @classmethod
    def interval(
        cls,
        *,
        storage: Sequence[Storage | str] | None = None,
        target_interval: cdk.Duration | None = None,
    ) -> ParticipantThumbnailConfiguration:
        """Make a thumbnail of each participant at an interval.

        Args:
            storage: How to store them: one or two ways. Default: SEQUENTIAL (set by IVS).
            target_interval: Time between two thumbnails, 1-86400 whole seconds.
                Default: 60 seconds (set by IVS).
        """
        return cls(
            recording_mode=RecordingMode.INTERVAL, storage=storage, target_interval=target_interval
        )

    @classmethod
    def disable(cls) -> ParticipantThumbnailConfiguration:
        """Make no thumbnails."""
        return cls(recording_mode=RecordingMode.DISABLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class AutoParticipantRecording:
    """How every participant who publishes to a stage is recorded.

    Attributes:
        storage_configuration: Where recordings go.
        media_types: What is recorded, at most one MediaType. NONE records thumbnails only and
            needs a custom resource. Default: AUDIO_VIDEO (set by IVS).
        thumbnail_configuration: Whether and how thumbnails are made. Default: none (set by IVS).
        recording_reconnect_window: How long a participant may be gone and still continue the same
            recording, 0-300 whole seconds. Default: 0 seconds (set by IVS).
        target_segment_duration: Length of a segment of the recording, 2-10 whole seconds.
            Default: 6 seconds (set by IVS).
        record_participant_replicas: Whether participants replicated from another stage are
            recorded here as well; needs a custom resource. Default: True (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed, or nothing would be recorded.

    Example:
        >>> recording = AutoParticipantRecording(
        ...     storage_configuration=storage, media_types=[MediaType.AUDIO_ONLY]
        ... )

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
    """

    storage_configuration: IStorageConfigurationRef
    media_types: Sequence[MediaType | str] | None = None
    thumbnail_configuration: ParticipantThumbnailConfiguration | None = None
    recording_reconnect_window: cdk.Duration | None = None
    target_segment_duration: cdk.Duration | None = None
    record_participant_replicas: bool | None = None

    def __post_init__(self) -> None:
        check = Check(specs.STAGE.source)
        # The storage configuration is checked once the stage's stack is known.
        for prop in specs.AUTO_PARTICIPANT_RECORDING.members[1:]:
            for member in prop.members if prop.py == "hls_configuration" else (prop,):
                value = getattr(self, member.py)
                if value is not None:
                    check.value(member, value)
        types = self.media_types
        thumbnails = self.thumbnail_configuration
        if (
            not check.failures
            and is_concrete(types)
            and [enum_value(t) for t in types or ()] == ["NONE"]
        ):
            mode = None if thumbnails is None else enum_value(thumbnails.recording_mode)
            if mode != RecordingMode.INTERVAL:
                check.fail(
                    "media_types",
                    "nothing-recorded",
                    "media_types [NONE] requires thumbnails, or nothing is recorded, got none; "
                    "pass thumbnail_configuration=ParticipantThumbnailConfiguration.interval() or "
                    "another media type",
                )
        check.raise_for("AutoParticipantRecording")


def _check_layout(value: DataclassInstance, prop: Prop) -> None:
    """Check a layout, whose numbers have a minimum and no maximum."""
    check = check_members(value, prop, specs.COMPOSITION)
    for member in prop.members:
        pixels = getattr(value, member.py)
        judged = isinstance(pixels, int) and not isinstance(pixels, bool)
        if judged and member.minimum is not None and pixels < member.minimum:
            check.fail(
                member.py,
                "range",
                f"{member.py} must be at least {member.minimum}, got {pixels}; raise {member.noun}",
            )
    check.raise_for(type(value).__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class GridLayout:
    """A composition that shows all participants as tiles of a grid.

    Attributes:
        featured_participant_attribute: Name of an attribute, up to 128 letters, digits, - and _. A
            participant whose token has it with the value "true" is in the featured slot. Default:
            nobody is featured (set by IVS).
        omit_stopped_video: Whether participants whose video is stopped are left out.
            Default: False (set by IVS).
        video_aspect_ratio: Shape of the tiles that are not featured: AUTO, VIDEO (16:9), SQUARE
            (1:1) or PORTRAIT (3:4). Default: VIDEO (set by IVS).
        video_fill_mode: How a video of another shape fills its tile: FILL stretches it, COVER crops
            it, CONTAIN puts bars around it. Default: COVER, and CONTAIN for the featured
            participant (set by IVS).
        grid_gap: Space between tiles in pixels, 0 or more. Default: 2 (set by IVS).
        participant_order_attribute: Name of the token attribute whose value orders the
            participants. Default: the order of arrival (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> layout = GridLayout(featured_participant_attribute="host", video_fill_mode="CONTAIN")

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_GridConfiguration.html
    """

    featured_participant_attribute: str | None = None
    omit_stopped_video: bool | None = None
    video_aspect_ratio: Literal["AUTO", "VIDEO", "SQUARE", "PORTRAIT"] | None = None
    video_fill_mode: Literal["FILL", "COVER", "CONTAIN"] | None = None
    grid_gap: float | None = None
    participant_order_attribute: str | None = None

    def __post_init__(self) -> None:
        _check_layout(self, specs.GRID_LAYOUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class PipLayout:
    """A composition with a small window in a corner: picture in picture.

    Attributes:
        featured_participant_attribute: As in GridLayout. Default: nobody is featured (set by IVS).
        omit_stopped_video: Whether participants whose video is stopped are left out.
            Default: False (set by IVS).
        video_fill_mode: As in GridLayout. Default: COVER (set by IVS).
        grid_gap: Space between tiles in pixels, 0 or more. Default: 0 (set by IVS).
        pip_participant_attribute: Name of an attribute, up to 128 letters, digits, - and _. A
            participant whose token has it with the value "true" is in the window.
            Default: nobody is in it (set by IVS).
        pip_behavior: What happens to the window once everybody else has left: STATIC keeps it,
            DYNAMIC lets it fill the picture. Default: STATIC (set by IVS).
        pip_offset: Distance from the picture's edges in pixels, 0 or more. Default: 0 (set by IVS).
        pip_position: The window's corner: TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT or BOTTOM_RIGHT.
            Default: BOTTOM_RIGHT (set by IVS).
        pip_width: The window's width in pixels, 1 or more. Default: from the composition's size
            (set by IVS).
        pip_height: The window's height in pixels, 1 or more. Default: from the composition's size
            (set by IVS).
        participant_order_attribute: As in GridLayout. Default: the order of arrival (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> layout = PipLayout(pip_participant_attribute="camera", pip_position="TOP_RIGHT")

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_PipConfiguration.html
    """

    featured_participant_attribute: str | None = None
    omit_stopped_video: bool | None = None
    video_fill_mode: Literal["FILL", "COVER", "CONTAIN"] | None = None
    grid_gap: float | None = None
    pip_participant_attribute: str | None = None
    pip_behavior: Literal["STATIC", "DYNAMIC"] | None = None
    pip_offset: float | None = None
    pip_position: Literal["TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"] | None = None
    pip_width: float | None = None
    pip_height: float | None = None
    participant_order_attribute: str | None = None

    def __post_init__(self) -> None:
        _check_layout(self, specs.PIP_LAYOUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class CompositionThumbnailConfiguration:
    """How thumbnails of a composition are made while it is recorded.

    Attributes:
        target_interval: Time between two thumbnails, 1-86400 whole seconds.
            Default: 60 seconds (set by IVS).
        storage: How to store them: one or two ways. Default: SEQUENTIAL (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> thumbnails = CompositionThumbnailConfiguration(storage=[Storage.LATEST])

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CompositionThumbnailConfiguration.html
    """

    target_interval: cdk.Duration | None = None
    storage: Sequence[Storage | str] | None = None

    def __post_init__(self) -> None:
        check = check_members(self, specs.COMPOSITION_THUMBNAILS, specs.COMPOSITION)
        check.raise_for("CompositionThumbnailConfiguration")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelDestination:
    """Broadcasts a composition to a channel, which must not be live at that time.

    Attributes:
        channel: The channel; in the same account and Region as the stage.
        encoder_configuration: How the composition is encoded for it.
            Default: 1280 times 720 pixels, 30 frames and 2500000 bits a second (set by IVS).
        name: Name of the destination, up to 128 letters, digits, - and _. Default: none.

    Raises:
        InvalidPropertyError: If the name is not allowed, or there is no channel.

    Example:
        >>> destination = ChannelDestination(channel=channel)

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_ChannelDestinationConfiguration.html
    """

    channel: IChannelRef
    encoder_configuration: IEncoderConfigurationRef | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        # The resources are checked once the automation's stack is known.
        _check_destination(self, {"channel": "a Channel"})


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Destination:
    """Records a composition to Amazon S3.

    Attributes:
        storage_configuration: Where the recording goes.
        encoder_configuration: How the composition is encoded for it.
        name: Name of the destination, up to 128 letters, digits, - and _. Default: none.
        recording_format: Format of the recording; HLS is the only one. Default: HLS (set by IVS).
        target_segment_duration: Length of a segment of the recording, 2-10 whole seconds.
            Default: 2 seconds (set by IVS).
        thumbnail_configuration: How thumbnails are made. Default: none (set by IVS).

    Raises:
        InvalidPropertyError: If a value is not allowed, or a configuration is missing.

    Example:
        >>> destination = S3Destination(
        ...     storage_configuration=StorageConfiguration(stack, "Archive"),
        ...     encoder_configuration=EncoderConfiguration(stack, "Archived"),
        ... )

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_S3DestinationConfiguration.html
    """

    storage_configuration: IStorageConfigurationRef
    encoder_configuration: IEncoderConfigurationRef
    name: str | None = None
    recording_format: Literal["HLS"] | None = None
    target_segment_duration: cdk.Duration | None = None
    thumbnail_configuration: CompositionThumbnailConfiguration | None = None

    def __post_init__(self) -> None:
        hls, recording_format = specs.COMPOSITION_RECORDING.members
        _check_destination(
            self,
            {
                "storage_configuration": "a StorageConfiguration",
                "encoder_configuration": "an EncoderConfiguration",
            },
            recording_format,
            *hls.members,
            specs.COMPOSITION_THUMBNAILS,
        )


def _check_destination(
    value: DataclassInstance, resources: Mapping[str, str], *props: Prop
) -> None:
    """Check a destination: its required resources and its settings."""
    check = Check(specs.COMPOSITION.source)
    for name, noun in resources.items():
        if getattr(value, name) is None:
            check.fail(name, "required", f"{name} is required, got None; pass {noun}")
    for prop in (specs.DESTINATION_NAME, *props):
        given = getattr(value, prop.py)
        if given is not None:
            check.value(prop, given)
    check.raise_for(type(value).__name__)


advise_arguments(Video, instead={"fps": "write framerate=..."})
advise_arguments(
    AutoParticipantRecording,
    instead={
        "bucket": "write storage_configuration=StorageConfiguration(self, 'Storage', bucket=...)"
    },
)
advise_arguments(GridLayout)
advise_arguments(PipLayout)
advise_arguments(CompositionThumbnailConfiguration)
advise_arguments(ChannelDestination)
advise_arguments(
    S3Destination,
    instead={
        "bucket": "write storage_configuration=StorageConfiguration(self, 'Storage', bucket=...)"
    },
)
advise_factories(ParticipantThumbnailConfiguration)
