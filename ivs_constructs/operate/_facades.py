"""How a facade takes what it is for, whichever library defined it."""

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
    """Return the resource that a facade was asked for, and its ARN.

    Args:
        facade: The facade.
        spec: The type that the resource must be of.
        source: The page that says so.
        resource: What the user gave: a construct of this library, an L1, an import.

    Raises:
        InvalidPropertyError: If it is something else.
    """
    return _construct(resource), arn_for(facade, spec, source, resource)


def arn_for(facade: type, spec: specs.ResourceSpec, source: str, resource: object) -> str:
    """Return the ARN of the resource that a facade was asked for.

    Args:
        facade: The facade.
        spec: The type that the resource must be of.
        source: The page that says so.
        resource: What the user gave.

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
    """Refuse an option that a method does not have, and name the one that was probably meant.

    Raises:
        TypeError: If there is one, as for any unexpected argument.
    """
    names = list(known)
    for name in options:
        if name not in names:
            raise TypeError(f"unexpected keyword argument '{name}'{did_you_mean(name, names)}")


def checked_arn(facade: type, spec: specs.ResourceSpec, source: str, prop: str, arn: str) -> str:
    """Return the ARN that a facade was given.

    Args:
        facade: The facade.
        spec: The type that the ARN must be of.
        source: The page that says so.
        prop: The argument.
        arn: What the user gave.

    Raises:
        InvalidPropertyError: If it is not an ARN of that type.
    """
    check = Check(source)
    check_arn(check, spec, prop, arn)
    check.raise_for(facade.__name__)
    return arn


def _construct(resource: object) -> Construct:
    """Return what others can be defined below.

    An import of another library comes from jsii as a proxy for several types, which the AWS CDK
    takes for none of them; one of the objects in it is the construct.
    """
    parts: Iterable[object] = getattr(resource, "_delegates", ())
    found = (each for each in (resource, *parts) if isinstance(each, Construct))
    return next(found, cast("Construct", resource))
