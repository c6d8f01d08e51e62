"""What a caller is told about where data are kept."""

from emulator.errors.kinds import ApiError, listed


@listed("ours", "the disk of the data directory is full, or refuses to be written")
def not_kept(problem: str) -> ApiError:
    """A change that could not be written to the data directory, and was undone."""
    return ApiError("InternalFailure", f"The emulator could not write to its data directory: {problem}")


@listed("ours", "whatever is created is to outlast the server")
def data_dir_removed(folder: str) -> ApiError:
    """A call that creates or changes something while the server's data directory, or a part of it, is gone."""
    return ApiError(
        "InternalFailure",
        f"The data directory {folder} of the emulator was removed while it ran, so nothing new would be kept. "
        "Start the emulator again.",
    )


@listed("ours", "a file of the data directory is gone, or cannot be read")
def s3_not_loaded(problem: str) -> ApiError:
    """S3 of a server that cannot read its data directory."""
    return ApiError("InternalFailure", f"The emulator could not read its data directory: {problem}")


@listed("ours", "the setting s3_endpoint_url")
def s3_is_elsewhere(endpoint: str) -> ApiError:
    """A request for S3 to a server that uses another S3."""
    return ApiError("InvalidRequest", f"This emulator was started with --s3-endpoint-url: its S3 is at {endpoint}.")


@listed("ours", "the S3 that s3_endpoint_url names is down, or answers with an error")
def s3_not_asked(uri: str, endpoint: str, problem: str) -> ApiError:
    """Input data that could not be looked for, in an S3 outside of the emulator."""
    return ApiError("ValidationException", f"Unable to look for {uri} in the S3 at {endpoint}: {problem}")


@listed("ours", "the pages that forget everything, ours and moto's")
def reset_would_lose_data() -> ApiError:
    """`POST /_emulator/reset` or `/moto-api/reset` to a server that keeps its data."""
    return ApiError("InvalidRequest", "This emulator keeps its data and is not reset. Start it with --in-memory.")
