"""The trained model as `model.tar.gz`, written while its answers are still being measured."""

import gzip
import hashlib
import json
import logging
import tarfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.subject import Subject
from emulator.s3.layout import MODEL_ARCHIVE
from emulator.training.load_model import save_model

COMPRESSION = 0  # weights hardly compress: level 1 would cost half a second for a tiny model
COPIED_AT_ONCE = 1024**2

logger = logging.getLogger(__name__)


class ModelArchive:
    """Writes `model.tar.gz` into a folder in a thread of its own; the model must not change meanwhile."""

    def __init__(self, subject: Subject, data: Data, folder: Path) -> None:
        self._subject = subject
        self._data = data
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "model-archive")
        self._written: Future[str] | None = None

    def begin(self) -> None:
        """The model is trained."""
        self._written = self._thread.submit(self._write)

    def finish(self) -> str:
        """Wait until the archive is whole, and return its MD5. Raises whatever writing it raised."""
        assert self._written is not None  # noqa: S101 - what is published was trained
        md5 = self._written.result()
        self._thread.shutdown()
        return md5

    def _write(self) -> str:
        subject, model = self._subject, self._folder / "model"
        save_model(subject.model, subject.tokenizer, model, self._data.max_new_tokens)
        content = json.dumps(asdict(subject.prompt_format), indent=2, ensure_ascii=False) + "\n"
        (model / "prompt_format.json").write_text(content, encoding="utf-8")
        return _pack(model, self._folder / MODEL_ARCHIVE)


class _Hashed:
    """What is written to a file, and its MD5; nobody has to read it again for that."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.md5 = hashlib.md5(usedforsecurity=False)

    def write(self, content: bytes) -> int:
        self.md5.update(content)
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()


def _pack(folder: Path, archive: Path) -> str:
    """All files of a folder as a .tar.gz, whose MD5 is returned; the same files give the same bytes."""
    with archive.open("wb") as file:
        hashed = _Hashed(file)
        compressed = gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=hashed, mtime=0)
        with compressed, tarfile.TarFile(fileobj=compressed, mode="w", copybufsize=COPIED_AT_ONCE) as tar:
            for content in sorted(folder.iterdir()):
                tar.add(content, content.name, filter=_anonymous)
    logger.info("%s has %d bytes", archive.name, archive.stat().st_size)
    return hashed.md5.hexdigest()


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
