"""Archives of models: what belongs in one is unpacked, and nothing that an attacker would put there."""

import gzip
import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from emulator.errors import JobFailure
from emulator.storage.archive import Limits, unpack_model

WEIGHTS = b"\x00" * 5000


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A member of a tar archive."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def archive(members: Iterable[tarfile.TarInfo], content: bytes = WEIGHTS) -> bytes:
    """A .tar.gz whose regular files all have the same content."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info in members:
            if info.isreg():
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return made.getvalue()


def refusal(packed: bytes, folder: Path, limits: Limits | None = None) -> str:
    """Why an archive is refused; nothing of it may be left."""
    target = folder / "model"
    with pytest.raises(JobFailure) as failure:
        unpack_model(io.BytesIO(packed), target, limits or Limits(), "s3://b/model.tar.gz")
    assert not target.exists()
    assert [path.name for path in folder.iterdir()] == []
    assert "cannot unpack the model s3://b/model.tar.gz: " in str(failure.value)
    return str(failure.value)


def test_a_model_is_unpacked(tmp_path: Path) -> None:
    """Weights, configurations and tokenizers arrive as they are, in folders too; what nobody reads is not written."""
    names = ["config.json", "model.safetensors", "tokenizer/spiece.model", "chat_template.jinja", "merges.txt"]
    packed = archive([member("./", tarfile.DIRTYPE), *(member(name) for name in [*names, "docs/README.md"])])
    (tmp_path / "model.tar.gz").write_bytes(packed)
    unpack_model(tmp_path / "model.tar.gz", tmp_path / "one")
    unpack_model(io.BytesIO(packed), tmp_path / "two")
    for folder in ("one", "two"):
        found = sorted(str(f.relative_to(tmp_path / folder)) for f in (tmp_path / folder).rglob("*") if f.is_file())
        assert found == sorted(names)
        assert (tmp_path / folder / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (member("/evil.json"), "'/evil.json' leads out of the folder"),
        (member("../evil.json"), "'../evil.json' leads out of the folder"),
        (member("a/../../evil.json"), "leads out of the folder"),
        (member("a\\..\\evil.json"), "leads out of the folder"),
        (member("../evil", tarfile.DIRTYPE), "leads out of the folder"),
        (member("a.json", tarfile.SYMTYPE, "/etc/passwd"), "is no regular file, but a link to '/etc/passwd'"),
        (member("a.json", tarfile.LNKTYPE, "config.json"), "is no regular file, but a link to 'config.json'"),
        (member("a.json", tarfile.CHRTYPE), "is no regular file, but a device"),
        (member("a.json", tarfile.BLKTYPE), "is no regular file, but a device"),
        (member("a.json", tarfile.FIFOTYPE), "is no regular file, but a device"),
        (member("a.json", tarfile.CONTTYPE), "is no regular file, but a special file"),
        (member("pytorch_model.bin"), "'pytorch_model.bin' is none of *.safetensors, *.json"),
        (member("model.pt"), "'model.pt' is none of"),
        (member("model.pkl"), "'model.pkl' is none of"),
        (member("code/inference.py"), "'code/inference.py' is none of"),
        (member("lib.so"), "'lib.so' is none of"),
        (member("config.json"), "'config.json' is there twice"),
        (member("config.json/a.json"), "'config.json/a.json' is there twice, or is a folder and a file"),
        (member("config.json", tarfile.DIRTYPE), "is there twice, or is a folder and a file"),
        (member("x" * 300 + ".json"), "is too long for a name"),
    ],
    ids=lambda value: value.name + value.type.decode() if isinstance(value, tarfile.TarInfo) else None,
)
def test_what_is_no_models_data_is_refused(tmp_path: Path, bad: tarfile.TarInfo, told: str) -> None:
    """Paths out of the folder, links, devices, code and pickles refuse the whole archive, and leave nothing."""
    assert told in refusal(archive([member("config.json"), bad]), tmp_path)


def test_a_folder_that_is_a_link_first_is_refused(tmp_path: Path) -> None:
    """A link in the place of a folder, through which a later file would be written, is refused."""
    packed = archive([member("a", tarfile.SYMTYPE, "/etc"), member("a/evil.json")])
    assert "is no regular file, but a link" in refusal(packed, tmp_path)


def test_too_much_is_refused(tmp_path: Path) -> None:
    """A bomb ends at the bound: too many bytes, too many files, and a header that claims more than there is."""
    bomb = archive([member("model.safetensors")], bytes(50_000_000))
    assert len(bomb) < 100_000
    assert "'model.safetensors' has 50000000 bytes" in refusal(bomb, tmp_path, Limits(total_bytes=1_000_000))
    many = archive([member(f"{number}.json") for number in range(20)])
    assert "more than 10 files" in refusal(many, tmp_path, Limits(files=10))
    assert "more than 30000 bytes" in refusal(many, tmp_path, Limits(total_bytes=30_000))


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is a thousand times as large as its archive says so in its header, and nothing of it is unpacked."""
    monkeypatch.setattr("emulator.storage.archive._write", lambda *_: pytest.fail("it was written"))
    for name in ("model.safetensors", "config.json"):
        bomb = archive([member(name)], bytes(80 * 1024**2))
        assert f"'{name}' has 83886080 bytes" in refusal(bomb, tmp_path)


def test_many_small_bombs_are_one(tmp_path: Path) -> None:
    """The bound is for all files together, and a lower one for those that are no weights."""
    packed = archive([member(f"{number}.json") for number in range(9)], bytes(10_000))
    assert "more than 50000 bytes beside weights" in refusal(packed, tmp_path, Limits(other_bytes=50_000))
    assert "more than 50000 bytes once unpacked" in refusal(packed, tmp_path, Limits(ratio=1, free_bytes=50_000))


def test_weights_are_bound_by_the_archives_size_alone(tmp_path: Path) -> None:
    """Weights that do not shrink, as real ones, are unpacked whatever is left for other files."""
    content = os.urandom(300_000)
    limits = Limits(ratio=2, free_bytes=0, other_bytes=0)
    unpack_model(io.BytesIO(archive([member("model.safetensors")], content)), tmp_path / "model", limits)
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == content


def test_a_header_does_not_fill_the_memory(tmp_path: Path) -> None:
    """An extended header, which tarfile reads whole, may not be larger than any honest one."""
    info = member("config.json")
    info.pax_headers = {"comment": "x" * 30_000_000}
    assert "it has a header of " in refusal(archive([info]), tmp_path)


@pytest.mark.parametrize(
    "packed",
    [b"", b"nonsense", gzip.compress(b"no tar" * 1000, mtime=0), archive([member("a.json")])[:-9]],
    ids=["empty", "no gzip", "no tar", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, packed: bytes) -> None:
    """Neither gzip nor tar, or an archive that was cut off, is told as such."""
    refusal(packed, tmp_path)
