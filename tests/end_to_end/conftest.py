"""Stacks of the AWS CDK, deployed to an AWS on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest

from ivs_constructs import LiveChannel, LiveStage
from tests.end_to_end.cloud import Cloud
from tests.end_to_end.stack import Stack

NAME = "Talks"

Define = Callable[[cdk.Stack], object]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path) as cloud:
        yield cloud


@pytest.fixture
def deploy(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Define], Stack]:
    """Deploy what a program defines; a second program changes what the first one has made."""
    deployed = Stack(cloud, NAME)

    def deploy(define: Define) -> Stack:
        _deploy(deployed, define, tmp_path_factory)
        return deployed

    return deploy


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A private channel and a stage, each with its token issuer, as the bundles make them."""

    def define(stack: cdk.Stack) -> None:
        live = LiveChannel(stack, "Channel", private=True, token_issuer=True)
        assert live.stream_key.secret
        LiveStage(stack, "Stage", token_issuer=True)

    with Cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        deployed = Stack(cloud, NAME)
        _deploy(deployed, define, tmp_path_factory)
        yield deployed


def _deploy(deployed: Stack, define: Define, folders: pytest.TempPathFactory) -> None:
    assembly = folders.mktemp("cdk.out")
    app = cdk.App(analytics_reporting=False, outdir=str(assembly))
    define(cdk.Stack(app, NAME))
    app.synth()
    deployed.deploy(assembly)
