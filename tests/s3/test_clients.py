"""The S3 clients that the server keeps for itself."""

from concurrent.futures import ThreadPoolExecutor

from emulator.s3.access import S3Access
from emulator.s3.clients import MOST_CLIENTS, S3Clients

ACCESS = S3Access("http://127.0.0.1:9", "test", "test")


def test_one_client_for_each_region() -> None:
    """Threads that ask at the same time get the same client; another region has another."""
    clients = S3Clients()
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: clients.at(ACCESS, "us-east-1"), range(32)))
    assert len(set(map(id, made))) == 1
    assert clients.at(ACCESS, "eu-west-1") is not made[0]


def test_made_up_regions_take_no_memory_for_ever() -> None:
    """Whatever regions callers name, the clients that are kept have a bound."""
    clients = S3Clients()
    for number in range(MOST_CLIENTS + 2):
        clients.at(ACCESS, f"us-east-{number}")
    assert len(clients._made) == 2
