"""What S3 says of a request that it refuses."""

from emulator.errors.kinds import ApiError, listed


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
def no_such_key() -> ApiError:
    """An object that is to be copied and is not there."""
    return ApiError("NoSuchKey", "The specified key does not exist.", 404)


@listed("inferred", "code documented; words as users' reports record them")
def no_such_part() -> ApiError:
    """A part that an object does not have."""
    return ApiError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)


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
def malformed_trailer() -> ApiError:
    """A checksum after a body in chunks that x-amz-trailer did not announce."""
    return ApiError(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    )


@listed("documented", "S3's list of error codes")
def no_decoded_length() -> ApiError:
    """A body in chunks without the length of what is in them."""
    return ApiError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)


@listed("documented", "S3's list of error codes")
def not_implemented() -> ApiError:
    """What S3 has and moto lacks; else another operation would answer. At S3 it is a 501; nothing here is a 5xx."""
    return ApiError("NotImplemented", "A header you provided implies functionality that is not implemented.")


@listed("documented", "S3's list of error codes")
def malformed_xml() -> ApiError:
    """A body that is no XML, or not of the operation's schema."""
    return ApiError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema."
    )


@listed("documented", "S3's list of error codes")
def no_body() -> ApiError:
    """An operation whose body is missing."""
    return ApiError("MissingRequestBodyError", "Request Body is empty")


@listed("documented", "S3's list of error codes")
def no_access_list() -> ApiError:
    """A change of an access list that names none, neither in headers nor in a body."""
    return ApiError("MissingSecurityHeader", "Your request was missing a required header")


@listed("inferred", "code and words documented; that it is told of both is as users' reports record it")
def two_access_lists() -> ApiError:
    """A change of an access list that names one in headers and another in a body."""
    return ApiError("UnexpectedContent", "This request contains unsupported content.")


@listed("documented", "S3's list of error codes")
def document_too_large() -> ApiError:
    """A body in XML or JSON that is larger than any that S3 takes."""
    return ApiError("MaxMessageLengthExceeded", "Your request was too big.")


@listed("inferred", "code documented; words as users' reports record them")
def malformed_policy(problem: str) -> ApiError:
    """A bucket's policy that is no JSON, or lacks what a policy has to have."""
    return ApiError("MalformedPolicy", problem)


@listed("documented", "S3's list of error codes")
def invalid_bucket_name() -> ApiError:
    """A name that S3 does not allow a bucket."""
    return ApiError("InvalidBucketName", "The specified bucket is not valid.")


@listed("documented", "S3's list of error codes")
def not_a_form() -> ApiError:
    """A POST to a bucket that is neither a list of objects to delete nor a browser's form."""
    return ApiError("PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data.", 412)


@listed("inferred", "code documented; words as users' reports record them")
def no_key_in_form() -> ApiError:
    """A browser's form without the field key."""
    return ApiError(
        "InvalidArgument",
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )


@listed("inferred", "code documented; words as users' reports record them")
def empty_key_in_form() -> ApiError:
    """A browser's form whose field key is empty."""
    return ApiError("InvalidArgument", "User key must have a length greater than 0.")


@listed("inferred", "code documented; words as users' reports record them")
def no_file_in_form() -> ApiError:
    """A browser's form without a file."""
    return ApiError("InvalidArgument", "POST requires exactly one file upload per request.")


@listed("inferred", "code documented; words as users' reports record them")
def no_integer(parameter: str) -> ApiError:
    """A parameter of the query that is no number, or none that S3 takes."""
    return ApiError("InvalidArgument", f"Provided {parameter} not an integer or within integer range")


@listed("inferred", "code documented; words as users' reports record them")
def invalid_part_number(most: int) -> ApiError:
    """A partNumber that no part of an upload can have."""
    return ApiError("InvalidArgument", f"Part number must be an integer between 1 and {most}, inclusive")


@listed("inferred", "code documented; words as users' reports record them")
def invalid_encoding_type() -> ApiError:
    """An encoding-type other than url."""
    return ApiError("InvalidArgument", "Invalid Encoding Method specified in Request")


@listed("inferred", "code documented; words as users' reports record them")
def invalid_copy_source() -> ApiError:
    """An x-amz-copy-source that names no bucket or no key."""
    return ApiError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")


@listed("inferred", "code documented; words as users' reports record them")
def invalid_copied_range() -> ApiError:
    """An x-amz-copy-source-range that is no range of bytes with both ends."""
    return ApiError(
        "InvalidArgument",
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        "zero-based offsets of the first and last bytes to copy",
    )


@listed("inferred", "code documented; words as users' reports record them")
def range_beyond_source(size: int) -> ApiError:
    """An x-amz-copy-source-range that ends after the source's end."""
    return ApiError("InvalidArgument", f"Range specified is not valid for source object of size: {size}")


@listed("inferred", "code documented; words as users' reports record them")
def no_header_value(parameter: str) -> ApiError:
    """A parameter of the query that is to become a header, and has signs in it that no header can have."""
    return ApiError("InvalidArgument", f"Header value cannot be represented using ISO-8859-1: {parameter}")


@listed("inferred", "words as users' reports record them")
def no_origin() -> ApiError:
    """A question for CORS rules that does not say from where."""
    return ApiError("BadRequest", "Insufficient information. Origin request header needed.")


@listed("inferred", "words as users' reports record them")
def no_preflight_method() -> ApiError:
    """A question for CORS rules that does not say for which method."""
    return ApiError("BadRequest", "Invalid Access-Control-Request-Method: null")


@listed("inferred", "code documented; words ours")
def invalid_header(name: str) -> ApiError:
    """A header whose value S3 does not know."""
    return ApiError("InvalidArgument", f"The value of the header {name} is not valid.")


@listed("inferred", "code documented; which of S3's codes for a statement it is, is our guess")
def no_sql() -> ApiError:
    """SelectObjectContent with an expression that is no statement, or one that moto does not understand."""
    return ApiError("ParseUnexpectedToken", "The SQL expression contains an unexpected token.")


@listed("inferred", "code documented for SelectObjectContent; the words may differ")
def not_utf8() -> ApiError:
    """SelectObjectContent of an object that is not UTF-8."""
    return ApiError("InvalidTextEncoding", "Invalid encoding type. Only UTF-8 encoding is supported.")


@listed("inferred", "code documented for SelectObjectContent; the words may differ")
def not_compressed_so(compression: str) -> ApiError:
    """SelectObjectContent of an object that is not compressed as its request says."""
    return ApiError("InvalidCompressionFormat", f"{compression} is not applicable to the queried object.")


@listed("inferred", "code documented; words ours")
def invalid_token(parameter: str) -> ApiError:
    """A token that continues a list, and that no list gave."""
    return ApiError("InvalidArgument", f"The {parameter} provided is incorrect")


@listed("inferred", "code documented; words ours")
def out_of_range(parameter: str, least: int, most: int) -> ApiError:
    """A number of the query that is smaller or larger than S3 takes."""
    return ApiError("InvalidArgument", f"Argument {parameter} must be an integer between {least} and {most}")
