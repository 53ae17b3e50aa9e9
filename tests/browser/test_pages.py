"""The other pages: overview, performance, dashboard, chat, and what all of them have in common."""

import re

from playwright.sync_api import Locator, Page, expect
from signalengine.signals import Outcome
from signalengine_aws.costs.bill import month, usd
from signalengine_aws.costs.report import unknown
from signalengine_aws.costs.usage import RECORDED

from infra.build.dashboard import MODULES
from tests.browser.answers import OTHER_POLICY
from tests.browser.conftest import OpenPage
from tests.browser.samples import NOON, POLICY, PRICES, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

HOSTILE = '<img src=x onerror="window.hacked=1">'
PAGES = ("#/", "#/signals", "#/performance", "#/dashboard", "#/chat")


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_the_overview_tells_how_things_stand(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan("BTCUSDT", price=100.0))
    ended = closed(opened(Plan("ETHUSDT", at=NOON - 600_000)), Outcome.TP_HIT)
    stand_in.store(signal, ended)
    page = open_page(at="#/", zone="UTC")
    stand_in.say_status(time=NOON, prices={"BTCUSDT": 101.0})
    today = card(page, "Today")
    expect(today).to_contain_text("2025-05-19, UTC")
    expect(today.locator(".tile").nth(0)).to_contain_text("2")
    expect(today.locator(".tile").nth(1)).to_contain_text("+1.00% each, unrealised")
    expect(card(page, "Health").locator(".status")).to_have_text("OK")
    expect(card(page, "Strongest now").locator("tbody tr")).to_have_count(len(PRICES))
    expect(card(page, "Latest events").locator("li")).to_have_count(len(PRICES))
    expect(
        card(page, "Equity").get_by_role("img", name=re.compile("^Equity over 1 steps"))
    ).to_be_visible()
    stand_in.commit(closed(signal, Outcome.SL_HIT))
    expect(card(page, "Latest signals").locator("li").first).to_contain_text("SL hit")
    expect(today.locator(".tile").nth(3)).to_contain_text("1")
    card(page, "Latest signals").get_by_role("link", name="BTCUSDT").click()
    expect(page.get_by_role("dialog", name="BTCUSDT")).to_be_visible()


def test_what_is_not_well_is_said(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.health = "degraded"
    page = open_page(at="#/")
    expect(card(page, "Health").locator(".status")).to_have_text("degraded")
    expect(card(page, "Health").locator(".warn")).to_contain_text("silent: kline")


def test_each_card_says_by_itself_that_it_could_not_load(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.failing = True
    page = open_page(at="#/")
    expect(card(page, "Today").locator(".big").first).to_have_text("–")  # unknown is not zero
    expect(card(page, "Latest signals")).to_contain_text("HTTP 503")
    expect(card(page, "Health").get_by_role("alert")).to_contain_text("HTTP 503: no")
    stand_in.failing = False
    card(page, "Health").get_by_role("button", name="Try again").click()
    expect(card(page, "Health").locator(".status")).to_have_text("OK")


def test_old_numbers_are_said_to_be_old(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="#/", live=False)
    page.clock.install()
    page.reload()
    expect(card(page, "Health").locator(".status")).to_have_text("OK")
    stand_in.failing = True
    page.clock.run_for(31_000)
    expect(card(page, "Health").get_by_role("alert")).to_contain_text(
        re.compile(r"As of \d+ s ago")
    )
    expect(card(page, "Health")).to_contain_text("Lag of the fold")


def test_performance_always_shows_n_and_refuses_ratios_of_few(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(25))
    page = open_page(at="#/performance")
    expect(page.locator(".basis")).to_contain_text("N = 20 closed signals")
    expect(page.locator(".basis")).to_contain_text(f"policy {POLICY}")
    sharpe = page.locator(".tile").filter(has_text="Sharpe")
    expect(sharpe.locator(".big")).to_have_text("–")
    expect(sharpe).to_contain_text("needs 30 signals, has 20")
    expect(page.locator(".tile").filter(has_text="Win rate")).to_contain_text("95 %:")
    for name in ("Equity over", "Histogram of net returns", "Mean net return by hour"):
        expect(page.get_by_role("img", name=re.compile(f"^{name}"))).to_be_visible()
    expect(card(page, "By symbol").locator("tbody tr").first.locator(".whisker")).to_be_visible()
    page.get_by_label("Policy and market").select_option(f"{OTHER_POLICY} simulated")
    expect(page.locator(".basis")).to_contain_text(f"policy {OTHER_POLICY}")
    assert f"policy={OTHER_POLICY}" in page.url
    page.get_by_label("Window").select_option("7")
    stand_in.wait(lambda: any("days=7" in asked for asked in stand_in.asked))


def test_performance_without_signals_says_so(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="#/performance?days=7")
    expect(page.get_by_role("heading", name="No closed signals in this window")).to_be_visible()


def test_the_equity_names_the_step_under_the_pointer(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(20))
    page = open_page(at="#/performance")
    page.get_by_role("img", name=re.compile("^Equity")).hover()
    expect(page.locator(".tip")).to_contain_text("drawdown")


def test_the_dashboard_shows_the_machinery(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="#/dashboard")
    metrics = {"cpu_percent": 3.1, "rss_bytes": 84_000_000, "signals_count": 41}
    stand_in.say_status(time=NOON, metrics=metrics, stream_ages_ms={"kline": 900, "mark": None})
    now = card(page, "Now")
    expect(now.locator(".tile").filter(has_text="CPU")).to_contain_text("3.1%")
    expect(now.locator(".tile").filter(has_text="Signals today")).to_contain_text("41")
    expect(card(page, "Lag per hop")).to_contain_text("640 ms / 1.5 s")
    expect(card(page, "Queues").locator(".warn")).to_contain_text("1")
    expect(card(page, "Streams").locator(".warn")).to_have_text("marknothing yet")
    told = usd(month(20, RECORDED))
    spent = card(page, "Cost so far")
    expect(spent.locator(".figure")).to_have_text(f"${told:.2f}")
    expect(spent).to_contain_text(f"A month at this pace: ${told:.2f} for 20 symbols.")
    services = spent.locator("li .name")
    expect(services.first).to_have_text("Kinesis")
    expect(services.last).to_have_text("7 others")
    expect(spent).not_to_contain_text("API Gateway")  # nobody listened
    expect(spent).to_contain_text("no free tier, no taxes")
    expect(card(page, "Gaps")).to_contain_text("lost, 3 bars, 1 lost")


def test_a_cost_that_is_not_known_says_why(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.cost = unknown(f"nothing has been {HOSTILE} counted yet")
    spent = card(open_page(at="#/dashboard"), "Cost so far")
    expect(spent).to_contain_text(f"Not known: nothing has been {HOSTILE} counted yet.")
    expect(spent.locator(".figure")).to_have_count(0)


def test_a_chat_streams_and_names_its_source(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="#/chat")
    page.get_by_role("button", name="What's trending?").click()
    answer = page.locator(".bubble.theirs").last
    expect(answer).to_contain_text("BTCUSDT leads")
    expect(answer).to_contain_text("Composed by rules, without a language model")
    expect(answer).to_contain_text("from: top, signals")
    expect(page.locator(".disclaimer")).to_contain_text("Not advice: composed by rules")
    assert not [asked for asked in stand_in.asked if asked.startswith("/chat")]
    page.get_by_label("Your question").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine").last).to_have_text(HOSTILE)
    expect(page.locator(".bubble.theirs").last).to_contain_text(f"You asked: {HOSTILE}")
    assert page.evaluate("window.hacked") is None
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Chat").click()
    expect(page.locator(".bubble.mine")).to_have_count(2)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".bubble")).to_have_count(0)


def test_a_chat_goes_by_http_when_the_feed_is_gone(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.refusing = True
    page = open_page(at="#/chat", live=False)
    page.get_by_label("Your question").fill("Who leads?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.theirs")).to_contain_text("You asked: Who leads?")
    assert "/chat" in stand_in.asked


def test_a_token_is_asked_for_kept_and_sent(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.token = "s3cret"
    stand_in.store(opened(Plan()))
    page = open_page(live=False)
    page.get_by_role("button", name="Enter it").click()
    page.locator("input[name=token]").fill("s3cret")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".row")).to_have_count(1)
    kept = "[localStorage, sessionStorage].map(s => s.getItem('signalengine.token'))"
    assert page.evaluate(kept) == [None, "s3cret"]
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Remember on this device").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".row")).to_have_count(1)
    assert page.evaluate(kept) == ["s3cret", None]
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Forget").click()
    expect(page.locator(".banner.refused")).to_be_visible()
    assert page.evaluate(kept) == [None, None]


def test_the_feed_shows_the_token_and_tells_when_it_has_changed(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.token = "s3cret"
    page = open_page(live=False)
    expect(page.locator(".banner.refused")).to_be_visible()
    expect(page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    assert (stand_in.connected, stand_in.resumes) == (0, [])
    page.get_by_role("button", name="Enter it").click()
    page.locator("input[name=token]").fill("s3cret")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".connection")).to_have_attribute("data-state", "live")
    expect(page.locator(".banner.refused")).to_have_count(0)
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row")).to_have_count(1)
    stand_in.token = "another"
    stand_in.say({"type": "refused", "data": {"message": "the token has changed"}})
    expect(page.locator(".banner.refused")).to_be_visible()
    expect(page.locator(".row")).to_have_count(1)  # what is there stays


def test_no_page_scrolls_sideways_on_a_phone(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    page = open_page(width=320, at="#/")
    for place in PAGES:
        page.goto(stand_in.page_url + place)
        expect(page.locator("main")).to_be_visible()
        expect(page.locator(".bone")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, place
    bar = page.get_by_role("navigation", name="Pages").bounding_box()
    assert bar
    assert bar["y"] + bar["height"] == 860, "the pages' bar is not at the bottom"


def test_axe_finds_nothing_against_wcag_aa_on_any_page(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(12))
    axe = (MODULES / "axe-core" / "axe.min.js").read_text()
    page = open_page(at="#/", reduced_motion=True)
    page.evaluate(axe)
    stand_in.say_status(time=NOON, prices=PRICES, metrics={"cpu_percent": 1})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        for place in PAGES:
            page.evaluate(f"location.hash = '{place}'")
            settled(page)
            assert violations(page) == [], f"{place} {theme}"
        opened_dialogs(page, theme)


def opened_dialogs(page: Page, theme: str) -> None:
    """Look at what lies over a page: a signal, the settings, the help."""
    page.evaluate("location.hash = '#/signals'")
    page.locator(".row").nth(7).click()
    expect(page.locator(".candles canvas").first).to_be_visible()
    assert violations(page) == [], f"detail {theme}"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Settings").click()
    assert violations(page) == [], f"settings {theme}"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert violations(page) == [], f"help {theme}"
    page.keyboard.press("Escape")


def settled(page: Page) -> None:
    expect(page.locator("main")).to_be_visible()
    expect(page.locator(".bone")).to_have_count(0)


def violations(page: Page) -> list[str]:
    """Return what axe finds, one line a rule and place."""
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def test_on_a_phone_the_connection_has_room_before_anything_is_known(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.failing = True  # no signal, no status: the market is not known
    for width in (320, 390):
        page = open_page(width=width, at="#/")
        box = page.locator(".connection").bounding_box()
        assert box
        assert box["width"] > 150
        assert box["height"] < 50
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_strongest_need_no_scrolling(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(width=390, at="#/")
    table = page.get_by_role("region", name="Strongest now, scrollable")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    assert table.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
