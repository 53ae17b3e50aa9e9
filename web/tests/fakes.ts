/** Fakes shared by the tests. */

import { Client } from "../src/api/client";

/** A browser storage in memory. */
export class MemoryStorage implements Storage {
  private readonly items = new Map<string, string>();

  get length(): number {
    return this.items.size;
  }

  clear(): void {
    this.items.clear();
  }

  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  removeItem(name: string): void {
    this.items.delete(name);
  }

  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }
}

/** A client that responds with fixed bodies, in order, and records its requests. */
export class FakeClient extends Client {
  readonly requests: string[] = [];

  constructor(private readonly bodies: unknown[]) {
    super("http://fake", null);
  }

  override async get(
    path: string,
    query: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    const given = Object.entries(query).filter(([, value]) => value !== null);
    return this.next(`${path}?${given.map((pair) => pair.join("=")).join("&")}`);
  }

  override async post(path: string, body: object): Promise<unknown> {
    return this.next(`POST ${path} ${JSON.stringify(body)}`);
  }

  override async remove(path: string): Promise<unknown> {
    return this.next(`DELETE ${path}`);
  }

  private next(request: string): unknown {
    this.requests.push(request);
    const body = this.bodies.shift();
    if (body instanceof Error) throw body;
    return body;
  }
}

export const NO_CANCEL = new AbortController().signal;
