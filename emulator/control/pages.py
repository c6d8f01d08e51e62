"""The pages of control: POST, GET and DELETE under `/_emulator/`, and moto's own reset."""

import json
from typing import Any

import flask

from emulator import errors
from emulator.control.panel import Panel

MOTO_RESET = "/moto-api/reset"

_PREFIX = "/_emulator/"
_LOG = "/log"


def is_prompt(path: str) -> bool:
    """Whether a page waits for none of the server's other threads; a job's log does, where it is read from S3."""
    return path in {MOTO_RESET, "/health"} or (path.startswith(_PREFIX) and not path.endswith(_LOG))


def make_control_pages(panel: Panel) -> flask.Blueprint:
    """The Flask blueprint of control. What is wrong with a request is told with status 400."""
    pages = flask.Blueprint("control", __name__)

    @pages.post("/_emulator/reset")
    @pages.post(MOTO_RESET)
    def reset() -> dict[str, str]:
        panel.reset()
        return {"status": "ok"}

    @pages.post("/_emulator/seed")
    def set_seed() -> dict[str, Any]:
        return panel.seed.set(_body())

    for name, board in (("faults", panel.faults), ("outcomes", panel.outcomes)):
        _add_board(pages, name, board)

    @pages.errorhandler(errors.ApiError)
    def refused(error: errors.ApiError) -> tuple[dict[str, str], int]:
        return {"message": str(error.message)}, error.status

    return pages


def _add_board(pages: flask.Blueprint, name: str, board: Any) -> None:
    def add() -> tuple[dict[str, Any], int]:
        return board.add(_body()), 201

    def listing() -> dict[str, Any]:
        return {name: board.listing()}

    def clear() -> dict[str, str]:
        board.clear()
        return {"status": "ok"}

    for method, view in (("POST", add), ("GET", listing), ("DELETE", clear)):
        pages.add_url_rule(f"/_emulator/{name}", f"{view.__name__}_{name}", view, methods=[method])


def _body() -> object:
    try:
        return json.loads(flask.request.get_data(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise errors.bad_control_request("the body is no JSON") from None


def _refuse(constant: str) -> None:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(constant)
