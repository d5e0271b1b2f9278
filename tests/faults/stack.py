"""A stack with resources of one type, what CloudFormation does with them, and the judge."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from tests.faults.faults import Fault
from tests.faults.handlers import index, lifecycle, wire
from tests.faults.world import STACK, Resource, Result, Weather, World, wired

CLEANUPS = 3
LONG = 60.0
INVENTED_ID = "Live-R-1J0XQ8ZB4K2M"

Properties = dict[str, Any]


def _tags(letter: str) -> list[dict[str, str]]:
    return [{"Key": f"{letter}{number}", "Value": ""} for number in range(46)]


VERSIONS: dict[str, dict[str, Properties]] = {
    "Stage": {
        "a": {"Name": "talk", "Tags": [{"Key": "team", "Value": "a"}]},
        "b": {"Name": "talk-2", "Tags": [{"Key": "team", "Value": "b"}]},
        "none": {},
        "full a": {"Name": "talk", "Tags": _tags("a")},
        "full b": {"Name": "talk", "Tags": _tags("b")},
    },
    "EncoderConfiguration": {
        "a": {"Name": "hd", "Video": {"Width": "1280"}},
        "b": {"Name": "hd", "Video": {"Width": "1280"}, "Tags": [{"Key": "team", "Value": "b"}]},
        "c": {"Name": "hd", "Video": {"Width": "640"}},
        "d": {"Name": "hd", "Video": {"Width": "320"}},
    },
    "StorageConfiguration": {
        "a": {"Name": "talks", "S3": {"BucketName": "recordings"}},
        "c": {"Name": "talks", "S3": {"BucketName": "other"}},
    },
    "IngestConfiguration": {
        "a": {"Name": "obs", "IngestProtocol": "RTMPS", "UserId": "ann"},
        "b": {"Name": "obs", "IngestProtocol": "RTMPS", "UserId": "ann", "RedundantIngest": "true"},
        "c": {"Name": "obs-2", "IngestProtocol": "RTMPS", "UserId": "bob"},
        "d": {"Name": "obs", "IngestProtocol": "RTMP", "InsecureIngest": "true", "UserId": "ann"},
    },
    "FailoverSlateConfiguration": {
        "a": {"Name": "slate", "MinSlateDisplaySeconds": "5"},
        "b": {"Name": "slate", "MaxSlateDisplaySeconds": "90"},
    },
    "ChannelAssociations": {
        "a": {"ChannelArn": "one", "PlaybackRestrictionPolicyArn": "first"},
        "b": {
            "ChannelArn": "one",
            "PlaybackRestrictionPolicyArn": "second",
            "FailoverSlateConfigurationArn": "slate",
        },
        "c": {"ChannelArn": "two", "PlaybackRestrictionPolicyArn": "first"},
        "none": {"ChannelArn": "one"},
    },
}
"""The versions of a resource: b changes in place, c and d replace. Names stand for ARNs."""

CLEARED = {
    "name": "",
    "minSlateDisplaySeconds": 3,
    "maxSlateDisplaySeconds": 60,
    "redundantIngest": False,
}
"""What members have that a version does not name."""

LIVES: dict[str, tuple[str, ...]] = {
    "create-delete": ("create a", "delete"),
    "create-delete-create-delete": ("create a", "delete", "create a", "delete"),
    "create-update-delete": ("create a", "update b", "delete"),
    "create-update-back": ("create a", "update b", "update a"),
    "create-update-rollback-delete": ("create a", "try b", "update a", "delete"),
    "create-replace-back": ("create a", "update c", "update a"),
    "create-replace-delete": ("create a", "update c", "delete"),
    "create-replace-back-delete": ("create a", "update c", "update a", "delete"),
    "create-replace-rollback-delete": ("create a", "try c", "update a", "delete"),
    "create-replace-rollback-fails-delete": ("create a", "try c", "delete"),
    "create-replace-again-rollback-delete": (
        *("create a", "update c", "try d", "update c", "delete"),
    ),
    "create-update-clear-delete": (*("create a", "update b", "update none", "update a", "delete"),),
    "create-replace-skip-replace-delete": ("create a", "try c", "skip", "update c", "delete"),
    "create-replace-skip-back-delete": ("create a", "try c", "skip", "update a", "delete"),
    "create-vanish-delete": ("create a", "vanish", "delete"),
    "create-vanish-update-delete": ("create a", "vanish", "update b", "delete"),
}
"""After a `try` something else fails: it is rolled back, or deleted, or the rollback fails and is
continued without the resource, which is `skip`. In `vanish` somebody deletes it by hand."""

SWAP = ("create full a", "update full b", "delete")
FOREIGN = {"ivs-constructs:stack": f"{STACK[:-2]}99", "ivs-constructs:logical": "R0"}
PATCH = "ChannelAssociations"
INGEST = "IngestConfiguration"
UNLISTED = "lists do not show the tags of a resource that looks different"
ALIKE = 3
"""How many of the others' resources look the same but for their tags."""


def lives(type_: str) -> list[str]:
    """Tell the lives that a type can have."""
    versions = VERSIONS[type_]
    return [
        name
        for name, steps in LIVES.items()
        if all(step.partition(" ")[2] in versions for step in steps if " " in step)
        # What is set on a channel bears no tag: nothing tells of the former one.
        and not (type_ == PATCH and {"fails", "vanish", "skip"} & {*name.split("-")})
    ]


class Stack:
    """The stack.

    Args:
        world: Where it lives.
        type_: The type of its resources.
        count: How many there are.
    """

    def __init__(self, world: World, type_: str, count: int) -> None:
        self._world = world
        self._type = type_
        self._custom = f"Custom::IVS{type_}"
        self._old: dict[str, tuple[Properties, Properties, str, str]] = {}
        for number in range(count):
            world.resources[f"R{number}"] = Resource(f"R{number}")
        self._names = self._seed_channels() if type_ == PATCH else {}
        self._versions = {
            name: {key: self._names.get(value, value) for key, value in version.items()}
            if self._names
            else version
            for name, version in VERSIONS[type_].items()
        }
        self._seed_foreign()
        # All of this has existed for a while.
        world.scheduler.now = -LONG
        world.remember()
        world.scheduler.now = 0.0
        self._before = {arn: dict(each.data) for arn, each in world.account.records.items()}

    def _make(self, type_: str, **members: Any) -> str:  # noqa: ANN401 (JSON-like)
        answer = OPERATIONS[f"Create{type_}"](self._world.account, members)
        return next(str(each["arn"]) for each in answer.values() if "arn" in each)

    def _seed_channels(self) -> dict[str, str]:
        policy, slate = "PlaybackRestrictionPolicy", "FailoverSlateConfiguration"
        names = {name: self._make(policy, name=name) for name in ("first", "second")}
        names["slate"] = self._make(slate, name="slate")
        for name in ("one", "two"):
            names[name] = self._make("Channel", name=name)
        # Somebody else's setting looks like ours.
        self._make("Channel", name="three", playbackRestrictionPolicyArn=names["first"])
        return names

    def _seed_foreign(self) -> None:
        """Make what others have; it looks alike."""
        members: dict[str, Any] = {}
        if self._type == "StorageConfiguration":
            members["s3"] = {"bucketName": "recordings"}
        if self._type == INGEST:
            members["ingestProtocol"] = "RTMPS"
        if self._type != PATCH:
            for number in range(self._world.weather.foreigners):
                name = f"other-{number}"
                if number < ALIKE:
                    name = VERSIONS[self._type]["a"]["Name"]
                    if self._type == INGEST:
                        members["userId"] = "ann"
                else:
                    members.pop("userId", "")
                # Another stack's resource of the same name, and another one of this stack.
                if number % 2:
                    members["tags"] = {**FOREIGN, "ivs-constructs:stack": STACK}
                    members["tags"]["ivs-constructs:logical"] = "R00"
                else:
                    members["tags"] = dict(FOREIGN)
                self._make(self._type, name=name, **members)

    def live(self, steps: tuple[str, ...]) -> None:
        """Lead all resources through a life, and judge."""
        world = self._world
        for number, step in enumerate(steps):
            begun = world.scheduler.now
            wish, _, version = step.partition(" ")
            act: Callable[..., None] = {
                "create": self._create,
                "update": self._update,
                "try": self._try,
                "skip": self._skip,
                "vanish": self._vanish,
                "delete": self._delete,
            }[wish]
            self._all(partial(act, version=version))
            world.result.seconds[f"{number} {step}"] = world.scheduler.now - begun
            following = (*steps, "")[number + 1]
            world.stack_gone = world.weather.rights_end and wish == "delete" and not following
            if not world.weather.moves_on:
                world.quiet()
            self._judge(
                rest=not world.weather.moves_on and wish not in ("try", "skip") and bool(following)
            )
        world.end()
        self._judge(rest=True)

    def _all(self, act: Callable[[Resource], None]) -> None:
        waiting = len(self._world.resources)

        def one(resource: Resource) -> None:
            nonlocal waiting
            act(resource)
            waiting -= 1

        for resource in self._world.resources.values():
            self._world.scheduler.start(partial(one, resource))
        self._world.scheduler.until(lambda: not waiting, every=0.2)

    def _create(self, resource: Resource, version: str) -> None:
        world, properties = self._world, self._versions[version]
        if resource.physical_id:
            return  # it could not be deleted
        world.show(resource, "CREATE_IN_PROGRESS")
        request = world.ask("Create", resource, self._custom, ResourceProperties=properties)
        reply = request.reply or {}
        resource.physical_id = str(reply.get("PhysicalResourceId") or INVENTED_ID)
        resource.properties = properties
        if reply.get("Status") != "SUCCESS" and not world.weather.adopts:
            resource.physical_id = INVENTED_ID
        if reply.get("Status") == "SUCCESS":
            resource.arn = reply["Data"]["Arn"]
            world.show(resource, "CREATE_COMPLETE")
            return
        world.show(resource, "CREATE_FAILED")
        self._delete(resource, "")

    def _change(self, resource: Resource, properties: Properties, old: Properties) -> bool:
        world = self._world
        world.show(resource, "UPDATE_IN_PROGRESS")
        request = world.ask(
            "Update",
            resource,
            self._custom,
            ResourceProperties=properties,
            OldResourceProperties=old,
            PhysicalResourceId=resource.physical_id,
        )
        reply = request.reply or {}
        resource.physical_id = str(reply.get("PhysicalResourceId") or resource.physical_id)
        resource.settled = reply.get("Status") == "SUCCESS"
        world.show(resource, "UPDATE_COMPLETE" if resource.settled else "UPDATE_FAILED")
        if world.weather.rights_end and self._type == INGEST:
            world.excuse(f"{UNLISTED}, and its maker has no rights any more", "leaked")
        if resource.settled:
            resource.arn = reply["Data"]["Arn"]
            resource.properties = properties
            resource.vanished = False
        return resource.settled

    def _try(self, resource: Resource, version: str) -> None:
        """Update, and leave it to the next step to roll back: something else has failed."""
        if resource.arn:
            new = self._versions[version]
            former = (resource.properties, resource.physical_id, resource.arn)
            self._old[resource.name] = (new, *former)
            self._change(resource, new, resource.properties)
            if not resource.settled and self._type == INGEST:
                self._world.excuse(UNLISTED, "leaked")

    def _skip(self, resource: Resource, version: str) -> None:  # noqa: ARG002 (as the others)
        if resource.arn:
            _, resource.properties, *_ = self._old.pop(resource.name)
            # What was replaced stays: a later rollback may go back there.
            resource.unsure = True
            self._world.show(resource, "UPDATE_COMPLETE")

    def _vanish(self, resource: Resource, version: str) -> None:  # noqa: ARG002 (as the others)
        if resource.arn:
            # If what is made instead gets lost, nothing tells it from what is made after that.
            resource.vanished = resource.unsure = True
            self._world.account.records.pop(resource.arn)

    def _update(self, resource: Resource, version: str) -> None:
        if not resource.arn:
            return
        former = resource.properties
        physical_id, arn = resource.physical_id, resource.arn
        rolls_back = resource.name in self._old
        # After a try: back to what there was, whatever became of it.
        left, wanted, old_id, old_arn = self._old.pop(
            resource.name, (former, self._versions[version], physical_id, arn)
        )
        back = self._world.weather.rolls_back if old_id != physical_id else "new"
        if back != "new":
            resource.physical_id, resource.arn, resource.properties = old_id, old_arn, wanted
        if back == "none":
            self._world.show(resource, "UPDATE_COMPLETE")
            done = True
        else:
            done = self._change(resource, wanted, left)
        if not done and not rolls_back:
            # It is rolled back.
            left, wanted = wanted, former
            physical_id = resource.physical_id
            done = self._change(resource, wanted, left)
        # What a failed rollback leaves behind stays until the resource goes.
        resource.unsure |= not done
        if not done and self._type == PATCH:
            self._world.excuse("a channel does not show what a failed rollback set", "leaked")
        if not done and self._type == INGEST:
            self._world.excuse(UNLISTED, "leaked", "extra")
        if done and physical_id != resource.physical_id:
            for _ in range(CLEANUPS):
                if self._ask_delete(resource, physical_id, left):
                    return

    def _ask_delete(self, resource: Resource, physical_id: str, properties: Properties) -> bool:
        request = self._world.ask(
            "Delete",
            resource,
            self._custom,
            ResourceProperties=properties,
            PhysicalResourceId=physical_id,
        )
        return (request.reply or {}).get("Status") == "SUCCESS"

    def _delete(self, resource: Resource, version: str) -> None:  # noqa: ARG002 (as the others)
        if not resource.physical_id:
            return
        for _turn in range(2):  # the second time an operator asks again
            self._world.show(resource, "DELETE_IN_PROGRESS")
            if self._ask_delete(resource, resource.physical_id, resource.properties):
                self._world.show(resource, "DELETE_COMPLETE")
                resource.physical_id = resource.arn = ""
                return
            self._world.show(resource, "DELETE_FAILED")
            # Nobody knows whether it is there.
            resource.settled = False
            resource.vanished = True

    # The judge

    def _judge(self, *, rest: bool) -> None:
        world, result = self._world, self._world.result
        if self._type == PATCH:
            if rest:
                self._judge_channels()
            return
        records = world.account.records
        resources = world.resources.values()
        believed = {each.arn: each for each in resources if each.arn and not each.vanished}
        for arn, resource in believed.items():
            if arn not in records:
                result.lost.append(f"{resource.name} {arn}")
            elif rest and resource.settled and not self._is(records[arn].data, resource):
                result.wrong.append(f"{resource.name} {arn}")
        for arn, data in self._before.items():
            if arn not in records or records[arn].data["tags"] != data["tags"]:
                result.touched.append(arn)
        if rest and not any(each.arn and (each.unsure or not each.settled) for each in resources):
            own = records.keys() - self._before.keys() - believed.keys()
            (result.extra if believed else result.leaked).extend(sorted(own))

    def _is(self, data: dict[str, Any], resource: Resource) -> bool:
        """Whether a resource has the members and the tags that are wanted."""
        wanted = wire.decode(index.SPECS[self._custom], resource.properties, "")
        cleared = {name: value for name, value in CLEARED.items() if name in data}
        members = {**cleared, **wanted.members}
        tags = {key: value for key, value in data["tags"].items() if not key.startswith("ivs-con")}
        return tags == wanted.tags and all(
            name in data and lifecycle._covers(data[name], value) for name, value in members.items()
        )

    def _judge_channels(self) -> None:
        result, [resource] = self._world.result, self._world.resources.values()
        wanted = resource.properties if resource.arn else {}
        for arn, before in self._before.items():
            now = self._world.account.records[arn].data
            mine = wanted.get("ChannelArn") == arn
            expected = dict(before)
            if mine:
                expected |= {
                    f"{name[0].lower()}{name[1:]}": value
                    for name, value in wanted.items()
                    if name != "ChannelArn"
                }
            names = [name for name in now if name.endswith("Arn")]
            if [name for name in names if (now[name] or "") != (expected.get(name) or "")]:
                foreign = arn not in (self._names["one"], self._names["two"])
                kind = "touched" if foreign else "wrong" if mine else "leaked"
                if foreign or resource.settled or kind == "leaked":
                    getattr(result, kind).append(arn)


def run(
    type_: str,
    steps: tuple[str, ...],
    weather: Weather,
    seed: int,
    *,
    count: int = 1,
    faults: tuple[Fault, ...] = (),
) -> Result:
    """Lead a stack through a life, in some weather and with some faults."""
    random.seed(seed)
    world = World(weather, seed, faults)
    stack = Stack(world, type_, count)
    with pytest.MonkeyPatch.context() as patch:
        wired(patch, world)
        world.scheduler.start(lambda: stack.live(steps))
        world.scheduler.run()
    if world.scheduler.crashes:
        # Whatever it is, it must not end the process.
        raise RuntimeError("the run crashed") from world.scheduler.crashes[0]
    return world.result
