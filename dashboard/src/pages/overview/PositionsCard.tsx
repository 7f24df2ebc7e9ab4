import type { PositionNow } from "../../api/overview";
import { linkTo } from "../../app/route";
import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { asNumber } from "../../words/decimal";
import { dollars, NONE, percent } from "../../words/figures";
import { priceLike } from "../../words/prices";

const CLOSE_PCT = 5;

const COLUMNS: readonly Column<PositionNow>[] = [
  {
    key: "symbol",
    title: "Position",
    cell: (row) => (
      <a href={linkTo("positions")} className="hover:underline sm:whitespace-nowrap">
        <span className="font-medium">{row.symbol}</span>{" "}
        <span className={row.side === "LONG" ? "text-profit" : "text-loss"}>
          <span aria-hidden>{row.side === "LONG" ? "↗" : "↘"}</span> {row.side.toLowerCase()}
        </span>{" "}
        <span className="text-faint">{row.leverage}×</span>
      </a>
    ),
  },
  { key: "notional", title: "Size", right: true, cell: (row) => <span className="figure">{dollars(row.notional, 0)}</span> },
  { key: "pnl", title: "Open result", right: true, cell: (row) => <Delta value={row.unrealized_pnl} /> },
  { key: "roe", title: "ROE", right: true, wide: true, cell: (row) => <Delta value={row.unrealized_roe_pct} unit="percent" bare /> },
  { key: "entry", title: "Entry", right: true, wide: true, cell: (row) => <span className="figure">{priceLike(row.entry_price, row.mark_price)}</span> },
  { key: "mark", title: "Mark", right: true, wide: true, cell: (row) => <span className="figure">{priceLike(row.mark_price)}</span> },
  { key: "stop", title: "Stop", right: true, cell: (row) => <Stop row={row} /> },
  { key: "liquidation", title: <span title="Our estimate, by the venue's tiers">Liquidation est.</span>, right: true, wide: true, cell: (row) => <Distance row={row} /> },
  {
    key: "layers",
    title: "Layers",
    right: true,
    wide: true,
    cell: (row) => <span className="figure text-dim">{row.layers === null ? NONE : `${row.layers_filled ?? 0}/${row.layers}`}</span>,
  },
  { key: "owner", title: "Owner", wide: true, cell: (row) => (row.external ? <Chip tone="warning">external</Chip> : <span className="text-dim">{row.strategy ?? NONE}</span>) },
  { key: "age", title: "Opened", right: true, wide: true, className: "whitespace-nowrap", cell: (row) => <Age atMs={row.opened_at_ms} /> },
];

function Stop({ row }: { row: PositionNow }) {
  if (row.unprotected_since_ms !== null) {
    return (
      <Chip tone="alarm">
        ■ none since <Age atMs={row.unprotected_since_ms} />
      </Chip>
    );
  }
  return <span className="figure">{priceLike(row.stop_price, row.mark_price)}</span>;
}

function Distance({ row }: { row: PositionNow }) {
  if (row.liquidation_distance_pct === null) return <span className="text-faint">{NONE}</span>;
  const near = asNumber(row.liquidation_distance_pct) < CLOSE_PCT;
  return (
    <span className={`figure ${near ? "text-danger" : "text-dim"}`} title={`at ${priceLike(row.liquidation_price, row.mark_price)}`}>
      {near ? "■ " : ""}
      {percent(row.liquidation_distance_pct)} away
    </span>
  );
}

export function PositionsCard({ positions, state, atMs }: { positions: readonly PositionNow[]; state: CardState; atMs: number | undefined }) {
  return (
    <Card
      title={`Positions (${positions.length})`}
      source="ledger, venue marks"
      atMs={atMs}
      periodMs={30_000}
      state={state}
      flush
      actions={
        <a href={linkTo("positions")} className="text-xs text-dim underline decoration-dotted hover:text-text">
          All of it
        </a>
      }
    >
      <Table
        caption="Open positions"
        columns={COLUMNS}
        rows={positions}
        keyOf={(row) => `${row.account} ${row.symbol} ${row.side}`}
        empty="No position is open."
      />
    </Card>
  );
}
