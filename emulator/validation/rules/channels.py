"""Which channels a job may have (user guide, "Optional parameters"; AutoMLJobChannel)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from emulator import errors

DEFAULT_CHANNEL_TYPE = "training"


def check_channels(channels: Sequence[Mapping[str, Any]]) -> None:
    """One channel of type training, at most one of type validation, and data in each. Raises ValidationException."""
    types = Counter(channel.get("ChannelType", DEFAULT_CHANNEL_TYPE) for channel in channels)
    if "training" not in types:
        raise errors.no_training_channel()
    for channel_type, count in types.items():
        if count > 1:
            raise errors.repeated_channel_type(channel_type)
    if any("DataSource" not in channel for channel in channels):
        raise errors.no_data_source()
