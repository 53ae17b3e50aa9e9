/** The HTTP client: the API's address, its token, and the messages of its errors. */

import { t } from "../text/catalogue";
import { number, record, text } from "../values/json";

export type Query = Readonly<Record<string, string | number | null>>;

/** A failed request, with a message for the user; `status` is null without a response. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number | null,
  ) {
    super(message);
  }
}

/** After the first failure while a server may still be starting. */
export const STARTING_RETRY_MS = 2_000;

/** Whether a failure may pass as the server starts: no answer in time, or none that it gave. */
export function maybeStarting(error: unknown): boolean {
  return error instanceof ApiError && (error.status === null || error.status >= 500);
}

const TIMEOUT_MS = 15_000;
/** A language model may need long; API Gateway waits 29 s. */
const POST_TIMEOUT_MS = 30_000;

export class Client {
  constructor(
    private readonly url: string,
    private readonly token: string | null,
    /** Called when the API refused the token, or the lack of one. */
    private readonly onRefused: () => void = () => undefined,
    private readonly operator: string | null = null,
  ) {}

  /** GET a path; parameters that are null are left out. Rejects with an ApiError. */
  async get(path: string, query: Query = {}, cancel?: AbortSignal): Promise<unknown> {
    const given = Object.entries(query).filter(([, value]) => value !== null);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    const address = `${this.url}${path}${given.length > 0 ? `?${search}` : ""}`;
    return json(await this.fetch(address, { headers: this.headers() }, TIMEOUT_MS, cancel));
  }

  /** GET a file, such as a picture. Rejects with an ApiError. */
  async file(path: string): Promise<Blob> {
    const response = await this.fetch(
      `${this.url}${path}`,
      { headers: this.headers() },
      TIMEOUT_MS,
      undefined,
    );
    return response.blob().catch((error: unknown) => {
      throw new ApiError(unreachable(error), null);
    });
  }

  async post(path: string, body: object, cancel?: AbortSignal): Promise<unknown> {
    const headers = { ...this.headers(), "Content-Type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    return json(await this.fetch(`${this.url}${path}`, request, POST_TIMEOUT_MS, cancel));
  }

  async remove(path: string): Promise<unknown> {
    const request = { method: "DELETE", headers: this.headers() };
    return json(await this.fetch(`${this.url}${path}`, request, POST_TIMEOUT_MS, undefined));
  }

  /** The same API with the operator's token, which permits changes; errors say what it says. */
  asOperator(operator: string): Client {
    return new Client(this.url, this.token, () => undefined, operator);
  }

  private headers(): Record<string, string> {
    const reader = this.token === null ? {} : { Authorization: `Bearer ${this.token}` };
    return this.operator === null ? reader : { ...reader, "X-Operator-Token": this.operator };
  }

  private async fetch(
    address: string,
    request: RequestInit,
    timeout_ms: number,
    cancel: AbortSignal | undefined,
  ): Promise<Response> {
    const late = AbortSignal.timeout(timeout_ms);
    const signal = cancel === undefined ? late : AbortSignal.any([late, cancel]);
    const response = await fetch(address, { ...request, signal, credentials: "omit" }).catch(
      (error: unknown) => {
        throw new ApiError(unreachable(error), null);
      },
    );
    if (response.ok) return response;
    if (response.status === 401 || response.status === 403) this.onRefused();
    const body = await json(response);
    const said = this.operator === null ? null : text(record(body)?.["detail"]);
    throw new ApiError(said ?? refusal(response, body), response.status);
  }
}

/** The body of a response; null where it is no JSON. */
function json(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}

function unreachable(error: unknown): string {
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return late ? t("errors.late") : t("errors.unreachable");
}

/** The message of an error response (RFC 9457), in a sentence. */
function refusal(response: Response, body: unknown): string {
  const { status } = response;
  if (status === 401 || status === 403) return t("errors.token");
  if (status === 429) {
    const wait = number(Number(response.headers.get("Retry-After") ?? Number.NaN));
    return wait === null ? t("errors.tooMany") : t("errors.tooManyFor", { seconds: wait });
  }
  const problem = record(body);
  const detail = text(problem?.["detail"]) ?? text(problem?.["title"]);
  return detail === null
    ? t("errors.status", { status: String(status) })
    : t("errors.statusWhy", { status: String(status), reason: detail });
}
