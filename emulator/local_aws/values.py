"""moto's values as JSON and back: what its S3 knows of a bucket or an object, but for the content.

Only classes that are named here are ever made from what was stored.
"""

import base64
from datetime import datetime
from typing import Any

from moto.s3 import models
from moto.utilities.utils import LowercaseDict
from requests.structures import CaseInsensitiveDict

_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        models.CorsRule,
        models.FakeAcl,
        models.FakeBucketInventoryConfiguration,
        models.FakeGrant,
        models.FakeGrantee,
        models.LifecycleAndFilter,
        models.LifeCycleNoncurrentVersionTransition,
        models.LifecycleFilter,
        models.LifecycleRule,
        models.LifecycleTransition,
        models.Notification,
        models.NotificationConfiguration,
        models.PublicAccessBlock,
    )
}
_MAPPINGS: dict[str, type[Any]] = {kind.__name__: kind for kind in (dict, LowercaseDict, CaseInsensitiveDict)}
_PLAIN = (str, int, float, bool, type(None))


def encoded(value: Any) -> Any:
    """A value of moto's for JSON. Raises TypeError for one of a class that is not known here."""
    kind = type(value).__name__
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [encoded(part) for part in value]
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if kind in _MAPPINGS:
        return {kind: {str(name): encoded(part) for name, part in value.items()}}
    if _CLASSES.get(kind) is type(value):
        return {kind: {name: encoded(part) for name, part in vars(value).items()}}
    raise TypeError(f"no JSON for moto's {type(value)}")


def decoded(value: Any) -> Any:
    """The value that `encoded` was given."""
    if isinstance(value, list):
        return [decoded(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "bytes":
        return base64.b64decode(content)
    if kind == "datetime":
        return datetime.fromisoformat(content)
    parts = {name: decoded(part) for name, part in content.items()}
    if kind in _MAPPINGS:
        return _MAPPINGS[kind](parts)
    made: Any = object.__new__(_CLASSES[kind])
    vars(made).update(parts)
    return made
