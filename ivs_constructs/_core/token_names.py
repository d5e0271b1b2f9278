"""What the arguments of `ivs_constructs.tokens` are called elsewhere.

Not beside the tokens: these names need not ship with the functions that sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType

from ivs_constructs._core.misnamed import refuse_arguments
from ivs_constructs.tokens._participant import OPERATION_NAMES
from ivs_constructs.tokens._playback import CLAIM_NAMES

_LIFETIME = "write expires_in=timedelta(minutes=...)"
_SET_BY_SIGN = "drop it: sign sets it"

_ANY_CLAIMS = {
    **dict.fromkeys(("exp", "expires", "expires_at", "expiration", "lifetime"), _LIFETIME),
    **dict.fromkeys(("max_lifetime", "ttl", "validity", *OPERATION_NAMES), _LIFETIME),
    **dict.fromkeys(("alg", "iat", "kid", "typ", "version"), _SET_BY_SIGN),
}

_INSTEAD = {
    "PlaybackClaims": {
        **_ANY_CLAIMS,
        **{theirs: f"write {ours}=..." for ours, theirs in CLAIM_NAMES.items()},
        "allowed_origins": "write access_control_allow_origin=[...]",
        "enable_strict_origin_enforcement": "write strict_origin_enforcement=True",
        "single_use": "write single_use_uuid=uuid.uuid4()",
    },
    "ParticipantClaims": {
        **_ANY_CLAIMS,
        "jti": "write participant_id=...",
        "resource": "write stage_arn=...",
        "topic": "drop it: it is the id in stage_arn",
        "allow_publish": "write capabilities=['PUBLISH', 'SUBSCRIBE']",
        "allow_subscribe": "write capabilities=['SUBSCRIBE']",
    },
    "ConnectionClaims": {
        **_ANY_CLAIMS,
        "jti": "write token_id=...",
        "events_url": "drop it: it is the same for all stages",
    },
    "KmsSigner": {
        **dict.fromkeys(("key", "key_arn", "KeyId", "signing_key"), "write key_id=..."),
        "kms": "write client=...",
    },
    "verify": {
        "public_key": "write public_key_material=...",
        "key": "write public_key_material=...",
    },
    "sign": {
        **dict.fromkeys(
            ("key", "private_key"), "write signer=KmsSigner(key_id), or a function of your own"
        ),
        **dict.fromkeys(("kid", "key_id", "public_key"), "write public_key_arn=..."),
    },
}


def refuse(
    name: str,
    function: FunctionType,
    positional: Sequence[object],
    given: Mapping[str, object],
    own: int,
) -> None:
    """Say what to write instead of wrong arguments.

    Args:
        name: What was called.
        function: The function, or the constructor of a class.
        positional: Its positional arguments.
        given: Its keyword arguments.
        own: How many of its arguments Python passes itself.

    Raises:
        TypeError: If it does not take these arguments.
    """
    refuse_arguments(name, function, positional, given, _INSTEAD.get(name, {}), own=own)
