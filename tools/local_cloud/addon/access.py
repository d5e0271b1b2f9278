"""Authorization: MiniStack's own evaluation of policies, with its refusals recorded."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from typing import Any

from tools.local_cloud.addon.guard import Guard
from tools.local_cloud.addon.ministack import app, functions, iam
from tools.local_cloud.addon.settings import Record

_SECRET = secrets.token_bytes(32)


def note_refusals(record: Record) -> None:
    """Record all refusals.

    A handler may continue after a refusal, but the tests must know about it.
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
    """Provide the KMS signing algorithm to policy conditions, which MiniStack does not."""

    def telling(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401 (no types)
        found: dict[str, Any] = iam.conditions.of_tags(service, action, body, parameters)
        if action in ("kms:Sign", "kms:Verify"):
            found["kms:SigningAlgorithm"] = json.loads(body).get("SigningAlgorithm", "")
        return found

    iam.conditions.module.request_tag_context = telling


def take_loopback_for_tls() -> None:
    """Treat requests as encrypted: buckets refuse others, and this server speaks plain HTTP."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)


def stand_guard(port: int, root_key: str) -> None:
    """Accept only the root's key and session keys.

    MiniStack itself accepts `test`, any account number or no key at all as the root.
    """

    def is_known(key: str) -> bool:
        return hmac.compare_digest(key.encode(), root_key.encode()) or key in iam.sessions

    app.app = Guard(app.app, port, iam.access_key, is_known)


def unguessable_key(of: str) -> str:
    """Make a session's access key: the same for the same text, different in each run."""
    digest = hmac.new(_SECRET, of.encode(), hashlib.sha256).hexdigest()
    return f"ASIA{digest[:32].upper()}"


def let_sessions_begin_at_once() -> None:
    """Have beginning a session not walk over the others, which may change meanwhile.

    MiniStack looks for expired ones each time, and two threads at once end in a RuntimeError. An
    expired session is refused all the same.
    """
    iam.of_sessions.module._evict_expired_sessions = lambda: None


def hide_keys_of_functions() -> None:
    """Give functions access keys that nobody can guess.

    MiniStack derives them from ARNs, and accepts the key as proof.
    """
    # A function may be invoked twice at once: both begin the same session.
    one_at_a_time = threading.Lock()

    def hidden(config: dict[str, Any]) -> dict[str, str]:
        with one_at_a_time:
            found: dict[str, str] = functions.credentials(config)
            session = iam.sessions.pop(found["AWS_ACCESS_KEY_ID"])
        key = unguessable_key(found["AWS_ACCESS_KEY_ID"])
        iam.begin_session(key, session)
        return {**found, "AWS_ACCESS_KEY_ID": key}

    for module in functions.users_of_credentials:
        module.execution_credentials = hidden
