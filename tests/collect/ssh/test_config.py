"""What an operator can write about SSH, and that no secret shows."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.collect.ssh import Credential, SecretRef, SshConfig
from monitor.errors import ConfigError


def test_a_secret_written_in_place_of_its_reference_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        SshConfig.model_validate({"credentials": {"a": {"user": "u", "password": "hunter2"}}})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "credential",
    [
        {"user": "u"},
        {"user": "u", "password": {"env": "A"}, "key": {"env": "B"}},
        {"user": "u", "password": {}},
        {"user": "u", "password": {"env": "A", "file": "/x"}},
        {"user": "", "password": {"env": "A"}},
    ],
)
def test_a_credential_has_one_secret_in_one_place(credential: object) -> None:
    with pytest.raises(ValidationError):
        Credential.model_validate(credential)


def test_only_commands_of_the_list_can_be_configured() -> None:
    with pytest.raises(ValidationError, match="show license usage"):
        SshConfig.model_validate({"commands": ["reload"]})


def test_secrets_are_read_from_files_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("s3cret \n")
    monkeypatch.setenv("LAB_SECRET", "other")
    assert SecretRef(file=tmp_path / "secret").reveal() == "s3cret "
    assert SecretRef(env="LAB_SECRET").reveal() == "other"
    assert "other" not in repr(SecretRef(env="LAB_SECRET"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\n", "is empty"), (b"\xff\xfe", "is not text"), (b"x" * 70_000, "too long")],
)
def test_an_unusable_secret_names_its_file(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"{path}.*{reason}"):
        SecretRef(file=path).reveal()


def test_a_missing_secret_names_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_SECRET", raising=False)
    with pytest.raises(ConfigError, match="LAB_SECRET is not set"):
        SecretRef(env="LAB_SECRET").reveal()
    with pytest.raises(ConfigError, match="gone cannot be read: No such file"):
        SecretRef(file=tmp_path / "gone").reveal()
