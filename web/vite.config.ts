import { defineConfig, type Plugin } from "vite";

/** The development server injects styles and a socket of its own, which the page's CSP refuses. */
const withoutCspWhileDeveloping: Plugin = {
  name: "without-csp-while-developing",
  apply: "serve",
  transformIndexHtml: (html) =>
    html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  base: "./", // the page works below any path: an S3 website, a bucket URL, a folder
  plugins: [withoutCspWhileDeveloping],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false }, // one chunk, nothing to preload
    assetsInlineLimit: 0, // the CSP has no data: for scripts or styles
    reportCompressedSize: true,
  },
});
