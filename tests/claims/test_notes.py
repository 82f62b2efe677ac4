"""What is said of a table of claims beside its verdicts."""

from __future__ import annotations

from normlab.claims import judge, notes, words
from normlab.claims.read import parse

SD = "name,accuracy,n,seeds,sd{head}\nbn,99.2,10000,10,{0}{first}\ngn,98.9,10000,10,{1}{second}\n"


def told(one: float, other: float, head: str = "", first: str = "", second: str = "") -> list[str]:
    """The notes on two claims with these sds and another column."""
    comma = "," if head else ""
    cells = {"head": comma + head, "first": comma + first, "second": comma + second}
    return [*notes.lines(parse(SD.format(one, other, **cells)))]


def test_a_sound_table_has_no_notes() -> None:
    """Spreads as they usually are, and the same settings."""
    assert told(0.06, 0.075) == told(0.06, 0.075, "epochs", "4", "4") == []


def test_settings_and_admissions_are_told_of_their_source() -> None:
    """A paper is compared with itself alone."""
    head = "source,name,accuracy,n,lr,tuned on\n"
    rows = "A,bn,99,10000,0.1,\nA,gn,98,10000,0.1,\nB,bn,99,10000,0.1,test\nB,gn,98,10000,0.2,test\n"
    first, second = notes.lines(parse(head + rows))
    assert first.startswith("note: B: lr is not the same in all arms (bn 0.1, gn 0.2)")
    assert second.startswith("note: B: by its own words (bn, gn) something was chosen on the test set")


def test_the_column_of_accuracies_says_what_it_says() -> None:
    """Of all claims."""
    table = "name,{},n\nbn,99,9\ngn,98,9\n"
    (line,) = notes.lines(parse(table.format("best accuracy (ties broken by test)")))
    assert "(bn, gn) ties were broken by the test set" in line
    assert [*notes.lines(parse(table.format("best accuracy")))] == []


def test_an_se_that_is_called_sd() -> None:
    """Less than half of what ten seeds usually scatter by, and about that times √10; one such claim may be chance."""
    (line,) = told(0.019, 0.022)
    assert "what is called sd is likely an se: taken as sd, bn scatters by 0.019 points" in line
    assert told(0.019, 0.06) == []


def test_an_sd_that_is_called_se() -> None:
    """It would stand for an sd of three times as much as usual; a standard error that fits is silent."""
    table = "name,accuracy,n,seeds,se\nbn,99.2,10000,10,{}\ngn,98.9,10000,10,{}\n"
    (line,) = notes.lines(parse(table.format(0.065, 0.075)))
    assert "what is called se is likely an sd: taken as se, bn scatters by 0.21 points" in line
    assert [*notes.lines(parse(table.format(0.02, 0.024)))] == []


def test_few_seeds_and_odd_spreads_say_nothing() -> None:
    """Of four seeds an sd may be half by chance; ten times too small is neither."""
    few = SD.replace(",10,", ",4,").format(0.019, 0.022, head="", first="", second="")
    assert [*notes.lines(parse(few))] == []
    assert told(0.001, 0.002) == told(0.0, 0.0) == []


def test_numbers_have_the_notes_of_their_source() -> None:
    """For programs that read JSON."""
    claims = parse("name,accuracy,n,epochs\nbn,99,10000,4\ngn,98,10000,8\n")
    (row,) = words.payload(judge(claims), notes.notes(claims))
    assert row["notes"] == ["epochs is not the same in all arms (bn 4, gn 8): a difference may come from that"]
