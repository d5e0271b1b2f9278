"""Collects the failures of one token's claims.

A message never repeats what identifies people (ids, attributes, parameters), because messages end
up in logs. It gives lengths and counts instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeGuard, cast

from ivs_constructs.errors import Failure, InvalidPropertyError
from ivs_constructs.tokens._failures import Failures, is_encoded_token, shortened

LONGEST_ARN = 128
"""In characters. See: https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_Stage.html"""

LONGEST_URL = 2048
LONGEST_ID = 64
"""Characters in the id of a participant or connection token."""


def is_deploy_time(value: object) -> bool:
    """Whether a value is an AWS CDK token, which stands for something not known yet."""
    if isinstance(value, str | float):
        return is_encoded_token(value)
    return hasattr(value, "creation_stack")


def quoted(text: str) -> str:
    """Quote a string for a message, shortening a long one; for strings that identify nobody."""
    return shortened(repr(text))


def is_arn(value: object, resource: str) -> TypeGuard[str]:
    """Whether a value is the ARN of a resource of Amazon IVS, such as a `channel`."""
    pattern = rf"arn:aws:ivs:[a-z0-9-]+:[0-9]+:{resource}/[a-zA-Z0-9-]+"
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


@dataclass(slots=True)
class Check(Failures):
    """The failures found in one set of values so far.

    Attributes:
        subject: The class or function that takes the values.
    """

    subject: str
    source: str
    failures: list[Failure] = field(default_factory=list[Failure])

    def fail(self, prop: str, code: str, message: str) -> None:
        """Record one invalid value; the message continues a sentence that starts with its name."""
        self.note(prop, code, f"{prop} {message}")

    def raise_failures(self) -> None:
        """Raise one error with all failures, if there are any."""
        self.raise_for(self.subject)

    def error(self) -> InvalidPropertyError:
        """Put all failures into one error."""
        return InvalidPropertyError(self.subject, None, self.failures)

    def known(self, prop: str, value: object) -> bool:
        """Check that a value is known now."""
        if not is_deploy_time(value):
            return True
        self.fail(
            prop,
            "deploy-time",
            "must be known when the token is made, got a deploy-time value; pass it to the program "
            "that makes tokens in an environment variable",
        )
        return False

    def wrong_type(self, prop: str, expected: str, value: object, advice: str = "") -> None:
        """Record a value of the wrong type; the value itself is not shown."""
        self.fail(prop, "type", f"must be {expected}, got {_kind(value)}{advice}")

    def text(
        self, prop: str, value: object, *, minimum: int = 0, maximum: int | None = None
    ) -> str | None:
        """Check a string and its length, whose `minimum` is one or zero."""
        if not self.known(prop, value):
            return None
        if not isinstance(value, str):
            self.wrong_type(prop, "a string", value)
            return None
        if not _is_unicode(value):
            self._not_unicode(prop)
            return None
        length = len(value)
        if length < minimum:
            self.fail(prop, "length", f"must have at least {minimum} character, got none; add some")
            return None
        if maximum is not None and length > maximum:
            self.fail(
                prop,
                "length",
                f"must have at most {maximum} characters, got {length} characters; shorten it by "
                f"{length - maximum}",
            )
            return None
        return value

    def identifier(self, prop: str, value: object) -> None:
        """Check a token's id."""
        text = self.text(prop, value, minimum=1, maximum=LONGEST_ID)
        wrong = len(re.sub(r"[A-Za-z0-9_-]", "", text or ""))
        if wrong:
            self.fail(
                prop,
                "characters",
                f"must have only letters A-Z and a-z, digits, - and _, got {wrong} other "
                f"character{'' if wrong == 1 else 's'}; replace {'it' if wrong == 1 else 'them'}",
            )

    def arn(self, prop: str, value: object, resource: str) -> None:
        """Check the ARN of a resource of Amazon IVS."""
        text = self.text(prop, value, maximum=LONGEST_ARN)
        if text is not None and not is_arn(text, resource):
            self.fail(
                prop,
                "arn",
                f"must be an ARN arn:aws:ivs:<region>:<account>:{resource}/<id>, got "
                f"{quoted(text)}",
            )

    def address(self, prop: str, value: object, scheme: str) -> None:
        """Check a URL; it is not shown, since some URLs carry a token."""
        text = self.text(prop, value, minimum=1, maximum=LONGEST_URL)
        if text is not None and not re.fullmatch(rf"{scheme}://[^\s/]\S*", text):
            self.fail(
                prop,
                "url",
                f"must be a URL {scheme}://host, got something else; pass it as GetStage returns "
                "it",
            )

    def boolean(self, prop: str, value: object) -> None:
        """Check a boolean."""
        if self.known(prop, value) and not isinstance(value, bool):
            self.wrong_type(prop, "True or False", value)

    def choice(self, prop: str, value: object, choices: Iterable[str], verb: str = "be") -> None:
        """Check a value of a closed set, and suggest the one that was probably meant."""
        allowed = [str(each) for each in choices]
        if not self.known(prop, value) or value in allowed:
            return
        got, close = _kind(value), list[str]()
        if isinstance(value, str):
            # Not above: only a mistake needs it.
            import difflib

            got = quoted(value)
            close = difflib.get_close_matches(value.upper(), allowed, n=1, cutoff=0.5)
        advice = f"; did you mean '{close[0]}'?" if close else ""
        self.fail(prop, "choice", f"must {verb} one of {', '.join(allowed)}, got {got}{advice}")

    def string_map(self, prop: str, value: object, maximum: int) -> Mapping[str, str]:
        """Check a mapping of strings to strings and its size in UTF-8."""
        if not self.known(prop, value):
            return MappingProxyType({})
        if not isinstance(value, Mapping):
            self.wrong_type(prop, "a dict of strings", value)
            return MappingProxyType({})
        copied = dict(cast("Mapping[str, str]", value))
        texts = [*copied.keys(), *copied.values()]
        if all(self.holds_text(prop, text) for text in texts):
            size = sum(len(text.encode()) for text in texts)
            if size > maximum:
                self.fail(
                    prop,
                    "size",
                    f"must have at most {maximum} bytes of UTF-8, keys and values together, got "
                    f"{size} bytes; shorten it by {size - maximum}",
                )
        return MappingProxyType(copied)

    def holds_text(self, prop: str, item: object) -> bool:
        """Check a string inside a collection."""
        if not self.known(prop, item):
            return False
        if not isinstance(item, str):
            self.fail(prop, "type", f"must hold strings, got {_kind(item)}; write a str")
            return False
        if not _is_unicode(item):
            self._not_unicode(prop)
            return False
        return True

    def _not_unicode(self, prop: str) -> None:
        self.fail(
            prop,
            "unicode",
            "must be text that UTF-8 can hold, got half of a surrogate pair; decode it properly",
        )


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
