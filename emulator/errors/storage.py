"""What a caller is told about where data are kept."""

from emulator.errors.kinds import ApiError, listed


@listed("ours", "the disk of the data directory is full, or refuses to be written")
def not_kept(problem: str) -> ApiError:
    """A change that could not be written to the data directory, and was undone."""
    return ApiError("InternalFailure", f"The emulator could not write to its data directory: {problem}")


@listed("ours", "a file of the data directory is gone, or cannot be read")
def s3_not_loaded(problem: str) -> ApiError:
    """S3 of a server that cannot read its data directory."""
    return ApiError("InternalFailure", f"The emulator could not read its data directory: {problem}")


@listed("documented", "S3's list of error codes")
def no_such_upload() -> ApiError:
    """An upload in parts that was never begun, has ended, or began before the server did."""
    return ApiError(
        "NoSuchUpload",
        "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might "
        "have been aborted or completed.",
        404,
    )


@listed("documented", "S3's list of error codes")
def key_too_long() -> ApiError:
    """A key of more than 1,024 bytes in UTF-8."""
    return ApiError("KeyTooLongError", "Your key is too long.")


@listed("documented", "S3's list of error codes")
def bad_md5() -> ApiError:
    """A body whose Content-MD5 is that of another."""
    return ApiError("BadDigest", "The Content-MD5 you specified did not match what we received.")


@listed("documented", "S3's list of error codes")
def invalid_md5() -> ApiError:
    """A Content-MD5 that is not 16 bytes in base64."""
    return ApiError("InvalidDigest", "The Content-MD5 you specified is not valid.")


@listed("inferred", "words as users' reports record them")
def invalid_checksum(header: str) -> ApiError:
    """A checksum that is not in base64, or has another length than its algorithm's."""
    return ApiError("InvalidRequest", f"Value for {header} header is invalid.")


@listed("inferred", "words as users' reports record them")
def several_checksums() -> ApiError:
    """Checksums of two algorithms for one body."""
    return ApiError(
        "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
    )


@listed("documented", "S3's list of error codes")
def no_decoded_length() -> ApiError:
    """A body in chunks without the length of what is in them."""
    return ApiError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)


@listed("documented", "S3's list of error codes")
def not_implemented() -> ApiError:
    """What S3 has and moto lacks; without this error another operation would answer, or a wrong content be stored."""
    return ApiError("NotImplemented", "A header you provided implies functionality that is not implemented.", 501)


@listed("ours", "the setting s3_endpoint_url")
def s3_is_elsewhere(endpoint: str) -> ApiError:
    """A request for S3 to a server that uses another S3."""
    return ApiError("InvalidRequest", f"This emulator was started with --s3-endpoint-url: its S3 is at {endpoint}.")


@listed("ours", "the S3 that s3_endpoint_url names is down, or answers with an error")
def s3_not_asked(uri: str, endpoint: str, problem: str) -> ApiError:
    """Input data that could not be looked for, in an S3 outside of the emulator."""
    return ApiError("ValidationException", f"Unable to look for {uri} in the S3 at {endpoint}: {problem}")


@listed("ours", "moto's page that forgets everything")
def reset_would_lose_data() -> ApiError:
    """`POST /moto-api/reset` to a server that keeps its data."""
    return ApiError("InvalidRequest", "This emulator keeps its data and is not reset. Start it with --in-memory.")
