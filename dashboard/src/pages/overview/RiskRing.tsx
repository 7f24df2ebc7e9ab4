import type { AccountNow, PositionNow } from "../../api/overview";
import { atStake } from "../../app/atStake";
import { Figure, signPaint } from "../../ui/Figure";
import { asNumber, signOf } from "../../words/decimal";
import { dollars, percent, signedDollars } from "../../words/figures";

const SIZE = 132;
const CENTRE = SIZE / 2;

interface ArcProps {
  radius: number;
  width: number;
  /** 0 to 1. */
  share: number;
  paint: string;
}

function Arc({ radius, width, share, paint }: ArcProps) {
  const round = 2 * Math.PI * radius;
  const shown = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
  return (
    <>
      <circle cx={CENTRE} cy={CENTRE} r={radius} fill="none" strokeWidth={width} className="stroke-line" />
      {shown > 0 && (
        <circle
          cx={CENTRE}
          cy={CENTRE}
          r={radius}
          fill="none"
          strokeWidth={width}
          strokeDasharray={`${shown * round} ${round}`}
          transform={`rotate(-90 ${CENTRE} ${CENTRE})`}
          className={paint}
        />
      )}
    </>
  );
}

/** Outside what is reserved of the limit, in blue; inside what open positions risk by now, in the colour of their result. */
export function RiskRing({ account, positions }: { account: AccountNow; positions: readonly PositionNow[] }) {
  const { risk } = account;
  const cap = asNumber(risk.cap);
  const open = atStake(positions).pnl;
  const inside = { 1: "stroke-profit", 0: "stroke-faint", [-1]: "stroke-loss" }[signOf(open)];
  const used = asNumber(risk.reserved) / cap;
  const label = `Risk of ${percent(risk.cap_pct)} of equity: ${dollars(risk.reserved)} reserved and ${dollars(risk.filled)} filled of ${dollars(risk.cap)}; open result ${open === null ? "not known" : signedDollars(open)}`;
  return (
    <div className="flex flex-wrap items-center gap-4">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={label} className="size-30 shrink-0">
        <Arc radius={58} width={10} share={used} paint="stroke-reserved" />
        <Arc radius={44} width={10} share={asNumber(risk.filled) / cap} paint={inside} />
        <text x={CENTRE} y={CENTRE + 1} textAnchor="middle" className="fill-text font-mono text-lg font-semibold">
          {Number.isFinite(used) ? `${Math.round(used * 100)}%` : "n/a"}
        </text>
        <text x={CENTRE} y={CENTRE + 15} textAnchor="middle" className="fill-faint text-2xs">
          of the limit
        </text>
      </svg>
      <dl className="grid min-w-0 flex-1 basis-52 grid-cols-2 gap-x-3 gap-y-2">
        <Figure label="Filled" hint="What open positions lose at their stops, with fees and slippage">
          <span className={signPaint(open)}>{dollars(risk.filled)}</span> <Share of={risk.filledRiskPercentage} />
        </Figure>
        <Figure label="Reserved" hint="What the gate holds against the limit: filled layers and those that may still fill">
          <span className="text-reserved">{dollars(risk.reserved)}</span> <Share of={risk.reservedRiskPercentage} />
        </Figure>
        <Figure label="Pending" hint="Entries under way">
          {dollars(risk.pending)} <Share of={risk.pendingRiskPercentage} />
        </Figure>
        <Figure label="Free">
          {dollars(risk.free)} <Share of={risk.freeRiskPercentage} />
        </Figure>
        <Figure label="Limit">
          {dollars(risk.cap)} <Share of={risk.cap_pct} />
        </Figure>
        <Figure label="Margin in use">
          {dollars(account.committed.margin, 0)} <span className="text-2xs text-faint">/ {dollars(account.committed.max_margin, 0)}</span>
        </Figure>
      </dl>
    </div>
  );
}

function Share({ of }: { of: string | null }) {
  return <span className="text-2xs text-faint">{percent(of)}</span>;
}
