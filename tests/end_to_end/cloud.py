"""An AWS on this machine: Amazon IVS is the emulator, AWS KMS and Secrets Manager are moto."""

from __future__ import annotations

import http.server
import json
import os
import select
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import requests
from moto import mock_aws

from ivs_constructs.testing.emulator import Emulator
from tests.amazon_s3 import AmazonS3
from tests.end_to_end.cloudformation import CloudFormation
from tools.local_cloud.addon.api import Api

REGION = "us-east-1"
ACCOUNT = "123456789012"

MODELS = Path(__file__).resolve().parents[2] / "ivs_constructs" / "_lambda" / "models"
RUNTIME = Path(__file__).with_name("runtime.py")

SIGNATURE = "X-Amz-Signature=5ec12e7f00d"
"""Who has the address to reply to can answer for the function."""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret-of-the-role-4711",
    "AWS_SESSION_TOKEN": "session-of-the-role-4711",
}
"""What Lambda gives a function to call AWS with."""

_SECONDS = 900.0


class Function:
    """A Lambda function, in a process of its own from its first invocation on.

    Args:
        cloud: Where it is.
        code: Its asset, unpacked.
        handler: Its handler.
        variables: Its environment variables.
        seconds: What an invocation may take.
    """

    def __init__(
        self, cloud: Cloud, code: Path, handler: str, variables: dict[str, str], seconds: int
    ) -> None:
        self._cloud = cloud
        installed = [each for each in sys.path if "site-packages" in each]
        self._environment = {
            # Where the code is that AWS Lambda has in /var/task.
            **{name: value.replace("/var/task", str(code)) for name, value in variables.items()},
            **CREDENTIALS,
            **cloud.endpoints,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "HOME": str(cloud.folder),
            "LAMBDA_TASK_ROOT": str(code),
            **cloud.amazon_s3.environment,
            "PYTHONPATH": os.pathsep.join(
                [str(code), cloud.amazon_s3.environment["PYTHONPATH"], *installed]
            ),
            "SECONDS": str(seconds),
            "_HANDLER": handler,
        }
        self._process: subprocess.Popen[str] | None = None

    def invoke(self, event: object) -> Any:  # noqa: ANN401 (JSON-like)
        """Run it on an event, and return its answer."""
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        print(json.dumps(event), file=process.stdin, flush=True)
        assert select.select([process.stdout], [], [], _SECONDS)[0], "no answer"
        line = process.stdout.readline()
        assert line, self._cloud.log
        answer: Any = json.loads(line)
        self._cloud.replies.append(answer)
        return answer

    def end(self) -> None:
        """End its process."""
        if self._process is not None:
            self._process.communicate(timeout=_SECONDS)

    def _start(self) -> subprocess.Popen[str]:
        with self._cloud.log_file.open("a") as log:
            return subprocess.Popen(
                # -P: the project itself must not be found.
                [sys.executable, "-P", "-B", str(RUNTIME)],
                cwd=self._cloud.folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )


class Cloud:
    """Everything that a stack's resources and functions meet.

    Args:
        folder: Where functions may write.

    Attributes:
        folder: The same.
        emulator: Amazon IVS.
        api: Calls to it.
        cloudformation: Where custom resources reply to.
        amazon_s3: Under which address they do.
        kms: A client of AWS KMS.
        secrets: A client of Secrets Manager.
        endpoints: Environment variables that lead functions here.
        asked: The operations of AWS KMS that functions have called.
        log_file: What functions have written.
        replies: What functions have answered, to CloudFormation and to who invoked them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_file = folder / "log"
        self._open = ExitStack()
        self.asked: list[str] = []
        self.replies: list[Any] = []

    def __enter__(self) -> Cloud:
        self.emulator = self._open.enter_context(Emulator(region=REGION, account=ACCOUNT))
        self.api = Api(self.emulator.url, MODELS)
        self.cloudformation = CloudFormation()
        self._open.callback(self.cloudformation.stop)
        self.amazon_s3 = AmazonS3(self.cloudformation.url, self.folder)
        self._open.callback(self.amazon_s3.stop)
        self.cloudformation.on_reply = self.replies.append
        self._open.enter_context(mock_aws())
        self.kms = boto3.client("kms", region_name=REGION)
        self.secrets = boto3.client("secretsmanager", region_name=REGION)
        self.endpoints = {
            **self.emulator.environment,
            "AWS_ENDPOINT_URL_CLOUDFORMATION": self.cloudformation.url,
            "AWS_ENDPOINT_URL_KMS": self._open_door(),
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        assert not self.emulator.mismatches
        assert not self.cloudformation.complaints

    @property
    def log(self) -> str:
        """What functions have written."""
        return self.log_file.read_text(encoding="utf-8")

    def function(
        self, code: Path, handler: str, variables: dict[str, str], seconds: int
    ) -> Function:
        """Define a function."""
        function = Function(self, code, handler, variables, seconds)
        self._open.callback(function.end)
        return function

    def _open_door(self) -> str:
        """Let other processes in to moto, which answers in its own one only."""
        asked = self.asked

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked.append(self.headers["X-Amz-Target"].partition(".")[2])
                headers = {name: value for name, value in self.headers.items() if name != "Host"}
                answer = requests.post(
                    f"https://kms.{REGION}.amazonaws.com/",
                    data=body,
                    headers=headers,
                    timeout=_SECONDS,
                )
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self._open.callback(server.server_close)
        self._open.callback(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"
