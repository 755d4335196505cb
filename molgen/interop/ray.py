"""Work on the machines of a Ray cluster: actors, led as a pool's processes are."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from molgen.base.crew import Died, Worker
from molgen.base.errand import ONE_THREAD, Answer, answered, errand
from molgen.base.errors import MissingExtra, MolgenError
from molgen.base.parallel import Crewed, usable_cores

# Ray says so at length on standard output, which is for results, when an actor dies; we say it where it belongs.
# It reads this when it is imported.
_QUIET = {"RAY_DEDUP_LOGS_SKIP_REGEX": "^A worker died or was killed"}


class Ray(Crewed):
    """Ray actors with one numeric thread each, on one machine or many.

    Joins the cluster that `address` or the variable RAY_ADDRESS names ("auto" finds the one of this machine), or
    starts one here and ends it with `close`, or with the process. An actor takes `cpus` and `gpus` of what the
    cluster has; `workers` 0 means as many actors as fit. An actor that dies, or whose machine does, is replaced
    when there is room again. The other machines need molgen installed, in the same version, and whatever
    files the work names.
    """

    def __init__(self, *, workers: int = 0, address: str | None = None, gpus: float = 0.0, cpus: float = 1.0) -> None:
        if workers < 0 or gpus < 0 or cpus < 0 or gpus + cpus == 0:
            raise MolgenError(f"ray: {workers} workers of {cpus:g} CPUs and {gpus:g} GPUs, want a share of something for each")
        self._ray = _imported()
        self._asked, self._address, self._gpus, self._cpus = workers, address or os.environ.get("RAY_ADDRESS"), gpus, cpus
        self._ours = False  # whether the cluster was started here

    @property
    def workers(self) -> int:
        """Actors at work at one time."""
        return self._asked or self._fitting()

    def close(self) -> None:
        """Ends the cluster if it was started here; the next `map` would start another."""
        if self._ours:
            self._ray.shutdown()
            self._ours = False

    def _hiring(self, function: Callable[..., Any], shared: Any) -> Callable[[], Worker]:
        self._connect()
        # As bytes of one object: what Ray lays out itself comes back as arrays that nobody may write to.
        sent = self._ray.put(self._ray.cloudpickle.dumps(errand(function, shared)))
        kind = self._ray.remote(_Actor).options(
            num_cpus=self._cpus, num_gpus=self._gpus, max_restarts=0, max_task_retries=0, runtime_env={"env_vars": ONE_THREAD}
        )
        return lambda: _Remote(self._ray, kind.remote(sent))

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return
        quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
        if self._address and self._address != "local":
            try:
                self._ray.init(self._address, **quiet)
            except (ConnectionError, ValueError) as error:
                advice = "start one with `ray start --head`"
                raise MolgenError(f"can't join the Ray cluster: {error}", where=self._address, fix=advice) from None
            return
        cores = max(usable_cores(), round(self._asked * self._cpus))
        self._ray.init("local", num_cpus=cores, include_dashboard=False, **quiet)
        self._ours = True

    def _fitting(self) -> int:
        self._connect()
        has = self._ray.cluster_resources()
        shares = [has.get(name, 0.0) / share for name, share in (("CPU", self._cpus), ("GPU", self._gpus)) if share]
        if min(shares) < 1:
            raise MolgenError(f"no worker of {self._cpus:g} CPUs and {self._gpus:g} GPUs fits the Ray cluster", where=f"it has {has}")
        return int(min(shares))


class _Remote:
    """An actor seen from here (`molgen.base.crew.Worker`)."""

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray, self._actor = ray, actor

    def prepare(self) -> None:
        self._get(self._actor.prepare)

    def work(self, item: Any) -> Any:
        return self._get(self._actor.work, self._ray.cloudpickle.dumps(item))

    def kill(self) -> None:
        if self._ray.is_initialized():
            self._ray.kill(self._actor)

    def dismiss(self) -> None:
        self.kill()  # there is nothing in an actor that wants to be put in order

    def _get(self, method: Any, *sent: bytes) -> Any:
        try:
            value, error = self._ray.cloudpickle.loads(self._ray.get(method.remote(*sent)))
        except (self._ray.exceptions.RayActorError, self._ray.exceptions.OutOfMemoryError) as error:
            # A machine that was taken away says nothing about the item.
            raise Died(_how(error), took=not getattr(error, "preempted", False)) from None
        if error is not None:
            raise error
        return value


def _how(error: Any) -> str:
    if getattr(error, "actor_init_failed", False):  # molgen is missing over there, most likely
        return f"its Ray actor did not start: {str(error).strip().splitlines()[-1]}"
    return "its Ray actor is gone"


class _Actor:
    """What runs in the worker process of Ray."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    def prepare(self) -> bytes:
        def unpack() -> None:
            self._call = import_module("ray.cloudpickle").loads(self._sent)

        answer = answered(unpack)
        self._sent = b""
        return _packed(answer)

    def work(self, item: bytes) -> bytes:
        loads = import_module("ray.cloudpickle").loads
        return _packed(answered(lambda: self._call(loads(item))))


def _packed(answer: Answer) -> bytes:
    dumps: Callable[[Any], bytes] = import_module("ray.cloudpickle").dumps
    message, error = answered(lambda: dumps(answer))
    return dumps((None, error)) if error is not None else bytes(message)


def _imported() -> Any:
    before = {name: os.environ.get(name) for name in _QUIET}
    os.environ.update({name: value for name, value in _QUIET.items() if before[name] is None})
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":  # Ray is there, and broken: that is not for us to hide
            raise
        raise MissingExtra("ray", "ray") from None
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
