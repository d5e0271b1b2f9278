"""Rules that the shapes of the models cannot express, from the text of the models' documentation.

Each takes the request and the resulting members, and may fill in derived members. Rules that are
only in a user guide name it.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import re
from collections.abc import Callable, Mapping

from ivs_constructs.low_latency._countries import COUNTRIES
from ivs_constructs.testing.emulator.backend.account import Params
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.refusals import invalid

_MOST_TAGS = 50
_MOST_PIXELS = 1920 * 1080
_MOST_ATTRIBUTE_BYTES = 1024

_PEM = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n?-----END PUBLIC KEY-----\s*"
)
# SubjectPublicKeyInfo of a key on secp384r1, followed by an uncompressed point.
_P384 = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_P384_BYTES = 120


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that AWS reserves, and too many tags."""
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid("tags must not have keys that start with aws:")
    if len(tags) > _MOST_TAGS:
        raise invalid(f"tags must have at most {_MOST_TAGS} entries")


def check_attributes(params: Params) -> None:
    """Refuse attributes of a participant above 1 KB in total."""
    attributes: dict[str, str] = params.get("attributes") or {}
    size = sum(len(text.encode()) for pair in attributes.items() for text in pair)
    if size > _MOST_ATTRIBUTE_BYTES:
        raise invalid(f"attributes must have at most {_MOST_ATTRIBUTE_BYTES} bytes in total")


def channel(asked: Params, data: Params) -> None:
    """Preset, multitrack input and container format."""
    advanced = data["type"].startswith("ADVANCED")
    if asked.get("preset") and not advanced:
        raise invalid("preset can be chosen only for the types ADVANCED_SD and ADVANCED_HD")
    if not advanced:
        data["preset"] = ""
    elif not data.get("preset"):
        data["preset"] = "HIGHER_BANDWIDTH_DELIVERY"
    multitrack: Params = data.get("multitrackInputConfiguration") or {}
    if multitrack.get("enabled"):
        if data["type"] != "STANDARD":
            raise invalid("multitrack input can be enabled only for the type STANDARD")
        if data["containerFormat"] != "FRAGMENTED_MP4":
            raise invalid("multitrack input requires the containerFormat FRAGMENTED_MP4")
        if not (multitrack.get("policy") and multitrack.get("maximumResolution")):
            raise invalid("multitrack input requires policy and maximumResolution")
    # Low-Latency Streaming User Guide, page "Server-Side Ad Insertion".
    if data["adConfigurationArn"] and data["containerFormat"] == "FRAGMENTED_MP4":
        raise invalid("an ad configuration requires the containerFormat TS")


def recording_configuration(asked: Params, data: Params) -> None:
    """Destination, thumbnails and renditions."""
    if "s3" not in data["destinationConfiguration"]:
        raise invalid("destinationConfiguration.s3 is required")
    thumbnails = data["thumbnailConfiguration"]
    if thumbnails["recordingMode"] == "DISABLED":
        if "targetIntervalSeconds" in (asked.get("thumbnailConfiguration") or {}):
            raise invalid("targetIntervalSeconds requires recordingMode INTERVAL")
        del thumbnails["targetIntervalSeconds"]
    renditions = data["renditionConfiguration"]
    if renditions["renditionSelection"] == "CUSTOM" and not renditions.get("renditions"):
        raise invalid("renditionSelection CUSTOM requires renditions")


def playback_restriction_policy(_: Params, data: Params) -> None:
    """Countries."""
    if not COUNTRIES.issuperset(data["allowedCountries"]):
        raise invalid("allowedCountries must hold assigned codes of ISO 3166-1 alpha-2")


def public_key(asked: Params, data: Params) -> None:
    """The key itself; its fingerprint follows from it."""
    found = _PEM.fullmatch(asked["publicKeyMaterial"])
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        der = b""
    if len(der) != _P384_BYTES or not der.startswith(_P384):
        raise invalid("publicKeyMaterial must be the PEM text of one public key on secp384r1")
    digest = hashlib.md5(der, usedforsecurity=False).hexdigest()
    data["fingerprint"] = ":".join(re.findall("..", digest))


def encoder_configuration(_: Params, data: Params) -> None:
    """The picture's size."""
    width, height = data["video"]["width"], data["video"]["height"]
    if width % 2 or height % 2:
        raise invalid("video.width and video.height must be even")
    if width * height > _MOST_PIXELS:
        raise invalid(f"video.width times video.height must be at most {_MOST_PIXELS}")


def stage(asked: Params, data: Params) -> None:
    """Recording of participants; without a storage, its other settings are dropped."""
    member = "autoParticipantRecordingConfiguration"
    recording: Params = asked.get(member) or {}
    wanted: Params = recording.get("thumbnailConfiguration") or {}
    thumbnails = data[member]["thumbnailConfiguration"]
    if not data[member]["storageConfigurationArn"]:
        data[member] = copy.deepcopy(KINDS["Stage"].defaults[member])
    elif thumbnails["recordingMode"] == "DISABLED" and "targetIntervalSeconds" in wanted:
        raise invalid("targetIntervalSeconds requires recordingMode INTERVAL")


def ingest_configuration(asked: Params, data: Params) -> None:
    """The protocol's security, and the attributes' size."""
    if data["ingestProtocol"] == "RTMP" and not data.get("insecureIngest"):
        raise invalid("ingestProtocol RTMP requires insecureIngest true")
    check_attributes(asked)


def composition(asked: Params) -> None:
    """Layout and destinations."""
    if len(asked.get("layout") or {}) > 1:
        raise invalid("layout must hold one of grid and pip")
    for destination in asked["destinations"]:
        if ("channel" in destination) == ("s3" in destination):
            raise invalid("each of destinations must hold one of channel and s3")


Rule = Callable[[Params, Params], None]

RULES: Mapping[str, Rule] = {
    "Channel": channel,
    "RecordingConfiguration": recording_configuration,
    "PlaybackKeyPair": public_key,
    "PlaybackRestrictionPolicy": playback_restriction_policy,
    "Stage": stage,
    "EncoderConfiguration": encoder_configuration,
    "IngestConfiguration": ingest_configuration,
    "PublicKey": public_key,
}
"""The rules of each type that has any."""
