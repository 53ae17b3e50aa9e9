import { defineConfig, type Plugin } from "vite";

/** The development server injects styles and a socket of its own, which the page's CSP refuses. */
const withoutCspWhileDeveloping: Plugin = {
  name: "without-csp-while-developing",
  apply: "serve",
  transformIndexHtml: (html) =>
    html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

const PUBLIC_FILES = ["favicon.svg", "manifest.webmanifest"];

/** Tells the service worker which files make up this version. */
const listFilesForWorker: Plugin = {
  name: "list-files-for-worker",
  apply: "build",
  enforce: "post",
  generateBundle(_options, bundle) {
    const worker = bundle["sw.js"];
    if (worker?.type !== "chunk") return this.error("the service worker was not built");
    const files = Object.keys(bundle).filter((name) => name !== "sw.js");
    const all = [...files, ...PUBLIC_FILES].sort();
    worker.code = `const FILES = ${JSON.stringify(all)};\n${worker.code}`;
  },
};

export default defineConfig({
  base: "./", // the page works below any path: an S3 website, a bucket URL, a folder
  plugins: [withoutCspWhileDeveloping, listFilesForWorker],
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
