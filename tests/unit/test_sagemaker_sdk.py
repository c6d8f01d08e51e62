"""What the line for the SageMaker Python SDK does without it; with it, tests/clients has it."""

import pytest

from emulator.testing.sagemaker_sdk import point_sagemaker_sdk_at


def test_missing_sdk_is_named() -> None:
    """Without the SDK the line says what is missing, and does not pass in silence."""
    with pytest.raises(ModuleNotFoundError, match=r"SageMaker Python SDK \(sagemaker or sagemaker-core\)"):
        point_sagemaker_sdk_at("http://127.0.0.1:4599")
