"""Sensitive members, of which the present model has none in these operations."""

from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.validation import constraints, keywords


def test_a_sensitive_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message names the member, not the value."""
    secret: dict[str, Any] = {"type": "string", "maxLength": 1, "sensitive": True}
    schema = {
        "title": "Request",
        "type": "object",
        "properties": {"Secret": secret, "Secrets": {"type": "array", "items": secret}},
    }
    monkeypatch.setattr(constraints, "request_schema", lambda _: schema)
    monkeypatch.setattr(keywords, "request_schema", lambda _: schema)
    with pytest.raises(ApiError) as caught:
        constraints.check("Sensitive", {"Secret": "abc", "Secrets": ["abc"]})
    assert caught.value.message == (
        "2 validation errors detected: Value at 'secret' failed to satisfy constraint: "
        "Member must have length less than or equal to 1; Value at 'secrets' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 1]"
    )
