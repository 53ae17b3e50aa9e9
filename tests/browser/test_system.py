"""The system page."""

from playwright.sync_api import expect
from signalengine_aws.costs.bill import month, usd
from signalengine_aws.costs.report import unknown
from signalengine_aws.costs.usage import RECORDED

from tests.browser.conftest import OpenPage
from tests.browser.looks import card
from tests.browser.samples import NOON
from tests.browser.stand_in import StandIn

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def test_the_system_page_shows_load_latency_queues_streams_cost_and_gaps(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="system")
    metrics = {"cpu_percent": 3.1, "rss_bytes": 84_000_000, "signals_count": 41}
    stand_in.send_status(time=NOON, metrics=metrics, stream_ages_ms={"kline": 900, "mark": None})
    now = card(page, "Now")
    expect(now.locator(".tile").filter(has_text="CPU")).to_contain_text("3.1%")
    expect(now.locator(".tile").filter(has_text="Signals today")).to_contain_text("41")
    expect(card(page, "Delay by step")).to_contain_text("640 ms / 1.5 s")
    expect(card(page, "Queues").locator(".warn")).to_contain_text("1")
    expect(card(page, "Streams").locator(".warn")).to_have_text("Markno message yet")
    expected = usd(month(20, RECORDED))
    spent = card(page, "Cost so far")
    expect(spent.locator(".figure")).to_have_text(f"${expected:.2f}")
    expect(spent).to_contain_text(f"A month at this rate: ${expected:.2f} for 20 symbols.")
    services = spent.locator("li .name")
    expect(services.first).to_have_text("Kinesis")
    expect(services.last).to_have_text("6 others")
    expect(spent).not_to_contain_text("API Gateway")  # nobody listened
    expect(spent).to_contain_text("no free tier, no taxes")
    expect(card(page, "Gaps")).to_contain_text("lost, 3 bars, 1 lost")


def test_the_estimates_basis_is_in_the_language_of_the_page(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    spent = card(open_page(at="system"), "Cost so far")
    expect(spent).to_contain_text("Counted: 730 h, 876,000 closes (52,560 with events), 1,752")
    expect(spent).to_contain_text("Too little is counted: months go by the pace of recordings")
    expect(spent).not_to_contain_text("here nothing is billed")
    stand_in.cost |= {"billed": False, "own_pace": True, "region": HOSTILE}
    spent = card(open_page(at="system", language="es"), "Coste hasta ahora")
    expect(spent).to_contain_text("aquí no se factura nada. Precios de " + HOSTILE)
    expect(spent).to_contain_text("Contado: 730 h, 876.000 cierres (52.560 con eventos), 1752")
    expect(spent).to_contain_text("El mes sigue este ritmo.")


def test_an_unknown_cost_is_said_to_be_unknown(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.cost = unknown("no heartbeat has been counted yet")
    spent = card(open_page(at="system"), "Cost so far")
    expect(spent).to_contain_text("Nothing has been counted yet.")
    expect(spent.locator(".figure")).to_have_count(0)


def test_the_former_address_opens_the_system_page(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="dashboard")
    expect(page.get_by_role("heading", name="System")).to_be_attached()
    expect(page.get_by_role("link", name="System")).to_have_attribute("aria-current", "page")
