"""The README's promises."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.server import Server

README = Path(__file__).parents[1] / "README.md"


def test_example_runs_as_pasted(training_server: Server) -> None:
    """The boto3 example of the README runs as it stands, but for the port, and ends with all seven metrics."""
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    program = program.replace("http://127.0.0.1:4599", training_server.url)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True)
    assert "Completed" in result.stdout
    for metric in ("Rouge1", "Rouge2", "RougeL", "RougeLSum", "Perplexity", "ValidationLoss", "TrainingLoss"):
        assert re.search(rf"^{metric} (Train|Validation) \d", result.stdout, re.MULTILINE)
    assert result.stdout.rstrip().endswith("/output/model.tar.gz")
