"""Immutable values for constructs: groups of settings that belong together.

They are checked when they are made, so an error points at the line that wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from ivs_constructs._core.check import (
    DYNAMIC_REFERENCE,
    TO_BE_LOOKED_UP,
    Check,
    is_token,
    quoted,
)
from ivs_constructs._core.misnamed import advise_arguments
from ivs_constructs.token_issuers._limits import (
    PARTICIPANT_SOURCE,
    PLAYBACK_SOURCE,
    participant_limits,
    playback_limits,
)

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk.aws_cognito import IUserPool, IUserPoolClient

    from ivs_constructs.enums import MaximumResolution
    from ivs_constructs.tokens._participant import Capability

JWT_SOURCE = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"
)

LONGEST_CLAIM = 128

_AUDIENCES = 50
"""The maximum number of audiences of an authorizer.

See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

_NAMES_NOBODY = frozenset(
    (
        *("iss", "aud", "exp", "iat", "nbf", "jti", "auth_time", "azp", "client_id", "scope"),
        *("scp", "token_use", "amr", "acr", "nonce", "at_hash", "origin_jti", "event_id"),
    )
)
"""Claims of OpenID Connect and Amazon Cognito that many people share, or that vary per sign-in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybackTokenLimits:
    """What the tokens of a LiveChannel's issuer may allow: the arguments of PlaybackTokenIssuer.

    Attributes:
        max_lifetime: The maximum time in which a token can start playback, 1 second to 24 hours
            (set by this library); at most 10 minutes for one viewer or one use (set by IVS).
            Default: 5 minutes (set by this library).
        allowed_origins: Sites whose pages may play the channel: see PlaybackTokenIssuer.
            Default: all sites (set by IVS).
        enable_strict_origin_enforcement: Whether every request of every client must have an allowed
            origin. Default: False (set by IVS).
        maximum_resolution: The maximum resolution for viewers. Default: no limit (set by IVS).
        single_use: Whether a token can be used only once. Default: False (set by IVS).
        require_viewer: Whether a request must name the viewer. Default: True (set by this
            library).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> limits = PlaybackTokenLimits(maximum_resolution="HD", single_use=True)

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
    """

    max_lifetime: Duration | None = None
    allowed_origins: Sequence[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    maximum_resolution: MaximumResolution | str | None = None
    single_use: bool | None = None
    require_viewer: bool | None = None

    def __post_init__(self) -> None:
        check = Check(PLAYBACK_SOURCE)
        playback_limits(check, **arguments_of(self))
        check.raise_for("PlaybackTokenLimits")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantTokenLimits:
    """What the tokens of a LiveStage's issuer may allow: the arguments of ParticipantTokenIssuer.

    Attributes:
        max_lifetime: The maximum time in which a token can be used to join, 1 second to 14 days.
            Default: 12 hours (set by this library, recommended by AWS).
        capabilities: The capabilities that participants can get. Default: PUBLISH and SUBSCRIBE
            (set by this library).
        exchange_capabilities: The capabilities that participants can get in exchange for a current
            token. Default: no exchange.

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> limits = ParticipantTokenLimits(capabilities=["SUBSCRIBE"])

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    max_lifetime: Duration | None = None
    capabilities: Collection[Capability | str] | None = None
    exchange_capabilities: Collection[Capability | str] | None = None

    def __post_init__(self) -> None:
        check = Check(PARTICIPANT_SOURCE)
        participant_limits(check, **arguments_of(self))
        check.raise_for("ParticipantTokenLimits")


def arguments_of(limits: PlaybackTokenLimits | ParticipantTokenLimits) -> dict[str, Any]:
    """Return limits as the arguments of an issuer."""
    return {each.name: getattr(limits, each.name) for each in fields(limits)}


@dataclass(frozen=True, kw_only=True, slots=True)
class JwtAuthorizer:
    """Admits users to a TokenApi who signed in with an OpenID Connect provider, such as Cognito.

    API Gateway verifies the token (JWT) of the sign-in. For Cognito, use `for_user_pool`.

    Attributes:
        issuer: The provider's URL, the `iss` of its tokens, without a slash at the end unless
            `iss` has one.
        audience: The clients that tokens may be for: their `aud` or, without that, `client_id`.
        claim: The claim that names the person, such as `sub`. It must be a single string that never
            changes and that users cannot choose themselves. It becomes the viewer id or user id,
            hashed if it is longer than Amazon IVS allows.

    Raises:
        InvalidPropertyError: If a value is not allowed, or no claim is named.

    Example:
        >>> authorizer = JwtAuthorizer(
        ...     issuer="https://login.example.com", audience=["a1b2c3"], claim="sub"
        ... )

    See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """

    issuer: str
    audience: Sequence[str]
    # None only so that a missing value is reported with the other failures.
    claim: str | None = None

    def __post_init__(self) -> None:
        check = Check(JWT_SOURCE)
        _check_issuer(check, self.issuer)
        _check_audience(check, self.audience)
        _check_claim(check, self.claim)
        check.raise_for("JwtAuthorizer")

    @classmethod
    def for_user_pool(
        cls, user_pool: IUserPool, clients: Sequence[IUserPoolClient], *, claim: str | None = None
    ) -> JwtAuthorizer:
        """Admit the users of an Amazon Cognito user pool.

        Args:
            user_pool: The user pool, defined or imported.
            clients: The pool's clients that users may sign in with.
            claim: The claim that names the person; ID tokens and access tokens have `sub`.

        Raises:
            InvalidPropertyError: If a value is not allowed, or no claim is named.

        Example:
            >>> authorizer = JwtAuthorizer.for_user_pool(user_pool, [client], claim="sub")
        """
        check = Check(JWT_SOURCE)
        pool = getattr(user_pool, "user_pool_id", None)
        if not isinstance(pool, str):
            advice = ""
            if isinstance(user_pool, str):
                advice = (
                    "; import it with aws_cognito.UserPool.from_user_pool_id(self, 'Users', ...)"
                )
            check.fail(
                "user_pool",
                "type",
                f"user_pool must be a UserPool, got {quoted(user_pool)}{advice}",
            )
        given = cast("object", clients)
        ids: list[str] = []
        if not isinstance(given, list | tuple):
            check.fail(
                "clients",
                "type",
                f"clients must be a list of UserPoolClients, got {quoted(given)}; write [client]",
            )
        else:
            for each in cast("Sequence[object]", given):
                client = getattr(each, "user_pool_client_id", None)
                if isinstance(client, str):
                    ids.append(client)
                else:
                    advice = ""
                    if isinstance(each, str):
                        advice = (
                            "; import it with aws_cognito.UserPoolClient.from_user_pool_client_id("
                            "self, 'Client', ...)"
                        )
                    check.fail(
                        "clients",
                        "type",
                        f"clients must hold UserPoolClients, got {quoted(each)}{advice}",
                    )
        check.raise_for("JwtAuthorizer")
        # The pool's own Region, which may differ from the API's.
        url = f"https://cognito-idp.{user_pool.env.region}.amazonaws.com/{pool}"
        return cls(issuer=url, audience=ids, claim=claim)


class IamAuthorizer:
    """Admits callers to a TokenApi who sign requests with AWS credentials and may invoke it.

    The person is the identity in an Amazon Cognito identity pool, or else the ARN of the user or of
    the role session, hashed if it is longer than Amazon IVS allows. Grant callers access with
    `TokenApi.grant_invoke`.

    Example:
        >>> authorizer = IamAuthorizer()

    See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
    """

    __slots__ = ()


def _check_issuer(check: Check, issuer: object) -> None:
    if is_token(issuer) and isinstance(issuer, str):
        # For example a user pool's, which is partly known.
        fits = issuer.startswith(("https://", "${Token[", TO_BE_LOOKED_UP, DYNAMIC_REFERENCE))
    else:
        fits = (
            isinstance(issuer, str)
            and issuer.startswith("https://")
            and len(issuer) > len("https://")
            and not any(each in issuer for each in " *?#")
            and _METADATA not in issuer
        )
    if not fits:
        advice = _issuer_advice(issuer)
        check.fail(
            "issuer",
            "url",
            f"issuer must be the URL https://host[/path] that tokens name as iss, got "
            f"{quoted(issuer)}{advice}",
        )


_METADATA = "/.well-known/"
"""Where a provider describes itself, below its URL."""


def _issuer_advice(issuer: object) -> str:
    if hasattr(type(issuer), "user_pool_id"):
        return "; write JwtAuthorizer.for_user_pool(user_pool, [client], claim='sub')"
    if not isinstance(issuer, str) or is_token(issuer):
        return ""
    pool = re.search(r"(?:^|/)([a-z]{2}(?:-[a-z]+)+-[0-9])_[a-zA-Z0-9]+$", issuer)
    if pool is not None and not issuer.startswith(("http", "cognito-idp.")):
        name = pool[0].lstrip("/")
        return (
            f"; write 'https://cognito-idp.{pool[1]}.amazonaws.com/{name}', or "
            "JwtAuthorizer.for_user_pool(user_pool, [client], claim='sub')"
        )
    if _METADATA in issuer:
        return f"; write '{issuer.partition(_METADATA)[0]}'"
    if re.fullmatch(r"(http://)?[\w-]+\.[\w./-]+", issuer):
        return f"; write 'https://{issuer.removeprefix('http://')}'"
    return "; write the URL in the iss of the provider's tokens"


def _check_audience(check: Check, audience: object) -> None:
    if is_token(audience) or not isinstance(audience, list | tuple):
        advice = f"; write [{quoted(audience)}]" if isinstance(audience, str) else ""
        check.fail(
            "audience",
            "type",
            f"audience must be a list of strings, got {quoted(audience)}{advice}",
        )
        return
    items = list(cast("Sequence[object]", audience))
    if not items:
        check.fail(
            "audience",
            "items",
            "audience must name a client, got none, which would admit everybody the provider "
            "knows; pass the ids of the clients that people sign in with",
        )
    if len(items) > _AUDIENCES:
        check.fail(
            "audience",
            "items",
            f"audience must have at most {_AUDIENCES} clients, got {len(items)}; drop "
            f"{len(items) - _AUDIENCES}",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
        )
    texts = [each for each in items if isinstance(each, str) and not is_token(each)]
    for text in sorted({each for each in texts if texts.count(each) > 1}):
        check.fail(
            "audience", "duplicate", f"audience must not repeat {quoted(text)}; drop the duplicate"
        )
    for item in items:
        if not isinstance(item, str) or not item.strip() or "*" in item:
            check.fail(
                "audience", "item", f"audience must hold the ids of clients, got {quoted(item)}"
            )


def _check_claim(check: Check, claim: object) -> None:
    if claim is None:
        check.fail(
            "claim",
            "required",
            "claim must name the claim that says who is signed in, got none; write claim='sub' if "
            "the provider's sub never changes",
        )
    elif not check_claim_name(check, "claim", claim, "claim must be"):
        return
    elif claim in _NAMES_NOBODY:
        check.fail(
            "claim",
            "names-nobody",
            f"claim must name the person, got '{claim}', which many people share or which changes "
            "with each sign-in; write claim='sub'",
        )


def check_claim_name(check: Check, prop: str, claim: object, start: str) -> bool:
    """Check the name of a claim.

    Args:
        check: Collects the failures.
        prop: The argument that contains it.
        claim: The name.
        start: The beginning of messages, such as `claim must be`.

    Returns:
        Whether it is valid.
    """
    if is_token(claim) or not isinstance(claim, str):
        check.fail(prop, "type", f"{start} a string that is known at synth, got {quoted(claim)}")
        return False
    bare = claim.removeprefix("$").removeprefix("context.authorizer").removeprefix(".")
    bare = bare.removeprefix("jwt.").removeprefix("claims.")
    if bare != claim:
        check.fail(
            prop,
            "path",
            f"{start} a name and not a path, got {quoted(claim)}; write {quoted(bare)}",
        )
        return False
    if not claim.strip() or claim != claim.strip() or len(claim) > LONGEST_CLAIM:
        check.fail(
            prop,
            "text",
            f"{start} one name of 1-{LONGEST_CLAIM} characters without spaces around it, got "
            f"{quoted(claim)}",
        )
        return False
    return True


advise_arguments(PlaybackTokenLimits)
advise_arguments(ParticipantTokenLimits)
advise_arguments(
    JwtAuthorizer,
    instead={"user_pool": "write JwtAuthorizer.for_user_pool(user_pool, [client], claim='sub')"},
)
