"""A function that lets viewers watch private channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.check import Check, is_token
from ivs_constructs._core.function_settings import check_log_retention
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.signing_keys import expect_playback_key_of
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs.token_issuers._limits import MOST_WITH_VIEWER, PLAYBACK_SOURCE, playback_limits
from ivs_constructs.token_issuers._token_issuer import TokenIssuer, resources_of, where
from ivs_constructs.token_issuers.function.settings import ChannelEntry, PlaybackSettings

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_logs
    from aws_cdk.interfaces.aws_ivs import IChannelRef

    from ivs_constructs.enums import MaximumResolution
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey


class PlaybackTokenIssuer(TokenIssuer):
    """A function that signs tokens for the viewers of certain private channels only.

    It signs in AWS KMS, so the private key never leaves KMS. Your back end invokes it for each
    viewer who may watch. What a token can allow is fixed here; a request can only ask for less.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        signing_key: The key that signs. Amazon IVS must know its public half: define
            `PlaybackKeyPair(signing_key=…)`, once for all private channels of the Region.
        channels: The private channels (`authorized=True`), 1 to 10.
        max_lifetime: The maximum time in which a token can start playback, 1 second to 24 hours
            (set by this library); at most 10 minutes for one viewer or one use (set by IVS).
            Default: 5 minutes (set by this library).
        allowed_origins: Sites that may play the channels, as origins
            `scheme://host[:port]`; the first label of the host may be `*`. At most 1024 characters
            together. Default: all sites (set by IVS).
        enable_strict_origin_enforcement: Whether every request of every client must have an allowed
            origin. Allows at most 5 origins. Default: False (set by IVS).
        maximum_resolution: The maximum resolution for viewers: a MaximumResolution.
            Default: no limit (set by IVS).
        single_use: Whether a token can be used only once. Default: False (set by IVS).
        require_viewer: Whether a request must name the viewer, whose session can then be revoked.
            Without a viewer, a token may live up to 24 hours, and its session cannot be revoked.
            Default: True (set by this library).
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
    never a token or a viewer. Its role may use the key for that one algorithm, and write its log
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
        require_viewer: bool | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a PlaybackTokenIssuer. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("PlaybackTokenIssuer", scope, id)
        check = Check(PLAYBACK_SOURCE)
        check_signing_key(check, signing_key, beside=stack_facts)
        entries = _entries(check, channels)
        limits = playback_limits(
            check,
            max_lifetime=max_lifetime,
            allowed_origins=allowed_origins,
            enable_strict_origin_enforcement=enable_strict_origin_enforcement,
            maximum_resolution=maximum_resolution,
            single_use=single_use,
            require_viewer=require_viewer,
        )
        check_log_retention(check, log_retention)
        check.raise_for("PlaybackTokenIssuer", lambda: path_of(scope, id))
        settings = PlaybackSettings(signing_key_arn=signing_key.key_arn, channels=entries, **limits)
        self._define(scope, id, stack_facts, settings, kind="playback", log_retention=log_retention)
        if settings.require_viewer and _is_longer(settings.max_lifetime):
            annotate(self, _SHORTER_FOR_VIEWERS)
        expect_playback_key_of(signing_key, self, channels)


_SHORTER_FOR_VIEWERS = Advice(
    Severity.WARNING,
    "ivs-constructs:lifetime-of-viewers",
    f"tokens live {MOST_WITH_VIEWER} seconds at most, whatever max_lifetime says, because each "
    "names its viewer; shorten max_lifetime, or set require_viewer=False for sessions that nobody "
    "can revoke",
)


def _is_longer(seconds: float) -> bool:
    return not is_token(seconds) and seconds > MOST_WITH_VIEWER


def _entries(check: Check, channels: object) -> list[ChannelEntry]:
    entries: list[ChannelEntry] = []
    # Channels can be elsewhere: the key that verifies a token is in its channel's Region.
    for channel, arn in resources_of(check, specs.CHANNEL, "channels", channels):
        # Imports do not know whether they are private.
        if getattr(channel, "authorized", True) in (None, False):
            check.fail(
                "channels",
                "public-channel",
                f"channels must hold private ones, got {where(channel)}, which plays without a "
                "token; pass authorized=True to that Channel, or private=True to its LiveChannel",
            )
        entry: ChannelEntry = {"channel_arn": arn}
        url = _playback_url(channel)
        if url is not None:
            entry["playback_url"] = url
        entries.append(entry)
    return entries


def _playback_url(channel: object) -> str | None:
    """Return the URL for players; None if an import does not know it."""
    for name in ("channel_playback_url", "attr_playback_url"):  # an L1 type has the second one
        url = getattr(channel, name, None)
        if isinstance(url, str):
            return url
    return None
