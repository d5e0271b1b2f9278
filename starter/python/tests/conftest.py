"""Fixtures: `synthesize`, `ivs_snapshot`, `ivs_emulator`."""

pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]
