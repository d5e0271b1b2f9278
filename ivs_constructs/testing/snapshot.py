"""A template without what changes from build to build."""

from __future__ import annotations

import re
from typing import cast

from ivs_constructs.checks.assembly import Json

_ASSET = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
"""The hash of an asset: in its object key or its path."""
_PARAMETER = re.compile(r"(?<=AssetParameters)(<asset hash>[A-Za-z0-9]*?)[0-9A-F]{8}\b")
"""The logical id of an asset's parameter, from the AWS CDK's legacy synthesizer."""
_DIGEST = re.compile(r"(?<=[a-z])([0-9a-f]{8}|[0-9A-F]{8})$")
"""The suffix of this library's policy names and Sids, which makes them unique."""
_DIGESTED = ("PolicyName", "Sid")
_VERSION = re.compile(r"(?<=[0-9A-F]{8})[0-9a-f]{32}\b")
"""The AWS CDK's suffix of the logical ids of Lambda versions and API deployments."""
_CODE = ("S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")
_BOOTSTRAP = {"Parameters": "BootstrapVersion", "Rules": "CheckBootstrapVersion"}


def normalized(template: Json) -> Json:
    """A copy without the AWS CDK's own parameter and rule, and with hashes masked."""
    copy = cast("Json", _masked(template))
    for section, entry in _BOOTSTRAP.items():
        entries = copy.get(section, {})
        entries.pop(entry, None)
        if not entries:
            copy.pop(section, None)
    # It contains the AWS CDK's version.
    copy.get("Resources", {}).pop("CDKMetadata", None)
    copy.get("Conditions", {}).pop("CDKMetadataAvailable", None)
    if not copy.get("Conditions", True):
        del copy["Conditions"]
    return copy


def _masked(node: object, name: str = "") -> object:
    if isinstance(node, dict):
        found: Json = {}
        for key, value in cast("Json", node).items():
            masked = _DIGEST.sub("<hash>", key) if name == "ivs-constructs" else _text(key)
            # Two versions of one function differ only in their hash.
            while masked in found:
                masked += "'"
            if name in ("Code", "Content") and key in _CODE:
                found[masked] = f"<{key}>"
            else:
                found[masked] = _masked(value, key)
        return found
    if isinstance(node, list):
        return [_masked(each, name) for each in cast("list[object]", node)]
    if not isinstance(node, str):
        return node
    return _DIGEST.sub("<hash>", node) if name in _DIGESTED else _text(node)


def _text(text: str) -> str:
    return _PARAMETER.sub(r"\1<hash>", _VERSION.sub("<hash>", _ASSET.sub("<asset hash>", text)))
