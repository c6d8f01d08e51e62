"""Sends the calls of the SageMaker Python SDK that pass every setting by to an emulator.

The SDK asks STS who it is (default_bucket(), account_id(), a role given by its bare name) at a host of AWS's that
stands in its code; AWS_ENDPOINT_URL does not move it. This does, for versions 2 and 3, in one line:

    point_sagemaker_sdk_at("http://127.0.0.1:4599")
"""

from importlib import import_module
from types import ModuleType

SESSION_MODULES = ("sagemaker.session", "sagemaker.core.helper.session_helper")


def point_sagemaker_sdk_at(url: str) -> None:
    """Let the SDK's sessions in this process, made before or later, call STS at `url`.

    Raises ModuleNotFoundError where the SDK is not installed.
    """
    modules = [module for name in SESSION_MODULES if (module := _imported(name))]
    if not modules:
        raise ModuleNotFoundError("The SageMaker Python SDK (sagemaker or sagemaker-core) is not installed")
    for module in modules:
        module.sts_regional_endpoint = lambda _region: url  # type: ignore[attr-defined]


def _imported(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if not name.startswith(str(missing.name)):
            raise
        return None
