"""The way to an emulator, for the emulator's own programs, whatever the shell says of the way to other services.

No proxy stands before an address of this machine, and no profile has a say where a call brings its own key.
"""

import json
import os
import threading
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

ANSWER_SECONDS = 60

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


def client_of_user(service: str, url: str, region: str, config: Any = None) -> Any:
    """A boto3 client with the key that the user's shell names; where it names none, with one that no server checks.

    Raises BotoCoreError for a profile that is not there, ValueError for what is no URL.
    """
    if not has_key():
        return client(service, url, region, "test", "test", config=config)
    import boto3

    session = boto3.Session()  # the default one may remember another key than the shell names now
    return session.client(service, endpoint_url=url, region_name=region, config=without_proxy(url, config))


def s3_of_user(url: str, region: str) -> Any:
    """The same for an S3, which may know buckets in the path alone."""
    from botocore.config import Config

    return client_of_user("s3", url, region, Config(s3={"addressing_style": "path"}))


def page(endpoint_url: str, path: str, region: str) -> Any:
    """The JSON of one of the emulator's own pages, asked for with the user's key. Raises OSError with a sentence."""
    from http.client import HTTPException  # these together a twentieth of a second, which tests need not spend
    from urllib.error import HTTPError, URLError

    from botocore.exceptions import BotoCoreError

    check_url(endpoint_url)
    try:
        request = _signed(f"{endpoint_url.rstrip('/')}{path}", region)
        with opener(endpoint_url).open(request, timeout=ANSWER_SECONDS) as answer:
            return json.load(answer)
    except HTTPError as refusal:
        with refusal:
            raise OSError(_message(refusal.read()) or f"{endpoint_url}: {refusal}") from refusal
    except (URLError, TimeoutError, ConnectionError) as problem:
        reason = getattr(problem, "reason", problem)
        raise OSError(f"No emulator answers at {endpoint_url}: {reason}") from problem
    except BotoCoreError as problem:  # a profile that is not there
        raise OSError(str(problem)) from problem
    except (ValueError, HTTPException) as problem:
        raise OSError(f"{endpoint_url} is no emulator.") from problem


def check_url(url: str) -> None:
    """Pass for a URL of HTTP. Raises OSError with a sentence."""
    try:
        fits = url.startswith(("http://", "https://")) and urlsplit(url).port != 0
    except ValueError:  # a port that is none, half of an IPv6 address
        fits = False
    if not fits:
        raise OSError(f"{url} is no http:// or https:// URL.")


def _signed(url: str, region: str) -> Any:
    """A request, with the signature that a server with --require-auth asks for where the user has a key."""
    from urllib.request import Request

    import boto3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("GET", url)
    credentials = boto3.Session().get_credentials() if has_key() else None
    if credentials is not None:
        SigV4Auth(credentials.get_frozen_credentials(), "sagemaker", region).add_auth(request)
    return Request(url, headers=dict(request.headers))  # noqa: S310 - HTTP, as its caller has seen


def has_key() -> bool:
    """Whether the shell names a key; boto3 would look in the network, too."""
    return "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ


def _message(body: bytes) -> str | None:
    """The words of the emulator's own refusals."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return None


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
