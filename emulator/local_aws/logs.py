"""CloudWatch Logs as moto keeps them in this process."""

import time
from collections import deque

from emulator.local_aws.aws import LocalAws

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
MOST_STREAMS = 1_000


class LocalLogs:
    """The log group of training jobs. It keeps the newest streams; the oldest makes room for another."""

    def __init__(self, aws: LocalAws, account: str) -> None:
        self._aws = aws
        self._account = account
        self._streams: deque[tuple[str, str]] = deque()

    def put(self, region: str, stream: str, lines: list[str]) -> None:
        """Add lines to a stream, which is made with the first ones."""
        self._aws.load()
        from moto.logs.models import logs_backends

        backend = logs_backends[self._account][region]
        backend.ensure_log_group(TRAINING_JOBS)
        if stream not in backend.groups[TRAINING_JOBS].streams:
            backend.create_log_stream(TRAINING_JOBS, stream)
            self._make_room((region, stream))
        now = int(time.time() * 1000)
        backend.put_log_events(TRAINING_JOBS, stream, [{"timestamp": now, "message": line} for line in lines])

    def _make_room(self, newest: tuple[str, str]) -> None:
        from moto.logs.models import logs_backends

        self._streams.append(newest)
        if len(self._streams) > MOST_STREAMS:
            region, stream = self._streams.popleft()
            group = logs_backends[self._account][region].groups.get(TRAINING_JOBS)
            if group is not None:
                group.streams.pop(stream, None)
