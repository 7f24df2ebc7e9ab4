import { Chip } from "../../ui/Chip";
import { asNumber } from "../../words/decimal";
import { dollars, percent } from "../../words/figures";
import type { LeastBalance, LeastBalanceRow } from "./types";

/** The least balance for any ladder at all, and for the ladder as its settings want it. */
export function LeastBalanceTable({ found, available }: { found: LeastBalance; available: string | null }) {
  const rows = [
    { title: "To be placed at all", row: found.to_trade },
    { title: "As the settings want it", row: found.as_wanted },
  ];
  return (
    <section aria-label="Least balance">
      <h3 className="label">Least balance, est.</h3>
      <ul className="mt-1 flex flex-col divide-y divide-line border-y border-line">
        {rows.map(({ title, row }) => (
          <li key={title} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
            <span className="min-w-40">{title}</span>
            {row === null ? <span className="text-warning">no balance: {found.reason}</span> : <Row row={row} available={available} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ row, available }: { row: LeastBalanceRow; available: string | null }) {
  const enough = available !== null && asNumber(available) >= asNumber(row.balance);
  return (
    <>
      <span className="figure font-medium">{dollars(row.balance)}</span>
      <span className="label">
        {row.layers} {row.layers === 1 ? "layer" : "layers"}, margin {dollars(row.margin)}, risk {dollars(row.risk)} ({percent(row.risk_pct)})
      </span>
      <span className="ml-auto flex gap-1">
        {!row.within_limits && <Chip tone="danger">above the limit on risk</Chip>}
        {available !== null && (enough ? <Chip tone="profit">✓ there is enough</Chip> : <Chip tone="warning">not enough now</Chip>)}
      </span>
    </>
  );
}
