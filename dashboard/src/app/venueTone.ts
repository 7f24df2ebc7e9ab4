import type { VenueNow } from "../api/overview";
import type { GaugeTone } from "./Gauge";

/** The desk writes what it was told at least once a minute: after twice as long it is what was, not what is. */
export const OLD_MS = 120_000;
const HIGH_PCT = 60;
const CRITICAL_PCT = 80;
const REFUSING_OFFSET_MS = 1_000;

type Weight = VenueNow["weight"];
type Clock = VenueNow["clock"];

/** Green, from 60 % of the limit yellow, from 80 % red; plain where nobody knows, or not of late. */
export function weightTone(weight: Weight | undefined, nowMs: number): GaugeTone {
  if (weight == null || nowMs - weight.told_ms > OLD_MS) return "plain";
  const used = Number(weight.used_pct);
  return used > CRITICAL_PCT ? "bad" : used > HIGH_PCT ? "warning" : "good";
}

/** More than half a second is told to people; from a whole one on nothing is entered. */
export function clockTone(clock: Clock | undefined, nowMs: number): GaugeTone {
  if (clock == null || nowMs - clock.measured_ms > OLD_MS) return "plain";
  if (Math.abs(clock.offset_ms) > REFUSING_OFFSET_MS) return "bad";
  return clock.apart ? "warning" : "good";
}

/** `+12 ms`, `−1,204 ms`: in milliseconds, whatever their number, since that is what clocks are compared in. */
export function offsetText(offsetMs: number): string {
  const sign = offsetMs > 0 ? "+" : offsetMs < 0 ? "\u2212" : "";
  return `${sign}${Math.abs(offsetMs).toLocaleString("en-US")} ms`;
}
