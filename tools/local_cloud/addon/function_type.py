"""`AWS::Lambda::Function`, where MiniStack's differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.local_cloud.addon.ministack import functions, provisioners

_type: dict[str, Callable[..., Any]] = provisioners.types["AWS::Lambda::Function"]


def registered() -> dict[str, Any]:
    """The entry for MiniStack's registry of types."""
    return {**_type, "delete": delete}


deleted: set[str] = set()
"""The functions that CloudFormation has deleted, some of which may still be running."""


def delete(name: str, properties: dict[str, Any]) -> None:
    """Delete a function, and end its processes, which MiniStack keeps."""
    deleted.add(name)
    _type["delete"](name, properties)
    functions.end_workers(name)


def write_no_logs_of_deleted_functions() -> None:
    """Prevent the last output of a deleted function from making its log group again."""
    write = functions.module._emit_lambda_logs

    def written(function: dict[str, Any], *rest: Any, **more: Any) -> None:  # noqa: ANN401 (MiniStack ships no types)
        config = function.get("config") or function
        if config.get("FunctionName") not in deleted:
            write(function, *rest, **more)

    functions.module._emit_lambda_logs = written


def find_models_where_the_code_is() -> None:
    """Let functions find the API models in their code.

    In AWS Lambda the code is in /var/task; here it is in a folder of its own, where it runs.
    """
    start = functions.worker.__init__

    def begin(self: Any, name: str, config: dict[str, Any], code: bytes) -> None:  # noqa: ANN401 (MiniStack ships no types)
        variables = (config.get("Environment") or {}).get("Variables") or {}
        here = {key: value.replace("/var/task", ".") for key, value in variables.items()}
        start(self, name, {**config, "Environment": {"Variables": here}}, code)

    functions.worker.__init__ = begin
