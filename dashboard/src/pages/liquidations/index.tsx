import { useState } from "react";
import { useApi } from "../../api/queries";
import { linkTo, replaceWith, useRoute } from "../../app/route";
import { Button } from "../../ui/Button";
import { cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { CascadeStrip } from "./CascadeStrip";
import { ChartCard } from "./ChartCard";
import { HeatCard } from "./HeatCard";
import { TapeCard } from "./TapeCard";
import type { TapeFilter } from "./tape";
import type { TapeSummary } from "./types";
import { useWindows, WindowsCard } from "./WindowsCard";

const SUMMARY_MS = 30_000;
const CONTROL = "h-7 rounded border border-line-strong bg-ground px-1.5";

export default function LiquidationsPage() {
  const { query } = useRoute();
  const [filter, setFilter] = useState<TapeFilter>({ symbol: "", liquidated: "", least: "" });
  const summary = useApi<TapeSummary>("liquidations/summary", { hours: 24 }, { everyMs: SUMMARY_MS, keep: true });
  const windows = useWindows();
  const found = summary.data?.data;
  const symbols = [...new Set([...(windows.data?.data.symbols ?? []).map((one) => one.symbol), ...(found?.symbols ?? []).map((one) => one.symbol)])];
  // The nearest to a signal changes all the time: the chart stays with the one that was first.
  const [first, setFirst] = useState("");
  if (first === "" && symbols[0] !== undefined) setFirst(symbols[0]);
  const symbol = query.get("symbol") ?? first;
  const interval = query.get("interval") ?? "1m";
  const show = (changed: { symbol?: string; interval?: string }) =>
    replaceWith(linkTo("liquidations", [], { symbol, interval, ...changed }));
  return (
    <>
      <PageTitle beside={<Filters filter={filter} symbols={symbols} onFilter={setFilter} />}>Liquidations</PageTitle>
      <div className="grid gap-3 xl:grid-cols-2">
        <div className="xl:col-span-2">
          <CascadeStrip windows={windows.data?.data} state={cardState(windows)} />
        </div>
        <TapeCard filter={filter} summary={found} onSymbol={(chosen) => show({ symbol: chosen })} />
        <WindowsCard query={windows} chosen={symbol} onSymbol={(chosen) => show({ symbol: chosen })} />
        <div className="min-w-0 xl:col-span-2">
          <ChartCard symbol={symbol} interval={interval} onInterval={(chosen) => show({ interval: chosen })} />
        </div>
        <div className="min-w-0 xl:col-span-2">
          <HeatCard query={summary} everyMs={SUMMARY_MS} onSymbol={(chosen) => show({ symbol: chosen })} />
        </div>
      </div>
    </>
  );
}

interface FiltersProps {
  filter: TapeFilter;
  symbols: readonly string[];
  onFilter: (filter: TapeFilter) => void;
}

function Filters({ filter, symbols, onFilter }: FiltersProps) {
  const filtered = filter.symbol !== "" || filter.liquidated !== "" || filter.least !== "";
  return (
    <div className="flex flex-wrap items-center gap-2" role="group" aria-label="Filters of the tape">
      <select aria-label="Symbol" className={CONTROL} value={filter.symbol} onChange={(event) => onFilter({ ...filter, symbol: event.target.value })}>
        <option value="">All symbols</option>
        {symbols.map((symbol) => (
          <option key={symbol}>{symbol}</option>
        ))}
      </select>
      <select aria-label="Liquidated side" className={CONTROL} value={filter.liquidated} onChange={(event) => onFilter({ ...filter, liquidated: sideOf(event.target.value) })}>
        <option value="">Longs and shorts</option>
        <option value="long">Longs only</option>
        <option value="short">Shorts only</option>
      </select>
      <select aria-label="Smallest value" className={CONTROL} value={filter.least} onChange={(event) => onFilter({ ...filter, least: event.target.value })}>
        <option value="">Any size</option>
        {["1000", "10000", "50000", "250000"].map((least) => (
          <option key={least} value={least}>
            from ${Number(least).toLocaleString("en-US")}
          </option>
        ))}
      </select>
      {filtered && (
        <Button small tone="quiet" onClick={() => onFilter({ symbol: "", liquidated: "", least: "" })}>
          Clear
        </Button>
      )}
    </div>
  );
}

function sideOf(text: string): TapeFilter["liquidated"] {
  return text === "long" || text === "short" ? text : "";
}
