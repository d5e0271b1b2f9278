"""A fleet of stages: rooms that an application creates at run time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check
from ivs_constructs._core.draft import own_arguments
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.fleets._fleet import Fleet, Options, Plan
from ivs_constructs.fleets._issuer import check_issuer
from ivs_constructs.fleets._template import check_literal, in_full, parameters
from ivs_constructs.realtime.stage import StageDraft
from ivs_constructs.realtime.values import AutoParticipantRecording
from ivs_constructs.token_issuers._limits import capabilities_of, lifetime_of
from ivs_constructs.token_issuers.function.settings import LONGEST_LIFETIME, ParticipantSettings
from ivs_constructs.tokens._claims import TWELVE_HOURS

if TYPE_CHECKING:
    from aws_cdk import Duration, RemovalPolicy, aws_logs
    from aws_cdk.interfaces.aws_ivs import IPublicKeyRef

    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey
    from ivs_constructs.tokens._participant import Capability

VERBS = ("acquire", "get", "touch", "release", "list")

_OF_TOKENS = ("signing_key", "public_key", "token_max_lifetime", "token_capabilities")
"""The arguments about tokens."""


class StageFleet(Fleet):
    """Stages that your application creates at run time, one per key, owned by the stack.

    A key is what your application calls the stage, such as a meeting's id. `acquire` returns the
    stage of a key and creates it if there is none. Until `release`, every answer for that key names
    the same stage, despite failures and concurrent requests. Idle stages are deleted; deleting the
    stack deletes all stages.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        max_size: The maximum number of stages, including ready ones, 1-100 000.
        idle_after: How long a stage must go without a request, a session or a valid token of the
            fleet before it is deleted, 10 minutes to 60 days. Default: 2 hours (set by this
            library).
        ready: How many stages to create in advance, so that `acquire` need not wait for Amazon
            IVS, 0-50. Default: 0 (set by this library).
        in_use: What deleting the stack does about stages with participants, an InUse.
            Default: FAIL (set by this library).
        removal_policy: DESTROY, or RETAIN to keep the stages, the table, and the resources that the
            stages use. Default: DESTROY (set by this library).
        stage_name: The name of each stage, up to 128 letters, digits, - and _. Default: none.
        auto_participant_recording: How participants are recorded.
            Default: no recording (set by IVS).
        tags: Tags of each stage, up to 46. Default: none.
        token_issuer: Whether the fleet has the verb `token`, which signs participant tokens for
            any of its stages. Default: False (set by this library).
        signing_key: The signing key. Default: a new key (by this library).
        public_key: The PublicKey made with it; an account has 3 in a Region.
            Default: a new PublicKey (by this library).
        token_max_lifetime: The maximum time in which a token can be used to join, 1 second to 14
            days. Default: 12 hours (set by this library).
        token_capabilities: The capabilities that participants can get. Default: PUBLISH and
            SUBSCRIBE (set by this library).
        log_retention: How long the functions' logs are kept. Default: one month (set by this
            library).

    Raises:
        InvalidPropertyError: If a property is invalid, or Amazon IVS would refuse the template.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> rooms = StageFleet(stack, "Rooms", max_size=200, ready=2)
        >>> grant = rooms.grants.acquire(backend_role)

    A deployment applies a changed template to empty stages at once, and to the others as soon as
    they are empty.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
    """

    _instead: ClassVar[Mapping[str, str]] = {
        "recording": "write auto_participant_recording=AutoParticipantRecording(...)",
        "participant_token_configurations": "write token_issuer=True, and get tokens at run time",
    }

    _signing_key: TokenSigningKey | None = None
    _public_key: IPublicKeyRef | None = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        max_size: int,
        idle_after: Duration | None = None,
        ready: int | None = None,
        in_use: InUse | str | None = None,
        removal_policy: RemovalPolicy | None = None,
        stage_name: str | None = None,
        auto_participant_recording: AutoParticipantRecording | None = None,
        tags: Mapping[str, str] | None = None,
        token_issuer: bool | None = None,
        signing_key: TokenSigningKey | None = None,
        public_key: IPublicKeyRef | None = None,
        token_max_lifetime: Duration | None = None,
        token_capabilities: Collection[Capability | str] | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a StageFleet. Its arguments are those listed for the class."""
        _, _, given = own_arguments(locals())
        facts = stack_facts_of("StageFleet", scope, id)
        check = Check(specs.STAGE.source)
        options = Options.among(given)
        advice = options.check(check, "stage")
        # Members use the API, which has every property.
        of_stages = {**given, "provisioning": Provisioning.CUSTOM, "in_use": None}
        plan = _plan(StageDraft(scope, id, of_stages, check=check))
        plan.advice += advice
        signs = check_issuer(check, given, _OF_TOKENS)
        longest = LONGEST_LIFETIME[ParticipantSettings]
        seconds = lifetime_of(
            check, "token_max_lifetime", token_max_lifetime, TWELVE_HOURS, longest
        )
        allowed = capabilities_of(check, "token_capabilities", token_capabilities)
        if signing_key is not None:
            check_signing_key(check, signing_key, beside=facts)
        public_key_arn = arn_of(check, specs.PUBLIC_KEY, "public_key", public_key, beside=facts)
        if public_key is not None and signing_key is None:
            check.fail(
                "public_key",
                "key-missing",
                "public_key requires the signing_key that it was made with, got none; give both, "
                "or neither",
            )
        check.raise_for("StageFleet", lambda: path_of(scope, id))
        self._define(scope, id, facts, "stage", plan, options)
        issuer: dict[str, Any] | None = None
        if signs:
            key_arn, arn = self._keys(signing_key, public_key, public_key_arn)
            issuer = {
                "signing_key_arn": key_arn,
                "public_key_arn": arn,
                "max_lifetime": seconds,
                "capabilities": allowed,
            }
        self._complete(issuer, (*VERBS, *(["token"] if signs else [])))

    @property
    def member_type(self) -> Literal["stage"]:
        """The type of the members."""
        return "stage"

    @property
    def signing_key(self) -> TokenSigningKey:
        """The key that signs the tokens, for other fleets and issuers that share it.

        Raises:
            UnknownAttributeError: If the fleet issues no tokens.
        """
        return self._with_issuer("signing_key", self._signing_key)

    @property
    def public_key(self) -> IPublicKeyRef:
        """The public key that verifies the tokens; an account has 3 in a Region.

        Raises:
            UnknownAttributeError: If the fleet issues no tokens.
        """
        return self._with_issuer("public_key", self._public_key)

    def _keys(
        self,
        signing_key: TokenSigningKey | None,
        public_key: IPublicKeyRef | None,
        public_key_arn: str | None,
    ) -> tuple[str, str]:
        # Imported lazily: most fleets have none.
        from ivs_constructs.realtime.public_key import PublicKey
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        signs = signing_key or TokenSigningKey(self, "SigningKey")
        self._signing_key = signs
        if public_key is None or public_key_arn is None:
            made = PublicKey(self, "PublicKey", signing_key=signs)
            public_key, public_key_arn = made, made.public_key_arn
        self._public_key = public_key
        return signs.key_arn, public_key_arn


def _plan(draft: StageDraft) -> Plan:
    create = parameters(specs.STAGE.props, draft.wire)
    named = getattr(draft.given["auto_participant_recording"], "storage_configuration", None)
    plan = Plan(
        create=create,
        update=in_full(specs.STAGE.props, create),
        tags={each["key"]: each["value"] for each in draft.wire.get("tags") or ()},
        named=() if named is None else (named,),
        advice=draft.advice,
    )
    check_literal(draft.check, plan.create, plan.update, plan.tags)
    return plan
