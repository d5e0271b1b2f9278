"""A client that calls fleets; requires only the standard library and boto3.

```python
rooms = FleetClient("my-stack-RoomsAnswersFunction1B1BB6C2-x1y2", wait=20)
member = rooms.acquire("room 7")
token = rooms.token("room 7", userId="ada")
rooms.release("room 7", member["arn"])
```
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar, Unpack, cast

from ivs_constructs._core.misnamed import (
    Advising,
    advise_arguments,
    advise_methods,
    argument_advice,
    snake_case,
)
from ivs_constructs.fleets.function.messages import (
    ListedMember,
    ListReply,
    MemberReply,
    Refusal,
    ReleaseReply,
    StreamKeyReply,
    TokenReply,
    TokenRequest,
)

_READ_SECONDS = 40
"""Longer than a fleet takes to answer."""


class FleetRefusedError(Exception):
    """The fleet refused the request and did nothing.

    Attributes:
        code: The reason: `InvalidRequest`, `UnknownKey`, `Full`, `Busy`, `QuotaReached`, `InUse` or
            `Closed`.
        refusal: The whole answer of the fleet.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal['code']}: {refusal['message']}")
        self.code = refusal["code"]
        self.refusal = refusal

    def __reduce__(self) -> tuple[object, ...]:
        # Python would pass the message as the only argument.
        return type(self), (self.refusal,)


class FleetFailedError(Exception):
    """Something failed on the fleet's side; see the log of its function."""


class FleetClient(Advising):
    """Calls a fleet.

    Args:
        function_name: The name or ARN of the fleet's function, its attribute `function_name`.
        wait: How many seconds to keep retrying a busy fleet. Default: 0, no retry.
        client: A boto3 client for AWS Lambda. Default: a new client with the program's own Region
            and credentials.
    """

    _attributes_instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("create", "create_channel", "create_stage"), "call acquire(key)"),
        **dict.fromkeys(
            ("delete", "delete_channel", "delete_stage", "remove"), "call release(key, arn)"
        ),
        **dict.fromkeys(
            ("create_participant_token", "create_token", "issue_token"), "call token(key, ...)"
        ),
        **dict.fromkeys(("list_channels", "list_stages", "members"), "call list()"),
        **dict.fromkeys(
            ("create_stream_key", "rotate_stream_key", "renew_stream_key"),
            "call reset_stream_key(key)",
        ),
        "stop_stream": "call StopStream of boto3.client('ivs') with the arn that get(key) returns",
        "disconnect_participant": "call DisconnectParticipant of boto3.client('ivs-realtime') with "
        "the arn that get(key) returns",
    }

    def __init__(
        self, function_name: str, *, wait: float = 0, client: object | None = None
    ) -> None:
        _check_settings(function_name, wait, client)
        self._function = function_name
        self._wait = wait
        # boto3 ships no types.
        self._client: Any = client or _client()

    def __repr__(self) -> str:
        return f"FleetClient({self._function!r})"

    def acquire(self, key: str) -> MemberReply:
        """Return the member of a key, and create it if there is none.

        Args:
            key: The key, 1-256 characters.

        Raises:
            FleetRefusedError: If the fleet is full, closed or still busy, or the account's quota is
                reached.
            FleetFailedError: If something failed on the fleet's side.
        """
        return cast("MemberReply", self._ask("acquire", {"key": key}))

    def get(self, key: str) -> MemberReply:
        """Return the member of a key, without counting as a use.

        Args:
            key: The key.

        Raises:
            FleetRefusedError: If the key has no member.
            FleetFailedError: If something failed on the fleet's side.
        """
        return cast("MemberReply", self._ask("get", {"key": key}))

    def touch(self, key: str) -> MemberReply:
        """Return the member of a key, and count as a use.

        Args:
            key: The key.

        Raises:
            FleetRefusedError: If the key has no member.
            FleetFailedError: If something failed on the fleet's side.
        """
        return cast("MemberReply", self._ask("touch", {"key": key}))

    def release(self, key: str, arn: str, *, force: bool = False) -> ReleaseReply:
        """Delete the member of a key.

        Args:
            key: The key.
            arn: The member, as `acquire` returned it, so that a late release spares its successor.
            force: Whether to delete it even if it is live.

        Raises:
            FleetRefusedError: If the key has no such member, or it is live.
            FleetFailedError: If something failed on the fleet's side.
        """
        request = {"key": key, "arn": arn, "force": force}
        return cast("ReleaseReply", self._ask("release", request))

    def list(self) -> Iterator[ListedMember]:
        """Return all members, one at a time, in no particular order.

        Raises:
            FleetRefusedError: If the fleet refuses.
            FleetFailedError: If something failed on the fleet's side.
        """
        request: dict[str, object] = {}
        while True:
            reply = cast("ListReply", self._ask("list", request))
            yield from reply["members"]
            if "nextPage" not in reply:
                return
            request = {"page": reply["nextPage"]}

    def stream_key(self, key: str) -> StreamKeyReply:
        """Return the stream key of a key's channel.

        Args:
            key: The key.

        Raises:
            FleetRefusedError: If the key has no member.
            FleetFailedError: If something failed on the fleet's side.
        """
        return cast("StreamKeyReply", self._ask("stream_key", {"key": key}))

    def reset_stream_key(self, key: str, *, stop: bool = False) -> StreamKeyReply:
        """Replace the stream key of a key's channel, and return the new one.

        Encoders need the new one for their next broadcast.

        Args:
            key: The key.
            stop: Whether to end a broadcast that began with the old stream key.

        Raises:
            FleetRefusedError: If the key has no member.
            FleetFailedError: If something failed on the fleet's side; the channel may be without a
                stream key until you repeat the request.
        """
        request = {"key": key, "stop": stop}
        return cast("StreamKeyReply", self._ask("reset_stream_key", request))

    def token(self, key: str, **request: Unpack[TokenRequest]) -> TokenReply:
        """Return a token for the member of a key.

        Args:
            key: The key.
            request: The fields of the token. For a stage: `userId`, `attributes`, `capabilities`,
                `expiresInSeconds`. For a channel: `viewerId`, `expiresInSeconds`.

        Raises:
            FleetRefusedError: If the key has no member, or the request exceeds what is allowed.
            FleetFailedError: If something failed on the fleet's side.
        """
        for name in request:
            if name not in TokenRequest.__annotations__:
                raise TypeError(f"{name} is no field of a request{_field_advice(name)}")
        return cast("TokenReply", self._ask("token", {"key": key, **request}))

    def _ask(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + self._wait
        while True:
            reply = self._invoke(verb, request)
            if "error" not in reply:
                return reply
            refused = FleetRefusedError(reply["error"])
            # Jitter: callers refused together must not retry together.
            pause = refused.refusal.get("retryAfterSeconds", 0) * (0.8 + 0.4 * random.random())  # noqa: S311 (no secret)
            if refused.code != "Busy" or time.monotonic() + pause > end:
                raise refused
            time.sleep(pause)

    def _invoke(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.invoke(
            FunctionName=self._function, Qualifier=verb, Payload=json.dumps(request).encode()
        )
        reply: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise FleetFailedError(
                f"{verb} failed: {reply.get('errorMessage', 'see the log of the fleet')}"
            )
        return reply


_FIELDS_ELSEWHERE = {
    **dict.fromkeys(
        ("duration", "expires_in", "lifetime", "ttl"), "write expiresInSeconds, in seconds"
    ),
    **dict.fromkeys(("stage_arn", "channel_arn", "arn"), "drop it: the key names the member"),
    "participant_id": "drop it: the fleet makes one and returns it",
    "viewer": "write viewerId",
    "user": "write userId",
}
"""What fields of a request for a token are called elsewhere, in snake_case."""


def _field_advice(name: str) -> str:
    fields = {snake_case(each): each for each in TokenRequest.__annotations__}
    name = snake_case(name)
    if name in fields:
        return f"; write {fields[name]}"
    advice = argument_advice("FleetClient.token", name, fields, _FIELDS_ELSEWHERE)
    for ours, theirs in fields.items():
        advice = advice.replace(ours, theirs)
    return advice


def _check_settings(function_name: object, wait: object, client: object) -> None:
    if not isinstance(function_name, str) or not function_name.strip():
        raise TypeError(
            f"function_name must be the name of the fleet's function, got {function_name!r}; pass "
            "the construct's function_name to the program in an environment variable"
        )
    if "${Token[" in function_name:
        raise TypeError(
            "function_name must be known when the program runs, got a deploy-time value; pass it "
            "to the program in an environment variable"
        )
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait < float("inf"):
        raise TypeError(f"wait must be a number of seconds, 0 or more, got {wait!r}; write wait=20")
    if client is not None and not hasattr(client, "invoke"):
        raise TypeError(
            f"client must be a boto3 client for AWS Lambda, got {client!r}; write "
            "client=boto3.client('lambda')"
        )


def _client() -> object:
    boto3: Any = import_module("boto3")
    config: Any = import_module("botocore.config")
    # One retry if no answer came: repeating a request is harmless.
    settings = config.Config(read_timeout=_READ_SECONDS, retries={"total_max_attempts": 2})
    made: object = boto3.client("lambda", config=settings)
    return made


advise_arguments(
    FleetClient,
    instead={
        **dict.fromkeys(("function", "function_arn", "name"), "write function_name=..."),
        **dict.fromkeys(("timeout", "retries"), "write wait=..., in seconds"),
        "lambda_client": "write client=...",
    },
)
advise_methods(FleetClient, {"release": {"stop": "write force=True"}})
