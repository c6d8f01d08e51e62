"""What the database keeps of S3: its buckets, and the versions of its objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emulator.storage.database import Database


@dataclass(frozen=True)
class BucketRow:
    """A bucket; `record` is JSON."""

    name: str
    account: str
    region: str
    record: str


@dataclass(frozen=True)
class VersionRow:
    """A version of an object, or a delete marker, which has no size; `record` is JSON."""

    token: str
    plain: bool
    size: int | None
    modified_ns: int | None
    record: str

    @property
    def written(self) -> tuple[int | None, int | None]:
        """What tells whether the content's file is still the one that was written."""
        return self.size, self.modified_ns


Change = tuple[Sequence[VersionRow], Sequence[VersionRow]]
"""The versions of a key that are kept, and those that are to be, the oldest first."""

_PUT_VERSION = (
    "INSERT INTO s3_versions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (token) DO UPDATE SET "
    "plain = excluded.plain, size = excluded.size, modified_ns = excluded.modified_ns, record = excluded.record"
)
_COLUMNS = "token, plain, size, modified_ns, record"


class S3Rows:
    """Safe to call from any thread; every change is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def buckets(self) -> list[BucketRow]:
        """All buckets."""
        with self._database.reading() as db:
            return [BucketRow(*row) for row in db.execute("SELECT name, account, region, record FROM s3_buckets")]

    def bucket(self, name: str) -> BucketRow | None:
        """A bucket, where it is kept."""
        with self._database.reading() as db:
            found = db.execute("SELECT name, account, region, record FROM s3_buckets WHERE name = ?", (name,))
            row = found.fetchone()
        return None if row is None else BucketRow(*row)

    def put_bucket(self, row: BucketRow) -> None:
        """Keep a bucket."""
        with self._database.changing() as db:
            values = (row.name, row.account, row.region, row.record)
            db.execute("REPLACE INTO s3_buckets VALUES (?, ?, ?, ?)", values)

    def drop_bucket(self, name: str) -> None:
        """Forget a bucket and all versions in it."""
        with self._database.changing() as db:
            db.execute("DELETE FROM s3_buckets WHERE name = ?", (name,))
            db.execute("DELETE FROM s3_versions WHERE bucket = ?", (name,))

    def keys(self, bucket: str) -> Iterator[tuple[str, list[VersionRow]]]:
        """All keys of a bucket with their versions, the oldest first."""
        statement = f"SELECT key, {_COLUMNS} FROM s3_versions WHERE bucket = ? ORDER BY number"  # noqa: S608
        with self._database.reading() as db:
            rows = db.execute(statement, (bucket,)).fetchall()
        found: dict[bytes, list[VersionRow]] = {}
        for key, *values in rows:
            found.setdefault(key, []).append(_version(values))
        for key, versions in found.items():
            yield key.decode(errors="surrogatepass"), versions

    def versions(self, bucket: str, key: str) -> list[VersionRow]:
        """The versions of a key, the oldest first."""
        statement = f"SELECT {_COLUMNS} FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY number"  # noqa: S608
        with self._database.reading() as db:
            return [_version(values) for values in db.execute(statement, (bucket, _blob(key)))]

    def put_versions(self, bucket: str, changes: Mapping[str, Change]) -> None:
        """Keep other versions of some keys of a bucket; those that are as they were cost nothing."""
        gone: list[tuple[str]] = []
        new: list[tuple[object, ...]] = []
        for key, (before, after) in changes.items():
            kept, tokens = set(before), {row.token for row in after}
            gone += [(row.token,) for row in before if row.token not in tokens]
            new += [
                (row.token, bucket, _blob(key), row.plain, row.size, row.modified_ns, row.record)
                for row in after
                if row not in kept
            ]
        if gone or new:
            with self._database.changing() as db:
                db.executemany("DELETE FROM s3_versions WHERE token = ?", gone)
                db.executemany(_PUT_VERSION, new)


def _version(values: Sequence[object]) -> VersionRow:
    token, plain, size, modified_ns, record = values
    return VersionRow(str(token), bool(plain), size, modified_ns, str(record))  # type: ignore[arg-type]


def _blob(key: str) -> bytes:
    return key.encode(errors="surrogatepass")
