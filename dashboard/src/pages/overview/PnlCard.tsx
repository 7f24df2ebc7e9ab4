import type { AccountHistory, PeriodRow } from "../../api/overview";
import { Card, type CardState } from "../../ui/Card";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { count, NONE, shortDollars } from "../../words/figures";
import { utcMoment } from "../../words/times";

const TITLE: Readonly<Record<PeriodRow["period"], string>> = { day: "Today", week: "This week", month: "This month" };

/** A cost as what it does to the wallet. */
function taken(cost: string): string {
  return cost.startsWith("-") ? cost.slice(1) : /^0*(\.0*)?$/.test(cost) ? "0" : `-${cost}`;
}

const COLUMNS: readonly Column<PeriodRow>[] = [
  {
    key: "period",
    title: "Since (UTC)",
    cell: (row) => (
      <span className="whitespace-nowrap" title={`since ${utcMoment(row.from_ms)} UTC`}>
        {TITLE[row.period]}
        {!row.whole && (
          <span className="text-faint" title={row.watched_from_ms === null ? "The balance was not read in this time" : `Watched from ${utcMoment(row.watched_from_ms)} UTC`}>
            {" "}
            *
          </span>
        )}
      </span>
    ),
  },
  { key: "net", title: "Net", right: true, cell: (row) => <Delta value={row.net_pnl} /> },
  { key: "price", title: "Price", right: true, cell: (row) => <Delta value={row.realized_pnl} bare /> },
  { key: "fees", title: "Fees", right: true, cell: (row) => <Delta value={taken(row.commissions)} bare /> },
  { key: "funding", title: "Funding", right: true, wide: true, cell: (row) => <Delta value={row.funding} bare /> },
  { key: "other", title: "Other", right: true, wide: true, cell: (row) => <Delta value={row.other_income} bare /> },
  {
    key: "unexplained",
    title: <span title="What the wallet moved by and no known trade, fee, funding or transfer explains. Records may lag behind by some minutes.">Unexplained</span>,
    right: true,
    wide: true,
    cell: (row) => (row.unexplained === null ? <span className="text-faint">{NONE}</span> : <Delta value={row.unexplained} bare />),
  },
  { key: "volume", title: "Volume", right: true, wide: true, cell: (row) => <span className="figure text-dim">{shortDollars(row.volume)}</span> },
  { key: "trades", title: "Fills", right: true, wide: true, cell: (row) => <span className="figure text-dim">{row.truncated ? "≥ " : ""}{count(row.trades)}</span> },
];

/** The profit of the day, the week and the month, by what made it. */
export function PnlCard({ history, state, atMs }: { history: AccountHistory | undefined; state: CardState; atMs: number | undefined }) {
  return (
    <Card title="Realised profit and loss" source="fills and income as booked" atMs={atMs} state={state} flush>
      {history !== undefined && (
        <>
          <Table caption="Profit and loss by period" columns={COLUMNS} rows={history.periods} keyOf={(row) => row.period} />
          {history.periods.some((row) => !row.whole) && <p className="label px-3 pb-2">* not watched from its first minute on</p>}
        </>
      )}
    </Card>
  );
}
