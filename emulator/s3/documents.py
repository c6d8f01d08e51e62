"""The bodies of S3's operations that are no content of an object: XML of a shape, or the policy of a bucket."""

from io import BytesIO
from xml.etree import ElementTree as ET

from botocore.model import OperationModel

from emulator import errors
from emulator.refusals import WSGI
from emulator.s3.bucket_policies import check_policy
from emulator.s3.chunks import FORMS, read_chunks
from emulator.s3.xml_bodies import body_shape, read_xml

LARGEST = 5_000_000
"""In bytes: a list of the most keys or parts that S3 takes is smaller."""

_ACCESS_LISTS = frozenset({"PutBucketAcl", "PutObjectAcl"})
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_OF_INSTANCES = "http://www.w3.org/2001/XMLSchema-instance"


def check_document(operation: OperationModel, environ: WSGI) -> None:
    """Refuse a document that the operation does not take; leaves one that means the same to who reads no namespaces.

    Raises MissingRequestBodyError, MissingSecurityHeader, UnexpectedContent, MalformedXML, MalformedPolicy or
    MaxMessageLengthExceeded.
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
            return
        document = read_xml(body, *expected)
        if operation.name in _ACCESS_LISTS and _has_access_list(environ):
            raise errors.s3.two_access_lists()
        put_body(environ, _plain(document))


def _check_absence(name: str, environ: WSGI) -> None:
    if name in _ACCESS_LISTS:
        if not _has_access_list(environ):
            raise errors.s3.no_access_list()
    elif name != "CreateBucket":
        raise errors.s3.no_body()


def _has_access_list(environ: WSGI) -> bool:
    """Whether headers name one."""
    return any(header.startswith(("HTTP_X_AMZ_ACL", "HTTP_X_AMZ_GRANT_")) for header in environ)


def _plain(document: ET.Element) -> bytes:
    """The document as most clients write it: moto knows names by the prefixes that these have, and UTF-8 alone."""
    for element in document.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if name.startswith("{")]:
            space, _, local = name[1:].partition("}")
            value = element.attrib.pop(name)
            if space == _OF_INSTANCES:
                element.attrib[f"xsi:{local}"] = value
    document.attrib |= {"xmlns": _NAMESPACE, "xmlns:xsi": _OF_INSTANCES}
    text: bytes = ET.tostring(document, "utf-8", short_empty_elements=False)
    return text.replace(b"\r", b"&#13;")  # as it is, it would be read as a newline


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
