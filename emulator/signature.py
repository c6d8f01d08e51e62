"""Whether a request is signed in AWS's Signature Version 4, as far as that shows without secret keys.

Checked, in the order that AWS's JSON services take: that there is one signature, its parts, the date and its age, the
signed headers, the algorithm, the credential scope, the form of the key id and of the signature. Not checked: whether
the key exists and whether the signature is the one that its secret key makes.
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


def check(headers: Mapping[str, str], query: str, now: datetime) -> None:
    """Refuse what no secret key could have signed. `headers` has lower-case names.

    Raises MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException or
    UnrecognizedClientException.
    """
    signature = _read(headers, query)
    date = _check_date(signature.date, now)
    if "host" not in signature.signed_headers.lower().split(";"):
        raise errors.host_not_signed()
    if signature.algorithm != ALGORITHM:
        raise errors.unsupported_signing_algorithm(signature.algorithm)
    key_id = _check_credential(signature.credential, date)
    if not _KEY_ID.fullmatch(key_id):
        raise errors.unrecognized_client()
    if not _SIGNATURE.fullmatch(signature.signature):
        raise errors.signature_does_not_match()


def _read(headers: Mapping[str, str], query: str) -> Signature:
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
    return Signature(algorithm, parts["Credential"], parts["Signature"], parts["SignedHeaders"], date)


def _from_query(parameters: Mapping[str, str]) -> Signature:
    missing = [name for name in _QUERY_PARTS if not parameters.get(name)]
    if missing:
        raise errors.incomplete_query(missing)
    algorithm, credential, signature, signed_headers, date = (parameters[name] for name in _QUERY_PARTS)
    return Signature(algorithm, credential, signature, signed_headers, date)


def _check_date(given: str, now: datetime) -> str:
    """The date in basic format, within the allowed minutes of now."""
    moment = _moment(given)
    allowed = timedelta(minutes=ALLOWED_MINUTES)
    if moment < now - allowed:
        raise errors.signature_expired(_basic(moment), _basic(now - allowed), _basic(now), ALLOWED_MINUTES)
    if moment > now + allowed:
        raise errors.signature_not_yet_current(_basic(moment), _basic(now + allowed), _basic(now), ALLOWED_MINUTES)
    return _basic(moment)


def _moment(given: str) -> datetime:
    form = _BASIC_FORMAT if _BASIC_DATE.fullmatch(given) else _HTTP_FORMAT
    try:
        return datetime.strptime(given, form).replace(tzinfo=UTC)
    except ValueError:
        raise errors.date_not_basic(given) from None


def _basic(moment: datetime) -> str:
    return moment.strftime(_BASIC_FORMAT)


def _check_credential(credential: str, date: str) -> str:
    """The key id of a credential whose scope is right."""
    parts = credential.rstrip("/").split("/")
    if len(parts) != 5:
        raise errors.credential_not_in_five_parts(credential)
    key_id, day, region, service, term = parts
    problems = list(_scope_problems(day, region, service, term, date))
    if problems:
        raise errors.wrong_scope(problems)
    return key_id


def _scope_problems(day: str, region: str, service: str, term: str, date: str) -> Iterator[str]:
    if not _REGION.fullmatch(region):
        yield errors.SCOPE_PHRASES["region"].format(region)
    if service != SERVICE:
        yield errors.SCOPE_PHRASES["service"]
    if term != "aws4_request":
        yield errors.SCOPE_PHRASES["term"].format(term)
    if day != date[:8]:
        yield errors.SCOPE_PHRASES["date"].format(day, date[:8], date)
