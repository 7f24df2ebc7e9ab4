import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { duration, utcMoment } from "../../words/times";
import { PERIOD_MS } from "./StreamsCard";
import type { Job, Operations } from "./types";

/** How far the venue's own history has come in. */
export function ImportsCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  const jobs = found?.imports.flatMap((account) => account.jobs.map((job) => ({ ...job, account: account.account }))) ?? [];
  return (
    <Card
      title="Imports"
      source="checkpoints"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      flush
      state={found !== undefined && jobs.length === 0 ? { kind: "empty", text: "Nothing was imported yet. The import looks every minute." } : state}
    >
      <Table caption="Imports of trades and income" rows={jobs} keyOf={(job) => `${job.account} ${job.stream}`} columns={COLUMNS} />
      {found?.imports.map(
        (account) =>
          account.complete_to_ms !== null && (
            <p key={account.account} className="label px-3 py-1.5">
              {account.account}: complete until {utcMoment(account.complete_to_ms)} UTC
            </p>
          ),
      )}
    </Card>
  );
}

const COLUMNS: Column<Job & { account: string }>[] = [
  { key: "stream", title: "What", cell: (job) => job.stream.replace("#", " of ") },
  { key: "account", title: "Account", wide: true, cell: (job) => job.account },
  { key: "done", title: "Done", right: true, cell: (job) => <span className="figure">{job.done_pct}%</span> },
  { key: "rows", title: "Rows", right: true, cell: (job) => <span className="figure">{count(job.rows)}</span> },
  { key: "left", title: "Left", right: true, wide: true, cell: (job) => (job.remaining_ms === null || job.done_pct === 100 ? "" : <span className="figure">{duration(job.remaining_ms)} est.</span>) },
  { key: "updated", title: "Worked", className: "whitespace-nowrap", cell: (job) => (job.updated_ms === null ? "" : <Age atMs={job.updated_ms} />) },
  { key: "error", title: "Trouble", cell: (job) => (job.error === "" ? <Chip tone="profit">✓ none</Chip> : <span className="text-danger">{job.error}</span>) },
];
