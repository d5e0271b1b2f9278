"""The state machine that starts a composition unless one is running, in Amazon States Language.

It runs each time somebody publishes, and events arrive twice, late or out of order. So it checks
three things:

- The stage still has the event's session. Otherwise it does nothing: events may be hours old, and a
  composition of an empty stage is still live for a minute.
- No composition of its own is running. Otherwise it does nothing.
- Concurrent executions start the same composition: their idempotency token is made from the stage's
  session, the state machine and the number of the attempt. If an attempt's token belongs to a
  composition that has ended, or the attempt meets a conflict, the next attempt follows. That is how
  a publisher comes back on the air after more than a minute while the viewers, and so the session,
  stayed.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
"""

from __future__ import annotations

from typing import Any

AUTOMATION_TAG = "ivs-constructs:automation"
"""The tag of each composition; its value is the ARN of the state machine that started it."""

# An execution may take 300 seconds, a limit of Express workflows.
TASK_SECONDS = 20
WAIT_SECONDS = 25
MOST_WAITS = 6
"""How often to wait after a conflict: a channel stays live for a while after its broadcast."""

MOST_ATTEMPTS = 25
"""How many idempotency tokens one session of a stage has."""

PAGE = 10
"""How many compositions are listed: with 50 tags each, 100 would exceed the 256 KB that a state may
receive, which no state can catch. What is not listed is found by its idempotency token."""

_RUNNING = "['STARTING', 'ACTIVE']"
_MACHINE = "$states.context.StateMachine.Id"

# Step Functions appends Exception to each name, whatever the API calls it.
_CONFLICT = "IvsRealTime.ConflictException"
_FINAL = (
    _CONFLICT,
    "IvsRealTime.PendingVerificationException",
    "IvsRealTime.ResourceNotFoundException",
    "IvsRealTime.ValidationException",
)
_RETRY: list[dict[str, Any]] = [
    {"ErrorEquals": list(_FINAL), "MaxAttempts": 0},
    # All others: throttling is not in the API's models, so its name is not reliable.
    {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 1,
        "BackoffRate": 2,
        "MaxAttempts": 6,
        "MaxDelaySeconds": 20,
        "JitterStrategy": "FULL",
    },
]


def definition(partition: str, stage_arn: str, request: dict[str, Any]) -> dict[str, Any]:
    """Write the state machine; its input is `{"session_id": …}`.

    Args:
        partition: The partition of ARNs.
        stage_arn: The stage.
        request: The parameters of StartComposition, in PascalCase, without the idempotency token.
    """
    own = f"Tags.`{AUTOMATION_TAG}` = {_MACHINE}"
    running = f"$states.result.Compositions[State in {_RUNNING} and {own}]"
    token = f"$session & ' ' & {_MACHINE} & ' ' & $string($attempt)"
    return {
        "Comment": "Starts a composition of a stage unless one is running",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {
            "Begin": {
                "Type": "Pass",
                "Assign": {
                    "session": _jsonata("$states.input.session_id"),
                    "attempt": 0,
                    "waits": 0,
                },
                "Next": "Get the stage",
            },
            "Get the stage": _task(
                partition,
                "getStage",
                {"Arn": stage_arn},
                assign={"present": "$states.result.Stage.ActiveSessionId = $session"},
                following="Is the session on?",
            ),
            "Is the session on?": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": _jsonata("$present"), "Next": "List compositions"},
                    # The stage may be a little behind the event.
                    {"Condition": _jsonata("$waits = 0"), "Next": "Wait"},
                ],
                "Default": "Session is over",
            },
            "List compositions": _task(
                partition,
                "listCompositions",
                {"FilterByStageArn": stage_arn, "MaxResults": PAGE},
                assign={"running": f"$exists({running})"},
                following="Is one running?",
            ),
            "Is one running?": {
                "Type": "Choice",
                "Choices": [{"Condition": _jsonata("$running"), "Next": "Composition is running"}],
                "Default": "Start a composition",
            },
            "Start a composition": {
                **_task(
                    partition,
                    "startComposition",
                    {
                        **request,
                        "Tags": {**request.get("Tags", {}), AUTOMATION_TAG: _jsonata(_MACHINE)},
                        # 64 characters, the maximum, whatever the session's id is.
                        "IdempotencyToken": _jsonata(f"$hash({token}, 'SHA-256')"),
                    },
                    assign={
                        "running": f"$states.result.Composition.State in {_RUNNING}",
                        "attempt": "$attempt + 1",
                    },
                    following="Has it started?",
                ),
                "Catch": [
                    {
                        "ErrorEquals": [_CONFLICT],
                        "Assign": {"attempt": _jsonata("$attempt + 1")},
                        "Next": "Shall we wait?",
                    }
                ],
            },
            "Has it started?": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": _jsonata("$running"), "Next": "Composition is running"},
                    {
                        "Condition": _jsonata(f"$attempt < {MOST_ATTEMPTS}"),
                        "Next": "Start a composition",
                    },
                ],
                "Default": "No composition",
            },
            "Shall we wait?": {
                "Type": "Choice",
                "Choices": [{"Condition": _jsonata(f"$waits < {MOST_WAITS}"), "Next": "Wait"}],
                "Default": "No composition",
            },
            "Wait": {
                "Type": "Wait",
                "Seconds": WAIT_SECONDS,
                "Assign": {"waits": _jsonata("$waits + 1")},
                "Next": "Get the stage",
            },
            "Composition is running": {"Type": "Succeed"},
            "Session is over": {"Type": "Succeed"},
            "No composition": {
                "Type": "Fail",
                "Error": "NoComposition",
                "Cause": "StartComposition met a conflict each time, most likely because the "
                "channel is live, or all its idempotency tokens belong to compositions that have "
                "ended. The next participant who publishes is another attempt.",
            },
        },
    }


def _task(
    partition: str,
    action: str,
    arguments: dict[str, Any],
    *,
    assign: dict[str, str],
    following: str,
) -> dict[str, Any]:
    """Write the call of an operation."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::aws-sdk:ivsrealtime:{action}",
        "Arguments": arguments,
        "TimeoutSeconds": TASK_SECONDS,
        "Retry": _RETRY,
        "Assign": {name: _jsonata(text) for name, text in assign.items()},
        "Next": following,
    }


def _jsonata(expression: str) -> str:
    return f"{{% {expression} %}}"
