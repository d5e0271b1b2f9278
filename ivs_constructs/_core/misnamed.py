"""What was meant by a name that does not exist: an argument or an attribute.

People bring names from CloudFormation, boto3, Terraform, the console, L1s and other constructs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import CO_VARKEYWORDS
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, cast

_CLOSE = 0.7
"""How similar names must be to suggest one for the other, from 0 to 1."""

_TYPO = 0.85
"""How similar they are if it is only a slip of the finger."""

_FEW = 10
"""How many names fit into a message."""


def snake_case(name: str) -> str:
    """Write a name from another tool in Python's spelling."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("-", "_")).lower()


def argument_advice(
    subject: str, name: str, names: Iterable[str], instead: Mapping[str, str]
) -> str:
    """Say what to write instead of an argument that does not exist."""
    advice = instead.get(name) or instead.get(snake_case(name))
    if advice is not None:
        return f"; {advice}"
    names = list(names)
    meant = _meant(snake_case(name), names)
    if meant is not None:
        return f"; did you mean '{meant}'?"
    if len(names) <= _FEW:
        return f"; it takes {', '.join(names)}"
    return f"; help({subject}) lists its arguments"


def _meant(name: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant."""
    names = list(names)
    if name in names:
        return name
    # Imported here because only a mistake needs it.
    import difflib

    close = difflib.get_close_matches(name, names, n=1, cutoff=_CLOSE)
    if close and difflib.SequenceMatcher(None, name, close[0]).ratio() >= _TYPO:
        return close[0]
    for related in (
        [each for each in names if each.endswith(f"_{name}")],
        [each for each in names if name.endswith(f"_{each}")],
        [each for each in names if each.startswith(f"{name}_")],
        # Not the first word of a family, such as `metric`.
        [
            each
            for each in names
            if name.startswith(f"{each}_")
            and not any(other.startswith(f"{each}_") for other in names)
        ],
    ):
        if len(related) == 1:
            return related[0]
    return close[0] if close else None


_HOMES = {
    "aws_cdk": ("App", "CfnOutput", "Duration", "RemovalPolicy", "Stack", "Tags"),
    "aws_cdk.aws_logs": ("RetentionDays",),
    "ivs_constructs.checks": ("IvsChecks",),
    "ivs_constructs.fleets.client": ("FleetClient", "FleetFailedError", "FleetRefusedError"),
    "ivs_constructs.testing": ("Synthesized", "synthesize"),
    "ivs_constructs.testing.emulator": ("Emulator", "SteppingClock"),
    "ivs_constructs.tokens": (
        *("Capability", "ConnectionClaims", "KmsSigner", "ParticipantClaims", "PlaybackClaims"),
        *("sign", "verify", "viewer_id_of"),
    ),
}
"""Where names are that people look for at the front door."""

_SUBPACKAGES = ("checks", "fleets", "testing", "tokens")


def name_advice(name: str, names: Iterable[str]) -> str:
    """Say what to import instead of a name that the package does not have."""
    for home, there in _HOMES.items():
        if name in there:
            return f"; write from {home} import {name}"
    if name in _SUBPACKAGES:
        return f"; write import ivs_constructs.{name}"
    if name.startswith(("Chat", "Room", "Ivschat")):
        return "; Amazon IVS Chat has no constructs here: use the types of aws_cdk.aws_ivschat"
    if name.startswith("_"):
        return ""
    # Imported here because only a mistake needs it.
    import difflib

    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def advise_arguments(
    cls: type, *, instead: Mapping[str, str] | None = None, example: str = ""
) -> None:
    """Let a class's constructor advise what to write instead of wrong arguments.

    Args:
        cls: The class.
        instead: Advice for names that other tools and constructs use.
        example: A call of the class. Default: one with its own positional arguments.
    """
    constructor = vars(cls).get("__init__")
    if isinstance(constructor, FunctionType):
        wrapped = _advising(cls.__name__, constructor, instead or {}, example)
        setattr(cls, "__init__", wrapped)  # noqa: B010 (mypy)


def advise_methods(cls: type, instead: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Let the methods of a class advise the same.

    Args:
        cls: The class.
        instead: Advice for names that other tools use, by method.
    """
    for name, each in list(vars(cls).items()):
        if isinstance(each, FunctionType) and not name.startswith("_"):
            known = (instead or {}).get(name, {})
            setattr(cls, name, _advising(f"{cls.__name__}.{name}", each, known, ""))


def refuse_arguments(
    subject: str,
    function: FunctionType,
    positional: Sequence[object],
    given: Mapping[str, object],
    instead: Mapping[str, str],
    *,
    own: int,
) -> None:
    """Say what to write instead of wrong arguments.

    Args:
        subject: What was called.
        function: The function, or the constructor of a class.
        positional: The positional arguments.
        given: The keyword arguments.
        instead: Advice for names that other tools use.
        own: How many of the arguments Python passes itself.

    Raises:
        TypeError: If the function does not take these arguments.
    """
    _Arguments(subject, function, instead, "", own).check(positional, given)


def _advising(
    subject: str, constructor: FunctionType, instead: Mapping[str, str], example: str
) -> Callable[..., Any]:
    arguments = _Arguments(subject, constructor, instead, example, own=1)

    @functools.wraps(constructor)
    def construct(*positional: object, **given: object) -> Any:  # noqa: ANN401 (what it returns)
        arguments.check(positional, given)
        return constructor(*positional, **given)

    return construct


class _Arguments:
    """The arguments of a function, of which Python passes the first `own` itself."""

    def __init__(
        self,
        subject: str,
        function: FunctionType,
        instead: Mapping[str, str],
        example: str,
        own: int,
    ) -> None:
        code = function.__code__
        last = code.co_argcount + code.co_kwonlyargcount
        self._subject, self._function, self._own = subject, function, own
        self._instead, self._example = instead, example
        self._places = code.co_varnames[own : code.co_argcount]
        # Without those that may be left out.
        self._wanted = self._places[: len(self._places) - len(function.__defaults__ or ())]
        self._by_name = code.co_varnames[code.co_argcount : last]
        self._required = tuple(
            each for each in self._by_name if each not in (function.__kwdefaults__ or {})
        )
        self._known = frozenset((*self._places, *self._by_name))
        self._takes_any = bool(code.co_flags & CO_VARKEYWORDS)

    def check(self, positional: Sequence[object], given: Mapping[str, object]) -> None:
        """Check the arguments of a call."""
        if not self._takes_any and not self._known.issuperset(given):
            name = next(each for each in given if each not in self._known)
            options = [each for each in (*self._places, *self._by_name) if each not in _BY_POSITION]
            advice = argument_advice(self._subject, name, options, self._instead)
            raise TypeError(
                f"{self._function.__qualname__}() got an unexpected keyword argument '{name}'"
                f"{advice}"
            )
        passed = len(positional) - self._own
        absent = [each for each in (*self._wanted[passed:], *self._required) if each not in given]
        if absent or passed > len(self._places):
            self._refuse(positional, given)

    def _refuse(self, positional: Sequence[object], given: Mapping[str, object]) -> None:
        """Say how to call the function, if it does not take these arguments."""
        # Imported here because only a mistake needs it.
        from inspect import signature

        try:
            signature(self._function).bind(*positional, **given)
        except TypeError as error:
            example = self._example or self._call()
            raise TypeError(f"{self._function.__qualname__}() {error}; write {example}") from None

    def _call(self) -> str:
        if self._places[:2] == _BY_POSITION:
            names = ["self", "'Id'", *(f"{each}=..." for each in self._required or ())]
            return f"{self._subject}({', '.join(names if self._required else [*names, '...'])})"
        names = [f"{each}=..." for each in (*self._wanted, *self._required)]
        return (
            f"{self._subject}({', '.join(names or [f'{each}=...' for each in self._by_name[:1]])})"
        )


_BY_POSITION = ("scope", "id")
"""What constructs take by position."""


def advise_factories(cls: type) -> None:
    """Let the class methods of a class advise the same, such as those that import."""
    for name, each in list(vars(cls).items()):
        if isinstance(each, classmethod) and not name.startswith("_"):
            subject = f"{cls.__name__}.{name}"
            method = _advising(subject, cast("FunctionType", cast("Any", each).__func__), {}, "")
            setattr(cls, name, classmethod(method))


class Advising:
    """Advises what to write instead of an attribute that does not exist."""

    _attributes_instead: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:
        # Type checkers would accept any attribute.

        def __getattr__(self, name: str) -> object:
            own = None if name.startswith("__") else getattr(type(self), name, None)
            # Python also calls this after a property itself has raised.
            if isinstance(own, property):
                return own.fget(self)
            if isinstance(own, functools.cached_property):
                return own.func(self)
            raise UnknownNameError(self, name)


class UnknownNameError(AttributeError):
    """An attribute does not exist; the advice is looked for when the message is read.

    Most of these are raised because the AWS CDK, jsii or `hasattr` asks, and nobody reads them.
    """

    # What tracebacks show.
    __module__ = "builtins"
    __qualname__ = "AttributeError"

    def __init__(self, owner: object, attribute: str) -> None:
        # With `obj` too, Python adds a suggestion of its own.
        super().__init__(name=attribute)
        self._owner = owner
        self._attribute = attribute

    def __reduce__(self) -> tuple[object, ...]:
        # What it looks like: its owner, a construct, cannot be copied.
        return AttributeError, (str(self),)

    def __str__(self) -> str:
        owner, name = self._owner, self._attribute
        if isinstance(owner, type):
            return f"type object '{owner.__name__}' has no attribute '{name}'{_advice(owner, name)}"
        advice = "" if name.startswith("_") else _advice(owner, name)
        return f"'{type(owner).__name__}' object has no attribute '{name}'{advice}"


def _advice(owner: object, name: str) -> str:
    cls = owner if isinstance(owner, type) else type(owner)
    known: Mapping[str, str] = getattr(cls, "_attributes_instead", {})
    advice = known.get(name) or known.get(snake_case(name))
    if advice is not None:
        return f"; {advice}"
    names = [each for each in dir(cls) if not each.startswith("_")]
    wanted = snake_case(name).removeprefix("attr_")
    if isinstance(owner, type):
        imports = [each for each in names if each.startswith("from_")]
        return f"; it has {', '.join(imports)}" if wanted.startswith("from_") and imports else ""
    verb = wanted.removeprefix("grant_")
    grants: object = cast("Any", owner).grants if "grants" in names else None
    if hasattr(type(grants), verb):
        return f"; to allow it, write grants.{verb}(grantee)"
    # What a class is called starts the names of its own attributes: channel_arn.
    own = f"{snake_case(cls.__name__)}_{wanted}"
    meant = next((each for each in (wanted, own) if each in names), None) or _meant(wanted, names)
    if meant is not None:
        return f"; did you mean '{meant}'?"
    word = wanted.split("_")[0].removesuffix("s")
    related = [each for each in names if word in each.split("_")] or names
    return f"; it has {', '.join(related)}" if 0 < len(related) <= _FEW else ""
