"""S3 as its documentation has it: asked by clients of ours, and read and judged in requests that come."""
