"""Create, get, update, delete and list, the same for all types."""

from __future__ import annotations

import base64
import binascii
import copy
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar, cast

from ivs_constructs.testing.emulator.backend.account import Account, Params, Record
from ivs_constructs.testing.emulator.backend.kinds import KINDS, Kind
from ivs_constructs.testing.emulator.backend.refusals import conflict, invalid
from ivs_constructs.testing.emulator.backend.rules import RULES, check_tags

T = TypeVar("T")

Operate = Callable[[Account, Params], Params]
"""One operation: takes a request's members, returns the answer's."""


def create(account: Account, kind: Kind, params: Params, used: int | None = None) -> Record:
    """Make a resource.

    Args:
        account: The account.
        kind: The type.
        params: The request.
        used: How much of the quota is used. Default: the number of resources of the type.
    """
    data = filled(kind.defaults, params)
    data["tags"] = dict(params.get("tags") or {})
    check_tags(data["tags"])
    if kind.name in RULES:
        RULES[kind.name](params, data)
    account.check_references(kind, data)
    if used is None:
        used = sum(1 for _ in account.of(kind.name))
    account.check_quota(kind.name, used, kind.members)
    if kind.unique is not None:
        for other in account.of(kind.name):
            if other.data[kind.unique] == data[kind.unique]:
                raise conflict(f"{other.arn} has the same {kind.unique}")
    return account.insert(kind, data)


def update(account: Account, kind: Kind, params: Params) -> Record:
    """Change the given members of a resource, and leave the others as they are."""
    record = account.find(params["arn"], kind.name)
    defaults = {name: kind.defaults[name] for name in params if name in kind.defaults}
    data = {**copy.deepcopy(record.data), **filled(defaults, params)}
    if kind.name in RULES:
        RULES[kind.name](params, data)
    account.check_references(kind, params)
    record.data.update(data)
    return record


def delete(account: Account, record: Record) -> None:
    """Delete a resource, unless another one that matters refers to it."""
    holder = account.holder(record)
    if holder is not None:
        raise conflict(f"{record.arn} is in use by {holder.arn}")
    account.remove(record)


def filled(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Params:
    """Fill in defaults, in structures member by member."""
    result: Params = copy.deepcopy(dict(defaults))
    for name, value in given.items():
        default = result.get(name)
        if isinstance(default, dict) and isinstance(value, dict):
            result[name] = filled(cast("Params", default), cast("Params", value))
        else:
            result[name] = copy.deepcopy(value)
    return result


def page(
    items: Sequence[tuple[int, T]], params: Params, scope: str, default: int
) -> tuple[list[T], Params]:
    """Return one page of a list.

    Args:
        items: All items, each with its place, in order.
        params: The request, of which `maxResults` and `nextToken` count.
        scope: What is listed; a token is valid only for that.
        default: The page size if the request does not say.

    Returns:
        The page, and the answer's member `nextToken` if more follows.
    """
    after = 0
    if params.get("nextToken"):
        try:
            text = base64.urlsafe_b64decode(params["nextToken"]).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        origin, _, place = text.rpartition("/")
        if origin != scope or not place.isdecimal():
            raise invalid("nextToken is not one that this list gave")
        after = int(place)
    begin = bisect_right(items, after, key=itemgetter(0))
    end = begin + (params.get("maxResults") or default)
    shown = items[begin:end]
    more: Params = {}
    if end < len(items):
        token = f"{scope}/{shown[-1][0]}".encode()
        more["nextToken"] = base64.urlsafe_b64encode(token).decode()
    return [item for _, item in shown], more


def check_one_filter(params: Params, filters: Sequence[str]) -> None:
    """Refuse more than one filter where a list takes one at a time."""
    given = [name for name in filters if params.get(name) is not None]
    if len(given) > 1:
        raise invalid(f"only one of {', '.join(filters)} can be given")


def _create(kind: Kind) -> Operate:
    return lambda account, params: {kind.member: create(account, kind, params).data}


def _get(kind: Kind) -> Operate:
    def get(account: Account, params: Params) -> Params:
        record = account.find(params["arn"], kind.name)
        account.look(record)
        # Reading it may be what makes it disappear.
        return {kind.member: account.find(record.arn).data}

    return get


def _update(kind: Kind) -> Operate:
    return lambda account, params: {kind.member: update(account, kind, params).data}


def _delete(kind: Kind) -> Operate:
    def operate(account: Account, params: Params) -> Params:
        delete(account, account.find(params["arn"], kind.name))
        return {}

    return operate


def _list(kind: Kind) -> Operate:
    def operate(account: Account, params: Params) -> Params:
        if kind.one_filter:
            check_one_filter(params, list(kind.filters))
        wanted = {
            member: params[name]
            for name, member in kind.filters.items()
            if params.get(name) is not None
        }
        encoder = params.get("filterByEncoderConfigurationArn")
        records = account.listing(kind, first_page=not params.get("nextToken"))
        if wanted or encoder:
            records = [
                record
                for record in records
                if all(record.data.get(member) == value for member, value in wanted.items())
                and (encoder is None or encoder in record.uses)
            ]
        items = [(record.sequence, record) for record in records]
        shown, more = page(items, params, kind.list, kind.page)
        return {kind.members: [account.look(record) for record in shown], **more}

    return operate


def _operations() -> dict[str, Operate]:
    found: dict[str, Operate] = {}
    for kind in KINDS.values():
        found[kind.create] = _create(kind)
        found[kind.get] = _get(kind)
        found[kind.list] = _list(kind)
        if kind.update is not None:
            found[kind.update] = _update(kind)
        if kind.delete is not None:
            found[kind.delete] = _delete(kind)
    return found


OPERATIONS: Mapping[str, Operate] = _operations()
"""The regular operations; a type with special behavior replaces some of them in its own module."""
