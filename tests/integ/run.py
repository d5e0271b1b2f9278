"""One run in an account: what its checks make is tagged, and gone at the end."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aws_cdk as cdk

from tests.integ.outside import Outside
from tests.integ.target import TAG, Account
from tools.local_cloud import apps
from tools.local_cloud.cli import Cdk

if TYPE_CHECKING:
    from tests.integ.checks import Check

_SECONDS = 1800.0
"""How long a command of the CLI may take: a real CloudFormation takes its time."""

Fill = Callable[[cdk.Stack], object]


@dataclass(slots=True)
class Outcome:
    """How a check ended.

    Attributes:
        claims: What was looked at, and whether it is so.
        notes: What was seen besides.
        problem: Why it broke off; empty if it did not.
    """

    claims: list[tuple[bool, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def word(self) -> str:
        """Say it in a word: only what was looked at to the end counts."""
        if self.problem or not self.claims:
            return "FAILED"
        return "holds" if all(holds for holds, _ in self.claims) else "DOES NOT HOLD"


class Run:
    """What a check has at hand.

    Args:
        account: The account.
        id: The run's id, which everything that it makes is tagged with.
        outside: The internet.

    Attributes:
        tags: What everything has to be tagged with.
    """

    def __init__(self, account: Account, id: str, outside: Outside) -> None:
        self.account = account
        self.id = id
        self.outside = outside
        self.tags: Mapping[str, str] = {TAG: id}
        self._cdk = Cdk(account, _SECONDS)
        self._count = 0
        self._outcome = Outcome()
        self._undo = ExitStack()
        self._slug = ""
        self._stack = False

    def go_through(self, check: Check) -> Outcome:
        """Run a check, and always remove the resources it created."""
        self._outcome = Outcome()
        self._slug = re.sub(r"\W+", "-", check.name)
        try:
            with ExitStack() as self._undo:
                self._undo.callback(self.destroy)
                check.act(self)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._outcome.problem = f"{type(error).__name__} at {where.name}: {error}"
        return self._outcome

    # What a check tells

    def holds(self, condition: bool, claim: str) -> None:
        """Note whether something is as this library takes it to be."""
        self._outcome.claims.append((condition, claim))

    def note(self, text: str) -> None:
        """Note what was seen."""
        self._outcome.notes.append(text)

    # What a check makes

    def deploy(self, fill: Fill) -> dict[str, str]:
        """Deploy the check's stack, or change it; answers its outputs."""
        self._stack = True
        self._cdk.deploy(self._assembly(fill))
        client = self.account.client("cloudformation")
        [stack] = client.describe_stacks(StackName=self.stack_name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def destroy(self) -> None:
        """Delete the check's stack, if it has one."""
        if self._stack:
            self._stack = False
            self._cdk.destroy(self._assembly(lambda _: None))

    def finally_do(self, undo: Callable[[], object]) -> None:
        """Take something away when the check has ended, before its stack goes."""
        self._undo.callback(undo)

    def bucket(self, name: str, *, encrypted: bool = False) -> str:
        """Make a bucket, empty and closed; it is deleted at the end."""
        client = self.account.client("s3")
        region = self.account.target.region
        bucket = f"{self.id}-{name}"
        # The one Region that must not be named.
        place = {"LocationConstraint": region} if region != "us-east-1" else None
        client.create_bucket(
            Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {})
        )
        self.finally_do(lambda: self._delete_bucket(bucket))
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        if encrypted:
            # With the key that S3 has for the account, which costs nothing to have.
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
            client.put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
        return bucket

    def secret(self, arn: str) -> str:
        """Read a secret; it is printed nowhere."""
        client = self.account.client("secretsmanager")
        value: str = client.get_secret_value(SecretId=arn)["SecretString"]
        return value

    @property
    def stack_name(self) -> str:
        """The name of the check's stack."""
        return f"{self.id}-{self._slug}"

    def _assembly(self, fill: Fill) -> str:
        target = self.account.target

        def define(app: cdk.App) -> None:
            # With account and Region, so that the CLI refuses other credentials too.
            env = cdk.Environment(account=target.account, region=target.region)
            stack = cdk.Stack(app, self.stack_name, env=env, tags=dict(self.tags))
            fill(stack)
            for key, value in self.tags.items():
                cdk.Tags.of(stack).add(key, value)
            # Buckets and keys too, which people keep.
            cdk.RemovalPolicies.of(stack).destroy()

        self._count += 1
        return apps.synthesize(self.account.folder / f"assembly-{self._count}", define)

    def _delete_bucket(self, bucket: str) -> None:
        from tests.integ.sweep import empty

        empty(self.account, bucket)
        self.account.client("s3").delete_bucket(Bucket=bucket)
