/** Where texts stand: all in the catalogue, each used, none read before the language is known. */

import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

import { en } from "../src/text/en/index";

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const sources = Object.entries(
  import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!../src/text/**", "!../src/worker/**"], {
    eager: true,
    import: "default",
    query: "?raw",
  }),
).map(([path, text]) => [path.replace("../src/", ""), text] as const);

/** A node with the nodes that it stands in, the nearest one last. */
interface Found {
  readonly node: Node;
  readonly within: readonly Node[];
}

/** All nodes of a module. */
function nodesOf(path: string, text: string): readonly Found[] {
  const found: Found[] = [];
  const visit = (value: unknown, within: readonly Node[]): void => {
    if (Array.isArray(value)) return value.forEach((one) => visit(one, within));
    if (typeof value !== "object" || value === null) return;
    const node = value as Node;
    const inner = typeof node.type === "string" ? [...within, node] : within;
    if (inner !== within) found.push({ node, within });
    for (const [name, child] of Object.entries(node)) if (name !== "type") visit(child, inner);
  };
  visit(parseAst(text, { lang: path.endsWith("x") ? "tsx" : "ts" }), []);
  return found;
}

const modules = sources.map(([path, text]) => [path, nodesOf(path, text)] as const);

/** Attributes that people read or hear. */
const READ = /^(aria-label|aria-description|title|placeholder|alt|label|name|note|summary)$/;
/** Names that are the same in every language. */
const NAMES = /^(SignalEngine|TradingView|Telegram|Lightweight Charts™|TP|SL|N|R|UTC|OK|[\d,. ]*)$/;
const WORDS = /\p{L}{2,}[,:;.]? \p{L}{2,}/u;

/** A text that stands in the code; null for one that is none, or not for people. */
function literal({ node, within }: Found): string | null {
  const parent = within.at(-1);
  const element = tagOf(within.findLast(({ type }) => /^JSX(Opening)?Element$/.test(type)));
  const attribute = nameOf(within.findLast(({ type }) => type === "JSXAttribute"));
  if (node.type === "JSXText") {
    const text = String(node["value"]).trim();
    return /\p{L}{2,}/u.test(text) && !NAMES.test(text) && element !== "code" ? text : null;
  }
  const text = textOf(node);
  if (text === null || NAMES.test(text)) return null;
  if (parent?.type === "JSXAttribute") {
    const technical = attribute === "name" && /^(Icon|input)$/.test(element);
    return READ.test(attribute) && WORDY.test(text) && !technical ? text : null;
  }
  return WORDS.test(text) && !isTechnical(text, attribute, within) ? text : null;
}

/** The name of an element: `p`, `Icon`. */
function tagOf(node: Node | undefined): string {
  return nameOf((node?.["openingElement"] as Node | undefined) ?? node);
}

function nameOf(node: Node | undefined): string {
  return String((node?.["name"] as Node | undefined)?.["name"] ?? "");
}

const WORDY = /^\p{Lu}?\p{Ll}{2,}/u;

function textOf(node: Node): string | null {
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node.type !== "TemplateElement") return null;
  return String((node["value"] as { cooked?: string }).cooked);
}

/** Classes, attributes of elements, CSS and errors that no page shows. */
function isTechnical(text: string, attribute: string, within: readonly Node[]): boolean {
  if (/^(class|style|d|rel|viewBox|transform|gridTemplateColumns)$/.test(attribute)) {
    return true;
  }
  const thrown = within.some(
    ({ type, callee }) =>
      type === "NewExpression" && (callee as Node | undefined)?.["name"] === "Error",
  );
  return thrown || TECHNICAL.test(text);
}

/** Media queries, selectors, names of locks. */
const TECHNICAL = /^(\(prefers-|\(display-mode|input, |signalengine )/;

/** Texts in English on purpose. */
const ENGLISH: Readonly<Record<string, string>> = {
  "pages/chat/page.tsx": "the questions that the chat suggests: it understands English",
  "values/names.ts": "parts of names that the catalogue does not have",
  "values/position_size.ts": "refusals as Python writes them: `reason` translates them",
};

describe("texts", () => {
  it("stand in the catalogue and nowhere else", () => {
    const found = modules.flatMap(([path, nodes]) =>
      nodes.flatMap((one) => {
        const text = literal(one);
        return text === null || path in ENGLISH ? [] : [`${path}: ${text}`];
      }),
    );
    expect(found).toEqual([]);
  });

  it("are each used", () => {
    const keys = Object.entries(en).flatMap(([page, texts]) =>
      Object.keys(texts).map((name) => `${page}.${name}`),
    );
    const literals = new Set(
      modules.flatMap(([, nodes]) => nodes.flatMap(({ node }) => textOf(node) ?? [])),
    );
    const families = [...literals].filter((text) => /^\w+\.\w*$/.test(text));
    const looked = /^(names|terms|reasons)\./; // by names and forms that are data
    const unused = keys.filter(
      (key) =>
        !looked.test(key) &&
        !literals.has(key) &&
        !families.some((begin) => /[._]$/.test(begin) && key.startsWith(begin)),
    );
    expect(unused).toEqual([]);
  });

  it("are read when they are shown, not when a module is loaded", () => {
    const functions = /Function|MethodDefinition|PropertyDefinition/;
    const early = modules.flatMap(([path, nodes]) =>
      nodes.flatMap(({ node, within }) => {
        const called = (node["callee"] as Node | undefined)?.["name"];
        if (node.type !== "CallExpression" || (called !== "t" && called !== "rich")) return [];
        return within.some(({ type }) => functions.test(type)) ? [] : [path];
      }),
    );
    expect(early).toEqual([]);
  });
});
