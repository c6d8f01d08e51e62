"""Headers for requests that no client makes."""

_SCOPE = "test/20260101/us-east-1/s3/aws4_request"
FOR_S3 = {"Authorization": f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature=0"}
"""Names the service and the region; a server that asks for no signatures looks no further."""
