"""The service `ivs`: checks IAM first, then passes the request to the emulator."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

from ivs_constructs.operate.permissions import PERMISSIONS
from tools.local_cloud.addon.api import Answer, Api, ApiError, arn_in_path
from tools.local_cloud.addon.ministack import iam
from tools.local_cloud.addon.settings import Record

# Lists that IAM authorizes on a resource type; no other list can be scoped.
_LISTS = {
    operation: needed.types
    for operation, needed in PERMISSIONS.items()
    if operation.startswith("List") and needed.types
}

_DENIED = "AccessDeniedException"

# What Amazon IVS requires of the creator of a storage configuration, on the bucket.
_BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutBucketPolicy")

Response = tuple[int, dict[str, str], bytes]


class Service:
    """Serves both IVS APIs to signed requests.

    Args:
        api: The emulator.
        region: The Region in the ARNs.
        record: Where calls are recorded.
    """

    def __init__(self, api: Api, region: str, record: Record) -> None:
        self._api = api
        self._region = region
        self._record = record

    async def handle(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> Response:
        """Answer a request, in MiniStack's form."""
        operation = self._api.operation(method, path)
        members = self._members(path, body, query)
        key = iam.access_key(headers, query)
        denied = await asyncio.to_thread(self._denied, key, operation, members)
        if denied:
            text = json.dumps({"message": denied})
            return 403, {"x-amzn-ErrorType": _DENIED}, text.encode()
        answer = await asyncio.to_thread(
            self._api.send, method, path, urlencode(query, doseq=True), body
        )
        self._record.note("call", operation=operation, error=answer.code, arn=_about(members))
        return self._response(answer)

    def call(self, key: str, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        """Make a call for the owner of an access key.

        Raises:
            ApiError: It is refused.
        """
        denied = self._denied(key, operation, members)
        if denied:
            raise ApiError(operation, _DENIED, denied)
        code = ""
        try:
            return self._api.call(operation, **members)
        except ApiError as error:
            code = error.code
            raise
        finally:
            self._record.note("call", operation=operation, error=code, arn=_about(members))

    @staticmethod
    def _response(answer: Answer) -> Response:
        kept = ("content-type", "x-amzn-errortype", "x-amzn-requestid")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return answer.status, headers, answer.body

    @staticmethod
    def _members(path: str, body: bytes, query: dict[str, list[str]]) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(body) if body else {}
        if arn := arn_in_path(path):
            members = {**members, **query, "resourceArn": arn}
        return members

    def _denied(self, key: str, operation: str, members: dict[str, Any]) -> str:
        """Return what the caller may not do; empty if everything is allowed."""
        tags = members.get("tags") or {}
        for action, arn in self._needs(operation, members):
            context: dict[str, Any] = {}
            if tags:
                context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
                context["aws:TagKeys"] = list(tags)
            if not arn.endswith("*"):
                has = self._tags(arn)
                if has is None:
                    self._record.note("gone", action=action, on=arn)
                    has = {}
                context |= {f"aws:ResourceTag/{name}": value for name, value in has.items()}
            refusal = iam.module.enforce(
                key, action, "ivs", self._region, resource_arn=arn, service_context=context
            )
            if refusal is not None:
                reason = refusal if isinstance(refusal, iam.refused) else "no policy allows it"
                denied = f"User is not authorized to perform: {action} on {arn}: {reason}"
                self._record.note("call", operation=operation, denied=denied, members=members)
                return denied
        return ""

    def _needs(self, operation: str, members: dict[str, Any]) -> list[tuple[str, str]]:
        """List the actions that an operation needs, each with the resource that it is on."""
        if PERMISSIONS[operation].makes:
            every = [self._arn(f"{each}/*") for each in PERMISSIONS[operation].types]
            needs = [(f"ivs:{operation}", each) for each in every]
            if members.get("tags"):
                needs.append(("ivs:TagResource", every[0]))
            if operation == "CreateStorageConfiguration":
                bucket = f"arn:aws:s3:::{members['s3']['bucketName']}"
                needs += [(action, bucket) for action in _BUCKET_ACTIONS]
            return needs
        if operation in _LISTS and not _about(members):
            return [(f"ivs:{operation}", self._arn(f"{each}/*")) for each in _LISTS[operation]]
        if operation == "StartComposition":
            needs = [(f"ivs:{operation}", arn) for arn in sorted(_arns(members))]
            if members.get("tags"):
                needs.append(("ivs:TagResource", self._arn("composition/*")))
            return needs
        return [(f"ivs:{operation}", _about(members) or "*")]

    def _arn(self, resource: str) -> str:
        return f"arn:aws:ivs:{self._region}:{iam.account()}:{resource}"

    def _tags(self, arn: str) -> dict[str, str] | None:
        """Read the tags for a condition; None if the resource does not exist."""
        try:
            tags: dict[str, str] = self._api.call("ListTagsForResource", resourceArn=arn)["tags"]
        except ApiError:
            return None
        return tags


def _about(members: dict[str, Any]) -> str:
    """Return the resource of a request."""
    names = ("arn", "resourceArn", "channelArn", "stageArn", "filterByStageArn")
    return next((str(members[name]) for name in names if name in members), "")


def _arns(value: object) -> set[str]:
    """Collect all ARNs in a request, at any depth."""
    if isinstance(value, dict):
        return set().union(*map(_arns, value.values()))
    if isinstance(value, list):
        return set().union(*map(_arns, value))
    return {value} if isinstance(value, str) and value.startswith("arn:aws:ivs:") else set()
