"""A function that lets participants join stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check
from ivs_constructs._core.key_material import check_signing_key, defined_key
from ivs_constructs._core.resource import show_signature
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.errors import UnknownAttributeError, UnsupportedError
from ivs_constructs.token_issuers._token_issuer import (
    TokenIssuer,
    check_known,
    check_log_retention,
    resources_of,
    seconds_of,
    where,
)
from ivs_constructs.token_issuers.function.settings import ParticipantSettings, StageEntry
from ivs_constructs.tokens._claims import TWELVE_HOURS
from ivs_constructs.tokens._participant import LONGEST, Capability

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_logs
    from aws_cdk.interfaces.aws_ivs import IPublicKeyRef, IStageRef

    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"

_DEFAULT_SECONDS = int(TWELVE_HOURS.total_seconds())
_MOST_SECONDS = int(LONGEST.total_seconds())

_CAPABILITIES = Prop(
    py="capabilities",
    cfn="",
    api="",
    kind=Kind.LIST,
    minimum=1,
    unique=True,
    item=Prop(py="capabilities", cfn="", api="", choices=tuple(Capability)),
)


class ParticipantTokenIssuer(TokenIssuer):
    """A function that signs tokens for the participants of certain stages only.

    It signs in AWS KMS, so the private key never leaves KMS. Your back end invokes it for
    somebody who may join. What a token can allow is fixed here; a request can only ask for less.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        signing_key: The key that signs.
        public_key: The PublicKey made with it (`PublicKey(signing_key=…)`), which tokens name.
        stages: The stages, 1 to 10. Tokens repeat their endpoints, so these must be known: an
            import needs `Stage.from_stage_attributes`.
        max_lifetime: How long a token can be used to join at most, 1 second to 14 days.
            Default: 12 hours (set by this library, recommended by AWS).
        capabilities: What participants may be allowed. Default: PUBLISH and SUBSCRIBE (set by this
            library).
        log_retention: How long to keep the function's log. Default: one month (set by this
            library).

    Raises:
        InvalidPropertyError: If a property is invalid, or a stage does not tell its endpoints.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> public_key = PublicKey(stack, "PublicKey", signing_key=signing_key)
        >>> issuer = ParticipantTokenIssuer(
        ...     stack,
        ...     "Issuer",
        ...     signing_key=signing_key,
        ...     public_key=public_key,
        ...     stages=[Stage(stack, "Stage")],
        ...     capabilities=["SUBSCRIBE"],
        ... )
        >>> grant = issuer.grant_invoke(backend_role)

    The function takes a `ParticipantTokenRequest` and returns a `ParticipantTokenResponse`, or a
    `RefusedResponse` that says what is wrong with the request. It logs the stage and the time,
    never a token or a participant. Its role may use the key for that one algorithm and write its
    log and traces.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        signing_key: TokenSigningKey,
        public_key: IPublicKeyRef,
        stages: Sequence[IStageRef],
        max_lifetime: Duration | None = None,
        capabilities: Collection[Capability | str] | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a ParticipantTokenIssuer. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("ParticipantTokenIssuer", scope, id)
        check = Check(_SOURCE)
        check_signing_key(check, signing_key)
        public_key_arn = arn_of(check, specs.PUBLIC_KEY, "public_key", public_key)
        if cast("object", public_key) is None:
            check.fail(
                "public_key",
                "required",
                "public_key is required; give PublicKey(self, 'PublicKey', signing_key=...)",
            )
        if not check.failures:
            _check_pair(check, public_key, signing_key)
        entries = _entries(check, stages)
        seconds = seconds_of(check, max_lifetime, _DEFAULT_SECONDS, _MOST_SECONDS)
        allowed: list[str] = [each.value for each in Capability]
        if capabilities is not None and check_known(check, "capabilities", capabilities):
            allowed = check.value(_CAPABILITIES, capabilities)
        check_log_retention(check, log_retention)
        check.raise_for("ParticipantTokenIssuer", lambda: path_of(scope, id))
        settings = ParticipantSettings(
            signing_key_arn=signing_key.key_arn,
            max_lifetime=seconds,
            public_key_arn=str(public_key_arn),
            stages=entries,
            capabilities=allowed,
        )
        self._define(
            scope, id, stack_facts, settings, kind="participant", log_retention=log_retention
        )


show_signature(ParticipantTokenIssuer)


def _check_pair(check: Check, public_key: IPublicKeyRef, signing_key: TokenSigningKey) -> None:
    """Refuse a public key that is of another key, if the app defines both."""
    # By attribute: an import, an L1 and one that was made of a text do not tell.
    of = getattr(public_key, "_signing_key_arn", None)
    if of is not None and defined_key(signing_key) not in (of, None):
        check.fail(
            "public_key",
            "other-key",
            f"public_key must be of the signing_key {where(signing_key)}, got {where(public_key)}, "
            "which is of another key, so Amazon IVS would refuse every token; give "
            "PublicKey(self, 'PublicKey', signing_key=...) with the same key",
        )


def _entries(check: Check, stages: object) -> list[StageEntry]:
    entries: list[StageEntry] = []
    for item, arn in resources_of(check, specs.STAGE, "stages", stages):
        stage = cast("Any", item)  # whether it has endpoints is asked below
        try:
            entries.append(
                {
                    "stage_arn": arn,
                    "events_url": stage.events_endpoint,
                    "whip_url": stage.whip_endpoint,
                }
            )
        except (UnknownAttributeError, UnsupportedError) as error:
            check.fail("stages", "endpoints", f"stages must tell their endpoints: {error}")
        except AttributeError:
            check.fail(
                "stages",
                "endpoints",
                f"stages must tell their endpoints, got {where(item)}, which has none; import it "
                "by Stage.from_stage_attributes(self, 'Imported', ...)",
            )
    return entries
