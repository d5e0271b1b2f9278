"""Keeps deploy-time values out of what Step Functions interprets.

A definition is JSON, and strings in it that begin with `{%` are JSONata. A value that is known only
at deploy time, such as a parameter's, could end its string and add states, or be evaluated. So it
is written as a JSONata string inside a JSON string, and CloudFormation escapes it for both. Names
that AWS assigns, such as the ARN of a stage, contain nothing to escape and stay readable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.by_name import attribute_of, reference
from ivs_constructs._core.check import is_token

# Private use characters, which no value contains.
_MARK = "\ue000{}\ue001"


class Interpreted:
    """The deploy-time values of one definition."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    def data(self, value: object) -> Any:  # noqa: ANN401 (JSON)
        """Mark a value that must reach the state machine literally, whatever it turns out to be."""
        if isinstance(value, Mapping):
            members = cast("Mapping[str, object]", value)
            return {self._name(name): self.data(each) for name, each in members.items()}
        if isinstance(value, str):
            return self._text(value)
        if is_token(value):
            # Numbers, which CloudFormation writes without quotes.
            return self._marked(cdk.Token.as_string(value))
        if isinstance(value, list):
            return [self.data(each) for each in cast("list[object]", value)]
        return value

    def json(self, definition: Mapping[str, Any]) -> str:
        """Write the definition."""
        text = json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
        for mark, written in self._written.items():
            text = text.replace(mark, written)
        return text

    def _name(self, name: str) -> str:
        # Names are not evaluated.
        if not is_token(name) or _is_made_by_aws(name):
            return name
        return self._marked(f'"{_escaped(name)}"')

    def _text(self, value: str) -> str:
        # Values known at synth are already checked: none of them can be JSONata.
        # The text around a token is not checked.
        if not is_token(value) or ("{%" not in value and _is_made_by_aws(value)):
            return value
        # Once for the JSONata string, once more for the JSON string.
        escaped = _escaped(_escaped(value))
        return self._marked(f'"{{% \\"{escaped}\\" %}}"')

    def _marked(self, written: str) -> str:
        mark = _MARK.format(len(self._written))
        self._written[f'"{mark}"'] = written
        return mark


def _is_made_by_aws(text: str) -> bool:
    """Whether the tokens in a string are names that AWS assigns, such as ARNs and the Region."""
    try:
        tokens = cdk.Tokenization.reverse_string(text).tokens
    except RuntimeError:  # not a token of this program, so synthesis will reject it
        return True
    return all(_is_attribute(each) for each in tokens)


def _is_attribute(token: cdk.IResolvable) -> bool:
    if isinstance(token, cdk.Reference):
        # Attributes of other types, such as a parameter or a nested stack, may be anybody's text.
        # As a reference: the object would load the module of its class.
        target = reference(token, "target")
        if target is None or target.type != "aws-cdk-lib.CfnResource":
            return target is not None and target.type.startswith("aws-cdk-lib.aws_ivs.")
        return attribute_of(target, "cfnResourceType").startswith(("AWS::IVS::", "Custom::IVS"))
    return token.to_string() in _PSEUDO_PARAMETERS


_PSEUDO_PARAMETERS = (cdk.Aws.ACCOUNT_ID, cdk.Aws.PARTITION, cdk.Aws.REGION, cdk.Aws.STACK_NAME)


def _escaped(text: str) -> str:
    """Let CloudFormation escape a text for a JSON or JSONata string; the rules are the same."""
    for character in ("\\", '"'):
        text = cdk.Fn.join(f"\\{character}", cdk.Fn.split(character, text))
    return text
