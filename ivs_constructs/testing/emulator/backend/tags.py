"""Tags, which both services keep in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from ivs_constructs.testing.emulator.backend.account import Account, Params
from ivs_constructs.testing.emulator.backend.resources import Operate
from ivs_constructs.testing.emulator.backend.rules import check_tags


def _tag(account: Account, params: Params) -> Params:
    record = account.find(params["resourceArn"])
    given, tags = params["tags"], {**record.data["tags"], **params["tags"]}
    # AWS's own tags are there already and do not count.
    check_tags({k: v for k, v in tags.items() if k in given or not k.lower().startswith("aws:")})
    record.data["tags"] = tags
    return {}


def _untag(account: Account, params: Params) -> Params:
    record = account.find(params["resourceArn"])
    dropped = params["tagKeys"]
    record.data["tags"] = {k: v for k, v in record.data["tags"].items() if k not in dropped}
    return {}


def _list(account: Account, params: Params) -> Params:
    return {"tags": account.find(params["resourceArn"]).data["tags"]}


OPERATIONS: Mapping[str, Operate] = {
    "TagResource": _tag,
    "UntagResource": _untag,
    "ListTagsForResource": _list,
}
"""The operations on tags."""
