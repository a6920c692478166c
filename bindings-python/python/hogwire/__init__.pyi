from ._asynchronous import AsyncClient as AsyncClient
from ._asynchronous import AsyncQueue as AsyncQueue
from ._native import DELIVERIES as DELIVERIES
from ._native import DROP_REASONS as DROP_REASONS
from ._native import ERROR_CODES as ERROR_CODES
from ._native import FINDING_CODES as FINDING_CODES
from ._native import OPERATIONS as OPERATIONS
from ._native import UUID_NAMESPACE as UUID_NAMESPACE
from ._native import WARNING_CODES as WARNING_CODES
from ._native import Client as Client
from ._native import ConfigError as ConfigError
from ._native import Dropped as Dropped
from ._native import Finding as Finding
from ._native import Outcome as Outcome
from ._native import Queue as Queue
from ._native import Receipt as Receipt
from ._native import Report as Report
from ._native import Request as Request
from ._native import __version__ as __version__
from ._native import build as build
from ._native import interpret as interpret
from ._native import uuid_from as uuid_from

__all__ = [
    "DELIVERIES",
    "DROP_REASONS",
    "ERROR_CODES",
    "FINDING_CODES",
    "OPERATIONS",
    "UUID_NAMESPACE",
    "WARNING_CODES",
    "AsyncClient",
    "AsyncQueue",
    "Client",
    "ConfigError",
    "Dropped",
    "Finding",
    "Outcome",
    "Queue",
    "Receipt",
    "Report",
    "Request",
    "__version__",
    "build",
    "interpret",
    "uuid_from",
]
