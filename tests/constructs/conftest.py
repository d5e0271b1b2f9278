"""Apps and stacks to define constructs in."""

import aws_cdk as cdk
import pytest


@pytest.fixture
def app() -> cdk.App:
    """An empty app."""
    return cdk.App(analytics_reporting=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """An empty stack without Region and account."""
    return cdk.Stack(app, "Stack")
