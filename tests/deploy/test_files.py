"""What deploy/ ships agrees with the rest of the project."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from monitor.collect.ssh.commands import DAILY, PAIRED, POLLED
from monitor.config import load
from monitor.domain.yang import About
from monitor.evaluate.remedies import missing

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy"


def _pins(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    found = (re.match(r"([a-z0-9][a-z0-9._-]*)==(\S+)", line) for line in lines)
    return {one[1]: one[2] for one in found if one}


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_what_is_shipped_is_what_is_tested(name: str) -> None:
    tested, shipped = _pins(TOP / "requirements.lock"), _pins(DEPLOY / name)
    assert shipped
    assert {one: tested.get(one) for one in shipped} == shipped


def test_every_direct_library_is_shipped() -> None:
    asked = re.search(r"\ndependencies = \[(.*?)\n\]", (TOP / "pyproject.toml").read_text(), re.S)
    assert asked is not None
    names = re.findall(r'"([A-Za-z0-9_-]+)', asked[1])
    shipped = _pins(DEPLOY / "requirements.lock")
    assert [one for one in names if one.lower().replace("_", "-") not in shipped] == []


def _commands(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith(("!", " !"))]


def _proposed() -> set[str]:
    gnmi = About(platform="C8000V", release="17.12.1a")
    restconf = About(platform="ISR4451-X/K9", release="17.9.1")
    remedies = [*missing(frozenset(), gnmi), *missing(frozenset(), restconf)]
    return {line.strip() for one in remedies for line in one.router}


def test_the_routers_files_have_every_line_that_the_doctor_proposes() -> None:
    typed = {line for path in DEPLOY.glob("ios-xe/*.txt") for line in _commands(path)}
    proposed = {line for line in _proposed() if not line.startswith("username monitor")}
    without_list = {line.removesuffix(" access 10") for line in typed}
    assert proposed - typed - without_list == set()
    assert len(proposed) > 15


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("ios-xe/*.txt")), ids=lambda one: one.stem)
def test_a_routers_file_says_how_to_check_it_and_writes_nothing_dangerous(path: Path) -> None:
    text = path.read_text()
    assert "! Check on the router:" in text
    assert "! Check on the monitor: cubemon" in text
    commands = _commands(path)
    assert commands[0] == "configure terminal"
    assert commands[-1] == "end"
    forbidden = re.compile(r"\b(write|reload|erase|delete|rw|no )\b")
    assert [line for line in commands if forbidden.search(line)] == []


def test_no_command_takes_the_words_before_it_to_another_level() -> None:
    """IOS gives `show` the level of any `show ...`, unless it is said otherwise afterwards."""
    lines = _commands(DEPLOY / "ios-xe" / "ssh.txt")
    levels: dict[str, str] = {}
    for level, command in re.findall(r"privilege exec level (\d+) (.+)", "\n".join(lines)):
        words = command.split()
        for end in range(1, len(words) + 1):
            levels[" ".join(words[:end])] = level
    typed = {one.value for one in (*POLLED, *PAIRED, *DAILY)} - {"show clock", "show version"}
    assert {command for command, level in levels.items() if level == "5"} == typed
    assert levels["show"] == "1"


@pytest.mark.engine("systemd-analyze")
def test_the_unit_exposes_little() -> None:
    asked = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager"),
            DEPLOY / "systemd" / "cube-license-monitor.service",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout[-500:] + asked.stderr


def test_the_container_file_copies_what_it_is_given() -> None:
    lines = (DEPLOY / "docker" / "Dockerfile").read_text().splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    given = (TOP / ".dockerignore").read_text().splitlines()
    assert copied
    for source in copied:
        assert (TOP / source).exists()
        top = [one[1:] for one in given if one.startswith("!")]
        assert any(source == one or source.startswith(f"{one}/") for one in top)


@pytest.mark.parametrize("name", ["compose.yaml", "compose.demo.yaml"])
def test_the_compose_files_mount_what_is_there(name: str) -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / name).read_text())
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            made = source.startswith("./secrets") or "/" not in source
            assert made or (DEPLOY / "compose" / source).exists(), volume


@pytest.mark.engine("promtool")
@pytest.mark.parametrize("name", ["prometheus.yml", "demo.yml"])
def test_prometheus_takes_its_file(name: str) -> None:
    path = DEPLOY / "compose" / "prometheus" / name
    asked = subprocess.run(
        ["promtool", "check", "config", "--syntax-only", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr


def test_the_units_file_is_good_as_it_comes_and_with_all_that_it_proposes(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "cubemon.yml").read_text()
    proposed = re.sub(r"(?m)^( *)# (?=[ -]*[a-z_]+:(?: |$))", r"\1", text)
    path = tmp_path / "cubemon.yml"
    path.write_text(text)
    assert [one.kind for one in load(path).collect] == ["syslog_udp", "syslog_tcp"]
    path.write_text(proposed)
    config = load(path)
    assert [one.kind for one in config.collect] == ["syslog_udp", "syslog_tcp", "ssh"]
    assert (len(config.devices), len(config.accounts)) == (1, 1)
    assert config.http.url
    unit = (DEPLOY / "systemd" / "cube-license-monitor.service").read_text()
    assert f"StateDirectory={config.store.directory.name}\n" in unit
    for secret in re.findall(r"/run/credentials/cube-license-monitor.service/([\w.]+)", text):
        assert f"#LoadCredential={secret}:" in unit


@pytest.mark.parametrize("name", ["docker/cubemon.yml", "compose/cubemon.yml"])
def test_the_monitors_files_are_good(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text()
    for secret in re.findall(r"/run/secrets/([\w.]+)", text):
        (tmp_path / secret).write_text("0123456789abcdef" * 4)
    path = tmp_path / "cubemon.yml"
    path.write_text(text.replace("/run/secrets", str(tmp_path)))
    config = load(path)
    assert config.http.tls is not None
    assert {str(one.role) for one in config.http.tokens} == {"read", "operate"}
    secrets = (tmp_path / "cubemon.yml").read_text().count(str(tmp_path))
    assert secrets >= 4
