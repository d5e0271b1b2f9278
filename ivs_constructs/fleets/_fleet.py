"""What all kinds of fleets share: the table, the functions, the schedule, the clean-up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.by_name import (
    attribute_of,
    call,
    define_by_name,
    member_by_name,
    reference,
    typed,
)
from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.function_settings import check_log_retention, settings_for
from ivs_constructs._core.functions import Function, code_of_package, define_function
from ivs_constructs._core.policies import define_policy
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import StackFacts, recall
from ivs_constructs._core.statements import OWN_STACK, Statement, sign_with
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.enums import InUse
from ivs_constructs.errors import InvalidPropertyError, UnknownAttributeError
from ivs_constructs.fleets import _permissions
from ivs_constructs.fleets._members import FleetMembers
from ivs_constructs.fleets._template import Environment
from ivs_constructs.fleets.fleet_grants import FleetGrants
from ivs_constructs.fleets.function.settings import (
    ANSWER_TIMEOUT,
    CLOSE_SECONDS,
    FLEET_TAG,
    HTTP_VARIABLE,
    TEND_TIMEOUT,
)

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch, aws_lambda

    from ivs_constructs.token_issuers.function.settings import RouteSettings

_Key = TypeVar("_Key")

SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html"

# Only tests verify tokens, and no fleet issues connection tokens.
_UNUSED = [
    f"tokens/{name}.py"
    for name in ("_connection", "_misnamed", "_p384", "_pem", "_reading", "_verification")
]

HANDLERS = "ivs_constructs.fleets.function"

TEND_MINUTES = 5
"""How often the fleet is tended."""

NAMESPACE = "IvsConstructs/Fleets"
"""The namespace of the fleet's metrics; a test compares it with the function's."""

_POLICIES = (cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy.RETAIN)

STAGES_QUOTA = 1000
"""The default quota of stages per account and Region."""

EMPTIED_IN_AN_HOUR = 7500
"""How many members can be deleted within CloudFormation's hour at half of the API's quota."""

DEFAULT_IDLE_SECONDS = 2 * 3600

_MAX_SIZE = Prop(
    py="max_size", kind=Kind.INTEGER, required=True, minimum=1, maximum=100_000, noun="max_size"
)
_READY = Prop(py="ready", kind=Kind.INTEGER, minimum=0, maximum=50, noun="ready")
_IDLE = Prop(
    py="idle_after", kind=Kind.SECONDS, minimum=600, maximum=60 * 24 * 3600, noun="idle_after"
)
_IN_USE = Prop(py="in_use", choices=tuple(each.value for each in InUse))


@dataclass(slots=True, kw_only=True)
class Plan:
    """The checked properties of a fleet.

    Attributes:
        create: Parameters of the operation that creates a member.
        update: Parameters of the operation that applies the whole template to it.
        tags: The user's tags for members.
        named: The constructs that the template refers to.
        advice: Warnings and notes.
    """

    create: Mapping[str, Any]
    update: Mapping[str, Any]
    tags: Mapping[str, str]
    named: tuple[object, ...] = ()
    advice: list[Advice] = field(default_factory=list[Advice])


@dataclass(slots=True, kw_only=True)
class Options:
    """The options that all kinds of fleets take, as given."""

    max_size: object
    ready: object
    idle_after: object
    in_use: object
    removal_policy: object
    log_retention: object

    @classmethod
    def among(cls, given: Mapping[str, object]) -> Options:
        """Pick these options from a fleet's arguments."""
        return cls(**{name: given[name] for name in cls.__slots__})

    def check(self, check: Check, kind: str) -> list[Advice]:
        """Check the options.

        Returns:
            Warnings.
        """
        before = len(check.failures)
        for prop in (_MAX_SIZE, _READY):
            value = getattr(self, prop.py)
            if value is None and prop.required:
                check.fail(
                    prop.py, "required", f"{prop.py} is required; say how many members may exist"
                )
            elif value is not None and is_token(value):
                check.fail(
                    prop.py,
                    "token",
                    f"{prop.py} must be known at synth, got {quoted(value)}; write the number",
                )
            elif value is not None:
                check.value(prop, value)
        if self.idle_after is not None:
            check.value(_IDLE, self.idle_after)
        if self.in_use is not None:
            check.value(_IN_USE, self.in_use)
        policy = self.removal_policy
        # By identity: an array compares item by item.
        if not any(policy is each for each in (None, *_POLICIES)):
            check.fail(
                "removal_policy",
                "choice",
                f"removal_policy must be DESTROY or RETAIN, got {quoted(self.removal_policy)}; "
                "write RemovalPolicy.DESTROY or RemovalPolicy.RETAIN",
            )
        check_log_retention(check, self.log_retention)
        if len(check.failures) > before:
            return []
        return self._compared(check, kind)

    def _compared(self, check: Check, kind: str) -> list[Advice]:
        most, ready = cast("int", self.max_size), cast("int", self.ready or 0)
        if ready > most:
            check.fail(
                "ready",
                "ready-size",
                f"ready must be at most max_size, which counts them too, got {ready} of {most}; "
                "lower ready or raise max_size",
            )
        advice: list[Advice] = []
        if kind == "stage" and most > STAGES_QUOTA:
            advice.append(
                Advice(
                    Severity.WARNING,
                    "ivs-constructs:fleet-quota",
                    f"max_size is {most}, but an account has {STAGES_QUOTA} stages in a Region "
                    "unless AWS has raised that quota; lower max_size, or ask for a higher quota",
                )
            )
        if most > EMPTIED_IN_AN_HOUR:
            advice.append(
                Advice(
                    Severity.WARNING,
                    "ivs-constructs:fleet-emptying",
                    f"max_size is {most}, but about {EMPTIED_IN_AN_HOUR} members can be deleted in "
                    "the hour that CloudFormation waits; with more of them the deletion of the "
                    "stack fails and has to be repeated",
                )
            )
        return advice


class Fleet(Composite):
    """A set of members that an application creates at run time and the stack owns."""

    _attributes_instead: ClassVar[Mapping[str, str]] = {
        verb: f"allow it with grants.{verb}(grantee), and at run time call FleetClient(...).{verb}"
        for verb in (
            *("acquire", "get", "touch", "release", "list"),
            *("stream_key", "reset_stream_key", "token"),
        )
    }
    _kind: str
    _aliases: dict[str, cdk.Resource]
    _answers: cdk.Resource
    _tends: cdk.Resource
    _members: FleetMembers
    _table: cdk.Resource
    _fleet: str
    _name: str
    _routes: dict[str, RouteSettings]

    @property
    def tags(self) -> dict[str, str]:
        """The tag that marks the fleet's members, for those that your own code creates."""
        return {FLEET_TAG: self._fleet}

    @cached_property
    def grants(self) -> FleetGrants:
        """Grants for this fleet, one per verb."""
        return FleetGrants(self._kind, self._fleet, self._aliases)

    @property
    def function(self) -> aws_lambda.Function:
        """The function that answers; callers invoke it through the alias of a verb."""
        return cast("aws_lambda.Function", typed(self._answers))

    @property
    def tending_function(self) -> aws_lambda.Function:
        """The function that tends the fleet: for its log, metrics and alarms."""
        return cast("aws_lambda.Function", typed(self._tends))

    @property
    def function_name(self) -> str:
        """The name of the function that answers, for the client (a token)."""
        return attribute_of(self._answers, "functionName")

    def _with_issuer(self, name: str, key: _Key | None) -> _Key:
        """Return a key of the token issuer, if the fleet has one."""
        if key is None:
            raise UnknownAttributeError(
                f"{type(self).__name__} '{self.node.path}' has no {name}; pass it token_issuer=True"
            )
        return key

    def alias(self, verb: str) -> aws_lambda.Alias:
        """Return the alias of a verb, for integrations with other services.

        Args:
            verb: `acquire`, `get`, `touch`, `release`, `list`, `stream_key`, `reset_stream_key` or
                `token`.

        Raises:
            InvalidPropertyError: If the fleet has no such verb.
        """
        found = self._aliases.get(verb) if isinstance(cast("object", verb), str) else None
        if found is None:
            check = Check("https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html")
            listed = ", ".join(self._aliases)
            check.fail("verb", "choice", f"verb must be one of {listed}, got {quoted(verb)}")
            raise InvalidPropertyError(type(self).__name__, self.node.path, check.failures)
        return cast("aws_lambda.Alias", typed(found))

    def check_route(self, check: Check, key: str, route: RouteSettings) -> None:
        """Check a route of an HTTP API before it is created; required by RouteTarget.

        Args:
            check: Collects the failures.
            key: The route's key, such as `POST /rooms/{key}`.
            route: What it is for.
        """
        where = f"'{self.node.path}'"
        if "token" not in self._aliases:
            check.fail(
                "routes",
                "without-issuer",
                f"routes must lead to a fleet that issues tokens, got {where}, which issues none; "
                "give the fleet token_issuer=True",
            )
        if route.get("exchange"):
            check.fail(
                "routes",
                "exchange",
                f"routes must not exchange tokens of {where}: fleets cannot; drop exchange",
            )
        if "key_claim" not in route and not route.get("path_key"):
            check.fail(
                "routes",
                "key",
                f"routes must say which member of {where} a caller of '{key}' may reach; give "
                "TokenRoute(issuer=..., key_claim='...') with the claim that names the key, or, "
                "where everyone who is signed in may reach every member, any_key=True and a path "
                "such as '/rooms/{key}'",
            )
        if self._routes.get(key, route) != route:
            check.fail(
                "routes",
                "duplicate",
                f"routes must not lead '{key}' to {where}, which serves that key of another "
                "TokenApi with other claims or another authorizer and could not tell them apart; "
                "choose another path",
            )

    def serve_route(self, key: str, route: RouteSettings) -> str:
        """Connect the function that answers to a route of an HTTP API; required by RouteTarget.

        Args:
            key: The route's key.
            route: What it is for.

        Returns:
            The ARN of the alias that the API invokes.
        """
        self._routes[key] = route
        routes = json.dumps(self._routes, separators=(",", ":"))
        call(self._answers, "addEnvironment", HTTP_VARIABLE, routes)
        return attribute_of(self._aliases["token"], "functionArn")

    def metric_size(self) -> aws_cloudwatch.Metric:
        """Return the metric for the number of members."""
        return self._metric("Size")

    def metric_fullness(self) -> aws_cloudwatch.Metric:
        """Return the metric for the share of `max_size` in use, in percent."""
        return self._metric("Fullness")

    def metric_live(self) -> aws_cloudwatch.Metric:
        """Return the metric for the number of live members."""
        return self._metric("Live")

    def metric_failures(self) -> aws_cloudwatch.Metric:
        """Return the metric for the failures that a run left to the next one."""
        return self._metric("Failures")

    def metric_oldest_orphan(self) -> aws_cloudwatch.Metric:
        """Return the metric for the age of the oldest orphaned member, in seconds."""
        return self._metric("OldestOrphan")

    def metric_stale(self) -> aws_cloudwatch.Metric:
        """Return the metric for the number of live members with an older template."""
        return self._metric("Stale")

    def _metric(self, name: str) -> aws_cloudwatch.Metric:
        # Imported lazily: most programs use no metric.
        from aws_cdk import aws_cloudwatch

        region, account = recall(self).place
        return aws_cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"Fleet": self._name},
            statistic="Maximum",
            period=cdk.Duration.minutes(TEND_MINUTES),
            # Used elsewhere, a graph reads it from there, and an alarm is rejected.
            stack_region=region,
            stack_account=account,
        )

    def _define(
        self, scope: Construct, id: str, facts: StackFacts, kind: str, plan: Plan, options: Options
    ) -> None:
        """Define the construct and its children, except the custom resource.

        Args:
            scope: The scope.
            id: The id.
            facts: The stack's context.
            kind: `stage` or `channel`.
            plan: What members are created from.
            options: The options that all kinds of fleets take.
        """
        self._begin(scope, id, facts)
        self._kind = kind
        self._routes = {}
        self._plan = plan
        self._options = options
        stack = cdk.Stack.of(self)
        path = self.node.path
        # Not the stack's name alone: a later stack can reuse it.
        digest = hashlib.sha256(path.encode()).hexdigest()[:12]
        # This stack's own values, even in other stacks' templates (grants, alarms).
        own = cdk.ScopedAws(self)
        self._fleet = f"{cdk.Fn.select(2, cdk.Fn.split('/', own.stack_id))}/{digest}"
        self._name = f"{own.stack_name}/{path.removeprefix(stack.node.path).lstrip('/')}"
        self._table = self._define_table()

    def _complete(self, issuer: Mapping[str, Any] | None, verbs: tuple[str, ...]) -> None:
        """Define the functions, the schedule and the custom resource.

        Args:
            issuer: Which tokens may be signed; None if the fleet has no issuer.
            verbs: The verbs that the fleet has.
        """
        plan, options = self._plan, self._options
        idle = cast("cdk.Duration | None", options.idle_after)
        settings = {
            "kind": self._kind,
            "fleet": self._fleet,
            "name": self._name,
            "stack": cdk.Aws.STACK_ID,
            "table": attribute_of(self._table, "tableName"),
            "max_size": options.max_size,
            "ready": options.ready or 0,
            "idle_after": DEFAULT_IDLE_SECONDS if idle is None else idle.to_seconds(),
            "create": plan.create,
            "update": plan.update,
            "tags": plan.tags,
        }
        signing = {} if issuer is None else {"issuer": issuer}
        self._settings = settings
        self._answers = self._define_answering({**settings, **signing}, issuer)
        self._tends = self._define_tending(settings)
        latest = reference(self._answers, "latestVersion")
        self._aliases = {
            verb: define_by_name(
                cdk.Resource,
                "aws_lambda.Alias",
                self._answers,
                verb.title().replace("_", ""),
                {"aliasName": verb, "version": latest},
            )
            for verb in verbs
        }
        self._define_schedule()
        self._define_members(signing)
        for item in plan.advice:
            annotate(self, item)

    def _removal(self) -> cdk.RemovalPolicy:
        given = cast("cdk.RemovalPolicy | None", self._options.removal_policy)
        return given or cdk.RemovalPolicy.DESTROY

    def _define_table(self) -> cdk.Resource:
        return define_by_name(
            cdk.Resource,
            "aws_dynamodb.Table",
            self,
            "Table",
            {
                **{
                    name: {
                        "name": key,
                        "type": member_by_name("aws_dynamodb.AttributeType", "STRING"),
                    }
                    for name, key in (("partitionKey", "pk"), ("sortKey", "sk"))
                },
                "billingMode": member_by_name("aws_dynamodb.BillingMode", "PAY_PER_REQUEST"),
                "encryption": member_by_name("aws_dynamodb.TableEncryption", "AWS_MANAGED"),
                "pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": True},
                "removalPolicy": self._removal(),
            },
        )

    def _define_answering(
        self, settings: Mapping[str, Any], issuer: Mapping[str, Any] | None
    ) -> cdk.Resource:
        table_arn = attribute_of(self._table, "tableArn")
        statements = _permissions.of_answer(self._kind, self._fleet, table_arn)
        if issuer is not None:
            statements.append(sign_with(issuer["signing_key_arn"]))
        return self._define_function(
            "Answers", "answer", "answers for", statements, ANSWER_TIMEOUT, settings
        ).function

    def _define_tending(self, settings: Mapping[str, Any]) -> cdk.Resource:
        table_arn = attribute_of(self._table, "tableArn")
        statements = [*_permissions.of_tend(self._kind, self._fleet, table_arn), OWN_STACK]
        made = self._define_function("Tends", "tend", "tends", statements, TEND_TIMEOUT, settings)
        # A separate policy: the role cannot refer to a function that is created after it.
        self._hands_on = define_policy(
            cast("Construct", made.function.node.scope),
            "HandsOn",
            made.role,
            [
                {
                    "Sid": "HandsOn",
                    "Effect": "Allow",
                    "Action": ["lambda:InvokeFunction"],
                    "Resource": [attribute_of(made.function, "functionArn")],
                }
            ],
            {},
        )
        return made.function

    def _define_function(
        self,
        id: str,
        module: str,
        does: str,
        statements: Sequence[Statement],
        seconds: int,
        settings: Mapping[str, Any],
    ) -> Function:
        scope = Construct(self, id)
        return define_function(
            scope,
            settings_for(scope),
            description=f"{does.capitalize()} a fleet of {self._kind}s of Amazon IVS",
            role_description=f"What the function that {does} a fleet of {self._kind}s may do",
            code=code_of_package(
                *("__init__.py", "enums.py", "errors.py", "fleets/__init__.py"),
                *("fleets/function/*.py", "fleets/function/models"),
                # Shared with the functions of token issuers.
                *("token_issuers/__init__.py", "token_issuers/function/__init__.py"),
                *("token_issuers/function/http_api.py", "tokens/_*.py"),
                without=_UNUSED,
            ),
            handler=f"{HANDLERS}.{module}.handler",
            seconds=seconds,
            environment=self._environment(settings),
            statements=statements,
            reasons=_permissions.REASONS,
            log_retention=self._options.log_retention,
        )

    def _environment(self, settings: Mapping[str, Any]) -> dict[str, str]:
        return Environment(cdk.Stack.of(self)).variables(settings)

    def _define_schedule(self) -> None:
        rule = define_by_name(
            cdk.CfnResource,
            "aws_events.CfnRule",
            self,
            "Schedule",
            {
                "description": f"Tends a fleet of {self._kind}s of Amazon IVS",
                "scheduleExpression": f"rate({TEND_MINUTES} minutes)",
                "targets": [{"id": "Tends", "arn": attribute_of(self._tends, "functionArn")}],
            },
        )
        define_by_name(
            cdk.CfnResource,
            "aws_lambda.CfnPermission",
            self,
            "ScheduleMayTend",
            {
                "action": "lambda:InvokeFunction",
                "functionName": attribute_of(self._tends, "functionName"),
                "principal": "events.amazonaws.com",
                "sourceArn": attribute_of(rule, "attrArn"),
            },
        )

    def _define_members(self, signing: Mapping[str, Any]) -> None:
        """Define the custom resource that opens the fleet and empties it on stack deletion.

        It refers to what members use, so CloudFormation deletes it first.
        """
        plan, options = self._plan, self._options

        def deploy(tags: Mapping[str, str]) -> None:
            settings = {**self._settings, "tags": tags, "members": self._members.logical_id}
            for function, known in (
                (self._answers, {**settings, **signing}),
                (self._tends, settings),
            ):
                for name, value in self._environment(known).items():
                    call(function, "addEnvironment", name, value)

        self._members = FleetMembers(
            self,
            "Members",
            properties={
                "ServiceToken": attribute_of(self._tends, "functionArn"),
                "ServiceTimeout": str(CLOSE_SECONDS),
                "ConstructPath": self.node.path,
                "InUse": str(options.in_use or InUse.FAIL.value),
                "Ready": options.ready or 0,
                "Template": dict(plan.create),
            },
            tags=plan.tags,
            template=(plan.create, plan.update),
            deploy=deploy,
        )
        self._members.apply_removal_policy(self._removal())
        self._members.node.add_dependency(self._hands_on)
        self._members.node.add_dependency(self._table)
        self._members.settle()
        if self._removal() is cdk.RemovalPolicy.RETAIN:
            for each in plan.named:
                _retain(each)


def _retain(named: object) -> None:
    """Retain what a fleet with RemovalPolicy.RETAIN refers to."""
    if not isinstance(named, Construct):
        return
    for each in named.node.find_all():
        if cdk.CfnResource.is_cfn_resource(each):
            cast("cdk.CfnResource", each).apply_removal_policy(cdk.RemovalPolicy.RETAIN)
