import { defineConfig, type Plugin } from "vite";

/** The development server injects styles and a socket of its own, which the page's CSP blocks. */
const withoutCspWhileDeveloping: Plugin = {
  name: "without-csp-while-developing",
  apply: "serve",
  transformIndexHtml: (html) =>
    html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
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
    const files = Object.keys(bundle).filter((name) => name !== "sw.js" && name !== NOTICES);
    const all = [...files, ...PUBLIC_FILES].sort();
    worker.code = `const FILES = ${JSON.stringify(all)};\n${worker.code}`;
  },
};

export default defineConfig({
  base: "./", // files find each other below any path; the page finds them by its <base>
  plugins: [withoutCspWhileDeveloping, addNotices, listFilesForWorker],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false }, // the one lazy chunk has nothing to preload
    assetsInlineLimit: 0, // the CSP has no data: for scripts or styles
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: "index.html", sw: "src/worker/sw.ts" },
      output: {
        // A worker's scope is its own folder, and its name must not change.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
