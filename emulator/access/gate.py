"""Who gets in: everybody without --require-auth; with it, only what a known key has signed, whatever is asked for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from emulator import errors, signature
from emulator.access.browsers import check_host, check_origin
from emulator.access.keys import Key
from emulator.access.sent import Sent, same, sent
from emulator.refusals import WSGI, Family, family_of, refuse

LARGEST_UNDECLARED = 70_000_000
"""In bytes, of a body whose hash is not in a header: Lambda's largest upload, in base64, is the largest of those."""

_HASH = "x-amz-content-sha256"
_IN_PROTOCOL: dict[Family, Callable[[errors.ApiError], errors.ApiError]] = {
    Family.QUERY: errors.access.in_query_protocol,
    Family.REST: errors.access.in_rest_protocol,
}


class Gate:
    """Judges requests by their signatures, or, where nobody is asked for one, by the page or name that they come from.

    `keys` is None where nobody is asked; `any_host` lets them use whatever name the server may have.
    """

    def __init__(self, keys: Mapping[str, Key] | None, clock: Callable[[], float], *, any_host: bool = False) -> None:
        self._keys = None if keys is None else dict(keys)
        self._clock = clock
        self._any_host = any_host

    def refusal_of_page(self, environ: WSGI) -> Response | None:
        """The answer to a request that a web page of a stranger's is behind; pages cannot sign."""
        if self._keys is not None:
            return None
        try:
            check_origin(environ)
            if not self._any_host:
                check_host(environ)
        except errors.ApiError as error:
            return refuse(environ, error)
        return None

    def check_call(self, environ: WSGI) -> None:
        """Judge a call of one of our operations. Raises the errors of AWS's JSON services."""
        if self._keys is not None:
            self._check(sent(environ), signature.SERVICE)

    def check_invocation(self, environ: WSGI) -> None:
        """Judge a call of the runtime, which is signed for the same service. Raises the errors of REST services."""
        try:
            self.check_call(environ)
        except errors.ApiError as error:
            raise errors.access.in_rest_protocol(error) from None

    def refusal(self, environ: WSGI) -> Response | None:
        """The answer to a request that may not go on to whoever would answer it; None where it may."""
        if self._keys is None:
            return None
        request = sent(environ)
        family = family_of(environ)
        try:
            if family is Family.S3:
                from emulator.access import s3

                s3.check(request, self._keys, self._now())
            else:
                self._check(request, None)
        except errors.ApiError as error:
            return refuse(environ, _IN_PROTOCOL[family](error) if family in _IN_PROTOCOL else error)
        return None

    def refusal_before_body(self, environ: WSGI, length: int) -> Response | None:
        """The answer to a request whose body need not be waited for; the rest of it is judged once it is there."""
        family = family_of(environ)
        try:
            if family is not Family.S3 and length > LARGEST_UNDECLARED:
                raise errors.body_too_large(LARGEST_UNDECLARED)
            if self._keys is not None:
                self._check_before_body(sent(environ), family)
        except errors.ApiError as error:
            return refuse(environ, _IN_PROTOCOL[family](error) if family in _IN_PROTOCOL else error)
        return None

    def _check_before_body(self, request: Sent, family: Family) -> None:
        assert self._keys is not None  # noqa: S101 - the caller has asked
        if family is Family.S3:
            from emulator.access import s3

            s3.check_head(request, self._keys, self._now())
            return
        claim = signature.check(request.headers, request.query, self._now(), None)
        if claim.key_id not in self._keys:
            raise errors.unrecognized_client()

    def _check(self, request: Sent, service: str | None) -> None:
        assert self._keys is not None  # noqa: S101 - both callers have asked
        claim = signature.check(request.headers, request.query, self._now(), service)
        key = self._keys.get(claim.key_id)
        if key is None or not same(key.token or "", request.token):
            raise errors.unrecognized_client()
        from emulator.access.recompute import is_right

        payload = request.body_hash()
        unsigned = {name for name in request.headers if name.startswith("x-amz-")} - set(claim.signed_headers)
        declared = request.headers.get(_HASH, payload)
        if (
            unsigned
            or not same(declared, payload)
            or not is_right(claim, key, request.method, request.target, request.headers, payload)
        ):
            raise errors.signature_does_not_match()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
