import { useState } from "react";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { duration } from "../../words/times";
import { PERIOD_MS } from "./StreamsCard";
import type { Operations, Pass, Reconciled } from "./types";

const PASS_MS = 60_000;

/** Whether the ledger says what the venue says: the last pass, and earlier ones that found something. */
export function ReconciliationCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  return (
    <Card title="Reconciliation" source="ledger against venue" atMs={found?.time_ms} periodMs={PERIOD_MS} state={state}>
      <div className="flex flex-col gap-4">{found?.reconciliation.map((account) => <Account key={account.account} account={account} />)}</div>
    </Card>
  );
}

function Account({ account }: { account: Reconciled }) {
  const [open, setOpen] = useState(false);
  const latest = account.latest;
  return (
    <section aria-label={`Reconciliation of ${account.account}`} className="flex flex-col gap-2">
      <h3 className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{account.account}</span>
        <span className="label">{account.mode}</span>
        <Verdict account={account} />
        {latest !== null && (
          <span className="label">
            read <Age atMs={latest.read_at_ms} periodMs={PASS_MS} />, took {duration(latest.took_ms)}
          </span>
        )}
        {account.history.length > 0 && (
          <Button small className="ml-auto" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide" : `${account.history.length} earlier`}
            <span className="sr-only"> passes of {account.account}</span>
          </Button>
        )}
      </h3>
      {latest !== null && Object.keys(latest.doubts).length > 0 && <Doubts doubts={latest.doubts} />}
      {open && <Table caption={`Passes over ${account.account} that found something new, newest first`} rows={account.history} keyOf={(row) => String(row.epoch)} columns={COLUMNS} />}
    </section>
  );
}

function Verdict({ account }: { account: Reconciled }) {
  if (account.mode === "simulate") return <Chip>at no venue: nothing to compare</Chip>;
  if (account.latest === null) return <Chip tone="warning">never compared yet</Chip>;
  if (account.latest.proven) return <Chip tone="profit">✓ proven equal</Chip>;
  return <Chip tone="danger">✕ {account.latest.differences === 0 ? "not proven" : `${account.latest.differences} differ`}</Chip>;
}

function Doubts({ doubts }: { doubts: Readonly<Record<string, string>> }) {
  return (
    <ul className="rounded bg-warning-soft px-3 py-2">
      {Object.entries(doubts).map(([symbol, why]) => (
        <li key={symbol}>
          <span className="font-medium text-warning">{symbol} waits:</span> {why}
        </li>
      ))}
    </ul>
  );
}

const figure = (value: number) => <span className={`figure ${value === 0 ? "text-faint" : ""}`}>{count(value)}</span>;

const COLUMNS: Column<Pass>[] = [
  { key: "time", title: "UTC", cell: (row) => <Moment ms={row.read_at_ms} /> },
  { key: "proven", title: "Outcome", cell: (row) => (row.proven ? <Chip tone="profit">✓ proven</Chip> : <Chip tone="danger">✕ not proven</Chip>) },
  { key: "differences", title: "Differ", right: true, cell: (row) => figure(row.differences) },
  { key: "adjusted", title: "Adjusted", right: true, cell: (row) => figure(row.adjusted) },
  { key: "adopted", title: "Adopted", right: true, wide: true, cell: (row) => figure(row.adopted) },
  { key: "fills", title: "Fills found", right: true, wide: true, cell: (row) => figure(row.fills_imported) },
  { key: "doubts", title: "What waits", wide: true, cell: (row) => Object.keys(row.doubts).join(", ") },
];
