"""Real engines for tests: an absent one skips its tests, listed loudly; with CI=true it fails."""

import os
import shutil
from collections.abc import Iterator

import pytest

_PACKAGES = {
    "rsyslogd": "rsyslog",
    "logger": "bsdutils",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "promtool": "prometheus",
    "snmpd": "snmpd",
    "snmptrap": "snmp",
    "snmpget": "snmp",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "victoria-metrics": "victoria-metrics",
    "systemd-analyze": "systemd",
}
_missing: dict[str, list[str]] = {}


def _found(engine: str) -> bool:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return shutil.which(engine, path=path) is not None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("engine"):
        for engine in marker.args:
            if not _found(engine):
                _absent(engine, item)


def _absent(engine: str, item: pytest.Item) -> None:
    package = _PACKAGES.get(engine, engine)
    reason = f"needs {engine}: install the Debian package {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    _missing.setdefault(reason, []).append(item.nodeid)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield
    for reason, tests in _missing.items():
        terminalreporter.section(f"NOT RUN: {reason}", red=True)
        for test in tests:
            terminalreporter.write_line(f"  {test}")
