"""A signature as S3 judges it, in a header or in the query, with the hash of the body that was signed."""

from datetime import datetime, timedelta

from emulator import errors, signature
from emulator.access.chunks import check_chunks
from emulator.access.keys import Key
from emulator.access.recompute import is_right
from emulator.access.sent import Sent, same
from emulator.s3.chunks import FORMS
from emulator.signature import ALLOWED_MINUTES, Claim, Signature

UNSIGNED = "UNSIGNED-PAYLOAD"
LONGEST_SECONDS = 604_800
"""Seven days, for which a presigned URL may be good."""

_HASH = "x-amz-content-sha256"


def check_head(request: Sent, keys: dict[str, Key], now: datetime) -> tuple[Claim, Key, str]:
    """Judge all but the body, which need not be there yet. Returns the claim, its key, and what is told of the body.

    Raises S3's errors.
    """
    found = _read(request)
    if found.algorithm != signature.ALGORITHM:
        raise errors.access.s3_unsupported_mechanism()
    claim = _claim(found, request, now)
    key = keys.get(claim.key_id)
    if key is None:
        raise errors.access.s3_unknown_key()
    if not same(key.token or "", request.token):
        raise errors.access.s3_invalid_token()
    payload = request.headers.get(_HASH, UNSIGNED if found.in_query else "")
    if not payload:
        raise errors.access.s3_no_payload_hash()
    if not is_right(claim, key, request.method, request.target, request.headers, payload):
        raise errors.access.s3_signature_does_not_match()
    return claim, key, payload


def check(request: Sent, keys: dict[str, Key], now: datetime) -> Claim:
    """Judge a whole request. Returns the claim. Raises S3's errors."""
    claim, key, payload = check_head(request, keys, now)
    if payload in FORMS:
        length = check_chunks(request.body, payload, claim, key)
        if request.headers.get("x-amz-decoded-content-length") != str(length):
            raise errors.access.s3_broken_chunks(f"it holds {length} bytes, and not as many as announced")
    elif payload != UNSIGNED and not same(payload, request.body_hash()):
        raise errors.access.s3_payload_hash_differs()
    return claim


def _read(request: Sent) -> Signature:
    in_query = bool(request.parameter("X-Amz-Algorithm"))
    if "authorization" in request.headers and in_query:
        raise errors.access.s3_signed_twice()
    if request.parameter("AWSAccessKeyId"):  # boto3's presigned URLs, unless signature_version is s3v4
        raise errors.access.s3_unsupported_mechanism()
    if "authorization" not in request.headers and not in_query:
        raise errors.access_denied()
    if not in_query and not request.headers["authorization"].startswith("AWS4-"):
        raise errors.access.s3_unsupported_mechanism()
    try:
        return signature.read(request.headers, request.query)
    except errors.ApiError as problem:
        raise _malformed(problem, in_query=in_query) from None


def _claim(found: Signature, request: Sent, now: datetime) -> Claim:
    """The claim of a signature that is good now, and covers all headers that mean something to S3."""
    try:
        date = signature.basic(signature.moment_of(found.date))
        claim = signature.claim(found, date)
    except errors.ApiError as problem:
        raise _malformed(problem, in_query=found.in_query) from None
    _, day, _, _, term = found.credential.rstrip("/").split("/")
    if day != date[:8] or term != "aws4_request":
        raise errors.access.s3_malformed_authorization(
            f"the credential scope {day}/.../{term} does not fit the date {date}."
        )
    _check_time(found, request, now)
    unsigned = {name for name in request.headers if name.startswith("x-amz-")} - set(claim.signed_headers)
    if "host" not in claim.signed_headers or unsigned - ({_HASH} if found.in_query else set()):
        raise errors.access.s3_headers_not_signed()
    return claim


def _check_time(found: Signature, request: Sent, now: datetime) -> None:
    allowed = timedelta(minutes=ALLOWED_MINUTES)
    signed = signature.moment_of(found.date)
    if not found.in_query:
        if abs(now - signed) > allowed:
            raise errors.access.s3_time_too_skewed()
        return
    expires = request.parameter("X-Amz-Expires")
    if not (expires.isascii() and expires.isdigit()):
        raise errors.access.s3_malformed_query("X-Amz-Expires should be a number")
    if len(expires) > len(str(LONGEST_SECONDS)) or int(expires) > LONGEST_SECONDS:
        raise errors.access.s3_malformed_query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{LONGEST_SECONDS} seconds"
        )
    if signed > now + allowed:
        raise errors.access.s3_url_not_yet_valid()
    if now > signed + timedelta(seconds=int(expires)):
        raise errors.access.s3_url_expired()


def _malformed(problem: errors.ApiError, *, in_query: bool) -> errors.ApiError:
    words = problem.message or problem.code
    return errors.access.s3_malformed_query(words) if in_query else errors.access.s3_malformed_authorization(words)
