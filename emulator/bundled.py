"""Where the data files that ship with the package are: inside the wheel, or in the checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "_shipped"
_ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent

SCHEMAS = _ROOT / "schemas"
FIXTURES = _ROOT / "fixtures"
