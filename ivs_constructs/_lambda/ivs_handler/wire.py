"""Everything between CloudFormation and this Lambda: requests, properties, replies, log lines."""

from __future__ import annotations

import http.client
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from .specs.prop import OWN_TAGS, TAG_KEY, TAG_VALUE, CustomResourceSpec, Kind, Prop

LARGEST_REPLY = 4096
"""CloudFormation's size limit for a reply, in bytes."""

REPLY_PAUSE = 0.5
LONGEST_REPLY_PAUSE = 8.0
_REPLY_SECONDS = 10

_S3 = re.compile(
    r"https://([a-z0-9-]+\.)?s3(-fips)?(\.dualstack)?([.-][a-z]{2}(-[a-z]+)+-[0-9])?"
    r"\.amazonaws\.com(\.cn)?/[!-~]*"
)
"""Where CloudFormation expects replies: an Amazon S3 address, over TLS."""

SERVICE_TIMEOUT = 3600
"""CloudFormation's own."""

_SECONDS = re.compile("[0-9]{1,4}")

POLICIES = ("FAIL", "WAIT", "STOP")

# What every custom resource of this library has in addition to its own properties.
_COMMON = {"ServiceToken", "ServiceTimeout", "InUse", "OnLive", "ConstructPath"}

_LONGEST_NAME = 80
_LARGEST = 10**18
_CUT = " […] "

_LOG_FIELDS = ("type", "logicalId", "requestId", "operation", "arn", "outcome")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


class InvalidError(ValueError):
    """A request or its properties are not what this library sends."""


class UndeliveredError(RuntimeError):
    """The reply could not be delivered; Lambda should retry the whole request.

    Only the log may show the problem: anyone who invokes the function sees the message.
    """

    def __init__(self, problem: str) -> None:
        super().__init__("the reply could not be delivered")
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request from CloudFormation, unchanged; `kind` is `Create`, `Update` or `Delete`.

    Anyone who has the response URL can reply, so it is never shown.
    """

    kind: str
    type: str
    stack_id: str
    logical_id: str
    request_id: str
    physical_id: str
    properties: Mapping[str, object]
    old_properties: Mapping[str, object] | None
    response_url: str = field(repr=False)

    @property
    def construct(self) -> str:
        """The construct's path, or else the logical id."""
        return _text(self.properties, "ConstructPath") or self.logical_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Decoded properties: the members as the API expects them, and the user's tags."""

    members: dict[str, Any]
    tags: dict[str, str]


def read(event: Mapping[str, object]) -> Request:
    """Read a request leniently: missing fields are checked later, when it can be answered."""
    old = event.get("OldResourceProperties")
    return Request(
        kind=_text(event, "RequestType"),
        type=_text(event, "ResourceType"),
        stack_id=_text(event, "StackId"),
        logical_id=_text(event, "LogicalResourceId"),
        request_id=_text(event, "RequestId"),
        physical_id=_text(event, "PhysicalResourceId"),
        properties=_mapping(event.get("ResourceProperties")),
        old_properties=None if old is None else _mapping(old),
        response_url=_text(event, "ResponseURL"),
    )


def check(request: Request) -> None:
    """Raise an InvalidError for a request that lacks an essential field."""
    needed = {
        "StackId": request.stack_id,
        "LogicalResourceId": request.logical_id,
        "RequestId": request.request_id,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise InvalidError(f"the request lacks {', '.join(missing)}")
    if request.kind not in ("Create", "Update", "Delete"):
        raise InvalidError(f"RequestType must be Create, Update or Delete, got {request.kind!r}")


def _text(event: Mapping[str, object], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def timeout(request: Request) -> int:
    """Return how many seconds CloudFormation waits for an answer."""
    value = request.properties.get("ServiceTimeout")
    return int(value) if isinstance(value, str) and _SECONDS.fullmatch(value) else SERVICE_TIMEOUT


# Properties


def decode(spec: CustomResourceSpec, properties: Mapping[str, object], construct: str) -> Wanted:
    """Decode properties: CloudFormation converts every number and boolean to a string.

    Limits are not checked: synth did, and the API does again. An InvalidError names everything that
    cannot be decoded, and the resource by its construct.
    """
    decoder = _Decoder()
    own = {name: value for name, value in properties.items() if name not in _COMMON}
    members = decoder.members(spec.props, own, "")
    if decoder.problems:
        count = len(decoder.problems)
        lines = "".join(f"\n  - {problem}" for problem in decoder.problems)
        noun = "property" if count == 1 else "properties"
        raise InvalidError(f"{spec.name} '{construct}' has {count} invalid {noun}:{lines}")
    tags = members.pop("tags", {})
    return Wanted(members, tags)


class _Decoder:
    """Decodes values, and collects what is wrong with them; no message shows a value."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def members(
        self, props: tuple[Prop, ...], given: Mapping[str, object], path: str
    ) -> dict[str, Any]:
        """Decode the members of a structure."""
        known = {prop.cfn: prop for prop in props}
        for name in sorted(given.keys() - known.keys()):
            self.problems.append(f"{path}{name[:_LONGEST_NAME]} is not known")
        result: dict[str, Any] = {}
        for prop in props:
            value = given.get(prop.cfn)
            if value is not None:
                result[prop.api] = self.value(prop, value, f"{path}{prop.cfn}")
            elif prop.required:
                self.problems.append(f"{path}{prop.cfn} is required")
        return result

    def value(self, prop: Prop, value: object, path: str) -> Any:  # noqa: ANN401 (JSON-like)
        """Decode one value; return None if it is invalid, and record why."""
        match prop.kind, value:
            case Kind.STRING, str():
                return value
            case ((Kind.INTEGER | Kind.SECONDS), _) if _NUMBER.fullmatch(text := _scalar(value)):
                number = float(text)
                # A resource's id must not depend on how a number is written.
                return int(number) if number.is_integer() else number
            case Kind.BOOLEAN, _ if (text := _scalar(value)) in ("true", "false"):
                return text == "true"
            case Kind.LIST, list():
                return self._list(cast("Prop", prop.item), cast("list[object]", value), path)
            case Kind.STRUCT, dict():
                return self._structure(prop, cast("dict[str, object]", value), path)
            case Kind.TAGS, list():
                return self._tags(cast("list[object]", value), path)
            case _:
                self.problems.append(f"{path} must be {_FORMS[prop.kind]}")
                return None

    def _list(self, item: Prop, values: list[object], path: str) -> list[Any]:
        return [self.value(item, each, f"{path}.{at}") for at, each in enumerate(values)]

    def _structure(self, prop: Prop, given: dict[str, object], path: str) -> dict[str, Any] | None:
        if prop.item is not None:
            item = prop.item
            return {name: self.value(item, each, f"{path}.{name}") for name, each in given.items()}
        if prop.nested:
            inner = replace(prop, cfn=prop.nested, api=prop.nested, nested="")
            return self.members((inner,), given, f"{path}.").get(prop.nested)
        return self.members(prop.members, given, f"{path}.")

    def _tags(self, values: list[object], path: str) -> dict[str, str]:
        tags: dict[str, str] = {}
        for entry in self._list(_TAG, values, path):
            known: dict[str, Any] = entry or {}
            key = str(known.get("key"))
            # IAM's tag keys are case-insensitive.
            if key.casefold().startswith(("aws:", OWN_TAGS)):
                self.problems.append(f"{path} must have no key that starts with aws: or {OWN_TAGS}")
            tags[key] = known.get("value", "")
        return tags


def _scalar(value: object) -> str:
    """Return a scalar as JSON text; anything else as an empty string."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and abs(value) < _LARGEST:
        return repr(value)
    return value if isinstance(value, str) else ""


_TAG = Prop(
    py="",
    kind=Kind.STRUCT,
    members=(replace(TAG_KEY, required=True), replace(TAG_VALUE, required=True)),
)

_FORMS = {
    Kind.STRING: "a string",
    Kind.INTEGER: "a number",
    Kind.SECONDS: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.LIST: "a list",
    Kind.STRUCT: "a structure",
    Kind.TAGS: "a list of tags",
}


# Replies


def reply(
    request: Request,
    physical_id: str,
    *,
    reason: str = "",
    data: Mapping[str, str] | None = None,
) -> bytes:
    """Make a reply for CloudFormation: SUCCESS unless there is a reason for a failure.

    A reason that is too long loses its middle: it begins with what failed and ends with why.
    """
    answer: dict[str, object] = {
        "Status": "FAILED" if reason else "SUCCESS",
        "PhysicalResourceId": physical_id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
        "Reason": reason,
    }
    if not reason:
        answer["Data"] = dict(data or {})
    body = json.dumps(answer).encode()
    if len(body) <= LARGEST_REPLY:
        return body
    if not reason:
        return reply(request, physical_id, reason="the attributes do not fit into a reply")
    keep = len(reason)
    while keep and len(body) > LARGEST_REPLY:
        keep = keep * 9 // 10
        half = keep // 2
        answer["Reason"] = f"{reason[:half]}{_CUT}{reason[len(reason) - half :]}"
        body = json.dumps(answer).encode()
    return body


def is_address(url: str) -> bool:
    """Whether a reply may be sent there: only to Amazon S3, over TLS."""
    return _S3.fullmatch(url) is not None


def deliver(url: str, body: bytes, seconds: float) -> None:
    """Deliver a reply to CloudFormation, with retries.

    Raises:
        UndeliveredError: No attempt succeeded in this many seconds. It does not show the address.
    """
    end = time.monotonic() + seconds
    longest = REPLY_PAUSE
    while problem := _put(url, body):
        # Jitter: many replies can run into the same problem at once.
        longest = min(2 * longest, LONGEST_REPLY_PAUSE)
        pause = longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
        if time.monotonic() + pause > end:
            raise UndeliveredError(problem)
        time.sleep(pause)


def _put(url: str, body: bytes) -> str:
    """Send a reply once; return what went wrong, without the address."""
    try:
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=_REPLY_SECONDS)
        try:
            # The signature in the address covers an empty content type.
            target = urlunsplit(("", "", parts.path, parts.query, ""))
            connection.request("PUT", target, body, {"Content-Type": ""})
            status = connection.getresponse().status
        finally:
            connection.close()
    except Exception as error:
        # Some exceptions quote the address.
        return type(error).__name__
    return "" if 200 <= status < 300 else f"HTTP status {status}"


# Log


def log(request: Request, operation: str, arn: str, outcome: str) -> None:
    """Write one log line, of harmless fields only."""
    values = (request.type, request.logical_id, request.request_id, operation, arn, outcome)
    print(json.dumps(dict(zip(_LOG_FIELDS, values, strict=True))), flush=True)
