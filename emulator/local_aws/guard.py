"""What stands between moto and a caller: nothing that moto breaks at, and none of its pages, gets out."""

import logging
import re
import zlib
from email.header import Header
from gzip import BadGzipFile
from typing import Any
from urllib.parse import parse_qs

from werkzeug.exceptions import BadRequestKeyError
from werkzeug.wrappers import Response

from emulator import errors, protocol
from emulator.credential_scope import region_of, service_of
from emulator.local_aws import model_check
from emulator.refusals import WSGI, is_s3, name_of, refuse
from emulator.s3.headers import METADATA_HEADERS, leave_out
from emulator.s3.places import is_bucket_in_host
from emulator.s3.rules import check_request

logger = logging.getLogger(__name__)

_MOTO_METADATA_NAMES = "moto.preserved_header_names"
_LONGEST_PROBLEM = 300
_LONGEST_HEADER = 1_000_000
"""No line is folded."""
_WRITING = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_MISSING_ACTION = re.compile(r"The (\w+) action")
_LENGTH = re.compile(r"[0-9]{1,18}")


def answer(dispatcher: Any, environ: WSGI) -> Response:
    """Moto's answer, or a 4xx in the form that the caller's protocol reads. `dispatcher` is moto's application."""
    _prepare(environ)
    try:
        _check(environ)
    except errors.ApiError as error:
        return refuse(environ, error)
    return _answer(dispatcher, environ)


def _prepare(environ: WSGI) -> None:
    """Give moto what it counts on: a Host, the path as sent, its own form of metadata headers, the service's name."""
    environ.setdefault("HTTP_HOST", f"localhost:{environ['SERVER_PORT']}")
    if is_s3(environ):
        leave_out(environ)
    if "REQUEST_URI" in environ:
        environ["RAW_URI"] = environ["REQUEST_URI"]  # moto would decode PATH_INFO, which waitress has decoded, again
    for name, value in environ.get(METADATA_HEADERS, {}).items():
        key = "HTTP_" + name.upper().replace("-", "_")
        if key not in environ:
            environ[key] = value
            environ.setdefault(_MOTO_METADATA_NAMES, {})[key] = name
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith(protocol.TARGET_PREFIX) and service_of(environ) != "sagemaker":
        scope = f"none/20000101/{region_of(environ)}/sagemaker/aws4_request"
        environ["HTTP_AUTHORIZATION"] = f"AWS4-HMAC-SHA256 Credential={scope}"


def _check(environ: WSGI) -> None:
    """Refuse what moto would take for a request to S3 and is none, and calls that would break it. Raises ApiError."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    decoded = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH", "0")
    if not _LENGTH.fullmatch(decoded) or int(decoded) > int(environ.get("CONTENT_LENGTH") or 0):
        raise errors.access.s3_broken_chunks(
            "its length without them is told as more than with them"  # moto makes room for as much as it is told
        )
    unsigned = not service_of(environ) and not (target or "").startswith("AWSCognitoIdentity")
    if target is not None:
        if unsigned:
            raise errors.not_emulated(f"{name_of(environ)} without a signature that names its service")
        model_check.check(environ)
    elif unsigned and _writes_to_root(environ):
        raise errors.method_not_allowed()
    if is_s3(environ):
        check_request(environ)


def _writes_to_root(environ: WSGI) -> bool:
    return environ["REQUEST_METHOD"] in _WRITING and environ.get("PATH_INFO") == "/" and not is_bucket_in_host(environ)


def _answer(dispatcher: Any, environ: WSGI) -> Response:
    name = name_of(environ)
    try:
        application = dispatcher.get_application(environ)
    except Exception as unknown:  # no such service, or one that needs a package that is not installed
        return _refused(environ, errors.not_emulated(name), unknown)
    try:
        response = _with_plain_headers(Response.from_app(application, environ))
        return response if _in_aws_form(response, environ) else _replaced(response, environ)
    except errors.ApiError as error:  # one of ours, from within moto
        return refuse(environ, error)
    except NotImplementedError as missing:
        action = _MISSING_ACTION.search(str(missing))
        what = f"{action[1]} of {service_of(environ)}" if action else name
        return _refused(environ, errors.not_emulated(what), missing)
    except Exception as defect:
        return _refused(environ, _told(environ, name, defect), defect)


def _with_plain_headers(response: Response) -> Response:
    """Metadata may have come in a form, in any script: S3 tells it as RFC 2047 has it, since no header can hold it."""
    for name, value in response.headers.to_wsgi_list():
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            response.headers[name] = Header(value, "utf-8", maxlinelen=_LONGEST_HEADER).encode()
    return response


def _told(environ: WSGI, name: str, defect: Exception) -> errors.ApiError:
    from botocore.model import OperationNotFoundError

    if isinstance(defect, OperationNotFoundError):
        return errors.unknown_operation() if "." in name else errors.unknown_action(str(defect))
    if isinstance(defect, BadRequestKeyError) and is_s3(environ):
        return errors.s3.no_file_in_form()
    if isinstance(defect, KeyError) and [*defect.args] == parse_qs(environ.get("QUERY_STRING", "")).get("uploadId"):
        return errors.s3.no_such_upload()
    if isinstance(defect, UnicodeDecodeError):
        return errors.malformed_request("the body is not UTF-8")
    if isinstance(defect, (BadGzipFile, EOFError, zlib.error)):
        return errors.malformed_request("the body is not what its Content-Encoding says")
    return errors.not_answered(name, f"{type(defect).__name__}: {defect}"[:_LONGEST_PROBLEM])


def _refused(environ: WSGI, error: errors.ApiError, cause: Exception) -> Response:
    logger.warning("moto could not answer %s: %r", name_of(environ), cause, exc_info=logger.isEnabledFor(logging.DEBUG))
    return refuse(environ, error)


def _in_aws_form(response: Response, environ: WSGI) -> bool:
    """Whether an answer is one that AWS could give. Reads the body of errors and of moto's own pages only."""
    own_page = environ.get("PATH_INFO", "").startswith("/moto-api")
    if response.status_code < 400 and not own_page:
        return True
    if response.status_code >= 500:
        return False
    if environ["REQUEST_METHOD"] == "HEAD" or response.mimetype != "text/html":
        return True
    body = response.get_data().lstrip()[:20].lower()
    is_page = body.startswith((b"<!doctype html", b"<html"))
    return not is_page and (bool(body) or response.status_code < 400)


def _replaced(response: Response, environ: WSGI) -> Response:
    """A refusal in the place of an answer that no AWS client reads, with its status where that may stay."""
    logger.warning("moto answered %s with %s", name_of(environ), response.status)
    response.close()
    name, status = name_of(environ), response.status_code
    if status == 405:
        return refuse(environ, errors.method_not_allowed())
    if status == 403:
        return refuse(environ, errors.access_denied())
    if status == 416:
        return refuse(environ, errors.s3.no_such_part())
    if status == 404 and "HTTP_X_AMZ_COPY_SOURCE" in environ:
        return refuse(environ, errors.s3.no_such_key())
    if status >= 500 and status != 501:
        return refuse(environ, errors.not_answered(name, response.status))
    return refuse(environ, errors.not_emulated(name), status if 400 <= status < 500 else 404)
