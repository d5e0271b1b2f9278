"""Every operation and member of both APIs, each with where it is covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivs_constructs.operate._models import SERVICES, operations, operations_of
from tools.coverage.answers import Answer, Way
from tools.coverage.calls import Calls
from tools.coverage.constructs import Constructs
from tools.coverage.members import nodes


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an operation's input or output.

    Attributes:
        path: Its names in the API from the operation on; `[]` is a list's item.
        is_input: Whether it is in the input.
        answers: Where it is covered, best first; empty if unknown.
    """

    path: str
    is_input: bool
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """One operation with all of its members.

    Attributes:
        service: The API.
        name: The operation.
        answers: Where the operation itself is covered, best first; empty if unknown.
        members: Its members.
    """

    service: str
    name: str
    answers: tuple[Answer, ...]
    members: tuple[Member, ...]


def coverage(models: Mapping[str, Mapping[str, Any]]) -> list[Covered]:
    """Look for answers for every operation and member.

    Args:
        models: botocore's models of both APIs, by API name.
    """
    found: list[Covered] = []
    for service in SERVICES:
        api = operations_of(service, models[service])
        constructs = Constructs(service, api)
        for operation in api.values():
            calls = Calls(operation, operations(service).get(operation.name))
            found.append(
                Covered(
                    service,
                    operation.name,
                    _ordered([*constructs.of_operation(operation), *calls.of_operation()]),
                    tuple(
                        Member(
                            node.path,
                            is_input,
                            _ordered(
                                [
                                    *constructs.of_member(operation, node, is_input=is_input),
                                    *calls.of_member(node, is_input=is_input),
                                ]
                            ),
                        )
                        for is_input, root in ((True, operation.input), (False, operation.output))
                        for node in nodes(root)
                    ),
                )
            )
    return found


def _ordered(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    order = list(Way)
    return tuple(sorted(answers, key=lambda each: order.index(each.way)))
