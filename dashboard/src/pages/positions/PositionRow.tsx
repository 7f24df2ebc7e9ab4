import { useState } from "react";
import { linkTo } from "../../app/route";
import { Button } from "../../ui/Button";
import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { signOf } from "../../words/decimal";
import { dollars, NONE, percent, signedDollars } from "../../words/figures";
import { useNow } from "../../words/now";
import { duration, utcMoment } from "../../words/times";
import { TimelineView } from "../history/TimelineView";
import { AdlLights } from "./AdlLights";
import { isFrozen, LadderDetail, LadderPips } from "./LadderView";
import { LiquidationBar, ProtectionView } from "./Protections";
import { RequestChip } from "./RequestState";
import { RiskRing } from "./RiskRing";
import type { ActionName } from "./requests";
import type { Position, PositionRequest } from "./types";
import { price, quantity } from "./words";

/** Ten cells: below each other on a phone, in one line from 1280 px on. */
const CELLS =
  "grid grid-cols-2 gap-x-3 gap-y-2.5 px-3 pt-2.5 pb-2 sm:grid-cols-3 lg:grid-cols-5 xl:grid-cols-[minmax(8rem,1.3fr)_6rem_6.5rem_6.5rem_8.5rem_9.5rem_9.5rem_6.5rem_5.5rem_minmax(7.5rem,1fr)]";

interface PositionRowProps {
  position: Position;
  /** The newest request about this position, if it is worth showing. */
  request: PositionRequest | undefined;
  asOfMs: number;
  /** Null where the reader may only look. */
  onAction: ((action: ActionName, position: Position) => void) | null;
}

export function PositionRow({ position, request, asOfMs, onAction }: PositionRowProps) {
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState(false);
  const naked = position.unprotected_for_ms !== null;
  const name = `${position.symbol} ${position.side.toLowerCase()}`;
  return (
    <article aria-label={name} className={`border-b border-line last:border-b-0 ${naked ? "bg-danger-soft" : ""}`}>
      <div className={CELLS}>
        <Identity position={position} />
        <Pair title="Size" first={quantity(position.quantity)} second={dollars(position.notional)} hint={`Margin ${dollars(position.margin)}`} />
        <Prices position={position} />
        <Profit position={position} />
        <LiquidationBar liquidation={position.liquidation} />
        <ProtectionView title="Stop" order={position.stop} read={position.id !== ""} />
        <ProtectionView title="Target" order={position.target} read={position.id !== ""} />
        <Protected position={position} asOfMs={asOfMs} />
        <div className="min-w-0">
          <div className="label">Ladder</div>
          {position.ladder === null ? <span className="text-faint">{NONE}</span> : <LadderPips ladder={position.ladder} />}
        </div>
        <div className="min-w-0">
          <div className="label">Risk of equity</div>
          <RiskRing
            filled={position.filled_risk}
            reserved={position.reserved_risk}
            filledPct={position.filledRiskPercentage}
            reservedPct={position.reservedRiskPercentage}
            pnl={position.unrealized_pnl}
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-1.5 px-3 pb-2.5">
        {onAction !== null && position.id !== "" && <Actions position={position} name={name} onAction={(action) => onAction(action, position)} />}
        {position.ladder !== null && (
          <Button small tone="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Of name={`of ${name}`}>{open ? "Hide the layers" : `Show ${position.ladder.layers} layers`}</Of>
          </Button>
        )}
        {position.id === "" ? (
          <span role="status" className="text-dim">
            Just told by an event; reading the rest…
          </span>
        ) : (
          <Button small tone="quiet" aria-expanded={told} onClick={() => setTold(!told)}>
            <Of name={`of ${name}`}>{told ? "Hide the timeline" : "Timeline"}</Of>
          </Button>
        )}
        {request !== undefined && (
          <span className="ml-auto flex min-w-0 items-center gap-1.5" title={request.reason}>
            <span className="truncate text-dim">{request.what}</span>
            <RequestChip request={request} />
          </span>
        )}
      </div>
      {told && position.id !== "" && <TimelineView position={position.id} account={position.account} />}
      {open && position.ladder !== null && <LadderDetail ladder={position.ladder} symbol={position.symbol} />}
    </article>
  );
}

function Identity({ position }: { position: Position }) {
  const long = position.side === "LONG";
  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center gap-1.5">
        <a className="font-semibold hover:underline" href={linkTo("liquidations", [], { symbol: position.symbol })}>
          {position.symbol}
        </a>
        <span className={long ? "text-profit" : "text-loss"}>
          <span aria-hidden>{long ? "▲" : "▼"}</span> {position.side}
        </span>
        <span className="figure text-dim">{position.leverage}×</span>
      </div>
      <div className="mt-0.5 flex flex-wrap items-center gap-1">
        {position.external ? (
          <Chip tone="warning" title="This system did not open it">
            external
          </Chip>
        ) : (
          <a className="truncate text-dim hover:underline" href={linkTo("strategies", [position.strategy ?? ""])}>
            {position.strategy}
          </a>
        )}
        {position.risk_flag !== "" && <Chip title="How its reserved risk came about">{position.risk_flag}</Chip>}
        {position.ladder !== null && isFrozen(position.ladder) && <Chip tone="reserved">layers frozen</Chip>}
        <AdlLights adl={position.adl} />
      </div>
    </div>
  );
}

interface PairProps {
  title: string;
  first: string;
  second: string;
  hint?: string;
}

function Pair({ title, first, second, hint }: PairProps) {
  return (
    <div className="min-w-0" title={hint}>
      <div className="label">{title}</div>
      <div className="figure">{first}</div>
      <div className="figure text-2xs text-dim">{second}</div>
    </div>
  );
}

function Prices({ position }: { position: Position }) {
  const { mark } = position;
  const old = mark !== null && mark.age_ms > 10_000;
  const words = mark === null ? "The mark price is not known" : `Mark price of ${utcMoment(mark.time_ms)} UTC, ${mark.source}`;
  return (
    <div className="min-w-0" title={words}>
      <div className="label">Entry → mark</div>
      <div className="figure">{price(position.entry_price)}</div>
      <div className={`figure text-2xs ${old ? "text-faint" : "text-dim"}`}>
        {mark === null ? "mark not known" : `→ ${price(mark.price)}`}
        {old && mark !== null && ` (${duration(mark.age_ms)} old)`}
      </div>
    </div>
  );
}

function Profit({ position }: { position: Position }) {
  return (
    <div className="min-w-0" title={`Taken so far ${signedDollars(position.realized_pnl)}, fees ${dollars(position.commission)}`}>
      <div className="label">Open P&amp;L</div>
      <Delta value={position.unrealized_pnl} />
      <div className="figure text-2xs text-dim">{percent(position.unrealized_price_pct, 2, true)} price</div>
      <div className="figure text-2xs text-dim">{percent(position.unrealized_roe_pct, 2, true)} ROE</div>
    </div>
  );
}

/** Timers run on between two answers. */
function Protected({ position, asOfMs }: { position: Position; asOfMs: number }) {
  const passed = Math.max(0, useNow() - asOfMs);
  const funding = position.funding_paid ?? null;
  return (
    <div className="min-w-0">
      <div className="label">Protected for</div>
      {position.unprotected_for_ms !== null ? (
        <div className="figure font-semibold text-danger">⚠ naked {duration(position.unprotected_for_ms + passed)}</div>
      ) : (
        <div className="figure">{position.protected_for_ms === null ? NONE : duration(position.protected_for_ms + passed)}</div>
      )}
      <div className="figure text-2xs text-dim" title={`Opened ${utcMoment(position.opened_at_ms)} UTC`}>
        open {duration(position.age_ms + passed)}
      </div>
      <div className="figure text-2xs text-dim" title="Funding of the symbol since the position was opened, as imported from the venue's books">
        funding {funding === null ? NONE : signOf(funding) === 0 ? "$0" : signedDollars(funding, 4)}
      </div>
    </div>
  );
}

function Actions({ position, name, onAction }: { position: Position; name: string; onAction: (action: ActionName) => void }) {
  const ladder = position.ladder;
  const able = ladder !== null && ladder.frozen_at_ms === null;
  return (
    <>
      <Button small onClick={() => onAction("close")}>
        <Of name={name}>Close</Of>
      </Button>
      <Button small disabled={position.stop === null} onClick={() => onAction("stop")}>
        <Of name={`of ${name}`}>Move stop</Of>
      </Button>
      <Button small onClick={() => onAction("break-even")}>
        <Of name={`for ${name}`}>Break-even</Of>
      </Button>
      {able && (
        <Button small onClick={() => onAction("layers")}>
          <Of name={`of ${name}`}>{ladder.held_at_ms === null ? "Freeze layers" : "Let layers go on"}</Of>
        </Button>
      )}
    </>
  );
}

/** What a button says, and for those who hear it only, of which position. */
function Of({ name, children }: { name: string; children: string }) {
  return (
    <span>
      {children}
      <span className="sr-only"> {name}</span>
    </span>
  );
}
