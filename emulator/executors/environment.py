"""The environment in which training runs."""

import os

_DEFAULTS = {
    # OpenMP's default spinning, some milliseconds, made the same job five times slower on a busy machine. A few
    # microseconds of it spare the next operation the waking of a thread: on an idle machine two fifths of a step.
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "2000",
    # glibc gives large tensors back to the system when they are freed; each step would ask for them again, by the page.
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**40),
    # numpy's BLAS would start threads in the process that is to be forked.
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Without it cuBLAS may take other sums of a product each time.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    # Asks the driver whether there is a GPU without initialising CUDA, which no fork survives.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def training_environment() -> dict[str, str]:
    """This process's environment, with what training wants where the user has not set it."""
    return _DEFAULTS | dict(os.environ)
