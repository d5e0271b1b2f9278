"""What the provider's role may do: exactly the operations of the resource types in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ivs_constructs._core.statements import STACK_ID, own_account
from ivs_constructs._specs import (
    INGEST_CONFIGURATION,
    OWN_TAGS,
    SIGNING_KEY,
    STORAGE_CONFIGURATION,
    CustomResourceSpec,
)

STACK_TAG = f"{OWN_TAGS}stack"
"""The tag that marks what the stack owns."""


@dataclass(frozen=True, slots=True)
class Use:
    """One way in which a stack uses the provider.

    Attributes:
        spec: The type of the custom resource.
        policy: What to do when something uses it: `FAIL`, `WAIT` or `STOP`.
    """

    spec: CustomResourceSpec = field(hash=False)
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """An action, and the resources it is allowed on.

    Attributes:
        sid: The statement that it belongs to; all with the same sid become one statement.
        action: The action, with its service.
        on: The ARN, or its last part, or `*`.
    """

    sid: str
    action: str
    on: str


REASONS = {
    "CreateWithStackTag": "an id is known only after the resource was created; it must be created "
    "with the tag that holds this stack's id",
    "ManageByStackTag": "ids are known only at run time; the handler changes only resources whose "
    "tag has this stack's id",
    "ListByType": "a list shows all resources of a type; the handler looks for its tags in it",
    "ListWithoutArn": "IAM has no resource type for these lists, which show names, ARNs and tags",
    "Compositions": "compositions come and go at run time, so their ARNs and tags are not "
    "known; the handler acts only on those that use its own resource",
}
"""Why a statement names no single resource."""

FOR_THE_SERVICE = {
    "BucketPolicies": "the function calls none of these itself; Amazon IVS requires them in the "
    "role that makes a storage configuration, to let itself write to this bucket",
}
"""Why a statement allows actions that the handler itself never calls."""

ALL_REASONS = {**REASONS, **FOR_THE_SERVICE}
"""The reasons of statements in the template."""

CONDITIONS = {
    "CreateWithStackTag": {
        "StringEquals": f"aws:RequestTag/{STACK_TAG}",
        # A resource being created has no tags yet. A resource of another stack must not be tagged
        # as this stack's, so that it cannot be deleted either.
        "StringEqualsIfExists": f"aws:ResourceTag/{STACK_TAG}",
    },
    "ManageByStackTag": {"StringEquals": f"aws:ResourceTag/{STACK_TAG}"},
}
"""The condition keys that must hold the stack's id, by statement and operator."""

# Operations on resources of other types than the custom resource's.
_ELSEWHERE = {
    "ListStages": ("ListByType", "stage/*"),
    "ListChannels": ("ListByType", "channel/*"),
    "ListTagsForResource": ("ListByType", "ingest-configuration/*"),
    "GetComposition": ("Compositions", "composition/*"),
    "StopComposition": ("Compositions", "composition/*"),
}

_BUCKET_POLICY = (
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
)
"""What Amazon IVS requires of the caller that makes a storage configuration.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/security-iam-policy-examples.html
"""


def of_types(uses: Iterable[Use]) -> list[dict[str, Any]]:
    """Write the statements that name no resources of the stack, only types."""
    found = {permission for use in uses for permission in _of_type(use)}
    return _written(sorted(found, key=lambda each: (each.sid, each.action, each.on)))


def of_targets(targets: Iterable[tuple[Use, str]]) -> list[dict[str, Any]]:
    """Write the statements on resources that the stack defines or imports."""
    return _written(each for use, arn in targets for each in _on_target(use, arn))


def _of_type(use: Use) -> Iterator[Permission]:
    spec = use.spec
    if spec.patch:
        return
    own = f"{spec.arn_type}/*"
    for operation in (spec.create, "TagResource"):
        yield Permission(sid="CreateWithStackTag", action=f"ivs:{operation}", on=own)
    changes = () if spec.update is None else (spec.update,)
    for operation in (spec.read, *changes, spec.delete, "TagResource", "UntagResource"):
        yield Permission(sid="ManageByStackTag", action=f"ivs:{operation}", on=own)
    operations = [spec.list]
    if not spec.summaries_have_tags:
        operations.append("ListTagsForResource")
    for holder in spec.holders:
        operations += [holder.list, holder.read]
        if use.policy == "STOP" and holder.list:
            operations.append(holder.stop)
    for operation in filter(None, operations):
        sid, on = _ELSEWHERE.get(operation, ("ListWithoutArn", "*"))
        yield Permission(sid=sid, action=f"ivs:{operation}", on=on)


def _on_target(use: Use, arn: str) -> Iterator[Permission]:
    spec, stops = use.spec, use.policy == "STOP"
    if spec is SIGNING_KEY:
        yield Permission(sid="PublicKeys", action=f"kms:{spec.read}", on=arn)
    elif spec.patch:
        sid = "ChannelsAndStreams" if stops else "Channels"
        operations = [spec.read, spec.update]
        for holder in spec.holders:
            operations += [holder.read, holder.stop if stops else ""]
        for operation in filter(None, operations):
            yield Permission(sid=sid, action=f"ivs:{operation}", on=arn)
    elif spec is STORAGE_CONFIGURATION:
        for action in _BUCKET_POLICY:
            yield Permission(sid="BucketPolicies", action=action, on=arn)
    elif spec is INGEST_CONFIGURATION and stops:
        yield Permission(sid="Publishers", action="ivs:DisconnectParticipant", on=arn)


def _written(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    by_sid: dict[str, list[Permission]] = {}
    for permission in permissions:
        by_sid.setdefault(permission.sid, []).append(permission)
    return [_statement(sid, group) for sid, group in by_sid.items()]


def _statement(sid: str, group: list[Permission]) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(dict.fromkeys(each.action for each in group)),
        "Resource": [_arn(on) for on in dict.fromkeys(each.on for each in group)],
    }
    if sid in CONDITIONS:
        statement["Condition"] = {
            operator: {key: STACK_ID} for operator, key in CONDITIONS[sid].items()
        }
    return statement


def _arn(on: str) -> object:
    # Readable in the template; a given ARN stays as it is.
    if on == "*" or ":" in on or "${Token[" in on:
        return on
    return own_account(on)
