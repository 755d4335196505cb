"""A crew of workers that outlives any of them: who gets which item, who is late, who is replaced.

What a worker is, a process or an actor on another machine, is its own affair (`Worker`). Each has a thread
here that hands it one item at a time: so it is known which item a fallen worker held, and no worker waits while
whoever asked for the results is busy.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from statistics import median
from threading import Lock, Thread
from typing import Any, NamedTuple, Protocol

from molgen.base.errand import Caught
from molgen.base.errors import MolgenError

_AHEAD = 2  # items drawn and not answered, per worker: one in hand, one to go on with
_BEHIND = 64  # drawn and not yielded, per worker: answers wait behind a slow item before the others are stalled too
_FALSE_STARTS = 3  # workers in a row that died before they took an item: no accident


@dataclass(frozen=True)
class Lost:
    """Stands in the results for an item that brought its worker down."""

    item: Any
    reason: str  # "killed its worker (signal 9)", "no answer after 60 s"


def _one(_: Any) -> float:
    return 1.0


@dataclass(frozen=True)
class Patience:
    """How long an item may take: `seconds`, and ten times what its like have taken, by `size`, in this run.

    Before the first answer nobody knows what is usual, and ten times `seconds` are granted. Starting a worker does
    not count, nor that its first item takes longer because of imports, as far as other workers have shown it.
    """

    seconds: float = 60.0
    size: Callable[[Any], float] = _one


class Died(Exception):  # noqa: N818 - said of a worker; no error of ours
    """A worker is gone; `how` says by what, `took` whether it may have had its item by then."""

    def __init__(self, how: str, *, took: bool = True) -> None:
        super().__init__(how)
        self.how, self.took = how, took


class Worker(Protocol):
    """One worker from afar, served by one thread."""

    def prepare(self) -> None:
        """Returns once it can take an item."""

    def work(self, item: Any) -> Any:
        """What the function gave for the item; raises what the function raised, or `Died`."""

    def kill(self) -> None:
        """Ends it at once, whatever it does; called from another thread, and perhaps when it is gone already."""

    def dismiss(self) -> None:
        """Lets it go in good order, and returns when nothing is left of it; it is idle, or killed."""


class Crew:
    """Workers on one list of items. `results` may be asked for once."""

    def __init__(self, hire: Callable[[], Worker], items: Iterator[Any], *, workers: int, ordered: bool, patience: Patience | None) -> None:
        self._hire, self._items, self._workers, self._ordered, self._patience = hire, items, workers, ordered, patience
        self._clock = _Clock(patience) if patience else None
        self._todo: SimpleQueue[_Task | None] = SimpleQueue()
        self._told: SimpleQueue[_Answer | _Hand] = SimpleQueue()  # a hand tells of itself when it leaves
        self._hands: list[_Hand] = []
        self._answers: dict[int, Any] = {}  # by number, until they are yielded
        self._drawn = self._yielded = self._answered = 0
        self._more = True
        self._false_starts = 0

    def results(self) -> Iterator[Any]:
        """An answer or a `Lost` for each item; whatever ends it, no worker is left."""
        try:
            while True:
                self._draw()
                while (number := self._due()) is not None:
                    self._yielded += 1
                    yield self._answers.pop(number)
                    self._draw()
                if self._answered == self._drawn:
                    break
                self._listen()
            self._leave()
        finally:
            self._stop()

    def _draw(self) -> None:
        """As many items as are wanted now, and workers for them: at the start, and in place of the fallen."""
        while self._more and self._wants_more():
            for item in self._items:
                size = float(self._patience.size(item)) if self._patience else 1.0
                self._todo.put(_Task(self._drawn, item, size))
                self._drawn += 1
                break
            else:
                self._more = False
            self._fill()
        self._fill()

    def _wants_more(self) -> bool:
        return self._drawn - self._answered < _AHEAD * self._workers and self._drawn - self._yielded < _BEHIND * self._workers

    def _fill(self) -> None:
        while len(self._hands) < min(self._workers, self._drawn - self._answered):
            hand = _Hand(self._hire(), self._todo, self._told)
            self._hands.append(hand)
            hand.start()

    def _due(self) -> int | None:
        if self._ordered:
            return self._yielded if self._yielded in self._answers else None
        return next(iter(self._answers), None)

    def _listen(self) -> None:
        wait = self._clock.wait(self._hands) if self._clock else None
        began = time.monotonic()
        try:
            told = self._told.get(timeout=wait)
        except Empty:
            told = None
        if wait is not None and (asleep := time.monotonic() - began - wait) > 1.0:
            for hand in self._hands:  # stopped with Ctrl-Z and gone on: the workers were, too
                hand.since += asleep
        if isinstance(told, _Answer):
            self._false_starts = 0
            if self._clock:
                self._clock.learn(told)
            self._answer(told.number, told.value)
        elif told is not None:
            self._replace(told)
        if self._clock:
            self._clock.judge(self._hands)

    def _answer(self, number: int, value: Any) -> None:
        self._answers[number] = value
        self._answered += 1

    def _replace(self, hand: _Hand) -> None:
        """What becomes of the item of a worker that is gone; `_fill` sees to the worker."""
        self._hands.remove(hand)
        task, error = hand.task, hand.error
        if error is None:  # answered at the moment it was given up
            return
        if not isinstance(error, Died):
            raise error
        if task is not None and error.took:
            if self._patience is None:
                raise MolgenError(f"a worker died at its work ({error.how})", fix=_advice(error.how))
            self._answer(task.number, Lost(task.item, hand.sentence or f"killed its worker ({error.how})"))
            return
        if task is not None:
            self._todo.put(task)
        if not hand.fresh:
            return
        self._false_starts += 1
        if self._false_starts == _FALSE_STARTS:
            raise MolgenError(f"{_FALSE_STARTS} workers in a row died before they took up any work ({error.how})", fix=_advice(error.how))

    def _leave(self) -> None:
        """All is answered: idle workers go in good order, those that are still starting at once."""
        for hand in self._hands:
            if not hand.ready:
                hand.worker.kill()
            self._todo.put(None)
        for hand in self._hands:
            hand.join()
        self._hands.clear()

    def _stop(self) -> None:
        for hand in self._hands:
            hand.worker.kill()
            self._todo.put(None)
        for hand in self._hands:
            hand.join()
        self._hands.clear()


class _Task(NamedTuple):
    number: int
    item: Any
    size: float


class _Answer(NamedTuple):
    number: int
    size: float
    value: Any
    took_s: float
    first: bool  # of its worker


class _Hand(Thread):
    """The thread that serves one worker, and what is known of the worker."""

    def __init__(self, worker: Worker, todo: SimpleQueue[_Task | None], told: SimpleQueue[_Answer | _Hand]) -> None:
        super().__init__(name="molgen-hand", daemon=True)
        self.worker, self._todo, self._told = worker, todo, told
        self.ready, self.fresh = False, True  # fresh: has answered nothing
        self.task: _Task | None = None
        self.since = 0.0  # when it took the task
        self.sentence = ""  # why it was given up
        self.error: Exception | None = None
        self._lock = Lock()

    def run(self) -> None:
        with Caught() as caught:
            self.worker.prepare()
            self.ready = True
            while self._turn():
                pass
        if caught.error is not None and not isinstance(caught.error, Died):  # the function failed, not the worker
            self.worker.kill()
        self.worker.dismiss()
        self.error = caught.error
        self._told.put(self)

    def _turn(self) -> bool:
        """One item; a function of its own, so that nothing is held while the next is waited for."""
        task = self._todo.get()
        if task is None:
            return False
        with self._lock:
            self.task, self.since = task, time.monotonic()
        value = self.worker.work(task.item)
        with self._lock:
            self.task = None
        self._told.put(_Answer(task.number, task.size, value, time.monotonic() - self.since, self.fresh))
        self.fresh = False
        return not self.sentence

    def give_up(self, task: _Task, sentence: str) -> None:
        """Ends the worker, unless it has answered in the meantime."""
        with self._lock:
            if self.task is task:
                self.sentence = sentence
                self.worker.kill()


class _Clock:
    """What is usual in this run, and who takes longer than that."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._rates: deque[float] = deque(maxlen=101)  # seconds per size; enough for a median, recent enough to follow the work
        self._typical: float | None = None
        self._first_s = 0.0  # the longest that a worker's first item took

    def learn(self, answer: _Answer) -> None:
        self._rates.append(answer.took_s / max(answer.size, 1.0))
        self._typical = median(self._rates)
        if answer.first:
            self._first_s = max(self._first_s, answer.took_s)

    def wait(self, hands: list[_Hand]) -> float:
        """Seconds until somebody may be late, a second at most."""
        now = time.monotonic()
        return max(0.0, min([1.0, *(hand.since + self._allowed(hand, task) - now for hand in hands if (task := hand.task))]))

    def judge(self, hands: list[_Hand]) -> None:
        now = time.monotonic()
        for hand in hands:
            if (task := hand.task) and not hand.sentence and now - hand.since > self._allowed(hand, task):
                # Not how long it was in the end: the same molecule gives the same reason in every run.
                hand.give_up(task, f"no answer after {self._patience.seconds:g} s")

    def _allowed(self, hand: _Hand, task: _Task) -> float:
        if self._typical is None:
            return 10 * self._patience.seconds
        return self._patience.seconds + 10 * task.size * self._typical + (self._first_s if hand.fresh else 0.0)


def _advice(how: str) -> str:
    if how == "signal 9":
        return "signal 9 most often means that memory ran out: take fewer workers"
    if how == "exit code 1":  # what a worker does whose main script starts processes while it is imported
        return "in a script, put what starts workers under `if __name__ == \"__main__\":`"
    return ""
