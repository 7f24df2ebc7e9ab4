import { Card } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { dollars, NONE, percent } from "../../words/figures";
import { price } from "../positions/words";
import type { AccountRisk, Leg, SymbolRisk } from "./types";

interface Row extends Leg {
  symbol: string;
  hedged: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "symbol",
    title: "Position",
    cell: (row) => (
      <span className="whitespace-nowrap">
        {row.symbol} {row.side.toLowerCase()} {row.hedged && <Chip title="The other side of the symbol is open too">⇅</Chip>} {row.flag !== "" && <Chip tone="warning">{row.flag}</Chip>}
      </span>
    ),
  },
  { key: "strategy", title: "Strategy", wide: true, cell: (row) => row.strategy ?? "external" },
  { key: "filled", title: "Filled", right: true, cell: (row) => <span className="figure">{dollars(row.filled)}</span> },
  { key: "reserved", title: "Reserved", right: true, cell: (row) => <span className="figure text-reserved">{dollars(row.reserved)}</span> },
  { key: "pending", title: "Pending", right: true, wide: true, cell: (row) => <span className="figure">{dollars(row.pending)}</span> },
  { key: "stop", title: "Stop", right: true, cell: (row) => (row.stop_price === null ? <span className="text-danger">⚠ none</span> : <span className="figure">{price(row.stop_price)}</span>) },
  { key: "liquidation", title: "Liquidation est.", right: true, cell: (row) => <Distance row={row} /> },
  { key: "layers", title: "Layers", right: true, wide: true, cell: (row) => <span className="figure">{row.layers === null ? NONE : `${row.layers_filled} of ${row.layers}`}</span> },
];

function Distance({ row }: { row: Row }) {
  const found = row.liquidation_price;
  if (found === null) return <>{NONE}</>;
  if (!found.known) return <span className="text-warning">not known</span>;
  return (
    <span className="figure">
      {found.price === null ? "at no price" : price(found.price)}
      {found.distance_pct !== null && <span className="text-2xs text-dim"> {percent(found.distance_pct)} away</span>}
    </span>
  );
}

/** What each leg risks and holds. */
export function SymbolsCard({ risk, atMs, periodMs }: { risk: AccountRisk; atMs: number; periodMs: number }) {
  const rows = risk.positions.flatMap((one: SymbolRisk) => one.legs.map((leg) => ({ ...leg, symbol: one.symbol, hedged: one.hedged })));
  return (
    <Card title="Risk by position" source="ledger" atMs={atMs} periodMs={periodMs} flush state={rows.length === 0 ? { kind: "empty", text: "No position is open and nothing is reserved." } : { kind: "ready" }}>
      <Table caption="What each position risks" columns={COLUMNS} rows={rows} keyOf={(row) => `${row.symbol} ${row.side}`} />
    </Card>
  );
}
