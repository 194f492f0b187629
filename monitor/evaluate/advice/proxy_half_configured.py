"""A proxy needs an address and a port."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, TRANSPORT_STEPS, Advice, Answer, Check
from monitor.evaluate.case import Case


def look(case: Case) -> Answer:
    """One without the other."""
    address = case.sheet.best(FactName.PROXY_ADDRESS)
    port = case.sheet.best(FactName.PROXY_PORT)
    if address is None or port is None:
        return None
    if (address.value is None) == (port.value is None):
        return FINE
    missing, there = ("port", "address") if port.value is None else ("address", "port")
    value = address.value if port.value is None else port.value
    return (
        Advice(
            step="half",
            severity=Severity.WARNING,
            why=f"A proxy {there} is configured ({value}) and no proxy {missing}.",
            next=f"Type `configure terminal`, then `license smart proxy {missing} ...`, or take"
            f" the proxy out with `no license smart proxy {there}`.",
            facts=(address, port),
        ),
    )


CHECK: Final = Check(
    name="proxy_half_configured",
    rule="Where an internet proxy is used, its address and its port must both be configured.",
    source=f"{TRANSPORT_STEPS}, steps 5 and 6",
    steps=(("half", Severity.WARNING),),
    asks=("show running-config",),
    look=look,
)
