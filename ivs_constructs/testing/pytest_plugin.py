"""Pytest fixtures; load them with `pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest

from ivs_constructs.testing import synthesized
from ivs_constructs.testing.emulator.emulator import Emulator

if TYPE_CHECKING:
    import aws_cdk as cdk

# It costs seconds in every run. Node inherits this when the AWS CDK is imported, which is later.
os.environ.setdefault("CDK_VALIDATION", "false")


class Synthesize(Protocol):
    """The type of the fixture `synthesize`, which is like `ivs_constructs.testing.synthesize`."""

    def __call__(
        self, stack: cdk.Stack | Callable[..., cdk.Stack], /, **props: object
    ) -> synthesized.Synthesized:
        """Synthesize a stack, or return what another test in the module has synthesized."""
        ...


@pytest.fixture(scope="module")
def synthesize() -> Synthesize:
    """Synthesize a stack class once per module: tests with the same arguments share it.

    No test can change what another one gets. A stack that is already made may have changed in
    between, so it is synthesized each time.
    """
    shared: dict[tuple[object, str], synthesized.Synthesized] = {}

    def once(
        stack: cdk.Stack | Callable[..., cdk.Stack], /, **props: object
    ) -> synthesized.Synthesized:
        if not isinstance(stack, type):
            return synthesized.synthesize(stack, **cast("dict[str, Any]", props))
        key = (stack, repr(sorted(props.items())))
        if key not in shared:
            shared[key] = synthesized.synthesize(stack, **cast("dict[str, Any]", props))
        return shared[key]

    return once


@pytest.fixture
def ivs_snapshot(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 (syrupy may be missing)
    """Compare a stack with its syrupy snapshot: `assert stack == ivs_snapshot`.

    Hashes of assets and the like are masked. To update it, run `pytest --snapshot-update`.
    """
    try:
        from syrupy.extensions.json import JSONSnapshotExtension
    except ModuleNotFoundError:
        pytest.fail("ivs_snapshot needs syrupy: pip install 'ivs-constructs[test]'", pytrace=False)

    class TemplateSnapshot(JSONSnapshotExtension):
        """One JSON file per snapshot: the template without what changes by itself."""

        def serialize(self, data: Any, **settings: Any) -> Any:  # noqa: ANN401 (syrupy's own)
            """The text of the snapshot."""
            stack = isinstance(data, synthesized.Synthesized)
            return super().serialize(data.normalized() if stack else data, **settings)

    return request.getfixturevalue("snapshot").use_extension(TemplateSnapshot)


@pytest.fixture
def ivs_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Run an `Emulator` for one test; every boto3 client made in the test talks to it.

    It sets environment variables for its endpoints, a Region and fake credentials. The test fails
    if the emulator returned an answer that the service models do not allow.
    """
    with Emulator() as emulator:
        options = emulator.client_options
        for name, value in {
            **emulator.environment,
            "AWS_DEFAULT_REGION": options["region_name"],
            "AWS_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
        }.items():
            monkeypatch.setenv(name, value)
        # These could point elsewhere, or to profiles that the machine does not have.
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
            monkeypatch.delenv(name, raising=False)
        yield emulator
        assert not emulator.mismatches  # noqa: S101 (a fixture's assertion, as in a test)
