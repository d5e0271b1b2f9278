"""The API models in the Lambda's asset: up to date, free of texts, and what boto3 really uses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore  # type: ignore[import-untyped]  # no types
import pytest

from benchmarks.handler import Function, event, peak_memory, settings, unpack, zipped_size
from ivs_constructs.testing.emulator import Emulator
from tools import write_models as models

ROOT = Path(__file__).resolve().parents[2]

OLDER = "1.34.162"
"""A boto3, and its botocore, of August 2024.

It knows how the participants of a stage are recorded, but nothing of replicas or failover slates.
"""

LARGEST_ZIP = 100_000
MOST_MEMORY = 128
"""In MiB."""

FAILOVER_SLATE = {"ActivationThresholdSeconds": "4", "MaxSlateDisplaySeconds": "90"}
STORAGE = {"S3": {"BucketName": "films"}}

# Where boto3 finds the models of the handler's clients, and whether it has texts for people.
SOURCES = """
import json
import botocore.session
from ivs_handler import clients
loader = botocore.session.Session().get_component("data_loader")
for service in ("ivs", "ivs-realtime"):
    model = clients._client(service).meta.service_model
    _, path = loader.load_data_with_path(f"{service}/{model.api_version}/service-2")
    print(json.dumps([service, path, bool(model.documentation)]))
"""


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("asset") / "task")


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with nothing but an older boto3."""
    # uv passes its own path to the programs it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.fail("uv makes the environment and was not found; use: make test", pytrace=False)
    python = str(tmp_path_factory.mktemp("older") / "bin" / "python")
    for arguments in (
        ["venv", "--python", sys.executable, str(Path(python).parents[1])],
        ["pip", "install", "--python", python, f"boto3=={OLDER}"],
    ):
        done = subprocess.run(
            [uv, *arguments], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
    return python


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        # Nothing here is about waiting.
        emulator.states.set_polls("FailoverSlateConfiguration", 0)
        yield emulator


@pytest.fixture
def function(emulator: Emulator, older: str, task: Path) -> Iterator[Function]:
    with Function(emulator, settings(task), older) as function:
        yield function


@pytest.fixture
def function_without_models(emulator: Emulator, older: str, task: Path) -> Iterator[Function]:
    with Function(emulator, settings(task, models=False), older) as function:
        yield function


def recorded_to(storage: str) -> dict[str, object]:
    """The properties of a stage that is recorded."""
    recording = {"StorageConfigurationArn": storage, "RecordParticipantReplicas": "false"}
    return {"AutoParticipantRecordingConfiguration": recording}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def texts(node: object, path: str = "") -> Iterator[str]:
    """Find texts for people: by their names, and by their tags."""
    if isinstance(node, dict):
        for name, each in node.items():
            if isinstance(each, str) and ("documentation" in name.lower() or "</" in each):
                yield f"{path}/{name}"
            yield from texts(each, f"{path}/{name}")
    if isinstance(node, list):
        for each in node:
            yield from texts(each, path)


def sources(python: str, environment: dict[str, str]) -> list[list[Any]]:
    done = subprocess.run(
        [python, "-c", SOURCES],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# What is committed


def test_models_are_those_of_the_locked_botocore() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    [locked] = [each["version"] for each in lock["package"] if each["name"] == "botocore"]
    found = [
        *models.differences(models.committed(models.FOLDER), models.installed()),
        *models.differences(models.committed(models.SIGNING_FOLDER), models.signing()),
    ]

    listed = "".join(f"\n  {each}" for each in found)
    if found and numbers(botocore.__version__) < numbers(locked):
        pytest.skip(f"botocore {botocore.__version__} is older than {locked} of uv.lock:{listed}")
    if found:
        pytest.fail(
            f"botocore {botocore.__version__} has other models than the asset; look whether "
            f"specs.py follows, then: make models{listed}",
            pytrace=False,
        )


def test_models_are_written_the_same_again(tmp_path: Path) -> None:
    # In whatever order botocore has the members.
    written = json.dumps(models.committed(models.FOLDER))
    models.write(
        json.loads(written, object_pairs_hook=lambda pairs: dict(reversed(pairs))), tmp_path
    )

    ours = {path.relative_to(models.FOLDER): path for path in models.FOLDER.rglob("*.*")}
    again = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.*")}
    assert {name: path.read_bytes() for name, path in again.items()} == {
        name: path.read_bytes() for name, path in ours.items()
    }


def test_models_of_both_apis_are_there() -> None:
    committed = models.committed(models.FOLDER)

    assert committed.keys() == set(models.SERVICES)
    for versions in committed.values():
        [model] = versions.values()
        assert model.keys() == {"metadata", "operations", "shapes", "version"}


def test_issuers_bring_what_they_call() -> None:
    [model] = models.committed(models.SIGNING_FOLDER)["kms"].values()

    assert model["operations"].keys() == {"Sign", "Verify"}
    assert {"SignRequest", "SignResponse"} <= model["shapes"].keys()


@pytest.mark.parametrize("folder", [models.FOLDER, models.SIGNING_FOLDER])
def test_models_hold_no_text_for_people(folder: Path) -> None:
    assert list(texts(models.committed(folder))) == []


@pytest.mark.parametrize(
    "node", [{"documentation": "a"}, {"a": [{"documentationUrl": "b"}]}, {"a": "<p>b</p>"}]
)
def test_text_for_people_is_found(node: object) -> None:
    assert len(list(texts(node))) == 1


def test_asset_is_small(task: Path) -> None:
    assert zipped_size(task) <= LARGEST_ZIP


# The program that writes them


def test_program_says_what_it_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    former = models.installed()
    [version] = former["ivs"]
    model = former["ivs"][version]
    del model["operations"]["CreateChannel"]
    del model["shapes"]["Channel"]["members"]["arn"]
    model["shapes"]["Channel"]["members"]["former"] = {"shape": "Former"}
    model["shapes"]["ChannelLatencyMode"]["enum"] = ["NORMAL"]
    former["ivs"]["2019-01-01"] = {}
    models.write(former, tmp_path)

    models.update(tmp_path, models.installed())
    first = capsys.readouterr().out.splitlines()
    models.update(tmp_path, models.installed())
    second = capsys.readouterr().out.splitlines()

    assert first[0].startswith(f"wrote ivs {version}: ")
    changes = [line.strip() for line in first if line.startswith(" ")]
    assert changes == [
        "removed ivs/2019-01-01",
        f"added ivs/{version}/operations/CreateChannel",
        f"added ivs/{version}/shapes/Channel/members/arn",
        f"removed ivs/{version}/shapes/Channel/members/former",
        f"changed ivs/{version}/shapes/ChannelLatencyMode/enum: ['NORMAL'] -> ['NORMAL', 'LOW']",
    ]
    assert second == [*first[:2], first[2].replace(" 5", " 0")]
    assert models.committed(tmp_path) == models.installed()


def test_program_reads_botocore_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = models.installed()
    models.write({service: {"2020-07-14": {}} for service in models.SERVICES}, tmp_path)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    assert models.installed() == before


# What boto3 makes of them


def test_handler_uses_the_models_of_the_asset(task: Path) -> None:
    version = "2020-07-14"

    assert sources(sys.executable, settings(task)) == [
        [service, str(task / "models" / service / version / "service-2"), False]
        for service in models.SERVICES
    ]
    assert all(told for *_, told in sources(sys.executable, settings(task, models=False)))


def test_older_boto3_uses_the_models_of_the_asset(older: str, task: Path) -> None:
    assert [path for _, path, _ in sources(older, settings(task))] == [
        path for _, path, _ in sources(sys.executable, settings(task))
    ]


# The client of a function that issues tokens: its operations and its address.
ISSUER = """
import json
from ivs_constructs.token_issuers.function import issuing
client = issuing._kms()
print(json.dumps([client.meta.service_model.operation_names, client.meta.endpoint_url]))
"""


@pytest.mark.parametrize("which", ["older", "installed"])
def test_issuer_uses_its_model_of_kms(which: str, older: str, task: Path) -> None:
    done = subprocess.run(
        [older if which == "older" else sys.executable, "-c", ISSUER],
        env={**settings(task, models=False), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["Sign", "Verify"], "https://kms.us-east-1.amazonaws.com"]


def test_older_boto3_calls_an_operation_that_it_does_not_know(
    emulator: Emulator, function: Function
) -> None:
    made = function.invoke(event("Create", "FailoverSlateConfiguration", FAILOVER_SLATE))

    assert made["Status"] == "SUCCESS", made["Reason"]
    [slate] = emulator.resources("FailoverSlateConfiguration")
    assert slate.arn == made["Data"]["Arn"]
    assert slate.data["activationThresholdSeconds"] == 4
    assert slate.data["maxSlateDisplaySeconds"] == 90

    gone = function.invoke(
        event("Delete", "FailoverSlateConfiguration", FAILOVER_SLATE, made["PhysicalResourceId"])
    )

    assert gone["Status"] == "SUCCESS", gone["Reason"]
    assert emulator.resources() == []


def test_older_boto3_sends_a_member_that_it_does_not_know(
    emulator: Emulator, function: Function
) -> None:
    storage = function.invoke(event("Create", "StorageConfiguration", STORAGE))
    assert storage["Status"] == "SUCCESS", storage["Reason"]
    recording = recorded_to(storage["Data"]["Arn"])

    made = function.invoke(event("Create", "Stage", recording))

    assert made["Status"] == "SUCCESS", made["Reason"]
    [stage] = emulator.resources("Stage")
    assert stage.data["autoParticipantRecordingConfiguration"]["recordParticipantReplicas"] is False

    gone = function.invoke(event("Delete", "Stage", {}, made["PhysicalResourceId"]))

    assert gone["Status"] == "SUCCESS", gone["Reason"]
    assert emulator.resources("Stage") == []


def test_older_boto3_fails_without_the_models(
    emulator: Emulator, function_without_models: Function
) -> None:
    invoke = function_without_models.invoke
    storage = invoke(event("Create", "StorageConfiguration", STORAGE))
    recording = recorded_to(storage["Data"]["Arn"])

    slate = invoke(event("Create", "FailoverSlateConfiguration", FAILOVER_SLATE))
    stage = invoke(event("Create", "Stage", recording))

    assert storage["Status"] == "SUCCESS"
    assert slate["Status"] == stage["Status"] == "FAILED"
    assert "AttributeError" in slate["Reason"]
    assert "recordParticipantReplicas" in stage["Reason"]
    assert {each.type for each in emulator.resources()} == {"StorageConfiguration"}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells the peak of one program")
def test_handler_needs_little_memory(task: Path) -> None:
    assert peak_memory(task) <= MOST_MEMORY
