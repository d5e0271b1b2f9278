"""The public half of a key, given as text or as a key that signs in AWS KMS."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from ivs_constructs._core.arn import check_place, place_of
from ivs_constructs._core.check import Check, quoted
from ivs_constructs._core.draft import Draft, Pending
from ivs_constructs._core.stack_facts import StackFacts

_Made = TypeVar("_Made")


class KeyDraft(Draft[_Made]):
    """A draft of a resource that is the public half of a key."""

    def prepare(self) -> None:
        """Convert both ways of giving a key to the one property."""
        key, material = self.given.get("signing_key"), self.given.get("public_key_material")
        if key is None:
            if material is None:
                self.check.fail(
                    "public_key_material",
                    "key-missing",
                    "one of signing_key and public_key_material is required, got neither; pass "
                    "signing_key=TokenSigningKey(self, 'SigningKey')",
                )
            return
        if material is not None:
            self.check.fail(
                "signing_key",
                "exclusive",
                "signing_key cannot be combined with public_key_material; pass one of the two",
            )
        check_signing_key(self.check, key, self.stack_facts)
        # Asked for only when the resource is made, because it defines a custom resource.
        self.values["public_key_material"] = Pending(lambda: key.public_key_material)

    @property
    def signs_by(self) -> str | None:
        """The ARN of the key in AWS KMS, None if it is not known."""
        return defined_key(self.given.get("signing_key"))


class SigningKeyToCome:
    """A TokenSigningKey that a bundle will make."""

    def __init__(self) -> None:
        """Act as a placeholder for it."""
        self.made: Any = None

    @property
    def public_key_material(self) -> str:
        """The PEM text of its public half."""
        return cast("str", self.made.public_key_material)

    @property
    def _defined_arn(self) -> str | None:
        return defined_key(self.made)


def check_signing_key(check: Check, signing_key: object, beside: StackFacts) -> None:
    """Check a key in AWS KMS, as the user passed it.

    Args:
        check: Collects the failures.
        signing_key: The key.
        beside: The stack whose Region and account it must be in.
    """
    if not hasattr(type(signing_key), "public_key_material"):
        advice = ""
        if hasattr(signing_key, "key_arn"):
            advice = "; write TokenSigningKey.from_key(self, 'SigningKey', ...) around it"
        elif isinstance(signing_key, str) and signing_key.startswith("arn:"):
            advice = (
                "; import it with aws_kms.Key.from_key_arn(...), and write "
                "TokenSigningKey.from_key(self, 'SigningKey', ...) around that"
            )
        check.fail(
            "signing_key",
            "type",
            f"signing_key must be a TokenSigningKey, got {quoted(signing_key)}{advice}",
        )
    elif any(beside.place) and not isinstance(signing_key, SigningKeyToCome):
        key = cast("Any", signing_key)
        where = place_of(key._key, key.key_arn)
        check_place(check, beside, "signing_key", where, "the signer calls AWS KMS in its own")


def defined_key(signing_key: object) -> str | None:
    """Return the ARN of a key that the app defines; None for an import, which may be any key."""
    return cast("str | None", getattr(signing_key, "_defined_arn", None))
