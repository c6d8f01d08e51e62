"""Where the server may listen, and the keys that it asks for: it does not start open to others by mistake."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.access.binding import Unsafe, address_of, keys_of
from emulator.access.keys import read_keys
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support.access import CREDENTIALS


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", "::ffff:127.0.0.1"])
def test_this_machine_alone(host: str) -> None:
    """Loopback in all its forms needs no leave."""
    try:
        assert address_of(Settings(host=host))[1][0]
    except OSError:
        pytest.skip(f"{host} does not exist here")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "::ffff:192.0.2.1", "0", "0x0", "2130706431.0"])  # noqa: S104 - refused
def test_others_may_reach_it(host: str, tmp_path: Path) -> None:
    """Any other address, in whatever form, is refused without leave, and taken with keys or the user's word."""
    try:
        with pytest.raises(Unsafe, match="can be reached from other machines"):
            address_of(Settings(host=host))
    except OSError:
        pytest.skip(f"the system does not know {host!r}, so it cannot be listened on either")
    address_of(Settings(host=host, insecure=True))
    address_of(Settings(host=host, require_auth=True, credentials_file=str(tmp_path)))


def test_the_command_says_so_in_one_line() -> None:
    """`serve --host 0.0.0.0` ends at once with one line that tells both ways out."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--host", "0.0.0.0"]  # noqa: S104 - refused
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert all(word in line for word in ("0.0.0.0", "--require-auth", "--credentials-file", "--insecure"))  # noqa: S104


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(require_auth=True), "--require-auth needs the access keys"),
        (Settings(credentials_file="x"), "--credentials-file has no effect without --require-auth"),
        (Settings(require_auth=True, credentials_file="/none/such"), "cannot read /none/such: No such file"),
    ],
)
def test_keys_belong_to_the_asking(settings: Settings, told: str) -> None:
    """To ask without keys, and to give keys without asking, are both refused at the start."""
    with pytest.raises(Unsafe, match=told):
        keys_of(settings)
    with pytest.raises(Unsafe):
        Emulator(settings)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "has no access key"),
        ("aws_access_key_id = a", "is not in the form of AWS's shared credentials file"),
        ("[p]\naws_access_key_id = a", r"has no aws_secret_access_key in \[p\]"),
        ("[p]\naws_access_key_id =\naws_secret_access_key = hidden", r"has no aws_access_key_id in \[p\]"),
        ("[p]\naws_secret_access_key hidden", "is not in the form"),
        ("\x00\xff", "is not in the form|has no"),
    ],
)
def test_files_that_are_no_credentials(tmp_path: Path, content: str, told: str) -> None:
    """What is wrong with the file is told, and no secret of it."""
    file = tmp_path / "credentials"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match=told) as problem:
        read_keys(file)
    assert "hidden" not in str(problem.value)


def test_every_profile_counts_and_no_secret_shows(tmp_path: Path) -> None:
    """All profiles' keys are good, and printing a key shows its id alone."""
    file = tmp_path / "credentials"
    file.write_text(CREDENTIALS, encoding="utf-8")
    keys = read_keys(file)
    assert set(keys) == {"test", "ASIAWITHTOKEN"}
    assert "its-" not in repr(keys)
