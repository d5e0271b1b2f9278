"""Writes docs/limits.md from the descriptors: ``python -m tools.generate_limits``."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path

from ivs_constructs._provider.permissions import REASONS, Use, of_targets, of_types
from ivs_constructs._specs import (
    AUTO_PARTICIPANT_RECORDING,
    CUSTOM_RESOURCES,
    RESOURCES,
    CustomResourceSpec,
    Kind,
    Prop,
    ResourceSpec,
)

EXTRA_PERMISSIONS = {
    "RecordingConfiguration": (
        "Also: `iam:CreateServiceLinkedRole`, `iam:AttachRolePolicy` and `iam:PutRolePolicy` on",
        "`role/aws-service-role/ivs.amazonaws.com/AWSServiceRoleForIVSRecordToS3*`, and",
        "`s3:ListBucket`, `s3:GetBucketLocation` on the bucket, `cloudformation:ListExports`; and",
        "the permissions to make a bucket and its policy, if the stack makes one.",
    ),
    "StreamKey": ("Also the permissions to make a Secrets Manager secret, once `secret` is read.",),
    "AdConfiguration": ("Also: `mediatailor:GetPlaybackConfiguration`.",),
}
"""What CloudFormation's own handlers call in other services.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/getting-started-iam-permissions.html
"""

TARGET = Path(__file__).parents[1] / "docs" / "limits.md"

_KINDS = {
    Kind.STRING: "text",
    Kind.INTEGER: "whole number",
    Kind.SECONDS: "Duration",
    Kind.BOOLEAN: "True or False",
    Kind.LIST: "list",
    Kind.STRUCT: "see its members",
    Kind.TAGS: "dict of strings",
}
_UNITS = {Kind.STRING: " characters", Kind.SECONDS: " seconds", Kind.LIST: " items"}


def allowed(prop: Prop) -> str:
    """The limits of one property, in words."""
    if prop.judged_by_rule:
        return "an ISO 3166-1 alpha-2 code"
    if prop.py == "bucket":
        return "a bucket, defined or imported"
    if prop.cfn.endswith("Arn") and not prop.pattern:
        return "a construct, defined or imported"
    parts = [" ".join(f"`{choice}`" for choice in prop.choices)] if prop.choices else []
    if prop.form:
        parts.append(prop.form)
    unit = " entries" if prop.kind is Kind.TAGS else _UNITS.get(prop.kind, "")
    if prop.maximum == 1:
        unit = unit.removesuffix("s")
    if prop.maximum is not None:
        ranged = prop.minimum or prop.kind is Kind.SECONDS
        start = f"{prop.minimum}-" if ranged else "up to "
        parts.append(f"{start}{prop.maximum}{unit}")
    elif prop.minimum:
        parts.append(f"at least {prop.minimum}{unit}")
    if prop.unique:
        parts.append("no repetition")
    if prop.item is not None:
        inner = prop.item.members[0] if prop.item.members else prop.item
        parts.append(f"each: {allowed(inner)}")
    return "; ".join(parts) or _KINDS[prop.kind]


def rows(props: tuple[Prop, ...], prefix: str = "", *, replaces: bool = False) -> Iterator[str]:
    """The table's rows for properties and their members."""
    for prop in props:
        replaced = replaces or prop.replaces
        inner = prop.members or (prop.item.members if prop.item is not None else ())
        grouped = prop.value_class or prop is AUTO_PARTICIPANT_RECORDING
        if inner and not grouped and prop.kind is Kind.STRUCT:
            # A structure that the construct makes: the user sees only its members.
            yield from rows(inner, prefix, replaces=replaced)
            continue
        default = prop.default or ("**required**" if prop.required else "none")
        yield (
            f"| `{prefix}{prop.py}` | `{prop.cfn}` | {allowed(prop)} | {default} | "
            f"{'replaces' if replaced else 'in place'} |"
        )
        if grouped:
            yield from rows(inner, f"{prefix}{prop.py}.", replaces=replaced)


def table(props: tuple[Prop, ...], *, replaced: tuple[Prop, ...] = ()) -> Iterator[str]:
    """The table of a resource's properties."""
    yield "| Property | CloudFormation | Allowed | Default | On change |"
    yield "|---|---|---|---|---|"
    for prop in props:
        yield from rows((prop,), replaces=prop in replaced)
    yield ""


def permissions_of(name: str) -> Iterator[str]:
    """The permissions that a deployment needs for a construct's resource."""
    for spec in RESOURCES:
        if spec.name == name:
            yield from deployer_permissions(spec)
    for custom in CUSTOM_RESOURCES:
        if custom.name == name:
            yield from function_permissions(custom)


def section(spec: ResourceSpec) -> Iterator[str]:
    """The page's section on a resource that CloudFormation makes."""
    yield f"## {spec.name}"
    yield ""
    yield f"CloudFormation type `{spec.cfn_type}`. Source of the limits: <{spec.source}>."
    yield ""
    yield from table(spec.props)
    yield from deployer_permissions(spec)


def deployer_permissions(spec: ResourceSpec) -> Iterator[str]:
    """The deploying role's permissions for a resource that CloudFormation makes."""
    operations = [spec.create, spec.read, spec.update, spec.delete]
    actions = ", ".join(f"`ivs:{name}`" for name in operations if name is not None)
    yield f"The deploying role needs {actions},"
    yield "and for tags `ivs:TagResource`, `ivs:UntagResource`, `ivs:ListTagsForResource`."
    yield from EXTRA_PERMISSIONS.get(spec.name, ())
    yield ""


def custom_section(spec: CustomResourceSpec) -> Iterator[str]:
    """The page's section on a resource that this library's function makes."""
    yield f"### {spec.name}"
    yield ""
    yield f"Custom resource `{spec.custom_type}`. Source of the limits: <{spec.source}>."
    if spec.cfn_type:
        yield f"CloudFormation's own type is `{spec.cfn_type}`."
    yield ""
    yield from table(spec.props, replaced=spec.immutable)
    yield from function_permissions(spec)


def function_permissions(spec: CustomResourceSpec) -> Iterator[str]:
    """The function's permissions for a resource that it makes."""
    yield "The stack's function needs, for this type:"
    yield ""
    yield "| Actions | On | Condition |"
    yield "|---|---|---|"
    always = granted(Use(spec, "FAIL"))
    yield from always.values()
    for row in granted(Use(spec, "STOP"), without=always.keys()).values():
        yield row.replace("| none |", "| only with `InUse.STOP` |")
    yield ""


_TARGETS = {
    "BucketPolicies": "the bucket",
    "Channels": "the channel",
    "ChannelsAndStreams": "the channel",
    "Publishers": "the stage",
}
_CONDITIONS = {
    "CreateWithStackTag": "the request's tag `ivs-constructs:stack` is this stack's id",
    "ManageByStackTag": "the resource's tag `ivs-constructs:stack` is this stack's id",
}


def granted(use: Use, *, without: Set[tuple[str, ...]] = frozenset()) -> dict[tuple[str, ...], str]:
    """The rows of the role's permissions, by actions, without those already listed."""
    known = {action for actions in without for action in actions}
    found: dict[tuple[str, ...], str] = {}
    for statement in (*of_types([use]), *of_targets([(use, "arn:")])):
        sid = statement["Sid"]
        on = ", ".join(
            "`*`" if each == "*" else f"`{each['Fn::Sub'].rpartition(':')[2]}`"
            for each in statement["Resource"]
            if sid in REASONS
        )
        actions = tuple(each for each in statement["Action"] if each not in known)
        if actions:
            listed = ", ".join(f"`{each}`" for each in actions)
            condition = _CONDITIONS.get(sid, "none")
            found[actions] = f"| {listed} | {on or _TARGETS[sid]} | {condition} |"
    return found


def page() -> str:
    """The whole page."""
    lines = [
        "# Limits, defaults and what replaces",
        "",
        "All limits that the library checks. `make docs` writes this page from the descriptors,",
        "which tests compare with the API's model and CloudFormation's schemas.",
        "",
    ]
    for spec in RESOURCES:
        lines.extend(section(spec))
    lines += [
        "## Custom resources",
        "",
        "One function in each stack makes these. Its role has the permissions that the types",
        "in use need. It may also write its log and traces, and ask CloudFormation about its own",
        "stack. The deploying role needs no Amazon IVS actions for them, only the permissions to",
        "make a function, a role, policies and a log group.",
        "",
    ]
    for custom in CUSTOM_RESOURCES:
        lines.extend(custom_section(custom))
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(page())
