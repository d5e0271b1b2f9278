"""The value classes of low-latency streaming, without the AWS CDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ivs_constructs import (
    InvalidPropertyError,
    MaximumResolution,
    MultitrackInputConfiguration,
    Policy,
    PostRollConfiguration,
    RecordingMode,
    RenditionConfiguration,
    RenditionSelection,
    Resolution,
    Storage,
    ThumbnailConfiguration,
)
from ivs_constructs import _specs as specs
from tests.unit.deploy_time import LIST, TEXT, Duration, Resolvable
from tests.unit.refusals import refused


@pytest.mark.parametrize("resolution", [*MaximumResolution, "SD", "HD", "FULL_HD", TEXT])
@pytest.mark.parametrize("policy", [*Policy, "ALLOW", TEXT])
def test_multitrack_accepts_every_choice(resolution: str, policy: str) -> None:
    tracks = MultitrackInputConfiguration(maximum_resolution=resolution, policy=policy)

    assert (tracks.maximum_resolution, tracks.policy, tracks.enabled) == (resolution, policy, True)


def test_multitrack_accepts_nothing_else_while_off() -> None:
    assert MultitrackInputConfiguration(enabled=False).policy is None


def test_multitrack_leaves_a_token_unjudged() -> None:
    token: Any = Resolvable()

    assert MultitrackInputConfiguration(enabled=token).enabled is token


MISSING_RESOLUTION = (
    "maximum_resolution is required while multitrack input is enabled, got None; pass one of "
    "SD, HD, FULL_HD"
)

MISSING_POLICY = (
    "policy is required while multitrack input is enabled, got None; pass one of ALLOW, REQUIRE"
)


@pytest.mark.parametrize(
    ("settings_", "messages", "codes"),
    [
        ({}, [MISSING_RESOLUTION, MISSING_POLICY], ["multitrack-missing"] * 2),
        ({"policy": "ALLOW"}, [MISSING_RESOLUTION], ["multitrack-missing"]),
        ({"maximum_resolution": "HD"}, [MISSING_POLICY], ["multitrack-missing"]),
        (
            {"maximum_resolution": "LOWEST_RESOLUTION", "policy": "allow"},
            [
                "maximum_resolution must be one of SD, HD, FULL_HD, got 'LOWEST_RESOLUTION'",
                "policy must be one of ALLOW, REQUIRE, got 'allow'; did you mean 'ALLOW'?",
            ],
            ["choice", "choice"],
        ),
        (
            {"enabled": "yes"},
            ["enabled must be True or False, got 'yes'; write True"],
            ["type"],
        ),
        ({"enabled": 1}, ["enabled must be True or False, got 1 (int); write True"], ["type"]),
    ],
)
def test_multitrack_refuses(
    settings_: dict[str, Any], messages: list[str], codes: list[str]
) -> None:
    error = refused(lambda: MultitrackInputConfiguration(**settings_))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"MultitrackInputConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes
    assert {found.source for found in error.failures} == {specs.CHANNEL.source}


def test_multitrack_does_not_take_none_for_off() -> None:
    nothing: Any = None

    with pytest.raises(InvalidPropertyError):
        MultitrackInputConfiguration(enabled=nothing)


@pytest.mark.parametrize(
    ("configuration", "selection", "renditions"),
    [
        (RenditionConfiguration.all(), "ALL", None),
        (RenditionConfiguration.none(), "NONE", None),
        (RenditionConfiguration.custom(["HD"]), "CUSTOM", ["HD"]),
        (RenditionConfiguration.custom(list(Resolution)), "CUSTOM", list(Resolution)),
        (RenditionConfiguration.custom(("SD", Resolution.HD)), "CUSTOM", ("SD", Resolution.HD)),
        (RenditionConfiguration.custom(LIST), "CUSTOM", LIST),
        (RenditionConfiguration.custom([TEXT, TEXT]), "CUSTOM", [TEXT, TEXT]),
        (RenditionConfiguration(TEXT, ["HD"]), TEXT, ["HD"]),
        (RenditionConfiguration(TEXT), TEXT, None),
    ],
)
def test_renditions_accept(
    configuration: RenditionConfiguration, selection: str, renditions: object
) -> None:
    assert configuration.rendition_selection == selection
    assert configuration.renditions == renditions


NO_RENDITIONS = (
    "renditions must name at least one of FULL_HD, HD, SD, LOWEST_RESOLUTION, got none; name one, "
    "or use RenditionConfiguration.none() to record no video"
)


def unused_renditions(selection: str) -> str:
    return (
        f"renditions requires rendition_selection CUSTOM, got {selection}; use "
        "RenditionConfiguration.custom(...) or drop renditions"
    )


@pytest.mark.parametrize(
    ("selection", "renditions", "messages", "codes"),
    [
        ("CUSTOM", None, [NO_RENDITIONS], ["renditions-missing"]),
        ("CUSTOM", [], [NO_RENDITIONS], ["renditions-missing"]),
        ("CUSTOM", (), [NO_RENDITIONS], ["renditions-missing"]),
        ("ALL", ["HD"], [unused_renditions("ALL")], ["renditions-unused"]),
        ("NONE", [], [unused_renditions("NONE")], ["renditions-unused"]),
        (
            RenditionSelection.NONE,
            LIST,
            [unused_renditions("NONE")],
            ["renditions-unused"],
        ),
        (
            "custom",
            ["HD"],
            [
                "rendition_selection must be one of ALL, NONE, CUSTOM, got 'custom'; did you "
                "mean 'CUSTOM'?"
            ],
            ["choice"],
        ),
        (
            "CUSTOM",
            ["HD", "4K"],
            ["renditions must be one of SD, HD, FULL_HD, LOWEST_RESOLUTION, got '4K'"],
            ["choice"],
        ),
        (
            "CUSTOM",
            ["HD", Resolution.HD],
            ["renditions must not repeat HD, got it 2 times; drop the duplicate"],
            ["duplicate"],
        ),
        (
            "CUSTOM",
            [*Resolution, "SD"],
            [
                "renditions must have at most 4 items, got 5; drop 1",
                "renditions must not repeat SD, got it 2 times; drop the duplicate",
            ],
            ["items", "duplicate"],
        ),
        ("CUSTOM", "HD", ["renditions must be a list, got 'HD'; write ['HD']"], ["type"]),
        (
            "CUSTOM",
            Resolution.HD,
            ["renditions must be a list, got 'HD'; write ['HD']"],
            ["type"],
        ),
    ],
)
def test_renditions_refuse(
    selection: str, renditions: object, messages: list[str], codes: list[str]
) -> None:
    given: Any = renditions

    error = refused(lambda: RenditionConfiguration(selection, given))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"RenditionConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes
    assert {found.source for found in error.failures} == {specs.RECORDING_CONFIGURATION.source}


def test_renditions_keep_a_set_in_an_order_of_their_own() -> None:
    given: Any = {"SD", "HD", "FULL_HD", "LOWEST_RESOLUTION"}

    renditions = RenditionConfiguration.custom(given).renditions

    assert renditions == ("FULL_HD", "HD", "LOWEST_RESOLUTION", "SD")


@pytest.mark.parametrize(
    ("configuration", "mode", "storage"),
    [
        (ThumbnailConfiguration(), None, None),
        (ThumbnailConfiguration.interval(), "INTERVAL", None),
        (ThumbnailConfiguration.disable(), "DISABLED", None),
        (ThumbnailConfiguration.interval("HD", ["LATEST"]), "INTERVAL", ["LATEST"]),
        (ThumbnailConfiguration.interval(storage=list(Storage)), "INTERVAL", list(Storage)),
        (ThumbnailConfiguration.interval(storage=[]), "INTERVAL", []),
        (ThumbnailConfiguration.interval(storage=LIST), "INTERVAL", LIST),
        (ThumbnailConfiguration(TEXT, TEXT, ["LATEST"]), TEXT, ["LATEST"]),
    ],
)
def test_thumbnails_accept(
    configuration: ThumbnailConfiguration, mode: str | None, storage: object
) -> None:
    assert configuration.recording_mode == mode
    assert configuration.storage == storage


@pytest.mark.parametrize("seconds", [1, 59, 60])
def test_thumbnails_accept_an_interval(seconds: int) -> None:
    interval: Any = Duration(seconds * 1000)

    thumbnails = ThumbnailConfiguration.interval(target_interval=interval)

    assert thumbnails.target_interval is interval


def disabled(name: str) -> str:
    return (
        f"{name} requires recording_mode INTERVAL, got DISABLED; use "
        f"ThumbnailConfiguration.interval(...) or drop {name}"
    )


@pytest.mark.parametrize(
    ("values", "messages", "codes"),
    [
        (
            {"recording_mode": "OFF"},
            ["recording_mode must be one of DISABLED, INTERVAL, got 'OFF'"],
            ["choice"],
        ),
        (
            {"resolution": "hd"},
            [
                "resolution must be one of SD, HD, FULL_HD, LOWEST_RESOLUTION, got 'hd'; did you "
                "mean 'HD'?"
            ],
            ["choice"],
        ),
        (
            {"storage": ["LATEST", "SEQUENTIAL", "LATEST"]},
            [
                "storage must have at most 2 items, got 3; drop 1",
                "storage must not repeat LATEST, got it 2 times; drop the duplicate",
            ],
            ["items", "duplicate"],
        ),
        (
            {"storage": ["ALL"]},
            ["storage must be one of SEQUENTIAL, LATEST, got 'ALL'"],
            ["choice"],
        ),
        (
            {"storage": "LATEST"},
            ["storage must be a list, got 'LATEST'; write ['LATEST']"],
            ["type"],
        ),
        (
            {"storage": Storage.LATEST},
            ["storage must be a list, got 'LATEST'; write ['LATEST']"],
            ["type"],
        ),
        (
            {"target_interval": 10},
            [
                "target_interval must be a Duration of aws_cdk, got 10 (int); write "
                "Duration.seconds(10)"
            ],
            ["type"],
        ),
        (
            {"target_interval": Duration(0)},
            ["target_interval must be 1-60 seconds, got 0 seconds; lengthen the interval"],
            ["range"],
        ),
        (
            {"target_interval": Duration(61000)},
            ["target_interval must be 1-60 seconds, got 61 seconds; shorten the interval"],
            ["range"],
        ),
        (
            {
                "recording_mode": RecordingMode.DISABLED,
                "resolution": "HD",
                "storage": ["LATEST"],
                "target_interval": Duration(1000),
            },
            [disabled("resolution"), disabled("storage"), disabled("target_interval")],
            ["thumbnails-disabled"] * 3,
        ),
        (
            {"recording_mode": "DISABLED", "storage": []},
            [disabled("storage")],
            ["thumbnails-disabled"],
        ),
    ],
)
def test_thumbnails_refuse(values: dict[str, Any], messages: list[str], codes: list[str]) -> None:
    error = refused(lambda: ThumbnailConfiguration(**values))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"ThumbnailConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes


@pytest.mark.parametrize("seconds", [1, 299, 300])
def test_post_roll_accepts_a_duration(seconds: int) -> None:
    duration: Any = Duration(seconds * 1000)

    assert PostRollConfiguration(duration=duration).enabled is True


@pytest.mark.parametrize(
    ("values", "message", "code"),
    [
        (
            {"duration": Duration(0)},
            "duration must be 1-300 seconds, got 0 seconds; lengthen the post-roll",
            "range",
        ),
        (
            {"duration": Duration(301000)},
            "duration must be 1-300 seconds, got 301 seconds; shorten the post-roll",
            "range",
        ),
        (
            {"duration": 30},
            "duration must be a Duration of aws_cdk, got 30 (int); write Duration.seconds(30)",
            "type",
        ),
        ({"duration": None}, "duration must be a Duration of aws_cdk, got None", "type"),
        (
            {"duration": Duration(1000), "enabled": "no"},
            "enabled must be True or False, got 'no'; write False",
            "type",
        ),
    ],
)
def test_post_roll_refuses(values: dict[str, Any], message: str, code: str) -> None:
    error = refused(lambda: PostRollConfiguration(**values))

    assert str(error) == f"PostRollConfiguration has 1 invalid property:\n  - {message}"
    assert error.failures[0].code == code
    assert error.failures[0].source == specs.AD_CONFIGURATION.source


def test_post_roll_refuses_none_for_enabled() -> None:
    nothing: Any = None
    duration: Any = Duration(1000)

    with pytest.raises(InvalidPropertyError):
        PostRollConfiguration(duration=duration, enabled=nothing)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: MultitrackInputConfiguration(maximum="HD"), "maximum"),  # type: ignore[call-arg]  # the point
        (lambda: ThumbnailConfiguration(targetInterval=1), "targetInterval"),  # type: ignore[call-arg]  # the point
        (lambda: PostRollConfiguration(), "duration"),  # type: ignore[call-arg]  # the point
    ],
)
def test_values_name_a_keyword_that_does_not_fit(make: Callable[[], object], name: str) -> None:
    with pytest.raises(TypeError, match=f"'{name}'"):
        make()
