import { Card, cardState } from "../../ui/Card";
import { Figure } from "../../ui/Figure";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import { asNumber } from "../../words/decimal";
import { dollars, percent, signedDollars } from "../../words/figures";
import { minus, times, total } from "../positions/arithmetic";
import type { Position, PositionsAnswer } from "../positions/types";
import type { AccountRisk } from "./types";

export interface Exposure {
  symbol: string;
  long: string | null;
  short: string | null;
}

/** What a position is worth at the mark price; at the entry price where the mark is not known. */
function worth(position: Position): string | null {
  return position.mark === null ? position.notional : times(position.quantity, position.mark.price);
}

export function exposureOf(positions: readonly Position[]): Exposure[] {
  const symbols = [...new Set(positions.map((one) => one.symbol))].sort();
  const side = (symbol: string, wanted: Position["side"]) => total(positions.filter((one) => one.symbol === symbol && one.side === wanted).map(worth));
  const rows = symbols.map((symbol) => ({ symbol, long: side(symbol, "LONG"), short: side(symbol, "SHORT") }));
  return rows.sort((one, other) => sizeOf(other) - sizeOf(one));
}

const sizeOf = (row: Exposure): number => Math.max(asNumber(row.long), asNumber(row.short));

interface ExposureCardProps {
  risk: AccountRisk;
  query: UseQueryResult<Answered<PositionsAnswer>, Problem>;
  periodMs: number;
}

/** How much stands where: by symbol, long to the right and short to the left, and in all against the equity. */
export function ExposureCard({ risk, query, periodMs }: ExposureCardProps) {
  const positions = (query.data?.data.positions ?? []).filter((one) => one.account === risk.account);
  const rows = exposureOf(positions);
  const most = Math.max(1, ...rows.map(sizeOf));
  const long = total(rows.map((row) => row.long));
  const short = total(rows.map((row) => row.short));
  const net = long === null || short === null ? null : minus(long, short);
  const usage = risk.layers.find((layer) => layer.name === "margin_usage");
  const leverage = risk.layers.find((layer) => layer.name === "effective_leverage");
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return (
    <Card
      title="Exposure"
      source="ledger at mark prices"
      atMs={query.data?.data.time_ms}
      periodMs={periodMs}
      state={cardState(query, () => (positions.length === 0 ? "No position is open in this account." : null))}
    >
      <dl className="mb-3 grid grid-cols-2 gap-3 sm:grid-cols-3">
        <Figure label="▲ Long">{dollars(long)}</Figure>
        <Figure label="▼ Short">{dollars(short)}</Figure>
        <Figure label="Net">{signedDollars(net)}</Figure>
        <Figure label="Effective leverage" hint="Notional of all positions by equity">
          {text(leverage?.values["effective_leverage"]) ?? "—"}×
          <span className="text-2xs text-dim"> of at most {text(leverage?.limits["max_effective_leverage"])}×</span>
        </Figure>
        <Figure label="Maintenance margin used" hint="Of the equity, as the venue reports it">
          {percent(text(usage?.values["maintenance_pct"]))}
          <span className="text-2xs text-dim"> refuses at {percent(text(usage?.limits["reject_pct"]))}</span>
        </Figure>
        <Figure label="ADL rank" hint="The venue tells it only on its own page">
          not told by the venue
        </Figure>
      </dl>
      <ul className="flex flex-col gap-1.5" aria-label="Exposure by symbol">
        {rows.map((row) => (
          <li key={row.symbol} className="grid grid-cols-[5.5rem_1fr_1fr] items-center gap-1.5">
            <span className="truncate">{row.symbol}</span>
            <Bar amount={row.short} most={most} side="short" />
            <Bar amount={row.long} most={most} side="long" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Bar({ amount, most, side }: { amount: string | null; most: number; side: "long" | "short" }) {
  const size = asNumber(amount);
  if (!(size > 0)) return <span />;
  const long = side === "long";
  return (
    <span className={`flex items-center gap-1.5 ${long ? "" : "flex-row-reverse"}`}>
      <span aria-hidden className={`h-3 rounded-sm ${long ? "bg-text" : "bg-dim"}`} style={{ width: `${Math.min(60, (size / most) * 60)}%` }} />
      <span className="figure text-2xs">
        {long ? "▲" : "▼"} {dollars(amount, 0)}
      </span>
    </span>
  );
}
