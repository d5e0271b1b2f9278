"""Exceptions that name the construct, the value and the remedy.

The tree::

    IvsConstructsError (ValueError)
    ├── InvalidPropertyError            one or more properties that Amazon IVS would refuse
    ├── InvalidScopeError (TypeError)   the scope or the id is not what a construct needs
    ├── UnsupportedError                a value that the installed version does not support
    ├── SecretAttributeError (AttributeError)   a secret that is not returned in plain text
    ├── UnknownAttributeError (AttributeError)  an attribute which an import was not given
    └── MissingNodeError                no Node.js to run the AWS CDK with

Codes are part of the public API: they change only with a major version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One invalid property.

    Attributes:
        property: The property, as the user writes it.
        code: Stable identifier of the rule, for programs.
        message: What is allowed, what was given and how to fix it.
        source: Where the rule comes from.
    """

    property: str
    code: str
    message: str
    source: str


class IvsConstructsError(ValueError):
    """Base of all errors of this library.

    Attributes:
        code: Stable identifier of the error, for programs.
    """

    code: ClassVar[str] = "Error"


class InvalidPropertyError(IvsConstructsError):
    """One or more properties have values that Amazon IVS would refuse.

    All failures of a construct are reported at once.

    Attributes:
        subject: The construct or value class, such as `Channel`.
        path: The construct's path, None for a value that belongs to no construct yet.
        failures: The problems, one entry each.
    """

    code = "InvalidProperty"

    def __init__(self, subject: str, path: str | None, failures: list[Failure]) -> None:
        self.subject = subject
        self.path = path
        self.failures = tuple(failures)
        where = subject if path is None else f"{subject} '{path}'"
        count = f"{len(failures)} invalid {'property' if len(failures) == 1 else 'properties'}"
        lines = "".join(f"\n  - {failure.message}" for failure in failures)
        super().__init__(f"{where} has {count}:{lines}")

    def __reduce__(self) -> tuple[object, ...]:
        # Python would pass the message as the only argument.
        return type(self), (self.subject, self.path, [*self.failures])


class InvalidScopeError(IvsConstructsError, TypeError):
    """The scope is not a construct inside a stack, or the id is not a string."""

    code = "InvalidScope"


class UnsupportedError(IvsConstructsError):
    """The installed aws-cdk-lib or CloudFormation's own type does not support a value."""

    code = "Unsupported"


class SecretAttributeError(IvsConstructsError, AttributeError):
    """A secret that this library does not return in plain text."""

    code = "SecretAttribute"


class UnknownAttributeError(IvsConstructsError, AttributeError):
    """An attribute of an imported resource that the import was not given."""

    code = "UnknownAttribute"


class MissingNodeError(IvsConstructsError):
    """No Node.js was found; the AWS CDK needs one."""

    code = "MissingNode"
