"""`make trust` prints a row for each campaign and fails when an attack worked."""

from __future__ import annotations

from typing import ClassVar

import pytest

from benchmarks.trust.__main__ import CAMPAIGNS, load, main
from benchmarks.trust.campaign import Deadline, Outcome


class Knocks:
    """A campaign whose attack works in one case of those that it is asked for."""

    title: ClassVar[str] = "knocks at a door"
    aim: ClassVar[str] = "open doors"
    full: ClassVar[int] = 30
    small: ClassVar[int] = 3

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        if deadline.passed:
            return Outcome(0, note="no time")
        return Outcome(cases, [f"door {seed} opened"] if seed else [])


class Stumbles(Knocks):
    """A campaign that cannot run."""

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        raise OSError("no door here")


TOYS = {"knocks": f"{__name__}:Knocks", "stumbles": f"{__name__}:Stumbles"}


def test_a_campaign_runs_its_full_number_of_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knocks"], TOYS) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["knocks", "30"]


def test_an_attack_that_worked_is_printed_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knocks", "--seed", "7", "--cases", "5"], TOYS) == 1
    assert "door 7 opened" in capsys.readouterr().out


def test_a_campaign_that_cannot_run_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stumbles", "knocks"], TOYS) == 1
    printed = capsys.readouterr().out
    assert "the campaign stopped: OSError: no door here" in printed
    assert "knocks at a door" in printed.splitlines()[-1]


def test_no_case_begins_when_the_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knocks", "--minutes", "0"], TOYS) == 0
    assert capsys.readouterr().out.rstrip().endswith("no time")


def test_an_unknown_name_is_refused_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nocks"], TOYS)
    assert "no campaign named 'nocks'; there are knocks, stumbles" in capsys.readouterr().err


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_campaign_of_the_table_says_what_it_tries(name: str) -> None:
    campaign = load(CAMPAIGNS[name])
    assert campaign.title and campaign.aim
    assert 0 < campaign.small <= campaign.full
