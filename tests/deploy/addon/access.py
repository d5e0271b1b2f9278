"""Who may do what: MiniStack's own evaluation of policies, with its refusals noted."""

from __future__ import annotations

import json
from typing import Any

from tests.deploy.addon.ministack import app, iam
from tests.deploy.addon.settings import Record


def note_refusals(record: Record) -> None:
    """Note what is refused to anybody.

    A handler may go on without what it was refused; the tests must know all the same.
    """
    enforce = iam.module.enforce

    def noting(key: str, action: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 (no types)
        refusal = enforce(key, action, *rest, **more)
        if refusal is not None:
            who = getattr(refusal, "principal_arn", "") or str(refusal)
            record.note("denied", action=action, who=who, on=more.get("resource_arn", ""))
        return refusal

    iam.module.enforce = noting


def tell_how_is_signed() -> None:
    """Let a policy ask by which algorithm AWS KMS is to sign, which MiniStack does not tell it."""

    def telling(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401 (no types)
        found: dict[str, Any] = iam.conditions.of_tags(service, action, body, parameters)
        if action == "kms:Sign":
            found["kms:SigningAlgorithm"] = json.loads(body).get("SigningAlgorithm", "")
        return found

    iam.conditions.module.request_tag_context = telling


def take_loopback_for_tls() -> None:
    """Let requests count as encrypted: buckets refuse others, and this server speaks plain HTTP."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)
