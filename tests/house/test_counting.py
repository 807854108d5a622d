"""The last lines of a test run tell the truth: what broke off or found nothing is no success."""

from pathlib import Path

import pytest

from scripts import test as run
from scripts.test import Count

JUNIT = """<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1">
</testsuite></testsuites>"""
TAP = "ok 1\n# tests 5\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 0\n"


@pytest.fixture
def laptop(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def build_server(monkeypatch):
    monkeypatch.setenv("CI", "true")


def test_every_part_is_counted_and_the_last_line_is_plain():
    counts = {"unit": Count(812), "journey": Count(9, 1), "browser": Count(14, skipped=2)}

    lines = list(run.summary(counts))

    assert (
        lines[-2] == "unit 812 passed · journey 9 passed, 1 failed · browser 14 passed, 2 skipped"
    )
    assert lines[-1] == "835 passed, 1 failed"


def test_remarks_stand_out():
    assert "  !!  Chromium is missing" in run.summary(
        {"browser": Count(remark="Chromium is missing")}
    )


def test_errors_count_as_failures(tmp_path: Path):
    report = tmp_path / "unit.xml"
    report.write_text(JUNIT)

    assert run.read_junit(report) == Count(passed=2, failed=2, skipped=1)


def test_cancelled_counts_as_failed():
    assert run.read_tap(TAP) == Count(passed=3, failed=2)


@pytest.mark.parametrize(
    ("count", "status", "failed"),
    [
        pytest.param(Count(3), 0, 0, id="all well"),
        pytest.param(Count(3, 1), 1, 1, id="one failed"),
        pytest.param(Count(3), 1, 1, id="broke off"),
        pytest.param(Count(3), -9, 1, id="was killed"),
        pytest.param(Count(), 5, 1, id="collected nothing"),
        pytest.param(Count(), 0, 1, id="counted nothing"),
    ],
)
def test_a_part_is_believed_only_when_it_ended_well(count, status, failed):
    assert run.believed(count, status).failed == failed


def test_a_missing_browser_is_a_remark_on_a_laptop(laptop):
    assert run.left_out("no browser") == Count(remark="no browser")


def test_a_missing_browser_is_a_failure_on_a_build_server(build_server):
    assert run.left_out("no browser") == Count(failed=1, remark="no browser")


def test_one_failed_part_fails_the_run_and_stops_no_other(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    parts = {
        "unit": lambda said: Count(1, 1),
        "faults": says_much,
        "journey": lambda said: Count(2),
    }
    monkeypatch.setattr(run, "PARTS", parts)

    status = run.main([])

    assert status == 1
    assert capsys.readouterr().out.endswith("6 passed, 1 failed\n")


def test_lanes_beside_each_other_are_shown_one_after_another(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    monkeypatch.setattr(run, "PARTS", {"faults": says_much, "journey": says_much})

    run.main([])

    said = capsys.readouterr().out
    for name in ("faults", "journey"):
        assert f"── {name} ──\n" + "much\n" * 50 in said


def test_every_part_has_its_lane():
    assert sorted(run.PARTS) == sorted(
        name for stage in run.STAGES for lane in stage for name in lane
    )


def says_much(said):
    for _ in range(50):
        print("much", file=said)
    return Count(3)
