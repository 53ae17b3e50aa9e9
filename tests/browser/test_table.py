"""The signals table as people see it: what is loaded, formatted, filtered, and reached."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def tab(page: Page, name: str) -> str:
    """Return a tab's text: its name and count."""
    return page.get_by_role("tab", name=re.compile(f"^{name}")).inner_text()


def symbols(page: Page) -> list[str]:
    return page.locator(".row .symbol a").all_inner_texts()


def test_loaded_signals_fill_their_columns_newest_first(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    early = closed(opened(Plan("ETHUSDT", "short", NOON - 30 * MINUTE_MS)), Outcome.TP_HIT)
    late = opened(Plan("BTCUSDT", "long", NOON, 0.6542, price=50_123.45))
    stand_in.store(early, late)
    page = open_page(zone="UTC")
    heads = page.locator("th .sort > span:first-child").all_inner_texts()
    assert heads == ["Time", "Symbol", "Direction", "Score", "Entry", "TP", "SL", "Status", "P&L"]
    assert symbols(page) == ["BTCUSDT", "ETHUSDT"]
    cells = page.locator(".row").first.locator("td").all_inner_texts()
    assert cells[0] == "2025-05-19 12:00"
    assert cells[2:5] == ["LONG", "65.4%", "50,123.4500"]
    assert cells[7] == "Open"
    result = early.settlement.net_return / 1e6 if early.settlement else 0.0
    expect(page.locator(".row").nth(1).locator(".status")).to_have_text("TP hit")
    expect(page.locator(".row").nth(1).locator(".pnl")).to_have_text(f"+{result:.2f}%")


def test_tiny_prices_never_show_as_zero(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan("1000PEPEUSDT", price=0.00001234)))
    page = open_page()
    for text in page.locator(".row .price").all_inner_texts():
        assert re.fullmatch(r"0\.0000\d{4,}", text), text


def test_tabs_filter_and_count(stand_in: StandIn, open_page: OpenPage) -> None:
    outcomes = [None, None, Outcome.TP_HIT, Outcome.SL_HIT, Outcome.SL_HIT, Outcome.EXPIRED]
    for n, outcome in enumerate(outcomes):
        signal = opened(Plan(at=NOON + n * MINUTE_MS))
        stand_in.store(signal if outcome is None else closed(signal, outcome))
    page = open_page()
    counts = {"All": 6, "Open": 2, "Closed": 4, "TP Hit": 1, "SL Hit": 2, "Expired": 1}
    for name, count in counts.items():
        assert tab(page, name).split() == [*name.split(), str(count)]
        page.get_by_role("tab", name=re.compile(f"^{name}")).click()
        expect(page.locator(".row")).to_have_count(count)
    assert page.url.endswith("#/signals?tab=expired")


def test_a_tab_with_nothing_says_so(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(at="#/signals?tab=sl_hit")
    expect(page.get_by_role("heading", name="Nothing under “SL Hit”")).to_be_visible()


def test_arrow_keys_move_between_tabs_and_enter_opens_a_signal(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(closed(opened(Plan()), Outcome.TP_HIT))
    page = open_page()
    page.get_by_role("tab", name=re.compile("^All")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name=re.compile("^Closed"))).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".row a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row a")).to_be_focused()
    assert page.url.endswith("#/signals?tab=closed")


def test_a_click_on_a_row_shows_why_and_how_it_ended(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    signal = closed(opened(Plan()), Outcome.SL_HIT)
    stand_in.store(signal)
    page = open_page()
    page.locator(".row .price").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".bars li")).to_have_count(7)
    expect(dialog.locator(".bars .missing")).to_contain_text("no data")
    expect(dialog).to_contain_text("Long, because this bar closed with:")
    expect(dialog).to_contain_text("Net return")
    expect(dialog).to_contain_text("by a tick")
    expect(dialog).to_contain_text(signal.signal_id)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_an_address_with_an_id_opens_that_signal(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan("ETHUSDT"))
    stand_in.store(signal)
    page = open_page(at=f"#/signals/{signal.signal_id}")
    expect(page.get_by_role("dialog", name="ETHUSDT")).to_be_visible()


def test_hostile_text_is_shown_as_text(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    row = {"symbol": HOSTILE, "policy_digest": HOSTILE, "missing": [HOSTILE]}
    event = {"kind": HOSTILE, "interval": HOSTILE, "direction": "long", "strength": 1}
    stand_in.commit(opened(Plan()), **row, events=[event], components={HOSTILE: 0.7})
    expect(page.locator(".row .symbol a")).to_have_text(HOSTILE)
    page.locator(".row").click()
    expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    assert page.evaluate("document.querySelectorAll('#app script, #app img[src=x]').length") == 0
    assert page.evaluate("window.hacked") is None


def test_frames_that_make_no_sense_are_counted_and_harm_nothing(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    for frame in ("", "{", "[]", '{"type":"signal","data":{"id":7}}', '{"type":"zap"}'):
        stand_in.say(frame)
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".footer")).to_contain_text("5 messages could not be read")


def test_times_switch_between_local_and_utc_with_the_zone_named(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan(at=NOON)))
    page = open_page(zone="Asia/Tokyo")
    expect(page.locator(".row .minute")).to_have_text("21:00")
    expect(page.locator("th").first).to_contain_text("Asia/Tokyo")
    page.get_by_role("button", name="Show times in UTC").click()
    expect(page.locator(".row .minute")).to_have_text("12:00")
    expect(page.locator("th").first).to_contain_text("UTC")
    page.reload()
    expect(page.locator(".row .minute")).to_have_text("12:00")


def test_the_theme_follows_the_system_until_it_is_chosen(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(theme="light")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Use the dark theme").click()
    expect(root).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")


def test_narrow_screens_do_not_scroll_sideways(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    page = open_page(width=390)
    stand_in.commit(opened(Plan()), symbol="X" * 60)
    expect(page.locator(".row")).to_have_count(13)
    for width in (320, 390, 768, 1057, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert overlaps(page) == []


def test_the_detail_fits_a_phone(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(width=320)
    stand_in.commit(closed(opened(Plan()), Outcome.TP_HIT), symbol="X" * 60)
    page.locator(".row").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    over = page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))")
    assert over == 0


def overlaps(page: Page) -> list[str]:
    """Return the pairs of cells of one row that lie over each other."""
    found: list[str] = page.evaluate("""() => {
      const out = [];
      for (const row of document.querySelectorAll(".row")) {
        const cells = [...row.children].map((c) => [c.className, c.getBoundingClientRect()]);
        for (const [a, p] of cells) for (const [b, q] of cells)
          if (a < b && p.left < q.right - 1 && q.left < p.right - 1
              && p.top < q.bottom - 1 && q.top < p.bottom - 1) out.push(`${a} ${b}`);
      }
      return out;
    }""")
    return found


def test_a_simulated_market_is_unmistakable(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page()
    expect(page.locator(".market")).to_have_text("Simulated")
    expect(page.locator(".banner")).to_contain_text("not real")


def test_a_live_market_has_no_banner_and_marks_what_is_not_live(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan(market="simulated")))
    page = open_page()
    stand_in.say_status(market="live")
    expect(page.locator(".market")).to_have_text("Live market")
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator(".row .foreign")).to_have_text("simulated")


def test_the_footer_names_the_threshold(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".footer")).to_contain_text(
        "scoring ≥ 50% are sent to Telegram automatically"
    )


def test_an_empty_table_says_that_it_watches(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    stand_in.say_status(symbols=6)
    expect(page.get_by_role("heading", name="No signals yet")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("6 symbols are being watched")


def test_a_failed_load_can_be_tried_again(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.failing = True
    stand_in.store(opened(Plan()))
    page = open_page()
    expect(page.locator(".failed")).to_contain_text("HTTP 503")
    stand_in.failing = False
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".failed")).to_have_count(0)


def test_a_page_without_its_config_names_the_fix(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.config = None
    page = open_page(live=False)
    expect(page.get_by_role("alert")).to_contain_text("HTTP 404")
    expect(page.locator("main")).to_contain_text("make up")


def test_older_signals_are_loaded_on_demand(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.page_limit = 10
    stand_in.store(*a_day(15))
    page = open_page()
    expect(page.locator(".row")).to_have_count(10)
    page.get_by_role("button", name="Show older signals").click()
    expect(page.locator(".row")).to_have_count(15)
    expect(page.get_by_role("button", name="Show older signals")).to_have_count(0)


def test_nothing_is_fetched_from_elsewhere(
    stand_in: StandIn, open_page: OpenPage, site: Path
) -> None:
    page = open_page()
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert names
    assert all(name.startswith("http://127.0.0.1:") for name in names)
    assert "://" not in (site / "index.html").read_text()
