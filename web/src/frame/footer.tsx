/** Which signals are sent, and what the numbers mean. */

import type { Config } from "../api/config";
import { GLOSSARY_PATH } from "../components/term";
import { href } from "../routing/address";
import { HOW_IT_WORKS_PATH } from "../routing/links";
import type { State } from "../state/store";
import { rich, t } from "../text/catalogue";
import { share, zoneName, type Zone } from "../values/format";

export function Footer({ config, state, zone }: { config: Config; state: State; zone: Zone }) {
  const threshold = state.status?.threshold ?? null;
  const telegram =
    config.telegramUrl === null ? (
      "Telegram"
    ) : (
      <a href={config.telegramUrl} target="_blank" rel="noreferrer">
        Telegram
      </a>
    );
  return (
    <footer class="footer">
      <p>
        {threshold === null
          ? rich("frame.sentTo", { telegram })
          : rich("frame.sentFrom", {
              threshold: <strong>≥ {share(threshold)}</strong>,
              telegram,
            })}
      </p>
      <p>{t("frame.basis", { zone: zoneName(zone) })}</p>
      <p>
        <a href={href(HOW_IT_WORKS_PATH)}>{t("guide.title")}</a> ·{" "}
        <a href={href(GLOSSARY_PATH)}>{t("glossary.title")}</a>
      </p>
      {state.unreadable > 0 && (
        <p class="warning">{t("frame.unreadable", { n: state.unreadable })}</p>
      )}
    </footer>
  );
}
