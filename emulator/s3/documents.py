"""The bodies of S3's operations that are no content of an object: XML of a shape, or the policy of a bucket."""

from io import BytesIO

from botocore.model import OperationModel

from emulator import errors
from emulator.refusals import WSGI
from emulator.s3.bucket_policies import check_policy
from emulator.s3.chunks import FORMS, read_chunks
from emulator.s3.xml_bodies import body_shape, check_xml

LARGEST = 5_000_000
"""In bytes: a list of the most keys or parts that S3 takes is smaller."""

_ACCESS_LISTS = frozenset({"PutBucketAcl", "PutObjectAcl"})
_EMPTY = '<{0} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></{0}>'


def check_document(operation: OperationModel, environ: WSGI) -> None:
    """Refuse a document that the operation does not take; leaves the body at its start.

    Raises MissingRequestBodyError, MissingSecurityHeader, MalformedXML, MalformedPolicy or MaxMessageLengthExceeded.
    """
    expected = body_shape(operation)
    if operation.name == "CreateMultipartUpload":
        put_body(environ, b"")  # S3 reads none, and moto would not know what to do with it
    elif operation.name == "PutBucketPolicy":
        check_policy(_content(environ))
    elif expected is not None:
        body = _content(environ)
        if not body.strip():
            _check_absence(operation.name, environ)
        elif not check_xml(body, *expected):
            put_body(environ, _EMPTY.format(expected[1]).encode())  # moto takes one without a namespace for none


def _check_absence(name: str, environ: WSGI) -> None:
    if name in _ACCESS_LISTS:
        if not any(header.startswith(("HTTP_X_AMZ_ACL", "HTTP_X_AMZ_GRANT_")) for header in environ):
            raise errors.s3.no_access_list()
    elif name != "CreateBucket":
        raise errors.s3.no_body()


def put_body(environ: WSGI, body: bytes) -> None:
    """Give moto this body, in the place of the one that came."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_X_AMZ_CONTENT_SHA256", None)  # it may tell of chunks


def _content(environ: WSGI) -> bytes:
    if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise errors.s3.document_too_large()
    body, form = environ["wsgi.input"], environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    if form in FORMS:
        pieces: list[bytes] = []
        read_chunks(body, form, pieces.append)
        return b"".join(pieces)
    body.seek(0)
    content: bytes = body.read(LARGEST)
    body.seek(0)
    return content
