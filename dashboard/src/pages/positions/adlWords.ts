import { duration } from "../../words/times";
import type { AdlRank } from "./types";

/** Lights of a rank: the venue counts from 0 (last in line) to 4 (first). */
export const LIGHTS = 5;

/** How many lights burn; null where nobody knows, which is never the same as the lowest rank. */
export function lightsOf(adl: AdlRank | undefined): number | null {
  return adl == null || adl.rank === null ? null : adl.rank + 1;
}

/** What the lights say, for those who hear the page. */
export function adlWords(adl: AdlRank | undefined, nowMs: number): string {
  const lights = lightsOf(adl);
  if (adl == null || lights === null) {
    const why = adl == null || adl.asked_ms === null ? "the venue was not asked yet" : adl.reason === "" ? "the last answer is old, or does not name it" : adl.reason;
    return `Rank for auto-deleveraging not known: ${why}`;
  }
  const age = adl.asked_ms === null ? "" : `, told ${duration(Math.max(0, nowMs - adl.asked_ms))} ago`;
  const place = lights === LIGHTS ? "first in line" : lights === 1 ? "last in line" : "in line";
  return `Auto-deleveraging: ${lights} of ${LIGHTS}, ${place} to be closed to cover others' losses${age}`;
}
