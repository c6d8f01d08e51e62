"""Whether a request is signed in AWS's Signature Version 4, as far as that shows without secret keys.

Checked, in the order that AWS's JSON services take: that there is one signature, its parts, the date and its age, the
signed headers, the algorithm, the credential scope, the form of the key id and of the signature. Whether the key is
known and has made the signature is for emulator/access/ to say.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from emulator import errors

SERVICE = "sagemaker"
ALGORITHM = "AWS4-HMAC-SHA256"
ALLOWED_MINUTES = 15
"""Between the date of a request and now, either way."""

_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d{1,2}")
_KEY_ID = re.compile(r"\w{1,128}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_BASIC_DATE = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_BASIC_FORMAT = "%Y%m%dT%H%M%SZ"
_HTTP_FORMAT = "%a, %d %b %Y %H:%M:%S GMT"
_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


@dataclass(frozen=True)
class Signature:
    """The parts of a signature, as sent."""

    algorithm: str
    credential: str
    signature: str
    signed_headers: str
    date: str
    in_query: bool


@dataclass(frozen=True)
class Claim:
    """What a request says of its signature: by which key, when (in basic format), for which scope, over which headers.

    `signed_headers` has lower-case names.
    """

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    in_query: bool


def check(headers: Mapping[str, str], query: str, now: datetime, service: str | None = SERVICE) -> Claim:
    """Refuse what no secret key could have signed for a service, or for any. `headers` has lower-case names.

    Raises MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException or
    UnrecognizedClientException.
    """
    signature = read(headers, query)
    date = _check_date(signature.date, now)
    if "host" not in signature.signed_headers.lower().split(";"):
        raise errors.host_not_signed()
    if signature.algorithm != ALGORITHM:
        raise errors.unsupported_signing_algorithm(signature.algorithm)
    found = _check_credential(signature, date, service)
    if not _KEY_ID.fullmatch(found.key_id):
        raise errors.unrecognized_client()
    if not _SIGNATURE.fullmatch(signature.signature):
        raise errors.signature_does_not_match()
    return found


def read(headers: Mapping[str, str], query: str) -> Signature:
    """The parts of the one signature of a request. Raises MissingAuthenticationTokenException and the like."""
    header = headers.get("authorization", "")
    parameters = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    in_query = "X-Amz-Algorithm" in parameters
    if header and in_query:
        raise errors.signed_twice()
    if in_query:
        return _from_query(parameters)
    if not header:
        raise errors.no_authentication()
    return _from_header(header, headers.get("x-amz-date") or headers.get("date", ""))


def _from_header(header: str, date: str) -> Signature:
    algorithm, _, rest = header.partition(" ")
    pairs = [part for part in re.split(r"[,\s]+", rest) if part]
    without_sign = next((pair for pair in pairs if "=" not in pair), None)
    if without_sign is not None:
        raise errors.no_key_value_pair(without_sign, header)
    parts = dict(pair.split("=", 1) for pair in pairs)
    missing = [name for name in _PARTS if not parts.get(name)]
    if missing or not date:
        raise errors.incomplete_authorization(missing, not date, header)
    return Signature(algorithm, parts["Credential"], parts["Signature"], parts["SignedHeaders"], date, in_query=False)


def _from_query(parameters: Mapping[str, str]) -> Signature:
    missing = [name for name in _QUERY_PARTS if not parameters.get(name)]
    if missing:
        raise errors.incomplete_query(missing)
    algorithm, credential, signature, signed_headers, date = (parameters[name] for name in _QUERY_PARTS)
    return Signature(algorithm, credential, signature, signed_headers, date, in_query=True)


def claim(signature: Signature, date: str) -> Claim:
    """The claim of a signature whose date is this, in basic format. Raises IncompleteSignatureException."""
    parts = signature.credential.rstrip("/").split("/")
    if len(parts) != 5:
        raise errors.credential_not_in_five_parts(signature.credential)
    key_id, _, region, service, _ = parts
    signed_headers = tuple(signature.signed_headers.lower().split(";"))
    return Claim(key_id, date, region, service, signed_headers, signature.signature, signature.in_query)


def _check_date(given: str, now: datetime) -> str:
    """The date in basic format, within the allowed minutes of now."""
    moment = moment_of(given)
    allowed = timedelta(minutes=ALLOWED_MINUTES)
    if moment < now - allowed:
        raise errors.signature_expired(basic(moment), basic(now - allowed), basic(now), ALLOWED_MINUTES)
    if moment > now + allowed:
        raise errors.signature_not_yet_current(basic(moment), basic(now + allowed), basic(now), ALLOWED_MINUTES)
    return basic(moment)


def moment_of(given: str) -> datetime:
    """The date of a request. Raises IncompleteSignatureException."""
    form = _BASIC_FORMAT if _BASIC_DATE.fullmatch(given) else _HTTP_FORMAT
    try:
        return datetime.strptime(given, form).replace(tzinfo=UTC)
    except ValueError:
        raise errors.date_not_basic(given) from None


def basic(moment: datetime) -> str:
    """A date in AWS's basic format."""
    return moment.strftime(_BASIC_FORMAT)


def _check_credential(signature: Signature, date: str, service: str | None) -> Claim:
    """The claim of a signature whose scope is right."""
    found = claim(signature, date)
    _, day, _, _, term = signature.credential.rstrip("/").split("/")
    problems = list(_scope_problems(found, day, term, service))
    if problems:
        raise errors.wrong_scope(problems)
    return found


def _scope_problems(found: Claim, day: str, term: str, service: str | None) -> Iterator[str]:
    if not _REGION.fullmatch(found.region):
        yield errors.SCOPE_PHRASES["region"].format(found.region)
    if service is not None and found.service != service:
        yield errors.SCOPE_PHRASES["service"]
    if term != "aws4_request":
        yield errors.SCOPE_PHRASES["term"].format(term)
    if day != found.date[:8]:
        yield errors.SCOPE_PHRASES["date"].format(day, found.date[:8], found.date)
