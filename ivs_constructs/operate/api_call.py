"""A call to the Amazon IVS API from a state machine, a schedule or your own code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import starmap
from typing import TYPE_CHECKING, Any, Literal, cast

import aws_cdk as cdk

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import check_one, place_of
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.check import Check, did_you_mean, is_token, quoted
from ivs_constructs._core.grantees import check_identity, warn_across_accounts
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import (
    Place,
    beyond,
    elsewhere,
    policy_holder,
    stack_facts_of,
    stack_of,
)
from ivs_constructs._core.statements import NOT_OUR_TAGS, Conditions, all_of, these_tags
from ivs_constructs._specs import OWN_TAGS
from ivs_constructs.operate._allowed import Allowed, give_sids, grant, tell_reasons
from ivs_constructs.operate._models import SERVICES, Operation, operations
from ivs_constructs.operate._parameter_text import rewriting_advice
from ivs_constructs.operate._parameters import (
    Parameters,
    is_expression,
    is_known_later,
    pascal_case,
    scheduler_attribute,
)
from ivs_constructs.operate.permissions import PERMISSIONS

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_iam, aws_sqs
    from aws_cdk import aws_scheduler_targets as targets
    from aws_cdk import aws_stepfunctions as sfn
    from aws_cdk import aws_stepfunctions_tasks as tasks
    from constructs import Construct

_PAGES = {
    "ivs": "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_{}.html",
    "ivs-realtime": "https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_{}.html",
}
_SCHEDULER = (
    "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html"
)
_STATES = "https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html"

MOST_METADATA_BYTES = 1024
"""The limit of PutMetadata's metadata.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_PutMetadata.html
"""

_UNMARKED_PATH = re.compile(r"""\$\$?(\.[A-Za-z_]|\[['"0-9*])""")


class ApiCall:
    """A call to one operation of Amazon IVS, checked against the API's model.

    For what CloudFormation has no resource type for: metadata in a stream, stopping a stream, ad
    breaks, compositions, disconnecting a participant. It covers all operations of both APIs.

    Parameters have the API's names in Python's form (`channel_arn`) or boto3's (`channelArn`), in
    dicts as well. Your own names, as in `tags`, stay as they are. Values that are known only later
    are not checked: tokens, paths of Step Functions (`sfn.JsonPath.string_at("$.viewer")`),
    JSONata expressions, and attributes of EventBridge Scheduler
    (`<aws.scheduler.execution-id>`).

    Args:
        service: `ivs` for channels, `ivs-realtime` for stages.
        operation: The operation by its name in the API, such as `PutMetadata`.
        parameters: Its parameters. Where the API expects an ARN, you can also pass a construct.
            None is the same as omitted.

    For a grant, you can omit required parameters; `as_state` and `as_schedule_target` need them.

    Raises:
        InvalidPropertyError: If the API would refuse the call.

    Example:
        >>> call = ApiCall("ivs", "PutMetadata", channel_arn=channel, metadata="kick-off")
        >>> state = call.as_state(stack, "Announce")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Operations.html
    """

    def __init__(
        self,
        service: Literal["ivs", "ivs-realtime"],
        operation: str,
        /,
        **parameters: object,
    ) -> None:
        found = _find(service, operation)
        check = Check(_PAGES[service].format(operation))
        reader = Parameters(found, check)
        self._parameters = reader.read(parameters)
        self._missing = tuple(reader.missing)
        _check_tags(check, self._parameters)
        _check_metadata(check, found, self._parameters.get("Metadata"))
        self._operation = found
        if check.failures:
            self._check_complete(check)
        check.raise_for("ApiCall")
        self._arns = tuple(reader.arns)

    @property
    def service(self) -> str:
        """The API: `ivs` or `ivs-realtime`."""
        return self._operation.service

    @property
    def operation(self) -> str:
        """The operation's name in the API."""
        return self._operation.name

    def __repr__(self) -> str:
        """Name the API and the operation; parameters may be secret."""
        return f"<ivs_constructs.ApiCall {self.service} {self.operation}>"

    def as_state(
        self,
        scope: Construct,
        id: str,
        *,
        comment: str | None = None,
        state_name: str | None = None,
        query_language: sfn.QueryLanguage | None = None,
        input_path: str | None = None,
        output_path: str | None = None,
        result_path: str | None = None,
        result_selector: Mapping[str, object] | None = None,
        outputs: object = None,
        assign: Mapping[str, object] | None = None,
        credentials: sfn.Credentials | None = None,
        task_timeout: sfn.Timeout | None = None,
        heartbeat_timeout: sfn.Timeout | None = None,
        integration_pattern: sfn.IntegrationPattern | None = None,
    ) -> tasks.CallAwsService:
        """Define a Step Functions state that makes the call.

        The state machine's role is allowed this call, on the resources in the parameters. Names in
        the answer begin with a capital letter: `$.Composition.Arn`. An error's name is `Ivs.` or
        `IvsRealTime.` followed by the API's name, which always ends with `Exception` here.

        The options are those of the AWS CDK's `CallAwsService`, with its defaults.

        Args:
            scope: The construct to define the state in, usually `self`.
            id: The id, unique within the scope.
            comment: A comment in the definition.
            state_name: The state's name. Default: the id.
            query_language: JSONPath or JSONata. Default: the state machine's.
            input_path: The part of the input to use.
            output_path: The part of the output to pass on.
            result_path: Where in the input the answer goes.
            result_selector: Which parts of the answer are kept.
            outputs: What is passed on, in JSONata.
            assign: Variables to set.
            credentials: A role of another account to call with.
            task_timeout: How long the call may take.
            heartbeat_timeout: The longest time between two heartbeats.
            integration_pattern: Whether to wait for a callback. Default: wait for the answer.

        Raises:
            InvalidPropertyError: If a required parameter is missing, or one has an attribute of
                EventBridge Scheduler.
        """
        from aws_cdk import aws_stepfunctions_tasks as tasks

        check = Check(_STATES)
        self._check_complete(check)
        for name, value in self._named():
            for text in _parts(value):
                attribute = scheduler_attribute(text)
                if attribute is not None:
                    check.fail(
                        name,
                        "scheduler-attribute",
                        f"{name} must not have {attribute} in a state, because only EventBridge "
                        "Scheduler fills it in; pass a value or a path",
                    )
        self._check_written(check, stack_of(scope))
        check.raise_for("ApiCall")
        here = stack_facts_of("ApiCall", scope, id).place
        first, *more = allowed = self._allowed(lambda place: beyond(place, here))
        state = tasks.CallAwsService(
            scope,
            id,
            service=self._sdk_name,
            action=self._sdk_action,
            parameters=self._parameters,
            iam_action=first.actions[0],
            iam_resources=list(first.resources),
            additional_iam_statements=[each.statement() for each in more],
            comment=comment,
            state_name=state_name,
            query_language=query_language,
            input_path=input_path,
            output_path=output_path,
            result_path=result_path,
            result_selector=result_selector,
            outputs=outputs,
            assign=assign,
            credentials=credentials,
            task_timeout=task_timeout,
            heartbeat_timeout=heartbeat_timeout,
            integration_pattern=integration_pattern,
        )
        if any(each.wide for each in allowed):
            # Their role is known once the state machine is made.
            written = cast("Any", state)._task_policies
            wide = give_sids(cdk.Stack.of(state), zip(allowed, written, strict=True))
            at_synth(state, partial(tell_reasons, cdk.Stack.of(state), wide))
        secrets = self._secrets()
        if secrets:
            annotate(state, _secret_advice(self.operation, secrets))
        for name, value in self._named():
            # A Step Functions path that is not marked as one.
            if any(isinstance(part, str) and _UNMARKED_PATH.match(part) for part in _parts(value)):
                annotate(state, _path_advice(name))
        for advice in self._rewriting(cdk.Stack.of(state)):
            annotate(state, advice)
        return state

    def as_schedule_target(
        self,
        *,
        role: aws_iam.IRole | None = None,
        dead_letter_queue: aws_sqs.IQueue | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int | None = None,
    ) -> targets.Universal:
        """Make a target for a schedule of EventBridge Scheduler.

        Args:
            role: The schedule's role, which gets the permission. Default: one that all schedules of
                the stack with this operation share.
            dead_letter_queue: Where calls go that failed after all retries. Default: nowhere.
            max_event_age: How long to try a call, 1 minute to 24 hours. Default: 24 hours.
            retry_attempts: How often to retry it, 0-185. Default: 185.

        Raises:
            InvalidPropertyError: If a required parameter is missing, one comes from the input of a
                state machine, or the operation only reads, which EventBridge Scheduler refuses to
                call.
        """
        from aws_cdk import aws_scheduler, aws_scheduler_targets

        check = Check(_SCHEDULER)
        self._check_complete(check)
        if self._operation.only_reads:
            check.fail(
                "operation",
                "reading",
                f"operation must change something to be called by a schedule, got "
                f"'{self.operation}'; call it with as_state in a state machine",
            )
        for name, value in self._named():
            if any(_is_for_states(part) for part in _parts(value)):
                check.fail(
                    name,
                    "state-input",
                    f"{name} must not come from the input of a state machine, which a schedule "
                    "lacks; pass a value",
                )
        check.raise_for("ApiCall")
        # The schedule's stack is not known yet.
        allowed = self._allowed(lambda place: place)
        statements = [each.statement() for each in allowed]
        rewriting, check_written = self._rewriting, self._check_written

        class Target(aws_scheduler_targets.Universal):
            def bind(self, schedule: aws_scheduler.ISchedule) -> aws_scheduler.ScheduleTargetConfig:
                stack = cdk.Stack.of(schedule)
                check = Check(_SCHEDULER)
                check_written(check, stack)
                check.raise_for("ApiCall")
                for advice in rewriting(stack):
                    annotate(cast("Construct", schedule), advice)
                wide = give_sids(stack, zip(allowed, statements, strict=True))
                bound = super().bind(schedule)
                tell_reasons(cast("Construct", bound.role), wide)
                return bound

        return Target(
            service=self._sdk_name,
            action=self._sdk_action,
            input=aws_scheduler.ScheduleTargetInput.from_object(self._parameters),
            policy_statements=statements,
            role=role,
            dead_letter_queue=dead_letter_queue,
            max_event_age=max_event_age,
            retry_attempts=retry_attempts,
        )

    def grant(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee this call, on the resources in the parameters.

        If they name none, all resources of the type are allowed, in the account and Region of the
        other ARNs, or else of the grantee's stack. If IAM has no resource type for the operation,
        that is `*`. You can omit other parameters, even those that the call requires. The grantee
        may set the tags given here; if they are known only at run time, any tags but this library's
        own, which start with `ivs-constructs:`.

        Args:
            grantee: The role or other principal that makes the call.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions.
        """
        check = Check(_PAGES[self.service].format(self.operation))
        check_identity(check, grantee)
        holder = None if check.failures else policy_holder(grantee)
        if holder is not None:
            self._check_written(check, stack_of(holder))
        check.raise_for("ApiCall")

        def there(place: Place) -> Place:
            warn_across_accounts(grantee, place)
            return elsewhere(place, grantee)

        return grant(grantee, self._allowed(there))

    @property
    def _sdk_name(self) -> str:
        return self.service.replace("-", "")

    @property
    def _sdk_action(self) -> str:
        return self.operation[0].lower() + self.operation[1:]

    def _check_complete(self, check: Check) -> None:
        """Reject a call without required parameters; a grant needs only ARNs."""
        for name in self._missing:
            page = _PAGES[self.service].format(self.operation)
            check.fail(name, "required", f"{name} is required; give a value", page)

    def _check_written(self, check: Check, stack: cdk.Stack) -> None:
        """Reject ARNs of several resources that are put together at deploy time."""
        for each in self._arns:
            if each.prop and each.arn is not None:
                check_one(check, each.prop, each.arn, stack)

    def _rewriting(self, stack: cdk.Stack) -> list[Advice]:
        """Warn of parameters that could add to the definition of a state or schedule."""
        parts = ((name, part) for name, value in self._named() for part in _parts(value))
        return list(dict.fromkeys(rewriting_advice(stack, parts)))

    def _named(self) -> Iterator[tuple[str, object]]:
        for name, value in self._parameters.items():
            yield snake_case(name), value

    def _allowed(self, named_place: Callable[[Place], Place]) -> list[Allowed]:
        """List what the call needs.

        Args:
            named_place: Returns the Region and account that the policy has to name for a place,
                None where those of its own stack will do.
        """
        permission = PERMISSIONS[self.operation]
        # A call goes to one Region, which its ARNs name.
        known = ((each.resource, each.arn) for each in self._arns if each.arn is not None)
        places = (place for place in starmap(place_of, known) if any(place))
        place = named_place(next(places, (None, None)))
        named = {
            kind: [each.arn for each in self._arns if kind in each.types]
            for kind in (*permission.types, *permission.also)
        }
        kinds = [kind for kind in named if kind in permission.types or named[kind]]
        resources: list[str] = []
        wide: list[str | None] = []
        for kind in kinds or permission.also:
            arns = [arn for arn in named[kind] if arn is not None and _is_deployed(arn)]
            if arns and len(arns) == len(named[kind]):
                resources += arns
            else:
                resources.append(all_of(kind, place))
                wide.append(kind)
        if not resources:
            resources.append("*")
            wide.append(None)
        tags = self.operation in ("TagResource", "UntagResource")
        allowed = [
            Allowed(
                (self.operation,),
                tuple(resources),
                tuple(wide),
                self._tag_conditions() if tags else {},
            )
        ]
        if "Tags" in self._parameters and not tags:
            made = permission.tags or permission.types
            on = tuple(all_of(kind, place) for kind in made)
            # The reason names the operation that makes the resource.
            allowed.append(Allowed(("TagResource",), on, made, self._tag_conditions()))
        return allowed

    def _tag_conditions(self) -> Conditions:
        """Allow the given tags, or, if they are not known, all but this library's."""
        tags = self._parameters.get("Tags", self._parameters.get("TagKeys"))
        if isinstance(tags, dict):
            given = cast("dict[str, object]", tags)
            keys: list[object] = list(given)
        elif isinstance(tags, list) and not is_token(cast("object", tags)):
            given, keys = {}, cast("list[object]", tags)
        else:
            return NOT_OUR_TAGS
        if not all(isinstance(key, str) and _is_deployed(key) for key in keys):
            return NOT_OUR_TAGS
        values = {
            key: value
            for key, value in given.items()
            if isinstance(value, str) and _is_deployed(value) and not is_token(key)
        }
        named = these_tags([str(key) for key in keys], values)
        # What is known only at deploy time could be a key of this library.
        return {**named, **NOT_OUR_TAGS} if any(map(is_token, keys)) else named

    def _secrets(self) -> list[str]:
        """Return where secrets are in the answer, in Step Functions' form."""
        output = self._operation.output
        return [
            ".".join(pascal_case(name) for name in path.split("."))
            for path, leaf in (output.leaves() if output else ())
            if leaf.facts.get("sensitive")
        ]


def _find(service: object, operation: object) -> Operation:
    """Look up an operation by the user's name for it."""
    check = Check(_PAGES["ivs"].format("Operations"))
    if not isinstance(service, str) or service not in SERVICES:
        chat = "; for Amazon IVS Chat use the types of aws_cdk.aws_ivschat"
        check.fail(
            "service",
            "choice",
            f"service must be one of {', '.join(SERVICES)}, got {quoted(service)}"
            f"{chat if str(service) == 'ivschat' else did_you_mean(service, SERVICES)}",
        )
        check.raise_for("ApiCall")
    known = operations(service)
    if not isinstance(operation, str) or operation not in known:
        name = operation if isinstance(operation, str) else ""
        other = [each for each in SERVICES if name in operations(each)]
        advice = f"; {other[0]} has it" if other else did_you_mean(operation, known)
        check.fail(
            "operation",
            "choice",
            f"operation must be an operation of {service}, got {quoted(operation)}{advice}",
        )
        check.raise_for("ApiCall")
    return known[cast("str", operation)]


def _check_tags(check: Check, parameters: Mapping[str, object]) -> None:
    """Reject this library's own tags, which determine which stack a resource belongs to."""
    for name in ("Tags", "TagKeys"):
        given = parameters.get(name)
        if is_known_later(given) or not isinstance(given, Mapping | list):
            continue
        for key in cast("Iterable[object]", given):
            # IAM ignores case in tag keys.
            if isinstance(key, str) and key.casefold().startswith(OWN_TAGS):
                check.fail(
                    snake_case(name),
                    "tag-prefix",
                    f"{snake_case(name)} must not have keys that start with {OWN_TAGS}, which are "
                    f"reserved for this library, got {quoted(key)}; rename it",
                )


def _check_metadata(check: Check, operation: Operation, metadata: object) -> None:
    """Check the metadata of a stream against the limit that is not in the API's model."""
    if operation.name != "PutMetadata" or not isinstance(metadata, str) or is_known_later(metadata):
        return
    size = len(metadata.encode(errors="surrogatepass"))
    if size > MOST_METADATA_BYTES:
        check.fail(
            "metadata",
            "length",
            f"metadata must have at most {MOST_METADATA_BYTES} bytes of UTF-8, got {size} bytes; "
            f"shorten it by {size - MOST_METADATA_BYTES}",
        )


def _parts(value: object) -> Iterator[object]:
    """Walk through all parts of a parameter."""
    if isinstance(value, Mapping):
        for each in cast("Mapping[str, object]", value).values():
            yield from _parts(each)
    elif isinstance(value, list) and not is_token(cast("object", value)):
        for each in cast("list[object]", value):
            yield from _parts(each)
    else:
        yield value


def _is_deployed(arn: str) -> bool:
    """Whether an ARN is known when the policy is deployed."""
    return scheduler_attribute(arn) is None and not _is_for_states(arn)


def _is_for_states(value: object) -> bool:
    """Whether only a state machine knows the value."""
    if is_expression(value):
        return True
    # Without this module, the user cannot have made a path, and importing it is slow.
    states: Any = sys.modules.get("aws_cdk.aws_stepfunctions")
    if states is None or not is_token(value):
        return False
    return "value.$" in states.FieldUtils.render_object({"value": value})


def _path_advice(name: str) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:path-as-text",
        f"{name} looks like a Step Functions path, but is sent literally; if a path is meant, "
        "write sfn.JsonPath.string_at(...) around it",
    )


def _secret_advice(operation: str, secrets: list[str]) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:secret-in-execution-history",
        f"{operation} answers with a secret ({', '.join(secrets)}), which stays in the execution "
        "history of the state machine; make the call in a function instead",
    )
