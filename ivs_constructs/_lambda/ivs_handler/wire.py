"""What travels between CloudFormation and this Lambda: requests, properties, replies, log lines."""

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
"""CloudFormation's limit of a reply, in bytes."""

REPLY_ATTEMPTS = 5
REPLY_PAUSE = 0.5
_REPLY_SECONDS = 10

_MOST_TAGS = 46
"""IVS takes 50; four are this library's own."""

POLICIES = ("FAIL", "WAIT", "STOP")

# What every custom resource of this library has besides its own properties.
_COMMON = {"ServiceToken", "ServiceTimeout", "InUse", "OnLive", "ConstructPath"}

_LONGEST_SHOWN = 80
_CUT = " […] "

_LOG_FIELDS = ("type", "logicalId", "requestId", "operation", "arn", "outcome")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


class InvalidError(ValueError):
    """A request or its properties are not what this library sends."""


class UndeliveredError(RuntimeError):
    """The reply could not be delivered; Lambda is to try the whole request again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of CloudFormation, as it came.

    Attributes:
        kind: `Create`, `Update` or `Delete`.
        type: The resource's type.
        stack_id: The stack.
        logical_id: The resource in the stack.
        request_id: The request.
        physical_id: The resource's physical id; empty in a Create.
        properties: The properties that are wanted, or those of what is to be deleted.
        old_properties: Those before an Update; None where there are none.
        response_url: Where the reply goes. Anyone who has it can reply, so it is never shown.
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
        return str(self.properties.get("ConstructPath") or self.logical_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Properties, decoded.

    Attributes:
        members: The members as the API takes them, without tags.
        tags: The user's tags.
    """

    members: dict[str, Any]
    tags: dict[str, str]


def read(event: Mapping[str, object]) -> Request:
    """Read a request leniently: whatever is missing is judged later, when it can be answered."""
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
    """Refuse a request that lacks what no work can be done without.

    Raises:
        InvalidError: It does.
    """
    missing = [
        name
        for name, value in (
            ("StackId", request.stack_id),
            ("LogicalResourceId", request.logical_id),
            ("RequestId", request.request_id),
        )
        if not value
    ]
    if missing:
        raise InvalidError(f"the request lacks {', '.join(missing)}")
    if request.kind not in ("Create", "Update", "Delete"):
        raise InvalidError(f"RequestType must be Create, Update or Delete, got {request.kind!r}")


def _text(event: Mapping[str, object], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def policy(spec: CustomResourceSpec, request: Request) -> str:
    """Tell what to do when something holds the resource: the careful one unless it says so."""
    value = request.properties.get(spec.policy)
    return value if isinstance(value, str) and value in POLICIES else POLICIES[0]


# Properties


def decode(spec: CustomResourceSpec, properties: Mapping[str, object], construct: str) -> Wanted:
    """Decode properties: CloudFormation has turned every number and boolean into a string.

    Args:
        spec: The type's descriptor.
        properties: The properties as they came.
        construct: What to call the resource in messages.

    Raises:
        InvalidError: They cannot be decoded, or the API would refuse them. Names all of them.
    """
    decoder = _Decoder()
    own = {name: value for name, value in properties.items() if name not in _COMMON}
    members = decoder.members(spec.props, own, "")
    given = properties.get(spec.policy)
    if given is not None and given not in POLICIES:
        decoder.fail(spec.policy, f"be one of {', '.join(POLICIES)}", given)
    if decoder.problems:
        count = len(decoder.problems)
        lines = "".join(f"\n  - {problem}" for problem in decoder.problems)
        noun = "property" if count == 1 else "properties"
        raise InvalidError(f"{spec.name} '{construct}' has {count} invalid {noun}:{lines}")
    tags = members.pop("tags", {})
    return Wanted(members, tags)


class _Decoder:
    """Decodes values, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def fail(self, path: str, rule: str, value: object, *, confidential: bool = False) -> None:
        shown = repr(value)
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[:_LONGEST_SHOWN]}…"
        self.problems.append(f"{path} must {rule}, got {'***' if confidential else shown}")

    def members(
        self, props: tuple[Prop, ...], given: Mapping[str, object], path: str
    ) -> dict[str, Any]:
        """Decode the members of a structure."""
        known = {prop.cfn: prop for prop in props}
        for name in sorted(given.keys() - known.keys()):
            self.problems.append(f"{path}{name} is not known; allowed: {', '.join(known)}")
        result: dict[str, Any] = {}
        for prop in props:
            value = given.get(prop.cfn)
            if value is not None:
                result[prop.api] = self.value(prop, value, f"{path}{prop.cfn}")
            elif prop.required:
                self.problems.append(f"{path}{prop.cfn} is required")
        return result

    def value(self, prop: Prop, value: object, path: str) -> Any:  # noqa: ANN401 (JSON-like)
        """Decode one value; what is wrong is noted, and None stands for it."""
        match prop.kind:
            case Kind.STRING:
                return self._string(prop, value, path)
            case Kind.INTEGER | Kind.SECONDS:
                return self._number(prop, value, path)
            case Kind.BOOLEAN:
                return self._boolean(value, path)
            case Kind.LIST:
                return self._list(prop, value, path)
            case Kind.STRUCT:
                return self._structure(prop, value, path)
            case _:  # Kind.TAGS, the last one
                return self._tags(value, path)

    def _string(self, prop: Prop, value: object, path: str) -> str | None:
        rule = ""
        if not isinstance(value, str):
            rule = "be a string"
        elif prop.choices and value not in prop.choices:
            rule = f"be one of {', '.join(prop.choices)}"
        elif not _within(prop, len(value)):
            rule = f"have {_bounds(prop)} characters"
        elif prop.pattern is not None and not re.fullmatch(prop.pattern, value):
            rule = f"have {prop.form}"
        if rule:
            self.fail(path, rule, value, confidential=prop.confidential)
            return None
        return cast("str", value)

    def _number(self, prop: Prop, value: object, path: str) -> float | None:
        form = _NUMBER if prop.fractional else _INTEGER
        # A boolean is an int to Python, but no number.
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        if not form.fullmatch(text):
            self.fail(path, "be a number" if prop.fractional else "be a whole number", value)
            return None
        number = float(text)
        # The id of a resource must not depend on how a number is written.
        number = int(number) if number.is_integer() else number
        if not _within(prop, number):
            self.fail(path, f"be {_bounds(prop)}", value)
            return None
        return number

    def _boolean(self, value: object, path: str) -> bool | None:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        if text not in ("true", "false"):
            self.fail(path, "be true or false", value)
            return None
        return text == "true"

    def _list(self, prop: Prop, value: object, path: str) -> list[Any] | None:
        if not isinstance(value, list):
            self.fail(path, "be a list", value)
            return None
        items = cast("list[object]", value)
        if not _within(prop, len(items)):
            self.fail(path, f"have {_bounds(prop)} items", items)
        item = cast("Prop", prop.item)
        decoded = [self.value(item, each, f"{path}.{at}") for at, each in enumerate(items)]
        if prop.unique and any(each in items[:at] for at, each in enumerate(items)):
            self.fail(path, "not repeat an item", items)
        return decoded

    def _structure(self, prop: Prop, value: object, path: str) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self.fail(path, "be a structure", value)
            return None
        given = cast("dict[str, object]", value)
        if prop.item is not None:
            item = prop.item
            return {name: self.value(item, each, f"{path}.{name}") for name, each in given.items()}
        if prop.nested:
            inner = replace(prop, cfn=prop.nested, api=prop.nested, nested="")
            return self.members((inner,), given, f"{path}.").get(prop.nested)
        return self.members(prop.members, given, f"{path}.")

    def _tags(self, value: object, path: str) -> dict[str, str]:
        entries = self._list(Prop(py="", cfn="", api="", item=_TAG), value, path) or []
        tags: dict[str, str] = {}
        each: dict[str, Any] | None
        for each in entries:
            key: str | None = (each or {}).get("key")
            if key is None:
                continue  # noted already
            if key.lower().startswith("aws:") or key.startswith(OWN_TAGS):
                self.fail(path, f"not have keys that start with aws: or {OWN_TAGS}", key)
            if key in tags:
                self.fail(path, "not repeat a key", key)
            tags[key] = (each or {}).get("value", "")
        if len(tags) > _MOST_TAGS:
            self.fail(path, f"have at most {_MOST_TAGS} entries", len(tags))
        return tags


_TAG = Prop(
    py="",
    cfn="",
    api="",
    kind=Kind.STRUCT,
    members=(replace(TAG_KEY, required=True), replace(TAG_VALUE, required=True)),
)


def _within(prop: Prop, number: float) -> bool:
    return (prop.minimum is None or number >= prop.minimum) and (
        prop.maximum is None or number <= prop.maximum
    )


def _bounds(prop: Prop) -> str:
    return f"{prop.minimum or 0}-{prop.maximum}"


# Replies


def reply(
    request: Request,
    physical_id: str,
    *,
    reason: str = "",
    data: Mapping[str, str] | None = None,
) -> bytes:
    """Write a reply that CloudFormation takes: SUCCESS unless there is a reason.

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


def deliver(url: str, body: bytes, seconds: float) -> None:
    """Put a reply where CloudFormation waits for it.

    Args:
        url: The presigned address; it appears in no message.
        body: The reply.
        seconds: How long to try; at least one attempt is made.

    Raises:
        UndeliveredError: No attempt was answered with success.
    """
    end = time.monotonic() + seconds
    problem = ""
    for attempt in range(REPLY_ATTEMPTS):
        if attempt:
            # Jitter: many replies may meet the same trouble at the same time.
            pause = REPLY_PAUSE * 2**attempt * random.random()  # noqa: S311 (no secret)
            if time.monotonic() + pause > end:
                break
            time.sleep(pause)
        problem = _put(url, body)
        if not problem:
            return
    raise UndeliveredError(f"the reply could not be delivered: {problem}")


def _put(url: str, body: bytes) -> str:
    """Send a reply once; tells what went wrong, without the address."""
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_REPLY_SECONDS)
        try:
            # The signature in the address is for an empty content type.
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("PUT", target, body, {"Content-Type": ""})
            status = connection.getresponse().status
        finally:
            connection.close()
    except Exception as error:
        # Some exceptions quote the address.
        return type(error).__name__
    return "" if 200 <= status < 300 else f"HTTP status {status}"


# Log


def log(request: Request, *, operation: str, arn: str = "", outcome: str) -> None:
    """Write one line of the log, of harmless fields only."""
    values = (request.type, request.logical_id, request.request_id, operation, arn, outcome)
    print(json.dumps(dict(zip(_LOG_FIELDS, values, strict=True))), flush=True)
