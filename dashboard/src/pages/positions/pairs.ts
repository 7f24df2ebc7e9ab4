import { minus, total } from "./arithmetic";
import type { Position } from "./types";

/** The positions of one symbol of one account: one, or the two legs of a hedged pair. */
export interface Holding {
  key: string;
  account: string;
  mode: string;
  symbol: string;
  legs: readonly Position[];
}

/** Long before short; holdings without a stop first, then by symbol. */
export function holdingsOf(positions: readonly Position[]): Holding[] {
  const found = new Map<string, Position[]>();
  for (const position of positions) {
    const key = `${position.account} ${position.symbol}`;
    found.set(key, [...(found.get(key) ?? []), position]);
  }
  const holdings = [...found].map(([key, legs]) => holdingOf(key, legs));
  return holdings.sort((one, other) => urgency(other) - urgency(one) || one.symbol.localeCompare(other.symbol) || one.key.localeCompare(other.key));
}

function holdingOf(key: string, legs: readonly Position[]): Holding {
  const [first] = legs;
  const sorted = [...legs].sort((one, other) => one.side.localeCompare(other.side));
  return { key, account: first?.account ?? "", mode: first?.mode ?? "", symbol: first?.symbol ?? "", legs: sorted };
}

function urgency(holding: Holding): number {
  return holding.legs.some((leg) => leg.unprotected_for_ms !== null) ? 1 : 0;
}

export interface Pair {
  /** Base units; below zero when more is short than long. */
  net: string | null;
  pnl: string | null;
  /** What both stops together would make, before fees. Null while one of them has none. */
  atStops: string | null;
}

/** What a hedged pair is together; null for a single leg. */
export function pairOf(holding: Holding): Pair | null {
  const long = holding.legs.find((leg) => leg.side === "LONG");
  const short = holding.legs.find((leg) => leg.side === "SHORT");
  if (long === undefined || short === undefined) return null;
  const stops = holding.legs.map((leg) => leg.stop?.pnl_at_trigger_estimate ?? null);
  return {
    net: minus(long.quantity, short.quantity),
    pnl: total(holding.legs.map((leg) => leg.unrealized_pnl)),
    atStops: total(stops),
  };
}
