"""The local cloud: MiniStack with IVS in it, and the IVS emulator in this process."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from ivs_constructs.testing.emulator import Emulator
from tools.local_cloud import toolchain
from tools.local_cloud.failures import SetupError
from tools.local_cloud.processes import Group
from tools.local_cloud.signals import undisturbed

ACCOUNT = "123456789012"
REGION = "us-east-1"

_START_SECONDS = 60.0
_PAUSE = 0.1
_LAST_LINES = 15

RUNTIME = Path(__file__).with_name("runtime")
REPLY_HOST = "cloudformation-custom-resource-response-useast1.s3.amazonaws.com"
"""The Amazon S3 name that replies to CloudFormation go to in the Region."""

MODELS = toolchain.ROOT / "ivs_constructs" / "_lambda" / "models"

# The programs get this process's environment, without variables that name an account or a proxy.
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")

_boto3: Any = import_module("boto3")


class Cloud:
    """One account in one Region.

    Args:
        port: Where MiniStack listens; 0: any free port.

    Attributes:
        emulator: The IVS emulator, whose state native types and Lambda functions act on.
        credentials: The root's, as variables; unlike the roles that it assumes, the root may do
            anything. They are new for each cloud, because functions run on this machine, and no
            other user and no web page may guess them.
    """

    def __init__(self, port: int = 0) -> None:
        self.emulator = Emulator(region=REGION, account=ACCOUNT)
        self._wanted_port = port
        self.port = 0
        self.reply_port = 0
        self.credentials = {
            "AWS_ACCESS_KEY_ID": f"AKIA{secrets.token_hex(16).upper()}",
            "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
        }
        self._folder: Path | None = None
        self._server: Group | None = None

    def __enter__(self) -> Cloud:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything, and wait until it answers.

        Raises:
            SetupError: It does not start.
        """
        python = toolchain.ministack()
        self.port = self._wanted_port or _free_port()
        self.reply_port = _free_port()
        if _taken(self.port):
            raise SetupError(
                f"port {self.port} of 127.0.0.1 is in use by another program; end that program, or "
                "choose another port; 0 means any free port"
            )
        with undisturbed():
            self._folder = Path(tempfile.mkdtemp(prefix="ivs-deploy-"))
        try:
            self.emulator.start()
            self._server = Group(
                [str(python), "-m", "tools.local_cloud.addon", str(self._settings())],
                cwd=toolchain.ROOT,
                env=self._environment(),
                log=self.folder / "server.log",
            )
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything, and delete its files."""
        if self._server is not None:
            self._server.end()
        self.emulator.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def left(self) -> list[str]:
        """List what is still there after the end."""
        found = []
        if self._server is not None and self._server.alive():
            found.append(f"process group {self._server.id}")
        if self._folder is not None and self._folder.exists():
            found.append(f"folder {self._folder}")
        return found

    @property
    def folder(self) -> Path:
        """The folder for everything that is removed at the end."""
        if self._folder is None:
            raise SetupError("the local cloud was not started")
        return self._folder

    @property
    def url(self) -> str:
        """MiniStack's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def server(self) -> Group:
        """MiniStack's process."""
        if self._server is None:
            raise SetupError("the local cloud was not started")
        return self._server

    def client(self, service: str, session: dict[str, str] | None = None) -> Any:  # noqa: ANN401 (boto3 ships no types)
        """Make a client, with the root's permissions unless a session is given."""
        who = session or {
            "AccessKeyId": self.credentials["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": self.credentials["AWS_SECRET_ACCESS_KEY"],
        }
        return _boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=who["AccessKeyId"],
            aws_secret_access_key=who["SecretAccessKey"],
            aws_session_token=who.get("SessionToken"),
        )

    def record(self, kind: str) -> list[dict[str, Any]]:
        """Read the server's records of a kind, oldest first."""
        path = self.folder / "record.jsonl"
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").splitlines()
        return [each for each in map(json.loads, lines) if each["kind"] == kind]

    def variables(self) -> dict[str, str]:
        """The environment that directs the CLI here, and away from the user's settings."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "HOME": str(home),
            "AWS_ENDPOINT_URL": f"http://localhost:{self.port}",
            **self.credentials,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        }

    def trouble(self) -> str:
        """Report that the server has ended, with the end of its log; empty while it runs."""
        if self.server.status is None:
            return ""
        return (
            f"MiniStack ended with status {self.server.status}; the end of its log:\n"
            f"{self._last_lines()}"
        )

    def _last_lines(self) -> str:
        path = self.folder / "server.log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])

    def _settings(self) -> Path:
        schemas = self.folder / "schemas.json"
        schemas.write_text(json.dumps(_schemas()), encoding="utf-8")
        path = self.folder / "settings.json"
        settings = {
            "emulator": self.emulator.url,
            "schemas": str(schemas),
            "models": str(MODELS),
            "record": str(self.folder / "record.jsonl"),
        }
        path.write_text(json.dumps(settings), encoding="utf-8")
        return path

    def _environment(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir()
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "HOME": str(self.folder),
            # Where functions are unpacked, and MiniStack keeps its process id.
            "TMPDIR": str(temporary),
            # Otherwise they would be in /tmp, whatever TMPDIR says, and stay there.
            "STATE_DIR": str(temporary / "state"),
            "S3_DATA_DIR": str(temporary / "s3"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AWS_ENDPOINT_URL": self.url,
            **self.credentials,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            # Functions reply to CloudFormation over TLS, to an Amazon S3 name that is served here.
            "LOCAL_CLOUD_REPLY_HOST": REPLY_HOST,
            "LOCAL_CLOUD_REPLY_PORT": str(self.reply_port),
            "SSL_CERT_FILE": str(self._certificate),
            "NODE_EXTRA_CA_CERTS": str(self._certificate),
            "PYTHONPATH": str(RUNTIME),
            "NODE_OPTIONS": f"--require={RUNTIME / 'lookup.cjs'}",
            # In AWS Lambda it is part of the runtime.
            "NODE_PATH": str(toolchain.javascript_sdk_folder() / "node_modules"),
            # Otherwise it would listen on all addresses.
            "IOT_MTLS_ENABLED": "0",
            # Roles may do what their policies allow, nothing else.
            "AUTH": "true",
            "NO_PROXY": "*",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def _certificate(self) -> Path:
        return self.folder / "replies.pem"

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self.server.status is not None:
                break
            if self._ready():
                return
            time.sleep(_PAUSE)
        raise SetupError(
            self.trouble()
            or f"MiniStack did not answer within {_START_SECONDS:.0f} s; the end of its log:\n"
            f"{self._last_lines()}"
        )

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _schemas() -> dict[str, Any]:
    """Read CloudFormation's schemas of the Amazon IVS types, which are part of cfn-lint."""
    schemas: Any = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    families = ("AWS::IVS::", "AWS::IVSChat::")
    names = [name for name in schemas.get_resource_types(REGION) if name.startswith(families)]
    return {name: schemas.get_resource_schema(REGION, name).schema for name in names}
