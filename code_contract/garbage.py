"""The garbage collector, out of the way of what only builds up."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """No search for garbage as long as it is open; also a decorator.

    The collector looks through all that is new each time so many objects have been made, and there is nothing to find
    where a document is read or a module imported: all of it stays. A third of the time of a large contract.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # To freeze and thaw makes old what is new, or it would be looked through at once. Not where somebody else
            # has frozen something, which would be thawed too.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
