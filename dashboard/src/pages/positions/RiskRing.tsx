import { asNumber, signOf } from "../../words/decimal";
import { dollars, percent } from "../../words/figures";

const OUTER = 15.5;
const INNER = 10.5;
const STROKE = { 1: "stroke-profit", 0: "stroke-dim", [-1]: "stroke-loss" } as const;

interface RiskRingProps {
  /** Quote units: lost at the stop by what has filled, and held in reserve for all of it. */
  filled: string;
  reserved: string;
  filledPct: string | null;
  reservedPct: string | null;
  pnl: string | null;
  /** A full circle, percent of equity. */
  fullPct?: number;
}

/** Filled risk inside, in the colour of the profit; reserved risk outside, in blue. The words beside it say the same. */
export function RiskRing({ filled, reserved, filledPct, reservedPct, pnl, fullPct = 5 }: RiskRingProps) {
  const words = `Filled risk ${percent(filledPct)} of equity (${dollars(filled)}), reserved ${percent(reservedPct)} (${dollars(reserved)})`;
  return (
    <div className="flex items-center gap-2" title={words}>
      <svg viewBox="0 0 36 36" className="size-9 shrink-0 -rotate-90" role="img" aria-label={words}>
        <Arc radius={OUTER} share={asNumber(reservedPct) / fullPct} className="stroke-reserved" />
        <Arc radius={INNER} share={asNumber(filledPct) / fullPct} className={STROKE[signOf(pnl)]} />
      </svg>
      <div aria-hidden className="figure text-2xs leading-4">
        <div>● {percent(filledPct)} filled</div>
        <div className="text-reserved">○ {percent(reservedPct)} held</div>
      </div>
    </div>
  );
}

function Arc({ radius, share, className }: { radius: number; share: number; className: string }) {
  const round = 2 * Math.PI * radius;
  const drawn = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) * round : 0;
  return (
    <>
      <circle cx="18" cy="18" r={radius} fill="none" strokeWidth="3.5" className="stroke-line" />
      <circle cx="18" cy="18" r={radius} fill="none" strokeWidth="3.5" strokeDasharray={`${drawn} ${round}`} className={className} />
    </>
  );
}
