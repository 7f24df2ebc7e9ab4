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
import type { SessionRow, Sessions } from "./types";

const EVERY_MS = 60_000;

/** Sessions of each strategy. None is ever deleted: starting fresh archives one and opens the next. */
export function SessionsCard({ account }: { account: string }) {
  const [fresh, setFresh] = useState<SessionRow | null>(null);
  const query = useApi<Sessions>("sessions", { account, limit: 200 }, { enabled: account !== "", everyMs: EVERY_MS, keep: true });
  const answer = query.data?.data;
  return (
    <Card
      title="Sessions"
      source="records, never deleted"
      atMs={answer?.time_ms}
      periodMs={EVERY_MS}
      flush
      state={cardState(query, (found) => (found.data.sessions.length === 0 ? "No session yet: a strategy's first one opens when the strategy is stored." : null))}
    >
      {answer !== undefined && (
        <>
          <Table caption="Trade sessions, newest first" columns={columns(setFresh)} rows={answer.sessions} keyOf={(row) => row.id} />
          <p className="label px-3 py-1.5">Results count positions closed since {utcDay(answer.results_from_ms)}.{untold(answer.sessions)}{answer.truncated ? " There were more than are counted." : ""}{answer.next_cursor === null ? "" : ` The newest ${answer.sessions.length} sessions are shown.`}</p>
        </>
      )}
      {fresh !== null && <StartFresh account={fresh.account} strategy={fresh.strategy} onClose={() => setFresh(null)} onStarted={() => setFresh(null)} />}
    </Card>
  );
}

/** Of a pair of positions on both sides of a symbol the venue's payments are not told apart. */
function untold(sessions: SessionRow[]): string {
  const positions = sessions.reduce((sum, row) => sum + row.funding_untold, 0);
  return positions === 0 ? "" : ` The funding of ${count(positions)} positions that were held on both sides at once is not in Net.`;
}

function columns(onFresh: (row: SessionRow) => void): Column<SessionRow>[] {
  return [
    { key: "strategy", title: "Strategy", cell: (row) => row.strategy },
    { key: "state", title: "State", cell: (row) => (row.open ? <Chip tone="profit">open</Chip> : <Chip>archived</Chip>) },
    { key: "opened", title: "Opened, UTC", cell: (row) => <span title={`by ${row.opened_by}`}><Moment ms={row.opened_at_ms} full /></span> },
    { key: "archived", title: "Archived, UTC", wide: true, cell: (row) => (row.archived_at_ms === null ? "—" : <span title={`by ${row.archived_by ?? ""}`}><Moment ms={row.archived_at_ms} full /></span>) },
    { key: "closed", title: "Closed", right: true, cell: (row) => <span className="figure">{count(row.closed_positions)}</span> },
    { key: "wins", title: "Wins", right: true, wide: true, cell: (row) => <span className="figure">{count(row.wins)}</span> },
    { key: "still", title: "Still open", right: true, wide: true, cell: (row) => <span className="figure">{count(row.open_positions)}</span> },
    { key: "funding", title: "Funding", right: true, wide: true, cell: (row) => <Delta value={row.funding} /> },
    { key: "net", title: "Net", right: true, cell: (row) => <Delta value={row.net_pnl} /> },
    { key: "note", title: "Note", wide: true, cell: (row) => row.note },
    { key: "fresh", title: <span className="sr-only">Actions</span>, right: true, cell: (row) => (row.open ? <Button small onClick={() => onFresh(row)}>Start fresh</Button> : null) },
  ];
}
