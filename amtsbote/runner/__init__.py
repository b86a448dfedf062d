"""Claims jobs and runs them. The only room between the pure steps and the store."""

from amtsbote.runner.backoff import Backoff
from amtsbote.runner.computing import Computing
from amtsbote.runner.lanes import Lane, lanes
from amtsbote.runner.signing import Signing
from amtsbote.runner.targets import Targets
from amtsbote.runner.workshop import Workshop

__all__ = ["Backoff", "Computing", "Lane", "Signing", "Targets", "Workshop", "lanes"]
