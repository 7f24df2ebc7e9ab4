import { useState } from "react";
import { useApi } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Delta } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { dollars, exact } from "../../words/figures";
import { duration } from "../../words/times";
import { shortPrice, type Range } from "./ranges";
import { TimelineView } from "./TimelineView";
import type { ClosedPositions, ClosedRow } from "./types";

const EVERY_MS = 15_000;
const PAGE = 50;

/** Closed positions; each opens its timeline. */
export function TradesCard({ account, range }: { account: string; range: Range }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const query = useApi<ClosedPositions>(
    "positions/closed",
    { account, from_ms: range.fromMs, to_ms: range.toMs, limit: PAGE, cursor: cursors.at(-1) },
    { enabled: account !== "", everyMs: cursors.length === 0 && range.toMs === null ? EVERY_MS : undefined, keep: true },
  );
  const answer = query.data?.data;
  const next = answer?.next_cursor ?? null;
  const toggle = (id: string) => {
    const changed = new Set(opened);
    if (!changed.delete(id)) changed.add(id);
    setOpened(changed);
  };
  return (
    <Card
      title="Trades"
      source="ledger, closed positions"
      atMs={answer?.time_ms}
      periodMs={cursors.length === 0 ? EVERY_MS * 2 : undefined}
      flush
      state={cardState(query, (found) => (found.data.positions.length === 0 ? "No position was closed in this time." : null))}
    >
      {answer !== undefined && (
        <>
          <Table
            caption="Closed positions, newest first"
            columns={columns(opened, toggle)}
            rows={answer.positions}
            keyOf={(row) => row.id}
            detail={(row) => (opened.has(row.id) ? <TimelineView position={row.id} account={row.account} /> : null)}
          />
          <nav aria-label="Pages of trades" className="flex justify-end gap-2 border-t border-line px-3 py-1.5">
            <Button small disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
              Newer
            </Button>
            <Button small disabled={next === null} onClick={() => next !== null && setCursors([...cursors, next])}>
              Older
            </Button>
          </nav>
        </>
      )}
    </Card>
  );
}

function columns(opened: ReadonlySet<string>, toggle: (id: string) => void): Column<ClosedRow>[] {
  return [
    {
      key: "open",
      title: <span className="sr-only">Timeline</span>,
      className: "w-8 pr-0",
      cell: (row) => (
        <button type="button" aria-expanded={opened.has(row.id)} aria-label={`Timeline of the ${row.side.toLowerCase()} on ${row.symbol}`} className="w-5 text-dim hover:text-text" onClick={() => toggle(row.id)}>
          <span aria-hidden>{opened.has(row.id) ? "▾" : "▸"}</span>
        </button>
      ),
    },
    { key: "closed", title: "Closed, UTC", cell: (row) => <Moment ms={row.closed_at_ms} /> },
    { key: "symbol", title: "Symbol", cell: (row) => row.symbol },
    { key: "side", title: "Side", cell: (row) => <span className={`whitespace-nowrap ${row.side === "LONG" ? "text-profit" : "text-loss"}`}><span aria-hidden>{row.side === "LONG" ? "▲" : "▼"}</span> {row.side.toLowerCase()}</span> },
    { key: "net", title: "Net", right: true, cell: (row) => <Delta value={row.net_pnl} /> },
    { key: "realized", title: "Realised", right: true, wide: true, cell: (row) => <span className="figure">{dollars(row.realized_pnl)}</span> },
    { key: "fees", title: "Fees", right: true, wide: true, cell: (row) => <span className="figure">{dollars(row.commission, 4)}</span> },
    { key: "funding", title: "Funding", right: true, wide: true, cell: (row) => <Funding value={row.funding} /> },
    { key: "quantity", title: "Largest size", right: true, wide: true, cell: (row) => <span className="figure">{exact(row.quantity)}</span> },
    { key: "entry", title: "Entry", right: true, wide: true, cell: (row) => <span className="figure" title={exact(row.entry_price)}>{shortPrice(row.entry_price)}</span> },
    { key: "held", title: "Held", right: true, cell: (row) => <span className="figure">{duration(row.held_ms)}</span> },
    { key: "strategy", title: "Strategy", wide: true, cell: (row) => row.strategy ?? <span title="Opened outside of this system">external</span> },
  ];
}

function Funding({ value }: { value: string | null }) {
  if (value === null) return <span className="text-faint" title="Both sides of the symbol were held at once: payments are not told apart by side">not told apart</span>;
  return <span className="figure">{dollars(value, 4)}</span>;
}
