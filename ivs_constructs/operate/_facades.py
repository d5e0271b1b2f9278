"""Finds the resource of a facade, whichever library defined it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of, check_arn
from ivs_constructs._core.check import Check, did_you_mean


def construct_with_arn(
    facade: type, spec: specs.ResourceSpec, source: str, resource: object
) -> tuple[Construct, str]:
    """Return the resource of a facade, and its ARN.

    Args:
        facade: The facade.
        spec: The type that the resource must have.
        source: The page that says so.
        resource: What the user passed: a construct of this library, an L1, an import.

    Raises:
        InvalidPropertyError: If it is something else.
    """
    return _construct(resource), arn_for(facade, spec, source, resource)


def arn_for(facade: type, spec: specs.ResourceSpec, source: str, resource: object) -> str:
    """Return the ARN of a facade's resource.

    Args:
        facade: The facade.
        spec: The type that the resource must have.
        source: The page that says so.
        resource: What the user passed.

    Raises:
        InvalidPropertyError: If it is something else.
    """
    check = Check(source)
    arn = arn_of(check, spec, spec.noun, resource)
    if resource is None:
        check.fail(spec.noun, "required", f"{spec.noun} is required; give a value")
    check.raise_for(facade.__name__)
    return str(arn)


def refuse_unknown(options: Mapping[str, object], known: Iterable[str]) -> None:
    """Reject an option that a method does not have, and name the one that was probably meant.

    Raises:
        TypeError: If there is one, as for any unexpected argument.
    """
    names = list(known)
    for name in options:
        if name not in names:
            raise TypeError(f"unexpected keyword argument '{name}'{did_you_mean(name, names)}")


def checked_arn(facade: type, spec: specs.ResourceSpec, source: str, prop: str, arn: str) -> str:
    """Return the ARN that was passed to a facade.

    Args:
        facade: The facade.
        spec: The type that the ARN must have.
        source: The page that says so.
        prop: The argument.
        arn: What the user passed.

    Raises:
        InvalidPropertyError: If it is not an ARN of that type.
    """
    check = Check(source)
    check_arn(check, spec, prop, arn)
    check.raise_for(facade.__name__)
    return arn


def _construct(resource: object) -> Construct:
    """Return the construct that children can be defined in.

    jsii returns another library's import as a proxy for several types, which the AWS CDK does not
    accept as a construct; one of the objects in it is the construct.
    """
    parts: Iterable[object] = getattr(resource, "_delegates", ())
    found = (each for each in (resource, *parts) if isinstance(each, Construct))
    return next(found, cast("Construct", resource))
