"""The one place that touches a private part of jsii, with the installed version of it."""

import sys
from collections.abc import Iterator
from typing import Any, cast

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_s3
from jsii import _reference_map as jsii_map

from ivs_constructs._core import by_name
from ivs_constructs._core.by_name import attribute_of, can_wait, define_by_name, typed

private = cast("Any", jsii_map)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests of one process share its modules; those who wait ask this for what is loaded.
    monkeypatch.delitem(sys.modules, "aws_cdk.aws_s3")
    monkeypatch.setattr(by_name, "_load", lambda _, name: getattr(aws_s3, name))


@pytest.fixture
def another_jsii(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    can_wait.cache_clear()
    yield
    monkeypatch.undo()
    can_wait.cache_clear()


@jsii.implements(cdk.IAspect)
class Visitor:
    def __init__(self) -> None:
        self.seen: list[object] = []

    def visit(self, node: object) -> None:
        self.seen.append(node)


def bucket_in(stack: cdk.Stack) -> cdk.Resource:
    return define_by_name(cdk.Resource, "aws_s3.Bucket", stack, "Bucket", {"versioned": True})


def test_installed_jsii_is_as_expected() -> None:
    assert can_wait()


@pytest.mark.usefixtures("unloaded")
def test_object_waits_until_it_is_met(stack: cdk.Stack) -> None:
    made = bucket_in(stack)

    assert not isinstance(made, aws_s3.Bucket)
    assert attribute_of(made, "bucketName") == attribute_of(typed(made), "bucketName")
    assert isinstance(made, aws_s3.Bucket)
    assert typed(made) is made
    assert stack.node.find_child("Bucket") is made


@pytest.mark.usefixtures("unloaded")
def test_search_meets_the_same_object(stack: cdk.Stack) -> None:
    made = bucket_in(stack)
    found = stack.node.find_child("Bucket")

    assert found is made
    assert isinstance(found, aws_s3.Bucket)
    assert found.bucket_arn
    assert isinstance(found.node.default_child, aws_s3.CfnBucket)


@pytest.mark.usefixtures("unloaded")
def test_aspect_meets_the_same_object(stack: cdk.Stack) -> None:
    made, visitor = bucket_in(stack), Visitor()
    cdk.Aspects.of(stack).add(visitor)
    stack.node.root.synth()  # type: ignore[attr-defined]  # the root is an app

    assert made in visitor.seen
    assert isinstance(made, aws_s3.Bucket)


@pytest.mark.usefixtures("unloaded")
def test_true_class_may_be_a_subclass(stack: cdk.Stack) -> None:
    class Own(aws_s3.Bucket):
        pass

    define_by_name(
        cdk.Resource, "aws_s3.Bucket", stack, "Bucket", {"versioned": True}, true_class=lambda: Own
    )

    assert type(stack.node.find_child("Bucket")) is Own


def test_what_was_not_made_by_name_stays_as_it_is(stack: cdk.Stack) -> None:
    for each in (None, "text", stack, aws_s3.Bucket(stack, "Other")):
        assert typed(each) is each


def test_loaded_class_is_taken_at_once(stack: cdk.Stack) -> None:
    made = bucket_in(stack)

    assert isinstance(made, aws_s3.Bucket)
    assert stack.node.find_child("Bucket") is made


@pytest.mark.usefixtures("unloaded", "another_jsii")
@pytest.mark.parametrize("lacking", ["_refs", "resolve_id", "resolve_reference"])
def test_public_way_is_left_where_jsii_is_another(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    holder = private._refs
    before = dict(holder._refs)
    monkeypatch.setattr(holder, "_refs", before)
    with monkeypatch.context() as patch:
        patch.delattr(private, lacking)
        assert not can_wait()
        assert holder._refs is before
    made = bucket_in(stack)

    assert isinstance(made, aws_s3.Bucket)
    assert stack.node.find_child("Bucket") is made
