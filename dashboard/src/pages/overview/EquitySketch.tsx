import type { EquityPoint } from "./EquityChart";

interface EquitySketchProps {
  points: readonly EquityPoint[];
  /** What is drawn, in words. */
  label: string;
  onWanted: () => void;
}

const WIDTH = 300;
const HEIGHT = 100;

/**
 * The curve as two lines, for small screens: it costs nothing to draw. A touch brings the chart with its marks, scales and
 * open result.
 */
export function EquitySketch({ points, label, onWanted }: EquitySketchProps) {
  const values = points.flatMap((one) => [one.equity, one.wallet]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return (
    <button type="button" onClick={onWanted} className="relative block h-64 w-full md:h-72" aria-label={`${label}. Show the chart with its marks`}>
      <svg aria-hidden viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="size-full overflow-visible" fill="none">
        <polyline points={line(points, "wallet", low, high)} className="stroke-faint" strokeDasharray="3 3" vectorEffect="non-scaling-stroke" />
        <polyline points={line(points, "equity", low, high)} className="stroke-text" strokeWidth={2} vectorEffect="non-scaling-stroke" />
      </svg>
      <span aria-hidden className="label absolute right-0 top-0">
        {high.toFixed(2)}
      </span>
      <span aria-hidden className="label absolute right-0 bottom-0">
        {low.toFixed(2)}
      </span>
      <span aria-hidden className="label absolute bottom-0 left-0">
        touch for the chart
      </span>
    </button>
  );
}

/** From the left edge to the right by time, with a tenth of the height left free above and below. */
function line(points: readonly EquityPoint[], value: "equity" | "wallet", low: number, high: number): string {
  const first = points[0]?.timeMs ?? 0;
  const lasted = (points.at(-1)?.timeMs ?? 0) - first || 1;
  const range = high - low || 1;
  return points
    .map((one) => {
      const x = ((one.timeMs - first) / lasted) * WIDTH;
      const y = HEIGHT * (0.9 - 0.8 * ((one[value] - low) / range));
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}
