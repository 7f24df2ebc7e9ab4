import { useState } from "react";
import { useApi } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { utcDay } from "../../words/times";
import { StartFresh } from "../../documents/StartFresh";
import type { Session, Sessions, StrategyAnswer } from "./types";

/** Spans of results. Starting afresh archives one and opens the next; it deletes nothing. */
export function SessionsCard({ strategy, onStarted }: { strategy: StrategyAnswer; onStarted: (told: string) => void }) {
  const query = useApi<Sessions>("sessions", { account: strategy.account, strategy: strategy.id, limit: 200 }, { everyMs: 30_000 });
  const [asking, setAsking] = useState(false);
  const answer = query.data?.data;
  return (
    <Card
      title="Sessions"
      source={answer === undefined ? "ledger" : `ledger, results since ${utcDay(answer.results_from_ms)}`}
      atMs={answer?.time_ms}
      periodMs={30_000}
      flush
      actions={
        <Button small onClick={() => setAsking(true)}>
          Start fresh…
        </Button>
      }
      state={cardState(query, (found) => (found.data.sessions.length === 0 ? "No session was ever opened. Applying the strategy opens one." : null))}
    >
      <Table caption="Sessions, newest first" rows={answer?.sessions ?? []} keyOf={(row) => row.id} columns={COLUMNS} />
      {answer?.next_cursor != null && <p className="label px-3 py-1.5">There are older ones: the history page lists all of them.</p>}
      {asking && (
        <StartFresh
          account={strategy.account}
          strategy={strategy.id}
          onClose={() => setAsking(false)}
          onStarted={() => {
            setAsking(false);
            onStarted("A new session is open. The one before it is archived, with everything in it.");
          }}
        />
      )}
    </Card>
  );
}

const COLUMNS: Column<Session>[] = [
  { key: "state", title: "State", cell: (row) => (row.open ? <Chip tone="profit">▶ open</Chip> : <Chip>■ archived</Chip>) },
  { key: "from", title: "From (UTC)", cell: (row) => <Moment ms={row.opened_at_ms} full /> },
  { key: "to", title: "To (UTC)", wide: true, cell: (row) => (row.archived_at_ms === null ? <span className="text-faint">now</span> : <Moment ms={row.archived_at_ms} full />) },
  { key: "by", title: "Opened by", wide: true, cell: (row) => row.opened_by },
  { key: "note", title: "Note", wide: true, cell: (row) => row.note },
  { key: "open", title: "Open", right: true, cell: (row) => <span className="figure">{count(row.open_positions)}</span> },
  { key: "closed", title: "Closed", right: true, cell: (row) => <span className="figure">{count(row.closed_positions)}</span> },
  { key: "wins", title: "Won", right: true, wide: true, cell: (row) => <span className="figure">{count(row.wins)}</span> },
  { key: "funding", title: "Funding", right: true, wide: true, cell: (row) => <Delta value={row.funding} /> },
  { key: "pnl", title: "Net", right: true, cell: (row) => <Delta value={row.net_pnl} /> },
];
