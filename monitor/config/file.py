"""Load the configuration file."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from monitor.config import document, problems
from monitor.config.inventory import merged
from monitor.config.model import Config
from monitor.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def load(path: Path) -> Config:
    """The configuration in a YAML file.

    Raises ConfigError with one line per problem, each with file, line and key.
    """
    return parse(text_of(path), str(path))


def text_of(path: Path) -> str:
    """The text of a file of ours; ConfigError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def parse(text: str, name: str) -> Config:
    """The configuration in YAML text, with the devices of its inventories; see `load`."""
    read = document.read(text, name)
    config = validated(read, Config)
    if not config.inventory:
        return config
    rows = [row for one in config.inventory for row in one.rows()]
    return validated(replace(read, data=merged(read.data, rows, name)), Config)


def validated(read: document.Document, model: type[Model]) -> Model:
    """The data of a document as a model; ConfigError names every problem of it."""
    data = {} if read.data is None else read.data
    if not isinstance(data, dict):
        raise ConfigError(f"{read.name}:1: a mapping of keys is expected here")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(problems.describe(error, read, model))) from error
