"""A stack: makes what the template says, in its order, and takes it away again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.end_to_end.cloud import ACCOUNT, REGION, SIGNATURE, Cloud, Function
from tests.end_to_end.template import Made, Template
from tools.local_cloud.addon.native_calls import OPERATIONS, members_of, tags_of

# Nothing here looks at these; they only have names.
_NAMED = {
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
}
_LONGEST_NAME = 63
"""Of a bucket."""


class Stack:
    """A stack.

    Args:
        cloud: Where it is.
        name: Its name.

    Attributes:
        cloud: The same.
        made: Its resources by their logical ids.
        template: The text of its template.
    """

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self._name = name
        self._id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/0f1e2d3c"
        self._requests = 0
        self._functions: dict[str, Function] = {}
        self.made: dict[str, Made] = {}
        self.template = ""

    def deploy(self, assembly: Path) -> None:
        """Make, change and delete resources until the stack is what the template says.

        Args:
            assembly: What the AWS CDK has written.
        """
        self.template = (assembly / f"{self._name}.template.json").read_text(encoding="utf-8")
        manifest = json.loads((assembly / f"{self._name}.assets.json").read_text(encoding="utf-8"))
        self._assets = {
            destination["objectKey"]: assembly / asset["source"]["path"]
            for asset in manifest["files"].values()
            for destination in asset["destinations"].values()
        }
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackId": self._id,
            "AWS::StackName": self._name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        template = Template(json.loads(self.template), pseudo)
        order = template.ordered()
        for logical_id in order:
            resource = template.resources[logical_id]
            properties = template.resolved(resource.get("Properties", {}), self.made)
            former = self.made.get(logical_id)
            if former is None or former.properties != properties:
                make = self._create if former is None else self._update
                physical_id, attributes = make(logical_id, resource["Type"], properties)
                self.made[logical_id] = Made(
                    type=resource["Type"],
                    properties=properties,
                    physical_id=physical_id,
                    attributes=attributes,
                    retained=resource.get("DeletionPolicy", "Delete") != "Delete",
                )
        for logical_id in [each for each in reversed(self.made) if each not in order]:
            self._delete(logical_id, self.made.pop(logical_id))

    def all(self, type_: str, logical_id: str = "") -> list[Made]:
        """Find the resources of a type, those whose logical ids begin so."""
        return [
            each
            for key, each in self.made.items()
            if each.type == type_ and key.startswith(logical_id)
        ]

    def invoke(self, logical_id: str, *events: object) -> list[Any]:
        """Invoke a function whose logical id begins so, and return its answers."""
        [function] = self.all("AWS::Lambda::Function", logical_id)
        return [self._functions[function.physical_id].invoke(each) for each in events]

    def _create(
        self, logical_id: str, type_: str, properties: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Make a resource, and tell its physical id and its attributes."""
        service, _, name = type_.partition("::")[2].partition("::")
        named = f"{self._name}-{logical_id}"[:_LONGEST_NAME].lower()
        arn = f"arn:aws:{service.lower()}:{REGION}:{ACCOUNT}:{named}"
        if type_ in _NAMED:
            return named, {"Arn": arn}
        if type_.startswith("Custom::"):
            reply = self._request("Create", logical_id, type_, properties)
            return reply["PhysicalResourceId"], reply["Data"]
        match service, name:
            case "IVS", _:
                return self._create_in_ivs(name, properties)
            case "Lambda", "Function":
                self._functions[named] = self._function(properties)
                return named, {"Arn": arn}
            case "KMS", "Key":
                given = {**properties, "Policy": json.dumps(properties["KeyPolicy"])}
                del given["KeyPolicy"]
                key = self.cloud.kms.create_key(**given)["KeyMetadata"]
                return key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]}
            case "SecretsManager", "Secret":
                secret = self.cloud.secrets.create_secret(**properties, Name=named)
                return secret["ARN"], {"Id": secret["ARN"]}
            case _:
                raise ValueError(f"no idea how {type_} is made")

    def _create_in_ivs(self, name: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        members = {key: value for key, value in properties.items() if key != "Tags"}
        answer = self.cloud.api.call(
            OPERATIONS[name].create, **members_of(members), tags=tags_of(properties)
        )
        # CloudFormation leaves none: a channel has one at most, and the stack may have its own.
        if name == "Channel":
            self.cloud.api.call("DeleteStreamKey", arn=answer.pop("streamKey")["arn"])
        [made] = answer.values()
        attributes = {f"{key[0].upper()}{key[1:]}": value for key, value in made.items()}
        return made["arn"], attributes

    def _update(
        self, logical_id: str, type_: str, properties: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        former = self.made[logical_id]
        if type_ == "AWS::Lambda::Function":
            self._functions[former.physical_id] = self._function(properties)
        elif type_ not in _NAMED:
            raise ValueError(f"no idea how {logical_id} is changed")
        return former.physical_id, former.attributes

    def _delete(self, logical_id: str, former: Made) -> None:
        if former.retained or former.type in _NAMED:
            return
        if former.type.startswith("Custom::"):
            self._request("Delete", logical_id, former.type, former.properties, former.physical_id)
        elif former.type.startswith("AWS::IVS::"):
            operation = OPERATIONS[former.type.rpartition("::")[2]].delete
            self.cloud.api.call(operation, arn=former.physical_id)
        else:
            raise ValueError(f"no idea how {logical_id} is deleted")

    def _function(self, properties: dict[str, Any]) -> Function:
        return self.cloud.function(
            code=self._assets[properties["Code"]["S3Key"]],
            handler=properties["Handler"],
            variables=properties["Environment"]["Variables"],
            seconds=properties["Timeout"],
        )

    def _request(
        self,
        kind: str,
        logical_id: str,
        type_: str,
        properties: dict[str, Any],
        physical_id: str = "",
    ) -> dict[str, Any]:
        """Have a custom resource realised, and return the reply."""
        cloudformation = self.cloud.cloudformation
        self._requests += 1
        event = {
            "RequestType": kind,
            "RequestId": f"{self._name}-{self._requests}",
            "StackId": self._id,
            "ResponseURL": f"{self.cloud.amazon_s3.url}/reply?{SIGNATURE}",
            "ResourceType": type_,
            "LogicalResourceId": logical_id,
            "ResourceProperties": _as_sent(properties),
            **({"PhysicalResourceId": physical_id} if physical_id else {}),
        }
        cloudformation.shown = (f"{kind.upper()}_IN_PROGRESS", physical_id)
        before = len(self.cloud.replies)
        arn = properties["ServiceToken"]
        [function] = (
            self._functions[each.physical_id]
            for each in self.all("AWS::Lambda::Function")
            if each.attributes["Arn"] == arn
        )
        function.invoke(event)
        reply, nothing = self.cloud.replies[before:]
        assert nothing is None
        assert reply["Status"] == "SUCCESS", reply["Reason"]
        found: dict[str, Any] = reply
        return found


def _as_sent(value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    """CloudFormation sends numbers and booleans as texts."""
    if isinstance(value, dict):
        return {name: _as_sent(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_sent(each) for each in value]
    return value if isinstance(value, str) else json.dumps(value)
