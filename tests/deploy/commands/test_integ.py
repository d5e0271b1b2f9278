"""The checks for a real account, against the local cloud: that they run, and take all away.

What Amazon IVS does is what they are there to find out; here it is what its documentation says.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from ivs_constructs._core.rules import REGIONS
from ivs_constructs.tokens import InvalidTokenError, ParticipantClaims, PlaybackClaims, verify
from tests.integ import __main__ as program
from tests.integ import sweep
from tests.integ.checks import CHECKS, Check
from tests.integ.outside import Outside
from tests.integ.run import Run
from tests.integ.target import ACCOUNT as ACCOUNT_VARIABLE
from tests.integ.target import REGION as REGION_VARIABLE
from tests.integ.target import TAG, Account, RefusedError, Target
from tools.local_cloud.bench import Bench
from tools.local_cloud.cloud import ACCOUNT, REGION, Cloud
from tools.local_cloud.toolchain import ROOT

_SECONDS = 900.0
_TARGET = Target(ACCOUNT, REGION)
_GLOBAL = "global.whip.live-video.net"

# What the local cloud does otherwise than its documentation says of the real one.
_NOT_HERE = {
    "bucket policy": {
        f"CreateStorageConfiguration lets ivs-composite.{REGION}.amazonaws.com write to the "
        f"{name} bucket"
        for name in ("bare", "tls")
    },
    "composition": {"none does to a bucket with SSE-KMS"},
}


class _Edge(BaseHTTPRequestHandler):
    """Takes tokens as Amazon IVS says that it does."""

    cloud: ClassVar[Cloud]

    def do_GET(self) -> None:
        [token] = parse_qs(urlsplit(self.path).query).get("token", [""])
        keys = [each.data["publicKeyMaterial"] for each in self._resources("PlaybackKeyPair")]
        self._answer(200 if _is_signed(token, keys, PlaybackClaims) else 403)

    def do_POST(self) -> None:
        offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers["Host"] == _GLOBAL:
            self._answer(307, Location=f"https://regional.whip.live-video.net{self.path}")
            return
        token = self.headers["Authorization"].removeprefix("Bearer ")
        keys = [each.data["publicKeyMaterial"] for each in self._resources("PublicKey")]
        # The emulator's own tokens are no JWTs.
        accepted = token.count(".") != 2 or _is_signed(token, keys, ParticipantClaims)
        self._answer((201 if offer.startswith("v=0\r\n") else 400) if accepted else 401)

    def _resources(self, kind: str) -> list[Any]:
        return [each for each in self.cloud.emulator.resources() if each.type == kind]

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _is_signed(
    token: str, keys: list[str], claims: type[PlaybackClaims] | type[ParticipantClaims]
) -> bool:
    for key in keys:
        try:
            verify(token, key, claims)
        except InvalidTokenError:
            continue
        return True
    return False


class _Outside(Outside):
    """An internet that ends at this machine."""

    def __init__(self, folder: Path, bench: Bench, edge: tuple[str, int]) -> None:
        super().__init__(folder)
        self._bench = bench
        self._edge = edge
        self.hosts: list[str] = []

    @contextmanager
    def broadcast(self, url: str, key: str) -> Iterator[None]:
        emulator = self._bench.cloud.emulator
        assert url.startswith("rtmps://")
        [sender] = [
            each
            for each in self._bench.resources("StreamKey", "IngestConfiguration")
            if key in (each.data.get("value"), each.data.get("streamKey"))
        ]
        if sender.type == "IngestConfiguration":
            stage = sender.data["stageArn"]
            participant = emulator.start_publishing(stage)
            yield
            emulator.stop_publishing(stage, participant)
            self._tell("IVS Stage Update", stage, {"event_name": "Participant Published"})
            for each in self._bench.resources("Composition"):
                detail = {"event_name": "Session End", "stage_arn": stage}
                self._tell("IVS Composition State Change", each.arn, detail)
            return
        channel = sender.data["channelArn"]
        self._measure(channel.rpartition("/")[2])
        emulator.go_live(channel)
        yield
        emulator.end_stream(channel)

    def _tell(self, kind: str, arn: str, detail: dict[str, str]) -> None:
        entry = {"Source": "aws.ivs", "DetailType": kind, "Detail": json.dumps(detail)}
        client = self._bench.cloud.client("events")
        answer = client.put_events(Entries=[{**entry, "Resources": [arn]}])
        assert answer["FailedEntryCount"] == 0

    def _measure(self, channel: str) -> None:
        metric = {
            "MetricName": "IngestBitrate",
            "Dimensions": [{"Name": "Channel", "Value": channel}],
            "Timestamp": datetime.now(UTC),
            "Value": 400_000.0,
        }
        health = {
            "MetricName": "ConcurrentStreams",
            "Dimensions": [{"Name": "Health", "Value": "Healthy"}],
            "Timestamp": datetime.now(UTC),
            "Value": 1.0,
        }
        client = self._bench.cloud.client("cloudwatch")
        client.put_metric_data(Namespace="AWS/IVS", MetricData=[metric, health])

    def _connection(self, host: str) -> http.client.HTTPConnection:
        self.hosts.append(host)

        class Connection(http.client.HTTPConnection):
            def putheader(self, header: Any, *values: Any) -> None:  # noqa: ANN401 (typeshed's own)
                super().putheader(header, *((host,) if header == "Host" else values))

        return Connection(*self._edge, timeout=120)


class _Facts(BaseHTTPRequestHandler):
    """Answers what MiniStack does not know: quotas, and which types there are in a Region."""

    public_keys: ClassVar[float] = 3.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "X-Amz-Target" in self.headers:
            self._answer(200, json.dumps(self._quotas(json.loads(body))))
            return
        region = self.headers["Authorization"].split("/")[2]
        name = parse_qs(body)["TypeName"][0]
        known = name != "AWS::IVS::AdConfiguration" or region not in (
            *("ap-northeast-1", "ap-northeast-2"),
            "eu-west-1",
        )
        if known:
            text = "<DescribeTypeResponse><DescribeTypeResult/></DescribeTypeResponse>"
        else:
            text = (
                "<ErrorResponse><Error><Code>TypeNotFoundException</Code></Error></ErrorResponse>"
            )
        self._answer(200 if known else 404, text)

    def _quotas(self, asked: dict[str, str]) -> dict[str, object]:
        assert asked["ServiceCode"] == "ivs"
        if "NextToken" not in asked:
            return {"Quotas": [{"QuotaName": "Stages", "Value": 1000.0}], "NextToken": "more"}
        return {"Quotas": [{"QuotaName": "Public keys", "Value": self.public_keys}]}

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[tuple[str, int]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ("127.0.0.1", server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def variables(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment that leads to the local cloud, and names its account."""
    found = {
        **bench.cloud.variables(),
        ACCOUNT_VARIABLE: ACCOUNT,
        REGION_VARIABLE: REGION,
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def account(variables: dict[str, str], tmp_path: Path) -> Account:
    assert variables[ACCOUNT_VARIABLE] == ACCOUNT
    return Account(_TARGET, tmp_path)


@pytest.fixture
def run(account: Account, bench: Bench, tmp_path: Path) -> Iterator[Run]:
    before = bench.inventory()
    handler = type("Edge", (_Edge,), {"cloud": bench.cloud})
    with _serving(handler) as edge:
        yield Run(account, program.new_id(), _Outside(tmp_path, bench, edge))
    bench.cloud.emulator.states.forget_stopped = True
    _forget_compositions(bench)
    # What CloudFormation cannot undo at once goes with the sweep.
    program.clean(account, sweep.EVERY)
    assert _without_processes(bench.inventory()) == _without_processes(before)


def _forget_compositions(bench: Bench) -> None:
    if bench.resources() and all(each.type == "Composition" for each in bench.resources()):
        bench.cloud.emulator.reset()


def _without_processes(inventory: set[str]) -> set[str]:
    # They end with their function, a moment later.
    return {each for each in inventory if not each.startswith("process ")}


def _check(name: str) -> Check:
    [found] = [each for each in CHECKS if each.name == name]
    return found


@pytest.mark.parametrize(
    "name", [each.name for each in CHECKS if each.name not in ("quotas", "types in Regions")]
)
def test_check_runs_and_leaves_nothing(run: Run, bench: Bench, name: str) -> None:
    outcome = run.go_through(_check(name))

    assert outcome.problem == ""
    assert outcome.claims
    fails = {claim for holds, claim in outcome.claims if not holds}
    assert fails == _NOT_HERE.get(name, set())
    assert bench.resources("Stage", "Channel", "PublicKey", "StorageConfiguration") == []
    # Deleting what has the tag is all that a sweep does, and nothing is left for it.
    assert sweep.find(run.account, run.id) == []


def test_tokens_go_to_amazon_ivs_only(run: Run) -> None:
    assert isinstance(run.outside, _Outside)
    assert run.outside.publish(f"https://{_GLOBAL}/publish", "of-amazon-ivs") == 201
    assert run.outside.hosts == [_GLOBAL, "regional.whip.live-video.net"]

    for url in ("https://example.com/publish", f"http://{_GLOBAL}/publish"):
        with pytest.raises(RuntimeError, match="is no host of Amazon IVS"):
            run.outside.publish(url, "secret")

    assert len(run.outside.hosts) == 2


@pytest.mark.parametrize(("keys", "holds"), [(3.0, True), (4.0, False)])
def test_quotas_are_read_to_the_end(
    account: Account, monkeypatch: pytest.MonkeyPatch, keys: float, holds: bool
) -> None:
    handler = type("Facts", (_Facts,), {"public_keys": keys})
    with _serving(handler) as (host, port):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", f"http://{host}:{port}")
        outcome = Run(account, "some-run", Outside(account.folder)).go_through(_check("quotas"))

    assert outcome.problem == ""
    assert outcome.notes == [f"Public keys: {keys:g}", "Stages: 1000"]
    assert [each for each, _ in outcome.claims] == [holds]


def test_types_are_looked_for_in_every_region(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _serving(_Facts) as (host, port):
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://{host}:{port}")
        run = Run(account, "some-run", Outside(account.folder))
        outcome = run.go_through(_check("types in Regions"))

    assert outcome.problem == ""
    assert outcome.notes == [
        "AWS::IVS::AdConfiguration is missing in ap-northeast-1, ap-northeast-2, eu-west-1"
    ]
    assert [each for each, _ in outcome.claims] == [True]


def test_check_that_breaks_off_takes_its_stack_along(run: Run, bench: Bench) -> None:
    def act(run: Run) -> None:
        import ivs_constructs as ivs

        run.deploy(lambda stack: ivs.Stage(stack, "Stage"))
        assert len(bench.resources("Stage")) == 1
        raise RuntimeError("as told")

    outcome = run.go_through(Check("broken", "", "", act))

    assert outcome.word == "FAILED"
    assert outcome.problem == "RuntimeError at act: as told"
    assert bench.resources() == []


class _Watched(Run):
    """A run whose resources are inspected before they are removed."""

    bench: Bench
    tags_of: dict[str, str | None]
    kinds: set[str]
    template: dict[str, Any]

    def destroy(self) -> None:
        made = [each for each in self.bench.resources() if each.type != "StreamKey"]
        if made:
            self.tags_of = {each.type: each.tags.get(TAG) for each in made}
            found = sweep.find(self.account, self.id)
            self.kinds = {each.kind for each in found}
            [stack] = [each.arn for each in found if each.is_stack]
            client = self.bench.cloud.client("cloudformation")
            self.template = client.get_template(StackName=stack)["TemplateBody"]["Resources"]
        super().destroy()


def test_everything_has_the_tag(run: Run, bench: Bench) -> None:
    watched = _Watched(run.account, run.id, run.outside)
    watched.bench = bench

    outcome = watched.go_through(_check("provider role"))

    assert outcome.word == "holds"
    assert watched.tags_of.keys() >= {"Channel", "Stage", "EncoderConfiguration", "PublicKey"}
    assert set(watched.tags_of.values()) == {run.id}
    # Of everything else that can have tags, what is kept by default and would be left.
    assert {"cloudformation", "kms", "lambda"} <= watched.kinds
    # MiniStack forgets what tags a template gives to a bucket.
    [bucket] = [each for each in watched.template.values() if each["Type"] == "AWS::S3::Bucket"]
    assert {"Key": TAG, "Value": run.id} in bucket["Properties"]["Tags"]
    assert bucket["DeletionPolicy"] == "Delete"


# What is named


@pytest.mark.parametrize(
    ("named", "problems"),
    [
        (
            {},
            [
                "IVS_CONSTRUCTS_INTEG_ACCOUNT must be the 12 digits of an account that may be "
                "charged, got nothing",
                f"IVS_CONSTRUCTS_INTEG_REGION must be one of {', '.join(REGIONS)}, got nothing",
            ],
        ),
        (
            {ACCOUNT_VARIABLE: "1234-5678-9012", REGION_VARIABLE: "eu-cental-1"},
            [
                "IVS_CONSTRUCTS_INTEG_ACCOUNT must be the 12 digits of an account that may be "
                "charged, got '1234-5678-9012'",
                f"IVS_CONSTRUCTS_INTEG_REGION must be one of {', '.join(REGIONS)}, got "
                "'eu-cental-1'; did you mean 'eu-central-1'?",
            ],
        ),
    ],
)
def test_run_has_to_be_asked_for(named: dict[str, str], problems: list[str]) -> None:
    with pytest.raises(RefusedError) as caught:
        Target.named(named)

    assert str(caught.value).splitlines()[1:] == [f"  - {each}" for each in problems]


def test_make_refuses_without_an_account() -> None:
    clean = {
        name: value
        for name, value in os.environ.items()
        # Nor what a make around this one was told.
        if not name.startswith(("AWS_", "IVS_CONSTRUCTS_", "MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "integ"], cwd=ROOT, env=clean, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "IVS_CONSTRUCTS_INTEG_ACCOUNT must be" in done.stderr
    assert "IVS_CONSTRUCTS_INTEG_REGION must be" in done.stderr


def test_other_account_is_refused(account: Account, bench: Bench) -> None:
    before = len(bench.cloud.record("call"))
    named = Account(Target("210987654321", REGION), account.folder)

    with pytest.raises(
        RefusedError, match=f"is 210987654321, but the credentials are of {ACCOUNT}"
    ):
        named.verify()

    assert len(bench.cloud.record("call")) == before


def test_region_that_was_not_bootstrapped_is_refused(account: Account) -> None:
    elsewhere = Account(Target(ACCOUNT, "eu-west-1"), account.folder)

    with pytest.raises(RefusedError, match=rf"bootstrap aws://{ACCOUNT}/eu-west-1$"):
        elsewhere.verify()


# The command


def _command(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.integ", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )


def test_command_does_a_check(variables: dict[str, str], bench: Bench) -> None:
    done = _command(variables, "same key again")

    assert done.returncode == 0, done.stdout + done.stderr
    first, head, row, *claims, last = done.stdout.splitlines()
    assert re.fullmatch(rf"ivs-integ-[-0-9a-f]+ in account {ACCOUNT}, {REGION}", first)
    assert head.split() == ["check", "outcome", "seconds"]
    assert row.split()[:4] == ["same", "key", "again", "holds"]
    assert [each.split()[0] for each in claims] == ["yes", "yes"]
    assert last == "nothing is left"
    assert bench.resources() == []


def test_command_without_encoder_and_with_unknown_names(variables: dict[str, str]) -> None:
    done = _command({**variables, "PATH": "/usr/bin-of-nobody"}, "playback token")
    assert done.returncode == 2
    assert done.stderr.startswith("error: playback token need ffmpeg")

    done = _command(variables, "composition", "nonsense")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: checks are {', '.join(each.name for each in CHECKS)}; got nonsense\n"
    )


def test_run_that_is_ended_takes_everything_along(
    variables: dict[str, str], bench: Bench, tmp_path: Path
) -> None:
    before = bench.inventory()
    folder = tmp_path / "temporary"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integ", "provider role"],
        cwd=ROOT,
        env={**os.environ, **variables, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + _SECONDS
        while not bench.resources("Stage"):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        printed, errors = process.communicate(timeout=_SECONDS)

    assert process.returncode == 1
    assert errors == ""
    assert "ended before it was done; what was made is taken away\n" in printed
    assert printed.endswith("nothing is left\n")
    assert _without_processes(bench.inventory()) == _without_processes(before)
    assert list(folder.iterdir()) == []


# The sweep


def test_sweep_deletes_what_a_run_left_and_nothing_else(
    variables: dict[str, str], bench: Bench
) -> None:
    client = bench.cloud.client
    before = bench.inventory()
    ours, theirs, untagged = {TAG: "run-1"}, {TAG: "run-2"}, {"other": "run-1"}
    kept = {
        client("ivs").create_channel(tags=theirs)["channel"]["arn"],
        client("ivs").create_channel(tags=untagged)["channel"]["arn"],
        client("ivs").create_channel(name="run-1")["channel"]["arn"],
    }
    policy = client("ivs").create_playback_restriction_policy(tags=ours)
    restriction = policy["playbackRestrictionPolicy"]["arn"]
    client("ivs").create_channel(tags=ours, playbackRestrictionPolicyArn=restriction)
    client("ivs-realtime").create_stage(tags=ours)
    for name, run in (("of-run-1", "run-1"), ("of-run-2", "run-2")):
        client("s3").create_bucket(Bucket=name)
        tags = [{"Key": TAG, "Value": run}]
        client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        client("s3").put_object(Bucket=name, Key="recording", Body=b"...")
        client("sqs").create_queue(QueueName=name, tags={TAG: run})
        client("kms").create_key(Tags=[{"TagKey": TAG, "TagValue": run}])
        _stack(bench, name, run)

    listed = _command(variables, "--left")
    assert listed.returncode == 0
    assert {each.split()[0] for each in listed.stdout.splitlines()} == {"run-1", "run-2"}
    done = _command(variables, "--sweep", "run-1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("nothing is left\n")
    assert done.stdout.count("swept ") == 7
    left = {each.arn for each in bench.resources() if each.type != "StreamKey"}
    assert left == kept
    names = {each.partition(" ")[2] for each in bench.inventory() - before}
    assert {"of-run-2"} == {each for each in names if each.startswith("of-run")}
    assert [each["StackName"] for each in _stacks(bench)] == ["of-run-2"]

    assert _command(variables, "--sweep", "all").returncode == 0
    for arn in kept & {each.arn for each in bench.resources()}:
        client("ivs").delete_channel(arn=arn)
    assert _without_processes(bench.inventory()) == before


def _stack(bench: Bench, name: str, run: str) -> None:
    client = bench.cloud.client("cloudformation")
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}}
    tags = [{"Key": TAG, "Value": run}]
    client.create_stack(StackName=name, TemplateBody=json.dumps(template), Tags=tags)
    client.get_waiter("stack_create_complete").wait(StackName=name)


def _stacks(bench: Bench) -> list[dict[str, Any]]:
    found = bench.cloud.client("cloudformation").describe_stacks()["Stacks"]
    return [each for each in found if each["StackName"].startswith("of-run")]


def test_sweep_says_what_it_cannot_delete(account: Account) -> None:
    told: list[str] = []
    items = [
        sweep.Item("elsewhere", "arn:aws:elsewhere:::thing", "run-1"),
        sweep.Item("stage", f"arn:aws:ivs:{REGION}:{ACCOUNT}:stage/gone", "run-1"),
    ]

    gone, kept = sweep.delete(account, items, told.append)

    # What is gone already needs no word.
    assert (gone, kept) == ([], items[:1])
    assert told == ["nothing here knows how to delete arn:aws:elsewhere:::thing: do it by hand"]
