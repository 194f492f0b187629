"""Devices from files other tools write: CSV with a header, or a device list of NetBox."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from monitor.errors import ConfigError

_LARGEST: Final = 16 * 2**20
_MOST: Final = 20_000
_COLUMNS: Final = {
    "name": ("name", "device", "devicename", "hostname"),
    "address": (
        "address", "ip", "ipaddress", "ipv4", "primaryip", "primaryip4", "managementip", "mgmtip",
        "managementaddress", "primaryipaddress",
    ),
    "aliases": ("alias", "aliases"),
    "virtual_account": ("virtualaccount", "va", "smartvirtualaccount"),
    "release": ("release", "version", "softwareversion", "iosversion", "osversion"),
    "host": ("sshhost",),
    "port": ("sshport", "port"),
    "credential": ("credential", "sshcredential"),
}  # fmt: skip
_FIELDS: Final = {word: field for field, words in _COLUMNS.items() for word in words}
_UNUSED: Final = frozenset({"planned", "inventory", "decommissioning", "offline"})
_SEPARATORS: Final = re.compile(r"[\s;|]+")


class InventoryConfig(BaseModel):
    """One file of devices: `{csv: PATH}` or `{netbox: PATH}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    csv: Path | None = None
    """A header and one device a line; columns by name, others are passed by."""
    netbox: Path | None = None
    """JSON of `/api/dcim/devices/`, whole or its `results`."""
    credential: str | None = None
    """SSH credential of devices that have an address and name none."""

    @model_validator(mode="after")
    def _names_one_file(self) -> Self:
        if (self.csv is None) == (self.netbox is None):
            raise ValueError("give either `csv: PATH` or `netbox: PATH`")
        return self

    def rows(self) -> Iterator["Row"]:
        """Its devices in order. Raises ConfigError with file and line."""
        if self.csv is not None:
            yield from _csv_rows(self.csv, self.credential)
        elif self.netbox is not None:
            yield from _netbox_rows(self.netbox, self.credential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One device as `devices:` would have it, and where it stands."""

    place: str
    """`FILE:LINE`."""
    device: Mapping[str, Any]


def merged(data: Mapping[str, Any], rows: Iterable[Row], name: str) -> dict[str, Any]:
    """The data of a configuration file with these devices; ConfigError where one is there twice."""
    own = data.get("devices") or []
    devices = list(own) if isinstance(own, list) else []
    places = {
        _folded(device.get("name")): f"`devices` of {name}"
        for device in devices
        if isinstance(device, dict)
    }
    for row in rows:
        known = places.setdefault(_folded(row.device["name"]), row.place)
        if known != row.place:
            raise ConfigError(f"{row.place}: {row.device['name']!r} is also in {known}")
        devices.append(dict(row.device))
    return {**data, "devices": devices}


def _folded(name: object) -> str:
    return str(name).casefold()


def _csv_rows(path: Path, credential: str | None) -> Iterator[Row]:
    text = _text(path)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = next(reader, [])
        fields = [_FIELDS.get(_plain(word)) for word in header]
        if "name" not in fields:
            raise ConfigError(f"{path}:1: no column `name` (there are: {', '.join(header)[:200]})")
        for values in reader:
            place = f"{path}:{reader.line_num}"
            found = _first(fields, values)
            if any(value.strip() for value in values):
                yield _row(place, found, credential)
            _bounded(reader.line_num, place)
    except csv.Error as error:
        raise ConfigError(f"{path}:{reader.line_num}: {error}") from error


def _first(fields: list[str | None], values: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, value in zip(fields, values, strict=False):
        if field is not None and value.strip():
            found.setdefault(field, value.strip())
    return found


def _plain(word: str) -> str:
    return re.sub(r"[\s_\-.]", "", word).lower()


def _netbox_rows(path: Path, credential: str | None) -> Iterator[Row]:
    text = _text(path)
    try:
        data = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise ConfigError(f"{path}:{line}: no JSON: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}:1: too deep") from error
    items = data.get("results") if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise ConfigError(f"{path}:1: neither a list of devices nor an object with `results`")
    if isinstance(data, dict) and data.get("next"):
        raise ConfigError(f"{path}:1: holds one page only; ask NetBox with `?limit=0`")
    _bounded(len(items), f"{path}:1")
    for item in items:
        place = f"{path}:{_line(text, item)}"
        if not isinstance(item, dict):
            raise ConfigError(f"{place}: a device is an object")
        if _word(item.get("status")).lower() not in _UNUSED:
            yield _row(place, dict(_netbox_fields(item)), credential)


def _line(text: str, item: object) -> int:
    name = item.get("name") if isinstance(item, dict) else item
    at = text.find(json.dumps(name, ensure_ascii=False)) if name else -1
    return text.count("\n", 0, max(at, 0)) + 1


def _netbox_fields(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    custom = item.get("custom_fields")
    named = {**(custom if isinstance(custom, dict) else {}), "name": item.get("name")}
    for key, value in named.items():
        field = _FIELDS.get(_plain(str(key)))
        if field is not None and _word(value):
            yield field, _word(value)
    for key in ("primary_ip4", "primary_ip6", "primary_ip", "oob_ip"):
        address = item.get(key)
        if isinstance(address, dict) and _word(address.get("address")):
            yield "address", _word(address["address"])
            return


def _word(value: object) -> str:
    """Text of a plain value, or of NetBox's `{value, label}`."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("name") or ""
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _row(place: str, found: Mapping[str, str], credential: str | None) -> Row:
    if "name" not in found:
        raise ConfigError(f"{place}: no name")
    addresses = [
        one.partition("/")[0] for one in _SEPARATORS.split(found.get("address", "")) if one
    ]
    device: dict[str, Any] = {"name": found["name"], "addresses": addresses}
    device["aliases"] = _several(found.get("aliases"))
    for field in ("virtual_account", "release"):
        if field in found:
            device[field] = found[field]
    ssh = _ssh(place, found, addresses, credential)
    return Row(place=place, device={**device, "ssh": ssh} if ssh else device)


def _several(text: str | None) -> list[str]:
    return [one for one in _SEPARATORS.split(text or "") if one]


def _ssh(
    place: str, found: Mapping[str, str], addresses: list[str], credential: str | None
) -> dict[str, Any]:
    login = found.get("credential") or credential
    host = found.get("host") or next(iter(addresses), "")
    if login is None or not host:
        return {}
    port = found.get("port", "22")
    if not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004 - ports end there
        raise ConfigError(f"{place}: {port!r} is no port")
    return {"host": host, "port": int(port), "credential": login}


def _bounded(count: int, place: str) -> None:
    if count > _MOST:
        raise ConfigError(f"{place}: more than {_MOST:,} devices")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            payload = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(payload) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST:,} bytes")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text") from error
