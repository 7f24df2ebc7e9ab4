import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { PERIOD_MS } from "./StreamsCard";
import type { Failure, Operations } from "./types";

export const LEVELS: Readonly<Record<string, ChipTone>> = { critical: "alarm", high: "warning", info: "plain" };

/** What went wrong in a week, by kind. */
export function FailuresCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  return (
    <Card
      title="Errors by kind"
      source="alerts of seven days"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      flush
      state={found?.failures.rows.length === 0 ? { kind: "empty", text: "✓ Nothing went wrong in seven days." } : state}
    >
      {found !== undefined && <Table caption="Errors by kind, open ones first" rows={found.failures.rows} keyOf={(row) => row.kind} columns={COLUMNS} />}
      {found?.failures.truncated && <p className="label px-3 py-1.5">There was more than is read: counts are of the latest.</p>}
    </Card>
  );
}

const COLUMNS: Column<Failure>[] = [
  { key: "level", title: "Level", cell: (row) => <Chip tone={LEVELS[row.level] ?? "plain"}>{row.level}</Chip> },
  {
    key: "what",
    title: "What",
    className: "min-w-40",
    cell: (row) => (
      <>
        {row.message} <span className="label block">{row.subjects.slice(0, 3).join(", ")}{row.subjects.length > 3 && ` and ${row.subjects.length - 3} more`}</span>
      </>
    ),
  },
  { key: "open", title: "Open", right: true, cell: (row) => <span className={`figure ${row.open > 0 ? "font-medium text-danger" : "text-faint"}`}>{count(row.open)}</span> },
  { key: "episodes", title: "Times", right: true, wide: true, cell: (row) => <span className="figure">{count(row.episodes)}</span> },
  { key: "reports", title: "Reports", right: true, wide: true, cell: (row) => <span className="figure">{count(row.reports)}</span> },
  { key: "last", title: "Last", className: "whitespace-nowrap", cell: (row) => <Age atMs={row.last_ms} /> },
  { key: "runbook", title: "What to do", wide: true, cell: (row) => `Runbook ${row.runbook.number}: ${row.runbook.title}` },
];
