"""Who may do what: MiniStack's own evaluation of policies, with its refusals noted."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

from tools.local_cloud.addon.guard import Guard
from tools.local_cloud.addon.ministack import app, functions, iam
from tools.local_cloud.addon.settings import Record

_SECRET = secrets.token_bytes(32)


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
        if action in ("kms:Sign", "kms:Verify"):
            found["kms:SigningAlgorithm"] = json.loads(body).get("SigningAlgorithm", "")
        return found

    iam.conditions.module.request_tag_context = telling


def take_loopback_for_tls() -> None:
    """Let requests count as encrypted: buckets refuse others, and this server speaks plain HTTP."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)


def stand_guard(port: int, root_key: str) -> None:
    """Let nobody in but by the root's key or a session's.

    MiniStack itself takes `test`, any account number and no key at all for the root.
    """

    def is_known(key: str) -> bool:
        return hmac.compare_digest(key.encode(), root_key.encode()) or key in iam.sessions

    app.app = Guard(app.app, port, iam.access_key, is_known)


def unguessable_key(of: str) -> str:
    """Make the access key of a session: the same for the same text, another in each run."""
    digest = hmac.new(_SECRET, of.encode(), hashlib.sha256).hexdigest()
    return f"ASIA{digest[:32].upper()}"


def hide_keys_of_functions() -> None:
    """Give functions access keys that nobody can work out.

    MiniStack derives them from ARNs, and takes a key for a proof.
    """

    def hidden(config: dict[str, Any]) -> dict[str, str]:
        found: dict[str, str] = functions.credentials(config)
        session = iam.sessions.pop(found["AWS_ACCESS_KEY_ID"])
        key = unguessable_key(found["AWS_ACCESS_KEY_ID"])
        iam.begin_session(key, session)
        return {**found, "AWS_ACCESS_KEY_ID": key}

    for module in functions.users_of_credentials:
        module.execution_credentials = hidden
