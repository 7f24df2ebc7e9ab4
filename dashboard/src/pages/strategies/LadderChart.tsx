import { figureText } from "../../words/decimal";
import { placesOf, priceMarks, type MarkKind, type PriceMark } from "./ladderMarks";
import type { Preview } from "./types";

const LOOK: Record<MarkKind, { line: string; text: string; sign: string }> = {
  target: { line: "border-profit", text: "text-profit", sign: "▲" },
  layer: { line: "border-reserved", text: "text-text", sign: "●" },
  mark: { line: "border-faint", text: "text-dim", sign: "–" },
  stop: { line: "border-loss border-dashed", text: "text-loss", sign: "■" },
  liquidation: { line: "border-danger", text: "text-danger", sign: "✕" },
  worst: { line: "border-warning border-dotted", text: "text-warning", sign: "▼" },
};

/** The plan on a scale of prices: how large each layer is, and where it all ends. The table beside it holds the figures. */
export function LadderChart({ preview, worstDay }: { preview: Preview; worstDay: boolean }) {
  const marks = priceMarks(preview, worstDay);
  const shown = (price: string) => figureText(price, { places: placesOf(preview), least: 0 });
  if (marks.length < 2) return null;
  return (
    <div role="img" aria-label={told(marks, shown)} className="relative h-64 overflow-hidden">
      {marks.map((mark) => (
        <div key={mark.title}>
          <div className={`absolute right-44 left-0 border-t ${LOOK[mark.kind].line}`} style={{ top: `${mark.at}%` }} />
          {mark.size > 0 && (
            <div
              className={`absolute left-0 h-2.5 -translate-y-1/2 rounded-r ${mark.reached ? "bg-loss" : "bg-reserved"}`}
              style={{ top: `${mark.at}%`, width: `calc((100% - 11rem) * ${Math.max(0.02, mark.size)})` }}
            />
          )}
          <p
            className={`absolute right-0 flex w-42 -translate-y-1/2 items-baseline gap-1 text-xs ${LOOK[mark.kind].text}`}
            style={{ top: `${mark.label}%` }}
          >
            <span aria-hidden>{LOOK[mark.kind].sign}</span>
            <span className="truncate">{mark.title}</span>
            <span className="figure ml-auto">{shown(mark.price)}</span>
          </p>
        </div>
      ))}
    </div>
  );
}

function told(marks: readonly PriceMark[], shown: (price: string) => string): string {
  return `Prices from high to low: ${marks.map((mark) => `${mark.title} ${shown(mark.price)}`).join(", ")}`;
}
