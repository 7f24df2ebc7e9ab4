import { useState } from "react";
import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Button } from "../../ui/Button";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { count, dollars, exact, percent, shortDollars } from "../../words/figures";
import type { Bracket, LimitsAnswer, SymbolLimits } from "./types";

const HOUR_MS = 3_600_000;

/** What the venue admits for each traded symbol, with its leverage tiers. */
export function LimitsCard() {
  const query = useApi<LimitsAnswer>("exchange-limits", {}, { staleMs: 300_000 });
  const [open, setOpen] = useState("");
  const answer = query.data?.data;
  const fetched = answer?.limits.map((one) => one.time_ms) ?? [];
  return (
    <Card
      title="Exchange limits"
      source="venue, exchangeInfo"
      atMs={fetched.length === 0 ? undefined : Math.min(...fetched)}
      periodMs={HOUR_MS}
      state={cardState(query, (found) => (found.data.limits.length === 0 ? "No symbol is traded or watched yet." : null))}
      flush
    >
      {answer !== undefined && (
        <>
          <Table
            caption="Limits of the exchange by symbol"
            columns={columns(open, setOpen)}
            rows={answer.limits}
            keyOf={(one) => one.symbol}
            detail={(one) => (one.symbol === open ? <Brackets limits={one} /> : null)}
          />
          {answer.unknown.length > 0 && <p className="px-3 py-2 text-warning">Not listed by the venue: {answer.unknown.join(", ")}</p>}
        </>
      )}
    </Card>
  );
}

function columns(open: string, setOpen: (symbol: string) => void): readonly Column<SymbolLimits>[] {
  return [
    { key: "symbol", title: "Symbol", cell: (one) => <>{one.symbol} {one.status !== "TRADING" && <Chip tone="warning">{one.status}</Chip>}</> },
    { key: "notional", title: "Least notional", right: true, cell: (one) => <span className="figure">{dollars(one.min_notional)}</span> },
    { key: "lot", title: "Lot", right: true, cell: (one) => <span className="figure">{exact(one.lot_size)}</span> },
    { key: "tick", title: "Tick", right: true, cell: (one) => <span className="figure">{exact(one.tick_size)}</span> },
    { key: "least", title: "Least quantity", right: true, wide: true, cell: (one) => <span className="figure">{exact(one.min_quantity)}</span> },
    { key: "most", title: "Most at market", right: true, wide: true, cell: (one) => <span className="figure">{exact(one.market_max_quantity)}</span> },
    { key: "orders", title: "Orders · stops", right: true, wide: true, cell: (one) => <span className="figure">{count(one.max_orders)} · {count(one.max_algo_orders)}</span> },
    {
      key: "leverage",
      title: "Leverage tiers",
      right: true,
      cell: (one) => {
        const tiers = one.brackets ?? [];
        if (tiers.length === 0) return <span className="text-warning">not read</span>;
        return (
          <Button small tone="quiet" aria-expanded={one.symbol === open} onClick={() => setOpen(one.symbol === open ? "" : one.symbol)}>
            <span>
              {tiers.length} from {tiers[0]?.max_leverage}×<span className="sr-only"> leverage, tiers of {one.symbol}</span>
            </span>
          </Button>
        );
      },
    },
  ];
}

const TIERS: readonly Column<Bracket>[] = [
  { key: "from", title: "Notional from", right: true, cell: (one) => <span className="figure">{shortDollars(one.notional_floor)}</span> },
  { key: "to", title: "to", right: true, cell: (one) => <span className="figure">{shortDollars(one.notional_cap)}</span> },
  { key: "leverage", title: "Leverage at most", right: true, cell: (one) => <span className="figure">{one.max_leverage}×</span> },
  { key: "maintenance", title: "Maintenance margin", right: true, cell: (one) => <span className="figure">{percent(one.maintenance_pct)}</span> },
];

function Brackets({ limits }: { limits: SymbolLimits }) {
  return (
    <div className="p-2">
      <Table caption={`Leverage tiers of ${limits.symbol}`} columns={TIERS} rows={limits.brackets ?? []} keyOf={(one) => one.notional_floor} />
      {limits.liquidation_fee_pct !== undefined && <p className="label px-3 pt-1">A liquidation costs {percent(limits.liquidation_fee_pct)} on top.</p>}
    </div>
  );
}
