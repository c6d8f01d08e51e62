"""The signature that a key makes of a request, by botocore's own signer: what the client's must be equal to."""

import hmac
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from emulator.access.keys import Key
from emulator.refusals import S3_SERVICES
from emulator.signature import Claim

_SIGNATURE_PARAMETER = "X-Amz-Signature"


class _Declared(SigV4Auth):  # type: ignore[misc]  # botocore ships no types
    """Signs the headers that a claim names, where botocore would choose them: other clients choose others."""

    def __init__(self, claim: Claim, key: Key) -> None:
        super().__init__(Credentials(key.id, key.secret), claim.service, claim.region)
        self._claim = claim

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Those that the claim names, with an empty value for one that is not there."""
        headers = HTTPHeaders()
        for name in self._claim.signed_headers:
            headers[name] = request.headers.get(name, "")
        return headers


class _DeclaredForS3(_Declared, S3SigV4Auth):  # type: ignore[misc]
    """The same with S3's path, which is encoded once and never shortened."""


def is_right(claim: Claim, key: Key, method: str, target: str, headers: Mapping[str, str], payload_hash: str) -> bool:
    """Whether a key has made a claim's signature; `target` is the request line's, `headers` has lower-case names."""
    signer = (_DeclaredForS3 if claim.service in S3_SERVICES else _Declared)(claim, key)
    request = AWSRequest(method, _url(target, in_s3=claim.service in S3_SERVICES), headers=dict(headers))
    del request.headers["x-amz-content-sha256"]
    request.headers["X-Amz-Content-SHA256"] = payload_hash
    request.context["timestamp"] = claim.date
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return hmac.compare_digest(signature.encode(), claim.signature.encode())


def chunk_signature(claim: Claim, key: Key, kind: str, *parts: str) -> str:
    """The signature of one chunk of a body: over its kind, the date, the scope, and parts that differ by the kind."""
    signer = _Declared(claim, key)
    request = AWSRequest("PUT", "http://localhost/")
    request.context["timestamp"] = claim.date
    text = "\n".join((kind, claim.date, signer.credential_scope(request), *parts))
    signature: str = signer.signature(text, request)
    return signature


def _url(target: str, *, in_s3: bool) -> str:
    """A URL for the signer, whose query has every character encoded as the canonical one has, and no signature."""
    path, _, query = target.partition("?")
    if not path.startswith("/"):  # the absolute form, as a proxy's clients send it
        path = "/" + path.partition("://")[2].partition("/")[2]
    if in_s3:
        path = quote(unquote_to_bytes(path), safe="/~")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    kept = [(_encoded(name), _encoded(value)) for name, _, value in pairs]
    canonical = "&".join(f"{name}={value}" for name, value in kept if name != _SIGNATURE_PARAMETER)
    return f"http://localhost{path}?{canonical}"


def _encoded(part: str) -> str:
    return quote(unquote_to_bytes(part), safe="-_.~")
