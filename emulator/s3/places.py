"""Which bucket and which key a request to S3 is about, as its host and its path as sent tell."""

import re
from urllib.parse import unquote_to_bytes

from emulator.refusals import WSGI

_NO_BUCKET_HOST = re.compile(r"(\d+\.){3}\d+|\[[^\]]*\]|[^.]*")


def is_bucket_in_host(environ: WSGI) -> bool:
    """Whether the host names the bucket, and the whole path the key."""
    host = environ["HTTP_HOST"]
    return not _NO_BUCKET_HOST.fullmatch(host.rpartition(":")[0] or host)


def place_of(environ: WSGI) -> tuple[str, bytes]:
    """The bucket and the key, in UTF-8; empty where there is none. Of a bucket in the host, its first label."""
    path = unquote_to_bytes(environ.get("RAW_URI", "/").partition("?")[0].removeprefix("/"))
    if is_bucket_in_host(environ):
        return environ["HTTP_HOST"].partition(".")[0], path
    bucket, _, key = path.partition(b"/")
    return bucket.decode(errors="replace"), key
