"""As much of Step Functions as the state machine uses, with calls by boto3.

See: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import botocore.exceptions  # type: ignore[import-untyped]  # no types

_jsonata: Any = import_module("jsonata")  # it ships no types

MOST_SECONDS = 300
"""How long an execution of an Express workflow may take."""

MOST_STATES = 200
"""More than any execution enters."""


@dataclass
class Execution:
    """One execution.

    Attributes:
        status: SUCCEEDED, FAILED or TIMED_OUT.
        error: What failed.
        states: The names of the states that were entered.
        seconds: The time spent waiting, between states and between attempts of one.
    """

    status: str = "RUNNING"
    error: str = ""
    states: list[str] = field(default_factory=list[str])
    seconds: float = 0


class TaskError(Exception):
    """What a task failed with, by the name that Step Functions gives it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Machine:
    """A state machine, ready to be executed.

    Attributes:
        definition: In Amazon States Language, with all ARNs.
        arn: Its own.
        client: The client of the one API that its tasks call.
        after_wait: What happens while it waits.
    """

    def __init__(self, definition: Mapping[str, Any], arn: str, client: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
        assert definition["QueryLanguage"] == "JSONata"
        self.definition = definition
        self.arn = arn
        self.client = client
        self.after_wait: Callable[[], object] = lambda: None

    def execute(self, given: object) -> Execution:
        """Run it with an input."""
        execution = Execution()
        variables: dict[str, Any] = {}
        states = self.definition["States"]
        name = self.definition["StartAt"]
        # As it goes over the wire.
        data = json.loads(json.dumps(given))
        while name is not None:
            execution.states.append(name)
            assert len(execution.states) < MOST_STATES, "it goes round in circles"
            name, data = self._enter(states[name], data, variables, execution)
            if execution.seconds > MOST_SECONDS:
                execution.status = "TIMED_OUT"
                break
        return execution

    def _enter(
        self, state: Mapping[str, Any], data: object, variables: dict[str, Any], run: Execution
    ) -> tuple[str | None, object]:
        def value_of(template: object, **more: object) -> Any:  # noqa: ANN401 (JSON-like)
            context = {"StateMachine": {"Id": self.arn}}
            return _filled(
                template, {**variables, "states": {"input": data, "context": context, **more}}
            )

        match state["Type"]:
            case "Pass":
                output = data
                assigned = value_of(state.get("Assign", {}))
            case "Choice":
                output, assigned = data, {}
                chosen = next(
                    (c["Next"] for c in state["Choices"] if _truth(value_of(c["Condition"]))),
                    state["Default"],
                )
                return chosen, output
            case "Wait":
                output = data
                assigned = value_of(state.get("Assign", {}))
                run.seconds += value_of(state["Seconds"])
                self.after_wait()
            case "Task":
                try:
                    output = self._attempt(state, value_of(state["Arguments"]), run)
                except TaskError as error:
                    catcher = next(
                        (c for c in state.get("Catch", ()) if _fits(c["ErrorEquals"], error)), None
                    )
                    if catcher is None:
                        run.status, run.error = "FAILED", error.name
                        return None, None
                    told = {"Error": error.name}
                    variables.update(value_of(catcher.get("Assign", {}), errorOutput=told))
                    return catcher["Next"], told
                assigned = value_of(state.get("Assign", {}), result=output)
            case "Succeed":
                run.status = "SUCCEEDED"
                return None, data
            case "Fail":
                run.status, run.error = "FAILED", state["Error"]
                return None, None
            case other:
                raise AssertionError(other)
        variables.update(assigned)
        return state["Next"], output

    def _attempt(self, state: Mapping[str, Any], arguments: Any, run: Execution) -> object:  # noqa: ANN401 (JSON-like)
        retriers = state.get("Retry", [])
        done = [0] * len(retriers)
        while True:
            try:
                return self._call(state["Resource"], arguments)
            except TaskError as error:
                index = next(
                    (i for i, r in enumerate(retriers) if _fits(r["ErrorEquals"], error)), None
                )
                if index is None:
                    raise
                retrier = retriers[index]
                if done[index] >= retrier.get("MaxAttempts", 3):
                    raise
                delay = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** done[index]
                # The longest that the jitter may make it.
                run.seconds += min(delay, retrier["MaxDelaySeconds"])
                done[index] += 1

    def _call(self, resource: str, arguments: dict[str, Any]) -> object:
        action = resource.removeprefix("arn:aws:states:::aws-sdk:ivsrealtime:")
        model = self.client.meta.service_model
        operation = model.operation_model(action[0].upper() + action[1:])
        method = next(
            python
            for python, api in self.client.meta.method_to_api_mapping.items()
            if api == operation.name
        )
        try:
            answer = getattr(self.client, method)(**_renamed(operation.input_shape, arguments, 0))
        except botocore.exceptions.ClientError as error:
            known = {shape.error_code for shape in operation.error_shapes}
            code = error.response["Error"]["Code"]
            # What the model does not know has the name of the whole API's exception.
            name = f"{code.removesuffix('Exception')}Exception" if code in known else ""
            raise TaskError(f"IvsRealTime.{name or 'IvsRealTimeException'}") from None
        except botocore.exceptions.HTTPClientError:
            raise TaskError("IvsRealTime.SdkClientException") from None
        answer.pop("ResponseMetadata")
        return json.loads(json.dumps(_renamed(operation.output_shape, answer, 1), default=str))


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 (JSON-like)
    """Evaluate an expression in JSONata; None if it is undefined."""
    expression = _jsonata.Jsonata.jsonata(text)
    expression.register_lambda("hash", _hash)
    return expression.evaluate(None, dict(variables))


def _hash(text: str, algorithm: str) -> str:
    # A function of Step Functions alone, with algorithms called as States.Hash has them.
    return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()


def _fits(names: list[str], error: TaskError) -> bool:
    return error.name in names or names == ["States.ALL"]


def _truth(value: object) -> bool:
    assert isinstance(value, bool), "a Condition must be true or false"
    return value


def _filled(template: object, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 (JSON-like)
    """Evaluate all expressions in a template."""
    if isinstance(template, dict):
        return {name: _filled(each, variables) for name, each in template.items()}
    if isinstance(template, list):
        return [_filled(each, variables) for each in template]
    if isinstance(template, str) and template.startswith("{%"):
        assert template.endswith("%}")
        value = evaluate(template[2:-2], variables)
        assert value is not None, f"{template} is undefined, which fails the state"
        return value
    return template


def _renamed(shape: Any, value: Any, to_pascal: int) -> Any:  # noqa: ANN401 (botocore has no types)
    """Write the API's names in PascalCase, as Step Functions does, or back; a user's own stay."""
    match shape.type_name:
        case "structure":
            names = {name: name[0].upper() + name[1:] for name in shape.members}
            back = {pascal: name for name, pascal in names.items()}
            table = names if to_pascal else back
            return {
                table[name]: _renamed(
                    shape.members[name if to_pascal else back[name]], each, to_pascal
                )
                for name, each in value.items()
            }
        case "list":
            return [_renamed(shape.member, each, to_pascal) for each in value]
        case _:
            return value
