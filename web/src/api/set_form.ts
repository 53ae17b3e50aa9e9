/** One parameter set in full: `GET /strategies/{name}`. */

import { t } from "../text/catalogue";
import { choice, number, record, records, text, texts, type Raw } from "../values/json";
import { ApiError, type Client } from "./client";
import { SET_STATUSES, type SetStatus } from "./strategies";

/** A number, a name, or a list of intervals. */
export type FieldValue = number | string | readonly string[];

export interface SetField {
  readonly kind: string;
  readonly name: string;
  readonly value: FieldValue;
  readonly default: FieldValue;
  /** It is another than the default. */
  readonly differs: boolean;
  readonly least: number | null;
  readonly most: number | null;
  readonly whole: boolean;
  readonly unit: string;
  readonly about: string;
}

export interface SetChange {
  readonly at: number;
  readonly before: string | null;
  readonly status: string;
  readonly why: string;
  readonly reason: string;
  readonly evidence: string;
}

export interface SetForm {
  readonly name: string;
  readonly status: SetStatus;
  readonly digest: string;
  readonly evidence: string;
  /** Why the deployed code cannot run it; else empty. */
  readonly problem: string;
  readonly about: string;
  readonly every: string;
  readonly editable: boolean;
  readonly fields: readonly SetField[];
  readonly history: readonly SetChange[];
}

export async function fetchForm(
  client: Client,
  name: string,
  cancel: AbortSignal,
): Promise<SetForm> {
  const raw = record(await client.get(`/strategies/${encodeURIComponent(name)}`, {}, cancel));
  const status = choice(raw?.["status"], SET_STATUSES);
  if (raw === null || status === null) throw new ApiError(t("strategies.unreadable"), null);
  return {
    name: text(raw["name"]) ?? name,
    status,
    digest: text(raw["digest"]) ?? "",
    evidence: text(raw["evidence"]) ?? "",
    problem: text(raw["problem"]) ?? "",
    about: text(raw["about"]) ?? "",
    every: text(raw["every"]) ?? "",
    editable: raw["editable"] === true,
    fields: records(raw["fields"]).flatMap((one) => readField(one) ?? []),
    history: records(raw["history"]).flatMap((one) => readChange(one) ?? []),
  };
}

function readField(raw: Raw): SetField | null {
  const [value, usual] = [readValue(raw["value"]), readValue(raw["default"])];
  const name = text(raw["name"]);
  if (name === null || value === null || usual === null) return null;
  return {
    kind: text(raw["kind"]) ?? "",
    name,
    value,
    default: usual,
    differs: raw["differs"] === true,
    least: number(raw["least"]),
    most: number(raw["most"]),
    whole: raw["whole"] === true,
    unit: text(raw["unit"]) ?? "",
    about: text(raw["about"]) ?? "",
  };
}

function readValue(raw: unknown): FieldValue | null {
  return number(raw) ?? text(raw) ?? (Array.isArray(raw) ? texts(raw) : null);
}

function readChange(raw: Raw): SetChange | null {
  const at = number(raw["at"]);
  if (at === null) return null;
  return {
    at,
    before: text(raw["before"]),
    status: text(raw["status"]) ?? "",
    why: text(raw["why"]) ?? "",
    reason: text(raw["reason"]) ?? "",
    evidence: text(raw["evidence"]) ?? "",
  };
}
