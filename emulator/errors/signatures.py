"""What a caller is told whose request is not signed as AWS wants it (with --require-auth)."""

from collections.abc import Sequence

from emulator.errors.kinds import ApiError, listed

_KINESIS = "Kinesis, JSON 1.1 too, as kinesalite's tests recorded it"
_DYNAMODB = "DynamoDB, as dynalite recorded it (service facts, 2.4)"


@listed("inferred", "words: SageMaker's runtime (transcript, aws/amazon-sagemaker-examples#290); form: Kinesis")
def no_authentication() -> ApiError:
    """No signature at all."""
    return ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")


@listed("inferred", _KINESIS)
def signed_twice() -> ApiError:
    """A signature in the query and another in the header."""
    return ApiError(
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )


@listed("inferred", _KINESIS)
def incomplete_authorization(missing: Sequence[str], without_date: bool, header: str) -> ApiError:
    """An Authorization header without some of its parts, or a request without a date."""
    told = [f"Authorization header requires '{name}' parameter." for name in missing]
    if without_date:
        told.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return ApiError("IncompleteSignatureException", " ".join([*told, f"Authorization={header}"]))


@listed("inferred", "Cloud9, JSON 1.1 too (transcript, iann0036/cloud9-sync#10)")
def no_key_value_pair(part: str, header: str) -> ApiError:
    """A part of the Authorization header without an equal-sign."""
    return ApiError(
        "IncompleteSignatureException",
        f"'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'.",
    )


@listed("inferred", _KINESIS)
def incomplete_query(missing: Sequence[str]) -> ApiError:
    """A signature in the query without some of its parts."""
    told = [f"AWS query-string parameters must include '{name}'." for name in missing]
    return ApiError("IncompleteSignatureException", " ".join([*told, "Re-examine the query-string parameters."]))


@listed("inferred", _DYNAMODB)
def date_not_basic(given: str) -> ApiError:
    """A date that is not of the form 20130609T100015Z."""
    return ApiError(
        "IncompleteSignatureException",
        f"Date must be in ISO-8601 'basic format'. Got '{given}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )


@listed("inferred", _DYNAMODB)
def signature_expired(given: str, earliest: str, now: str, minutes: int) -> ApiError:
    """A date too far in the past."""
    return ApiError(
        "InvalidSignatureException",
        f"Signature expired: {given} is now earlier than {earliest} ({now} - {minutes} min.)",
    )


@listed("inferred", "the counterpart of an expired signature; AWS's test vectors, as a Rust library records them")
def signature_not_yet_current(given: str, latest: str, now: str, minutes: int) -> ApiError:
    """A date too far in the future."""
    return ApiError(
        "InvalidSignatureException",
        f"Signature not yet current: {given} is still later than {latest} ({now} + {minutes} min.)",
    )


@listed("inferred", _DYNAMODB)
def host_not_signed() -> ApiError:
    """A signature that does not cover the Host header."""
    return ApiError("InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization.")


@listed("inferred", _DYNAMODB)
def unsupported_signing_algorithm(given: str) -> ApiError:
    """An algorithm other than AWS4-HMAC-SHA256. The space at the end is AWS's."""
    return ApiError(
        "IncompleteSignatureException", f"Unsupported AWS 'algorithm': '{given}' (only AWS4-HMAC-SHA256 for now). "
    )


@listed("inferred", _DYNAMODB)
def credential_not_in_five_parts(given: str) -> ApiError:
    """A credential that is no keyid/date/region/service/term."""
    return ApiError(
        "IncompleteSignatureException",
        f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{given}'",
    )


@listed("inferred", _DYNAMODB)
def wrong_scope(problems: Sequence[str]) -> ApiError:
    """A credential scope of another region, service, term or day: all that is wrong, in one message."""
    return ApiError("InvalidSignatureException", "".join(problems))


SCOPE_PHRASES = {
    "region": "Credential should be scoped to a valid region, not '{}'. ",
    "service": "Credential should be scoped to correct service: 'sagemaker'. ",
    "term": "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'. ",
    "date": "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
    "'{}' != '{}', from '{}'.",
}
"""AWS's sentence for each wrong part of a credential scope, in the order in which it tells them. Spaces are AWS's."""


@listed("inferred", _DYNAMODB)
def unrecognized_client() -> ApiError:
    """An access key id that cannot be one."""
    return ApiError("UnrecognizedClientException", "The security token included in the request is invalid.")


@listed("inferred", _DYNAMODB)
def signature_does_not_match() -> ApiError:
    """A signature that cannot be right, whatever the secret key is."""
    return ApiError(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    )
