import { useSyncExternalStore } from "react";

/** The desk's clock as far as this page knows it: the browser's, corrected by what the API said last. */
let offsetMs = 0;
let shownMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const readers = new Set<() => void>();

/** `heardMs` is this browser's time at the moment that the desk called `serverMs`. */
export function setServerTime(serverMs: number, heardMs: number): void {
  offsetMs = Math.round(serverMs - heardMs);
}

/** By how much this browser's clock is behind the desk's. */
export function clockOffsetMs(): number {
  return offsetMs;
}

export function nowMs(): number {
  return Date.now() + offsetMs;
}

function tick(): void {
  if (document.hidden) return;
  shownMs = nowMs();
  for (const reader of readers) reader();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  timer ??= setInterval(tick, 1_000);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch ms, moving once a second while the page can be seen. One timer serves every reader. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => shownMs);
}
