import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const apiOrigin = process.env["UNDERTOW_API"] ?? "http://127.0.0.1:8000";

const FIRST_PAGE = "/pages/overview/index.tsx";

/** The page that opens first comes along with what every page needs, instead of after it. */
function preloadFirstPage(): Plugin {
  return {
    name: "preload-first-page",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
        const first = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(FIRST_PAGE));
        if (first === undefined) return html;
        const missing = [first.fileName, ...first.imports].filter((name) => !html.includes(name));
        return missing.map((name) => ({ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `./${name}` }, injectTo: "head" as const }));
      },
    },
  };
}

export default defineConfig({
  // Relative addresses: the page lives under a stage's path.
  base: "./",
  plugins: [react(), tailwindcss(), preloadFirstPage()],
  build: {
    outDir: process.env["UNDERTOW_PAGE"] ?? "../functions/api/page",
    emptyOutDir: true,
    target: "es2022",
    // The API serves text only, so fonts travel inside their style sheet.
    assetsInlineLimit: 200_000,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": apiOrigin } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
