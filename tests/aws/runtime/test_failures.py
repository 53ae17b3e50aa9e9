"""When one symbol's records are given up."""

from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.runtime.failures import TRIES, Failures

CALLS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40)


@given(CALLS)
def test_a_symbol_is_given_up_after_its_tries_and_another_s_success(
    calls: list[tuple[str, bool]],
) -> None:
    failures = Failures()
    for number, (symbol, fails) in enumerate(calls):
        if not fails:
            failures.succeeded(symbol)
            continue
        given_up = failures.gives_up(symbol)
        since = max(
            (n for n, (one, bad) in enumerate(calls[:number]) if one == symbol and not bad),
            default=-1,
        )
        run = [n for n in range(since + 1, number + 1) if calls[n][0] == symbol]
        witness = any(one != symbol and not bad for one, bad in calls[run[0] : number])
        assert given_up == (len(run) >= TRIES and witness)


def test_the_only_symbol_is_never_given_up() -> None:
    failures = Failures()
    assert not any(failures.gives_up("a") for _ in range(10 * TRIES))
