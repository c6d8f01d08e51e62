"""S3 as the server itself asks for it: one client for each region, made when it is first needed."""

import threading
from typing import TYPE_CHECKING

from emulator.s3.access import S3Access

if TYPE_CHECKING:
    from emulator.s3.client import S3  # boto3, which a server that asks for nothing does without

MOST_CLIENTS = 32
"""More regions than AWS has for this; callers may make some up."""


class S3Clients:
    """Clients that any thread may use; making them is what boto3 does not allow at the same time."""

    def __init__(self, *, patient: bool = True) -> None:
        self._patient = patient
        self._lock = threading.Lock()
        self._made: dict[tuple[S3Access, str], S3] = {}

    def at(self, access: S3Access, region: str) -> "S3":
        """The client for a region. Raises JobFailure."""
        from emulator.s3.client import S3

        with self._lock:
            if (access, region) not in self._made:
                if len(self._made) == MOST_CLIENTS:
                    self._made.clear()
                self._made[access, region] = S3(access, region, patient=self._patient)
            return self._made[access, region]
