"""For the tests of programs that use SageMaker AutoML: an emulator of their own, at their command.

    with AutoMLEmulator() as emulator:
        emulator.faults.add("CreateAutoMLJobV2", error="ThrottlingException", times=2)
        emulator.outcomes.fail("flaky-*", stage="TrainingModels", reason="out of luck")
        sagemaker = emulator.client("sagemaker")

Under pytest the fixtures `automl_emulator` and `automl_clean` do the same (emulator/testing/plugin.py).
"""

from emulator.testing.control import ControlRefused, Faults, Outcomes
from emulator.testing.process import AutoMLEmulator
from emulator.testing.running import RunningEmulator

__all__ = ["AutoMLEmulator", "ControlRefused", "Faults", "Outcomes", "RunningEmulator"]
