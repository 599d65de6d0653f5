"""Somebody reads what an experiment has found, asks how a figure came about, and takes the numbers with them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from accessibility import check_accessibility
from crowds import crowd, exposure, sale, tell
from laboratory import Laboratory
from people import NARROW, Person
from servers import Server

pytestmark = pytest.mark.world


@pytest.fixture
def lab(site: Server) -> Laboratory:
    return Laboratory(site)


def results_of(lab: Laboratory, more: str = "") -> str:
    return f"/projects/{lab.project}/{lab.environment}/experiments/colour?tab=results{more}"


def test_a_verdict_can_be_read_explained_and_taken_home(lab: Laboratory, console: Person, tmp_path: Path) -> None:
    lab.started(methodology="bayesian")
    crowd(lab, (600, 610), (90, 160))
    page = console.open(results_of(lab))
    page.get_by_role("heading", name="Ship “Green”.").wait_for()
    check_accessibility(console)

    asked = page.get_by_role("button", name="How is this computed? Observed value of “Green”")
    asked.focus()
    page.keyboard.press("Enter")
    told = page.get_by_role("dialog", name="Observed value of “Green”")
    told.get_by_text("0.262295 = 160 / 610").wait_for()
    told.get_by_text("Source: Wilson, JASA 1927.").wait_for()
    page.wait_for_timeout(300)  # fading in, its text is still pale
    check_accessibility(console)
    page.keyboard.press("Escape")
    told.wait_for(state="detached")
    assert asked.evaluate("each => each === document.activeElement"), "the focus returns to what was asked"

    with page.expect_download() as download:
        page.get_by_role("link", name="Download to check").click()
    download.value.save_as(tmp_path / "results.zip")
    with zipfile.ZipFile(tmp_path / "results.zip") as taken:
        assert {"reproduce.py", "sums.csv", "results.json"} <= set(taken.namelist())


def test_no_winner_is_named_while_units_arrive_unevenly(lab: Laboratory, console: Person) -> None:
    lab.started(methodology="bayesian")
    crowd(lab, (500, 300), (50, 80))
    page = console.open(results_of(lab))
    page.get_by_role("heading", name="Do not decide on these numbers.").wait_for()
    assert page.get_by_text("Not to be trusted").count() == 2, "one to each metric"
    assert page.get_by_text("Better", exact=True).count() == 0
    health = page.get_by_role("region", name="Is the data sound?")
    assert "units do not arrive in the promised shares" in health.inner_text()
    check_accessibility(console)


def test_first_exposures_appear_without_reload(lab: Laboratory, console: Person) -> None:
    lab.started(methodology="bayesian")
    console.page.clock.install()
    page = console.open(results_of(lab))
    page.get_by_role("heading", name="Nobody has been exposed yet").wait_for()
    assert 'client.track("sold"' in page.get_by_role("tabpanel").last.inner_text()
    check_accessibility(console)
    crowd(lab, (12, 14), (2, 3))
    page.clock.run_for(20_000)
    page.get_by_role("table", name="Figures of Sold").wait_for()
    assert page.get_by_text("Small sample: as few as 12 units").count() > 0


def test_a_link_shows_a_colleague_the_same_metric_and_parts(lab: Laboratory, console: Person) -> None:
    lab.started(methodology="frequentist")
    tell(lab, *(exposure(f"u{at}", at % 2, plan=("gold", "free")[at % 3 == 0]) for at in range(400)))
    tell(lab, *(sale(f"u{at}", 5 + at % 9) for at in range(0, 400, 3)))
    page = console.open(results_of(lab))
    page.get_by_role("link", name="Spent").press("Enter")
    page.get_by_role("table", name="Figures of Spent").wait_for()
    page.get_by_role("combobox", name="By an attribute").fill("plan")
    page.keyboard.press("Enter")
    page.get_by_text("Many small groups").wait_for()
    assert "metric=spent" in page.url
    assert "attribute=plan" in page.url
    console.open(page.url)
    page.get_by_role("table", name="Figures of Spent").wait_for()
    page.get_by_role("img", name="“Green” among gold").wait_for()
    check_accessibility(console)


def test_results_are_read_on_a_phone_in_the_dark(
    enter: Callable[..., Person], owner_cookies: list[dict[str, object]], lab: Laboratory
) -> None:
    lab.started(methodology="frequentist", analysisConfig={"sequentialTestingEnabled": True})
    crowd(lab, (300, 310), (60, 70))
    phone = enter(owner_cookies, viewport=NARROW, color_scheme="dark")
    page = phone.open(results_of(lab))
    page.get_by_role("heading", name="Keep it running.").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") == NARROW["width"], "nothing sticks out"
    check_accessibility(phone)


def test_earlier_iterations_and_steps_of_a_funnel_are_at_hand(lab: Laboratory, console: Person) -> None:
    lab.make_metric("paid", eventKey="paid")
    lab.make_funnel("checkout", "sold", "paid")
    metrics = [{"key": "checkout", "isGroup": True}]
    lab.started(
        methodology="bayesian",
        iteration={"metrics": metrics, "primarySingleMetricKey": None, "primaryFunnelKey": "checkout"},
    )
    crowd(lab, (120, 130), (40, 60))
    lab.do("saveAndStartNewIteration", changeJustification="a second look")
    page = console.open(results_of(lab))
    page.get_by_role("heading", name="Nobody has been exposed yet").wait_for()
    page.get_by_role("combobox", name="Iteration").click()
    page.get_by_role("option", name="Iteration 1").click()
    metric = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Paid"))
    metric.get_by_text("in Checkout").wait_for()
    page.get_by_text("Ended. Newest fact counted").wait_for()
    assert page.get_by_text("again every 15 seconds").count() == 0
    assert "iteration=" in page.url
    check_accessibility(console)
