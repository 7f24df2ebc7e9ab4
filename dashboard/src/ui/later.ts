import { useSyncExternalStore } from "react";
import { whenIdle } from "./idle";

const AGAIN_MS = 3_000;

/** A part of the page that is not needed to show it: windows, menus. */
export interface Later<T> {
  current: () => T | undefined;
  subscribe: (reader: () => void) => () => void;
}

/**
 * Fetched once, when the browser is idle for the first time after something on the page may want it: it is here before a
 * hand reaches the button. Where the network fails it is asked for again until it comes.
 */
export function later<T>(load: () => Promise<T>): Later<T> {
  const readers = new Set<() => void>();
  let part: T | undefined;
  let asked = false;
  const fetch = (): void => {
    load().then(
      (found) => {
        part = found;
        for (const reader of readers) reader();
      },
      () => setTimeout(fetch, AGAIN_MS),
    );
  };
  return {
    current: () => part,
    subscribe: (reader) => {
      readers.add(reader);
      if (!asked) {
        asked = true;
        whenIdle(fetch);
      }
      return () => readers.delete(reader);
    },
  };
}

/** The part, or undefined while it is under way. */
export function useLater<T>(wanted: Later<T>): T | undefined {
  return useSyncExternalStore(wanted.subscribe, wanted.current);
}
