"""Pages, filters, order, and lists that lag behind."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


def names(realtime: Untyped) -> list[str]:
    return [each["name"] for each in realtime.list_stages()["stages"]]


def test_pages_follow_each_other_in_a_stable_order(
    realtime: Untyped, make: Untyped, refused: Untyped
) -> None:
    arns = [make.stage(name=f"s{number}") for number in range(7)]
    first = realtime.list_stages(maxResults=3)
    # What is deleted or made between two pages does not shift the rest.
    realtime.delete_stage(arn=arns[0])
    make.stage(name="s7")
    second = realtime.list_stages(maxResults=3, nextToken=first["nextToken"])
    third = realtime.list_stages(maxResults=3, nextToken=second["nextToken"])

    pages = [[each["name"] for each in page["stages"]] for page in (first, second, third)]
    assert pages == [["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6", "s7"]]
    assert "nextToken" not in third
    code, _, _ = refused(realtime.list_public_keys, nextToken=first["nextToken"])
    assert code == "ValidationException"


def test_paginators_of_boto3_work(ivs: Untyped, make: Untyped) -> None:
    for _ in range(3):
        make.playback_restriction_policy()
    assert len(ivs.list_playback_restriction_policies()["playbackRestrictionPolicies"]) == 1

    pages = ivs.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 2})
    for _ in range(5):
        make.channel()
    assert [len(page["channels"]) for page in pages] == [2, 2, 1]


def test_channels_are_filtered(ivs: Untyped, make: Untyped) -> None:
    policy = make.playback_restriction_policy()
    make.channel(name="a", playbackRestrictionPolicyArn=policy)
    make.channel(name="b", playbackRestrictionPolicyArn=policy)
    make.channel(name="a")

    def found(**filters: str) -> list[str]:
        return [each["name"] for each in ivs.list_channels(**filters)["channels"]]

    assert found(filterByName="a") == ["a", "a"]
    assert found(filterByPlaybackRestrictionPolicyArn=policy) == ["a", "b"]
    assert found(filterByPlaybackRestrictionPolicyArn=policy, filterByName="b") == ["b"]


@pytest.mark.parametrize("lag", [0, 1, 3])
def test_lists_lag_behind(realtime: Untyped, emulator: Emulator, make: Untyped, lag: int) -> None:
    emulator.list_lag = lag
    assert emulator.list_lag == lag
    arn = make.stage(name="new")
    assert realtime.get_stage(arn=arn)["stage"]["name"] == "new"
    assert [names(realtime) for _ in range(lag + 2)] == [[]] * lag + [["new"]] * 2

    realtime.delete_stage(arn=arn)
    assert emulator.resources() == []
    assert [names(realtime) for _ in range(lag + 2)] == [["new"]] * lag + [[]] * 2


def test_lag_counts_lists_of_the_same_type_and_not_their_pages(
    realtime: Untyped,
    emulator: Emulator,
    make: Untyped,
) -> None:
    for name in ("a", "b"):
        make.stage(name=name)
    emulator.list_lag = 1
    realtime.list_stages()
    make.stage(name="new")
    realtime.list_public_keys()
    first = realtime.list_stages(maxResults=1)
    rest = realtime.list_stages(nextToken=first["nextToken"])["stages"]

    assert [each["name"] for each in rest] == ["b"]
    assert names(realtime) == ["a", "b", "new"]


def test_what_no_list_has_shown_is_never_shown(
    realtime: Untyped, emulator: Emulator, make: Untyped
) -> None:
    emulator.list_lag = 2
    realtime.delete_stage(arn=make.stage(name="brief"))

    assert [names(realtime) for _ in range(4)] == [[]] * 4


def test_participants_are_filtered_and_paged(
    realtime: Untyped,
    emulator: Emulator,
    make: Untyped,
    refused: Untyped,
) -> None:
    stage = make.stage()
    ids = [emulator.start_publishing(stage, user_id=f"u{n}") for n in range(3)]
    emulator.stop_publishing(stage, ids[0])
    place = {
        "stageArn": stage,
        "sessionId": realtime.get_stage(arn=stage)["stage"]["activeSessionId"],
    }

    def found(**query: object) -> list[str]:
        listed = realtime.list_participants(**place, **query)["participants"]
        return [each["participantId"] for each in listed]

    assert found() == ids
    assert found(filterByState="DISCONNECTED") == ids[:1]
    assert found(filterByPublished=False) == []
    assert found(maxResults=2) == ids[:2]
    code, _, _ = refused(
        realtime.list_participants, **place, filterByPublished=True, filterByUserId="u1"
    )
    assert code == "ValidationException"
