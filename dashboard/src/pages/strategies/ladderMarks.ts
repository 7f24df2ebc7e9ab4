import { asNumber } from "../../words/decimal";
import type { Preview } from "./types";

export type MarkKind = "target" | "layer" | "mark" | "stop" | "liquidation" | "worst";

/** One price of the plan on the way from top to bottom. `at` and `label` are percent of the height; `size` is 0 to 1. */
export interface PriceMark {
  kind: MarkKind;
  title: string;
  price: string;
  at: number;
  label: number;
  size: number;
  reached: boolean;
}

const GAP = 7.5;

/** Where the prices of a plan stand beside each other. Labels that would lie over each other are moved apart. */
export function priceMarks(preview: Preview, worstDay: boolean): PriceMark[] {
  const found = marksOf(preview, worstDay);
  // The plan fills the picture; a worst day far beyond it stands at its edge and says so.
  const prices = found.filter((mark) => mark.kind !== "worst").map((mark) => asNumber(mark.price));
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const span = high - low || 1;
  const placed = found.map((mark) => {
    const at = 6 + (86 * (high - asNumber(mark.price))) / span;
    const within = Math.min(99, Math.max(1, at));
    return { ...mark, title: within === at ? mark.title : `${mark.title} (far)`, at: within, label: 0 };
  });
  return apart(placed.sort((one, other) => one.at - other.at));
}

function marksOf(preview: Preview, worstDay: boolean): Omit<PriceMark, "at" | "label">[] {
  const layers = preview.layers ?? [];
  const most = Math.max(...layers.map((layer) => asNumber(layer.notional)), 0) || 1;
  const reached = worstDay ? (preview.worst_day?.entries_reached ?? 0) : 0;
  const last = layers.at(-1);
  const marks: Omit<PriceMark, "at" | "label">[] = layers.map((layer) => ({
    kind: "layer",
    title: `Layer ${layer.number}`,
    price: layer.price,
    size: asNumber(layer.notional) / most,
    reached: layer.number <= reached,
  }));
  const add = (kind: MarkKind, title: string, price: string | null | undefined, hit = false) => {
    if (price != null) marks.push({ kind, title, price, size: 0, reached: hit });
  };
  if (preview.entry) marks.push({ kind: "layer", title: "Entry", price: preview.entry.price, size: 1, reached: reached > 0 });
  add("target", "Target", preview.target_price ?? layers[0]?.target_price);
  add("stop", "Stop", preview.stop_price, worstDay && (preview.worst_day?.stop_reached ?? false));
  add("liquidation", "Liquidation", preview.liquidation?.price ?? last?.liquidation.price);
  if (worstDay) add("worst", "Worst day", preview.worst_day?.extreme_price);
  return marks;
}

/** As many digits behind the point as the plan's own prices have: a liquidation price is computed to far more. */
export function placesOf(preview: Preview): number {
  const prices = [...(preview.layers ?? []).map((layer) => layer.price), preview.entry?.price, preview.stop_price];
  return Math.max(0, ...prices.map((price) => price?.split(".")[1]?.length ?? 0));
}

function apart(marks: PriceMark[]): PriceMark[] {
  let before = -Infinity;
  for (const mark of marks) {
    mark.label = Math.max(mark.at, before + GAP);
    before = mark.label;
  }
  let after = 100 + GAP / 2;
  for (const mark of marks.toReversed()) {
    mark.label = Math.min(mark.label, after - GAP);
    after = mark.label;
  }
  return marks;
}
