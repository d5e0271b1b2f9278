"""A double of Amazon DynamoDB, as far as fleets use it, that can refuse all that it refuses.

It reads expressions; a test holds it against moto, operation by operation.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from ivs_constructs.fleets.function.steps import Call, CallError

Item = dict[str, Any]
Place = tuple[str, str]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


class Table:
    """One table with the keys `pk` and `sk`.

    Args:
        page: How many items an answer to a scan holds.
    """

    def __init__(self, page: int = 3) -> None:
        self.items: dict[Place, Item] = {}
        self.page = page
        self.gone = False
        self.is_throttled: Callable[[], bool] = lambda: False
        """Whether whatever is asked now is refused."""
        self._tokens: dict[str, str] = {}

    def serve(self, call: Call) -> dict[str, Any]:
        """Let a call take effect."""
        if self.gone:
            raise CallError(call.operation, "ResourceNotFoundException")
        if self.is_throttled():
            code = "ProvisionedThroughputExceededException"
            raise CallError(call.operation, code, throttled=True)
        parameters = copy.deepcopy(call.parameters)
        answer: dict[str, Any] = getattr(self, f"_on_{_snake(call.operation)}")(
            call.operation, parameters
        )
        return copy.deepcopy(answer)

    def _on_get_item(self, _: str, parameters: Item) -> Item:
        _strong(parameters)
        item = self.items.get(_place(parameters["Key"]))
        return {} if item is None else {"Item": item}

    def _on_put_item(self, name: str, parameters: Item) -> Item:
        self._check(name, _place(parameters["Item"]), parameters)
        self.items[_place(parameters["Item"])] = parameters["Item"]
        return {}

    def _on_update_item(self, name: str, parameters: Item) -> Item:
        place = _place(parameters["Key"])
        self._check(name, place, parameters)
        self._update(name, place, parameters)
        return {"Attributes": self.items[place]}

    def _update(self, name: str, place: Place, parameters: Item) -> None:
        item = dict(self.items.get(place) or _key(place))
        _updater(parameters["UpdateExpression"])(name, item, parameters)
        self.items[place] = item

    def _on_query(self, _: str, parameters: Item) -> Item:
        _strong(parameters)
        wanted = parameters["ExpressionAttributeValues"][":pk"]["S"]
        found = [self.items[place] for place in sorted(self.items) if place[0] == wanted]
        return {"Items": found[: parameters["Limit"]]}

    def _on_scan(self, _: str, parameters: Item) -> Item:
        _strong(parameters)
        order = sorted(self.items, key=_hashed)
        start = parameters.get("ExclusiveStartKey")
        if start is not None:
            order = [place for place in order if _hashed(place) > _hashed(_place(start))]
        page = order[: min(self.page, parameters.get("Limit", self.page))]
        answer: Item = {"Items": [self.items[place] for place in page]}
        if len(page) < len(order):
            answer["LastEvaluatedKey"] = _key(page[-1])
        return answer

    def _on_transact_write_items(self, name: str, parameters: Item) -> Item:
        token, text = parameters["ClientRequestToken"], repr(parameters["TransactItems"])
        if token in self._tokens:
            if self._tokens[token] != text:
                raise CallError(name, "IdempotentParameterMismatchException")
            return {}
        writes = [(kind, each[kind]) for each in parameters["TransactItems"] for kind in each]
        places = [_place(write.get("Key") or write["Item"]) for _, write in writes]
        if len(set(places)) < len(places):
            raise CallError(name, "ValidationException", "an item is in it twice")
        for _, write in writes:
            _judge_expressions(name, write)
        reasons = tuple(
            "None" if self._holds(place, write) else "ConditionalCheckFailed"
            for place, (_, write) in zip(places, writes, strict=True)
        )
        if "ConditionalCheckFailed" in reasons:
            raise CallError(name, "TransactionCanceledException", reasons=reasons)
        for place, (kind, write) in zip(places, writes, strict=True):
            if kind == "Delete":
                self.items.pop(place, None)
            elif kind == "Put":
                self.items[place] = write["Item"]
            else:
                self._update(name, place, write)
        self._tokens[token] = text
        return {}

    def _check(self, name: str, place: Place, parameters: Item) -> None:
        _judge_expressions(name, parameters)
        if not self._holds(place, parameters):
            wants = parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            item = copy.deepcopy(self.items.get(place)) if wants else None
            raise CallError(name, "ConditionalCheckFailedException", item=item)

    def _holds(self, place: Place, parameters: Item) -> bool:
        text = parameters.get("ConditionExpression")
        return text is None or _condition(text)(self.items.get(place, {}), parameters)


def _judge_expressions(name: str, parameters: Item) -> None:
    """Refuse names and values that are used and not given, or given and not used."""
    texts = [each for key, each in parameters.items() if key.endswith("Expression")]
    for sign, member in (("#", "ExpressionAttributeNames"), (":", "ExpressionAttributeValues")):
        used = {word for text in texts for word in _words_in(sign, text)}
        if used != parameters.get(member, {}).keys():
            raise CallError(name, "ValidationException", f"{member} are not what is used")


@cache
def _words_in(sign: str, text: str) -> frozenset[str]:
    return frozenset(re.findall(rf"{sign}\w+", text))


@cache
def _condition(text: str) -> Callable[[Item, Item], bool]:
    if " OR " in text:
        parts = [_condition(each) for each in text.split(" OR ")]
        return lambda item, given: any(part(item, given) for part in parts)
    if " AND " in text:
        parts = [_condition(each) for each in text.split(" AND ")]
        return lambda item, given: all(part(item, given) for part in parts)
    function = re.fullmatch(r"(attribute_exists|attribute_not_exists)\((#\w+)\)", text)
    if function:
        wanted, attribute = function[1] == "attribute_exists", function[2]
        return lambda item, given: (_name(given, attribute) in item) == wanted
    left, operator, right = re.fullmatch(r"(#\w+) (=|<>|<|<=|>|>=) (:\w+)", text).groups()  # type: ignore[union-attr]  # an expression it cannot read fails the test
    compare = _COMPARE[operator]

    def holds(item: Item, given: Item) -> bool:
        value = item.get(_name(given, left))
        wanted = given["ExpressionAttributeValues"][right]
        if value is None or value.keys() != wanted.keys():
            return operator == "<>"
        return compare(_comparable(value), _comparable(wanted))

    return holds


@cache
def _updater(text: str) -> Callable[[str, Item, Item], None]:
    verb, _, rest = text.partition(" ")
    changes = re.split(r", (?=#)(?![^(]*\))", rest)

    def add(_: str, item: Item, given: Item) -> None:
        for change in changes:
            attribute, value = change.split(" ")
            _plus(item, item.get(_name(given, attribute)), given, attribute, value)

    def put(name: str, item: Item, given: Item) -> None:
        before = dict(item)
        for change in changes:
            attribute, _, source = change.partition(" = ")
            plus = re.fullmatch(r"(#\w+) \+ (:\w+)", source)
            default = re.fullmatch(r"if_not_exists\((#\w+), (:\w+)\)", source)
            if plus:
                there = before.get(_name(given, plus[1]))
                if there is None:
                    raise CallError(name, "ValidationException", "no such attribute")
                _plus(item, there, given, attribute, plus[2])
            elif default:
                there = before.get(_name(given, default[1]))
                value = given["ExpressionAttributeValues"][default[2]]
                item[_name(given, attribute)] = value if there is None else there
            else:
                item[_name(given, attribute)] = given["ExpressionAttributeValues"][source]

    return add if verb == "ADD" else put


def _plus(item: Item, there: Item | None, given: Item, attribute: str, value: str) -> None:
    number = float(given["ExpressionAttributeValues"][value]["N"])
    total = float((there or {"N": "0"})["N"]) + number
    item[_name(given, attribute)] = {"N": f"{total:.6f}".rstrip("0").rstrip(".")}


def _name(given: Item, attribute: str) -> str:
    return str(given["ExpressionAttributeNames"][attribute])


def _comparable(typed: Item) -> Any:  # noqa: ANN401 (a text, a number or a structure)
    [(kind, value)] = typed.items()
    return float(value) if kind == "N" else value


def _place(item: Item) -> Place:
    return item["pk"]["S"], item["sk"]["S"]


def _key(place: Place) -> Item:
    return {"pk": {"S": place[0]}, "sk": {"S": place[1]}}


@cache
def _hashed(place: Place) -> tuple[str, str]:
    return hashlib.sha256(place[0].encode()).hexdigest(), place[1]


def _strong(parameters: Item) -> None:
    # Weaker reads may show anything from the last second; fleets must not rely on them.
    assert parameters["ConsistentRead"] is True


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
