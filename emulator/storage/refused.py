"""Why a server does not start on a data directory."""


class DataDirRefused(Exception):
    """The data directory cannot be used; the text says why, and what to do."""
