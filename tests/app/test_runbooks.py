"""Where a page says that its runbook is read."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.app.notifier import runbooks
from monitor.config import Config, load
from monitor.errors import ConfigError

URL = {"url": "https://cube.example.net:8443/"}


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ({}, "docs/runbooks/{slug}.md"),
        ({"notify": {}}, "docs/runbooks/{slug}.md"),
        ({"notify": {}, "http": URL}, "https://cube.example.net:8443/docs/runbooks/"),
        ({"notify": {"runbook_url": "https://wiki/{slug}"}, "http": URL}, "https://wiki/{slug}"),
    ],
)
def test_it_is_the_place_named_else_the_monitors_own(file: object, address: str) -> None:
    assert runbooks(Config.model_validate(file)) == address


def test_a_password_in_it_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "cubemon.yml"
    path.write_text('http: {url: "https://ann:s3cret@cube"}')
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert "http.url: write it like" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_calls_by_that_address_are_answered() -> None:
    answers = Config.model_validate({"http": URL | {"hosts": ["other"]}}).http.answers_to
    assert set(answers) == {"other", "127.0.0.1", "cube.example.net"}


@pytest.mark.parametrize(
    "url",
    [
        "cube.example.net",
        "ftp://cube",
        "https://",
        "https://a b",
        "https://a/?x",
        "https://a/#x",
        "https://[::1",
        "https://a:b",
        "https://a:99999",
        "https://ann:secret@a",
        "https://:8443",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        Config.model_validate({"http": {"url": url}})
