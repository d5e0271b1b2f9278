"""Members in Amazon IVS: creates, checks, updates and deletes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivs_constructs.fleets.function.settings import (
    CLAIM_TAG,
    FLEET_TAG,
    KEY_TAG,
    TEMPLATE_TAG,
)
from ivs_constructs.fleets.function.steps import (
    CONFLICT,
    NOT_FOUND,
    NOT_LIVE,
    QUOTA,
    CallError,
    Pause,
    Steps,
    World,
)

_PAGE = 100
"""The maximum number of members per page of a list."""

STOP_SECONDS = 60
"""How long a stopped stream may take to end."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new member: its ARN, and what callers get to know about it."""

    arn: str
    info: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A member as the lists show it.

    Attributes:
        arn: Its ARN.
        tags: Its tags.
        live: Whether it is live.
    """

    arn: str
    tags: Mapping[str, str]
    live: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The current state of a member.

    Attributes:
        exists: Whether it exists.
        live: Whether it is live.
        ended: When it was last live; 0 for never.
    """

    exists: bool
    live: bool = False
    ended: float = 0


GONE = Look(exists=False)


@dataclass(slots=True)
class Inventory:
    """All members in the lists, and how many pages were read."""

    members: dict[str, Listed] = field(default_factory=dict[str, Listed])
    pages: int = 0


class Members(ABC):
    """The members of a fleet of one kind.

    Args:
        world: The context of the invocation.
    """

    service: str
    noun: str

    def __init__(self, world: World) -> None:
        self._world = world
        self._settings = world.settings

    @abstractmethod
    def create(self, claim: str, key_hash: str) -> Steps[Made]:
        """Create a member, with at most one attempt that can take effect.

        Raises:
            CallError: It was refused, or its outcome is unknown.
        """

    @abstractmethod
    def inventory(self) -> Steps[Inventory]:
        """List all members of the fleet."""

    @abstractmethod
    def look(self, arn: str, *, history: bool = False) -> Steps[Look]:
        """Get the state of a member.

        Args:
            arn: The member.
            history: Whether to find out also when it was last live.
        """

    def delete(self, arn: str, info: Mapping[str, str], *, stop: bool) -> Steps[bool]:  # noqa: ARG002 (deleting a stage disconnects everybody)
        """Delete a member.

        Args:
            arn: The member.
            info: The details stored for it.
            stop: Whether to end what is live on it.

        Returns:
            Whether the member no longer exists.
        """
        done = yield from self._ask(f"Delete{self.noun}", {"arn": arn}, CONFLICT, NOT_FOUND)
        return done != CONFLICT

    def update(self, arn: str, tags: Mapping[str, str]) -> Steps[bool]:
        """Apply the current template to a member.

        Returns:
            Whether that was possible; a live channel cannot be updated.
        """
        parameters = {"arn": arn, **self._settings.update}
        done = yield from self._ask(f"Update{self.noun}", parameters, CONFLICT, NOT_FOUND)
        if isinstance(done, str):
            return False
        wanted = {**self._settings.tags, TEMPLATE_TAG: self._settings.template}
        missing = {name: value for name, value in wanted.items() if tags.get(name) != value}
        yield from self._call("TagResource", {"resourceArn": arn, "tags": missing})
        return True

    def _tags(self, claim: str, key_hash: str) -> dict[str, str]:
        return {
            **self._settings.tags,
            FLEET_TAG: self._settings.fleet,
            CLAIM_TAG: claim,
            KEY_TAG: key_hash,
            TEMPLATE_TAG: self._settings.template,
        }

    def _call(self, operation: str, parameters: dict[str, Any]) -> Steps[dict[str, Any]]:
        return (yield from self._world.call(self.service, operation, parameters))

    def _ask(
        self, operation: str, parameters: dict[str, Any], *expected: str
    ) -> Steps[dict[str, Any] | str]:
        """Call an operation; return its answer, or the code of an expected error."""
        try:
            return (yield from self._call(operation, parameters))
        except CallError as error:
            if error.code not in expected:
                raise
            return error.code

    def _create(self, operation: str, claim: str, key_hash: str) -> Steps[dict[str, Any]]:
        parameters = {**self._settings.create, "tags": self._tags(claim, key_hash)}
        # Two members could not be told apart: an unknown outcome ends the attempt.
        return (yield from self._world.call(self.service, operation, parameters, repeat=False))

    def _pages(self, operation: str, member: str) -> Steps[tuple[list[dict[str, Any]], int]]:
        found: list[dict[str, Any]] = []
        parameters: dict[str, Any] = {"maxResults": _PAGE}
        pages = 0
        while True:
            answer = yield from self._call(operation, parameters)
            pages += 1
            found += answer[member]
            if not answer.get("nextToken"):
                return found, pages
            parameters = {"maxResults": _PAGE, "nextToken": answer["nextToken"]}

    def _own(self, summaries: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        fleet = self._settings.fleet
        return (each for each in summaries if each.get("tags", {}).get(FLEET_TAG) == fleet)


class Stages(Members):
    """The stages of a fleet."""

    service = "ivs-realtime"
    noun = "Stage"

    def create(self, claim: str, key_hash: str) -> Steps[Made]:  # noqa: D102 (see the class above)
        answer = yield from self._create("CreateStage", claim, key_hash)
        stage = answer["stage"]
        endpoints = stage.get("endpoints", {})
        return Made(stage["arn"], {name: str(each) for name, each in endpoints.items()})

    def inventory(self) -> Steps[Inventory]:  # noqa: D102 (see Members)
        summaries, pages = yield from self._pages("ListStages", "stages")
        return Inventory(
            {
                each["arn"]: Listed(each["arn"], each["tags"], bool(each.get("activeSessionId")))
                for each in self._own(summaries)
            },
            pages,
        )

    def look(self, arn: str, *, history: bool = False) -> Steps[Look]:  # noqa: D102 (see Members)
        answer = yield from self._ask("GetStage", {"arn": arn}, NOT_FOUND)
        if isinstance(answer, str):
            return GONE
        if answer["stage"].get("activeSessionId") or not history:
            return Look(exists=True, live=bool(answer["stage"].get("activeSessionId")))
        sessions = yield from self._call("ListStageSessions", {"stageArn": arn})
        return Look(exists=True, ended=_last_end(sessions["stageSessions"]))


class Channels(Members):
    """The channels of a fleet."""

    service = "ivs"
    noun = "Channel"

    def create(self, claim: str, key_hash: str) -> Steps[Made]:  # noqa: D102 (see Members)
        answer = yield from self._create("CreateChannel", claim, key_hash)
        channel = answer["channel"]
        info = {
            "playbackUrl": str(channel.get("playbackUrl", "")),
            "ingestEndpoint": str(channel.get("ingestEndpoint", "")),
            # Never the key itself.
            "streamKeyArn": str(answer.get("streamKey", {}).get("arn", "")),
        }
        return Made(channel["arn"], info)

    def inventory(self) -> Steps[Inventory]:  # noqa: D102 (see Members)
        summaries, pages = yield from self._pages("ListChannels", "channels")
        streams, more = yield from self._pages("ListStreams", "streams")
        live = {each["channelArn"] for each in streams}
        return Inventory(
            {
                each["arn"]: Listed(each["arn"], each["tags"], each["arn"] in live)
                for each in self._own(summaries)
            },
            pages + more,
        )

    def look(self, arn: str, *, history: bool = False) -> Steps[Look]:  # noqa: D102 (see Members)
        stream = yield from self._ask("GetStream", {"channelArn": arn}, NOT_FOUND, NOT_LIVE)
        if stream == NOT_FOUND:
            return GONE
        if stream != NOT_LIVE or not history:
            return Look(exists=True, live=stream != NOT_LIVE)
        sessions = yield from self._call("ListStreamSessions", {"channelArn": arn})
        return Look(exists=True, ended=_last_end(sessions["streamSessions"]))

    def delete(self, arn: str, info: Mapping[str, str], *, stop: bool) -> Steps[bool]:  # noqa: D102 (see Members)
        if stop and not (yield from self._take_off_air(arn, info)):
            return False
        return (yield from super().delete(arn, info, stop=stop))

    def stream_key(
        self, arn: str, info: Mapping[str, str], *, but: Iterable[str] = ()
    ) -> Steps[str | None]:
        """Read the stream key of a channel; None if it has none.

        Args:
            arn: The channel.
            info: The details stored for it.
            but: Stream keys that do not count, by ARN.

        Raises:
            CallError: The key could not be read.
        """
        for key_arn in (yield from self._key_arns(arn, info)):
            if key_arn in but:
                continue
            answer = yield from self._use_key("GetStreamKey", key_arn)
            if not isinstance(answer, str):
                return str(answer["streamKey"]["value"])
        return None

    def reset_stream_key(
        self, arn: str, info: Mapping[str, str], *, stop: bool
    ) -> Steps[str | None]:
        """Replace the stream key of a channel.

        A channel has at most one, so a repeated creation makes no second one; and any key that is
        not among the old ones is newer than this request, whoever created it.

        Args:
            arn: The channel.
            info: The details stored for it.
            stop: Whether to end a broadcast that uses the old one.

        Returns:
            The new one; None if another request is about to create it.

        Raises:
            CallError: The old one could not be deleted, or no new one be created.
        """
        old = yield from self._key_arns(arn, info)
        yield from self._delete_keys(old)
        if stop:
            yield from self._stop(arn)
        wanted = {"channelArn": arn, "tags": {FLEET_TAG: self._settings.fleet}}
        answer = yield from self._ask("CreateStreamKey", wanted, QUOTA)
        if isinstance(answer, str):
            return (yield from self.stream_key(arn, info, but=old))
        return str(answer["streamKey"]["value"])

    def _take_off_air(self, arn: str, info: Mapping[str, str]) -> Steps[bool]:
        """End the stream, and delete the keys first, because encoders reconnect otherwise."""
        if not (yield from self.look(arn)).live:
            return True
        yield from self._delete_keys((yield from self._key_arns(arn, info)))
        yield from self._stop(arn)
        end = min(self._world.now() + STOP_SECONDS, self._world.end)
        while (yield from self.look(arn)).live:
            if self._world.now() > end:
                return False
            yield Pause(2)
        return True

    def _stop(self, arn: str) -> Steps[None]:
        yield from self._ask("StopStream", {"channelArn": arn}, NOT_LIVE, NOT_FOUND)

    def _delete_keys(self, key_arns: Iterable[str]) -> Steps[None]:
        for key_arn in key_arns:
            yield from self._use_key("DeleteStreamKey", key_arn)

    def _key_arns(self, arn: str, info: Mapping[str, str]) -> Steps[list[str]]:
        """Find the stream keys of a channel: the first one may have been replaced."""
        answer = yield from self._ask("ListStreamKeys", {"channelArn": arn}, NOT_FOUND)
        if isinstance(answer, str):
            known = info.get("streamKeyArn")
            return [known] if known else []
        return [each["arn"] for each in answer["streamKeys"]]

    def _use_key(self, operation: str, key_arn: str) -> Steps[dict[str, Any] | str]:
        """Call an operation on a stream key, which may be gone.

        Amazon IVS creates it with its channel, without the channel's tags, and the role may use
        only stream keys that have the fleet's tag.
        """
        tagging = {"resourceArn": key_arn, "tags": {FLEET_TAG: self._settings.fleet}}
        tagged = yield from self._ask("TagResource", tagging, NOT_FOUND)
        if isinstance(tagged, str):
            return tagged
        return (yield from self._ask(operation, {"arn": key_arn}, NOT_FOUND))


KINDS: Mapping[str, type[Members]] = {"stage": Stages, "channel": Channels}


def members_of(world: World) -> Members:
    """Return the members of the fleet."""
    return KINDS[world.settings.kind](world)


def is_made_by_fleet(listed: Listed) -> bool:
    """Whether the fleet created a member, not the user's own code."""
    return CLAIM_TAG in listed.tags


def _last_end(sessions: Iterable[Mapping[str, Any]]) -> float:
    ends = [each["endTime"].timestamp() for each in sessions if each.get("endTime")]
    return max(ends, default=0.0)
