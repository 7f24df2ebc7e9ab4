import { lazy, Suspense } from "react";
import { useApi } from "../../api/queries";
import { Attribution } from "../../ui/Attribution";
import { Card, cardState } from "../../ui/Card";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { count, exact, shortDollars } from "../../words/figures";
import { utcMoment } from "../../words/times";
import { nowMs } from "../../words/now";
import { chartSummary, INTERVALS } from "./chart";
import type { Chart, ChartFill, LiquidatedInCandle } from "./types";

const PriceChart = lazy(() => import("./PriceChart"));
const EVERY_MS = 15_000;
const MINUTE_MS = 60_000;

interface ChartCardProps {
  symbol: string;
  interval: string;
  onInterval: (interval: string) => void;
}

export function ChartCard({ symbol, interval, onInterval }: ChartCardProps) {
  const span = (INTERVALS.find((one) => one.value === interval) ?? INTERVALS[0])?.spanMs ?? 0;
  // By the minute, so that the question stays the same between two answers; its end is left open.
  const fromMs = Math.floor((nowMs() - span) / MINUTE_MS) * MINUTE_MS;
  const query = useApi<Chart>("candles", { symbol, interval, from_ms: fromMs }, { enabled: symbol !== "", everyMs: EVERY_MS, keep: true });
  const chart = query.data?.data;
  const state = symbol === "" ? ({ kind: "empty", text: "No symbol is traded or was liquidated yet." } as const) : cardState(query);
  return (
    <Card
      title={symbol === "" ? "Price" : `${symbol}: price, liquidations, our fills`}
      source={chart?.candles_source.source}
      atMs={chart?.candles_source.asked_at_ms ?? chart?.time_ms}
      periodMs={EVERY_MS * 2}
      state={state}
      actions={
        <select aria-label="Length of a candle" className="h-6 rounded border border-line-strong bg-ground px-1 text-xs" value={interval} onChange={(event) => onInterval(event.target.value)}>
          {INTERVALS.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </select>
      }
    >
      {chart !== undefined && <ChartBody chart={chart} />}
    </Card>
  );
}

function ChartBody({ chart }: { chart: Chart }) {
  const { missing } = chart.candles_source;
  return (
    <div className="flex flex-col gap-2">
      {missing !== null && <p className="text-warning">Candles are missing: {missing}. What is stored here is shown all the same.</p>}
      {chart.candles.length > 0 && (
        <Suspense fallback={<p className="label h-72 md:h-96">Drawing…</p>}>
          <PriceChart data={chart} />
        </Suspense>
      )}
      <p className="label">
        {chartSummary(chart)} Lower bars: longs liquidated hang down, shorts stand up. Shaded: gaps in the recording.
        {chart.liquidations_from_ms > chart.from_ms ? ` Liquidations since ${utcMoment(chart.liquidations_from_ms)} UTC.` : ""} The feed is sampled, one event per symbol per second.
      </p>
      <details>
        <summary className="label">The same as tables</summary>
        <div className="mt-2 grid gap-3 lg:grid-cols-2">
          <Table caption="Our fills" columns={FILLS} rows={[...chart.fills].reverse()} keyOf={(row) => `${row.account} ${row.trade_id}`} empty="No fill of ours in this time." />
          <Table caption="Liquidations by candle" columns={LIQUIDATED} rows={[...chart.liquidations].reverse()} keyOf={(row) => String(row.time_ms)} empty="No liquidation in this time." />
        </div>
      </details>
      <Attribution />
    </div>
  );
}

const FILLS: Column<ChartFill>[] = [
  { key: "time", title: "UTC", cell: (row) => <Moment ms={row.time_ms} full /> },
  { key: "account", title: "Account", cell: (row) => `${row.account} (${row.mode})` },
  { key: "side", title: "Side", cell: (row) => (row.side === "BUY" ? "bought" : "sold") },
  { key: "quantity", title: "Quantity", right: true, cell: (row) => <span className="figure">{exact(row.quantity)}</span> },
  { key: "price", title: "Price", right: true, cell: (row) => <span className="figure">{exact(row.price)}</span> },
];

const LIQUIDATED: Column<LiquidatedInCandle>[] = [
  { key: "time", title: "Candle, UTC", cell: (row) => <Moment ms={row.time_ms} full /> },
  { key: "longs", title: "Longs", right: true, cell: (row) => <span className="figure">{shortDollars(row.long_value)}</span> },
  { key: "shorts", title: "Shorts", right: true, cell: (row) => <span className="figure">{shortDollars(row.short_value)}</span> },
  { key: "count", title: "Events", right: true, cell: (row) => <span className="figure">{count(row.count)}</span> },
];
