"""What comes too late, or is lost on the way: writes of the table, and channels that stay live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ivs_constructs.fleets.function import aws, rows, verbs
from ivs_constructs.fleets.function.rows import CLAIMED, Row
from ivs_constructs.fleets.function.steps import CANCELED, CONDITION, Call, CallError, World
from ivs_constructs.testing.emulator.faults import Refuse
from tests.unit.fleets.conftest import Cloud
from tests.unit.fleets.test_answer import code

Send = Callable[[Call], dict[str, Any]]


def world_now() -> World:
    return aws.world_of(aws.deployed(), 20)


def instead(monkeypatch: pytest.MonkeyPatch, judge: Callable[[Call], CallError | None]) -> None:
    """Answer some calls with an error, and send the others."""
    send = aws.send

    def sent(call: Call) -> dict[str, Any]:
        error = judge(call)
        if error is not None:
            raise error
        return send(call)

    monkeypatch.setattr(aws, "send", sent)


def test_late_notes_change_nothing(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    world = world_now()
    row = aws.carry_out(rows.row_of(world, "a"))
    assert row is not None
    cloud.ask("release", key="a", arn=made["arn"])
    cloud.ask("acquire", key="a")
    before = cloud.rows()
    aws.carry_out(rows.note_live(world, row, world.now() + 99))
    aws.carry_out(rows.set_template(world, replace(row, template="former")))

    assert cloud.rows() == before


def test_member_of_own_code_is_counted_once(cloud: Cloud) -> None:
    world = world_now()
    for _ in range(2):
        aws.carry_out(rows.adopt(world, "arn:aws:ivs:us-east-1:123456789012:stage/AbCdEf"))

    assert len(cloud.rows()) == 1
    assert cloud.fleet()["size"] == {"N": "1"}


def test_publishing_that_is_refused_fails(cloud: Cloud) -> None:
    claimed = Row(pk="key#a", sk="-", state=CLAIMED, claim="1-a")
    cloud.dynamodb.next = [(400, b'{"__type": "ValidationException"}')]
    with pytest.raises(CallError, match="ValidationException"):
        aws.carry_out(rows.publish(world_now(), claimed, "arn", {}))


def test_list_leaves_out_what_is_being_removed(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("DeleteStage", Refuse("ConflictException"))
    cloud.ask("release", key="a", arn=made["arn"])

    assert len(cloud.rows()) == 1
    assert cloud.ask("list") == {"members": []}


def test_member_is_made_where_all_made_ahead_are_taken(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy(ready=4)
    cloud.tend()
    ready = {each.arn for each in cloud.members()}

    def judge(call: Call) -> CallError | None:
        reasons = ("ConditionalCheckFailed", "None")
        taken = call.operation == "TransactWriteItems"
        return CallError(call.operation, CANCELED, reasons=reasons) if taken else None

    instead(monkeypatch, judge)
    reply = cloud.ask("acquire", key="a")

    assert reply["created"]
    assert reply["arn"] not in ready


def test_who_always_loses_is_told_to_come_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(call: Call) -> CallError | None:
        if call.operation != "PutItem":
            return None
        cloud.time.now += 6
        return CallError("PutItem", CONDITION)

    instead(monkeypatch, judge)
    assert code(cloud.ask("acquire", key="a")) == "Busy"
    assert cloud.rows() == cloud.members() == []


def test_member_made_ahead_whose_claim_is_gone_is_deleted(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy(ready=1)
    writes: list[Call] = []

    def judge(call: Call) -> CallError | None:
        if call.operation == "PutItem":
            writes.append(call)
        is_publishing = len(writes) == 2 and writes[-1] is call
        return CallError("PutItem", CONDITION) if is_publishing else None

    instead(monkeypatch, judge)
    cloud.tend()
    assert cloud.members() == []


def test_surplus_that_is_still_being_made_stays(cloud: Cloud) -> None:
    world = world_now()
    claim = verbs.claim_id(world)
    wanted = Row(pk="ready", sk=claim, state=CLAIMED, claim=claim, lease=world.now() + 60)
    aws.carry_out(rows.claim(world, wanted, None))
    cloud.tend()

    assert [each["claim"]["S"] for each in cloud.rows()] == [claim]


def live_channel(cloud: Cloud) -> str:
    cloud.deploy("channel")
    arn: str = cloud.ask("acquire", key="a")["arn"]
    cloud.emulator.go_live(arn, reconnects=True)
    return arn


@pytest.mark.parametrize(
    ("operation", "refusal", "deleted"),
    [
        ("DeleteStreamKey", "AccessDeniedException", False),
        # Somebody else was faster; but then the encoder is not back, either.
        ("StopStream", "AccessDeniedException", False),
        ("StopStream", "ChannelNotBroadcasting", False),
        ("ListStreamKeys", "AccessDeniedException", False),
    ],
)
def test_channel_that_cannot_be_taken_off_the_air(
    cloud: Cloud, operation: str, refusal: str, deleted: bool
) -> None:
    arn = live_channel(cloud)
    cloud.emulator.faults.add(operation, Refuse(refusal), forever=True)
    reply = cloud.ask("release", key="a", arn=arn, force=True)

    assert reply == {"released": True, "deleted": deleted}
    # The next run goes on.
    cloud.emulator.faults.clear()
    cloud.tend()
    assert cloud.members() == cloud.rows() == []


def test_encoder_that_comes_back_is_not_waited_for_for_ever(cloud: Cloud) -> None:
    """Its stream key could not be deleted, as it was said to be gone."""
    arn = live_channel(cloud)
    gone = Refuse("ResourceNotFoundException")
    cloud.emulator.faults.add("DeleteStreamKey", gone, forever=True)
    began = cloud.time.now
    reply = cloud.ask("release", key="a", arn=arn, force=True)

    assert reply == {"released": True, "deleted": False}
    assert cloud.time.now - began <= 25
    cloud.emulator.faults.clear()
    cloud.tend()
    assert cloud.members() == []


def test_clients_are_made_when_a_function_starts(cloud: Cloud) -> None:
    cloud.deploy()
    aws.warm("dynamodb")
    assert aws.client_of.cache_info().currsize > 0
