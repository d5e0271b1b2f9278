"""What the functions of a fleet may do: only with what has the fleet's tag, and its own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivs_constructs._core.statements import Statement, own_account
from ivs_constructs.fleets.function.settings import FLEET_TAG, OWN_TAGS

STACK_TAG = f"{OWN_TAGS}stack"
"""The tag of what the custom resources of a stack made."""

RESERVED = ("claim", "id", "key", "logical", "request", "stack", "template")
"""The tags that this library alone sets, without their prefix."""

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
    """The operations of Amazon IVS that a kind of member takes.

    Attributes:
        arn_type: What stands before the slash in the ARN.
        create: The operation that makes one.
        answer: What the function that answers does with members.
        tend: What the function that tends does with them.
        lists: The lists that it reads.
        keys_answer: What the function that answers does with stream keys.
        keys_tend: What the function that tends does with them.
        keys_too: Which of all these touch stream keys as well.
    """

    arn_type: str
    create: str
    answer: tuple[str, ...]
    tend: tuple[str, ...]
    lists: tuple[str, ...]
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
        keys_answer=("DeleteStreamKey", "GetStreamKey"),
        keys_tend=("DeleteStreamKey",),
        keys_too=("DeleteChannel", "ListStreamKeys"),
    ),
}


def of_answer(kind: str, fleet: str, table_arn: str) -> list[Statement]:
    """Write what the function that answers may do."""
    operations = OPERATIONS[kind]
    return [
        _on_table(table_arn),
        *_create(operations, fleet),
        *_manage(operations, fleet, operations.answer, operations.keys_answer),
    ]


def of_tend(kind: str, fleet: str, table_arn: str) -> list[Statement]:
    """Write what the function that tends may do."""
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
    """Write the conditions under which something can be given the fleet's tag.

    What has no tags can be; IAM cannot tell a new resource from one that nobody has tagged.
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


def _create(operations: Operations, fleet: str) -> list[Statement]:
    types = [operations.arn_type, *(["stream-key"] if operations.keys_tend else [])]
    return [
        {
            "Sid": "CreateWithFleetTag",
            "Effect": "Allow",
            "Action": [f"ivs:{operations.create}", "ivs:TagResource"],
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
