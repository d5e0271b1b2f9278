"""The claims of connection tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from ivs_constructs.tokens._check import Check, quoted
from ivs_constructs.tokens._claims import EVENTS_URL, TWELVE_HOURS, VERSION, Claims
from ivs_constructs.tokens._times import check_lifetime, unix_time

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"

LONGEST = timedelta(weeks=4)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionClaims(Claims):
    """What a connection token allows: keeping one connection while moving between stages.

    It does not join a stage by itself: each stage still needs a participant token.

    Attributes:
        account_id: The AWS account of the stages, 12 digits.
        region: The Region of the public key that the token is signed for.
        expires_in: How long the connection can be used after the token is signed: 1 second to 4
            weeks. Fractions of a second are dropped. Default: 12 hours (set by this library).
        token_id: The token, a new id for each: 1-64 letters A-Z and a-z, digits, - and _.
            RevokeConnectionToken needs it. Default: a random UUID.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a value.

    Example:
        >>> claims = ConnectionClaims(account_id="123456789012", region="eu-west-1")

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    account_id: str
    region: str
    expires_in: timedelta = TWELVE_HOURS
    token_id: str = field(default_factory=lambda: str(uuid4()))

    def __post_init__(self) -> None:
        check = Check("ConnectionClaims", _SOURCE)
        account = check.text("account_id", self.account_id)
        if account is not None and not re.fullmatch("[0-9]{12}", account):
            check.fail("account_id", "account", f"must have 12 digits, got {quoted(account)}")
        region = check.text("region", self.region)
        if region is not None and not re.fullmatch("[a-z0-9-]+", region):
            check.fail(
                "region", "region", f"must be a Region such as 'eu-west-1', got {quoted(region)}"
            )
        lifetime = check_lifetime(check, self.expires_in, LONGEST)
        object.__setattr__(self, "expires_in", lifetime)
        check.identifier("token_id", self.token_id)
        check.raise_failures()

    @property
    def key_region(self) -> str:
        """The Region of the public key."""
        return self.region

    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Return the claims as the token contains them, by their names there.

        Args:
            now: When the token is made, with time zone. Default: the present.
        """
        issued = unix_time(now, "ConnectionClaims")
        return {
            "exp": issued + self.expires_in // timedelta(seconds=1),
            "iat": issued,
            "jti": self.token_id,
            "account_id": self.account_id,
            "region": self.region,
            "events_url": EVENTS_URL,
            "version": VERSION,
        }
