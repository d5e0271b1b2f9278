"""Measures tokens: what one costs, how the functions that issue them start, and how many verify.

Cold starts are compared with that of the smallest program that has an AWS KMS client, as in
`benchmarks/handler.py`: each run is a process of its own, the programs are interleaved, and the
code is compiled in each run, as in Lambda. The cost of a token is the time of the function's own
code, without the call to AWS KMS. All times are CPU times, and the shortest of all rounds, because
other programs on the machine can only add to them.

Usage: `python -m benchmarks.tokens [--rounds N] [--keys N]`
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3  # type: ignore[import-untyped]  # no types
import ecdsa  # type: ignore[import-untyped]  # no types
import jwt
from moto import mock_aws

from benchmarks.handler import zipped_size
from ivs_constructs._lambda.ivs_handler.signing_key import pem_of
from ivs_constructs.token_issuers.function import issuing
from ivs_constructs.tokens import KmsSigner, ParticipantClaims, PlaybackClaims, sign

ACCOUNT = "arn:aws:ivs:us-east-1:123456789012"
CHANNEL = f"{ACCOUNT}:channel/AbCdEfGh1234"
STAGE = f"{ACCOUNT}:stage/AbCdEfGh1234"
PUBLIC_KEY = f"{ACCOUNT}:public-key/f99cde61"
EVENTS_URL = "wss://global.events.live-video.net"
WHIP_URL = "https://1a2b3c4d5e6f.global-bm.whip.live-video.net"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:Issuer"
ORIGINS = [f"https://{name}.example.com" for name in "abcde"]

TOKENS = 500
"""How many tokens are made to measure one."""

_BOTO3 = "import boto3; boto3.client('kms')"
_TIMED = "import time; started = time.process_time(); {}; print(time.process_time() - started)"


def claims_by_others(token: str, pem: str) -> dict[str, Any]:
    """Verify a token with two libraries that are independent of this one and of each other.

    PyJWT has OpenSSL verify the signature, ecdsa does so in Python.

    Args:
        token: The token.
        pem: The PEM text of the public key.

    Returns:
        Its claims.
    """
    signed, _, signature = token.rpartition(".")
    ecdsa.VerifyingKey.from_pem(pem).verify(
        base64.urlsafe_b64decode(signature), signed.encode(), hashfunc=hashlib.sha384
    )
    found: dict[str, Any] = jwt.decode(token, pem, algorithms=["ES384"])
    return found


def tokens_of(
    keys: int, now: datetime
) -> Iterator[tuple[str, str, PlaybackClaims | ParticipantClaims]]:
    """Make new keys in moto's KMS, and sign a token of each kind with each key.

    Args:
        keys: How many.
        now: When the tokens are made.

    Returns:
        Token, PEM text of the key's public half, and claims.
    """
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        for number in range(keys):
            made = client.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
            key_id = made["KeyMetadata"]["KeyId"]
            pem = pem_of(client.get_public_key(KeyId=key_id))
            signer = KmsSigner(key_id, client)
            watch = PlaybackClaims(channel_arn=CHANNEL, viewer_id=f"viewer-{number}")
            yield sign(watch, signer, now=now), pem, watch
            join = ParticipantClaims(
                stage_arn=STAGE,
                events_url=EVENTS_URL,
                whip_url=WHIP_URL,
                user_id=f"user-{number}",
            )
            yield sign(join, signer, public_key_arn=PUBLIC_KEY, now=now), pem, join


def verified(keys: int) -> int:
    """Count the tokens of a number of keys that both libraries verify."""
    count, now = 0, datetime.now(UTC)
    for token, pem, claims in tokens_of(keys, now):
        found = claims_by_others(token, pem)
        if found != claims.payload(now):
            raise SystemExit(f"the claims were read otherwise: {found}")
        count += 1
    return count


KINDS = ("playback", "participant")
WAYS = ("direct", "http", "exchange")
"""How a token is requested: directly, by an HTTP API's event, or in exchange for another."""


@contextlib.contextmanager
def deployed(kind: str, key_arn: str, way: str = "direct") -> Iterator[Callable[[], object]]:
    """Let a function issue tokens as if deployed, for requests with every possible field."""
    settings: dict[str, object]
    request: dict[str, object]
    if kind == "playback":
        settings = {
            "signing_key_arn": key_arn,
            "max_lifetime": 300,
            "channels": [{"channel_arn": CHANNEL, "playback_url": "https://a.example/b.m3u8"}],
            "allowed_origins": ORIGINS,
            "strict_origin_enforcement": True,
            "single_use": True,
            "require_viewer": True,
            "maximum_resolution": "HD",
        }
        request = {
            "channelArn": CHANNEL,
            "viewerId": "4f1c2a",
            "expiresInSeconds": 60,
            "origins": ORIGINS,
            "maximumResolution": "SD",
        }
    else:
        settings = {
            "signing_key_arn": key_arn,
            "max_lifetime": 3600,
            "public_key_arn": PUBLIC_KEY,
            "stages": [{"stage_arn": STAGE, "events_url": EVENTS_URL, "whip_url": WHIP_URL}],
            "capabilities": ["PUBLISH", "SUBSCRIBE"],
            "exchange_capabilities": ["PUBLISH", "SUBSCRIBE"],
        }
        request = {
            "stageArn": STAGE,
            "userId": "u" * 128,
            "attributes": {f"{number:02}": "a" * 30 for number in range(32)},
            "capabilities": ["SUBSCRIBE"],
            "expiresInSeconds": 60,
        }
    module: Any = import_module(f"ivs_constructs.token_issuers.function.issue_{kind}")
    context = SimpleNamespace(aws_request_id="8f5e-request", invoked_function_arn=FUNCTION)
    exchanging = SimpleNamespace(
        aws_request_id="8f5e-request", invoked_function_arn=f"{FUNCTION}:exchange"
    )

    def issue(asked: object = request, invoked: object = context) -> Any:  # noqa: ANN401 (JSON)
        answer = module.handler(asked, invoked)
        if "token" not in str(answer.get("body", answer)):
            raise SystemExit(f"no token: {answer}")
        return answer

    variables = {"TOKEN_ISSUER": json.dumps(settings)}
    if way == "http":
        variables["TOKEN_ISSUER_HTTP"] = json.dumps({"POST /a": {"claim": "sub"}})
    with (
        mock.patch.dict(os.environ, variables),
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        if way == "http":
            person = "userId" if kind == "participant" else "viewerId"
            body = {name: each for name, each in request.items() if name != person}
            event = _http_event(body)
            yield lambda: issue(event)
        elif way == "exchange":
            present = {"token": issue()["token"], "capabilities": ["SUBSCRIBE"]}
            yield lambda: issue(present, exchanging)
        else:
            yield issue


def _http_event(body: Mapping[str, object]) -> dict[str, object]:
    return {
        "version": "2.0",
        "routeKey": "POST /a",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "authorizer": {"jwt": {"claims": {"sub": "4f1c2a9e-7d3b"}, "scopes": None}}
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def calls_of_kms(kind: str, tokens: int, way: str = "direct") -> Counter[str]:
    """Count the calls to AWS KMS for a number of tokens."""
    calls: Counter[str] = Counter()
    with mock_aws(), mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
        client = boto3.client("kms")
        made = client.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
        issuing._kms.cache_clear()
        issuing._kms().meta.events.register(
            "before-call.kms", lambda model, **_: calls.update([model.name])
        )
        with deployed(kind, made["KeyMetadata"]["Arn"], way) as issue:
            calls.clear()  # the token to exchange was signed before
            for _ in range(tokens):
                issue()
        issuing._kms.cache_clear()
    return calls


def milliseconds(kind: str, rounds: int, way: str = "direct") -> float:
    """Return the CPU time of a token, without the call to AWS KMS."""
    signature = bytes.fromhex("3064" + 2 * ("0230" + "5a" * 48))
    kms = SimpleNamespace(
        sign=lambda **_: {"Signature": signature}, verify=lambda **_: {"SignatureValid": True}
    )
    found = []
    with (
        mock.patch.object(issuing, "_kms", return_value=kms),
        deployed(kind, "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d", way) as issue,
    ):
        for _ in range(rounds):
            started = time.process_time()
            for _ in range(TOKENS):
                issue()
            found.append((time.process_time() - started) / TOKENS * 1000)
    return min(found)


def assets(folder: Path) -> dict[str, Path]:
    """Synthesize both bundles, and return the assets of their issuers by module."""
    # Not at the top: the tests use this module's check of keys, without Node.js.
    import ivs_constructs

    ivs_constructs.ensure_node()
    import aws_cdk as cdk

    app = cdk.App(analytics_reporting=False, outdir=str(folder))
    stack = cdk.Stack(app, "Stack")
    ivs_constructs.LiveChannel(stack, "Channel", private=True, token_issuer=True)
    ivs_constructs.LiveStage(stack, "Stage", token_issuer=True)
    template = app.synth().get_stack_by_name("Stack").template
    functions = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    return {
        each["Handler"].removesuffix(".handler"): folder
        / f"asset.{each['Code']['S3Key'].removesuffix('.zip')}"
        for each in functions
        if "TOKEN_ISSUER" in each["Environment"]["Variables"]
    }


def cold_starts(found: Mapping[str, Path], rounds: int) -> dict[str, float]:
    """Return the CPU seconds of the imports and the first client."""
    programs = {"boto3": (_BOTO3, _environment(Path(tempfile.gettempdir())))}
    for module, asset in found.items():
        # As in Lambda, the import makes the client, because the variable is set.
        environment = {**_environment(asset), "TOKEN_ISSUER": "{}"}
        programs[module.rpartition(".")[2]] = (f"import {module}", environment)
    # Not measured; it compiles boto3, as in Lambda's runtime.
    _run(_BOTO3, {**programs["boto3"][1], "PYTHONDONTWRITEBYTECODE": ""})
    times: dict[str, list[float]] = defaultdict(list)
    names = list(programs)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(_run(*programs[name]))
    return {name: min(times[name]) for name in names}


def _run(program: str, environment: Mapping[str, str]) -> float:
    """Run a program in a process of its own, and return its time after Python's own start."""
    done = subprocess.run(
        # -P: the project itself must not be found.
        [sys.executable, "-P", "-c", _TIMED.format(program)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def _environment(code: Path) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "HOME": str(code),  # not this machine's settings
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def report(rounds: int, keys: int) -> None:
    """Measure and print the figures."""
    print(
        f"{rounds} interleaved rounds, the shortest times; Python {platform.python_version()}, "
        f"boto3 {version('boto3')}, {os.cpu_count()} cores\n"
    )
    print("| token | asked for | calls of AWS KMS for 100 | own processor time |")
    print("|---|---|---|---|")
    for kind in KINDS:
        for way in WAYS:
            if (kind, way) == ("playback", "exchange"):
                continue
            counted = calls_of_kms(kind, 100, way)
            calls = ", ".join(f"{count} {name}" for name, count in counted.items())
            print(f"| {kind} | {way} | {calls} | {milliseconds(kind, rounds, way):.2f} ms |")
    with tempfile.TemporaryDirectory() as folder:
        found = assets(Path(folder))
        middle = cold_starts(found, rounds)
        sizes = {module.rpartition(".")[2]: zipped_size(path) for module, path in found.items()}
    print("\n| program | import and first client | ratio |")
    print("|---|---|---|")
    for name, value in middle.items():
        print(f"| {name} | {value * 1000:.0f} ms | {value / middle['boto3']:.2f} |")
    for name, size in sizes.items():
        print(f"\nasset of {name}, zipped: {size} bytes")
    print(
        f"\n{verified(keys)} tokens of {keys} random keys, 2 of each, verify with PyJWT "
        f"{version('pyjwt')} (OpenSSL) and with ecdsa {version('ecdsa')} (Python)"
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=25, help="how often to measure (15 or more)")
    parser.add_argument("--keys", type=int, default=400, help="how many keys to try")
    given = parser.parse_args()
    report(given.rounds, given.keys)


if __name__ == "__main__":
    main()
