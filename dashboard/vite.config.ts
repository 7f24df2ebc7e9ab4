import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const apiOrigin = process.env["UNDERTOW_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Relative addresses: the page lives under a stage's path.
  base: "./",
  plugins: [react(), tailwindcss()],
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
