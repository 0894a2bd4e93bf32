"""A virtual clock: events in the order of their time, and tasks that run real code and take turns when it pauses.

Real code can only be suspended in a thread of its own. Only one thread runs at any moment. The times of the next
events alone decide which one runs next, so that a run depends only on its inputs. A task that pauses takes the next
event itself: threads switch only where two tasks truly overlap.
"""

import threading
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

MOST_EVENTS = 60_000


class Stopped(BaseException):
    """The run is over, or the running process is dead: unwind without touching anything."""


class NeverEnds(Exception):
    """A run did not complete within MOST_EVENTS events."""


class Task:
    """Work that runs in a thread of its own, and waits at its gate while others run."""

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.turn = 0
        self.work: Callable[[], None] | None = None
        self.is_stopped = False
        # The process that the task works for: patched code that gets no process as an argument finds it here.
        self.owner: Any = None


class Clock:
    """Virtual time in seconds. Its threads are kept for the next run (`reset`)."""

    def __init__(self) -> None:
        self.now = 0.0
        self._main = Task()
        self._idle: list[Task] = []
        self._running: Task = self._main
        self._waiting: dict[int, Task] = {}
        self._heap: list[tuple[float, int, Callable[[], None] | None, Task | None, int]] = []
        self._sequence = 0
        self._failure: BaseException | None = None
        self._is_over = False

    def reset(self) -> None:
        """Start again at second 0."""
        self.now, self._sequence, self._failure = 0.0, 0, None
        self._heap.clear()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Call an action at a time, at once if that time is past. The action must not pause."""
        self._push(when, action, None, 0)

    def spawn(self, work: Callable[[], None]) -> None:
        """Start a task now."""
        task = Task()
        task.work = work
        self._push(self.now, None, task, 0)

    def sleep(self, seconds: float) -> None:
        """Let others run, and continue after ``seconds``. Only a task may call this."""
        self.wait(seconds)

    def wait(self, at_most_seconds: float) -> None:
        """Let others run until another task wakes this one (`wake`) or the seconds are over."""
        task = self._running
        if task.is_stopped:
            raise Stopped
        task.turn += 1
        self._push(self.now + at_most_seconds, None, task, task.turn)
        self._let_others_run(task)

    @property
    def running(self) -> Task:
        """The task that runs now. Keep it before `wait`, so that another task can `wake` it."""
        return self._running

    def wake(self, task: Task) -> None:
        """Let a waiting task continue now."""
        self._push(self.now, None, task, task.turn)

    def fail(self, error: BaseException) -> None:
        """Stop the run with an error of the simulation itself. No code under test may catch it."""
        self._failure = self._failure or error
        self._heap.clear()

    def run(self) -> None:
        """Handle events until none is left. Raises the error that the simulation itself failed with, if any."""
        self._running = self._main
        self._drive(self._main)
        # Unwind the tasks that still wait, one after the other. Unwinding must not start anything new.
        self._is_over = True
        self._heap.clear()
        for task in self._waiting.values():
            task.is_stopped = True
        while self._waiting:
            self._hand_over(next(iter(self._waiting.values())))
            self._main.gate.acquire()
        self._is_over = False
        self._running = self._main
        if self._failure:
            raise self._failure

    # --- who runs next

    def _push(self, when: float, action: Callable[[], None] | None, task: Task | None, turn: int) -> None:
        if self._failure or self._is_over:
            return
        self._sequence += 1
        if self._sequence > MOST_EVENTS:
            self.fail(NeverEnds(f"more than {MOST_EVENTS} events"))
            return
        heappush(self._heap, (max(when, self.now), self._sequence, action, task, turn))

    def _let_others_run(self, task: Task) -> None:
        self._waiting[id(task)] = task
        self._drive(task)
        del self._waiting[id(task)]
        self._running = task
        if task.is_stopped:
            raise Stopped

    def _drive(self, own: Task) -> None:
        """Take events until it is this task's turn. The main task's turn is when no event is left."""
        heap = self._heap
        while heap:
            self.now, _, action, task, turn = heappop(heap)
            if action:
                try:
                    action()
                except BaseException as error:  # noqa: BLE001  it must not surface in the code that pauses
                    self.fail(error)
            elif task is own and turn == task.turn and not task.work:
                return
            elif task and (task.work or (turn == task.turn and id(task) in self._waiting)):
                self._hand_over(task)
                own.gate.acquire()
                return
        if own is not self._main:
            self._hand_over(self._main)
            own.gate.acquire()

    def _hand_over(self, task: Task) -> None:
        if not task.work:
            task.gate.release()
            return
        if not self._idle:
            thread = Task()
            self._idle.append(thread)
            threading.Thread(target=self._serve, args=(thread,), daemon=True).start()
        thread = self._idle.pop()
        thread.work = task.work
        thread.gate.release()

    def _serve(self, thread: Task) -> None:
        """Run one task after the other in one thread."""
        while True:
            thread.gate.acquire()
            work, thread.work = thread.work, None
            while work:
                task = Task()
                task.gate = thread.gate
                self._running = task
                try:
                    work()
                except Stopped:
                    pass
                except BaseException as error:  # noqa: BLE001  an error of a task fails the simulation
                    self.fail(error)
                work = self._drive_idle(thread)

    def _drive_idle(self, thread: Task) -> Callable[[], None] | None:
        """Take events in a thread whose task is over, until another task must run. Return new work to run here.

        After handing over the turn, this thread may get new work through its gate at any moment. It must read no shared
        state before it has passed the gate again.
        """
        heap = self._heap
        while heap:
            self.now, _, action, task, turn = heappop(heap)
            if action:
                try:
                    action()
                except BaseException as error:  # noqa: BLE001  it fails the simulation, as in _drive
                    self.fail(error)
            elif task and task.work:
                return task.work
            elif task and turn == task.turn and id(task) in self._waiting:
                self._idle.append(thread)
                self._hand_over(task)
                return None
        self._idle.append(thread)
        self._hand_over(self._main)
        return None
