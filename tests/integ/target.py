"""Which account is meant: it has to be named, and is compared before anything is made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ivs_constructs._core.check import did_you_mean, quoted
from ivs_constructs._core.rules import REGIONS
from tools.local_cloud import toolchain

ACCOUNT = "IVS_CONSTRUCTS_INTEG_ACCOUNT"
REGION = "IVS_CONSTRUCTS_INTEG_REGION"

TAG = "ivs-constructs-integ"
"""The tag of everything that a run makes; its value is the run's id."""

_BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


class RefusedError(Exception):
    """The run was not asked for as it must be, or cannot begin; nothing was made."""


@dataclass(frozen=True, slots=True)
class Target:
    """An account in a Region, as somebody named it.

    Attributes:
        account: The account's id.
        region: The Region.
    """

    account: str
    region: str

    @classmethod
    def named(cls, variables: Mapping[str, str]) -> Target:
        """Read what was named.

        Raises:
            RefusedError: A variable is missing or no good; the message has all that is wrong.
        """
        account, region = variables.get(ACCOUNT, ""), variables.get(REGION, "")
        problems = []
        if re.fullmatch(r"[0-9]{12}", account) is None:
            got = quoted(account) if account else "nothing"
            problems.append(
                f"{ACCOUNT} must be the 12 digits of an account that may be charged, got {got}"
            )
        if region not in REGIONS:
            got = f"{quoted(region)}{did_you_mean(region, REGIONS)}" if region else "nothing"
            problems.append(f"{REGION} must be one of {', '.join(REGIONS)}, got {got}")
        if problems:
            raise RefusedError(
                "a run in a real account makes things that cost money, so it has to be asked for:"
                + "".join(f"\n  - {each}" for each in problems)
            )
        return cls(account, region)


class Account:
    """The account, reached with the credentials of the environment.

    Args:
        target: What somebody named.
        folder: Where everything is kept that is of no use after the run.
    """

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.folder = folder

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 (boto3 ships no types)
        """Make a client."""
        # A new session, which takes credentials from the environment as it is now.
        session = _boto3.session.Session(region_name=region or self.target.region)
        return session.client(service)

    def verify(self) -> None:
        """See to it that this is the account that was named, and that it can be deployed to.

        Raises:
            RefusedError: It is not, or it was not bootstrapped.
        """
        try:
            found = self.client("sts").get_caller_identity()["Account"]
        except (_errors.BotoCoreError, _errors.ClientError) as error:
            raise RefusedError(f"the account of your credentials is not known: {error}") from None
        if found != self.target.account:
            raise RefusedError(
                f"{ACCOUNT} is {self.target.account}, but the credentials are of {found}; set "
                "AWS_PROFILE, or name the account that you mean"
            )
        try:
            self.client("ssm").get_parameter(Name=_BOOTSTRAP)
        except _errors.ClientError as error:
            raise RefusedError(
                f"{self.target.account} is not bootstrapped in {self.target.region} ({error}); run "
                f"once: npx aws-cdk@{toolchain.pinned_cli()} bootstrap "
                f"aws://{self.target.account}/{self.target.region}"
            ) from None

    def variables(self) -> dict[str, str]:
        """What leads the CLI to the account."""
        region = self.target.region
        return {**os.environ, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}

    def trouble(self) -> str:
        """Say why there is no account any more, which nobody here would know."""
        return ""


# By name: neither ships types.
_boto3: Any = import_module("boto3")
_errors: Any = import_module("botocore.exceptions")
