import { useState } from "react";
import type { LiveEvent } from "../../live/contract";
import { useLiveEvents } from "../../live/store";
import { minus } from "./arithmetic";
import type { Position, PositionsAnswer, Side } from "./types";

type Told = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const wholeOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
const keyOf = (one: { account: unknown; symbol: unknown; side: unknown }): string => `${String(one.account)} ${String(one.symbol)} ${String(one.side)}`;

/** What events told of sides since the last answer: the newest of each. */
export type Heard = ReadonlyMap<string, LiveEvent>;

export function heardMore(heard: Heard, events: readonly LiveEvent[]): Heard {
  const next = new Map(heard);
  for (const event of events) {
    next.set(keyOf({ account: event.data["account"] ?? event.account, symbol: event.data["symbol"], side: event.data["side"] }), event);
  }
  return next;
}

/** The answer as events have changed it since: rows that are new, that moved, and that are gone. */
export function withEvents(answer: PositionsAnswer, heard: Heard): Position[] {
  const newer = new Map([...heard].filter(([, event]) => event.at_ms > answer.time_ms));
  const kept = answer.positions.flatMap((row) => {
    const event = newer.get(keyOf(row));
    newer.delete(keyOf(row));
    if (event === undefined) return [row];
    if (event.data["open"] === false) return [];
    return [event.data["opened_at_ms"] === row.opened_at_ms ? moved(row, event) : begun(event)];
  });
  const fresh = [...newer.values()].filter((event) => event.data["open"] !== false && textOf(event.data["quantity"]) !== null);
  return [...kept, ...fresh.map(begun)];
}

function moved(row: Position, { data, at_ms: atMs }: LiveEvent): Position {
  const quantity = textOf(data["quantity"]) ?? row.quantity;
  const same = minus(quantity, row.quantity) === "0";
  return {
    ...row,
    ...shared(data, atMs),
    // What depends on the size is asked again; until then it is not shown as if it were true.
    ...(same ? {} : { unrealized_pnl: null, unrealized_price_pct: null, unrealized_roe_pct: null }),
  };
}

function shared(data: Told, atMs: number) {
  const naked = wholeOf(data["unprotected_since_ms"]);
  return {
    quantity: textOf(data["quantity"]) ?? "0",
    entry_price: textOf(data["entry_price"]) ?? "0",
    notional: textOf(data["notional"]) ?? "0",
    filled_risk: textOf(data["filled_risk"]) ?? "0",
    reserved_risk: textOf(data["reserved_risk"]) ?? "0",
    unprotected_for_ms: naked === null ? null : Math.max(0, atMs - naked),
  };
}

/** A row that only an event told of: shown at once, acted on when the API has said the rest (`id` is empty until then). */
function begun({ data, at_ms: atMs, account }: LiveEvent): Position {
  const openedMs = wholeOf(data["opened_at_ms"]) ?? atMs;
  const side: Side = data["side"] === "SHORT" ? "SHORT" : "LONG";
  return {
    account: textOf(data["account"]) ?? account ?? "",
    mode: textOf(data["mode"]) ?? "",
    id: "",
    symbol: textOf(data["symbol"]) ?? "",
    side,
    strategy: textOf(data["strategy"]),
    external: data["external"] === true,
    leverage: wholeOf(data["leverage"]) ?? 1,
    margin: "0",
    mark: null,
    unrealized_pnl: null,
    unrealized_price_pct: null,
    unrealized_roe_pct: null,
    realized_pnl: "0",
    unexplained_quantity: "0",
    commission: "0",
    stop: null,
    target: null,
    protected_for_ms: null,
    opened_at_ms: openedMs,
    updated_at_ms: atMs,
    age_ms: Math.max(0, atMs - openedMs),
    filledRiskPercentage: null,
    reservedRiskPercentage: null,
    risk_flag: "",
    liquidation: { known: true, price: textOf(data["liquidation_price"]), distance_pct: textOf(data["liquidation_distance_pct"]), reason: "" },
    ladder: null,
    ...shared(data, atMs),
  };
}

/** The positions as the last answer has them, moved by what was heard since. */
export function useLivePositions(answer: PositionsAnswer | undefined): Position[] {
  const [heard, setHeard] = useState<Heard>(new Map());
  useLiveEvents(["position"], (events) => setHeard((before) => heardMore(before, events)));
  return answer === undefined ? [] : withEvents(answer, heard);
}
