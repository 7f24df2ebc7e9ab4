"""The planted bugs still fit the sources, and the simulation finds them: a few here, all by ``make mutants``."""

from pathlib import Path

import pytest
from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.mutants.hunt import Hunter
from tests.simulation.mutants.planted import DoesNotApply, Edit, Mutant, changed_texts


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_bug_still_fits_its_source(mutant: Mutant) -> None:
    assert mutant.edits
    assert changed_texts(mutant)


def test_each_bug_has_a_name_of_its_own_and_says_what_it_breaks() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60
    assert all(mutant.breaks for mutant in MUTANTS)


@pytest.mark.parametrize("old", ["nothing reads like this", "Decimal"])
def test_a_bug_that_fits_nowhere_or_twice_is_refused(old: str) -> None:
    with pytest.raises(DoesNotApply):
        changed_texts(Mutant("lost", "nothing", (Edit("domain/position.py", old, ""),)))


@pytest.mark.parametrize("name", ["released_twice", "fills_booked_twice"])
def test_the_simulation_finds_a_bug_in_the_product_s_copy(name: str, tmp_path: Path) -> None:
    mutant = next(one for one in MUTANTS if one.name == name)
    finding = Hunter(tmp_path).find(mutant, range(1, 21))
    assert finding.seed is not None
    assert finding.invariant in ("I2", "I6", "I10")


def test_the_simulation_finds_nothing_where_no_bug_is_planted(tmp_path: Path) -> None:
    finding = Hunter(tmp_path, steps=300).find(Mutant("none", "nothing", ()), range(1, 3))
    assert finding.seed is None
    assert finding.tried == 2
