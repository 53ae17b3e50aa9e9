/**
 * The stack's addresses: `config.json` beside the page, written by the deployment. An address without
 * an origin, such as `/api`, has the page's own.
 */

import { t } from "../text/catalogue";
import { choice, record, text } from "../values/json";
import { MARKETS, type Market } from "../values/signal";

export interface Config {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly name: string;
  readonly telegramUrl: string | null;
  /** The folder of reports on this machine; null where there is none. */
  readonly reportsUrl: string | null;
  /** The source of the prices, as far as the deployment has it: the feed may say otherwise. */
  readonly market: Market | null;
}

export class ConfigError extends Error {}

export async function loadConfig(): Promise<Config> {
  const response = await fetch("./config.json", { cache: "no-store" }).catch(() => null);
  if (response === null) throw new ConfigError(t("errors.configMissing"));
  if (!response.ok)
    throw new ConfigError(t("errors.configStatus", { status: String(response.status) }));
  const body: unknown = await response.json().catch(() => null);
  return readConfig(body, window.location.origin);
}

export function readConfig(body: unknown, origin: string): Config {
  const raw = record(body);
  if (raw === null) throw new ConfigError(t("errors.configForm"));
  return {
    httpUrl: url(below(raw["httpUrl"], origin), "httpUrl", ["http:", "https:"]),
    webSocketUrl: url(below(raw["webSocketUrl"], origin.replace(/^http/, "ws")), "webSocketUrl", [
      "ws:",
      "wss:",
    ]),
    name: text(raw["name"]) ?? "",
    telegramUrl: raw["telegramUrl"]
      ? url(below(raw["telegramUrl"], origin), "telegramUrl", ["http:", "https:"])
      : null,
    reportsUrl: raw["reportsUrl"]
      ? url(below(raw["reportsUrl"], origin), "reportsUrl", ["http:", "https:"])
      : null,
    market: choice(raw["market"], MARKETS),
  };
}

/** A path, below an origin; anything else as it is. */
function below(value: unknown, origin: string): unknown {
  const path = text(value);
  return path !== null && /^\/(?!\/)/.test(path) ? `${origin}${path}` : value;
}

function url(value: unknown, name: string, schemes: readonly string[]): string {
  const given = text(value);
  if (given === null || !URL.canParse(given))
    throw new ConfigError(t("errors.configUrl", { name }));
  if (!schemes.includes(new URL(given).protocol)) {
    throw new ConfigError(
      t("errors.configScheme", { name, schemes: schemes.join(` ${t("errors.or")} `) }),
    );
  }
  return given.replace(/\/+$/, "");
}
