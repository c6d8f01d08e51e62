"""The way to an emulator, for the emulator's own programs, whatever the shell says of the way to other services.

No proxy stands before an address of this machine, and no profile has a say where a call brings its own key.
"""

import os
import threading
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_MAKING = threading.Lock()
"""boto3's clients may be shared among threads; making two of a session at once is not safe."""
_OF_OTHERS = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None))
"""botocore's session variables, by their names, with no place to take them from."""


def client(
    service: str, url: str, region: str, key_id: str, secret: str, token: str | None = None, config: Any = None
) -> Any:
    """A boto3 client with a key of its own; what AWS_PROFILE and ~/.aws say does not count."""
    with _MAKING:
        return _session().client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=without_proxy(url, config),
        )


def without_proxy(url: str, config: Any = None) -> Any:
    """A client's configuration, with no proxy before an address of this machine."""
    from botocore.config import Config

    own = Config(proxies={}) if _is_here(url) else Config()
    return own if config is None else config.merge(own)


def forget_configuration() -> None:
    """Let this process, which is a server and nothing else, have no ~/.aws: moto makes sessions of its own, too.

    They, and so moto's services, fail where a profile is not there (https://github.com/getmoto/moto/issues/5469).
    """
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def opener(url: str) -> "OpenerDirector":
    """As `urlopen`, with no proxy before an address of this machine."""
    from urllib.request import ProxyHandler, build_opener  # a twentieth of a second, which tests need not spend

    return build_opener(ProxyHandler({})) if _is_here(url) else build_opener()


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _session() -> Any:
    """Made once: botocore reads a service's model once for each session."""
    import boto3
    from botocore.session import Session

    return boto3.Session(botocore_session=Session(session_vars=_OF_OTHERS))
