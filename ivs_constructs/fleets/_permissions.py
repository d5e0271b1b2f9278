"""The functions' permissions: only on resources with the fleet's tag, and on its own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivs_constructs._core.statements import Statement, own_account
from ivs_constructs.fleets.function.settings import FLEET_TAG, OWN_TAGS

STACK_TAG = f"{OWN_TAGS}stack"
"""The tag on everything that a stack's custom resources create."""

RESERVED = ("claim", "id", "key", "logical", "request", "stack", "template")
"""The tags that only this library sets, without their prefix."""

REASONS = {
    "CreateWithFleetTag": "an id is known only after the member was created; it must be created "
    "with the tag of this fleet",
    "UpdateTags": "ids are known only at run time; only members of this fleet can be tagged",
    "ManageStreamKeysByFleetTag": "ids are known only at run time; only stream keys with the tag "
    "of this fleet are touched",
    "ManageByFleetTag": "ids are known only at run time; only what has the tag of this fleet is "
    "touched",
    "StreamKeysOfMembers": "these operations on a channel touch its stream key as well, which may "
    "have no tags; the channel itself must have the tag of this fleet",
    "Lists": "a list shows all resources of a type; the function looks for the tag of this fleet",
}
"""Why a statement names no single resource."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of Amazon IVS for one kind of member.

    Attributes:
        arn_type: The part before the slash in the ARN.
        create: The operation that creates a member.
        answer: The operations on members by the function that answers.
        tend: The operations on members by the function that tends.
        lists: The list operations that it calls.
        keys_create: The operations that create stream keys, by the function that answers.
        keys_answer: The operations on stream keys by the function that answers.
        keys_tend: The operations on stream keys by the function that tends.
        keys_too: Which of all these also require access to stream keys.
    """

    arn_type: str
    create: str
    answer: tuple[str, ...]
    tend: tuple[str, ...]
    lists: tuple[str, ...]
    keys_create: tuple[str, ...] = ()
    keys_answer: tuple[str, ...] = ()
    keys_tend: tuple[str, ...] = ()
    keys_too: tuple[str, ...] = ()


OPERATIONS = {
    "stage": Operations(
        arn_type="stage",
        create="CreateStage",
        answer=("DeleteStage", "GetStage"),
        tend=("DeleteStage", "GetStage", "ListStageSessions", "UpdateStage"),
        lists=("ListStages",),
    ),
    "channel": Operations(
        arn_type="channel",
        create="CreateChannel",
        answer=("DeleteChannel", "GetStream", "ListStreamKeys", "StopStream"),
        tend=(
            *("DeleteChannel", "GetStream", "ListStreamKeys", "ListStreamSessions"),
            *("StopStream", "UpdateChannel"),
        ),
        lists=("ListChannels", "ListStreams"),
        keys_create=("CreateStreamKey",),
        keys_answer=("DeleteStreamKey", "GetStreamKey"),
        keys_tend=("DeleteStreamKey",),
        keys_too=("DeleteChannel", "ListStreamKeys"),
    ),
}


def of_answer(kind: str, fleet: str, table_arn: str) -> list[Statement]:
    """Return the statements for the function that answers."""
    operations = OPERATIONS[kind]
    return [
        _on_table(table_arn),
        *_create(operations, fleet, operations.keys_create),
        *_manage(operations, fleet, operations.answer, operations.keys_answer),
    ]


def of_tend(kind: str, fleet: str, table_arn: str) -> list[Statement]:
    """Return the statements for the function that tends."""
    operations = OPERATIONS[kind]
    return [
        _on_table(table_arn),
        *_create(operations, fleet),
        *_manage(operations, fleet, operations.tend, operations.keys_tend),
        {
            "Sid": "UpdateTags",
            "Effect": "Allow",
            "Action": "ivs:TagResource",
            "Resource": [own_account(f"{operations.arn_type}/*")],
            "Condition": {"StringEquals": {f"aws:ResourceTag/{FLEET_TAG}": fleet}},
        },
        {
            "Sid": "Lists",
            "Effect": "Allow",
            "Action": [f"ivs:{name}" for name in operations.lists],
            "Resource": [own_account(f"{operations.arn_type}/*")],
        },
    ]


def not_adopting(fleet: str) -> dict[str, dict[str, Any]]:
    """Return the conditions under which a resource can be given the fleet's tag.

    An untagged resource qualifies: IAM cannot distinguish it from a new one.
    """
    return {
        "StringEquals": {f"aws:RequestTag/{FLEET_TAG}": fleet},
        "StringEqualsIfExists": {f"aws:ResourceTag/{FLEET_TAG}": fleet},
        "Null": {f"aws:ResourceTag/{STACK_TAG}": "true"},
    }


def _on_table(table_arn: str) -> Statement:
    return {
        "Sid": "Table",
        "Effect": "Allow",
        "Action": [
            f"dynamodb:{name}"
            for name in ("DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
        ],
        "Resource": [table_arn],
    }


def _create(operations: Operations, fleet: str, keys: Sequence[str] = ()) -> list[Statement]:
    types = [operations.arn_type, *(["stream-key"] if operations.keys_tend else [])]
    return [
        {
            "Sid": "CreateWithFleetTag",
            "Effect": "Allow",
            "Action": [f"ivs:{name}" for name in (operations.create, *keys, "TagResource")],
            "Resource": [own_account(f"{each}/*") for each in types],
            "Condition": not_adopting(fleet),
        }
    ]


def _manage(
    operations: Operations, fleet: str, members: Sequence[str], keys: Sequence[str]
) -> list[Statement]:
    tagged: Mapping[str, Any] = {"StringEquals": {f"aws:ResourceTag/{FLEET_TAG}": fleet}}
    statements: list[Statement] = [
        {
            "Sid": "ManageByFleetTag",
            "Effect": "Allow",
            "Action": [f"ivs:{name}" for name in members],
            "Resource": [own_account(f"{operations.arn_type}/*")],
            "Condition": tagged,
        }
    ]
    if keys:
        statements += [
            {
                "Sid": "ManageStreamKeysByFleetTag",
                "Effect": "Allow",
                "Action": [f"ivs:{name}" for name in keys],
                "Resource": [own_account("stream-key/*")],
                "Condition": tagged,
            },
            {
                "Sid": "StreamKeysOfMembers",
                "Effect": "Allow",
                "Action": [f"ivs:{name}" for name in operations.keys_too],
                "Resource": [own_account("stream-key/*")],
            },
        ]
    return statements
