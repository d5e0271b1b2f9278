"""What AWS Lambda runs a function's code in: a program of its own, with what Lambda has installed.

Takes events on standard input and answers on standard output, one a line; what the function prints
is its log, on standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

# Lambda has the standard library and boto3; the machine of the tests has more.
ABSENT = ("aws_cdk", "constructs", "cryptography", "ecdsa", "jsii", "jwt", "moto")


class Context:
    """What Lambda tells of an invocation."""

    def __init__(self, number: int) -> None:
        self.aws_request_id = f"request-{number}"
        self._end = time.monotonic() + float(os.environ["SECONDS"])

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for name in ABSENT:
        sys.modules[name] = None  # type: ignore[assignment]  # makes imports of it fail
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(import_module(module), name)
    # The code of the asset, not the project's own.
    code = Path(str(sys.modules[module].__file__))
    if not code.is_relative_to(os.environ["LAMBDA_TASK_ROOT"]):
        raise SystemExit(f"{code} is not in the asset")
    for number, line in enumerate(sys.stdin):
        answer = answer_of(handler, json.loads(line), Context(number))
        print(json.dumps(answer, allow_nan=False), file=answers, flush=True)


def answer_of(handler: Any, event: object, context: Context) -> object:  # noqa: ANN401 (any function)
    try:
        answer: object = handler(event, context)
    except Exception as error:
        # Lambda writes it into the log, and hands it to the caller.
        traceback.print_exc()
        return {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_exception(error),
        }
    return answer


if __name__ == "__main__":
    main()
