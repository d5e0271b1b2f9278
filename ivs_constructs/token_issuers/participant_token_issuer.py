"""A function that lets participants join stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.by_name import attribute_of, define_by_name, reference, typed
from ivs_constructs._core.check import Check
from ivs_constructs._core.function_settings import check_log_retention
from ivs_constructs._core.key_material import check_signing_key, defined_key
from ivs_constructs._core.stack_facts import StackFacts, path_of, stack_facts_of
from ivs_constructs.errors import UnknownAttributeError, UnsupportedError
from ivs_constructs.token_issuers._limits import PARTICIPANT_SOURCE, participant_limits
from ivs_constructs.token_issuers._token_issuer import TokenIssuer, resources_of, where
from ivs_constructs.token_issuers.function.settings import (
    EXCHANGE,
    ParticipantSettings,
    RouteSettings,
    StageEntry,
)

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_iam, aws_lambda, aws_logs
    from aws_cdk.interfaces.aws_ivs import IPublicKeyRef, IStageRef

    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey
    from ivs_constructs.tokens._participant import Capability


class ParticipantTokenIssuer(TokenIssuer):
    """A function that signs tokens for the participants of certain stages only.

    It signs in AWS KMS, so the private key never leaves KMS. Your back end invokes it for each
    person who may join. What a token can allow is fixed here; a request can only ask for less.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        signing_key: The signing key.
        public_key: The PublicKey made from it (`PublicKey(signing_key=…)`), which tokens name.
        stages: The stages, 1 to 10. Tokens repeat their endpoints, so these must be known: an
            import needs `Stage.from_stage_attributes`.
        max_lifetime: The maximum time in which a token can be used to join, 1 second to 14 days.
            Default: 12 hours (set by this library, recommended by AWS).
        capabilities: The capabilities that participants can get. Default: PUBLISH and SUBSCRIBE
            (set by this library).
        exchange_capabilities: The capabilities that participants can get in exchange for a current
            token: see `grant_exchange`. Default: no exchange (set by this library).
        log_retention: How long to keep the function's log. Default: one month (set by this
            library).

    Raises:
        InvalidPropertyError: If a property is invalid, or a stage's endpoints are unknown.
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
    never a token or a participant. Its role may use the key for that one algorithm, and write its
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
        exchange_capabilities: Collection[Capability | str] | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a ParticipantTokenIssuer. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("ParticipantTokenIssuer", scope, id)
        check = Check(PARTICIPANT_SOURCE)
        check_signing_key(check, signing_key, beside=stack_facts)
        public_key_arn = arn_of(
            check, specs.PUBLIC_KEY, "public_key", public_key, beside=stack_facts
        )
        if cast("object", public_key) is None:
            check.fail(
                "public_key",
                "required",
                "public_key is required; pass PublicKey(self, 'PublicKey', signing_key=...)",
            )
        if not check.failures:
            _check_pair(check, public_key, signing_key)
        entries = _entries(check, stages, stack_facts)
        limits = participant_limits(
            check,
            max_lifetime=max_lifetime,
            capabilities=capabilities,
            exchange_capabilities=exchange_capabilities,
        )
        check_log_retention(check, log_retention)
        check.raise_for("ParticipantTokenIssuer", lambda: path_of(scope, id))
        settings = ParticipantSettings(
            signing_key_arn=signing_key.key_arn,
            public_key_arn=str(public_key_arn),
            stages=entries,
            **limits,
        )
        self._define(
            scope, id, stack_facts, settings, kind="participant", log_retention=log_retention
        )
        self._alias: cdk.Resource | None = None
        if settings.exchange_capabilities is not None:
            # IAM does not see payloads, but a permission can be for one alias.
            latest = reference(self._function, "latestVersion")
            self._alias = define_by_name(
                cdk.Resource,
                "aws_lambda.Alias",
                self,
                "ExchangeAlias",
                {"aliasName": EXCHANGE, "version": latest},
            )
            self._exchanges = True

    def grant_exchange(
        self, grantee: aws_iam.IGrantable, *, source_arn: str | None = None
    ) -> aws_iam.Grant:
        """Allows the grantee to exchange participants' tokens, and nothing else.

        Anyone with this permission and a participant's token can get that participant all
        `exchange_capabilities`; grant it only to the back end that decides who may have them.

        Args:
            grantee: The grantee: see `grant_invoke`.
            source_arn: The AWS resource that may ask through a service: see `grant_invoke`.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions, or means everybody.
            UnknownAttributeError: If this issuer exchanges no tokens.

        Example:
            >>> grant = exchanging_issuer.grant_exchange(moderator_role)
        """
        invoker = self._invoker(grantee, source_arn)
        return self.exchange_alias.grant_invoke(invoker)

    @property
    def exchange_alias(self) -> aws_lambda.IAlias:
        """The alias of the function to invoke for an exchange.

        Raises:
            UnknownAttributeError: If this issuer exchanges no tokens.
        """
        if self._alias is None:
            raise UnknownAttributeError(
                f"exchange_alias of ParticipantTokenIssuer '{self.node.path}' requires "
                "exchange_capabilities, got none; pass what an exchanged token may allow"
            )
        return cast("aws_lambda.IAlias", typed(self._alias))

    def _route_target(self, route: RouteSettings) -> str:
        target = self._alias if route.get("exchange") else self._function
        return attribute_of(target, "functionArn")


def _check_pair(check: Check, public_key: IPublicKeyRef, signing_key: TokenSigningKey) -> None:
    """Reject a public key from another signing key, if the app defines both."""
    # Check the attribute: imports, L1 constructs and keys from PEM text do not have it.
    of = getattr(public_key, "_signing_key_arn", None)
    if of is not None and defined_key(signing_key) not in (of, None):
        check.fail(
            "public_key",
            "other-key",
            f"public_key must belong to the signing_key {where(signing_key)}, got "
            f"{where(public_key)}, which belongs to another key, so Amazon IVS would refuse every "
            "token; pass PublicKey(self, 'PublicKey', signing_key=...) with the same key",
        )


def _entries(check: Check, stages: object, beside: StackFacts) -> list[StageEntry]:
    entries: list[StageEntry] = []
    for item, arn in resources_of(check, specs.STAGE, "stages", stages, beside):
        stage = cast("Any", item)  # its endpoints are checked below
        try:
            entries.append(
                {
                    "stage_arn": arn,
                    "events_url": stage.events_endpoint,
                    "whip_url": stage.whip_endpoint,
                }
            )
        except (UnknownAttributeError, UnsupportedError) as error:
            check.fail("stages", "endpoints", f"stages must have known endpoints: {error}")
        except AttributeError:
            check.fail(
                "stages",
                "endpoints",
                f"stages must have known endpoints, got {where(item)}, which has none; import it "
                "with Stage.from_stage_attributes(self, 'Imported', ...)",
            )
    return entries
