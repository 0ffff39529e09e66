"""The run store: `RUN/run.db`, from which a killed run goes on with nothing lost and nothing doubled."""

from tdscaling.store.browsing import Listed, RunBrowser, Wanted, browse_run
from tdscaling.store.codec import decode, encode, pack, unpack
from tdscaling.store.opening import failures_named, is_run
from tdscaling.store.reading import RunReader, read_run
from tdscaling.store.records import (
    DescriptorRow,
    Fault,
    Item,
    Outcome,
    Rejection,
    TimingTotal,
    Usage,
    UsageShare,
    UsageTotal,
)
from tdscaling.store.run import RunStore

__all__ = [
    "DescriptorRow",
    "Fault",
    "Item",
    "Listed",
    "Outcome",
    "Rejection",
    "RunBrowser",
    "RunReader",
    "RunStore",
    "TimingTotal",
    "Usage",
    "UsageShare",
    "UsageTotal",
    "Wanted",
    "browse_run",
    "decode",
    "encode",
    "failures_named",
    "is_run",
    "pack",
    "read_run",
    "unpack",
]
