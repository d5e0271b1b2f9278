"""The page from the sign-in to the picture: its programs run, its TypeScript is TypeScript."""

from __future__ import annotations

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import boto3  # type: ignore[import-untyped]  # no types
import pytest
from aws_cdk import aws_cognito, aws_lambda

import ivs_constructs
from ivs_constructs import LiveChannel, LiveStage, TokenApi
from ivs_constructs.token_issuers.function.issuing import fields_of
from ivs_constructs.token_issuers.function.messages import (
    ParticipantTokenResponse,
    PlaybackTokenRequest,
    PlaybackTokenResponse,
)
from ivs_constructs.tokens import viewer_id_of
from ivs_constructs.tokens._check import Check

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "sign-in-to-picture.md").read_text(encoding="utf-8")
TOKENS = (DOCS / "tokens.md").read_text(encoding="utf-8")

TITLED = dict(re.findall(r'^```(?:python|ts) title="([^"]+)"\n(.*?)^```$', PAGE, re.M | re.S))
TYPESCRIPT = [name for name in TITLED if name.endswith(".ts")]


def run_python(title: str, folder: Path = DOCS, **names: object) -> dict[str, Any]:
    everything: dict[str, Any] = {
        each: getattr(ivs_constructs, each) for each in ivs_constructs.__all__
    }
    everything |= {"cdk": cdk, "aws_lambda": aws_lambda, **names}
    # Node has a current folder of its own.
    text = TITLED[title].replace('from_asset("', f'from_asset("{folder}/')
    exec(text, everything)  # noqa: S102 (the project's own documentation)
    return everything


def test_every_program_has_a_title() -> None:
    assert len(TITLED) == PAGE.count("```python") + PAGE.count("```ts")
    assert [*TITLED] == [
        "Private channel",
        "Stage",
        "token.ts",
        "watch.ts",
        "talk.ts",
        "WHIP",
        "revoke.py",
        "Own function",
    ]


# Python


def test_stacks_of_the_page(tmp_path: Path) -> None:
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path / "out"))
    stack = cdk.Stack(app, "Stack")
    users = aws_cognito.UserPool.from_user_pool_id(stack, "Users", "us-east-1_AbCdEfGhI")
    web = aws_cognito.UserPoolClient.from_user_pool_client_id(stack, "Web", "1a2b3c")
    private = run_python("Private channel", self=stack, users=users, web=web)
    talk = run_python("Stage", self=stack)
    run_python("WHIP", self=stack, talk=talk["talk"])
    (tmp_path / "lambda").mkdir()
    (tmp_path / "lambda" / "index.py").write_text("from ivs_constructs.tokens import sign\n")
    run_python("Own function", tmp_path, self=stack, live=private["live"])

    assert isinstance(private["live"], LiveChannel)
    assert isinstance(talk["talk"], LiveStage)
    assert isinstance(talk["talk_api"], TokenApi)
    template = app.synth().get_stack_by_name(stack.stack_name).template
    types = [each["Type"] for each in template["Resources"].values()]
    assert types.count("AWS::ApiGatewayV2::Api") == 2
    assert types.count("AWS::ApiGatewayV2::Route") == 4
    assert types.count("AWS::Lambda::LayerVersion") == 1
    # What the page says of the number: Api, Authorizer, Stage, LogGroup and three for the path.
    own = [name for name in template["Resources"] if re.match("Api(?!$)", name)]
    assert len(own) == 7


def test_revocation_is_asked_of_amazon_ivs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    make_client = boto3.client

    def client(service: str) -> object:
        made = make_client(
            service,
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 (nobody checks it)
        )

        def answer(model: Any, params: dict[str, Any], **_: object) -> tuple[object, object]:  # noqa: ANN401 (botocore ships no types)
            asked.append((model.name, json.loads(params["body"])))
            return SimpleNamespace(status_code=200), {}

        made.meta.events.register("before-call", answer)
        return made

    monkeypatch.setattr(boto3, "client", client)
    names = run_python("revoke.py")
    names["revoke"]("arn:aws:ivs:eu-west-1:123456789012:channel/AbCd", "v" * 41)
    names["disconnect"]("arn:aws:ivs:eu-west-1:123456789012:stage/AbCd", "participant-1")

    assert [name for name, _ in asked] == ["StartViewerSessionRevocation", "DisconnectParticipant"]
    assert asked[0][1]["viewerId"] == viewer_id_of("v" * 41)


# TypeScript


def node(program: str, *arguments: str) -> str:
    ivs_constructs.ensure_node()
    done = subprocess.run(
        [os.environ["JSII_NODE"], "--no-warnings", "-e", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


STRIP = "const {stripTypeScriptTypes} = require('node:module');"


@pytest.mark.parametrize("name", TYPESCRIPT)
def test_typescript_can_be_read(name: str, tmp_path: Path) -> None:
    # Parameter properties (`private readonly`) are more than types, so they are transformed.
    program = (
        f"{STRIP} const fs = require('fs');"
        "const text = fs.readFileSync(process.argv[1], 'utf8');"
        "process.stdout.write(stripTypeScriptTypes(text, {mode: 'transform'}));"
    )
    (tmp_path / name).write_text(TITLED[name], encoding="utf-8")

    stripped = node(program, str(tmp_path / name))

    assert "export" in stripped
    (tmp_path / "stripped.mjs").write_text(stripped, encoding="utf-8")
    done = subprocess.run(
        [os.environ["JSII_NODE"], "--check", str(tmp_path / "stripped.mjs")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_typescript_of_another_form_is_refused() -> None:
    with pytest.raises(AssertionError):
        node(f"{STRIP} stripTypeScriptTypes('const a: = 1;')")


def test_interfaces_are_those_of_the_answers() -> None:
    for name, interface, response in (
        ("watch.ts", "PlaybackAnswer", PlaybackTokenResponse),
        ("talk.ts", "ParticipantAnswer", ParticipantTokenResponse),
    ):
        [members] = re.findall(rf"interface {interface} {{\n(.*?)}}", TITLED[name], re.S)
        assert {*re.findall(r"(\w+): string;", members)} == {*response.__annotations__}


ASKING = f"""
{STRIP}
const fs = require('fs');
const source = stripTypeScriptTypes(fs.readFileSync(process.argv[1], 'utf8'));
const statuses = JSON.parse(process.argv[2]);
const asked = [];
globalThis.setTimeout = (act) => act();
globalThis.fetch = async (url, options) => {{
  asked.push({{url, ...options}});
  const status = statuses.shift();
  return {{status, ok: status === 200, json: async () => ({{token: 't'}})}};
}};
const url = 'data:text/javascript,' + encodeURIComponent(source);
import(url).then(async ({{askForToken}}) => {{
  let outcome;
  try {{ outcome = await askForToken('https://a.example/watch', async () => 'jwt', {{a: 1}}); }}
  catch (error) {{ outcome = error.constructor.name + ': ' + error.message; }}
  console.log(JSON.stringify({{outcome, asked}}));
}});
"""


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([200], {"token": "t"}),
        ([429, 500, 200], {"token": "t"}),
        ([503] * 4, "Error: no token: status 503"),
        ([400], "Error: no token: status 400"),
        ([401], "SignInAgain: the sign-in is missing or has expired"),
        ([403], "NotAllowed: this user may not have such a token"),
    ],
)
def test_page_asks_as_the_table_says(statuses: list[int], outcome: object, tmp_path: Path) -> None:
    path = tmp_path / "token.ts"
    path.write_text(TITLED["token.ts"], encoding="utf-8")

    said = json.loads(node(ASKING, str(path), json.dumps(statuses)))

    assert said["outcome"] == outcome
    assert len(said["asked"]) == len(statuses)
    [first, *_] = said["asked"]
    assert first["method"] == "POST"
    assert first["headers"] == {
        "Authorization": "Bearer jwt",
        "Content-Type": "application/json",
    }
    assert json.loads(first["body"]) == {"a": 1}


# Shell


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[dict[str, str], str]]]]:
    """Take what is posted."""
    taken: list[tuple[dict[str, str], str]] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append((dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/watch", taken
        server.shutdown()


def test_command_asks_for_a_token() -> None:
    [command] = re.findall(r"^```console\n(.*?)^```$", PAGE, re.M | re.S)
    words = shlex.split(command.replace("\\\n", " "))
    if shutil.which("curl") is None:
        pytest.fail("curl is needed for the page's command and was not found", pytrace=False)
    with listening() as (url, taken):
        line = command.replace('"$TOKEN_URL"', url)
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            env={**os.environ, "JWT": "signed", "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert done.returncode == 0, done.stderr
    assert words[-1] == "$TOKEN_URL"
    [(headers, body)] = taken
    assert headers["Authorization"] == "Bearer signed"
    assert headers["Content-Type"] == "application/json"
    check = Check("request", "")
    fields_of(check, PlaybackTokenRequest, json.loads(body))
    assert check.failures == []


# AppSync, of the page on tokens


RESOLVER = """
const fs = require('fs');
const source = fs.readFileSync(process.argv[1], 'utf8')
  .replace(/^import .*$/m, '').replaceAll('export function', 'function');
const util = {error: (message, type) => { throw new Error(type + ': ' + message); }};
const ctx = JSON.parse(process.argv[2]);
const {request, response} = new Function('util', source + 'return {request, response};')(util);
let answer;
try { answer = response(ctx); } catch (error) { answer = error.message; }
console.log(JSON.stringify({request: request(ctx), answer}));
"""


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"result": {"token": "t", "expiresAt": "x"}}, {"token": "t", "expiresAt": "x"}),
        ({"result": {"error": {"code": "InvalidRequest", "message": "origins must"}}},
         "InvalidRequest: origins must"),
        ({"result": None, "error": {"message": "secret", "type": "Lambda:Unhandled"}},
         "Unavailable: no token could be made"),
    ],
)  # fmt: skip
def test_resolver_of_appsync(result: dict[str, Any], answer: object, tmp_path: Path) -> None:
    [source] = re.findall(r'^```javascript title="AppSync"\n(.*?)^```$', TOKENS, re.M | re.S)
    path = tmp_path / "resolver.js"
    path.write_text(source, encoding="utf-8")
    # What a client sends as arguments must not reach the issuer.
    context = {"identity": {"sub": "4f1c2a"}, "arguments": {"viewerId": "another"}, **result}

    said = json.loads(node(RESOLVER, str(path), json.dumps(context)))

    assert said["request"]["operation"] == "Invoke"
    assert said["request"]["payload"] == {"viewerId": "4f1c2a"}
    assert said["answer"] == answer
    check = Check("request", "")
    assert fields_of(check, PlaybackTokenRequest, said["request"]["payload"])
    assert check.failures == []
