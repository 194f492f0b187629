"""The watched folder: complete files, once each, over restarts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from monitor.collect.cssm import CssmFiles, CssmFilesConfig
from monitor.errors import CollectError

CSV = "License,Purchased\nCUBE_T_STD,50\n"


def watching(scene: Any, directory: Path, **more: object) -> CssmFiles:
    config = CssmFilesConfig.model_validate(
        {"directory": str(directory / "in"), "account": "EMEA", **more}
    )
    return CssmFiles(config, directory / "memory.json", clock=scene.clock)


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def looks(collector: CssmFiles, scene: Any, times: int = 2) -> list[int]:
    async def look() -> list[int]:
        return [await collector.look(scene.desk) for _ in range(times)]

    return asyncio.run(look())


def test_a_file_is_taken_once_when_it_stands_still(
    scene: Any, inside: Path, tmp_path: Path
) -> None:
    (inside / "a.csv").write_text(CSV)
    collector = watching(scene, tmp_path)
    assert looks(collector, scene, 3) == [0, 1, 0]
    (inventory,) = scene.desk.inventories
    assert (inventory.payload, inventory.account) == (CSV.encode(), "EMEA")
    assert inventory.origin.endswith("a.csv")
    (inside / "a.csv").write_text(CSV + "CUBE_T_ENH,5\n")
    assert looks(collector, scene, 3) == [0, 1, 0]
    (inside / "copy.csv").write_text(CSV)
    assert looks(collector, scene, 3) == [0, 0, 0]


def test_it_remembers_over_restarts_and_moves_nothing(
    scene: Any, inside: Path, tmp_path: Path
) -> None:
    (inside / "a.csv").write_text(CSV)
    assert looks(watching(scene, tmp_path), scene) == [0, 1]
    assert looks(watching(scene, tmp_path), scene) == [0, 0]
    assert (inside / "a.csv").exists()
    (tmp_path / "memory.json").write_text("{broken")
    assert looks(watching(scene, tmp_path), scene) == [0, 1]


def test_it_moves_files_only_when_told(scene: Any, inside: Path, tmp_path: Path) -> None:
    (inside / "a.csv").write_text(CSV)
    assert looks(watching(scene, tmp_path, done=str(tmp_path / "done" / "x")), scene) == [0, 1]
    assert not (inside / "a.csv").exists()
    assert (tmp_path / "done" / "x" / "a.csv").read_text() == CSV


def test_other_files_are_left_alone(scene: Any, inside: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(CSV)
    (inside / "link.csv").symlink_to(tmp_path / "outside.csv")
    (inside / ".hidden.csv").write_text(CSV)
    (inside / "a.csv.part").write_text(CSV)
    (inside / "folder.csv").mkdir()
    assert looks(watching(scene, tmp_path), scene) == [0, 0]


def test_what_cannot_be_kept_or_moved_is_no_end(scene: Any, inside: Path, tmp_path: Path) -> None:
    (inside / "a.csv").write_text(CSV)
    (tmp_path / "memory.json").mkdir()
    (tmp_path / "done").write_text("a file")
    assert looks(watching(scene, tmp_path, done=str(tmp_path / "done")), scene, 3) == [0, 1, 0]


def test_a_folder_that_is_not_there_is_tried_again(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="cannot be read"):
        looks(watching(scene, tmp_path), scene)


def test_it_looks_until_it_is_stopped(
    scene: Any, inside: Path, tmp_path: Path, enough: type[Exception]
) -> None:
    (inside / "a.csv").write_text(CSV)
    scene.clock.most = 3
    with pytest.raises(enough):
        asyncio.run(watching(scene, tmp_path).run(scene.desk))
    assert len(scene.desk.inventories) == 1
    assert scene.clock.slept == [30.0, 30.0, 30.0]
