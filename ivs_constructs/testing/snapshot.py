"""A template without what changes from build to build."""

from __future__ import annotations

import re
from typing import cast

from ivs_constructs.checks.assembly import Json

_ASSET = re.compile(r"\b[0-9a-f]{64}\b")
"""The hash of an asset: in its key, its bucket's object, its path."""
_VERSION = re.compile(r"(?<=[0-9A-F]{8})[0-9a-f]{32}\b")
"""What the AWS CDK puts after a logical id, of Lambda versions and API deployments."""
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
    # The version of the AWS CDK is in it.
    copy.get("Resources", {}).pop("CDKMetadata", None)
    copy.get("Conditions", {}).pop("CDKMetadataAvailable", None)
    if not copy.get("Conditions", True):
        del copy["Conditions"]
    return copy


def _masked(node: object, name: str = "") -> object:
    if isinstance(node, dict):
        found: Json = {}
        for key, value in cast("Json", node).items():
            masked = _text(key)
            # Two versions of one function differ in their hash only.
            while masked in found:
                masked += "'"
            if name in ("Code", "Content") and key in _CODE:
                found[masked] = f"<{key}>"
            else:
                found[masked] = _masked(value, key)
        return found
    if isinstance(node, list):
        return [_masked(each, name) for each in cast("list[object]", node)]
    return _text(node) if isinstance(node, str) else node


def _text(text: str) -> str:
    return _VERSION.sub("<hash>", _ASSET.sub("<asset hash>", text))
