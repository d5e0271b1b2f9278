"""Both IVS APIs from their models: which request is which operation, and how to send one."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, unquote, urlencode

_SECONDS = 30
TAGS = "/tags/"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def members(self) -> dict[str, Any]:
        """The members of the body."""
        return cast("dict[str, Any]", json.loads(self.body)) if self.body else {}

    @property
    def code(self) -> str:
        """The error's code; empty if it is not an error."""
        return self.headers.get("x-amzn-errortype", "") if self.status >= 400 else ""


class ApiError(Exception):
    """An operation that the emulator refused.

    Attributes:
        code: The error's code.
    """

    def __init__(self, operation: str, code: str, text: str) -> None:
        super().__init__(f"{operation}: {code}: {text}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation in its API's model.

    Attributes:
        method: The HTTP method.
        path: The path, up to the part that depends on the resource.
        input: The name of the input's shape.
        output: The name of the output's shape; empty if there is none.
        shapes: All shapes of the API, by name.
    """

    method: str
    path: str
    input: str
    output: str
    shapes: dict[str, Any]


class Api:
    """The emulator's APIs.

    Args:
        emulator: The emulator's address.
        models: The folder with the API models.
    """

    def __init__(self, emulator: str, models: Path) -> None:
        self._emulator = emulator
        self._operations: dict[str, Operation] = {}
        self._names: dict[tuple[str, str], str] = {}
        for path in models.rglob("service-2.json"):
            model = json.loads(path.read_text(encoding="utf-8"))
            for name, facts in model["operations"].items():
                method, uri = facts["http"]["method"], facts["http"]["requestUri"].partition("{")[0]
                takes, gives = (
                    facts.get(each, {}).get("shape", "") for each in ("input", "output")
                )
                self._operations[name] = Operation(method, uri, takes, gives, model["shapes"])
                self._names[method, uri] = name

    def find(self, name: str) -> Operation:
        """Look an operation up.

        Raises:
            KeyError: Neither API has it.
        """
        return self._operations[name]

    def operation(self, method: str, path: str) -> str:
        """Return the operation of a request; empty if there is none."""
        return self._names.get((method, TAGS if path.startswith(TAGS) else path), "")

    def send(self, method: str, path: str, query: str, body: bytes) -> Answer:
        """Send a request to the emulator unchanged."""
        url = f"{self._emulator}{quote(path, safe='/:')}" + (f"?{query}" if query else "")
        request = urllib.request.Request(  # noqa: S310 (the emulator's own address)
            url, data=body or None, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with _opener.open(request, timeout=_SECONDS) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, headers, response.read())
        except urllib.error.HTTPError as error:
            headers = {name.lower(): value for name, value in error.headers.items()}
            return Answer(error.code, headers, error.read())

    def call(self, operation: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON-like)
        """Call an operation.

        Raises:
            ApiError: It was refused.
        """
        found = self.find(operation)
        path, query = found.path, ""
        if path == TAGS:
            path += members.pop("resourceArn")
            if "tagKeys" in members:
                query = urlencode({"tagKeys": members.pop("tagKeys")}, doseq=True)
        body = json.dumps(members).encode() if members else b""
        answer = self.send(found.method, path, query, body)
        if answer.code:
            members = answer.members
            text = members.get("exceptionMessage") or members.get("message") or ""
            raise ApiError(operation, answer.code, text)
        return answer.members


def arn_in_path(path: str) -> str:
    """Return the ARN in a request about tags; empty if it is about something else."""
    return unquote(path[len(TAGS) :]) if path.startswith(TAGS) else ""


# Without the machine's proxy, because the emulator is on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
