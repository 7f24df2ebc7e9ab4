import { figureText } from "../../words/decimal";

const DAY_MS = 24 * 3_600_000;

export interface Range {
  value: string;
  title: string;
  fromMs: number;
  /** Null: until now. */
  toMs: number | null;
}

/** What can be chosen: the last days, and whole years as tax offices count them, in UTC. */
export function ranges(nowMs: number): Range[] {
  const year = new Date(nowMs).getUTCFullYear();
  const last = [7, 30, 90].map((days) => ({
    value: `${days}d`,
    title: `Last ${days} days`,
    // By the hour, so that the question stays the same for a while.
    fromMs: Math.floor(nowMs / 3_600_000) * 3_600_000 - days * DAY_MS,
    toMs: null,
  }));
  const years = [0, 1, 2, 3].map((back) => ({
    value: String(year - back),
    title: back === 0 ? `${year} so far` : `Year ${year - back}`,
    fromMs: Date.UTC(year - back, 0, 1),
    toMs: back === 0 ? null : Date.UTC(year - back + 1, 0, 1) - 1,
  }));
  return [...last, ...years];
}

export function rangeOf(value: string, nowMs: number): Range {
  const all = ranges(nowMs);
  const found = all.find((range) => range.value === value) ?? all[1];
  if (found === undefined) throw new Error("there is always a range of 30 days");
  return found;
}

/** The sums of days, one after the other: what was earned since the range began. On cents, as whole numbers. */
export function cumulated(days: readonly { day: string; net: string }[]): { day: string; net: number; sum: number }[] {
  let sum = 0;
  return [...days]
    .sort((one, other) => one.day.localeCompare(other.day))
    .map(({ day, net }) => {
      const cents = Math.round(Number(net) * 100);
      sum += cents;
      return { day, net: cents / 100, sum: sum / 100 };
    });
}

/** An average price to seven digits: more of them say nothing. */
export function shortPrice(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const leading = whole === "0" ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  const places = Math.max(2, whole === "0" ? leading + 6 : 7 - whole.length);
  return figureText(text, { places, least: 0 });
}

/** `+40 ms`, `+12 s`: how long after the step before. */
export function sinceBefore(atMs: number, beforeMs: number | undefined): number | null {
  return beforeMs === undefined ? null : Math.max(0, atMs - beforeMs);
}
