"""The function that realizes a stack's custom resources, and its role."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.by_name import attribute_of, call, define_by_name, put
from ivs_constructs._core.stack_facts import stack_of
from ivs_constructs._provider.permissions import (
    FOR_THE_SERVICE,
    REASONS,
    Use,
    finding,
    of_targets,
    of_types,
)
from ivs_constructs._specs import CustomResourceSpec

ASSET = Path(__file__).parents[1] / "_lambda"

RUNTIME = "python3.14"
"""The newest Python that AWS Lambda has; a test compares it with the AWS CDK's list."""

FUNCTION_SECONDS = 840
"""How long one request may take, below Lambda's limit of 900 seconds."""

SERVICE_SECONDS = 900
"""How long CloudFormation waits for an answer: longer than the function may run, and so much
shorter than CloudFormation's own hour that a deployment which gets none fails soon."""

MEMORY_MEGABYTES = 256
"""Twice what the handler needs: the share of the processor grows with the memory."""

LOG_DAYS = 30

_CHILD = "IvsConstructs"
_ATTRIBUTE = "_ivs_constructs_provider"
"""The stack's attribute that keeps its provider."""


class Provider(Construct):
    """One function, role and log group for all custom resources of a stack.

    What a custom resource needs is allowed by policies apart from the role, whose logical ids
    change with what they allow. When a type leaves the stack, CloudFormation so makes the new
    policy before, and deletes the old one after the resources that depend on it: the function may
    delete them to the end.

    Args:
        stack: The stack.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, _CHILD)
        # By name, because the modules of these services take longer to load than all else takes.
        log_group = _resource("aws_logs.CfnLogGroup", self, "LogGroup", retentionInDays=LOG_DAYS)
        log_group.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        statements = _of_function(attribute_of(log_group, "attrArn"))
        role = _resource(
            "aws_iam.CfnRole",
            self,
            "Role",
            description="What the custom resources of ivs-constructs in this stack may do",
            assumeRolePolicyDocument=_document([_LAMBDA]),
            policies=[{"policyName": "Function", "policyDocument": _document(statements)}],
        )
        _explain(role, statements)
        code = define_by_name(
            Construct,
            "aws_s3_assets.Asset",
            self,
            "Code",
            {
                "path": str(ASSET),
                # What Python leaves there must not change the asset's hash.
                "exclude": ["__pycache__", "*.pyc"],
                "ignoreMode": cdk.IgnoreMode.GIT,
            },
        )
        function = _resource(
            "aws_lambda.CfnFunction",
            self,
            "Function",
            description="Realises the custom resources of ivs-constructs in this stack",
            code={
                "s3Bucket": attribute_of(code, "s3BucketName"),
                "s3Key": attribute_of(code, "s3ObjectKey"),
            },
            runtime=RUNTIME,
            handler="ivs_handler.index.handler",
            architectures=["arm64"],
            role=attribute_of(role, "attrArn"),
            timeout=FUNCTION_SECONDS,
            memorySize=MEMORY_MEGABYTES,
            # The runtime's own boto3 may be older than what the handler calls.
            environment={"variables": {"AWS_DATA_PATH": "/var/task/models"}},
            loggingConfig={"logGroup": log_group.ref},
            tracingConfig={"mode": "Active"},
        )
        call(code, "addResourceMetadata", function, "Code")
        self.service_token = attribute_of(function, "attrArn")
        """Where CloudFormation sends its requests."""
        self._types = _Policy(self, "TypePolicy", role)
        self._targets = _Policy(self, "TargetPolicy", role)
        self._uses: set[Use] = set()
        self._by_path: dict[str, tuple[Use, str]] = {}
        self._referred: dict[str, str] = {}

    @classmethod
    def of(cls, scope: Construct) -> Provider:
        """Return the provider of the stack that a construct is in, made when first asked for."""
        stack = stack_of(scope)
        provider: Provider | None = vars(stack).get(_ATTRIBUTE)
        if provider is None:
            provider = vars(stack)[_ATTRIBUTE] = cls(stack)
        return provider

    def admit(
        self, path: str, spec: CustomResourceSpec, policy: str, target: str | None
    ) -> list[cdk.CfnResource]:
        """Allow what a custom resource needs.

        Args:
            path: The construct's path.
            spec: Its type.
            policy: What to do when something holds it.
            target: The ARN of the resource that must be named for it, None if there is none.

        Returns:
            The policies that it depends on.
        """
        use = Use(spec, policy)
        needed: list[_Policy] = []
        if of_types([use]):
            if use not in self._uses:
                self._uses.add(use)
                statements = of_types(self._uses)
                self._types.write(statements, statements)
            needed.append(self._types)
        if target is not None and of_targets([(use, target)]):
            self._by_path[path] = (use, target)
            # Deploy-time values are numbered as they come; what they refer to stays the same.
            self._referred[path] = json.dumps(cdk.Stack.of(self).resolve(target), sort_keys=True)
            self._targets.write(
                of_targets(self._by_path.values()),
                sorted(
                    (at, use.policy, self._referred[at]) for at, (use, _) in self._by_path.items()
                ),
            )
            needed.append(self._targets)
        return [policy.resource for policy in needed if policy.resource is not None]


class _Policy:
    """A policy that grows while the stack is defined."""

    def __init__(self, provider: Provider, id: str, role: cdk.CfnResource) -> None:
        self._provider = provider
        self._id = id
        self._role = role
        self.resource: cdk.CfnResource | None = None

    def write(self, statements: list[dict[str, Any]], key: object) -> None:
        """Replace the statements; another key makes it another policy for CloudFormation."""
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:8]
        name = f"{_CHILD}{self._id}{digest}"
        if self.resource is None:
            self.resource = _resource(
                "aws_iam.CfnPolicy",
                self._provider,
                self._id,
                policyName=name,
                policyDocument=_document(statements),
                roles=[self._role.ref],
            )
        else:
            put(self.resource, "policyName", name)
            put(self.resource, "policyDocument", _document(statements))
        self.resource.override_logical_id(name)
        _explain(self.resource, statements)


def _resource(
    name: str,
    scope: Construct,
    id: str,
    **properties: Any,  # noqa: ANN401 (JSON-like)
) -> cdk.CfnResource:
    return define_by_name(cdk.CfnResource, name, scope, id, properties)


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _explain(resource: cdk.CfnResource, statements: list[dict[str, Any]]) -> None:
    """Give the reasons to who reads the template, and those of wildcards to cdk-nag as well."""
    known = {**REASONS, **FOR_THE_SERVICE}
    reasons = {each["Sid"]: known[each["Sid"]] for each in statements if each["Sid"] in known}
    if not reasons:
        return
    resource.add_metadata("ivs-constructs", reasons)
    open_ones = [each for each in statements if each["Sid"] in REASONS]
    if open_ones and hasattr(cdk, "Validations"):  # aws-cdk-lib has it since 2.250
        found = {finding(on): reasons[each["Sid"]] for each in open_ones for on in each["Resource"]}
        cdk.Validations.of(resource).acknowledge(
            *(cdk.Acknowledgment(id=id, reason=reason) for id, reason in found.items())
        )


_LAMBDA = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"},
}


def _of_function(log_group_arn: str) -> list[dict[str, Any]]:
    """Write the statements that the function needs whatever it realizes."""
    return [
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group_arn,
        },
        {
            "Sid": "Traces",
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": ["*"],
        },
        {
            "Sid": "OwnStack",
            "Effect": "Allow",
            "Action": "cloudformation:DescribeStackResource",
            "Resource": {"Ref": "AWS::StackId"},
        },
    ]
