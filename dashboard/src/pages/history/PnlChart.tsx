import { createChart, createSeriesMarkers, HistogramSeries, LineSeries, type SeriesMarker, type Time } from "lightweight-charts";
import { useEffect, useRef } from "react";
import { chartOptions, paint, useThemeVersion } from "../../ui/canvas";

export interface PnlPoint {
  day: string;
  net: number;
  sum: number;
}

export interface PnlMark {
  /** A day of the points. */
  day: string;
  kind: "in" | "out" | "change";
  text: string;
}

/** A bar for each day, above it the sum since the range began with what came in, went out, and was changed. */
export default function PnlChart({ points, marks, label }: { points: readonly PnlPoint[]; marks: readonly PnlMark[]; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useThemeVersion();
  useEffect(() => {
    if (place.current === null) return;
    const colours = paint();
    const chart = createChart(place.current, { ...chartOptions(colours), timeScale: { borderColor: colours.line, timeVisible: false } });
    const priceFormat = { type: "price" as const, precision: 2, minMove: 0.01 };
    const line = chart.addSeries(LineSeries, { color: colours.text, lineWidth: 2, priceFormat, priceLineVisible: false });
    const bars = chart.addSeries(HistogramSeries, { priceFormat, priceLineVisible: false, lastValueVisible: false }, 1);
    chart.panes()[1]?.setHeight(110);
    // The sum begins with nothing, the day before the first.
    const [first] = points;
    const before = first === undefined ? [] : [{ time: dayBefore(first.day), value: 0 }];
    line.setData([...before, ...points.map((point) => ({ time: point.day, value: point.sum }))]);
    bars.setData(points.map((point) => ({ time: point.day, value: point.net, color: point.net < 0 ? colours.loss : colours.profit })));
    const colourOf = { in: colours.reserved, out: colours.warning, change: colours.dim };
    const shaped: SeriesMarker<Time>[] = marks.map((mark) => ({
      time: mark.day,
      position: mark.kind === "out" ? "aboveBar" : "belowBar",
      shape: mark.kind === "in" ? "arrowUp" : mark.kind === "out" ? "arrowDown" : "square",
      color: colourOf[mark.kind],
      text: mark.text,
    }));
    createSeriesMarkers(line, shaped);
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [points, marks, theme]);
  return <div ref={place} role="img" aria-label={label} className="h-72 w-full" />;
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
