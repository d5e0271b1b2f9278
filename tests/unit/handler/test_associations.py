"""What is set on a channel that somebody else made."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
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


@dataclass
class Live:
    """A channel, what can be set on it, and the stack that sets it."""

    stack: Stack
    channel: str
    parts: dict[str, str]
    emulator: Emulator
    ivs: Untyped

    def shown(self, arn: str = "") -> dict[str, str]:
        members = self.ivs.get_channel(arn=arn or self.channel)["channel"]
        names = {name: name[0].lower() + name[1:] for name in MEMBERS}
        return {name: members[api] for name, api in names.items() if members[api]}


@pytest.fixture
def live(
    associations: Stack, channel: str, parts: dict[str, str], emulator: Emulator, ivs: Untyped
) -> Live:
    return Live(associations, channel, parts, emulator, ivs)


def calls(emulator: Emulator) -> list[str]:
    return [call.operation for call in emulator.calls if call.operation != "GetChannel"]


def test_whole_life(live: Live) -> None:
    created = live.stack.create(ChannelArn=live.channel, **live.parts)

    assert created["Status"] == "SUCCESS"
    assert created["Data"] == {"Arn": live.channel}
    assert live.shown() == live.parts
    fewer = {ADS: live.parts[ADS]}
    old = {"ChannelArn": live.channel, **live.parts}
    updated = live.stack.update(old, ChannelArn=live.channel, **fewer)
    assert updated["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert live.shown() == fewer
    before = len(calls(live.emulator))
    live.stack.update({"ChannelArn": live.channel, **fewer}, ChannelArn=live.channel, **fewer)
    assert calls(live.emulator)[before:] == []
    # A rollback has the properties the other way round.
    live.stack.update({"ChannelArn": live.channel, **fewer}, ChannelArn=live.channel, **live.parts)
    assert live.shown() == live.parts
    assert live.stack.delete(ChannelArn=live.channel, **live.parts)["Status"] == "SUCCESS"
    assert live.shown() == {}
    assert live.stack.delete(ChannelArn=live.channel, **live.parts)["Status"] == "SUCCESS"


def test_what_somebody_else_has_set_stays(live: Live) -> None:
    own = {ADS: live.parts[ADS], POLICY: live.parts[POLICY]}
    live.stack.create(ChannelArn=live.channel, **own)
    other = live.ivs.create_playback_restriction_policy()["playbackRestrictionPolicy"]["arn"]
    live.ivs.update_channel(
        arn=live.channel,
        playbackRestrictionPolicyArn=other,
        failoverSlateConfigurationArn=live.parts[SLATE],
    )

    live.stack.delete(ChannelArn=live.channel, **own)

    assert live.shown() == {POLICY: other, SLATE: live.parts[SLATE]}


def test_another_channel_replaces(live: Live) -> None:
    other = live.ivs.create_channel()["channel"]["arn"]
    old = {"ChannelArn": live.channel, **live.parts}
    first = live.stack.create(**old)
    fewer = {ADS: live.parts[ADS]}
    second = live.stack.update(old, ChannelArn=other, **fewer)

    assert first["PhysicalResourceId"] != second["PhysicalResourceId"]
    assert live.shown(other) == fewer
    assert live.shown() == live.parts
    live.stack.delete(first["PhysicalResourceId"], **old)
    assert live.shown() == {}
    assert live.shown(other) == fewer


def test_channel_that_nobody_knows_to_be_set_is_cleared(live: Live) -> None:
    other = live.ivs.create_channel()["channel"]["arn"]
    old, new = {"ChannelArn": live.channel, **live.parts}, {"ChannelArn": other, **live.parts}
    live.stack.create(**old)
    known = live.stack.physical_id
    live.stack.update(old, **new)
    live.stack.physical_id = known
    live.stack.update(new, **old)

    assert live.shown() == live.parts
    assert live.shown(other) == {}


def test_channel_that_is_gone(live: Live) -> None:
    old = {"ChannelArn": live.channel, **live.parts}
    live.stack.create(**old)
    live.ivs.delete_channel(arn=live.channel)

    assert f"channel {live.channel} does not exist" in live.stack.update(old, **old)["Reason"]
    assert live.stack.delete(**old)["Status"] == "SUCCESS"


def test_channel_that_goes_meanwhile(live: Live) -> None:
    old = {"ChannelArn": live.channel, **live.parts}
    live.stack.create(**old)

    def vanish(call: Call) -> None:
        if call.operation == "UpdateChannel":
            forget()
            live.ivs.delete_channel(arn=live.channel)

    forget = live.emulator.on_call(vanish)

    assert live.stack.delete(**old)["Status"] == "SUCCESS"


def test_refused_clearing_is_told(live: Live) -> None:
    old = {"ChannelArn": live.channel, **live.parts}
    live.stack.create(**old)
    live.emulator.faults.add("UpdateChannel", Refuse("ValidationException"))

    assert live.stack.delete(**old)["Status"] == "FAILED"


def test_delete_of_what_was_never_made(associations: Stack, emulator: Emulator) -> None:
    assert associations.create(ChannelArn=["no"])["Status"] == "FAILED"
    assert associations.delete(ChannelArn=["no"])["Status"] == "SUCCESS"
    assert emulator.calls == []


def test_late_create_sets_nothing(live: Live) -> None:
    live.stack.create(ChannelArn=live.channel, **live.parts)
    late = live.stack.delivered
    live.stack.delete(ChannelArn=live.channel, **live.parts)
    live.stack.cloudformation.shown = None
    before = calls(live.emulator)

    assert live.stack.deliver(late)["Status"] == "FAILED"
    assert calls(live.emulator) == before
    assert live.shown() == {}


LATE: list[tuple[str, str] | None] = [
    None,
    ("DELETE_IN_PROGRESS", ""),
    ("DELETE_COMPLETE", ""),
    ("UPDATE_COMPLETE", "ivsc1-another"),
]


@pytest.mark.parametrize("now", LATE)
def test_create_that_takes_place_too_late_is_undone(
    live: Live, now: tuple[str, str] | None
) -> None:
    other = live.ivs.create_playback_restriction_policy()["playbackRestrictionPolicy"]["arn"]
    live.ivs.update_channel(arn=live.channel, playbackRestrictionPolicyArn=other)
    late = live.stack.event("Create", {"ChannelArn": live.channel, **live.parts})
    live.stack.cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    physical_id = live.stack.deliver(late)["PhysicalResourceId"]
    live.ivs.update_channel(
        arn=live.channel,
        playbackRestrictionPolicyArn=other,
        adConfigurationArn="",
        failoverSlateConfigurationArn="",
    )
    moved_on(live.stack, live.emulator, None if now is None else (now[0], now[1] or physical_id))

    assert "not wait for it any more" in live.stack.deliver(late)["Reason"]
    assert live.shown() == {POLICY: other}


def test_update_that_takes_place_too_late_leaves_nothing_of_its_own(live: Live) -> None:
    old = {"ChannelArn": live.channel, POLICY: live.parts[POLICY]}
    live.stack.create(**old)
    moved_on(live.stack, live.emulator, None)

    live.stack.update(old, ChannelArn=live.channel, **{SLATE: live.parts[SLATE]})

    # The former value was this resource's too.
    assert live.shown() == {}


def test_create_that_nobody_waits_for_but_that_is_of_use_stays(live: Live) -> None:
    live.stack.create(ChannelArn=live.channel, **live.parts)
    live.stack.delete(ChannelArn=live.channel, **live.parts)
    moved_on(live.stack, live.emulator, ("CREATE_COMPLETE", live.stack.physical_id))

    assert live.stack.create(ChannelArn=live.channel, **live.parts)["Status"] == "SUCCESS"
    assert live.shown() == live.parts


def test_nothing_is_set_after_a_wait_in_which_the_stack_moved_on(live: Live) -> None:
    live.emulator.go_live(live.channel)

    def move_on(call: Call) -> None:
        if call.operation == "GetStream":
            live.stack.cloudformation.shown = None
            with contextlib.suppress(EmulatorError):
                live.emulator.end_stream(live.channel)

    live.emulator.on_call(move_on)

    reply = live.stack.create(ChannelArn=live.channel, InUse="WAIT", **live.parts)

    assert "not wait for it any more" in reply["Reason"]
    assert calls(live.emulator).count("UpdateChannel") == 1  # the one that was refused
    assert live.shown() == {}


def test_delete_that_is_overtaken_spares_what_lives_again(live: Live) -> None:
    live.stack.create(ChannelArn=live.channel, **live.parts)

    def twin(call: Call) -> None:
        if call.operation == "GetChannel":
            live.stack.cloudformation.shown = ("CREATE_COMPLETE", live.stack.physical_id)

    forget = live.emulator.on_call(twin)
    reply = live.stack.delete(ChannelArn=live.channel, **live.parts)
    forget()

    assert "not wait for it any more" in reply["Reason"]
    assert live.shown() == live.parts


def test_late_clean_up_spares_a_channel_to_which_the_stack_has_returned(
    live: Live, ivs: Untyped
) -> None:
    channel, parts, associations = live.channel, live.parts, live.stack
    here = {"ChannelArn": channel, **parts}
    there = {"ChannelArn": ivs.create_channel()["channel"]["arn"], **parts}
    first = associations.create(**here)["PhysicalResourceId"]
    second = associations.update(here, **there)["PhysicalResourceId"]
    assert associations.update(there, **here)["PhysicalResourceId"] == first
    views = iter([second, second])

    def late(_: object) -> None:
        associations.cloudformation.shown = ("UPDATE_COMPLETE", next(views, first))

    associations.cloudformation.on_question = late
    reply = associations.delete(first, **here)

    assert "not wait for it any more" in reply["Reason"]
    assert live.shown() == parts


def moved_on(stack: Stack, emulator: Emulator, now: tuple[str, str] | None) -> None:
    """Let the stack have moved on when the channel is written to."""

    def hook(call: Call) -> None:
        if call.operation == "UpdateChannel":
            stack.cloudformation.shown = now

    emulator.on_call(hook)


@pytest.mark.parametrize("policy", [None, "FAIL", "WAIT", "STOP"])
@pytest.mark.parametrize("reconnects", [True, False])
def test_live_channel(live: Live, policy: str | None, reconnects: bool) -> None:
    live.emulator.go_live(live.channel, reconnects=reconnects)
    if policy == "WAIT" or reconnects:
        seen: list[int] = []

        def end(call: Call) -> None:
            if call.operation == "UpdateChannel":
                seen.append(call.index)
                if len(seen) == 4:
                    forget()
                    with contextlib.suppress(EmulatorError):
                        live.emulator.end_stream(live.channel)

        forget = live.emulator.on_call(end)

    more = {} if policy is None else {"OnLive": policy}
    reply = live.stack.create(ChannelArn=live.channel, **live.parts, **more)

    assert ("StopStream" in calls(live.emulator)) == (policy == "STOP")
    if policy in ("WAIT", "STOP"):
        assert reply["Status"] == "SUCCESS", reply
        assert live.shown() == live.parts
    else:
        assert f"held by stream {live.channel}: stop the stream, or set in_use" in reply["Reason"]
        assert live.shown() == {}


def test_stream_may_end_by_itself(live: Live) -> None:
    live.emulator.go_live(live.channel)

    def end(call: Call) -> None:
        if call.operation == "StopStream":
            forget()
            live.emulator.end_stream(live.channel)

    forget = live.emulator.on_call(end)
    reply = live.stack.create(ChannelArn=live.channel, **live.parts, OnLive="STOP")

    assert reply["Status"] == "SUCCESS", reply


def test_conflict_without_a_stream_passes(live: Live) -> None:
    live.emulator.faults.add("UpdateChannel", Refuse("ConflictException"))

    assert live.stack.create(ChannelArn=live.channel, **live.parts)["Status"] == "SUCCESS"


def test_live_channel_is_not_asked_for_nothing(live: Live) -> None:
    old = {"ChannelArn": live.channel, **live.parts}
    live.stack.create(**old)
    live.emulator.go_live(live.channel)

    assert live.stack.update(old, **old)["Status"] == "SUCCESS"


def test_delete_that_the_stack_knows_nothing_of_is_refused(live: Live) -> None:
    live.stack.create(ChannelArn=live.channel, **live.parts)
    live.stack.cloudformation.shown = None

    reply = live.stack.deliver(
        live.stack.event("Delete", {"ChannelArn": live.channel, **live.parts})
    )

    assert "not wait for it any more" in reply["Reason"]
    assert live.shown() == live.parts


def test_clean_up_of_a_channel_whose_properties_are_unknown_clears_nothing(live: Live) -> None:
    other = live.ivs.create_channel()["channel"]["arn"]
    live.stack.create(ChannelArn=other)
    elsewhere = live.stack.physical_id
    live.stack.create(ChannelArn=live.channel, **live.parts)
    # A rollback was skipped: CloudFormation has the properties of this live.channel with that id.
    live.stack.delete(elsewhere, ChannelArn=live.channel, **live.parts)

    assert (
        live.ivs.get_channel(arn=live.channel)["channel"]["playbackRestrictionPolicyArn"]
        == live.parts[POLICY]
    )


def test_channel_that_shows_late_what_was_set_is_cleared(live: Live) -> None:
    live.stack.create(ChannelArn=live.channel, **live.parts)
    live.ivs.update_channel(arn=live.channel, playbackRestrictionPolicyArn="")
    looks: list[Call] = []

    def look(call: Call) -> None:
        if call.operation == "GetChannel":
            looks.append(call)
            if len(looks) == 3:
                live.ivs.update_channel(
                    arn=live.channel, playbackRestrictionPolicyArn=live.parts[POLICY]
                )

    live.emulator.on_call(look)

    assert live.stack.delete(ChannelArn=live.channel, **live.parts)["Status"] == "SUCCESS"
    assert live.ivs.get_channel(arn=live.channel)["channel"]["playbackRestrictionPolicyArn"] == ""


def test_create_that_the_delete_overtakes_is_undone(live: Live) -> None:
    physical_id = live.stack.create(ChannelArn=live.channel, **live.parts)["PhysicalResourceId"]
    live.stack.delete(ChannelArn=live.channel, **live.parts)

    def overtake(call: Call) -> None:
        if call.operation == "UpdateChannel":
            forget()
            live.stack.cloudformation.shown = ("DELETE_IN_PROGRESS", physical_id)

    forget = live.emulator.on_call(overtake)
    live.stack.create(ChannelArn=live.channel, **live.parts)

    assert live.shown() == {}
