import { lazy, Suspense, useMemo } from "react";
import { useApi } from "../../api/queries";
import { Attribution } from "../../ui/Attribution";
import { Card, cardState } from "../../ui/Card";
import { Delta, Figure } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { count, dollars, percent, signedDollars } from "../../words/figures";
import { duration, utcDay, utcMoment } from "../../words/times";
import type { PnlMark } from "./PnlChart";
import { cumulated, type Range } from "./ranges";
import type { BalanceHistory, FlowRow, Pnl, PnlAccount } from "./types";

const PnlChart = lazy(() => import("./PnlChart"));
const EVERY_MS = 60_000;

/** What was earned by day and in sum, with what came in and went out and what people changed on the way. */
export function PnlCard({ account, range }: { account: string; range: Range }) {
  const asked = { account, from_ms: range.fromMs, to_ms: range.toMs };
  const on = { enabled: account !== "", everyMs: EVERY_MS, keep: true };
  const query = useApi<Pnl>("pnl", { ...asked, by: "day" }, on);
  const history = useApi<BalanceHistory>("balance-history", asked, on).data?.data;
  const found = query.data?.data.accounts.find((one) => one.account === account);
  const points = useMemo(() => cumulated((found?.groups ?? []).map((group) => ({ day: group.key ?? "", net: group.net_pnl }))), [found]);
  const flows = useMemo(() => history?.accounts.find((one) => one.account === account)?.transfers ?? [], [history, account]);
  const marks = useMemo(() => marksOf(flows, history, new Set(points.map((point) => point.day))), [flows, history, points]);
  return (
    <Card title="Profit and loss" source="venue's books, as imported" atMs={query.data?.data.time_ms} periodMs={EVERY_MS} state={cardState(query)}>
      {found !== undefined && (
        <div className="flex flex-col gap-3">
          <Totals found={found} />
          {points.length === 0 ? (
            <p className="text-dim">Nothing was earned or paid in this time.</p>
          ) : (
            <Suspense fallback={<p className="label h-72">Drawing…</p>}>
              <PnlChart points={points} marks={marks} label={summary(found, points.length, marks)} />
            </Suspense>
          )}
          <p className="label">
            Line: sum since the range began. Bars: net of each day (UTC). Arrows: deposits and withdrawals, which are no profit. Squares: changes of settings and sessions.
          </p>
          <Imports found={found} />
          <details>
            <summary className="label">The same as tables</summary>
            <div className="mt-2 grid gap-3 lg:grid-cols-2">
              <Table caption="Profit by day" columns={DAYS} rows={[...points].reverse()} keyOf={(row) => row.day} />
              <Table caption="Changes and transfers" columns={MARKS} rows={[...marks].reverse()} keyOf={(row) => `${row.day} ${row.text}`} empty="None in this time." />
            </div>
          </details>
          <Attribution />
        </div>
      )}
    </Card>
  );
}

function Totals({ found }: { found: PnlAccount }) {
  const trips = found.round_trips;
  const apart = Object.entries(found.apart);
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-4 xl:grid-cols-8">
      <Figure label="Net" large><Delta value={found.net_pnl} /></Figure>
      <Figure label="Realised"><Delta value={found.realized_pnl} bare /></Figure>
      <Figure label="Fees">{signedDollars(negated(found.commissions))}</Figure>
      <Figure label="Funding"><Delta value={found.funding} bare /></Figure>
      <Figure label="Other income" hint={apart.length === 0 ? undefined : `Beside it, in other assets: ${apart.map(([asset, amount]) => `${amount} ${asset}`).join(", ")}`}>{dollars(found.other_income)}</Figure>
      <Figure label={`Wins of ${count(trips.closed)} closed`}>{trips.win_rate_pct === null ? "—" : percent(trips.win_rate_pct, 1)}</Figure>
      <Figure label="Profit factor" hint="What was won for each dollar that was lost">{trips.profit_factor ?? "—"}</Figure>
      <Figure label="Held on average">{trips.average_hold_ms === null ? "—" : duration(trips.average_hold_ms)}</Figure>
    </dl>
  );
}

const negated = (text: string): string => (text === "0" ? text : text.startsWith("-") ? text.slice(1) : `-${text}`);

function Imports({ found }: { found: PnlAccount }) {
  const { imports, unexplained } = found;
  const until = imports.complete_to_ms === null ? "The venue's books are not imported yet: this is what the ledger booked." : `Complete until ${utcMoment(imports.complete_to_ms)} UTC.`;
  const loose = imports.trades_not_imported === 0 ? "" : ` ${count(imports.trades_not_imported)} newer trades are as booked.`;
  const rest = unexplained?.amount == null ? "" : ` Unexplained: ${signedDollars(unexplained.amount, 4)}.`;
  return <p className={`label ${unexplained?.alarms ? "text-warning" : ""}`}>{until}{loose}{rest}</p>;
}

/** A mark stands on the first day with a point at or after it. */
function marksOf(flows: readonly FlowRow[], history: BalanceHistory | undefined, days: ReadonlySet<string>): PnlMark[] {
  const known = [...days].sort();
  const dayOf = (ms: number): string | undefined => known.find((day) => day >= utcDay(ms));
  const marks: PnlMark[] = [];
  for (const flow of flows) {
    const day = flow.time_ms === null ? undefined : dayOf(flow.time_ms);
    const out = flow.amount.startsWith("-");
    if (day !== undefined) marks.push({ day, kind: out ? "out" : "in", text: flow.asset === "USDT" ? signedDollars(flow.amount, 0) : `${flow.amount} ${flow.asset}` });
  }
  const changed = new Map<string, number>();
  for (const change of history?.changes ?? []) {
    const day = dayOf(change.time_ms);
    if (day !== undefined) changed.set(day, (changed.get(day) ?? 0) + 1);
  }
  for (const [day, times] of changed) marks.push({ day, kind: "change", text: times === 1 ? "1 change" : `${times} changes` });
  return marks.sort((one, other) => one.day.localeCompare(other.day));
}

function summary(found: PnlAccount, days: number, marks: readonly PnlMark[]): string {
  return `Net ${signedDollars(found.net_pnl)} over ${days} days with trades; ${marks.length} marks for transfers and changes. The figures stand in the tables below.`;
}

const DAYS: Column<{ day: string; net: number; sum: number }>[] = [
  { key: "day", title: "Day, UTC", cell: (row) => <span className="figure">{row.day}</span> },
  { key: "net", title: "Net", right: true, cell: (row) => <Delta value={row.net.toFixed(2)} /> },
  { key: "sum", title: "Sum", right: true, cell: (row) => <Delta value={row.sum.toFixed(2)} bare /> },
];

const MARKS: Column<PnlMark>[] = [
  { key: "day", title: "Day, UTC", cell: (row) => <span className="figure">{row.day}</span> },
  { key: "kind", title: "What", cell: (row) => ({ in: "came in", out: "went out", change: "settings or sessions" })[row.kind] },
  { key: "text", title: "How much", cell: (row) => <span className="figure">{row.text}</span> },
];
