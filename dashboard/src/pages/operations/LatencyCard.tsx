import { Card, type CardState } from "../../ui/Card";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { duration } from "../../words/times";
import { PERIOD_MS } from "./StreamsCard";
import type { Latency, Operations } from "./types";

const TITLES: Readonly<Record<string, string>> = {
  decision: "Liquidation → decision",
  order: "Liquidation → entry on its way",
  answer: "Order on its way → venue's word",
  fill: "Order on its way → first fill",
};

const time = (ms: number | null) => <span className="figure">{ms === null ? "—" : duration(ms)}</span>;

const COLUMNS: Column<Latency>[] = [
  { key: "what", title: "From and to", cell: (row) => <span title={row.from_to}>{TITLES[row.what] ?? row.from_to}</span> },
  { key: "count", title: "Measured", right: true, cell: (row) => <span className="figure">{count(row.count)}</span> },
  { key: "p50", title: "p50", right: true, cell: (row) => time(row.p50_ms) },
  { key: "p99", title: "p99", right: true, cell: (row) => time(row.p99_ms) },
  { key: "max", title: "Longest", right: true, wide: true, cell: (row) => time(row.max_ms) },
];

/** How long things took, as far as the rows tell. */
export function LatencyCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  return (
    <Card title="Delays" source="orders, fills and decisions of 24 hours" atMs={found?.time_ms} periodMs={PERIOD_MS} flush state={state}>
      {found !== undefined && (
        <>
          <Table caption="How long things took" rows={found.latency.rows} keyOf={(row) => row.what} columns={COLUMNS} />
          <p className="label px-3 py-1.5">
            Fills carry the venue's clock, the rest ours.
            {found.latency.truncated && " There was more than is read: these are the latest."}
          </p>
        </>
      )}
    </Card>
  );
}
