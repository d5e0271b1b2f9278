"""Writes the API models that ship with the Lambda: `python -m tools.write_models`.

The boto3 of the Lambda runtime may be older than this library. So the asset carries the shapes of
both APIs, and `AWS_DATA_PATH` makes boto3 find them before its own. They are committed, because
another boto3 on the machine that synthesizes must not change the asset.

The functions that issue tokens ship with the AWS KMS operations that they call, and those of fleets
with the operations that they call, for another reason: reading whole models would be a good part of
their cold start.

The endpoint rules stay those of the runtime's boto3: they belong to the engine that reads them, and
a boto3 without them uses the endpoint prefix in the models.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

SERVICES = ("ivs", "ivs-realtime")

PACKAGE = Path(__file__).parents[1] / "ivs_constructs"

FOLDER = PACKAGE / "_lambda" / "models"
"""The folder for `AWS_DATA_PATH`; everything in it is written by this module."""

SIGNING_FOLDER = PACKAGE / "token_issuers" / "function" / "models"
"""The same for the functions that issue tokens."""

FLEET_FOLDER = PACKAGE / "fleets" / "function" / "models"
"""The same for the functions of fleets."""

_SIGNING = {"kms": ("Sign", "Verify")}

_FLEETS = {
    "cloudformation": ("DescribeStackResource",),
    "dynamodb": ("GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem"),
    "ivs": (
        *("CreateChannel", "CreateStreamKey", "DeleteChannel", "DeleteStreamKey", "GetStream"),
        *("GetStreamKey", "ListChannels", "ListStreamKeys", "ListStreams"),
        *("ListStreamSessions", "StopStream", "TagResource", "UpdateChannel"),
    ),
    "ivs-realtime": (
        *("CreateStage", "DeleteStage", "GetStage", "ListStages", "ListStageSessions"),
        *("TagResource", "UpdateStage"),
    ),
    "kms": ("Sign",),
    "lambda": ("Invoke",),
}

FILE = "service-2"

Models = dict[str, dict[str, dict[str, Any]]]
"""Models by service and API version."""

# botocore ships no types: from here on, its objects are converted to typed ones.
_botocore: Any = import_module("botocore")
_loaders: Any = import_module("botocore.loaders")


def installed() -> Models:
    """Read the models of the installed botocore, without the documentation."""
    return {service: _read(service) for service in SERVICES}


def signing() -> Models:
    """Read the operations to sign and to verify, in the same way."""
    return _parts(_SIGNING)


def fleets() -> Models:
    """Read the operations that the functions of fleets call, in the same way."""
    return _parts(_FLEETS)


def _parts(wanted: Mapping[str, Sequence[str]]) -> Models:
    """Read some operations and their shapes."""
    models: Models = {}
    for service, names in wanted.items():
        [(version, model)] = _read(service).items()
        operations = {name: model["operations"][name] for name in names}
        shapes: dict[str, Any] = {}
        waiting = set(_shapes_in(operations))
        while waiting:
            name = waiting.pop()
            shapes[name] = model["shapes"][name]
            waiting |= set(_shapes_in(shapes[name])) - shapes.keys()
        models[service] = {version: {**model, "operations": operations, "shapes": shapes}}
    return models


def _read(service: str) -> dict[str, dict[str, Any]]:
    # Only there, because AWS_DATA_PATH may point to the files to be written.
    loader = _loaders.Loader(
        [_loaders.Loader.BUILTIN_DATA_PATH], include_default_search_paths=False
    )
    version: str = loader.determine_latest_version(service, FILE)
    return {version: _stripped(loader.load_service_model(service, FILE, version))}


def _shapes_in(node: object) -> Iterator[str]:
    """Return the shapes that a part of a model refers to."""
    if isinstance(node, dict):
        for name, each in cast("dict[str, object]", node).items():
            if name == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _shapes_in(each)
    elif isinstance(node, list):
        for each in cast("list[object]", node):
            yield from _shapes_in(each)


def committed(folder: Path) -> Models:
    """Read the models that were written to a folder."""
    found: Models = {}
    for path in sorted(folder.rglob(f"{FILE}.json")):
        service, version = path.relative_to(folder).parts[:2]
        found.setdefault(service, {})[version] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(models: Models, folder: Path) -> None:
    """Write models in botocore's layout, and nothing else, to the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for service, versions in models.items():
        for version, model in versions.items():
            path = folder / service / version / f"{FILE}.json"
            path.parent.mkdir(parents=True)
            # One line per member, so that a new version of the API is a readable diff.
            text = json.dumps(model, indent=1, sort_keys=True)
            path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def differences(old: object, new: object, path: str = "") -> Iterator[str]:
    """List every difference between two models, or collections of them."""
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, object]", old), cast("dict[str, object]", new)
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}/{name}" if path else name
            if name not in after:
                yield f"removed {inner}"
            elif name not in before:
                yield f"added {inner}"
            else:
                yield from differences(before[name], after[name], inner)
    elif old != new:
        yield f"changed {path}: {old} -> {new}"


def _stripped(node: Any) -> Any:  # noqa: ANN401 (JSON-like)
    """Copy a part of a model without its documentation, but keep members of that name."""
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node)
        return {
            name: _stripped(each)
            for name, each in members.items()
            if not (name.startswith("documentation") and isinstance(each, str))
        }
    if isinstance(node, list):
        return [_stripped(each) for each in cast("list[object]", node)]
    return node


def update(folder: Path, after: Models) -> None:
    """Update the models in a folder, and print what changed."""
    before = committed(folder)
    write(after, folder)
    for service, versions in after.items():
        for version, model in versions.items():
            counts = ", ".join(f"{len(model[part])} {part}" for part in ("operations", "shapes"))
            print(f"wrote {service} {version}: {counts}")
    changes = list(differences(before, after))
    print(f"from botocore {_botocore.__version__}; differences from before: {len(changes)}")
    for change in changes:
        print(f"  {change}")


def main() -> None:
    """Update all committed models."""
    update(FOLDER, installed())
    update(SIGNING_FOLDER, signing())
    update(FLEET_FOLDER, fleets())


if __name__ == "__main__":
    main()
