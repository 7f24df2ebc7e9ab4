import type { BlockNow } from "../api/overview";
import { Age } from "../ui/Age";

/** The widest first: what endangers money, what stops everything, what stops one symbol. */
const ORDER: readonly string[] = [
  "unprotected",
  "flatten",
  "close_only",
  "paused",
  "worker_silent",
  "venue_failure",
  "stale_parameters",
  "stale_balance",
  "cascade_aggregate",
  "window_not_covered",
  "portfolio_risk",
];
const NARROW: readonly string[] = ["cascade_symbol", "cascade_unknown", "missing_limits", "strategy_off", "forced_close"];

function rank(block: BlockNow): number {
  const at = ORDER.indexOf(block.kind);
  if (at >= 0) return at;
  return NARROW.includes(block.kind) ? 100 + NARROW.indexOf(block.kind) : 50;
}

/** What stands in the way of entries: why, since when, what clears it. It stays until nothing does. */
export function BlockBanner({ blocks }: { blocks: readonly BlockNow[] }) {
  const ordered = [...blocks].sort((a, b) => rank(a) - rank(b));
  const wide = ordered.filter((block) => rank(block) < 100);
  const first = wide[0];
  if (first === undefined) return null;
  const rest = ordered.filter((block) => block !== first);
  const danger = first.kind === "unprotected" || first.kind === "flatten";
  return (
    <section aria-label="What holds up entries" className={`border-b ${danger ? "border-danger bg-danger-soft" : "border-warning/40 bg-warning-soft"}`}>
      <details className="group px-3 py-1.5">
        <summary className="flex list-none flex-wrap items-baseline gap-x-3 gap-y-0.5">
          <span className={`font-semibold ${danger ? "text-danger" : "text-warning"}`}>
            <span aria-hidden>{danger ? "■ " : "▲ "}</span>
            {danger ? "Danger" : "No new entries"}
          </span>
          <BlockLine block={first} />
          {rest.length > 0 && (
            <span className="ml-auto text-dim underline decoration-dotted">
              <span className="group-open:hidden">and {rest.length} more</span>
              <span className="hidden group-open:inline">show less</span>
            </span>
          )}
        </summary>
        <ul className="mt-1 flex flex-col gap-1 border-t border-line pt-1">
          {rest.map((block) => (
            <li key={`${block.kind} ${block.scope}`} className="flex flex-wrap items-baseline gap-x-3">
              <BlockLine block={block} />
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function BlockLine({ block }: { block: BlockNow }) {
  return (
    <>
      <span className="font-medium">{block.scope}</span>
      <span className="min-w-0">{block.reason === "" ? block.kind.replaceAll("_", " ") : block.reason}</span>
      {block.since_ms !== null && (
        <span className="text-dim">
          since <Age atMs={block.since_ms} />
        </span>
      )}
      <span className="text-dim">Clears when: {block.clears}</span>
    </>
  );
}
