"""Claims jobs and runs them. The only room between the pure steps and the store."""

from amtsbote.runner.backoff import Backoff
from amtsbote.runner.callback import Calling, Pace
from amtsbote.runner.collect import CollectionWatch
from amtsbote.runner.computing import Computing
from amtsbote.runner.deadlines import DeadlineWatch
from amtsbote.runner.lanes import Lane, calling_lane, lanes
from amtsbote.runner.reminders import Reminders
from amtsbote.runner.signing import Signing
from amtsbote.runner.targets import Targets
from amtsbote.runner.workshop import Workshop

__all__ = [
    "Backoff",
    "Calling",
    "CollectionWatch",
    "Computing",
    "DeadlineWatch",
    "Lane",
    "Pace",
    "Reminders",
    "Signing",
    "Targets",
    "Workshop",
    "calling_lane",
    "lanes",
]
