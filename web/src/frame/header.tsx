/** The header: brand, market, navigation, connection and switches. */

import type { Config } from "../api/config";
import { Icon } from "../components/icons";
import type { PageEntry } from "../pages/registry";
import { href } from "../routing/address";
import type { Preferences } from "../state/preferences";
import type { State } from "../state/store";
import { t } from "../text/catalogue";
import { zoneName } from "../values/format";
import type { Market } from "../values/signal";
import { Connection } from "./connection";
import { MarketBadge } from "./market";
import { Nav } from "./nav";

interface Props {
  config: Config;
  state: State;
  market: Market | null;
  page: PageEntry;
  preferences: Preferences;
  onReconnect: () => void;
  onSettings: () => void;
}

export function Header(props: Props) {
  const { config, state, preferences } = props;
  return (
    <header class="header">
      <a class="brand" href={href("")}>
        <img src="./favicon.svg" alt="" width="28" height="28" />
        <span>SignalEngine</span>
      </a>
      {config.name !== "" && (
        <span class="stack" title={t("frame.stackName")}>
          {config.name}
        </span>
      )}
      <MarketBadge market={props.market} />
      <Nav page={props.page} />
      <span class="gap" />
      <Connection state={state} onReconnect={props.onReconnect} />
      <div class="switches">
        <ZoneSwitch {...preferences} />
        <ThemeSwitch {...preferences} />
        <button
          class="button settings"
          type="button"
          title={t("frame.settings")}
          aria-label={t("frame.settings")}
          onClick={props.onSettings}
        >
          <Icon name="sliders" />
        </button>
      </div>
    </header>
  );
}

function ZoneSwitch({ zone, set }: Pick<Preferences, "zone" | "set">) {
  const other = zone === "utc" ? "local" : "utc";
  const change = t("frame.showTimes", { zone: zoneName(other) });
  return (
    <button class="button zone" type="button" title={change} onClick={() => set("zone", other)}>
      <Icon name="clock" />
      <span>{zoneName(zone)}</span>
      <span class="unseen">. {change}</span>
    </button>
  );
}

function ThemeSwitch({ theme, set }: Pick<Preferences, "theme" | "set">) {
  const other = theme === "dark" ? "light" : "dark";
  const change = t(other === "dark" ? "frame.useDark" : "frame.useLight");
  return (
    <button
      class="button theme"
      type="button"
      title={change}
      aria-label={change}
      onClick={() => set("theme", other)}
    >
      <Icon name={other === "light" ? "sun" : "moon"} />
    </button>
  );
}
