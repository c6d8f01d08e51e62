"""Which device a fine-tune runs on."""

import torch


def best_device() -> str:
    """`cuda` where there is a GPU, else `cpu`. Initialises nothing."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def chosen_device(setting: str) -> torch.device:
    """The device for a value of the setting `device`: auto, cpu or cuda."""
    return torch.device(best_device() if setting == "auto" else setting)
