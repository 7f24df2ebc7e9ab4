import {
  AreaSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineSeries,
  type SeriesMarker,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { chartOptions, faded, paint, useThemeVersion, type Paint } from "../../ui/canvas";

export interface EquityPoint {
  timeMs: number;
  wallet: number;
  equity: number;
}

export interface EquityMark {
  timeMs: number;
  kind: "in" | "out" | "change" | "start";
  text: string;
}

interface EquityChartProps {
  points: readonly EquityPoint[];
  marks: readonly EquityMark[];
  /** What is drawn, in words. */
  label: string;
}

const seconds = (ms: number): UTCTimestamp => Math.floor(ms / 1_000) as UTCTimestamp;

/** Equity, the wallet below it, and what is not realised between them as bars at the foot. */
export default function EquityChart({ points, marks, label }: EquityChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useThemeVersion();
  useEffect(() => {
    if (place.current === null) return undefined;
    const chart = draw(place.current, points, marks, paint());
    return () => chart.remove();
  }, [points, marks, theme]);
  return <div ref={place} role="img" aria-label={label} className="h-64 w-full md:h-72" />;
}

function draw(place: HTMLElement, points: readonly EquityPoint[], marks: readonly EquityMark[], colours: Paint) {
  const chart = createChart(place, chartOptions(colours));
  const priceFormat = { type: "price" as const, precision: 2, minMove: 0.01 };
  const told = oneEachSecond(points);
  const wallet = chart.addSeries(LineSeries, {
    color: colours.faint,
    lineWidth: 1,
    lineStyle: 2,
    priceFormat,
    priceLineVisible: false,
    lastValueVisible: false,
    crosshairMarkerVisible: false,
  });
  const equity = chart.addSeries(AreaSeries, {
    lineColor: colours.text,
    lineWidth: 2,
    topColor: faded(colours.text, 0.12),
    bottomColor: faded(colours.text, 0),
    priceFormat,
    priceLineVisible: false,
  });
  const open = chart.addSeries(HistogramSeries, {
    priceFormat,
    priceScaleId: "open",
    priceLineVisible: false,
    lastValueVisible: false,
  });
  chart.priceScale("right").applyOptions({ scaleMargins: { top: 0.1, bottom: 0.25 } });
  chart.priceScale("open").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  wallet.setData(told.map((one) => ({ time: seconds(one.timeMs), value: one.wallet })));
  equity.setData(told.map((one) => ({ time: seconds(one.timeMs), value: one.equity })));
  open.setData(
    told.map((one) => {
      const value = one.equity - one.wallet;
      return { time: seconds(one.timeMs), value, color: faded(value < 0 ? colours.loss : colours.profit, 0.55) };
    }),
  );
  createSeriesMarkers(equity, shaped(marks, told, colours));
  // Room on both sides, so that the words of a marker at the edge are whole.
  const room = Math.max(2, told.length * 0.04);
  chart.timeScale().setVisibleLogicalRange({ from: -room, to: told.length - 1 + room });
  return chart;
}

/** The chart takes one value a second, in order. */
function oneEachSecond(points: readonly EquityPoint[]): EquityPoint[] {
  const found = new Map(points.map((one) => [seconds(one.timeMs), one]));
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, one]) => one);
}

function shaped(marks: readonly EquityMark[], points: readonly EquityPoint[], colours: Paint): SeriesMarker<UTCTimestamp>[] {
  const colour = { in: colours.reserved, out: colours.warning, change: colours.dim, start: colours.faint };
  const shape = { in: "arrowUp", out: "arrowDown", change: "circle", start: "square" } as const;
  return marks
    .map((mark) => ({
      time: nearest(points, mark.timeMs),
      position: mark.kind === "out" ? ("aboveBar" as const) : ("belowBar" as const),
      shape: shape[mark.kind],
      color: colour[mark.kind],
      text: mark.text,
    }))
    .sort((a, b) => a.time - b.time);
}

/** A marker stands on a reading: the first one after it happened. */
function nearest(points: readonly EquityPoint[], timeMs: number): UTCTimestamp {
  const after = points.find((one) => one.timeMs >= timeMs) ?? points.at(-1);
  return seconds(after?.timeMs ?? timeMs);
}
