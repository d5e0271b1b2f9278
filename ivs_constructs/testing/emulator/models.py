"""The operations of both APIs, read from the service models of the installed botocore.

The only module that touches botocore.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from ivs_constructs.testing.emulator.shapes import Form, compile_form

SERVICES = ("ivs", "ivs-realtime")

TAGS_PATH = "/tags/"
"""The start of the one path that both services share; the ARN after it shows which is meant."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of one service.

    Attributes:
        service: The service's name in boto3.
        name: The operation, such as `CreateStage`.
        method: The HTTP method.
        path: The path; for tag operations, up to the ARN.
        status: The HTTP status of success.
        input: The form of a request.
        output: The form of an answer; None if it has no body.
        errors: The modeled errors with their HTTP status.
    """

    service: str
    name: str
    method: str
    path: str
    status: int
    input: Form
    output: Form | None
    errors: Mapping[str, int]


class Models:
    """The operations of both services.

    Attributes:
        operations: All of them.
        errors: The HTTP status of every error that either service models.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.errors: dict[str, int] = {}
        # botocore ships no types; from here on, its objects are converted to typed ones.
        session: Any = import_module("botocore.session").Session()
        for service in SERVICES:
            model: Any = session.get_service_model(service)
            for name in model.operation_names:
                self.operations.append(_operation(service, model.operation_model(name)))
        for operation in self.operations:
            self.errors.update(operation.errors)
        self._routes: dict[tuple[str, str], dict[str, Operation]] = {}
        for operation in self.operations:
            route = self._routes.setdefault((operation.method, operation.path), {})
            route[operation.service] = operation

    def route(self, method: str, path: str) -> Mapping[str, Operation]:
        """Find the operations that a method and a path may mean, by service."""
        return self._routes.get((method, TAGS_PATH if path.startswith(TAGS_PATH) else path), {})

    def names(self) -> set[str]:
        """Name all operations."""
        return {operation.name for operation in self.operations}


@cache
def load() -> Models:
    """Read the models, once per process, because they are large."""
    return Models()


def _operation(service: str, model: Any) -> Operation:  # noqa: ANN401 (botocore ships no types)
    output = None if model.output_shape is None else compile_form(model.output_shape)
    return Operation(
        service=service,
        name=model.name,
        method=model.http["method"],
        path=model.http["requestUri"].partition("{")[0],
        status=model.http["responseCode"],
        input=Form(name=f"{model.name}Request", kind="structure")
        if model.input_shape is None
        else compile_form(model.input_shape),
        output=output,
        errors={
            shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model.error_shapes
        },
    )
