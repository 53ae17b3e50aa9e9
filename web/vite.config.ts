import subsetFont from "subset-font";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The development server injects styles and a socket of its own, which the page's CSP blocks. */
const withoutCspWhileDeveloping: Plugin = {
  name: "without-csp-while-developing",
  apply: "serve",
  transformIndexHtml: (html) =>
    html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

const FONTS = "node_modules/.font";
const INTER = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
/** The characters of the file: the `unicode-range` of its package. */
const CHARACTERS = [
  [0x20, 0xff],
  [0x131, 0x131],
  [0x152, 0x153],
  [0x2bb, 0x2bc],
  [0x2c6, 0x2c6],
  [0x2da, 0x2da],
  [0x2dc, 0x2dc],
  [0x304, 0x304],
  [0x308, 0x308],
  [0x329, 0x329],
  [0x2000, 0x206f],
  [0x20ac, 0x20ac],
  [0x2122, 0x2122],
  [0x2191, 0x2191],
  [0x2193, 0x2193],
  [0x2212, 0x2212],
  [0x2215, 0x2215],
  [0xfeff, 0xfeff],
  [0xfffd, 0xfffd],
] as const;
/** The weights that the styles use. */
const WEIGHTS = { wght: { min: 400, max: 700 } };
/** The OpenType features that the page needs; the others are a fifth of the font. */
const FEATURES = ["tnum", "ccmp", "kern", "locl", "mark", "mkmk"];

/** Writes the font with the weights and features that the page uses, not with all of them. */
const narrowFont: Plugin = {
  name: "narrow-font",
  apply: (_config, { mode }) => mode !== "test",
  async buildStart() {
    const all = CHARACTERS.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)),
    );
    const kept = { variationAxes: WEIGHTS, keepFeatures: FEATURES };
    const options = { targetFormat: "woff2", ...kept } as const;
    const font = await subsetFont(await this.fs.readFile(INTER), all.join(""), options);
    await this.fs.mkdir(FONTS, { recursive: true });
    await this.fs.writeFile(`${FONTS}/inter.woff2`, font);
  },
};

const GLOSSARY = /\/docs\/glossary\.md\?raw$/;

/** The page has the trading words of the glossary, not its other tables. */
const shortenGlossary: Plugin = {
  name: "shorten-glossary",
  enforce: "pre",
  async load(id) {
    if (!GLOSSARY.test(id)) return null;
    const whole = await this.fs.readFile(id.replace("?raw", ""), { encoding: "utf8" });
    const section = /^## Trading words\n.*?(?=\n## )/ms.exec(whole);
    if (section === null) return this.error("docs/glossary.md has no trading words");
    return `export default ${JSON.stringify(section[0])};`;
  },
};

const PUBLIC_FILES = ["favicon.svg", "manifest.webmanifest"];

const NOTICES = "third_party.txt";
/** The bundled packages that have a licence file. */
const LICENSED = ["@fontsource-variable/inter", "lightweight-charts", "preact"];

/** Adds the notices and licences of the bundled packages. */
const addNotices: Plugin = {
  name: "add-notices",
  apply: "build",
  async generateBundle() {
    const parts = ["THIRD_PARTY.md", ...LICENSED.map((name) => `node_modules/${name}/LICENSE`)];
    const texts = parts.map((path) => this.fs.readFile(path, { encoding: "utf8" }));
    const source = (await Promise.all(texts)).join(`\n${"=".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: NOTICES, source });
  },
};

/** Writes the list of this version's files into the service worker. */
const listFilesForWorker: Plugin = {
  name: "list-files-for-worker",
  apply: "build",
  enforce: "post",
  generateBundle(_options, bundle) {
    const worker = bundle["sw.js"];
    if (worker?.type !== "chunk") return this.error("the service worker was not built");
    const files = Object.keys(bundle).filter(
      (name) => name !== "sw.js" && name !== NOTICES && !name.endsWith(".md"),
    );
    const all = [...files, ...PUBLIC_FILES].sort();
    worker.code = `const FILES = ${JSON.stringify(all)};\n${worker.code}`;
  },
};

/** Loaded when they are needed: the languages, the glossary and the charting library. */
const APART =
  /\/src\/(pages|text\/|charts\/candles\.ts)|lightweight-charts|fancy-canvas|\.md\?raw|\.css/;

/** Shown to nobody without the operator's token, or made for operators alone. */
const OPERATORS = /\/src\/pages\/(settings\/|strategies\/form\/editor)/;

/** Pages of a few kilobytes: in one chunk they weigh less than alone. */
const SMALL = /\/src\/pages\/(chat|glossary|how_it_works|reports|system)\/.*\.tsx?$/;

/**
 * The chunk of a module: what the first page needs is one, and what only other pages share is
 * another, because many small ones weigh more. Each page and what is `APART` is its own.
 */
function chunkOf(id: string, modules: Modules): string | null {
  const isNeededAtFirst = (one: string): boolean => {
    const found = modules.getModuleInfo(one);
    return found !== null && (found.isEntry || found.importers.some(isNeededAtFirst));
  };
  if (id.includes("/src/worker/")) return null;
  if (isNeededAtFirst(id)) return "first";
  if (SMALL.test(id)) return "page-small";
  return APART.test(id) ? null : "shared";
}

interface Modules {
  getModuleInfo(
    id: string,
  ): { readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}

export default defineConfig({
  base: "./", // files find each other below any path; the page finds them by its <base>
  plugins: [narrowFont, shortenGlossary, withoutCspWhileDeveloping, addNotices, listFilesForWorker],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The files share their modules and no state: without isolation they run five times as fast.
  test: { setupFiles: ["tests/setup.ts"], isolate: false },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false }, // every browser of the target has it
    cssCodeSplit: false, // no page is ever shown without its styles
    assetsInlineLimit: 0, // the CSP has no data: for scripts or styles
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: "index.html", sw: "src/worker/sw.ts" },
      output: {
        codeSplitting: { groups: [{ name: chunkOf, debugName: "first or shared" }] },
        // A worker's scope is its own folder, and its name must not change.
        chunkFileNames: ({ facadeModuleId }) =>
          `assets/${OPERATORS.test(facadeModuleId ?? "") ? "operator" : "[name]"}-[hash].js`,
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
