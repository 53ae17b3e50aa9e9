/** The operator's endpoints, below `/settings`; every request has the operator's token. */

import { t } from "../text/catalogue";
import { number, record, records, text, texts, type Raw } from "../values/json";
import { ApiError, type Client } from "./client";

export type SetAction = "shadow" | "pause" | "resume" | "remove";

export interface SetChangeRequest {
  readonly action: SetAction;
  readonly name: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly who: string;
  readonly why: string;
}

/** What a change has done, and the command that makes the set live. */
export interface Done {
  readonly status: string;
  readonly notes: readonly string[];
  readonly command: string;
}

export async function changeSet(operator: Client, change: SetChangeRequest): Promise<Done> {
  const raw = needed(await operator.post("/settings/sets", change));
  return {
    status: text(raw["status"]) ?? "",
    notes: texts(raw["notes"]),
    command: text(raw["command"]) ?? "",
  };
}

/** A subscriber by an id that names nobody. */
export interface Subscriber {
  readonly id: string;
  readonly channel: string;
  readonly address: string;
  readonly stored: boolean;
  readonly active: boolean;
  readonly symbols: readonly string[];
  readonly strategies: readonly string[];
  readonly direction: string | null;
  readonly min_score: number;
  readonly opened: string;
  readonly closed: string;
  /** From this full hour to that one. */
  readonly quiet: readonly [number, number] | null;
  readonly timezone: string;
  readonly language: string;
  readonly left_at: number | null;
  readonly parked_until: number | null;
  readonly parked_reason: string;
  readonly last_sent: number | null;
}

export async function fetchSubscribers(
  operator: Client,
  cancel: AbortSignal,
): Promise<readonly Subscriber[]> {
  const raw = needed(await operator.get("/settings/subscribers", {}, cancel));
  return records(raw["subscribers"]).flatMap((one) => readSubscriber(one) ?? []);
}

export async function removeSubscriber(operator: Client, id: string): Promise<void> {
  await operator.post("/settings/subscribers", { id });
}

function readSubscriber(raw: Raw): Subscriber | null {
  const id = text(raw["id"]);
  if (id === null) return null;
  const [begin, end] = Array.isArray(raw["quiet"]) ? raw["quiet"].map(number) : [];
  return {
    id,
    channel: text(raw["channel"]) ?? "",
    address: text(raw["address"]) ?? "",
    stored: raw["stored"] === true,
    active: raw["active"] === true,
    symbols: texts(raw["symbols"]),
    strategies: texts(raw["strategies"]),
    direction: text(raw["direction"]),
    min_score: number(raw["min_score"]) ?? 0,
    opened: text(raw["opened"]) ?? "",
    closed: text(raw["closed"]) ?? "",
    quiet: begin == null || end == null ? null : [begin, end],
    timezone: text(raw["timezone"]) ?? "",
    language: text(raw["language"]) ?? "",
    left_at: number(raw["left_at"]),
    parked_until: number(raw["parked_until"]),
    parked_reason: text(raw["parked_reason"]) ?? "",
    last_sent: number(raw["last_sent"]),
  };
}

export interface Alarm {
  readonly name: string;
  readonly about: string;
  readonly threshold: string;
  readonly state: string;
  readonly since: number | null;
  /** The part of docs/runbook.md that says what to do. */
  readonly runbook: string;
}

export interface Alarms {
  /** "cloudwatch", or "none" where there is no CloudWatch. */
  readonly source: string;
  readonly alarms: readonly Alarm[];
}

export async function fetchAlarms(operator: Client, cancel: AbortSignal): Promise<Alarms> {
  const raw = needed(await operator.get("/settings/alarms", {}, cancel));
  const rows = records(raw["alarms"]).map((one) => ({
    name: text(one["name"]) ?? "",
    about: text(one["about"]) ?? "",
    threshold: text(one["threshold"]) ?? "",
    state: text(one["state"]) ?? "",
    since: number(one["since"]),
    runbook: text(one["runbook"]) ?? "",
  }));
  return { source: text(raw["source"]) ?? "none", alarms: rows };
}

/** A body that has to be an object. */
export function needed(body: unknown): Raw {
  const raw = record(body);
  if (raw === null) throw new ApiError(t("settings.unreadable"), null);
  return raw;
}
