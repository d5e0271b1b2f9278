"""Rules that a single property's descriptor cannot express, each with its source.

A rule is data: what it reads, when it is violated, its message, and its source.
Values that are known only at deploy time are never checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from ivs_constructs._core.check import ADDITIONAL_VALUES, Check, is_concrete, is_token
from ivs_constructs._specs import ResourceSpec

GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"
REALTIME_GUIDE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide"

REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
)
"""The home Regions of Amazon IVS. See: https://docs.aws.amazon.com/general/latest/gr/ivs.html"""

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


def is_region(value: object) -> bool:
    """Whether a value has the form of a Region's name, or is a deploy-time string."""
    return isinstance(value, str) and (is_token(value) or _REGION.fullmatch(value) is not None)


ADDITIONAL_REGIONS = "ivs_constructs:additionalRegions"
"""Context key: additional Regions to accept, for the day AWS adds one."""


LEAST_BITRATE = 10_000
"""Bits per second, this library's choice: less is no video, so the value is probably in
kilobits."""


class Severity(StrEnum):
    """What a violation does."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Rule:
    """A condition over several values.

    Attributes:
        code: Stable identifier; a warning's id is `ivs-constructs:` and this.
        reads: The values it checks. If the first is not set, there is nothing to check.
        violated: Whether these values, as attributes, break the rule.
        message: The message; `{name}` stands for a value.
        blames: The property at fault, if it is not the first one read.
        source: Where the rule comes from.
        severity: What a violation does.
    """

    def __init__(
        self,
        *,
        code: str,
        reads: tuple[str, ...],
        violated: Callable[[SimpleNamespace], bool],
        message: str,
        source: str,
        blames: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Define a rule from its attributes."""
        self.code = code
        self.reads = reads
        self.violated = violated
        self.message = message
        self.source = source
        self.blames = blames
        self.severity = severity


class Form(NamedTuple):
    """A form that a string, or each string of a list, must have.

    Attributes:
        code: Stable identifier.
        reads: The property it checks.
        problem: Returns what is wrong with a string, as the end of a sentence, or None.
        source: Where the rule comes from.
    """

    code: str
    reads: str
    problem: Callable[[str], str | None]
    source: str


class Advice(NamedTuple):
    """Something legal but risky, to be shown as an annotation of the AWS CDK."""

    severity: Severity
    id: str
    text: str


def judge(
    spec: ResourceSpec,
    check: Check,
    values: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    rules: tuple[Rule, ...] = (),
    forms: tuple[Form, ...] = (),
) -> list[Advice]:
    """Check the values and facts of one construct against its rules.

    Args:
        spec: The resource type.
        check: Collects the failures.
        values: The properties that satisfy their descriptors.
        facts: What else the rules read, such as the stack's Region.
        rules: The rules of the construct.
        forms: The forms of its strings.

    Returns:
        The warnings and notes.
    """
    failed = {failure.property for failure in check.failures}
    known = {**facts, **values}
    for form in forms:
        if form.reads not in failed:
            _judge_form(form, check, known.get(form.reads))
    advice: list[Advice] = []
    for rule in (*rules, REGION):
        read = [known.get(name) for name in rule.reads]
        if read[0] is None:
            continue
        if failed.intersection(rule.reads) or not all(map(is_concrete, read)):
            continue
        if not check.unknown.keys().isdisjoint(rule.reads):
            continue  # there are no rules for values that this library does not know
        if not rule.violated(SimpleNamespace(**dict(zip(rule.reads, read, strict=True)))):
            continue
        message = rule.message.format_map(dict(_written(spec, rule.reads, known)))
        if rule.severity is Severity.ERROR:
            check.fail(rule.blames or rule.reads[0], rule.code, message, rule.source)
        else:
            advice.append(Advice(rule.severity, f"ivs-constructs:{rule.code}", message))
    return advice


def _judge_form(form: Form, check: Check, value: object) -> None:
    if is_token(value):
        return
    texts = cast("list[object]", value) if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and not is_token(text):
            problem = form.problem(text)
            if problem is not None:
                check.fail(form.reads, form.code, f"{form.reads} {problem}", form.source)


def _written(
    spec: ResourceSpec, names: tuple[str, ...], known: Mapping[str, Any]
) -> Iterator[tuple[str, object]]:
    defaults = {prop.py: prop.default.partition(" ")[0] for prop in spec.props}
    for name in names:
        value = known.get(name)
        yield name, f"{defaults.get(name)} (the default)" if value is None else value


REGION = Rule(
    code="region",
    reads=("region", "more_regions", "meant_region"),
    violated=lambda v: v.region not in (*REGIONS, *v.more_regions),
    message=(
        f"the stack's Region must be one of {', '.join(REGIONS)}, got "
        "{region}; change the stack's env{meant_region}, or, if Amazon IVS is there now, set the "
        f"context {ADDITIONAL_REGIONS}={{region}}"
    ),
    source="https://docs.aws.amazon.com/general/latest/gr/ivs.html",
)


def unknown_value(prop: str, value: str) -> Advice:
    """Return the warning for an enum value that only the context allows."""
    return Advice(
        Severity.WARNING,
        "ivs-constructs:additional-value",
        f"{prop} is {value}, which this version of ivs-constructs does not know; the context "
        f"{ADDITIONAL_VALUES} allows it, and no rule checks it",
    )
