"""Where the AWS CDK is told that a resource was defined: at the user's own line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ivs_constructs._core import source_lines

SEVERAL = {"IvsConstructs", "BootstrapVersion", "CheckBootstrapVersion"}
"""What several lines make together, or the AWS CDK itself at synth."""

PROGRAM = """\
import aws_cdk as cdk
from aws_cdk import aws_events_targets, aws_iam, aws_sqs

import ivs_constructs as ivs

app = cdk.App(outdir="out", analytics_reporting=False)
stack = cdk.Stack(app, "Stack")
channel = ivs.Channel(stack, "Channel")
channel.add_stream_key("Key").secret
policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
restricted = ivs.Channel(stack, "Restricted", playback_restriction_policy=policy)
recording = ivs.RecordingConfiguration(stack, "Recording")
slate = ivs.FailoverSlateConfiguration(stack, "Slate")
key = ivs.TokenSigningKey(stack, "SigningKey")
pair = ivs.PlaybackKeyPair(stack, "KeyPair", signing_key=key)
stage = ivs.Stage(stack, "Stage")
native = ivs.Stage(stack, "Native", provisioning="CLOUDFORMATION")
encoder = ivs.EncoderConfiguration(stack, "Encoder")
storage = ivs.StorageConfiguration(stack, "Storage")
ingest = ivs.IngestConfiguration(stack, "Ingest", stage=stage)
ingest.secret
redundant = ivs.IngestConfiguration(stack, "Redundant", stage=stage, redundant_ingest=True)
bucket = ivs.RecordingBucket(stack, "Recordings")
live = ivs.LiveChannel(stack, "Live", private=True, allowed_countries=["DE"], token_issuer=True)
talk = ivs.LiveStage(
    stack, "Talk", recording=True, broadcast_to=channel, record_composition=True, token_issuer=True
)
class Room(cdk.NestedStack):
    def __init__(self, scope: cdk.Stack, id: str) -> None:
        super().__init__(scope, id)
        self.stage = ivs.Stage(self, "Inner")
Room(stack, "Room")
app.synth()
"""


EXPECTED = {
    ("Channel", "Key"): "channel.add_stream_key(",
    ("Ingest", "Secret"): "ingest.secret",
    # Defined when it is read first.
    ("SigningKey", "PublicKey"): "signing_key=key",
    ("Talk",): "talk = ivs.LiveStage(",
    ("Room",): "self.stage = ",
}
"""What the line says that defines a resource, where that is not its id."""


def first_line(data: list[str]) -> int | None:
    """The line of the first frame of Python, which must be the program's."""
    for frame in data:
        found = re.fullmatch(r".* \((.*\.py):([0-9]+)(:[0-9]+)?\)", frame)
        if found:
            assert Path(found[1]).name == "program.py", data
            return int(found[2])
    return None


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The metadata of the program's constructs, by their paths."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    asked = {"CDK_DEBUG": "1", "JSII_HOST_STACK_TRACES": "1", "CDK_VALIDATION": "false"}
    subprocess.run(
        [sys.executable, "program.py"], cwd=folder, env={**os.environ, **asked}, check=True
    )
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    stack = manifest["artifacts"]["Stack"]
    if "metadata" not in stack:
        written = folder / "out" / stack["additionalMetadataFile"]
        stack["metadata"] = json.loads(written.read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = stack["metadata"]
    return found


traces = pytest.mark.skipif(
    find_spec("jsii._stack_trace") is None, reason="this jsii sends no stacks of Python"
)


@traces
def test_every_resource_is_at_the_users_line(metadata: dict[str, list[dict[str, Any]]]) -> None:
    lines = PROGRAM.splitlines()
    wrong = {}
    seen = set()
    for path, entries in metadata.items():
        parts = path.split("/")[2:]
        for entry in entries:
            if entry["type"] != "aws:cdk:creationStack" or not parts or parts[0] in SEVERAL:
                continue
            seen.add(parts[0])
            number = first_line(entry["data"])
            at = "" if number is None else lines[number - 1]
            expected = EXPECTED.get(tuple(parts[:2])) or EXPECTED.get((parts[0],), f'"{parts[0]}"')
            if parts[0].startswith("Room") and "Inner" not in parts:
                continue  # the AWS CDK's own
            if expected not in at:
                wrong[path] = (number, at, entry["data"])
    assert wrong == {}, "\n".join(map(str, wrong.items()))
    assert {"Channel", "Restricted", "SigningKey", "Stage", "Storage", "Talk", "Live"} <= seen


@traces
def test_parts_of_the_provider_are_at_the_line_that_needed_them_first(
    metadata: dict[str, list[dict[str, Any]]],
) -> None:
    found = {
        path: first_line(entry["data"])
        for path, entries in metadata.items()
        if path.startswith("/Stack/IvsConstructs/")
        for entry in entries
        if entry["type"] == "aws:cdk:creationStack"
    }
    assert found
    assert None not in found.values()
    assert min(number or 0 for number in found.values()) == 1 + PROGRAM.splitlines().index(
        'restricted = ivs.Channel(stack, "Restricted", playback_restriction_policy=policy)'
    )


def test_other_versions_of_jsii_keep_their_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_lines, "import_module", lambda _: object())
    assert source_lines.hide_frames() is False


def test_nothing_is_hidden_unless_traces_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_HOST_STACK_TRACES", raising=False)
    assert source_lines.hide_frames() is False
