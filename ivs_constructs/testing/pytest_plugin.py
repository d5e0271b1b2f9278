"""Pytest fixtures; load them with `pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivs_constructs.testing.emulator.emulator import Emulator


@pytest.fixture
def ivs_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Run an `Emulator` for one test; every boto3 client made in the test talks to it.

    The environment gets its endpoints, a Region and made-up credentials. The test fails if the
    emulator gave an answer that the service models do not allow.
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
        # These could lead elsewhere, or to profiles that the machine does not have.
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
            monkeypatch.delenv(name, raising=False)
        yield emulator
        assert not emulator.mismatches  # noqa: S101 (a fixture's verdict, as in a test)
