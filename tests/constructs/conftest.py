"""Apps and stacks to define constructs in, and snapshots of their templates."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension
from syrupy.location import PyTestLocation

from ivs_constructs.testing import Synthesized, synthesize

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"


class TemplateSnapshot(JSONSnapshotExtension):
    """Keeps the snapshots of tests/<folder>/<module>.py in tests/snapshots/<module>/."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(SNAPSHOTS / Path(test_location.filepath).stem)

    def serialize(self, data: Any, **settings: Any) -> Any:  # noqa: ANN401 (syrupy's own)
        """The text that is kept."""
        return super().serialize(shown(data) if isinstance(data, Synthesized) else data, **settings)


@pytest.fixture
def snapshot_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare what `synthesize` returned."""
    return snapshot.use_extension(TemplateSnapshot)


def shown(made: Synthesized) -> dict[str, Any]:
    """The template without what is the same in all, and with asset hashes masked.

    `Synthesized.normalized` masks more, for users: the digests in Sids and in names of policies,
    which here have to be seen when they change.
    """
    template = made.template
    for same in ("Parameters", "Rules"):
        entries = template.pop(same, {})
        rest = {k: v for k, v in entries.items() if "Bootstrap" not in k}
        if rest:
            template[same] = rest
    masked: dict[str, Any] = json.loads(
        re.sub(r"[0-9a-f]{64}", "<asset hash>", json.dumps(template))
    )
    return masked


@pytest.fixture
def template() -> Callable[[cdk.Stack], dict[str, Any]]:
    """A function that synthesizes a stack, and returns its template as snapshots show it."""
    return lambda stack: shown(synthesize(stack))


@pytest.fixture
def app() -> cdk.App:
    """An empty app."""
    return cdk.App(analytics_reporting=False, tree_metadata=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """An empty stack without Region and account."""
    return cdk.Stack(app, "Stack")
