"""Knows the existing types and properties, to suggest what a misspelled one means."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Iterable

_CUSTOM = "Custom::IVS"


def meant(name: str, among: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    by_key = {_key(each): each for each in sorted(among)}
    # The last part distinguishes types; the rest is nearly always the same.
    close = difflib.get_close_matches(_key(name), by_key, n=1, cutoff=0.6)
    tails = {key.rpartition("::")[2]: each for key, each in by_key.items()}
    return by_key[close[0]] if close else tails.get(_key(name))


def properties_of(cfn_type: str) -> set[str] | None:
    """The properties of a type, according to the AWS CDK; None if it does not know the type."""
    if cfn_type.startswith(_CUSTOM):
        # They have the native type's names, and some of their own.
        return None
    level1 = _level1(cfn_type)
    if level1 is None:
        return None
    names = set(inspect.signature(level1.__init__).parameters) - {"self", "scope", "scope_", "id"}
    return {"".join(part[:1].upper() + part[1:] for part in name.split("_")) for name in names}


def is_known(cfn_type: str) -> bool | None:
    """Whether the type exists, None if that is unknown."""
    if not cfn_type.startswith("AWS::"):
        return None
    # A service's name is lower case in Python, but not in CloudFormation.
    return bool(getattr(_level1(cfn_type), "CFN_RESOURCE_TYPE_NAME", None) == cfn_type)


def types_beside(cfn_type: str) -> set[str]:
    """The types of the same service."""
    service = cfn_type.split("::")[1] if cfn_type.count("::") else "IVS"
    module = _module(service) or _module("IVS")
    names = [each for each in vars(module) if re.fullmatch(r"Cfn[A-Z]\w*", each)] if module else []
    level1 = [each for each in names if not each.endswith(("Props", "PropsMixin"))]
    first = getattr(module, level1[0], None) if level1 else None
    prefix = str(getattr(first, "CFN_RESOURCE_TYPE_NAME", "")).rpartition("::")[0]
    return {f"{prefix}::{each.removeprefix('Cfn')}" for each in level1} if prefix else set()


def realized(cfn_type: str, among: Iterable[str]) -> str | None:
    """A type used instead of a missing one, such as Custom::IVSStage for AWS::IVS::Stage."""
    name = cfn_type.rpartition("::")[2]
    return next((each for each in sorted(among) if each.endswith(name)), None)


def same(name: str, other: str) -> bool:
    """Whether two names differ only in spelling."""
    return _key(name) == _key(other)


def _key(name: str) -> str:
    return name.replace("_", "").lower()


def _module(service: str) -> object | None:
    try:
        return importlib.import_module(f"aws_cdk.aws_{service.lower()}")
    except ImportError:
        return None


def _level1(cfn_type: str) -> type[object] | None:
    parts = cfn_type.split("::")
    if len(parts) != 3 or not parts[1].isidentifier():
        return None
    found: object = getattr(_module(parts[1]), f"Cfn{parts[2]}", None)
    return found if inspect.isclass(found) else None
