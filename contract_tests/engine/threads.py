"""Concurrent calls in daemon threads, which an interrupted process does not wait for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

Value = TypeVar("Value")


def call_concurrently(
    function: Callable[[int], Value], arguments: range, workers: int, results: dict[int, Value]
) -> None:
    """Call a function with every argument, and add the results as the calls end.

    The threads of a ThreadPoolExecutor are no daemons: Python joins them at its end, however long they wait.

    Raises:
        Exception: The first that a call raised.
    """
    todo, done = SimpleQueue[int](), SimpleQueue[tuple[int, Value] | Exception]()
    for argument in arguments:
        todo.put(argument)

    def work() -> None:
        with suppress(Empty):
            while True:
                argument = todo.get_nowait()
                try:
                    done.put((argument, function(argument)))
                except Exception as error:
                    done.put(error)

    for _ in range(min(workers, len(arguments))):
        threading.Thread(target=work, daemon=True).start()
    pending = len(arguments)
    while pending:
        # On Windows, a wait without a limit cannot be interrupted.
        with suppress(Empty):
            ended = done.get(timeout=0.5)
            pending -= 1
            if isinstance(ended, Exception):
                raise ended
            results[ended[0]] = ended[1]
