"""The descriptors of the custom types against the API models and the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import botocore.session  # type: ignore[import-untyped]  # no types
import pytest

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import specs
    from ivs_constructs._lambda.ivs_handler.specs import prop as parts
else:
    from ivs_handler import specs
    from ivs_handler.specs import prop as parts

BOTOCORE = botocore.session.get_session()
SHAPES = {
    parts.Kind.STRING: {"string"},
    parts.Kind.INTEGER: {"integer", "long", "float"},
    parts.Kind.SECONDS: {"integer"},
    parts.Kind.BOOLEAN: {"boolean"},
    parts.Kind.LIST: {"list"},
    parts.Kind.STRUCT: {"structure", "map"},
    parts.Kind.TAGS: {"map"},
}
# What the lifecycle puts on every resource: stack, logical id, physical id and request.
OWN_TAGS = 4

by_spec = pytest.mark.parametrize("spec", specs.CUSTOM_RESOURCES, ids=lambda spec: spec.name)
Untyped = Any


def operation(service: str, name: str) -> Untyped:
    return BOTOCORE.get_service_model(service).operation_model(name)


def members(
    props: tuple[parts.Prop, ...], shape: Untyped, path: str = ""
) -> Iterator[tuple[str, parts.Prop, Untyped, bool]]:
    for prop in props:
        inner = shape.members[prop.api]
        yield f"{path}{prop.api}", prop, inner, prop.api in shape.required_members
        if prop.members:
            yield from members(prop.members, inner, f"{path}{prop.api}.")
        if prop.kind is parts.Kind.LIST and prop.item is not None:
            yield f"{path}{prop.api}[]", prop.item, inner.member, False


@by_spec
def test_members_are_those_of_the_api(spec: parts.CustomResourceSpec) -> None:
    shape = operation(spec.service, spec.create).input_shape

    for path, prop, inner, required in members(spec.props, shape):
        told = inner.metadata
        assert inner.type_name in SHAPES[prop.kind], path
        assert (inner.type_name == "float") == prop.fractional, path
        assert prop.required == required, path
        assert set(prop.choices) == set(told.get("enum", ())), path
        reserved = OWN_TAGS if prop.kind is parts.Kind.TAGS else 0
        assert prop.maximum == (told["max"] - reserved if "max" in told else None), path
        if not prop.api.lower().endswith("arn"):
            assert prop.minimum == told.get("min"), path
            assert prop.pattern == told.get("pattern"), path
        if inner.type_name == "structure":
            assert {member.api for member in prop.members} == set(inner.members), path
    if not spec.patch:
        names = {prop.api for prop in spec.props}
        assert names | spec.unreachable.keys() == set(shape.members)


@by_spec
def test_operations_and_their_members_exist(spec: parts.CustomResourceSpec) -> None:
    read = operation(spec.service, spec.read)
    described = read.output_shape.members[spec.output]
    for path in spec.outputs.values():
        shape = described
        for part in path.split("."):
            shape = shape.members[part]
        assert not shape.metadata.get("sensitive"), path
    deleted = operation(spec.service, spec.delete).input_shape
    assert set(deleted.members) >= {"arn", spec.force} - {""}
    if spec.update is not None:
        updated = operation(spec.service, spec.update).input_shape.members
        assert {prop.api for prop in spec.mutable} <= set(updated)
        assert not {prop.api for prop in spec.immutable} & set(updated) - {"arn"}
        assert all(prop.cleared is not None for prop in spec.mutable)
    if spec.failed:
        assert {*spec.pending, spec.failed} < set(described.members["state"].metadata["enum"])
    if spec.list:
        listed = operation(spec.service, spec.list).output_shape.members[spec.summaries].member
        assert ("tags" in listed.members) == spec.summaries_have_tags


@pytest.mark.parametrize(
    ("spec", "holder"),
    [
        pytest.param(spec, holder, id=f"{spec.name}-{holder.noun}")
        for spec in specs.CUSTOM_RESOURCES
        for holder in spec.holders
    ],
)
def test_holders_can_be_found(spec: parts.CustomResourceSpec, holder: parts.Holder) -> None:
    if holder.list:
        listed = operation(holder.service, holder.list)
        assert holder.member in listed.output_shape.members
        assert set(listed.input_shape.members) >= {holder.filter} - {""}
    if holder.read:
        read = operation(holder.service, holder.read)
        assert holder.read_with in read.input_shape.members
        assert {error.name for error in read.error_shapes} >= {holder.idle} - {""}
    if holder.condition[0]:
        described = operation(spec.service, spec.read).output_shape.members[spec.output]
        assert holder.condition[0] in described.members
    if holder.stop:
        stop = operation(holder.service, holder.stop).input_shape
        assert set(holder.stop_with) == set(stop.required_members)
