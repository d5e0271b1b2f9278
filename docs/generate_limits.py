"""Writes docs/limits.md from the descriptors: ``python docs/generate_limits.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ivs_constructs._provider.asset.ivs_handler.specs import RESOURCES, Kind, Prop, ResourceSpec

EXTRA_PERMISSIONS = {
    "RecordingConfiguration": (
        "Besides: `iam:CreateServiceLinkedRole`, `iam:AttachRolePolicy` and `iam:PutRolePolicy` on",
        "`role/aws-service-role/ivs.amazonaws.com/AWSServiceRoleForIVSRecordToS3*`, and",
        "`s3:ListBucket`, `s3:GetBucketLocation` on the bucket, `cloudformation:ListExports`; and",
        "what CloudFormation needs to make a bucket and its policy, if it makes one.",
    ),
    "StreamKey": ("And what it needs to make a Secrets Manager secret, once `secret` is read.",),
    "AdConfiguration": ("Besides: `mediatailor:GetPlaybackConfiguration`.",),
}
"""What CloudFormation's own handlers call in other services.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/getting-started-iam-permissions.html
"""

TARGET = Path(__file__).with_name("limits.md")

_KINDS = {
    Kind.STRING: "text",
    Kind.INTEGER: "whole number",
    Kind.SECONDS: "Duration",
    Kind.BOOLEAN: "True or False",
    Kind.LIST: "list",
    Kind.STRUCT: "value",
    Kind.TAGS: "dict of strings",
}
_UNITS = {Kind.STRING: " characters", Kind.SECONDS: " seconds", Kind.LIST: " items"}


def allowed(prop: Prop) -> str:
    """The limits of one property, in words."""
    if prop.judged_by_rule:
        return "an ISO 3166-1 alpha-2 code"
    if prop.cfn.endswith("Arn") and not prop.pattern:
        return "a construct, defined or imported"
    parts = [" ".join(f"`{choice}`" for choice in prop.choices)] if prop.choices else []
    if prop.form:
        parts.append(prop.form)
    unit = " entries" if prop.kind is Kind.TAGS else _UNITS.get(prop.kind, "")
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
    """The table's rows of properties and of what they hold."""
    for prop in props:
        replaced = replaces or prop.replaces
        inner = prop.members or (prop.item.members if prop.item is not None else ())
        if inner and not prop.value_class and prop.kind is Kind.STRUCT:
            # A structure that the construct makes: the user knows only what is in it.
            yield from rows(inner, prefix, replaces=replaced)
            continue
        default = prop.default or ("**required**" if prop.required else "none")
        yield (
            f"| `{prefix}{prop.py}` | `{prop.cfn}` | {allowed(prop)} | {default} | "
            f"{'replaces' if replaced else 'in place'} |"
        )
        if prop.value_class:
            yield from rows(inner, f"{prefix}{prop.py}.", replaces=replaced)


def section(spec: ResourceSpec) -> Iterator[str]:
    """The page's part on one resource."""
    operations = [spec.create, spec.read, spec.update, spec.delete]
    actions = ", ".join(f"`ivs:{name}`" for name in operations if name is not None)
    yield f"## {spec.name}"
    yield ""
    yield f"CloudFormation type `{spec.cfn_type}`. Source of the limits: <{spec.source}>."
    yield ""
    yield "| Property | CloudFormation | Allowed | Default | A change |"
    yield "|---|---|---|---|---|"
    yield from rows(spec.props)
    yield ""
    yield f"The role that deploys needs {actions},"
    yield "and for tags `ivs:TagResource`, `ivs:UntagResource`, `ivs:ListTagsForResource`."
    yield from EXTRA_PERMISSIONS.get(spec.name, ())
    yield ""


def page() -> str:
    """The whole page."""
    lines = [
        "# Limits, defaults and what replaces",
        "",
        "Generated from the descriptors by `python docs/generate_limits.py`; tests compare these",
        "with the API's model and CloudFormation's schemas.",
        "",
    ]
    for spec in RESOURCES:
        lines.extend(section(spec))
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(page())
