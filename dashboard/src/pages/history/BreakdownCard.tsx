import { useState } from "react";
import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { asNumber } from "../../words/decimal";
import { count, dollars, shortDollars } from "../../words/figures";
import type { Range } from "./ranges";
import type { Group, Pnl } from "./types";

const EVERY_MS = 60_000;
const GROUPINGS = [
  { value: "symbol", title: "By symbol" },
  { value: "hour", title: "By hour of the day" },
  { value: "weekday", title: "By day of the week" },
  { value: "strategy", title: "By strategy" },
  { value: "side", title: "By side" },
  { value: "session", title: "By session" },
] as const;

/** Where the profit came from. */
export function BreakdownCard({ account, range, first }: { account: string; range: Range; first: string }) {
  const [by, setBy] = useState(first);
  const query = useApi<Pnl>("pnl", { account, from_ms: range.fromMs, to_ms: range.toMs, by }, { enabled: account !== "", everyMs: EVERY_MS, keep: true });
  const answer = query.data?.data;
  const groups = answer?.by === by ? (answer.accounts.find((one) => one.account === account)?.groups ?? []) : [];
  const sorted = by === "hour" || by === "weekday" ? groups : [...groups].sort((one, other) => asNumber(other.net_pnl) - asNumber(one.net_pnl));
  return (
    <Card
      title={`Profit ${GROUPINGS.find((one) => one.value === by)?.title.toLowerCase() ?? ""}`}
      source="venue's books, as imported"
      atMs={answer?.time_ms}
      periodMs={EVERY_MS}
      flush
      state={cardState(query)}
      actions={
        <select aria-label="Grouped by" className="h-6 rounded border border-line-strong bg-ground px-1 text-xs" value={by} onChange={(event) => setBy(event.target.value)}>
          {GROUPINGS.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </select>
      }
    >
      <div className="max-h-96 overflow-y-auto">
        <Table caption={`Profit ${by}`} columns={columns(by, groups)} rows={sorted} keyOf={(row) => row.key ?? ""} empty="Nothing was earned or paid in this time." />
      </div>
    </Card>
  );
}

function columns(by: string, groups: readonly Group[]): Column<Group>[] {
  const largest = Math.max(0.01, ...groups.map((group) => Math.abs(asNumber(group.net_pnl))));
  return [
    { key: "name", title: nameOf(by), cell: (row) => <span className={by === "session" ? "figure" : ""}>{wordsOf(by, row.key)}</span> },
    { key: "bar", title: <span className="sr-only">Net, drawn</span>, className: "w-1/4", wide: true, cell: (row) => <NetBar value={asNumber(row.net_pnl)} largest={largest} /> },
    { key: "net", title: "Net", right: true, cell: (row) => <Delta value={row.net_pnl} /> },
    { key: "fees", title: "Fees", right: true, wide: true, cell: (row) => <span className="figure">{dollars(row.commissions)}</span> },
    { key: "funding", title: "Funding", right: true, wide: true, cell: (row) => <span className="figure">{dollars(row.funding)}</span> },
    { key: "volume", title: "Volume", right: true, wide: true, cell: (row) => <span className="figure">{shortDollars(row.volume)}</span> },
    { key: "trades", title: "Trades", right: true, cell: (row) => <span className="figure">{count(row.trades)}</span> },
  ];
}

const nameOf = (by: string): string => ({ hour: "Hour, UTC", weekday: "Day", symbol: "Symbol", strategy: "Strategy", side: "Side", session: "Session" })[by] ?? by;

function wordsOf(by: string, value: string | null): string {
  if (value === null || value === "") return by === "strategy" ? "external or by hand" : "none";
  if (by === "hour") return `${value}:00`;
  if (by === "weekday") return value.slice(2);
  return by === "side" ? value.toLowerCase() : value;
}

/** Left of the middle is a loss, right of it a profit. */
function NetBar({ value, largest }: { value: number; largest: number }) {
  const width = `${(50 * Math.min(Math.abs(value), largest)) / largest}%`;
  return (
    <span aria-hidden className="relative block h-3 bg-raised">
      <span className="absolute inset-y-0 left-1/2 w-px bg-line-strong" />
      <span className={`absolute inset-y-0.5 ${value < 0 ? "right-1/2 bg-loss" : "left-1/2 bg-profit"}`} style={{ width }} />
    </span>
  );
}
