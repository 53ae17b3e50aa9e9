/** What is sent by itself, and what the numbers mean. */

import type { Config } from "../config";
import { share, zoneName, type Zone } from "../format";
import type { State } from "../store";

export function Footer({ config, state, zone }: { config: Config; state: State; zone: Zone }) {
  const threshold = share(state.status?.threshold ?? config.threshold);
  return (
    <footer class="footer">
      <p>
        Signals scoring <strong>≥ {threshold}</strong> are sent to{" "}
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
        Returns are net of fees, slippage and funding. Times are the bar's close, in{" "}
        {zoneName(zone)}.
      </p>
      {state.unreadable > 0 && (
        <p class="warning">{state.unreadable} messages could not be read and are not shown.</p>
      )}
    </footer>
  );
}
