"""ENTITY-MIB: the UDI of the chassis (RFC 6933; model name and serial number of class 3)."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.snmp.bindings import Bindings
from monitor.parse.snmp.told import Asked, Told

_ENTRY: Final = "1.3.6.1.2.1.47.1.1.1.1"
CLASS: Final = f"{_ENTRY}.5"
SERIAL: Final = f"{_ENTRY}.11"
MODEL: Final = f"{_ENTRY}.13"
_CHASSIS: Final = 3


def told(values: Bindings, asked: Asked) -> Iterator[Told]:
    """The first chassis that has both a model and a serial number."""
    del asked
    for row in values.column(CLASS):
        model, serial = values.text(f"{MODEL}.{row}"), values.text(f"{SERIAL}.{row}")
        if values.number(f"{CLASS}.{row}") == _CHASSIS and model and serial:
            yield Told(FactName.UDI, f"PID:{model},SN:{serial}")
            yield Told(FactName.PLATFORM, model)
            return
