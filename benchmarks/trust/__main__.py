"""Run attack campaigns and print one table.

``python -m benchmarks.trust`` runs all; names choose some; ``--seed`` draws other cases, ``--minutes``
gives each campaign more time. The exit status is 1 if an attack worked or a campaign could not run.
"""

from __future__ import annotations

import argparse
import importlib
import time
import traceback
from collections.abc import Mapping, Sequence

from benchmarks.figures import machine
from benchmarks.trust.campaign import Campaign, Deadline, Outcome

CAMPAIGNS: dict[str, str] = {
    "payloads": "benchmarks.trust.payloads:Payloads",
    "kernel_faults": "benchmarks.trust.kernel_faults:KernelFaults",
    "endpoint_faults": "benchmarks.trust.endpoint_faults:EndpointFaults",
    "kills": "benchmarks.trust.kills:Kills",
    "worst_case_texts": "benchmarks.trust.worst_case_texts:WorstCaseTexts",
    "attacking_model": "benchmarks.trust.attacking_model:AttackingModels",
    "paths": "benchmarks.trust.paths:Paths",
    "secrets": "benchmarks.trust.planted_secrets:PlantedSecrets",
    "requests": "benchmarks.trust.api_requests:Requests",
    "authorization": "benchmarks.trust.authorization:Authorization",
}
"""The campaigns by name, each as ``module:Class``."""
MOST_FAILURES_SHOWN = 20


def main(arguments: Sequence[str] | None = None, campaigns: Mapping[str, str] = CAMPAIGNS) -> int:
    """Run the campaigns that the arguments name and return the exit status.

    Parameters
    ----------
    arguments
        Those of the command line; None for the process's own.
    campaigns
        The campaigns that there are, by name.
    """
    options = parse(arguments, campaigns)
    print(f"seed {options.seed}, at most {options.minutes:g} minutes a campaign, {machine()}")
    failed = False
    for name in options.names or campaigns:
        campaign = load(campaigns[name])
        begin = time.monotonic()
        outcome = attempt(campaign, options)
        print(line(name, campaign, outcome, time.monotonic() - begin), flush=True)
        for failure in outcome.failures[:MOST_FAILURES_SHOWN]:
            print(f"    {failure}")
        failed = failed or bool(outcome.failures)
    return int(failed)


def parse(arguments: Sequence[str] | None, campaigns: Mapping[str, str]) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trust", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="campaign", help=", ".join(campaigns))
    parser.add_argument("--seed", type=int, default=0, help="draws the cases (0)")
    parser.add_argument("--cases", type=int, help="how many; by default each campaign's own number")
    parser.add_argument("--minutes", type=float, default=10, help="the most for each campaign (10)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in campaigns]
    if unknown:
        parser.error(f"no campaign named {unknown[0]!r}; there are {', '.join(campaigns)}")
    return options


def load(place: str) -> Campaign:
    """Return a new campaign of a class that is given as ``module:Class``."""
    module, _, name = place.partition(":")
    campaign: Campaign = getattr(importlib.import_module(module), name)()
    return campaign


def attempt(campaign: Campaign, options: argparse.Namespace) -> Outcome:
    """Run a campaign; one that cannot run is a failure of its own and stops no other."""
    cases = campaign.full if options.cases is None else options.cases
    try:
        return campaign.run(cases, options.seed, Deadline(options.minutes * 60))
    except Exception as error:
        traceback.print_exc()
        return Outcome(0, [f"the campaign stopped: {type(error).__name__}: {error}"])


def line(name: str, campaign: Campaign, outcome: Outcome, seconds: float) -> str:
    """Return the row of the table for one campaign."""
    count = len(outcome.failures)
    row = f"{name:<20} {outcome.cases:>7,} {campaign.title:<42} {count:>4} {campaign.aim:<32}"
    return f"{row} {seconds:>6.0f} s {outcome.note}".rstrip()


if __name__ == "__main__":
    raise SystemExit(main())
