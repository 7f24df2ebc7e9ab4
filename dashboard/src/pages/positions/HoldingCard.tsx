import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { signedDollars } from "../../words/figures";
import { pairOf, type Holding } from "./pairs";
import { PositionRow } from "./PositionRow";
import type { ActionName } from "./requests";
import type { Position, PositionRequest } from "./types";
import { modeName, quantity } from "./words";

interface HoldingCardProps {
  holding: Holding;
  requests: readonly PositionRequest[];
  asOfMs: number;
  onAction: ((action: ActionName, position: Position) => void) | null;
  /** More than one account is shown: then each holding says whose it is. */
  named: boolean;
}

/** One position, or the two legs of a hedged pair with what they are together. */
export function HoldingCard({ holding, requests, asOfMs, onAction, named }: HoldingCardProps) {
  const pair = pairOf(holding);
  const title = pair === null ? `${holding.symbol} in account ${holding.account}` : `Hedged pair ${holding.symbol} in account ${holding.account}`;
  return (
    <section aria-label={title} className={`min-w-0 overflow-hidden rounded-md border bg-panel ${pair === null ? "border-line" : "border-line-strong"}`}>
      {(pair !== null || named) && (
        <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-raised px-3 py-1">
          {named && (
            <span>
              {holding.account} <Chip tone={holding.mode === "live" ? "alarm" : "plain"}>{modeName(holding.mode)}</Chip>
            </span>
          )}
          {pair !== null && (
            <>
              <h2 className="font-semibold">
                <span aria-hidden>⇅ </span>Hedged pair {holding.symbol}
              </h2>
              <span className="text-dim">
                net <span className="figure text-text">{quantity(pair.net)}</span>
              </span>
              <span className="text-dim">
                together <Delta value={pair.pnl} />
              </span>
              <span className="text-dim" title="Both stops hit, before fees and slippage">
                at both stops <span className="figure">{signedDollars(pair.atStops)}</span> est.
              </span>
            </>
          )}
        </header>
      )}
      {holding.legs.map((leg) => (
        <PositionRow key={leg.side} position={leg} request={requests.find((one) => one.position === leg.id)} asOfMs={asOfMs} onAction={onAction} />
      ))}
    </section>
  );
}
