"""Deploy-time values as the AWS CDK encodes them, made without it."""

from __future__ import annotations

import struct

# As a text, as a list and as a number.
TEXT = "${Token[TOKEN.12]}"
LIST = ["#{Token[TOKEN.12]}"]
NUMBER: float = struct.unpack(">d", bytes.fromhex("fbff00000000000c"))[0]


class Resolvable:
    """A stand-in for the AWS CDK's IResolvable."""

    __jsii_ifaces__: tuple[type, ...] = ()
    creation_stack: tuple[str, ...] = ()

    def resolve(self, context: object) -> object:
        return context


class Duration:
    """A stand-in for aws_cdk.Duration, which cannot be negative."""

    __jsii_type__ = "aws-cdk-lib.Duration"

    def __init__(self, milliseconds: float, *, token: bool = False, unit: str = "seconds") -> None:
        self._milliseconds = milliseconds
        self._token = token
        self._unit = unit

    def unit_label(self) -> str:
        return self._unit

    def to_milliseconds(self, *, integral: bool = True) -> float:
        # As the AWS CDK does: only one that was made of milliseconds keeps its token.
        if self._token and self._unit != "millis":
            raise RuntimeError("cannot be converted")
        if integral and self._milliseconds % 1:
            raise RuntimeError("no whole number")
        return NUMBER if self._token else self._milliseconds

    def to_seconds(self) -> float:
        return NUMBER if self._token else self._milliseconds / 1000
