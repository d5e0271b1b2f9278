"""One life of a stack with faults, judged at every point of rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ivs_constructs.testing.emulator import Resource
from tests.faults.cases import CASES, HELD_LIVES, Case
from tests.faults.engine import Engine
from tests.faults.faults import DUPLICATES, KILLS, Fault
from tests.faults.settings import PLAIN, Setting
from tests.faults.stack import Stack, Version


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does; with the same handler it always ends the same way."""

    case: str
    lifecycle: str
    faults: tuple[Fault, ...] = ()
    setting: Setting = PLAIN

    @property
    def group(self) -> str:
        """The class of faults that it is counted under."""
        if self.setting.name:
            return self.setting.name
        return self.faults[0].group if len(self.faults) == 1 else f"{len(self.faults)} faults"

    @property
    def beyond(self) -> bool:
        """Whether nothing in the APIs allows a defence."""
        return any(fault.beyond for fault in self.faults)

    @property
    def overcome(self) -> bool:
        """Whether every request must succeed."""
        return all(fault.overcome for fault in self.faults) and self.setting.policy != "FAIL"

    @property
    def transient(self) -> bool:
        """Whether the faults pass, so that no operator needs to delete again."""
        return all(fault.passes for fault in self.faults) and self.setting.policy != "FAIL"

    def __str__(self) -> str:
        setting = f" ({self.setting.name})" if self.setting.name else ""
        return f"{self.case} {self.lifecycle}{setting}: {'; '.join(map(str, self.faults))}"


@dataclass(slots=True)
class Verdict:
    """How a run ended.

    Attributes:
        plan: What was done.
        leaked: How many resources were left when the stack was gone.
        extra: At how many points of rest there was more than what is wanted.
        lost: At how many there was less, or another one than the template's ARN says.
        wrong: At how many the resource had other members or tags than the template says.
        touched: How many foreign resources were changed.
        unanswered: How many requests have no reply although one could be given.
        delete_failed: How many Deletes failed.
        second_deletes: How many Deletes an operator had to ask for again.
        abandoned: How often CloudFormation gave up deleting what was replaced, with nothing wrong
            at those requests.
        doubled: How many requests made a resource twice although they were delivered once.
        failed: How many requests were answered FAILED.
        unfired: How many faults found nothing to hit.
        complaints: What else was not right.
        operations: The calls of each request's first try.
    """

    plan: Plan
    leaked: int = 0
    extra: int = 0
    lost: int = 0
    wrong: int = 0
    touched: int = 0
    unanswered: int = 0
    delete_failed: int = 0
    second_deletes: int = 0
    abandoned: int = 0
    doubled: int = 0
    failed: int = 0
    unfired: int = 0
    complaints: list[str] = field(default_factory=list)
    operations: list[list[str]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was leaked, doubled, lost, touched or left without a reply.

        Nor may a request fail because of a fault that is to be overcome, or an operator have to
        delete again because of one that passes.
        """
        counts = self.leaked, self.extra, self.lost, self.wrong, self.touched, self.unanswered
        if any(counts) or self.doubled or self.abandoned or self.complaints:
            return False
        if self.failed and self.plan.overcome:
            return False
        return not self.second_deletes or not self.plan.transient


class Account:
    """What is in the account, told apart into the stack's and the rest."""

    def __init__(self, engine: Engine, case: Case) -> None:
        self._engine = engine
        self._case = case
        names = case.seed(engine.emulator)
        self._passing: set[str] = set()
        self.versions = case.versions(names)
        self._patched = {
            str(version.members["arn"])
            for version in self.versions.values()
            if "arn" in version.members
        }
        self._foreign = {
            each.arn: each for each in engine.emulator.resources() if each.arn not in self._patched
        }
        self._bare = {
            each.arn: each.data for each in engine.emulator.resources() if each.arn in self._patched
        }

    def hold(self, arn: str) -> None:
        """Let something hold the resource in use; what that takes is nobody's concern."""
        emulator = self._engine.emulator
        before = {each.arn for each in emulator.resources()}
        self._engine.release = self._case.hold(emulator, arn)
        self._passing = {each.arn for each in emulator.resources()} - before

    def judge(self, stack: Stack, verdict: Verdict, *, gone: bool) -> None:
        """Compare what there is with what is wanted."""
        resources = [
            each for each in self._engine.emulator.resources() if each.arn not in self._passing
        ]
        now = {each.arn: each for each in resources}
        verdict.touched = max(
            verdict.touched,
            sum(now.get(arn) != _as_it_is(each, now) for arn, each in self._foreign.items()),
        )
        if not stack.settled and not gone:
            return
        if self._patched:
            self._judge_members(stack.version, now, verdict, gone=gone)
            return
        own = [each for each in resources if each.arn not in self._foreign]
        if gone:
            verdict.leaked += len(own)
        elif stack.version is None:
            verdict.extra += bool(own)
        else:
            verdict.extra += len(own) > 1
            mine = next((each for each in own if each.arn == stack.arn), None)
            if mine is None:
                verdict.lost += 1
            else:
                verdict.wrong += not _is(mine, stack.version)

    def _judge_members(
        self, wanted: Version | None, now: dict[str, Resource], verdict: Verdict, *, gone: bool
    ) -> None:
        """The same for what is set on a channel that somebody else made."""
        for arn, bare in self._bare.items():
            mine = wanted is not None and wanted.members["arn"] == arn
            members = {**bare, **(wanted.members if mine and wanted else {})}
            differing = [name for name, value in now[arn].data.items() if members[name] != value]
            if "adConfigurationArn" in differing:
                verdict.touched += 1
            elif not differing:
                continue
            elif mine:
                verdict.wrong += 1
            elif gone:
                verdict.leaked += 1
            else:
                verdict.extra += 1


def _as_it_is(before: Resource, now: dict[str, Resource]) -> Resource | None:
    """A foreign resource as it must be now: what passes by itself may have passed."""
    found = now.get(before.arn)
    if found is None:
        return before
    passing = ["activeSessionId"]
    if before.data.get("state") == "CREATING":
        passing.append("state")
    data = {name: value for name, value in before.data.items() if name not in passing}
    data |= {name: found.data[name] for name in passing if name in found.data}
    return Resource(before.type, before.arn, before.tags, data)


def _is(resource: Resource, version: Version) -> bool:
    users: dict[str, Any] = {
        name: value for name, value in resource.tags.items() if not name.startswith("ivs-con")
    }
    shown = {name: resource.data.get(name) for name in version.members}
    if "video" in shown:
        video: dict[str, Any] = resource.data["video"]
        shown["video"] = {name: video[name] for name in version.members["video"]}
    return users == version.tags and shown == version.members


def _doubled(engine: Engine, plan: Plan) -> int:
    """Count requests that made more than one resource, even if they mended it themselves."""
    if any(fault.mode in DUPLICATES for fault in plan.faults):
        return 0  # two at work at once cannot always know of each other
    if plan.setting.list_lag and any(fault.mode in KILLS for fault in plan.faults):
        return 0  # nor can one know at once what its predecessor made
    requests = [
        str(tags.get("ivs-constructs:request"))
        for call in engine.emulator.calls
        if call.effect and call.operation.startswith("Create")
        if isinstance(tags := call.parameters.get("tags"), dict)
    ]
    made = Counter(request for request in requests if request != "None")
    return sum(times > 1 for times in made.values())


def run(engine: Engine, plan: Plan) -> Verdict:
    """Lead a stack through its life."""
    case = CASES[plan.case]
    engine.begin(plan.setting)
    account = Account(engine, case)
    engine.emulator.list_lag = plan.setting.list_lag
    engine.order(plan.faults)
    stack = Stack(engine, case.custom_type)
    verdict = Verdict(plan)
    lifecycles = HELD_LIVES if plan.setting.policy else case.lifecycles
    for step in lifecycles[plan.lifecycle]:
        wish, _, version = step.partition(" ")
        if wish == "create":
            stack.create(account.versions[version])
        elif stack.version is None:
            continue  # the create failed and was rolled back
        elif wish == "hold":
            account.hold(stack.arn)
        elif wish in ("update", "try"):
            stack.update(account.versions[version], fails_elsewhere=wish == "try")
        elif wish == "rollback":
            if stack.trying:
                stack.rollback()
        else:
            stack.delete()
        if not stack.trying:
            account.judge(stack, verdict, gone=False)
    engine.cloudformation.shown = None
    engine.finish()
    account.judge(stack, verdict, gone=True)
    verdict.unanswered = engine.unanswered
    verdict.delete_failed = stack.delete_failed
    verdict.second_deletes = stack.second_deletes
    verdict.abandoned = stack.abandoned
    verdict.failed = sum(not event.succeeded for event in engine.events)
    verdict.doubled = _doubled(engine, plan)
    verdict.unfired = len(set(plan.faults) - engine.fired)
    verdict.complaints = (
        engine.complaints + engine.cloudformation.complaints + engine.emulator.mismatches
    )
    verdict.operations = engine.operations
    return verdict
