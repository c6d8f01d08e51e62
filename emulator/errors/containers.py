"""What the model's container answers to a request that it cannot serve, TGI's in its words and DJL's in its form."""

import json

from emulator.errors.kinds import ContainerError, listed

_AXUM = "axum's rejections of a JSON body, which TGI 1.0.3 sends as they are (seen in ModelErrors on GitHub)"

TGI_RULES = {
    "best_of": "`best_of` must be > 0 and <= {0}. Given: {1}",
    "best_of_sampling": "you must use sampling when `best_of` is > 1",
    "best_of_seed": "`seed` must not be set when `best_of` > 1",
    "best_of_stream": "`best_of` != 1 is not supported when streaming tokens",
    "prefill_stream": "`decoder_input_details` == true is not supported when streaming tokens",
    "temperature": "`temperature` must be strictly positive",
    "repetition_penalty": "`repetition_penalty` must be strictly positive",
    "top_p": "`top_p` must be > 0.0 and < 1.0",
    "typical_p": "`typical_p` must be > 0.0 and < 1.0",
    "top_k": "`top_k` must be strictly positive",
    "truncate": "`truncate` must be strictly positive and less than {0}. Given: {1}",
    "max_new_tokens": "`max_new_tokens` must be strictly positive",
    "total": "`inputs` tokens + `max_new_tokens` must be <= {0}. Given: {1} `inputs` tokens and {2} `max_new_tokens`",
    "input_length": "`inputs` must have less than {0} tokens. Given: {1}",
    "empty": "`inputs` cannot be empty",
    "stop": "`stop` supports up to {0} stop sequences. Given: {1}",
    "watermark": "`watermark` is not emulated",
}
"""What TGI 1.0.3 says of parameters (its router's validation.rs); the last one is ours.

Of a text far over the limit the beginning alone is counted: the tokens given are `more than` a number.
"""


@listed("documented", _AXUM)
def not_json_content() -> ContainerError:
    """A Content-Type that is not JSON's, or none, for a TGI container."""
    return ContainerError(415, "Expected request with `Content-Type: application/json`", "text/plain; charset=utf-8")


@listed("observed", _AXUM)
def body_no_json(problem: str) -> ContainerError:
    """A body that is no JSON, for a TGI container; the problem's words are serde_json's, as far as they are known."""
    return ContainerError(400, f"Failed to parse the request body as JSON: {problem}", "text/plain; charset=utf-8")


@listed("observed", _AXUM)
def body_not_deserialized(problem: str) -> ContainerError:
    """A JSON body without a member that is needed, or with one of another type, for a TGI container."""
    return ContainerError(
        422, f"Failed to deserialize the JSON body into the target type: {problem}", "text/plain; charset=utf-8"
    )


@listed("observed", "ModelErrors of TGI endpoints on GitHub; the rules are those of TGI 1.0.3's router")
def input_invalid(rule: str) -> ContainerError:
    """A parameter that TGI refuses; its rules in TGI_RULES."""
    return _tgi(422, f"Input validation error: {rule}", "validation")


def tgi_rule(name: str, *values: object) -> ContainerError:
    """The refusal for one of TGI_RULES."""
    return input_invalid(TGI_RULES[name].format(*values))


@listed("documented", "TGI's API description")
def model_overloaded() -> ContainerError:
    """More requests than the model's queue takes."""
    return _tgi(429, "Model is overloaded", "overloaded")


@listed("documented", "TGI's API description")
def generation_failed(problem: str) -> ContainerError:
    """The model broke while it wrote."""
    return _tgi(424, f"Request failed during generation: {problem}", "generation")


@listed("inferred", "form of a DJL container's answer in a ModelError on GitHub; words ours")
def djl_refused(status: int, problem: str) -> ContainerError:
    """A request that the DJL container cannot serve."""
    content = {"code": status, "message": "prediction failure", "error": problem}
    return ContainerError(status, json.dumps(content))


@listed("observed", "ModelErrors of endpoints that did not answer within 60 seconds, on GitHub")
def invocation_timed_out() -> ContainerError:
    """No answer within the time limit."""
    return ContainerError(
        0,
        "Your invocation timed out while waiting for a response from container primary. Review the latency metrics "
        "for each container in Amazon CloudWatch, resolve the issue, and try again.",
    )


@listed("ours", "the process that serves the model was lost")
def container_lost(how: str) -> ContainerError:
    """The serving process ended while the request was in it; the next call starts another one."""
    return ContainerError(500, f"The process that serves the model ended before it had answered ({how}).")


@listed("ours", "a model that was loaded before could not be loaded again")
def container_not_loaded(reason: str) -> ContainerError:
    """An endpoint in service whose model cannot be loaded any more."""
    return ContainerError(503, f"The model could not be loaded again: {reason}")


def _tgi(status: int, problem: str, kind: str) -> ContainerError:
    return ContainerError(status, json.dumps({"error": problem, "error_type": kind}, separators=(",", ":")))
