"""What a caller is told whose request is not signed as S3, or a service of the query protocol, wants it."""

from emulator.errors.kinds import ApiError, listed

_S3 = "S3's list of error codes"
_S3_SEEN = "S3's list of error codes; words as S3-compatible servers and users' reports record them"

_QUERY_CODES = {
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
}
"""What the errors of a signature are called in the query protocol (AWS's lists of errors common to all actions)."""


def in_query_protocol(error: ApiError) -> ApiError:
    """An error of a signature as services of the query protocol call it."""
    code, status = _QUERY_CODES.get(error.code, (error.code, error.status))
    return ApiError(code, error.message, status)


def in_rest_protocol(error: ApiError) -> ApiError:
    """An error of a signature as services with an address for each resource send it: 403."""
    return ApiError(error.code, error.message, 403 if error.code in _QUERY_CODES else error.status)


@listed("ours", "a page in a browser could use the port as the user's own programs do")
def foreign_origin(origin: str) -> ApiError:
    """A request that a web page of another site sends."""
    return ApiError("AccessDenied", f"The emulator answers no web pages from {origin}; see SECURITY.md.", 403)


@listed("ours", "a stranger may point a name at this machine, and a page of that name would then be at home here")
def foreign_host(host: str) -> ApiError:
    """A Host header with a name that may be a stranger's."""
    return ApiError(
        "AccessDenied",
        f"The emulator does not answer to the name {host} while it listens on this machine alone: use localhost, an "
        "address, or a name without a dot; --insecure lets every name in.",
        403,
    )


@listed("ours", "workers hand their model over as a file of this machine; anybody else could read what is not theirs")
def file_of_no_worker() -> ApiError:
    """A request that names a file to be taken into S3, and is not a worker's."""
    return ApiError("AccessDenied", "The emulator takes files from its own workers only.", 403)


@listed("ours", "a worker hands over what is in the folder of its run, and no link to anything else")
def file_not_taken() -> ApiError:
    """A file to be taken into S3 that is not there, or is not in the folder of a run."""
    return ApiError("InvalidArgument", "The emulator takes plain files from the folder of a worker's run only.")


@listed("documented", _S3)
def s3_unknown_key() -> ApiError:
    """An access key that is not known."""
    return ApiError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)


@listed("documented", _S3)
def s3_signature_does_not_match() -> ApiError:
    """A signature that the key's secret does not make of this request."""
    return ApiError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.",
        403,
    )


@listed("documented", _S3)
def s3_time_too_skewed() -> ApiError:
    """A date more than 15 minutes from now."""
    return ApiError(
        "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403
    )


@listed("documented", _S3)
def s3_invalid_token() -> ApiError:
    """A session token that does not belong to the key, or none where there should be one."""
    return ApiError("InvalidToken", "The provided token is malformed or otherwise invalid.")


@listed("inferred", "code documented; S3 tells the part in words that are nowhere listed")
def s3_malformed_authorization(problem: str) -> ApiError:
    """An Authorization header that cannot be read."""
    return ApiError("AuthorizationHeaderMalformed", f"The authorization header is malformed; {problem}")


@listed("inferred", "code documented; words as S3-compatible servers record them")
def s3_malformed_query(problem: str) -> ApiError:
    """A presigned URL whose parameters cannot be read, or that would be good for more than a week."""
    return ApiError("AuthorizationQueryParametersError", problem)


@listed("inferred", _S3_SEEN)
def s3_signed_twice() -> ApiError:
    """A signature in the query and another in the header."""
    return ApiError(
        "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
        "or the Authorization header should be specified",
    )


@listed("inferred", _S3_SEEN)
def s3_unsupported_mechanism() -> ApiError:
    """Another way to sign than Signature Version 4 with HMAC."""
    return ApiError(
        "InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
    )


@listed("inferred", _S3_SEEN)
def s3_url_expired() -> ApiError:
    """A presigned URL after its time."""
    return ApiError("AccessDenied", "Request has expired", 403)


@listed("inferred", _S3_SEEN)
def s3_url_not_yet_valid() -> ApiError:
    """A presigned URL from the future."""
    return ApiError("AccessDenied", "Request is not yet valid", 403)


@listed("inferred", _S3_SEEN)
def s3_headers_not_signed() -> ApiError:
    """Headers of Amazon's in the request that the signature does not cover."""
    return ApiError("AccessDenied", "There were headers present in the request which were not signed", 403)


@listed("inferred", _S3_SEEN)
def s3_no_payload_hash() -> ApiError:
    """A signed request that does not declare the hash of its body."""
    return ApiError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")


@listed("inferred", _S3_SEEN)
def s3_payload_hash_differs() -> ApiError:
    """A body that is not the one that was signed."""
    return ApiError(
        "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
    )


@listed("inferred", "code documented (S3: the body is shorter or longer than told); words ours")
def s3_broken_chunks(problem: str) -> ApiError:
    """A body that is not in the chunks that its headers announce."""
    return ApiError("IncompleteBody", f"The body is not in the aws-chunked form that its headers announce: {problem}.")


@listed("documented", _S3)
def s3_bad_digest(algorithm: str) -> ApiError:
    """A body whose checksum, sent after it, is another."""
    return ApiError("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
