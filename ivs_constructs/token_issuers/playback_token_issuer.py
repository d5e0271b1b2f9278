"""A function that lets viewers watch private channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.resource import show_signature
from ivs_constructs._core.signing_keys import expect_playback_key_of
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.enums import MaximumResolution
from ivs_constructs.token_issuers._token_issuer import (
    TokenIssuer,
    check_known,
    check_log_retention,
    resources_of,
    seconds_of,
    where,
)
from ivs_constructs.token_issuers.function.settings import (
    LONGEST_ORIGINS,
    ChannelEntry,
    PlaybackSettings,
)
from ivs_constructs.tokens._origins import origin_problem
from ivs_constructs.tokens._playback import LONGEST_WITH_VIEWER, MOST_STRICT_ORIGINS

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_logs
    from aws_cdk.interfaces.aws_ivs import IChannelRef

    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html"

_DEFAULT_SECONDS = 300
_MOST_SECONDS = 86_400
_MOST_WITH_VIEWER = int(LONGEST_WITH_VIEWER.total_seconds())

_SINGLE_USE = Prop(py="single_use", cfn="", api="", kind=Kind.BOOLEAN)
_STRICT = Prop(py="enable_strict_origin_enforcement", cfn="", api="", kind=Kind.BOOLEAN)
_RESOLUTION = Prop(py="maximum_resolution", cfn="", api="", choices=tuple(MaximumResolution))


class PlaybackTokenIssuer(TokenIssuer):
    """A function that signs tokens for the viewers of certain private channels only.

    It signs in AWS KMS, so the private key never leaves KMS. Your back end invokes it for a
    viewer who may watch. What a token can allow is fixed here; a request can only ask for less.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        signing_key: The key that signs. Amazon IVS must know its public half: define
            `PlaybackKeyPair(signing_key=…)`, once for all private channels of the Region.
        channels: The private channels (`authorized=True`), 1 to 10.
        max_lifetime: How long a token can be used to start playback at most, 1 second to 24 hours
            (set by this library); 10 minutes for one viewer or one use (set by IVS).
            Default: 5 minutes (set by this library).
        allowed_origins: Sites that may play the channels, as origins
            `scheme://host[:port]`; the first label of the host may be `*`. At most 1024 characters
            together. Default: all sites (set by IVS).
        enable_strict_origin_enforcement: Whether every request of every client must have an allowed
            origin. Takes at most 5 origins. Default: False (set by IVS).
        maximum_resolution: The highest resolution that viewers get: a MaximumResolution.
            Default: no limit (set by IVS).
        single_use: Whether a token can be used only once. Default: False (set by
            IVS).
        log_retention: How long to keep the function's log. Default: one month (set by this
            library).

    Raises:
        InvalidPropertyError: If a property is invalid, or a channel plays without tokens.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> key_pair = PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
        >>> channel = Channel(stack, "Channel", authorized=True)
        >>> issuer = PlaybackTokenIssuer(
        ...     stack, "Issuer", signing_key=signing_key, channels=[channel]
        ... )
        >>> grant = issuer.grant_invoke(backend_role)

    The function takes a `PlaybackTokenRequest` and returns a `PlaybackTokenResponse`, or a
    `RefusedResponse` that says what is wrong with the request. It logs the channel and the time,
    never a token or a viewer. Its role may use the key for that one algorithm and write its log
    and traces.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        signing_key: TokenSigningKey,
        channels: Sequence[IChannelRef],
        max_lifetime: Duration | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        maximum_resolution: MaximumResolution | str | None = None,
        single_use: bool | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a PlaybackTokenIssuer. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("PlaybackTokenIssuer", scope, id)
        check = Check(_SOURCE)
        check_signing_key(check, signing_key)
        entries = _entries(check, channels)
        once = _flag(check, _SINGLE_USE, single_use)
        seconds = _seconds(check, max_lifetime, once=once)
        strict = _flag(check, _STRICT, enable_strict_origin_enforcement)
        origins = _origins(check, allowed_origins, strict=strict)
        resolution = None
        known = check_known(check, _RESOLUTION.py, maximum_resolution)
        if known and maximum_resolution is not None:
            resolution = check.value(_RESOLUTION, maximum_resolution)
        check_log_retention(check, log_retention)
        check.raise_for("PlaybackTokenIssuer", lambda: path_of(scope, id))
        settings = PlaybackSettings(
            signing_key_arn=signing_key.key_arn,
            max_lifetime=seconds,
            channels=entries,
            allowed_origins=origins,
            strict_origin_enforcement=strict,
            maximum_resolution=resolution,
            single_use=once,
        )
        self._define(scope, id, stack_facts, settings, kind="playback", log_retention=log_retention)
        expect_playback_key_of(signing_key, self, channels)


show_signature(PlaybackTokenIssuer)


def _entries(check: Check, channels: object) -> list[ChannelEntry]:
    entries: list[ChannelEntry] = []
    for channel, arn in resources_of(check, specs.CHANNEL, "channels", channels):
        # Imports do not tell whether they are private.
        if getattr(channel, "authorized", True) in (None, False):
            check.fail(
                "channels",
                "public-channel",
                f"channels must hold private ones, got {where(channel)}, which plays without a "
                "token; give authorized=True to that Channel, or private=True to its LiveChannel",
            )
        entry: ChannelEntry = {"channel_arn": arn}
        url = _playback_url(channel)
        if url is not None:
            entry["playback_url"] = url
        entries.append(entry)
    return entries


def _playback_url(channel: object) -> str | None:
    """Tell where players fetch the stream, None for an import that does not know."""
    for name in ("channel_playback_url", "attr_playback_url"):  # an L1 type has the second one
        url = getattr(channel, name, None)
        if isinstance(url, str):
            return url
    return None


def _flag(check: Check, prop: Prop, value: object) -> bool:
    if value is not None and check_known(check, prop.py, value):
        check.value(prop, value)
    return value is True


def _seconds(check: Check, max_lifetime: object, *, once: bool) -> float:
    seconds = seconds_of(check, max_lifetime, _DEFAULT_SECONDS, _MOST_SECONDS)
    if once and not is_token(seconds) and _MOST_WITH_VIEWER < seconds <= _MOST_SECONDS:
        check.fail(
            "max_lifetime",
            "range",
            f"max_lifetime must be 1-{_MOST_WITH_VIEWER} seconds with single_use, got "
            f"{seconds} seconds; shorten max_lifetime or drop single_use",
        )
    return seconds


def _origins(check: Check, given: object, *, strict: bool) -> list[str] | None:
    name = "allowed_origins"
    if given is None:
        if strict:
            check.fail(
                _STRICT.py,
                "strict-origins",
                f"{_STRICT.py} requires {name}, got none; name the origins or drop it",
            )
        return None
    if is_token(given) or not isinstance(given, list | tuple):
        advice = f"; write [{quoted(given)}]" if isinstance(given, str) else ""
        check.fail(name, "type", f"{name} must be a list of strings, got {quoted(given)}{advice}")
        return None
    origins = list(cast("Sequence[object]", given))
    if not origins:
        check.fail(name, "items", f"{name} must name an origin, got none; drop it if all are meant")
    for origin in origins:
        _check_origin(check, name, origin)
    if strict and len(origins) > MOST_STRICT_ORIGINS:
        check.fail(
            name,
            "strict-origins",
            f"{name} must have at most {MOST_STRICT_ORIGINS} items with {_STRICT.py}, got "
            f"{len(origins)}; drop {len(origins) - MOST_STRICT_ORIGINS}, or write a wildcard",
        )
    length = sum(len(each) for each in origins if isinstance(each, str) and not is_token(each))
    if length > LONGEST_ORIGINS:
        check.fail(
            name,
            "length",
            f"{name} must have at most {LONGEST_ORIGINS} characters together, got {length} "
            "characters; write a wildcard",
        )
    return cast("list[str]", origins)


def _check_origin(check: Check, name: str, origin: object) -> None:
    if not isinstance(origin, str):
        check.fail(name, "type", f"{name} must hold strings, got {quoted(origin)}")
        return
    # Such as a distribution's domain, which is known at deploy time only.
    problem = None if is_token(origin) else origin_problem(origin)
    if problem is not None:
        check.fail(name, "origin", f"{name} {problem}")
