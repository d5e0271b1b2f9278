"""What is set on a channel that somebody else made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from ivs_constructs.testing.emulator import Call, Emulator, EmulatorError, Refuse

if TYPE_CHECKING:
    from tests.unit.handler.conftest import Stack

# boto3 ships no types.
Untyped = Any

POLICY = "PlaybackRestrictionPolicyArn"
ADS = "AdConfigurationArn"
SLATE = "FailoverSlateConfigurationArn"
MEMBERS = (POLICY, ADS, SLATE)


@pytest.fixture
def associations(stack: Stack) -> Stack:
    stack.type = "Custom::IVSChannelAssociations"
    return stack


@pytest.fixture
def channel(ivs: Untyped) -> str:
    return str(ivs.create_channel()["channel"]["arn"])


@pytest.fixture
def parts(ivs: Untyped) -> dict[str, str]:
    media = "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/ads"
    ads = ivs.create_ad_configuration(
        mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": media}]
    )
    policy = ivs.create_playback_restriction_policy()
    slate = ivs.create_failover_slate_configuration()
    return {
        POLICY: policy["playbackRestrictionPolicy"]["arn"],
        ADS: ads["adConfiguration"]["arn"],
        SLATE: slate["failoverSlateConfiguration"]["arn"],
    }


@pytest.fixture
def shown(ivs: Untyped) -> Callable[[str], dict[str, str]]:
    def show(arn: str) -> dict[str, str]:
        members = ivs.get_channel(arn=arn)["channel"]
        names = {name: name[0].lower() + name[1:] for name in MEMBERS}
        return {name: members[api] for name, api in names.items() if members[api]}

    return show


def calls(emulator: Emulator) -> list[str]:
    return [call.operation for call in emulator.calls if call.operation != "GetChannel"]


def test_whole_life(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    created = associations.create(ChannelArn=channel, **parts)

    assert created["Status"] == "SUCCESS"
    assert created["Data"] == {"Arn": channel}
    assert shown(channel) == parts
    fewer = {ADS: parts[ADS]}
    old = {"ChannelArn": channel, **parts}
    updated = associations.update(old, ChannelArn=channel, **fewer)
    assert updated["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert shown(channel) == fewer
    before = len(calls(emulator))
    associations.update({"ChannelArn": channel, **fewer}, ChannelArn=channel, **fewer)
    assert calls(emulator)[before:] == []
    # A rollback has the properties the other way round.
    associations.update({"ChannelArn": channel, **fewer}, ChannelArn=channel, **parts)
    assert shown(channel) == parts
    assert associations.delete(ChannelArn=channel, **parts)["Status"] == "SUCCESS"
    assert shown(channel) == {}
    assert associations.delete(ChannelArn=channel, **parts)["Status"] == "SUCCESS"


def test_what_somebody_else_has_set_stays(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    ivs: Untyped,
) -> None:
    own = {ADS: parts[ADS], POLICY: parts[POLICY]}
    associations.create(ChannelArn=channel, **own)
    other = ivs.create_playback_restriction_policy()["playbackRestrictionPolicy"]["arn"]
    ivs.update_channel(
        arn=channel,
        playbackRestrictionPolicyArn=other,
        failoverSlateConfigurationArn=parts[SLATE],
    )

    associations.delete(ChannelArn=channel, **own)

    assert shown(channel) == {POLICY: other, SLATE: parts[SLATE]}


def test_another_channel_replaces(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    ivs: Untyped,
) -> None:
    other = ivs.create_channel()["channel"]["arn"]
    old = {"ChannelArn": channel, **parts}
    first = associations.create(**old)
    fewer = {ADS: parts[ADS]}
    second = associations.update(old, ChannelArn=other, **fewer)

    assert first["PhysicalResourceId"] != second["PhysicalResourceId"]
    assert shown(other) == fewer
    assert shown(channel) == parts
    associations.delete(first["PhysicalResourceId"], **old)
    assert shown(channel) == {}
    assert shown(other) == fewer


def test_channel_that_nobody_knows_to_be_set_is_cleared(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    ivs: Untyped,
) -> None:
    other = ivs.create_channel()["channel"]["arn"]
    old, new = {"ChannelArn": channel, **parts}, {"ChannelArn": other, **parts}
    associations.create(**old)
    known = associations.physical_id
    associations.update(old, **new)
    associations.physical_id = known
    associations.update(new, **old)

    assert shown(channel) == parts
    assert shown(other) == {}


def test_channel_that_is_gone(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    ivs: Untyped,
) -> None:
    old = {"ChannelArn": channel, **parts}
    associations.create(**old)
    ivs.delete_channel(arn=channel)

    assert f"channel {channel} does not exist" in associations.update(old, **old)["Reason"]
    assert associations.delete(**old)["Status"] == "SUCCESS"


def test_channel_that_goes_meanwhile(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    emulator: Emulator,
    ivs: Untyped,
) -> None:
    old = {"ChannelArn": channel, **parts}
    associations.create(**old)

    def vanish(call: Call) -> None:
        if call.operation == "UpdateChannel":
            forget()
            ivs.delete_channel(arn=channel)

    forget = emulator.on_call(vanish)

    assert associations.delete(**old)["Status"] == "SUCCESS"


def test_refused_clearing_is_told(
    associations: Stack, channel: str, parts: dict[str, str], emulator: Emulator
) -> None:
    old = {"ChannelArn": channel, **parts}
    associations.create(**old)
    emulator.faults.add("UpdateChannel", Refuse("ValidationException"))

    assert associations.delete(**old)["Status"] == "FAILED"


def test_delete_of_what_was_never_made(associations: Stack, emulator: Emulator) -> None:
    assert associations.create(ChannelArn=["no"])["Status"] == "FAILED"
    assert associations.delete(ChannelArn=["no"])["Status"] == "SUCCESS"
    assert emulator.calls == []


def test_late_create_sets_nothing(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    associations.create(ChannelArn=channel, **parts)
    late = associations.delivered
    associations.delete(ChannelArn=channel, **parts)
    associations.cloudformation.shown = None
    before = calls(emulator)

    assert associations.deliver(late)["Status"] == "FAILED"
    assert calls(emulator) == before
    assert shown(channel) == {}


LATE: list[tuple[str, str] | None] = [
    None,
    ("DELETE_IN_PROGRESS", ""),
    ("DELETE_COMPLETE", ""),
    ("UPDATE_COMPLETE", "ivsc1-another"),
]


@pytest.mark.parametrize("now", LATE)
def test_create_that_takes_place_too_late_is_undone(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
    ivs: Untyped,
    now: tuple[str, str] | None,
) -> None:
    other = ivs.create_playback_restriction_policy()["playbackRestrictionPolicy"]["arn"]
    ivs.update_channel(arn=channel, playbackRestrictionPolicyArn=other)
    late = associations.event("Create", {"ChannelArn": channel, **parts})
    associations.cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    physical_id = associations.deliver(late)["PhysicalResourceId"]
    ivs.update_channel(
        arn=channel,
        playbackRestrictionPolicyArn=other,
        adConfigurationArn="",
        failoverSlateConfigurationArn="",
    )
    moved_on(associations, emulator, None if now is None else (now[0], now[1] or physical_id))

    assert "not wait for it any more" in associations.deliver(late)["Reason"]
    assert shown(channel) == {POLICY: other}


def test_update_that_takes_place_too_late_leaves_nothing_of_its_own(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    old = {"ChannelArn": channel, POLICY: parts[POLICY]}
    associations.create(**old)
    moved_on(associations, emulator, None)

    associations.update(old, ChannelArn=channel, **{SLATE: parts[SLATE]})

    # The former value was this resource's too.
    assert shown(channel) == {}


def test_create_that_nobody_waits_for_but_that_is_of_use_stays(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    associations.create(ChannelArn=channel, **parts)
    associations.delete(ChannelArn=channel, **parts)
    moved_on(associations, emulator, ("CREATE_COMPLETE", associations.physical_id))

    assert associations.create(ChannelArn=channel, **parts)["Status"] == "SUCCESS"
    assert shown(channel) == parts


def test_nothing_is_set_after_a_wait_in_which_the_stack_moved_on(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    emulator.go_live(channel)

    def move_on(call: Call) -> None:
        if call.operation == "GetStream":
            associations.cloudformation.shown = None
            with contextlib.suppress(EmulatorError):
                emulator.end_stream(channel)

    emulator.on_call(move_on)

    reply = associations.create(ChannelArn=channel, InUse="WAIT", **parts)

    assert "not wait for it any more" in reply["Reason"]
    assert calls(emulator).count("UpdateChannel") == 1  # the one that was refused
    assert shown(channel) == {}


def test_delete_that_is_overtaken_spares_what_lives_again(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    associations.create(ChannelArn=channel, **parts)

    def twin(call: Call) -> None:
        if call.operation == "GetChannel":
            associations.cloudformation.shown = ("CREATE_COMPLETE", associations.physical_id)

    forget = emulator.on_call(twin)
    reply = associations.delete(ChannelArn=channel, **parts)
    forget()

    assert "not wait for it any more" in reply["Reason"]
    assert shown(channel) == parts


def moved_on(stack: Stack, emulator: Emulator, now: tuple[str, str] | None) -> None:
    """Let the stack have moved on when the channel is written to."""

    def hook(call: Call) -> None:
        if call.operation == "UpdateChannel":
            stack.cloudformation.shown = now

    emulator.on_call(hook)


@pytest.mark.parametrize("policy", [None, "FAIL", "WAIT", "STOP"])
@pytest.mark.parametrize("reconnects", [True, False])
def test_live_channel(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
    policy: str | None,
    reconnects: bool,
) -> None:
    emulator.go_live(channel, reconnects=reconnects)
    if policy == "WAIT" or reconnects:
        seen: list[int] = []

        def end(call: Call) -> None:
            if call.operation == "UpdateChannel":
                seen.append(call.index)
                if len(seen) == 4:
                    forget()
                    with contextlib.suppress(EmulatorError):
                        emulator.end_stream(channel)

        forget = emulator.on_call(end)

    more = {} if policy is None else {"OnLive": policy}
    reply = associations.create(ChannelArn=channel, **parts, **more)

    assert ("StopStream" in calls(emulator)) == (policy == "STOP")
    if policy in ("WAIT", "STOP"):
        assert reply["Status"] == "SUCCESS", reply
        assert shown(channel) == parts
    else:
        assert f"held by stream {channel}: stop the stream, or set in_use" in reply["Reason"]
        assert shown(channel) == {}


def test_stream_may_end_by_itself(
    associations: Stack, channel: str, parts: dict[str, str], emulator: Emulator
) -> None:
    emulator.go_live(channel)

    def end(call: Call) -> None:
        if call.operation == "StopStream":
            forget()
            emulator.end_stream(channel)

    forget = emulator.on_call(end)
    reply = associations.create(ChannelArn=channel, **parts, OnLive="STOP")

    assert reply["Status"] == "SUCCESS", reply


def test_conflict_without_a_stream_passes(
    associations: Stack, channel: str, parts: dict[str, str], emulator: Emulator
) -> None:
    emulator.faults.add("UpdateChannel", Refuse("ConflictException"))

    assert associations.create(ChannelArn=channel, **parts)["Status"] == "SUCCESS"


def test_live_channel_is_not_asked_for_nothing(
    associations: Stack, channel: str, parts: dict[str, str], emulator: Emulator
) -> None:
    old = {"ChannelArn": channel, **parts}
    associations.create(**old)
    emulator.go_live(channel)

    assert associations.update(old, **old)["Status"] == "SUCCESS"


def test_delete_that_the_stack_knows_nothing_of_is_refused(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
) -> None:
    associations.create(ChannelArn=channel, **parts)
    associations.cloudformation.shown = None

    reply = associations.deliver(associations.event("Delete", {"ChannelArn": channel, **parts}))

    assert "not wait for it any more" in reply["Reason"]
    assert shown(channel) == parts


def test_clean_up_of_a_channel_whose_properties_are_unknown_clears_nothing(
    associations: Stack, channel: str, parts: dict[str, str], ivs: Untyped
) -> None:
    other = ivs.create_channel()["channel"]["arn"]
    associations.create(ChannelArn=other)
    elsewhere = associations.physical_id
    associations.create(ChannelArn=channel, **parts)
    # A rollback was skipped: CloudFormation has the properties of this channel with that id.
    associations.delete(elsewhere, ChannelArn=channel, **parts)

    assert ivs.get_channel(arn=channel)["channel"]["playbackRestrictionPolicyArn"] == parts[POLICY]


def test_channel_that_shows_late_what_was_set_is_cleared(
    associations: Stack, channel: str, parts: dict[str, str], ivs: Untyped, emulator: Emulator
) -> None:
    associations.create(ChannelArn=channel, **parts)
    ivs.update_channel(arn=channel, playbackRestrictionPolicyArn="")
    looks: list[Call] = []

    def look(call: Call) -> None:
        if call.operation == "GetChannel":
            looks.append(call)
            if len(looks) == 3:
                ivs.update_channel(arn=channel, playbackRestrictionPolicyArn=parts[POLICY])

    emulator.on_call(look)

    assert associations.delete(ChannelArn=channel, **parts)["Status"] == "SUCCESS"
    assert ivs.get_channel(arn=channel)["channel"]["playbackRestrictionPolicyArn"] == ""


def test_create_that_the_delete_overtakes_is_undone(
    associations: Stack,
    channel: str,
    parts: dict[str, str],
    shown: Callable[[str], dict[str, str]],
    emulator: Emulator,
) -> None:
    physical_id = associations.create(ChannelArn=channel, **parts)["PhysicalResourceId"]
    associations.delete(ChannelArn=channel, **parts)

    def overtake(call: Call) -> None:
        if call.operation == "UpdateChannel":
            forget()
            associations.cloudformation.shown = ("DELETE_IN_PROGRESS", physical_id)

    forget = emulator.on_call(overtake)
    associations.create(ChannelArn=channel, **parts)

    assert shown(channel) == {}
