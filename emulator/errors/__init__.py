"""Every text a caller can read: error codes, HTTP statuses, words, and where each was learnt."""

from emulator.errors import access as access
from emulator.errors import s3 as s3
from emulator.errors.constraints import *
from emulator.errors.containers import *
from emulator.errors.control import *
from emulator.errors.create import *
from emulator.errors.data import *
from emulator.errors.endpoints import *
from emulator.errors.failures import *
from emulator.errors.invocations import *
from emulator.errors.kinds import *
from emulator.errors.models import *
from emulator.errors.problem_types import *
from emulator.errors.requests import *
from emulator.errors.runtime import *
from emulator.errors.serving import *
from emulator.errors.signatures import *
from emulator.errors.storage import *
from emulator.errors.wire import *
