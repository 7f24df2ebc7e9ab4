import { useApi } from "../../api/queries";
import { linkTo } from "../../app/route";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import type { Session, Sessions, Strategies, StrategySummary } from "./types";

export const LIST_MS = 30_000;

/** Every strategy that somebody stored, with how its present session goes. */
export function StrategyList() {
  const query = useApi<Strategies>("strategies", {}, { everyMs: LIST_MS });
  const sessions = useApi<Sessions>("sessions", { limit: 500 }, { everyMs: LIST_MS });
  const answer = query.data?.data;
  const open = new Map(sessions.data?.data.sessions.filter((one) => one.open).map((one) => [`${one.account} ${one.strategy}`, one]));
  return (
    <Card
      title="Strategies"
      source="parameter store"
      atMs={answer?.time_ms}
      periodMs={LIST_MS}
      flush
      state={cardState(query, (found) =>
        found.data.strategies.length === 0 ? "There is no strategy. Nothing trades until you make one: no strategy is ever created by itself." : null,
      )}
    >
      {answer !== undefined && (
        <Table caption="All strategies" columns={columns(open)} rows={answer.strategies} keyOf={(row) => row.id} />
      )}
    </Card>
  );
}

function columns(open: ReadonlyMap<string, Session>): Column<StrategySummary>[] {
  const sessionOf = (row: StrategySummary) => open.get(`${row.account} ${row.id}`);
  return [
    {
      key: "id",
      title: "Strategy",
      cell: (row) => (
        <a href={linkTo("strategies", [row.id])} className="font-medium underline decoration-line-strong underline-offset-2 hover:decoration-current">
          {row.id}
        </a>
      ),
    },
    { key: "kind", title: "Kind", cell: (row) => row.kind },
    { key: "state", title: "State", cell: (row) => <State row={row} /> },
    { key: "account", title: "Account", wide: true, cell: (row) => <Account row={row} /> },
    { key: "symbols", title: "Symbols", wide: true, cell: (row) => <Symbols symbols={row.symbols} /> },
    { key: "version", title: "Version", right: true, cell: (row) => <Version row={row} /> },
    { key: "open", title: "Open", right: true, wide: true, cell: (row) => <span className="figure">{count(sessionOf(row)?.open_positions)}</span> },
    { key: "closed", title: "Closed (won)", right: true, wide: true, cell: (row) => <Closed session={sessionOf(row)} /> },
    { key: "pnl", title: "Session net", right: true, cell: (row) => <Delta value={sessionOf(row)?.net_pnl} /> },
  ];
}

export function State({ row }: { row: { enabled: boolean; symbols: readonly string[] } }) {
  if (!row.enabled) return <Chip tone="warning">■ off</Chip>;
  if (row.symbols.length === 0) return <Chip tone="warning">no symbols</Chip>;
  return <Chip tone="profit">▶ on</Chip>;
}

function Account({ row }: { row: StrategySummary }) {
  return (
    <span>
      {row.account} {row.mode === null ? <Chip tone="danger">not configured</Chip> : <span className="label">{row.mode}</span>}
    </span>
  );
}

function Symbols({ symbols }: { symbols: readonly string[] }) {
  const shown = symbols.slice(0, 4).join(", ");
  return <span title={symbols.join(", ")}>{symbols.length > 4 ? `${shown} and ${symbols.length - 4} more` : shown || "none"}</span>;
}

/** What decisions are made by may lag behind what is stored by half a minute. */
export function Version({ row }: { row: { version: number; version_in_force: string | null } }) {
  const inForce = row.version_in_force === String(row.version);
  return (
    <span className="figure" title={inForce ? "decisions are made by it" : `decisions are made by ${row.version_in_force ?? "none yet"}: functions read again within 30 s`}>
      {row.version}
      {!inForce && <span className="text-warning"> ({row.version_in_force ?? "none"} in force)</span>}
    </span>
  );
}

function Closed({ session }: { session: Session | undefined }) {
  if (session === undefined) return <span className="figure text-faint">—</span>;
  return (
    <span className="figure">
      {count(session.closed_positions)} <span className="text-faint">({count(session.wins)})</span>
    </span>
  );
}
