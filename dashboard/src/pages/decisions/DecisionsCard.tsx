import { useMemo, useState } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { After, AfterHead } from "./After";
import { GateChain, OutcomeChip } from "./GateChain";
import type { AfterRow, DecisionRow, Decisions, PricesAfter } from "./types";

export const LIST_MS = 10_000;

interface DecisionsCardProps {
  query: UseQueryResult<Answered<Decisions>, Problem>;
  /** What the query brought, with what came live since. */
  rows: readonly DecisionRow[];
  after: PricesAfter | undefined;
  periodMs: number | undefined;
  onOlder: (() => void) | null;
  onNewest: (() => void) | null;
}

/** Every decision with the gate that failed; opened, the whole chain. */
export function DecisionsCard({ query, rows, after, periodMs, onOlder, onNewest }: DecisionsCardProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const byId = useMemo(() => new Map(after?.rows.map((row) => [row.id, row])), [after]);
  const answer = query.data?.data;
  const toggle = (id: string) => {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  };
  return (
    <Card
      title="Why and why not"
      source="decision records"
      atMs={answer?.time_ms}
      periodMs={periodMs}
      flush
      state={cardState(query, () => (rows.length === 0 ? "No decision in this time passes the filters." : null))}
    >
      {answer !== undefined && (
        <>
          <Table
            caption="Decisions, newest first"
            columns={columns(byId, opened, toggle)}
            rows={rows}
            keyOf={(row) => row.id}
            detail={(row) => (opened.has(row.id) ? <GateChain row={row} /> : null)}
          />
          <nav aria-label="Pages of decisions" className="flex justify-end gap-2 border-t border-line px-3 py-1.5">
            <Button small disabled={onNewest === null} onClick={() => onNewest?.()}>
              Newest
            </Button>
            <Button small disabled={onOlder === null} onClick={() => onOlder?.()}>
              Older
            </Button>
          </nav>
        </>
      )}
    </Card>
  );
}

function columns(after: ReadonlyMap<string, AfterRow>, opened: ReadonlySet<string>, toggle: (id: string) => void): Column<DecisionRow>[] {
  return [
    {
      key: "open",
      title: <span className="sr-only">Details</span>,
      className: "w-8 pr-0",
      cell: (row) => (
        <button
          type="button"
          aria-expanded={opened.has(row.id)}
          aria-label={`Gates of the decision on ${row.symbol} at ${new Date(row.decided_at_ms).toISOString().slice(11, 19)}`}
          className="w-5 text-dim hover:text-text"
          onClick={() => toggle(row.id)}
        >
          <span aria-hidden>{opened.has(row.id) ? "▾" : "▸"}</span>
        </button>
      ),
    },
    { key: "time", title: "UTC", cell: (row) => <Moment ms={row.decided_at_ms} /> },
    {
      key: "symbol",
      title: "Symbol",
      cell: (row) => (
        <>
          {row.symbol}
          <span className="block md:hidden">
            <Side side={row.position_side ?? row.inputs["side"] ?? null} />
          </span>
        </>
      ),
    },
    { key: "strategy", title: "Strategy", wide: true, cell: (row) => <span title={`account ${row.account}, parameters ${row.params_version}`}>{row.strategy}</span> },
    { key: "side", title: "Side", wide: true, cell: (row) => <Side side={row.position_side ?? row.inputs["side"] ?? null} /> },
    { key: "outcome", title: "Outcome", wide: true, cell: (row) => <OutcomeChip outcome={row.outcome} /> },
    { key: "reason", title: "Reason", className: "min-w-40 md:min-w-56", cell: (row) => <Reason row={row} /> },
    { key: "after", title: <AfterHead />, right: true, cell: (row) => <After row={after.get(row.id)} /> },
  ];
}

function Side({ side }: { side: string | null }) {
  if (side === null) return <span className="text-faint">—</span>;
  return (
    <span className={`whitespace-nowrap ${side === "LONG" ? "text-profit" : "text-loss"}`}>
      <span aria-hidden>{side === "LONG" ? "▲" : "▼"}</span> {side.toLowerCase()}
    </span>
  );
}

function Reason({ row }: { row: DecisionRow }) {
  if (row.outcome !== "refused") {
    return (
      <span className="text-dim">
        every gate passed <span className="md:hidden"><OutcomeChip outcome={row.outcome} /></span>
      </span>
    );
  }
  return (
    <span>
      {row.reason} <span className="label">{row.gate.replaceAll("_", " ")}</span>
    </span>
  );
}
