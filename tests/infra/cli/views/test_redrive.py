"""Views of dead letters."""

from infra.cli.views.redrive import groups, replayed

from .test_deliveries import shown

NOON = 1_747_656_000_000


def test_letters_are_shown_by_reason_and_their_texts_control_nothing() -> None:
    row = {
        "reason": "evaluation: [red]\x1b[2J", "function": "score_events", "source": "table",
        "count": 1_200, "oldest": NOON, "newest": NOON,
    }  # fmt: skip
    text = shown(groups, {"letters": [row, row | {"oldest": 0, "function": ""}]})
    assert "1,200" in text
    assert "2025-05-19 12:00:00" in text
    assert "[red]" in text
    assert "\x1b" not in text
    assert "no dead letters" in shown(groups, {"letters": []})


def test_what_is_left_is_shown_with_the_reason() -> None:
    left = {"reason": "x", "function": "", "key": "BTCUSDT#1", "problem": "the letter has no item"}
    done = {"replayed": 2, "left": 1, "dry_run": False, "problems": [left]}
    text = shown(replayed, done)
    assert "BTCUSDT#1" in text
    assert "the letter has no item" in text
    assert "would be replayed" in shown(replayed, done | {"dry_run": True, "problems": []})
