"""molgen demo: a real campaign on the data that ship with molgen, a report at the end."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from molgen.campaign.jak2 import CampaignConfig, campaign
from molgen.cli.console import Console, Tracker
from molgen.cli.options import command as make_command
from molgen.cli.options import option


class DemoConfig(CampaignConfig):
    """The campaign's options, and where it goes."""

    out: Path = option(Path("demo"), "folder for models, tables and the report", short="o")


def run(config: DemoConfig, console: Console) -> dict[str, Any]:
    """Runs the campaign, shows its key figures, says where the report is."""
    start = time.monotonic()
    with ExitStack() as stack:
        bars: dict[str, Tracker] = {}

        def tell(step: str, done: int, total: int | None) -> None:
            if step not in bars:  # one bar at a time: the steps follow one another
                stack.close()
                bars[step] = stack.enter_context(console.progress(step))
            bars[step].count(done, "molecules") if total is None else bars[step].step(done, total)

        found = campaign(config.out, CampaignConfig.of(config.model_dump(exclude={"out"})), progress=tell)
    for model in found.summary["models"]:
        console.table(model["rows"], title=f"{model['name']}: {model['note']}")
    enrichment, generation = found.summary["enrichment"], found.summary["generation"]
    console.say(str(found.ranking.counts))
    return {
        "EF 1 %": enrichment["ef_1"],
        "AUROC": enrichment["auroc"],
        "BEDROC": enrichment["bedroc"],
        "proposals": len(found.proposals),
        **{name: generation[name] for name in ("valid", "novel", "alert_free", "in_domain")},
        "models": {model["name"]: {row["system"]: row["rmse"] for row in model["rows"]} for model in found.summary["models"]},
        "seconds": round(time.monotonic() - start),
        "report": config.out / "report.html",
    }


command = make_command(DemoConfig, run)
