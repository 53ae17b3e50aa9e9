/** Brand, market, connection, and the two switches. */

import type { Config } from "../config";
import { zoneName, type Zone } from "../format";
import type { Theme } from "../preferences";
import type { Market } from "../signal";
import type { State } from "../store";
import { Connection } from "./connection";
import { Icon } from "./icons";
import { MarketBadge } from "./market";

interface Props {
  config: Config;
  state: State;
  market: Market | null;
  zone: Zone;
  theme: Theme;
  onZone: (zone: Zone) => void;
  onTheme: (theme: Theme) => void;
  onReconnect: () => void;
}

export function Header(props: Props) {
  return (
    <header class="header">
      <a class="brand" href="#/signals">
        <img src="./favicon.svg" alt="" width="28" height="28" />
        <span>SignalEngine</span>
      </a>
      {props.config.name !== "" && (
        <span class="stack" title="The stack">
          {props.config.name}
        </span>
      )}
      <MarketBadge market={props.market} />
      <span class="gap" />
      <div class="feed">
        <Connection state={props.state} zone={props.zone} onReconnect={props.onReconnect} />
        <ZoneSwitch zone={props.zone} onZone={props.onZone} />
      </div>
      <ThemeSwitch theme={props.theme} onTheme={props.onTheme} />
    </header>
  );
}

function ZoneSwitch({ zone, onZone }: Pick<Props, "zone" | "onZone">) {
  const other = zone === "utc" ? "local" : "utc";
  const change = `Show times in ${zoneName(other)}`;
  return (
    <button class="button zone" type="button" title={change} onClick={() => onZone(other)}>
      <Icon name="clock" />
      <span>{zoneName(zone)}</span>
      <span class="unseen">. {change}</span>
    </button>
  );
}

function ThemeSwitch({ theme, onTheme }: Pick<Props, "theme" | "onTheme">) {
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      class="button theme"
      type="button"
      title={`Use the ${other} theme`}
      aria-label={`Use the ${other} theme`}
      onClick={() => onTheme(other)}
    >
      <Icon name={other === "light" ? "sun" : "moon"} />
    </button>
  );
}
