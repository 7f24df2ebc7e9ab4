import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { chartOptions, faded, paint, useThemeVersion, type Paint } from "../../ui/canvas";
import { asNumber } from "../../words/decimal";
import { exact } from "../../words/figures";
import { candlesIn, chartSummary, precisionOf } from "./chart";
import { GapShade } from "./GapShade";
import type { Chart, ChartFill } from "./types";

interface Drawn {
  chart: IChartApi;
  candles: ISeriesApi<"Candlestick">;
  liquidated: ISeriesApi<"Histogram">;
  covered: ISeriesApi<"Histogram">;
  markers: ISeriesMarkersPluginApi<Time>;
  shade: GapShade;
  colours: Paint;
}

const at = (ms: number): UTCTimestamp => Math.floor(ms / 1_000) as UTCTimestamp;

/** Candles, below them liquidations by candle (longs down, shorts up), our fills as arrows, gaps shaded. */
export default function PriceChart({ data }: { data: Chart }) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const theme = useThemeVersion();
  const shown = `${data.symbol} ${data.interval}`;

  useEffect(() => {
    if (place.current === null) return;
    const made = draw(place.current);
    drawn.current = made;
    fill(made, data);
    made.chart.timeScale().fitContent();
    return () => {
      drawn.current = null;
      made.chart.remove();
    };
    // Newer data of the same symbol are filled in below: the reader's zoom stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [theme, shown]);

  useEffect(() => {
    if (drawn.current !== null) fill(drawn.current, data);
  }, [data]);

  return <div ref={place} role="img" aria-label={chartSummary(data)} className="h-72 w-full md:h-96" />;
}

function draw(place: HTMLElement): Drawn {
  const colours = paint();
  const chart = createChart(place, chartOptions(colours));
  const candles = chart.addSeries(CandlestickSeries, {
    upColor: colours.ground,
    borderUpColor: colours.profit,
    wickUpColor: colours.profit,
    downColor: colours.loss,
    borderDownColor: colours.loss,
    wickDownColor: colours.loss,
  });
  const bars = { priceFormat: { type: "volume" as const }, lastValueVisible: false, priceLineVisible: false, base: 0 };
  const liquidated = chart.addSeries(HistogramSeries, bars, 1);
  const covered = chart.addSeries(HistogramSeries, bars, 1);
  chart.panes()[1]?.setHeight(80);
  const shade = new GapShade(faded(colours.warning, 0.18));
  candles.attachPrimitive(shade);
  return { chart, candles, liquidated, covered, markers: createSeriesMarkers(candles), shade, colours };
}

function fill({ candles, liquidated, covered, markers, shade, colours }: Drawn, data: Chart): void {
  const precision = precisionOf(data.candles);
  candles.applyOptions({ priceFormat: { type: "price", precision, minMove: 1 / 10 ** precision } });
  candles.setData(
    data.candles.map((one) => ({
      time: at(one.time_ms),
      open: asNumber(one.open),
      high: asNumber(one.high),
      low: asNumber(one.low),
      close: asNumber(one.close),
    })),
  );
  const known = new Set(data.candles.map((one) => one.time_ms));
  const within = data.liquidations.filter((one) => known.has(one.time_ms));
  liquidated.setData(within.map((one) => ({ time: at(one.time_ms), value: -asNumber(one.long_value), color: colours.loss })));
  covered.setData(within.map((one) => ({ time: at(one.time_ms), value: asNumber(one.short_value), color: colours.reserved })));
  markers.setMarkers(fillMarkers(data, known, colours));
  const bands = data.gaps.map((gap) => candlesIn(gap, data.candles, data.interval_s * 1_000));
  shade.show(bands.filter((band) => band !== null));
}

/** More arrows than this would lie over each other with their words. */
const MOST_WORDS = 14;

/** The fills of one candle and one side are one arrow. */
function fillMarkers(data: Chart, known: ReadonlySet<number>, colours: Paint): SeriesMarker<Time>[] {
  const stepMs = data.interval_s * 1_000;
  const together = new Map<string, { timeMs: number; fills: ChartFill[] }>();
  for (const one of data.fills) {
    const timeMs = one.time_ms - (one.time_ms % stepMs);
    if (!known.has(timeMs)) continue;
    const key = `${timeMs} ${one.side}`;
    const found = together.get(key) ?? { timeMs, fills: [] };
    found.fills.push(one);
    together.set(key, found);
  }
  return [...together.values()]
    .sort((one, other) => one.timeMs - other.timeMs)
    .map(({ timeMs, fills }) => {
      const [first] = fills;
      const buys = first?.side === "BUY";
      const text = fills.length > 1 ? `${fills.length} fills` : `${buys ? "bought" : "sold"} ${exact(first?.quantity)}`;
      return {
        time: at(timeMs),
        position: buys ? "belowBar" : "aboveBar",
        shape: buys ? "arrowUp" : "arrowDown",
        color: colours.text,
        ...(together.size <= MOST_WORDS ? { text } : { size: 0.6 }),
      };
    });
}
