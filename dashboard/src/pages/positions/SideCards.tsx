import type { UseQueryResult } from "@tanstack/react-query";
import type { Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Card, cardState } from "../../ui/Card";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { RequestChip } from "./RequestState";
import type { Order, PositionRequest, RequestsAnswer } from "./types";
import { price, quantity, shortId } from "./words";

const REQUESTS: readonly Column<PositionRequest>[] = [
  { key: "asked", title: "Asked (UTC)", cell: (one) => <Moment ms={one.asked_at_ms} /> },
  { key: "what", title: "What", cell: (one) => one.what },
  { key: "account", title: "Account", wide: true, cell: (one) => one.account },
  { key: "by", title: "By", wide: true, cell: (one) => one.by },
  { key: "state", title: "State", cell: (one) => <RequestChip request={one} /> },
  { key: "reason", title: "What became of it", cell: (one) => <span className="text-dim">{one.reason}</span> },
];

/** What people asked of positions within a day, and what became of it. */
export function RequestsCard({ query }: { query: UseQueryResult<Answered<RequestsAnswer>, Problem> }) {
  const answer = query.data?.data;
  const state = cardState(query, (found) => (found.data.requests.length === 0 ? "Nobody asked anything of a position within a day." : null));
  return (
    <Card title="Requests" source="table of requests" atMs={answer?.time_ms} periodMs={20_000} state={state} flush>
      {answer !== undefined && <Table caption="What was asked of positions" columns={REQUESTS} rows={answer.requests} keyOf={(one) => one.id} />}
    </Card>
  );
}

const ENTRIES: readonly Column<Order>[] = [
  { key: "symbol", title: "Symbol", cell: (one) => one.symbol },
  { key: "side", title: "Side", cell: (one) => one.side },
  { key: "layer", title: "Layer", right: true, cell: (one) => <span className="figure">{one.layer || "—"}</span> },
  { key: "price", title: "Price", right: true, cell: (one) => <span className="figure">{price(one.price)}</span> },
  { key: "quantity", title: "Quantity", right: true, cell: (one) => <span className="figure">{quantity(one.quantity)}</span> },
  { key: "filled", title: "Filled", right: true, cell: (one) => <span className="figure">{quantity(one.filled_quantity)}</span> },
  { key: "state", title: "State", cell: (one) => `${one.state.replaceAll("_", " ")}${one.confirmed ? " ✓" : ""}` },
  {
    key: "id",
    title: "Order",
    wide: true,
    cell: (one) => (
      <span className="figure text-dim" title={one.client_order_id}>
        {shortId(one.client_order_id)}
      </span>
    ),
  },
];

/** Entries that wait at the venue and may still fill. */
export function EntriesCard({ entries, atMs }: { entries: readonly Order[]; atMs: number }) {
  return (
    <Card title="Entries under way" source="order records" atMs={atMs} periodMs={10_000} state={entries.length === 0 ? { kind: "empty", text: "No entry waits at the venue." } : { kind: "ready" }} flush>
      <Table caption="Entries under way" columns={ENTRIES} rows={entries} keyOf={(one) => one.client_order_id} />
    </Card>
  );
}
