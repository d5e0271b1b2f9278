"""ARNs of resources: their form, their Region and account, and references between resources."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import cast

import aws_cdk as cdk
from constructs import IConstruct

from ivs_constructs._core.arn_text import ACCOUNT_DIGITS, ARN_PARTS, has_wildcard, may_be_arn
from ivs_constructs._core.check import (
    INSTANCE_ADVICE,
    TOKEN,
    Check,
    is_token,
    quoted,
    with_article,
)
from ivs_constructs._core.intrinsics import LATER, readings
from ivs_constructs._core.parameters import wildcards_in
from ivs_constructs._core.stack_facts import Place, StackFacts, concrete, recall, recalled
from ivs_constructs._specs import ResourceSpec


class Judged(ABC):
    """A resource that was already checked, so that no failure is reported twice."""

    @property
    @abstractmethod
    def arn(self) -> str:
        """Its ARN."""


class Ready(Judged):
    """A resource that the user passed to a bundle, which has already checked it.

    Attributes:
        resource: What the user passed.
    """

    def __init__(self, resource: object, arn: str) -> None:
        """Keep what the user passed."""
        self.resource = resource
        self._arn = arn

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self._arn


def check_arn(check: Check, spec: ResourceSpec, prop: str, arn: object) -> None:
    """Check the form of an ARN that the user wrote, as far as it is known now."""
    form = f"arn:<partition>:ivs:<region>:<account>:{spec.arn_type}/<id>"
    if not isinstance(arn, str) or not _fits(spec, arn):
        advice = _arn_advice(spec, arn)
        check.fail(prop, "arn", f"{prop} must be {form}, got {quoted(arn)}{advice}")


def _fits(spec: ResourceSpec, arn: str) -> bool:
    """Whether a string can be an ARN of this type, as far as it is known now."""
    return may_be_arn(arn, [spec.arn_type])


def check_one(check: Check, prop: str, arn: str, stack: cdk.Stack) -> None:
    """Reject an ARN that is put together at deploy time from text with a wildcard.

    Only for what the user wrote: an attribute of a resource contains no wildcard, and each value
    costs a question to Node.
    """
    if not _INTRINSIC.search(arn):
        return
    try:
        resolved: object = stack.resolve(arn)
    except RuntimeError:  # a value that is not ready yet, such as that of a Lazy
        return
    for text in filter(has_wildcard, readings(resolved, wildcards_in(stack))):
        shown = quoted(text.replace(LATER, "<deploy-time value>"))
        check.fail(prop, "arn", f"{prop} must be one ARN, got {shown}; name one resource")
        return


_INTRINSIC = re.compile(r"\$\{Token\[(TOKEN|Fn::[A-Za-z]+)\.[0-9]+\]\}")
"""A token without a name of its own, as the functions of CloudFormation have."""


def _arn_advice(spec: ResourceSpec, arn: object) -> str:
    """Advise what the intended ARN looks like."""
    if isinstance(arn, bytes):
        return "; pass its text with .decode()"
    if not isinstance(arn, str):
        attribute = f"{spec.noun}_arn"
        return f"; pass its attribute {attribute}" if hasattr(type(arn), attribute) else ""
    if arn != arn.strip() and _fits(spec, arn.strip()):
        return "; drop the whitespace around it"
    parameter = re.fullmatch(r"\{\{resolve:ssm:([^:}]+)(:[0-9]+)?\}\}", arn)
    if parameter is not None:
        return (
            "; read it with aws_ssm.StringParameter.value_for_string_parameter(self, "
            f"{quoted(parameter[1])})"
        )
    if has_wildcard(arn):
        return "; name one resource"
    if re.fullmatch(r"[a-zA-Z0-9-]+", arn):
        return "; that is only the id, write the whole ARN"
    if arn.startswith(_KEY_VALUES):
        return "; that is the stream key itself, a secret: keep it out of code, and pass its ARN"
    playback = _PLAYBACK_URL.search(arn)
    if playback is not None and spec.arn_type == "channel":
        region, account_id, channel = playback.groups()
        return (
            f"; that is a playback URL, write 'arn:aws:ivs:{region}:{account_id}:channel/{channel}'"
        )
    service = re.match(r"arn:[^:]*:([a-z0-9-]+):", arn)
    if service is not None and service[1] != "ivs":
        return f"; that is an ARN of the service {service[1]}, not of ivs"
    account = re.match(r"arn:[^:]*:ivs:[^:]*:([0-9]+):", arn)
    if account is not None and len(account[1]) != ACCOUNT_DIGITS:
        return f"; an account has {ACCOUNT_DIGITS} digits, this one {len(account[1])}"
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind != spec.arn_type and kind.replace("-", "_") == spec.noun:
        return f"; in ARNs its type is {spec.arn_type}"
    if arn.startswith("arn:") and re.fullmatch(r"[a-z-]+", kind) and kind != spec.arn_type:
        return f"; that is {with_article(kind.replace('-', ' '))}"
    return ""


_KEY_VALUES = ("sk_", "rt_")
"""How the values of stream keys begin."""

_PLAYBACK_URL = re.compile(
    r"^https://[^/]*\.live-video\.net/.*/([a-z0-9-]+)\.([0-9]{12})\.channel\.([a-zA-Z0-9]+)\.m3u8"
)
"""Names the Region, the account and the id of a channel."""


def id_from_arn(arn: str) -> str:
    """Return what follows the slash of an ARN, at deploy time if the ARN is known only then."""
    if TOKEN.search(arn):
        return cdk.Fn.select(1, cdk.Fn.split("/", arn))
    return arn.rpartition("/")[2]


def identity_of(stack_facts: StackFacts, resource: object, arn: str | None) -> object:
    """What distinguishes a resource from the others of the app.

    Its ARN does, unless that is an imported string with deploy-time parts such as the Region: such
    an ARN names a different resource in each stack.
    """
    imported = getattr(resource, "is_imported", False)
    return (arn, stack_facts) if imported and is_token(arn) else arn


_KEYED = ("public_key", "playback_key_pair")
"""What people pass a signing key for."""

_RECORDERS = ("recording_configuration", "storage_configuration")
"""What people pass a bucket for."""


def arn_of(
    check: Check,
    spec: ResourceSpec,
    prop: str,
    resource: object,
    *,
    beside: StackFacts | None = None,
) -> str | None:
    """Return the ARN of a resource that the user passed, whichever library defined it.

    None stays None. Accepts anything with the AWS CDK's reference interface (`channel_ref`), as the
    constructs of this library and the L1s have, or else the ARN as an attribute
    (`channel_arn`), as the types of `aws_cdk.aws_ivs_alpha` have.

    Args:
        check: Collects the failures.
        spec: The type that it must have.
        prop: The argument that it was passed as.
        resource: What the user passed.
        beside: The stack whose Region and account it must be in, because Amazon IVS only connects
            resources within these. None where it may be anywhere, as in a policy.
    """
    if resource is None:
        return None
    if isinstance(resource, Judged):
        return resource.arn
    if isinstance(resource, type):
        message = f"{prop} must be {with_article(spec.name)}, got the class {resource.__name__}"
        check.fail(prop, "type", f"{message}{INSTANCE_ADVICE}")
        return None
    attribute = f"{spec.noun}_arn"
    if isinstance(resource, str):
        importer = f"{spec.name}.{spec.importer or f'from_{attribute}'}"
        check.fail(
            prop,
            "type",
            f"{prop} must be {with_article(spec.name)}, got the string {quoted(resource)}; import "
            f"it with {importer}(self, 'Imported', ...)",
        )
        return None
    reference = getattr(resource, f"{spec.noun}_ref", None)
    if reference is None and not isinstance(resource, cdk.CfnElement):
        # On an L1, the attribute of that name is a property it was given, such as a stream key's
        # channel_arn, and not its own ARN.
        reference = resource
    arn = getattr(reference, attribute, None)
    if not isinstance(arn, str):
        advice = _resource_advice(spec, resource)
        check.fail(
            prop,
            "type",
            f"{prop} must be {with_article(spec.name)}, got {quoted(resource)}{advice}",
        )
        return None
    if has_wildcard(arn):
        message = f"{prop} must be one {spec.name}, got the ARN {quoted(arn)}; name one resource"
        check.fail(prop, "arn", message)
        return None
    if beside is not None:
        check_app(check, beside, prop, resource)
        if any(beside.place):
            check_place(check, beside, prop, place_of(resource, arn))
    return arn


def check_app(check: Check, beside: StackFacts, prop: str, resource: object) -> None:
    """Reject a resource that another app defines: the AWS CDK would name neither of them."""
    home = recalled(resource)
    imported = getattr(resource, "is_imported", False)
    if home is not None and not imported and home.registry is not beside.registry:
        check.fail(
            prop,
            "other-app",
            f"{prop} must be in the same App as this construct, got one of another App; define "
            "both in one App, or import it by its ARN",
        )


def _resource_advice(spec: ResourceSpec, given: object) -> str:
    """Advise what to write instead of something that is not a resource of this type."""
    if hasattr(type(given), "member_type"):
        return (
            "; a fleet's members exist only at run time: for grants write "
            f"{spec.name}Grants.by_tag(fleet.tags), for events AccountEvents(self)"
        )
    if hasattr(type(given), spec.noun):
        return f"; pass its attribute {spec.noun}"
    if isinstance(given, Mapping) or given is True:
        return f"; write {spec.name}(self, '{spec.name}', ...)"
    if spec.noun in _KEYED and hasattr(type(given), "grant_sign"):
        return f"; write {spec.name}(self, '{spec.name}', signing_key=...) around it"
    if spec.noun in _RECORDERS and hasattr(type(given), "bucket_arn"):
        return f"; write {spec.name}(self, 'Recording', bucket=...) around it"
    if isinstance(given, list | tuple):
        items = list(cast("Sequence[object]", given))
        if len(items) == 1 and hasattr(type(items[0]), f"{spec.noun}_arn"):
            return "; drop the [ ]"
    return ""


def check_place(
    check: Check,
    beside: StackFacts,
    prop: str,
    place: Place,
    because: str = "Amazon IVS connects what is in one",
) -> None:
    """Reject a resource outside the stack's Region or account, as far as both are known.

    Args:
        check: Collects the failures.
        beside: The stack.
        prop: The argument that named the resource.
        place: The resource's Region and account.
        because: Why that matters, up to the word Region or account.
    """
    for noun, wanted, found in zip(("Region", "account"), beside.place, place, strict=True):
        if wanted is not None and found is not None and found != wanted:
            check.fail(
                prop,
                f"other-{noun.lower()}",
                f"{prop} must be in the stack's {noun} {wanted}, got one in {found}; "
                f"{because} {noun}, so use one from there",
            )


def place_of(resource: object, arn: str) -> Place:
    """Return the Region and account of a resource, None where they are not known."""
    # Not inside a token, whose name can contain colons.
    parts = TOKEN.sub(LATER, arn).split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS:
        region, account = (None if LATER in each else concrete(each) for each in parts[3:5])
        return region, account
    imported = getattr(resource, "is_imported", None)
    if imported is not None:
        # An import whose ARN is unknown may be in any Region and account.
        return (None, None) if imported else recall(cast("IConstruct", resource)).place
    # Asked only here, because it is a round trip to Node.
    env = getattr(resource, "env", None)
    return (None, None) if env is None else (concrete(env.region), concrete(env.account))
