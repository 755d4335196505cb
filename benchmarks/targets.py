"""What molgen wants to be, and what was measured: the one place that says which ratio is meant by which target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Values = dict[tuple[str, str, str, str], float]  # task, variant, system, metric -> value


@dataclass(frozen=True)
class Target:
    """A number to be at most, or at least, so much."""

    about: str
    wanted: float
    sense: Literal["<=", ">="]
    value: Callable[[Values], float]
    unit: str = " x"

    def of(self, values: Values) -> float | None:
        """What was measured; None where it was not."""
        try:
            return self.value(values)
        except (KeyError, ZeroDivisionError):
            return None

    def met(self, value: float) -> bool:
        return value <= self.wanted if self.sense == "<=" else value >= self.wanted


def values_of(records: list[dict[str, Any]]) -> Values:
    return {(r["task"], r["variant"], r["system"], r["metric"]): r["value"] for r in records}


def read(results: Path) -> list[dict[str, Any]]:
    """The records of every results file that has a say here."""
    files = [results / f"{name}.json" for name in ("throughput", "standardize", "gpu_throughput", "generator_speed", "moses")]
    return [record for file in files if file.is_file() for record in json.loads(file.read_text(encoding="utf-8"))]


def shown(results: Path) -> str:
    """A line a target: measured, wanted, met or not."""
    values = values_of(read(results))
    return "\n".join(f"{about:<75} {measured:>14}   {asked:>10}   {verdict}" for about, measured, asked, verdict in rows(values))


def rows(values: Values) -> Iterator[tuple[str, str, str, str]]:
    """What, measured, asked for, verdict."""
    for target in TARGETS:
        found = target.of(values)
        measured = "not measured" if found is None else number(found) + target.unit
        verdict = "" if found is None else "met" if target.met(found) else "not met"
        yield target.about, measured, f"{target.sense} {target.wanted:g}{target.unit}", verdict


def number(value: float) -> str:
    """Three digits, and no more than are there."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _of(task: str, variant: str, system: str, metric: str) -> Callable[[Values], float]:
    return lambda values: values[task, variant, system, metric]


def _ratio(task: str, variant: str, ours: str, theirs: str, metric: str) -> Callable[[Values], float]:
    return lambda values: values[task, variant, ours, metric] / values[task, variant, theirs, metric]


def _drugs(values: Values) -> str:
    """The messier set's name: it depends on which was at hand."""
    return next(variant for task, variant, *_ in values if task == "featurize" and variant != "moses")


def _messy(metric: str) -> Callable[[Values], float]:
    def value(values: Values) -> float:
        if not any(task == "featurize" and variant != "moses" for task, variant, *_ in values):
            raise KeyError(metric)
        return values["featurize", _drugs(values), "molgen", metric]

    return value


def _pair(metric: str, system: str, more: str, fewer: str) -> Callable[[Values], float]:
    return lambda values: values["processes", more, system, metric] / values["processes", fewer, system, metric]


def _searching(search: str) -> Callable[[Values], float]:
    def value(values: Values) -> float:
        (variant,) = {variant for task, variant, *_ in values if task == "similarity"} or {""}
        return _ratio("similarity", variant, "molgen", "fpsim2", f"{search}_million_per_cpu_second")(values)

    return value


def _growth(values: Values) -> float:
    """Peak memory of the most rows over that of the fewest, in percent more."""
    found = ((variant, value) for (task, variant, _, metric), value in values.items() if (task, metric) == ("memory", "peak_tree_mib"))
    peaks = {int(variant.split()[0]): value for variant, value in found}
    if len(peaks) < 2:
        raise KeyError("memory")
    return 100 * (peaks[max(peaks)] / peaks[min(peaks)] - 1)


def _killed(metric: str) -> Callable[[Values], float]:
    def value(values: Values) -> float:
        found = [value for (task, _, _, name), value in values.items() if (task, name) == ("kill", metric)]
        if not found:
            raise KeyError(metric)
        return max(found)

    return value


def _chain(metric: str) -> Callable[[Values], float]:
    """Summed over the sets on which benchmarks/standardize.py has compared its two ways."""

    def value(values: Values) -> float:
        found = [value for (_, variant, _, name), value in values.items() if (variant, name) == ("short way against full chain", metric)]
        if not found:
            raise KeyError(metric)
        return sum(found)

    return value


def _gain(objective: str) -> Callable[[Values], float]:
    """CPU time of a raw library over that of the prepared one, the command's start taken off both."""

    def value(values: Values) -> float:
        start = values["screen", f"one molecule, {objective}", "molgen", "cpu_s"]
        raw, prepared = (values["screen", f"moses, {objective}, 1 worker", f"molgen-{kind}", "cpu_s"] for kind in ("raw", "prepared"))
        return (raw - start) / (prepared - start)

    return value


def _predicting(rival: str) -> Callable[[Values], float]:
    return _ratio("predict", "moses", "molgen-network", rival, _RATE)


def _ensemble(rival: str) -> Callable[[Values], float]:
    return _ratio("ensemble", "moses", "molgen", rival, _RATE)


_RATE = "molecules_per_cpu_second"
TARGETS = (
    Target("SMILES to graph batch over parsing, MOSES", 1.25, "<=", _of("featurize", "moses", "molgen", "over_parse")),
    Target("the same, drugs", 1.4, "<=", _messy("over_parse")),
    Target("rows unlike the plain path, drugs", 0, "<=", _messy("rows_unlike_plain"), ""),
    Target("standardising over parsing, drug-like input", 3.0, "<=", _of("moses", "CPU time", "molgen", "over_parse")),
    Target("molecules standardised unlike ChEMBL's full chain", 0, "<=", _chain("differing"), ""),
    Target("molecules on which the two were compared", 100_000, ">=", _chain("compared"), ""),
    Target("SMILES to prediction, rate of a core over Chemprop's", 4.0, ">=", _predicting("chemprop")),
    Target("the same, over Chemprop's with cuik_molmaker", 2.0, ">=", _predicting("chemprop-cuik")),
    Target("two processes over one", 1.8, ">=", _pair("molecules_per_second", "molgen-network", "moses, 2", "moses, 1")),
    Target("five networks of 52 endpoints, over ADMET-AI's ten", 10.0, ">=", _ensemble("admet-ai-networks")),
    Target("CPU time of a training epoch, over Chemprop", 0.5, "<=", _ratio("train", "moses", "molgen", "chemprop", "epoch_cpu_s")),
    Target("predict on one molecule, start to end", 4.0, "<=", _of("start", "one molecule", "molgen", "cpu_s"), " CPU-s"),
    Target("peak memory, most rows over fewest", 10.0, "<=", _growth, " % more"),
    Target("rows lost by a screen killed again and again", 0, "<=", _killed("lost"), ""),
    Target("rows doubled", 0, "<=", _killed("doubled"), ""),
    Target("files unlike an undisturbed run's", 0, "<=", _killed("unlike"), ""),
    Target("similarity, ten nearest, over FPSim2", 1.0, ">=", _searching("top_10")),
    Target("similarity, all above 0.7, over FPSim2", 1.0, ">=", _searching("above_0.7")),
    Target("similarity, all above 0.01, over FPSim2", 1.0, ">=", _searching("above_0.01")),
    Target("GPU: the network's share of the pipeline's time", 0.2, "<=", _of("pipeline", "cuda", "molgen", "network_share"), ""),
    Target("GPU: the pipeline's rate over what the cores can parse", 0.8, ">=", _of("pipeline", "cuda", "molgen", "rate_over_parsing")),
    Target("GPU: largest difference from the CPU", 1e-4, "<=", _of("agreement", "cuda", "molgen", "fp32_largest_difference"), ""),
    Target("prepared library over raw, similarity to known molecules", 1.0, ">=", _gain("similarity")),
    Target("prepared library over raw, prediction", 1.0, ">=", _gain("prediction")),
    Target("children bred, guard and alerts off", 1_500, ">=", _of("proposals", "cpu", "children", "per_cpu_second"), " /CPU-s"),
    Target("writing: matrix products of each text alone, over all", 0.85, ">=", _of("speed", "lead", "language", "share_of_products"), ""),
)  # fmt: skip
