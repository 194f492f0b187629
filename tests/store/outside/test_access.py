"""URLs, tokens and authorities of databases outside."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.store.influxdb import InfluxDbConfig
from monitor.store.line.failure import OutsideError
from monitor.store.victoriametrics import VictoriaMetricsConfig

PLAIN = {"kind": "influxdb", "url": "http://127.0.0.1:1", "bucket": "b"}


def config(**other: object) -> InfluxDbConfig:
    return InfluxDbConfig.model_validate({**PLAIN, **other})


@pytest.mark.parametrize(
    "url", ["ftp://h", "http://", "h:8086", "http://u:p@h", "http://h/?a=b", "http://h:0"]
)
def test_a_url_names_a_server_and_nothing_else(url: str) -> None:
    with pytest.raises(ValidationError):
        config(url=url)


def test_a_path_may_follow_and_a_slash_at_the_end_is_dropped() -> None:
    assert config(url="https://h/influx/").url == "https://h/influx"


def test_the_token_is_read_where_it_lies_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    for token in ("one", "two"):
        file.write_text(f"{token}\n")
        assert config(token={"file": file}).reveal() == token
    monkeypatch.setenv("CUBE_TOKEN", "three")
    assert config(token={"env": "CUBE_TOKEN"}).reveal() == "three"
    assert config().reveal() == ""


@pytest.mark.parametrize("bad", ["", "\n", "two\nlines", "zürich"])
def test_a_token_no_header_can_hold_is_refused_without_being_repeated(
    tmp_path: Path, bad: str
) -> None:
    file = tmp_path / "token"
    file.write_text(bad)
    with pytest.raises(OutsideError, match="token") as refused:
        config(token={"file": file}).reveal()
    assert refused.value.reason == "refused"
    assert "lines" not in str(refused.value)


def test_an_absent_variable_is_named() -> None:
    with pytest.raises(OutsideError, match="variable CUBE_ABSENT"):
        config(token={"env": "CUBE_ABSENT"}).reveal()


def test_authorities_that_cannot_be_read_are_an_outage(tmp_path: Path) -> None:
    given = {"kind": "victoriametrics", "url": "https://127.0.0.1:1", "ca": tmp_path / "absent"}
    target = VictoriaMetricsConfig.model_validate(given).build()
    with pytest.raises(OutsideError, match="authorities"):
        list(target.readings(0, 1))
    target.close()


def test_nobody_at_an_encrypted_port_is_an_outage() -> None:
    given = {"kind": "victoriametrics", "url": "https://127.0.0.1:1"}
    with pytest.raises(OutsideError, match="no answer"):
        list(VictoriaMetricsConfig.model_validate(given).build().readings(0, 1))
