import type { LiveEvent } from "./contract";

/** What a batch means for who has seen everything up to `seen`. */
export type Reading =
  | { kind: "next"; seen: number; fresh: LiveEvent[] }
  /** Already known, whole. */
  | { kind: "old" }
  /** Something between `seen` and the batch is missing: ask for it again, after `seen`. */
  | { kind: "gap"; after: number };

/**
 * The numbers of the feed rise one by one over all kinds, so a batch that begins later than the next number shows that
 * something was lost. Batches may overlap: what was seen is left out.
 */
export function readBatch(seen: number | null, first: number, last: number, events: readonly LiveEvent[]): Reading {
  if (seen !== null && last <= seen) return { kind: "old" };
  if (seen !== null && first > seen + 1) return { kind: "gap", after: seen };
  return { kind: "next", seen: last, fresh: events.filter((event) => seen === null || event.seq > seen) };
}

/** How long to wait before the next try: doubling, at most half a minute, spread so that pages do not knock together. */
export function waitMs(failures: number, random: () => number = Math.random): number {
  const most = Math.min(500 * 2 ** Math.min(failures, 10), 30_000);
  return Math.round(most * (0.5 + random() / 2));
}
