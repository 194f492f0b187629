"""Answers of CSSM's and SSM On-Prem's licence APIs: JSON of its first and third version.

Shapes: `v1/accounts/{sa}/licenses` (display names), `v1/accounts/{sa}/devices` (usage of product
instances) and `v3/licenses/summary` (tags). Several pages may stand in one list.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from monitor.errors import ParseError, ReadingError
from monitor.parse.cssm.inventory import (
    MOST_ROWS,
    Counts,
    Inventory,
    Line,
    ProductInstance,
    Refusals,
    Shape,
    at_least_0,
    moment,
    status_word,
    whole,
    word,
)

Object = Mapping[str, Any]
_LISTS: Final = {"licenses": Shape.LICENSES, "devices": Shape.DEVICES, "summary": Shape.SUMMARY}
_GOOD: Final = frozenset({"", "success", "complete", "ok", "in_compliance"})
_MOST_LICENCES_OF_A_DEVICE: Final = 500


def read_answers(text: str, *, account: str) -> Inventory:
    """The inventory of JSON text. `account`: for entries that name none.

    Raises ParseError for what has none of the three shapes, and for an answer that says it failed.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("no_json") from error
    pages = [page for one in (said if isinstance(said, list) else [said]) for page in _pages(one)]
    shapes = {shape for shape, _ in pages}
    if not pages:
        raise ParseError("no_answer_of_a_licence_api")
    if len(shapes) > 1:
        raise ParseError("several_shapes_in_one_file")
    entries = [entry for _, page in pages for entry in page]
    if len(entries) > MOST_ROWS:
        raise ParseError("too_many_rows")
    return _read(pages[0][0], entries, account)


def _pages(said: object) -> Iterator[tuple[Shape, Sequence[object]]]:
    if not isinstance(said, dict):
        return
    if status_word(said.get("status")) not in _GOOD:
        raise ParseError("answer_of_a_failure")
    inner = said.get("data")
    for key, shape in _LISTS.items():
        page = said.get(key, inner.get(key) if isinstance(inner, dict) else None)
        if isinstance(page, list):
            yield shape, page


def _read(shape: Shape, entries: Sequence[object], account: str) -> Inventory:
    refusals = Refusals()
    lines: list[Line] = []
    devices: list[ProductInstance] = []
    for number, entry in enumerate(entries, start=1):
        try:
            if shape is Shape.DEVICES:
                devices.append(_device(_object(entry), account))
            else:
                lines.append(_LINES[shape](_object(entry), account))
        except ReadingError as error:
            refusals.add(number, str(error))
    return Inventory(
        shape=shape,
        lines=tuple(lines),
        devices=tuple(devices),
        refused=tuple(refusals.kept),
        refused_rows=refusals.count,
    )


def _object(entry: object) -> Object:
    if not isinstance(entry, dict):
        raise ReadingError("the entry is no object")
    return entry


def _named(entry: Object, key: str) -> str:
    name = word(entry.get(key))
    if not name:
        raise ReadingError(f"{key}: missing")
    return name


def _account(entry: Object, account: str) -> str:
    name = word(entry.get("virtualAccount") or entry.get("virtual_account")) or account
    if not name:
        raise ReadingError("virtualAccount: missing; say which account it is of")
    return name


def _licence(entry: Object, account: str) -> Line:
    return Line(
        account=_account(entry, account),
        name=_named(entry, "license"),
        counts=Counts(
            purchased=at_least_0(entry.get("quantity"), "quantity"),
            in_use=at_least_0(entry.get("inUse"), "inUse"),
            available=whole(entry.get("available"), "available"),
            reserved=whole(entry.get("reserved"), "reserved"),
            pending=whole(entry.get("pendingQuantity"), "pendingQuantity"),
        ),
        status=status_word(entry.get("status")),
    )


def _summary(entry: Object, account: str) -> Line:
    return Line(
        account=_account(entry, account),
        name=_named(entry, "tag"),
        title=word(entry.get("display_name")),
        counts=Counts(
            purchased=at_least_0(entry.get("prepaid_entitled"), "prepaid_entitled"),
            in_use=at_least_0(entry.get("prepaid_inuse"), "prepaid_inuse"),
            reserved=whole(entry.get("prepaid_reserved"), "prepaid_reserved"),
        ),
        status=status_word(entry.get("compliance_status")),
    )


_LINES: Final[Mapping[Shape, Callable[[Object, str], Line]]] = {
    Shape.LICENSES: _licence,
    Shape.SUMMARY: _summary,
}


def _device(entry: Object, account: str) -> ProductInstance:
    sudi = entry.get("sudi")
    udi = sudi if isinstance(sudi, dict) else {}
    host, serial = word(entry.get("hostName")), word(udi.get("udiSerialNumber"))
    if not host and not serial:
        raise ReadingError("hostName, sudi.udiSerialNumber: both missing")
    return ProductInstance(
        account=_account(entry, account),
        host_name=host,
        pid=word(udi.get("udiPid")),
        serial=serial,
        counts=_usage(entry.get("licenseUsage")),
        status=status_word(entry.get("status")),
        last_contact=moment(entry.get("lastContactDate")),
    )


def _usage(said: object) -> Mapping[str, int]:
    if said is None:
        return {}
    if not isinstance(said, list) or len(said) > _MOST_LICENCES_OF_A_DEVICE:
        raise ReadingError("licenseUsage: no list of licences")
    counts: dict[str, int] = {}
    for one in said:
        if not isinstance(one, dict):
            raise ReadingError("licenseUsage: an entry is no object")
        quantity = at_least_0(one.get("quantity"), "licenseUsage.quantity")
        if quantity is None:
            raise ReadingError("licenseUsage.quantity: missing")
        name = _named(one, "license")
        counts[name] = counts.get(name, 0) + quantity
    return counts
