"""Finds the buckets in an app that Amazon IVS records to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from ivs_constructs.checks.assembly import Assembly, Resource, StackTemplate, listed
from ivs_constructs.checks.types import BUCKET, RECORDING_CONFIGURATION, STORAGES


class Recording(NamedTuple):
    """A configuration that records, and its bucket."""

    configuration: Resource
    bucket: Resource

    @property
    def is_realtime(self) -> bool:
        """Whether stages are recorded."""
        return self.configuration.type in STORAGES


def recordings(assembly: Assembly) -> Iterator[Recording]:
    """Each configuration with its bucket, if the bucket is in this app."""
    for configuration in assembly.resources(RECORDING_CONFIGURATION):
        destination = configuration.properties.get("DestinationConfiguration")
        yield from _recording(assembly, configuration, _member(destination, "S3"))
    for configuration in assembly.resources(*STORAGES):
        yield from _recording(assembly, configuration, configuration.properties.get("S3"))


def _recording(assembly: Assembly, configuration: Resource, s3: object) -> Iterator[Recording]:
    bucket = _bucket(assembly, configuration.stack, _member(s3, "BucketName"))
    if bucket is not None:
        yield Recording(configuration, bucket)


def _bucket(assembly: Assembly, stack: StackTemplate, value: object) -> Resource | None:
    """The bucket that a value refers to; a bucket in another Region is referred to by name."""
    found = assembly.target(stack, value)
    named = [
        each
        for each in assembly.resources(BUCKET)
        if isinstance(value, str) and each.properties.get("BucketName") == value
    ]
    if found is None and len(named) == 1:
        return named[0]
    return found if found is not None and found.type == BUCKET else None


def _member(node: object, name: str) -> object:
    return cast("dict[str, object]", node).get(name) if isinstance(node, dict) else None


def recording_buckets(assembly: Assembly) -> Iterator[Resource]:
    """Each such bucket once."""
    seen: set[tuple[object, str]] = set()
    for _, bucket in recordings(assembly):
        key = (bucket.stack.file, bucket.logical_id)
        if key not in seen:
            seen.add(key)
            yield bucket


def bucket_statements(assembly: Assembly, bucket: Resource) -> Iterator[dict[str, Any]]:
    """The statements of the bucket's policies in this app."""
    for policy in assembly.resources("AWS::S3::BucketPolicy"):
        of = _bucket(assembly, policy.stack, policy.properties.get("Bucket"))
        if of and (of.stack.file, of.logical_id) == (bucket.stack.file, bucket.logical_id):
            document = policy.properties.get("PolicyDocument", {})
            for statement in listed(document.get("Statement")):
                if isinstance(statement, dict):
                    yield cast("dict[str, Any]", statement)
