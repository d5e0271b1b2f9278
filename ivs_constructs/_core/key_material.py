"""The public half of a key, given as text or as a key that signs in AWS KMS."""

from __future__ import annotations

from typing import cast

from ivs_constructs._core.check import Check, quoted
from ivs_constructs._core.resource import check_place
from ivs_constructs._core.stack_facts import StackFacts


def key_material(
    check: Check, public_key_material: object, signing_key: object, beside: StackFacts
) -> object:
    """Return the PEM text of a public key, whichever way it was given.

    Args:
        check: Takes what is wrong.
        public_key_material: The text, as the user gave it.
        signing_key: The key in AWS KMS, as the user gave it.
        beside: What holds for the stack, where the key must be.
    """
    if signing_key is None:
        if public_key_material is None:
            check.fail(
                "public_key_material",
                "key-missing",
                "one of signing_key and public_key_material is required, got neither; give "
                "signing_key=TokenSigningKey(self, 'SigningKey')",
            )
        return public_key_material
    if public_key_material is not None:
        check.fail(
            "signing_key",
            "exclusive",
            "signing_key cannot be combined with public_key_material; give one of the two",
        )
    check_signing_key(check, signing_key, beside)
    # Read only if it will be used: reading it defines a custom resource.
    return None if check.failures else getattr(signing_key, "public_key_material", None)


def check_signing_key(check: Check, signing_key: object, beside: StackFacts) -> None:
    """Judge a key in AWS KMS, as the user gave it.

    Args:
        check: Takes what is wrong.
        signing_key: The key.
        beside: What holds for the stack, where the key must be.
    """
    if not hasattr(type(signing_key), "public_key_material"):
        advice = ""
        if hasattr(signing_key, "key_arn"):
            advice = "; write TokenSigningKey.from_key(self, 'SigningKey', ...) around it"
        check.fail(
            "signing_key",
            "type",
            f"signing_key must be a TokenSigningKey, got {quoted(signing_key)}{advice}",
        )
    elif any(beside.place):
        place = cast("tuple[str | None, str | None]", getattr(signing_key, "_place", (None, None)))
        check_place(check, beside, "signing_key", place, "whoever signs asks AWS KMS in its own")


def defined_key(signing_key: object) -> str | None:
    """Return the ARN of a key that the app defines; None for an import, which may be any key.

    Args:
        signing_key: A TokenSigningKey, which notes that when it is made.
    """
    return cast("str | None", getattr(signing_key, "_defined_arn", None))
