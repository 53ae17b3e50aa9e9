/** Whether the page hears the stack, and how long ago it last heard of the market. */

import { useNow } from "../clock";
import { span } from "../format";
import type { Link, State } from "../store";

/** Heartbeats come every 10 s, every minute when many watch: later than this, a warning. */
const QUIET_MS = 100_000;

interface Props {
  state: State;
  onReconnect: () => void;
}

export function Connection({ state, onReconnect }: Props) {
  const now = useNow();
  const { link } = state;
  const waiting = link.state === "reconnecting" || link.state === "offline";
  const quiet = state.heardAt !== null && now - state.heardAt > QUIET_MS;
  return (
    <div class={`connection ${link.state} ${quiet ? "quiet" : ""}`} data-state={link.state}>
      <span class="dot" aria-hidden="true" />
      <span class="words">
        <span class="state">
          <span role="status">{WORDS[link.state]}</span>
          {link.state === "reconnecting" && ` in ${span(Math.max(0, link.at - now))}`}
        </span>
        <span class="age">{feedAge(state, now, quiet)}</span>
      </span>
      {waiting && (
        <button class="button small" type="button" onClick={onReconnect}>
          Now
        </button>
      )}
    </div>
  );
}

const WORDS: Readonly<Record<Link["state"], string>> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
};

function feedAge(state: State, now: number, quiet: boolean): string {
  if (state.heardAt === null) return state.link.state === "live" ? "waiting for the feed" : "";
  const age = span(now - state.heardAt);
  return quiet ? `feed quiet for ${age}` : `feed ${age} ago`;
}
