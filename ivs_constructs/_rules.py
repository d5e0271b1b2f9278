"""The rules that one property's descriptor cannot tell, each one with its source.

A rule is data: what it reads, when it is violated, what the user is told, and where it comes from.
What is known only at deploy time is never judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, cast

from ivs_constructs._countries import COUNTRIES, OFTEN_MISTAKEN
from ivs_constructs._pem import public_key_problem
from ivs_constructs._provider.asset.ivs_handler import specs
from ivs_constructs._validation import Check, is_concrete, is_token, shown

_GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"
_REALTIME_GUIDE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide"

REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
)
"""The home Regions of Amazon IVS. See: https://docs.aws.amazon.com/general/latest/gr/ivs.html"""

ADDITIONAL_REGIONS = "ivs_constructs:additionalRegions"
"""Context key: Regions to accept besides, for the day on which AWS adds one."""


LEAST_BITRATE = 10_000
"""Bits a second, a judgement of this library: what has fewer is no video, so kilobits are meant."""

LARGEST_PORT = 65_535

MOST_ATTRIBUTE_BYTES = 1024
"""What a participant's attributes may have in total, names and values, in UTF-8."""

MOST_PUBLIC_KEYS = 3
"""Public keys for participants' tokens that an account may have in a Region; not adjustable."""


class Severity(StrEnum):
    """What a violation does."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A condition over several values.

    Attributes:
        code: Stable identifier; a warning's id is `ivs-constructs:` and this.
        reads: The values it judges. Where the first is not set, there is nothing to judge.
        violated: Whether these values, as attributes, break the rule.
        message: What the user is told; `{name}` stands for a value.
        blames: The property at fault, where it is not the first that is read.
        source: Where the rule comes from.
        severity: What a violation does.
    """

    code: str
    reads: tuple[str, ...]
    violated: Callable[[SimpleNamespace], bool]
    message: str
    source: str
    blames: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that a text, or each text of a list, must have.

    Attributes:
        code: Stable identifier.
        reads: The property it judges.
        problem: Tells what is wrong with a text, as the end of a sentence, or None.
        source: Where the rule comes from.
    """

    code: str
    reads: str
    problem: Callable[[str], str | None]
    source: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Something legal but risky, to be told as an annotation of the AWS CDK."""

    severity: Severity
    id: str
    text: str


def judge(
    spec: specs.ResourceSpec, check: Check, values: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[Advice]:
    """Hold the values and facts of one construct against its rules.

    Args:
        spec: The resource type.
        check: Takes the errors.
        values: The properties that passed their descriptors.
        facts: What else the rules read, such as the stack's Region.

    Returns:
        The warnings and notes.
    """
    failed = {failure.property for failure in check.failures}
    known = {**facts, **values}
    for form in FORMS.get(spec.name, ()):
        if form.reads not in failed:
            _judge_form(form, check, known.get(form.reads))
    advice: list[Advice] = []
    for rule in (*RULES.get(spec.name, ()), REGION):
        read = [known.get(name) for name in rule.reads]
        if read[0] is None:
            continue
        if failed.intersection(rule.reads) or not all(map(is_concrete, read)):
            continue
        if not rule.violated(SimpleNamespace(**dict(zip(rule.reads, read, strict=True)))):
            continue
        message = rule.message.format_map(dict(_written(spec, rule.reads, known)))
        if rule.severity is Severity.ERROR:
            check.fail(rule.blames or rule.reads[0], rule.code, message, rule.source)
        else:
            advice.append(Advice(rule.severity, f"ivs-constructs:{rule.code}", message))
    return advice


def _judge_form(form: Form, check: Check, value: object) -> None:
    if is_token(value):
        return
    texts = cast("list[object]", value) if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and not is_token(text):
            problem = form.problem(text)
            if problem is not None:
                check.fail(form.reads, form.code, f"{form.reads} {problem}", form.source)


def _written(
    spec: specs.ResourceSpec, names: tuple[str, ...], known: Mapping[str, Any]
) -> Iterator[tuple[str, object]]:
    defaults = {prop.py: prop.default.partition(" ")[0] for prop in spec.props}
    for name in names:
        value = known.get(name)
        yield name, f"{defaults.get(name)} (the default)" if value is None else value


_ADVANCED = ("ADVANCED_SD", "ADVANCED_HD")


def _multitrack(configuration: Mapping[str, Any] | None) -> bool:
    return configuration is not None and configuration.get("enabled", True) is True


def _country_problem(code: str) -> str | None:
    if code in COUNTRIES:
        return None
    upper = code.upper() if code.isascii() else code
    meant = OFTEN_MISTAKEN.get(upper, upper)
    advice = f"write '{meant}'" if meant in COUNTRIES else "look it up in the ISO 3166-1 list"
    return f"must hold ISO 3166-1 alpha-2 country codes, got {shown(code)}; {advice}"


_PARTS = re.compile(r"([^:/?#]+)://([^/?#]*)(.*)", re.DOTALL)
_LABEL = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_ORIGIN = re.compile(
    rf"[a-z][a-z0-9+.-]*://({_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\])(:[1-9][0-9]{{0,4}})?"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _origin_problem(origin: str) -> str | None:
    if _is_origin(origin):
        return None
    start = f"must hold origins scheme://host[:port] as browsers send them, got {shown(origin)}"
    if "*" in origin:
        return f"{start}; name each origin, wildcards are for playback tokens only"
    parts = _PARTS.fullmatch(origin)
    if parts is None:
        host = f"https://{origin.partition('/')[0]}".lower()
        meant = host if _is_origin(host) else "https://example.com"
        return f"{start}; write the scheme and the host, such as '{meant}'"
    scheme, host, rest = parts.groups()
    bare = f"{scheme}://{host}"
    meant = bare.lower().removesuffix(_DEFAULT_PORTS.get(scheme.lower(), "/"))
    if not _is_origin(meant):
        if "@" not in meant and _is_origin(meant.rpartition(":")[0]):
            return f"{start}; write a port from 1 to {LARGEST_PORT}, or none"
        return f"{start}; write a host name in ASCII, without user or spaces"
    if rest:
        return f"{start}; drop what follows the host: '{meant}'"
    if bare != bare.lower():
        return f"{start}; write it in lower case: '{meant}'"
    return f"{start}; drop the default port: '{meant}'"


def _is_origin(text: str) -> bool:
    """Whether a browser would send this text as the origin of a page."""
    if text == "null":
        return True  # what browsers send for pages that have no origin of their own
    if not _ORIGIN.fullmatch(text):
        return False
    scheme, _, host = text.partition("://")
    port = re.search(r":([0-9]+)$", host)
    in_range = port is None or int(port[1]) <= LARGEST_PORT
    return in_range and not host.endswith(_DEFAULT_PORTS.get(scheme, " "))


_STRICT_PEM = re.compile(
    r".*-----BEGIN PUBLIC KEY-----\r?\n([a-zA-Z0-9+/=\r\n]+)\r?\n-----END PUBLIC KEY-----(\r?\n)?.*"
)
"""The form that the real-time API wants. See: specs.PUBLIC_KEY.source"""


def _strict_key_problem(pem: str) -> str | None:
    problem = public_key_problem(pem)
    if problem is None and not _STRICT_PEM.fullmatch(pem):
        return (
            "must have each line of the PEM block on its own, without spaces around it or empty "
            "lines around the block; give the file's content as openssl wrote it, or clean it by: "
            "'\\n'.join(line.strip() for line in text.strip().splitlines())"
        )
    return problem


FORMS: dict[str, tuple[Form, ...]] = {
    "PlaybackRestrictionPolicy": (
        Form(
            code="country",
            reads="allowed_countries",
            problem=_country_problem,
            source=specs.PLAYBACK_RESTRICTION_POLICY.source,
        ),
        Form(
            code="origin",
            reads="allowed_origins",
            problem=_origin_problem,
            source="https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin",
        ),
    ),
    "PlaybackKeyPair": (
        Form(
            code="public-key",
            reads="public_key_material",
            problem=public_key_problem,
            source=f"{_GUIDE}/private-channels-create-key.html",
        ),
    ),
    "PublicKey": (
        Form(
            code="public-key",
            reads="public_key_material",
            problem=_strict_key_problem,
            source=f"{_REALTIME_GUIDE}/getting-started-distribute-tokens.html",
        ),
    ),
}

REGION = Rule(
    code="region",
    reads=("region", "more_regions"),
    violated=lambda v: v.region not in (*REGIONS, *v.more_regions),
    message=(
        f"the stack's Region must be one of {', '.join(REGIONS)}, got {{region}}; change the "
        f"stack's env, or, if Amazon IVS is there now, set the context {ADDITIONAL_REGIONS}="
        "{region}"
    ),
    source="https://docs.aws.amazon.com/general/latest/gr/ivs.html",
)


def _bucket_place(source: str) -> tuple[Rule, ...]:
    """Return the rules on where a bucket must be."""
    return (
        Rule(
            code="bucket-region",
            blames="bucket",
            reads=("bucket_region", "region"),
            violated=lambda v: v.region not in (None, v.bucket_region),
            message=(
                "bucket must be in the stack's Region {region}, got one in {bucket_region}; "
                "Amazon IVS records within a Region, so take a bucket there"
            ),
            source=source,
        ),
        Rule(
            code="bucket-account",
            blames="bucket",
            reads=("bucket_account", "account"),
            violated=lambda v: v.account not in (None, v.bucket_account),
            message=(
                "bucket must be in the stack's account {account}, got one in {bucket_account}; "
                "Amazon IVS records within an account, so take a bucket there"
            ),
            source=source,
        ),
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "Channel": (
        Rule(
            code="preset-type",
            reads=("preset", "type"),
            violated=lambda v: v.type not in _ADVANCED,
            message=(
                "preset requires type ADVANCED_SD or ADVANCED_HD, got {type}; "
                "drop preset or change type"
            ),
            source=specs.CHANNEL.source,
        ),
        Rule(
            code="multitrack-type",
            reads=("multitrack_input_configuration", "type"),
            violated=lambda v: (
                _multitrack(v.multitrack_input_configuration) and v.type not in (None, "STANDARD")
            ),
            message=(
                "multitrack_input_configuration requires type STANDARD, got {type}; "
                "drop multitrack_input_configuration or change type"
            ),
            source=f"{_GUIDE}/multitrack-video.html",
        ),
        Rule(
            code="multitrack-container",
            reads=("multitrack_input_configuration", "container_format"),
            violated=lambda v: (
                _multitrack(v.multitrack_input_configuration) and v.container_format == "TS"
            ),
            message=(
                "multitrack_input_configuration requires container_format FRAGMENTED_MP4, got "
                "{container_format}; drop container_format"
            ),
            source=f"{_GUIDE}/multitrack-video.html",
        ),
        Rule(
            code="ads-container",
            reads=("ad_configuration", "container_format"),
            violated=lambda v: v.container_format == "FRAGMENTED_MP4",
            message=(
                "ad_configuration requires container_format TS, got {container_format}; "
                "drop ad_configuration, or container_format and multitrack_input_configuration"
            ),
            source=f"{_GUIDE}/server-side-ad-insertion.html",
        ),
        Rule(
            code="insecure-ingest",
            reads=("insecure_ingest",),
            violated=lambda v: v.insecure_ingest is True,
            message=(
                "insecure_ingest opens RTMP without encryption and SRT without a passphrase; "
                "drop it unless an encoder cannot do RTMPS"
            ),
            source=specs.CHANNEL.source,
            severity=Severity.WARNING,
        ),
        Rule(
            code="renditions-ignored",
            reads=("type", "recorded_renditions"),
            violated=lambda v: v.type == "BASIC" and v.recorded_renditions == "CUSTOM",
            message=(
                "a channel of type BASIC has one rendition, so the recording configuration's "
                "RenditionConfiguration.custom has no effect; drop it or change type"
            ),
            source=f"{_GUIDE}/record-to-s3.html",
            severity=Severity.WARNING,
        ),
        Rule(
            code="thumbnails-not-guaranteed",
            reads=("recorded_thumbnails", "type", "multitrack_input_configuration"),
            violated=lambda v: (
                v.recorded_thumbnails == "INTERVAL"
                and (v.type == "BASIC" or _multitrack(v.multitrack_input_configuration))
            ),
            message=(
                "thumbnails at the recording configuration's interval are not guaranteed for a "
                "channel of type BASIC or with multitrack input"
            ),
            source=f"{_GUIDE}/record-to-s3.html",
            severity=Severity.INFO,
        ),
    ),
    "ChannelAssociations": (
        Rule(
            code="ads-container",
            blames="ad_configuration",
            reads=("ads_container",),
            violated=lambda v: v.ads_container == "FRAGMENTED_MP4",
            message=(
                "ad_configuration requires a channel of container_format TS, got {ads_container}; "
                "drop ad_configuration, or the channel's container_format and "
                "multitrack_input_configuration"
            ),
            source=f"{_GUIDE}/server-side-ad-insertion.html",
        ),
    ),
    "RecordingConfiguration": _bucket_place(specs.RECORDING_CONFIGURATION.source),
    "PlaybackRestrictionPolicy": (
        Rule(
            code="strict-origins",
            reads=("enable_strict_origin_enforcement", "allowed_origins"),
            violated=lambda v: v.enable_strict_origin_enforcement is True and not v.allowed_origins,
            message=(
                "enable_strict_origin_enforcement requires allowed_origins, got none; "
                "name the origins or drop it"
            ),
            source=specs.PLAYBACK_RESTRICTION_POLICY.source,
        ),
        Rule(
            code="all-countries",
            reads=("allowed_countries",),
            violated=lambda v: v.allowed_countries == [],
            message=(
                "allowed_countries is an empty list, which allows all countries; name some, or "
                "drop it if all are meant"
            ),
            source=specs.PLAYBACK_RESTRICTION_POLICY.source,
            severity=Severity.WARNING,
        ),
        Rule(
            code="all-origins",
            reads=("allowed_origins",),
            violated=lambda v: v.allowed_origins == [],
            message=(
                "allowed_origins is an empty list, which allows all origins; name some, or drop "
                "it if all are meant"
            ),
            source=specs.PLAYBACK_RESTRICTION_POLICY.source,
            severity=Severity.WARNING,
        ),
    ),
    "AdConfiguration": (
        Rule(
            code="ads-region",
            reads=("region",),
            violated=lambda v: v.region in ("ap-northeast-1", "ap-northeast-2", "eu-west-1"),
            message=(
                "CloudFormation has no AWS::IVS::AdConfiguration in {region}; deploy the stack in "
                "us-east-1, us-west-2, eu-central-1 or ap-south-1"
            ),
            source=specs.AD_CONFIGURATION.source,
        ),
    ),
    "StorageConfiguration": (
        *_bucket_place(specs.STORAGE_CONFIGURATION.source),
        Rule(
            code="bucket-ownership",
            blames="bucket",
            reads=("bucket_ownership",),
            violated=lambda v: v.bucket_ownership == "ObjectWriter",
            message=(
                "bucket must own the objects in it, got one with object ownership "
                "{bucket_ownership}; define it with "
                "object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, or take a "
                "RecordingBucket"
            ),
            source=f"{_REALTIME_GUIDE}/rt-composite-recording.html",
        ),
        Rule(
            code="bucket-encryption",
            blames="bucket",
            reads=("bucket_encryption",),
            violated=lambda v: v.bucket_encryption != "AES256",
            message=(
                "bucket must be encrypted with SSE-S3 for real-time recordings, got one with "
                "{bucket_encryption}; define it with "
                "encryption=aws_s3.BucketEncryption.S3_MANAGED and without encryption_key, or "
                "take a RecordingBucket"
            ),
            source=f"{_REALTIME_GUIDE}/rt-individual-participant-recording.html",
        ),
    ),
    "EncoderConfiguration": (
        Rule(
            code="bitrate-unit",
            reads=("video",),
            violated=lambda v: v.video.get("bitrate", LEAST_BITRATE) < LEAST_BITRATE,
            message=(
                "the video has {video[bitrate]} bits a second, which is too little for any "
                "picture; if kilobits are meant, multiply the bitrate by 1000"
            ),
            source=specs.ENCODER_CONFIGURATION.source,
            severity=Severity.WARNING,
        ),
    ),
    "IngestConfiguration": (
        Rule(
            code="ingest-protocol",
            reads=("ingest_protocol", "insecure_ingest"),
            violated=lambda v: v.ingest_protocol == "RTMP" and v.insecure_ingest is not True,
            message=(
                "ingest_protocol {ingest_protocol} requires insecure_ingest True, got "
                "{insecure_ingest}; use RTMPS, or set insecure_ingest=True if an encoder cannot "
                "encrypt"
            ),
            source=specs.INGEST_CONFIGURATION.source,
        ),
        Rule(
            code="attributes-size",
            blames="attributes",
            reads=("attributes_size",),
            violated=lambda v: v.attributes_size > MOST_ATTRIBUTE_BYTES,
            message=(
                f"attributes must have at most {MOST_ATTRIBUTE_BYTES} bytes of UTF-8 in total, "
                "names and values together, got {attributes_size} bytes; shorten them"
            ),
            source=specs.INGEST_CONFIGURATION.source,
        ),
        Rule(
            code="ingest-without-stage",
            reads=("has_stage",),
            violated=lambda v: v.has_stage is False,
            message=(
                "the ingest configuration has no stage, so nothing can be published with its "
                "stream key; give stage=..."
            ),
            source=f"{_REALTIME_GUIDE}/rt-rtmp-publishing.html",
            severity=Severity.WARNING,
        ),
        Rule(
            code="insecure-ingest",
            reads=("insecure_ingest",),
            violated=lambda v: v.insecure_ingest is True,
            message=(
                "insecure_ingest opens RTMP without encryption; drop it unless an encoder cannot "
                "do RTMPS"
            ),
            source=specs.INGEST_CONFIGURATION.source,
            severity=Severity.WARNING,
        ),
    ),
    "PublicKey": (
        Rule(
            code="public-key-quota",
            blames="public_key_material",
            reads=("number",),
            violated=lambda v: v.number > MOST_PUBLIC_KEYS,
            message=(
                "this is public key {number} of the app in its Region and account, which may have "
                f"{MOST_PUBLIC_KEYS}, and AWS raises that for nobody; drop one and share "
                "another, a key serves all stages"
            ),
            source=f"{_REALTIME_GUIDE}/service-quotas.html",
        ),
    ),
}
