/** Which signals are sent, and what the numbers mean. */

import type { Config } from "../api/config";
import type { State } from "../state/store";
import { share, zoneName, type Zone } from "../values/format";

export function Footer({ config, state, zone }: { config: Config; state: State; zone: Zone }) {
  const threshold = state.status?.threshold ?? null;
  return (
    <footer class="footer">
      <p>
        Signals{" "}
        {threshold !== null && (
          <>
            scoring <strong>≥ {share(threshold)}</strong>
          </>
        )}{" "}
        are sent to{" "}
        {config.telegramUrl === null ? (
          "Telegram"
        ) : (
          <a href={config.telegramUrl} target="_blank" rel="noreferrer">
            Telegram
          </a>
        )}{" "}
        automatically.
      </p>
      <p>
        Returns are net of fees, slippage and funding. Times are bar close times, in{" "}
        {zoneName(zone)}.
      </p>
      {state.unreadable > 0 && (
        <p class="warning">{state.unreadable} messages could not be read and are not shown.</p>
      )}
    </footer>
  );
}
