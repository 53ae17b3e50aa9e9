/** The state of the connection, and the age of the last message about the market. */

import { useNow } from "../browser/clock";
import type { State } from "../state/store";
import { t } from "../text/catalogue";
import { duration } from "../values/format";

/** A heartbeat arrives every 10 s, or every minute with many clients; older ones are a warning. */
const SILENT_MS = 100_000;

interface Props {
  state: State;
  onReconnect: () => void;
}

export function Connection({ state, onReconnect }: Props) {
  const now = useNow();
  const { link } = state;
  const waiting = link.state === "reconnecting" || link.state === "offline";
  const silent = state.receivedAt !== null && now - state.receivedAt > SILENT_MS;
  return (
    <div class={`connection ${link.state} ${silent ? "silent" : ""}`} data-state={link.state}>
      <span class="dot" aria-hidden="true" />
      <span class="text">
        <span class="state">
          <span role="status">{t(`frame.${link.state}`)}</span>
          {link.state === "reconnecting" &&
            ` ${t("frame.inTime", { span: duration(Math.max(0, link.at - now)) })}`}
        </span>
        <span class="age">{feedAge(state, now, silent)}</span>
      </span>
      {waiting && (
        <button class="button small" type="button" onClick={onReconnect}>
          {t("frame.retry")}
        </button>
      )}
    </div>
  );
}

function feedAge(state: State, now: number, silent: boolean): string {
  if (state.receivedAt === null)
    return state.link.state === "live" ? t("frame.waitingForData") : "";
  const age = duration(now - state.receivedAt);
  return t(silent ? "frame.noUpdate" : "frame.updated", { age });
}
