"""Immutable values for constructs: groups of settings that belong together.

They are checked when they are made, so an error points at the line that wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import check_members, enum_value, is_concrete
from ivs_constructs._core.misnamed import advise_arguments, advise_factories
from ivs_constructs.enums import (
    MaximumResolution,
    Policy,
    RecordingMode,
    RenditionSelection,
    Resolution,
    Storage,
)

if TYPE_CHECKING:
    import aws_cdk as cdk

_THUMBNAILS = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class MultitrackInputConfiguration:
    """Lets a broadcaster send several tracks, which makes transcoding unnecessary.

    Attributes:
        maximum_resolution: Highest resolution of a track. Required while enabled.
        policy: Whether several tracks are allowed or required. Required while enabled.
        enabled: Whether multitrack input is on. Default: True (set by this library).

    Raises:
        InvalidPropertyError: If a value is not allowed, or one is missing while enabled.

    Example:
        >>> tracks = MultitrackInputConfiguration(
        ...     maximum_resolution=MaximumResolution.HD, policy=Policy.ALLOW
        ... )

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/multitrack-video.html
    """

    maximum_resolution: MaximumResolution | str | None = None
    policy: Policy | str | None = None
    enabled: bool = True

    def __post_init__(self) -> None:
        prop = specs.MULTITRACK_INPUT_CONFIGURATION
        check = check_members(self, prop, specs.CHANNEL)
        if self.enabled is True:
            for name in ("maximum_resolution", "policy"):
                if getattr(self, name) is None:
                    choices = next(m.choices for m in prop.members if m.py == name)
                    check.fail(
                        name,
                        "multitrack-missing",
                        f"{name} is required while multitrack input is enabled, got None; pass one "
                        f"of {', '.join(choices)}",
                    )
        check.raise_for("MultitrackInputConfiguration")


@dataclass(frozen=True, slots=True)
class RenditionConfiguration:
    """Which renditions of a stream are recorded: make one with `all`, `none` or `custom`.

    Attributes:
        rendition_selection: All, none, or the listed renditions.
        renditions: The renditions for CUSTOM, otherwise None.

    Raises:
        InvalidPropertyError: If a rendition is unknown or repeated, none is listed for `custom`,
            or some are listed for `all` or `none`.

    Example:
        >>> renditions = RenditionConfiguration.custom([Resolution.HD, Resolution.SD])

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """

    rendition_selection: RenditionSelection | str
    renditions: Sequence[Resolution | str] | None = None

    def __post_init__(self) -> None:
        check = check_members(self, specs.RENDITION_CONFIGURATION, specs.RECORDING_CONFIGURATION)
        selection = enum_value(self.rendition_selection)
        if is_concrete(selection) and not check.failures:
            if selection == RenditionSelection.CUSTOM and not self.renditions:
                check.fail(
                    "renditions",
                    "renditions-missing",
                    "renditions must name at least one of FULL_HD, HD, SD, LOWEST_RESOLUTION, got "
                    "none; name one, or use RenditionConfiguration.none() to record no video",
                )
            elif selection != RenditionSelection.CUSTOM and self.renditions is not None:
                check.fail(
                    "renditions",
                    "renditions-unused",
                    f"renditions requires rendition_selection CUSTOM, got {selection}; use "
                    "RenditionConfiguration.custom(...) or drop renditions",
                )
        check.raise_for("RenditionConfiguration")
        if isinstance(self.renditions, set | frozenset):
            # The order of a set changes from run to run; a template must not.
            object.__setattr__(self, "renditions", tuple(sorted(self.renditions, key=str)))

    @classmethod
    def all(cls) -> RenditionConfiguration:
        """Record every available rendition."""
        return cls(RenditionSelection.ALL)

    @classmethod
    def none(cls) -> RenditionConfiguration:
        """Record no video, for example when only thumbnails are wanted."""
        return cls(RenditionSelection.NONE)

    @classmethod
    def custom(cls, renditions: Sequence[Resolution | str]) -> RenditionConfiguration:
        """Record the listed renditions.

        Args:
            renditions: One to four different resolutions.
        """
        return cls(RenditionSelection.CUSTOM, renditions)


@dataclass(frozen=True, slots=True)
class ThumbnailConfiguration:
    """Whether and how thumbnails are made while recording: make one with `interval` or `disable`.

    Attributes:
        recording_mode: Whether thumbnails are made. Default: INTERVAL (set by IVS).
        resolution: Size of the thumbnails. Default: that of the input (set by IVS).
        storage: How to store them: one or two ways. Default: SEQUENTIAL (set by IVS).
        target_interval: Time between two thumbnails, 1-60 whole seconds. Default: 60 seconds
            (set by CloudFormation).

    Raises:
        InvalidPropertyError: If a value is not allowed, or one is given while thumbnails are
            disabled.

    Example:
        >>> thumbnails = ThumbnailConfiguration.interval(Resolution.HD, [Storage.LATEST])

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """

    recording_mode: RecordingMode | str | None = None
    resolution: Resolution | str | None = None
    storage: Sequence[Storage | str] | None = None
    target_interval: cdk.Duration | None = None

    def __post_init__(self) -> None:
        check = check_members(self, specs.THUMBNAIL_CONFIGURATION, specs.RECORDING_CONFIGURATION)
        if enum_value(self.recording_mode) == RecordingMode.DISABLED:
            for name in ("resolution", "storage", "target_interval"):
                if getattr(self, name) is not None:
                    check.fail(
                        name,
                        "thumbnails-disabled",
                        f"{name} requires recording_mode INTERVAL, got DISABLED; use "
                        f"ThumbnailConfiguration.interval(...) or drop {name}",
                        _THUMBNAILS,
                    )
        check.raise_for("ThumbnailConfiguration")

    @classmethod
    def interval(
        cls,
        resolution: Resolution | str | None = None,
        storage: Sequence[Storage | str] | None = None,
        target_interval: cdk.Duration | None = None,
    ) -> ThumbnailConfiguration:
        """Make thumbnails at an interval.

        Args:
            resolution: Size of the thumbnails. Default: that of the input (set by IVS).
            storage: How to store them: one or two ways. Default: SEQUENTIAL (set by IVS).
            target_interval: Time between two thumbnails, 1-60 whole seconds. Default: 60 seconds
                (set by CloudFormation).
        """
        return cls(RecordingMode.INTERVAL, resolution, storage, target_interval)

    @classmethod
    def disable(cls) -> ThumbnailConfiguration:
        """Make no thumbnails."""
        return cls(RecordingMode.DISABLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRollConfiguration:
    """An ad that plays after a stream has ended.

    Attributes:
        duration: Its length, 1-300 whole seconds.
        enabled: Whether it is shown. Default: True (set by this library).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> post_roll = PostRollConfiguration(duration=cdk.Duration.seconds(30))

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/server-side-ad-insertion.html
    """

    duration: cdk.Duration
    enabled: bool = True

    def __post_init__(self) -> None:
        prop = next(p for p in specs.AD_CONFIGURATION.props if p.py == "post_roll_configuration")
        check_members(self, prop, specs.AD_CONFIGURATION).raise_for("PostRollConfiguration")


advise_arguments(MultitrackInputConfiguration)
advise_arguments(PostRollConfiguration)
advise_factories(RenditionConfiguration)
advise_factories(ThumbnailConfiguration)
