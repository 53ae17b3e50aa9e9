"""The progress bar appears only on terminals, after a while."""

from io import StringIO

from rich.console import Console

from research.data.progress import Waiting


def test_progress_shows_on_a_terminal_once_there_is_something_to_wait_for():
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    with Waiting("BTCUSDT 1m", 3, console, shown_after_s=0.0) as waiting:
        waiting.step(2)
        assert waiting.shown
    assert "BTCUSDT 1m" in screen.getvalue()
    assert "2/3" in screen.getvalue()


def test_progress_is_not_shown_for_quick_tasks_or_without_a_terminal(capsys):
    with Waiting("quick", 3) as waiting:
        for _ in range(3):
            waiting.step()
        assert not waiting.shown
    assert capsys.readouterr() == ("", "")
