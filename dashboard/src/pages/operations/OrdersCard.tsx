import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { duration } from "../../words/times";
import { PERIOD_MS } from "./StreamsCard";
import type { Operations, UnknownOrder } from "./types";

const COLUMNS: Column<UnknownOrder>[] = [
  { key: "since", title: "Since (UTC)", cell: (row) => <Moment ms={row.created_at_ms} /> },
  { key: "age", title: "For", right: true, cell: (row) => <span className="figure">{duration(row.age_ms)}</span> },
  { key: "what", title: "Order", cell: (row) => `${row.symbol} ${row.side.toLowerCase()} ${row.purpose.replaceAll("_", " ")}` },
  { key: "state", title: "State", cell: (row) => <Chip tone={row.state === "lost" ? "alarm" : "warning"}>{row.state.replaceAll("_", " ")}</Chip> },
  { key: "account", title: "Account", wide: true, cell: (row) => row.account },
  { key: "id", title: "Our id", wide: true, cell: (row) => <span className="figure">{row.client_order_id}</span> },
  { key: "why", title: "Why", wide: true, cell: (row) => row.reason },
];

/** Orders of which nobody knows what became of them. Their risk stays reserved, and they are asked after. */
export function OrdersCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  return (
    <Card
      title="Orders without an answer"
      source="ledger"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      flush
      state={found?.unknown_orders.length === 0 ? { kind: "empty", text: "✓ The venue has answered for every order." } : state}
    >
      {found !== undefined && <Table caption="Unanswered orders, oldest first" rows={found.unknown_orders} keyOf={(row) => row.client_order_id} columns={COLUMNS} />}
    </Card>
  );
}
