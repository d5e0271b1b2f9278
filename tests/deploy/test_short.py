"""A small cut of the deployments; all of them run with `python -m tests.deploy`."""

from __future__ import annotations

import re

from tests.deploy import examples
from tests.deploy.__main__ import print_table, scenarios
from tests.deploy.cases import SHORT
from tests.deploy.scenarios import run
from tools.local_cloud.bench import Bench
from tools.local_cloud.toolchain import REQUIREMENTS


def test_example_is_deployed_changed_and_destroyed(bench: Bench) -> None:
    rows = print_table([run(bench, SHORT)])

    assert [row.problem for row in rows] == [""] * 3
    assert rows[-1].left == 0


def test_iam_is_enforced(bench: Bench) -> None:
    # A role of the account that has nothing to do with Amazon IVS.
    name = "cdk-hnb659fds-file-publishing-role-123456789012-us-east-1"
    role = f"arn:aws:iam::123456789012:role/{name}"
    session = bench.cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="stranger")

    stranger = bench.cloud.client("ivs", session["Credentials"])
    code = ""
    try:
        stranger.list_channels()
    except stranger.exceptions.AccessDeniedException as error:
        code = error.response["Error"]["Code"]

    assert code == "AccessDeniedException"
    assert bench.record("denied")[-1]["action"] == "ivs:ListChannels"


def test_every_example_has_a_scenario() -> None:
    names = set(examples.names())

    assert names == examples.LIVES.keys()
    assert names <= scenarios().keys()


def test_requirements_are_pinned() -> None:
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()

    pinned = r"#.*|[a-z0-9-]+==[0-9a-z.]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?"
    loose = [each for each in lines if not re.fullmatch(pinned, each)]
    assert loose == []
