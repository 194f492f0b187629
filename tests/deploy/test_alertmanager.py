"""The files of Alertmanager: taken by it, routed and inhibited as meant, no secret inside."""

import json
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).parents[2]
FOLDER = TOP / "deploy" / "alertmanager"
SHIPPED = FOLDER / "alertmanager.yml"
SECRETS = "/etc/alertmanager-secrets/"


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _with_teams() -> str:
    """The file with the commented receiver let in."""
    return re.sub(r"^  # (- name: teams|  )", r"  \1", SHIPPED.read_text(), flags=re.M)


@pytest.mark.engine("amtool")
@pytest.mark.parametrize("name", ["alertmanager.yml", "demo.yml"])
def test_alertmanager_takes_its_file_and_templates(name: str) -> None:
    said = _run("amtool", "check-config", FOLDER / name)
    assert "1 templates" in said


def test_the_demo_has_the_same_routes_and_no_receiver_that_tells_anybody() -> None:
    shipped, demo = (yaml.safe_load((FOLDER / name).read_text())
                     for name in ("alertmanager.yml", "demo.yml"))  # fmt: skip
    assert demo["route"] == shipped["route"]
    assert demo["inhibit_rules"] == shipped["inhibit_rules"]
    assert all(list(one) == ["name"] for one in demo["receivers"])


def test_every_secret_is_a_file_that_the_compose_script_makes() -> None:
    text = _with_teams()
    named = set(re.findall(re.escape(SECRETS) + r"([a-z.]+)", text))
    script = (TOP / "deploy" / "compose" / "secrets.sh").read_text()
    assert named == set(re.findall(r"^placeholder (\S+)", script, re.M))
    assert "/etc/alertmanager-secrets" in (TOP / "deploy/compose/compose.yaml").read_text()
    inline = re.findall(r"\b(?:\w*password|\w*_key|credentials|api_url|webhook_url):", text)
    assert inline == []


def test_there_is_an_example_of_each_receiver() -> None:
    receivers = yaml.safe_load(_with_teams())["receivers"]
    kinds = {kind for one in receivers for kind in one if kind != "name"}
    assert kinds == {
        "pagerduty_configs", "opsgenie_configs", "slack_configs", "msteamsv2_configs",
        "email_configs", "webhook_configs",
    }  # fmt: skip


@pytest.mark.engine("openssl")
def test_the_compose_script_makes_and_keeps_the_files(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_text((TOP / "deploy" / "compose" / "secrets.sh").read_text())
    said = _run("sh", script)
    key = tmp_path / "secrets" / "alertmanager" / "pagerduty.key"
    assert "placeholder: put PagerDuty's integration key" in said
    assert key.read_text() == "REPLACE-ME"
    key.write_text("mine")
    assert "PagerDuty" not in _run("sh", script)
    assert key.read_text() == "mine"


@pytest.mark.engine("amtool")
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=CubeMonitorHeartbeat severity=none", "heartbeat"),
        ("alertname=CubePairPage severity=critical pair=edge subject=edge", "page"),
        ("alertname=CubeAckBackstop severity=critical subject=cube-1 device=cube-1", "page"),
        ("alertname=CubeAckBackstop severity=warning subject=cube-1 account=EMEA", "ticket"),
        ("alertname=CubeMonitorStoreFaulty severity=critical instance=a", "page"),
        ("alertname=Anything", "ticket"),
    ],
)
def test_an_alert_goes_where_it_should(labels: str, receiver: str) -> None:
    said = _run("amtool", "config", "routes", "test", f"--config.file={SHIPPED}", *labels.split())
    assert said.split() == [receiver]


def _groups() -> Mapping[str, Sequence[str]]:
    """How alerts become notifications, by the route they take."""
    route = yaml.safe_load(SHIPPED.read_text())["route"]
    beat, page, _ticket = route["routes"]
    (pair,) = page["routes"]
    return {
        "ticket": route["group_by"],
        "beat": beat["group_by"],
        "page": page["group_by"],
        "pair": pair["group_by"],
    }


def test_a_worse_step_is_another_page_and_a_late_account_is_not() -> None:
    groups = _groups()
    assert "step" in groups["page"]
    assert "step" in groups["pair"]
    assert "pair" in groups["pair"]
    assert "account" not in (*groups["page"], *groups["pair"])
    assert {"account", "pair"} <= set(groups["ticket"])


Alert = Mapping[str, str]


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real one under the shipped routes and inhibition; it tells nobody."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        "prometheus-alertmanager", f"--config.file={FOLDER / 'demo.yml'}",
        f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=", "--log.level=error",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as engine:
        _until(lambda: _answers(f"{url}/-/ready"))
        yield url
        engine.terminate()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own engine
    except OSError:
        return False
    return True


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _behind(url: str, label: str) -> set[str]:
    """Alerts of one test, with their subjects, that another alert speaks for."""
    query = f"{url}/api/v2/alerts?filter=test%3D{label}"
    with urllib.request.urlopen(query, timeout=10) as answer:  # noqa: S310 - our own engine
        alerts = json.loads(answer.read())
    hidden = [one["labels"] for one in alerts if one["status"]["inhibitedBy"]]
    return {f"{one['alertname']} {one.get('subject', '')}".strip() for one in hidden}


def _post(url: str, alerts: Sequence[Alert], label: str, *, ended: bool = False) -> None:
    end = {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-01T00:00:01Z"} if ended else {}
    body = json.dumps([{"labels": {**one, "test": label}, **end} for one in alerts]).encode()
    request = urllib.request.Request(  # noqa: S310 - our own engine
        f"{url}/api/v2/alerts", body, {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - our own engine


def _end(url: str, alerts: Sequence[Alert], label: str) -> None:
    """What one case raised must not speak in the next."""
    _post(url, alerts, label, ended=True)
    _until(lambda: not _behind(url, label))


def alert(name: str, severity: str = "warning", **labels: str) -> Alert:
    rule = re.sub("(?<!^)([A-Z])", r"_\1", name.removeprefix("Cube")).lower()
    return {"alertname": name, "severity": severity, "rule": rule, **labels}


ONE = {"subject": "cube-1", "device": "cube-1"}
TWO = {"subject": "cube-2", "device": "cube-2"}


@pytest.mark.engine("prometheus-alertmanager")
@pytest.mark.parametrize(
    ("label", "alerts", "behind"),
    [
        (
            "worst",
            [
                alert("CubeAckBackstop", "critical", **ONE),
                alert("CubeOutOfCompliance", **ONE),
                alert("CubeStaleData", step="poll", **ONE),
                alert("CubePushOverdue", **TWO),
            ],
            {"CubeOutOfCompliance cube-1"},
        ),
        (
            "sip",
            [
                alert("CubeSipServiceDown", "critical", **ONE),
                alert("CubeAckOverdue", "critical", **ONE),
                alert("CubeNoRoomToRetry", **TWO),
            ],
            {"CubeAckOverdue cube-1"},
        ),
        (
            "pair",
            [
                alert("CubePairPage", "critical", subject="edge", pair="edge"),
                alert("CubePushOverdue", pair="edge", **TWO),
                alert("CubeStaleData", pair="edge", step="poll", **TWO),
                alert("CubeSentNotAcknowledged", pair="other", subject="cube-9"),
            ],
            {"CubePushOverdue cube-2"},
        ),
        (
            "collector",
            [
                alert("CubeMonitorCollectorDown", collector="ssh_2", instance="a"),
                alert("CubeStaleData", step="poll", **ONE),
                alert("CubeAckOverdue", "critical", **TWO),
            ],
            {"CubeStaleData cube-1"},
        ),
        (
            "syslog",
            [
                alert("CubeMonitorCollectorDown", collector="syslog_udp", instance="a"),
                alert("CubeStaleData", step="poll", subject="cube-7"),
                alert("CubeStaleData", step="syslog", subject="cube-8"),
            ],
            {"CubeStaleData cube-8"},
        ),
        (
            "absent",
            [
                alert("CubeMonitorAbsent", "critical"),
                alert("CubeMonitorDown", instance="a"),
                alert("CubeStaleData", step="syslog", subject="cube-8"),
                alert("CubeCycleUnknown", subject="cube-8"),
            ],
            {"CubeMonitorDown", "CubeStaleData cube-8"},
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_one_alert_speaks_for_another(
    alertmanager: str, label: str, alerts: list[Alert], behind: set[str]
) -> None:
    _post(alertmanager, alerts, label)
    _until(lambda: _behind(alertmanager, label) == behind)
    _end(alertmanager, alerts, label)
