"""S3 that outlasts the server: whatever was answered is there after kill -9, to the last byte and header."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.storage.data_dir import RUNS
from tests.support import s3_buckets, s3_objects
from tests.support.durable import durable_server, kill
from tests.support.s3_objects import contents
from tests.support.server import Server

Scene = Callable[[Any], Any]

SCENES: dict[str, tuple[Scene, Scene]] = {
    "odd keys": (s3_objects.odd_keys, s3_objects.see_odd_keys),
    "metadata": (s3_objects.metadata, s3_objects.see_metadata),
    "changes": (s3_objects.changes, s3_objects.see_changes),
    "versions": (s3_objects.versions, s3_objects.see_versions),
    "configuration": (s3_buckets.configuration, s3_buckets.see_configuration),
}


@pytest.fixture(scope="module", name="seen")
def _seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Server, Path]]:
    """What each scene looked like before the server was killed, the server after it, and the data directory."""
    folder = tmp_path_factory.mktemp("durable") / "data"
    with durable_server(folder) as (server, process):
        s3 = server.client("s3")
        for act, _ in SCENES.values():
            act(s3)
        before = {name: see(s3) for name, (_, see) in SCENES.items()}
        s3.put_object(Bucket="changes", Key="a", Body=b"where a folder was")
        before["changes"] = s3_objects.see_changes(s3)
        kill(process)
    with durable_server(folder) as (server, _):
        yield before, server, folder


@pytest.mark.parametrize("scene", SCENES)
def test_everything_is_there_after_a_kill(scene: str, seen: tuple[dict[str, Any], Server, Path]) -> None:
    """What S3 tells of buckets, objects, versions and configuration is the same before and after SIGKILL."""
    before, server, _ = seen
    assert SCENES[scene][1](server.client("s3")) == before[scene]


def test_no_key_leaves_the_data_directory(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """Whatever the keys, all files are in the folder of their bucket or in the side folder under names of ours."""
    _, _, folder = seen
    assert {path.name for path in folder.parent.iterdir()} == {"data"}
    ours = {".gitignore", "emulator.db", "emulator.db-wal", "lock", RUNS, "s3"}
    assert {path.name for path in folder.iterdir()} <= ours
    assert not list((folder / RUNS).iterdir())
    buckets = {path.name for path in (folder / "s3").iterdir()}
    assert buckets == {
        ".automl-emulator", "changes", "configured", "elsewhere", "locked", "logged", "metadata", "odd-keys", "versions"
    }  # fmt: skip
    assert all(path.is_file() for path in (folder / "s3" / ".automl-emulator").iterdir())


def test_a_person_can_read_the_folder(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """Objects whose keys can be file names are files of that name, the current version of several too."""
    _, _, folder = seen
    assert (folder / "s3" / "odd-keys" / "folder" / "below" / "plain.csv").read_bytes() == b"folder/below/plain.csv" * 3
    assert (folder / "s3" / "versions" / "key").read_bytes() == b"2"
    assert (folder / "s3" / "changes" / "replaced").read_bytes() == b"second"
    assert not (folder / "s3" / "versions" / "hidden").exists()
    assert not (folder / "s3" / "changes" / "deleted").exists()


def test_moto_is_not_reset_under_what_is_kept(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """The page of moto that forgets everything is refused, in words that say what to do."""
    _, server, _ = seen
    answer = requests.post(f"{server.url}/moto-api/reset", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("Start it with --in-memory.")
    assert contents(server.client("s3"), "changes")
