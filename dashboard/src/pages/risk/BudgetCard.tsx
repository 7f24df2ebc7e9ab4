import { Chip } from "../../ui/Chip";
import { Card } from "../../ui/Card";
import { Figure } from "../../ui/Figure";
import { asNumber, signOf } from "../../words/decimal";
import { dollars, percent } from "../../words/figures";
import { minus } from "../positions/arithmetic";
import type { AccountRisk, Budget } from "./types";

interface Step {
  title: string;
  amount: string | null;
  percent: string | null;
  look: string;
  hint: string;
}

/** What the cap is made of: what has filled, what is reserved beyond it, and what is free. Pending is a part of the reserved. */
export function stepsOf(budget: Budget): Step[] {
  const beyond = minus(budget.reserved, budget.filled);
  const waiting = beyond !== null && signOf(beyond) > 0 ? beyond : "0";
  return [
    { title: "Filled", amount: budget.filled, percent: budget.filledRiskPercentage, look: "bg-text", hint: "Lost if every stop is hit now, fees and slippage included" },
    { title: "Reserved beyond it", amount: waiting, percent: null, look: "bg-reserved", hint: "Held for layers that may still be added and for entries under way" },
    { title: "Free", amount: budget.free, percent: budget.freeRiskPercentage, look: "bg-line", hint: "What new entries may still risk" },
  ];
}

export function BudgetCard({ risk, atMs, periodMs }: { risk: AccountRisk; atMs: number; periodMs: number }) {
  const { budget } = risk;
  const steps = stepsOf(budget);
  const cap = asNumber(budget.cap);
  const words = steps.map((step) => `${step.title} ${dollars(step.amount)}`).join(", ");
  return (
    <Card title="Risk budget" source="ledger and balance" atMs={atMs} periodMs={periodMs}>
      <div role="img" aria-label={`${words}; the cap is ${dollars(budget.cap)}`} className="flex h-5 w-full overflow-hidden rounded border border-line-strong">
        {steps.map((step) => (
          <div key={step.title} title={`${step.title} ${dollars(step.amount)}: ${step.hint}`} className={step.look} style={{ width: `${widthOf(step.amount, cap)}%` }} />
        ))}
      </div>
      <dl className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        <Figure label="■ Filled" hint={steps[0]?.hint} large>
          {dollars(budget.filled)}
          <Share>{budget.filledRiskPercentage}</Share>
        </Figure>
        <Figure label="■ Reserved in all" hint="What the gate counts against the cap: the filled part is in it" large>
          <span className="text-reserved">{dollars(budget.reserved)}</span>
          <Share>{budget.reservedRiskPercentage}</Share>
        </Figure>
        <Figure label="Pending" hint="Of the reserved: entries under way" large>
          {dollars(budget.pending)}
          <Share>{budget.pendingRiskPercentage}</Share>
        </Figure>
        <Figure label="□ Free" hint={steps[2]?.hint} large>
          {dollars(budget.free)}
          <Share>{budget.freeRiskPercentage}</Share>
        </Figure>
        <Figure label={`Cap (${percent(budget.cap_pct)} of equity)`} large>
          {dollars(budget.cap)}
        </Figure>
        <Figure label="Equity" large>
          {dollars(risk.equity)}
        </Figure>
      </dl>
      {signOf(budget.without_reserve) > 0 && (
        <p className="mt-2" role="alert">
          <Chip tone="warning">⚠ {dollars(budget.without_reserve)} are at risk without a reserve</Chip> Positions that nobody reserved for: the next reconciliation reserves it.
        </p>
      )}
    </Card>
  );
}

function Share({ children }: { children: string | null }) {
  return <span className="figure block text-2xs text-dim">{percent(children)} of equity</span>;
}

function widthOf(amount: string | null, cap: number): number {
  const share = (asNumber(amount) / cap) * 100;
  return Number.isFinite(share) ? Math.min(100, Math.max(0, share)) : 0;
}
