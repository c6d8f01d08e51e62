"""What a worker tells of an exception that no trainer expected."""

from emulator.worker import _told

FROM_TORCH = RuntimeError(
    "The size of tensor a (3) must match\nthe size of tensor b (4)\nException raised from infer_size at ExpandUtils:31 "
    "(most recent call first):\nframe #0: c10::Error::Error + 0x80 (0x7f in libc10.so)"
)


def test_no_traceback_reaches_the_reason() -> None:
    """The words of an exception become the reason, in one line, without the calls that a library puts behind them."""
    reason = str(_told(FROM_TORCH, "/scratch"))
    expected = "AlgorithmError: RuntimeError: The size of tensor a (3) must match the size of tensor b (4)"
    assert reason == expected


def test_a_full_disk_is_recognized_in_any_library_s_words() -> None:
    """safetensors, written in Rust, tells of a full disk with an exception of its own."""
    problem = Exception('Error while serializing: IoError(Os { code: 28, message: "No space left on device" })')
    assert "No space left on device for the files of the training under /scratch." in str(_told(problem, "/scratch"))
