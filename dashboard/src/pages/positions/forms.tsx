import { useState } from "react";
import type { Problem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Figure } from "../../ui/Figure";
import { dollars, percent, signedDollars } from "../../words/figures";
import { compare, minus, share, times } from "./arithmetic";
import { isFrozen } from "./LadderView";
import type { Position } from "./types";
import { price, quantity } from "./words";

export interface FormProps {
  position: Position;
  sending: boolean;
  send: (wish: Readonly<Record<string, unknown>>) => void;
}

const SHARES = ["10", "25", "50", "75", "100"] as const;
const PERCENT = /^(100(\.0{1,2})?|\d{1,2}(\.\d{1,2})?)$/;
const PRICE = /^\d{1,15}(\.\d{1,12})?$/;

/** Close a part at market, with what that is in base units and in dollars by the mark price. */
export function CloseForm({ position, sending, send }: FormProps) {
  const [given, setGiven] = useState("100");
  const sane = PERCENT.test(given) && compare(given, "0") > 0;
  const long = position.side === "LONG";
  const part = sane ? share(position.quantity, given) : null;
  const at = position.mark?.price ?? null;
  const worth = part === null || at === null ? null : times(part, at);
  const made = sane && position.unrealized_pnl !== null ? share(position.unrealized_pnl, given) : null;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (sane && !sending) send({ percent: given });
      }}
    >
      <div className="flex flex-wrap gap-1.5" role="group" aria-label="Part to close">
        {SHARES.map((one) => (
          <Button key={one} small tone={given === one ? "primary" : "plain"} aria-pressed={given === one} onClick={() => setGiven(one)}>
            {one} %
          </Button>
        ))}
      </div>
      <TextField label="Part to close" unit="%" numeric value={given} onChange={setGiven} flaw={sane ? null : "A figure above 0, at most 100, with at most two places"} />
      <dl className="grid grid-cols-2 gap-3 rounded border border-line bg-raised p-3 sm:grid-cols-3">
        <Figure label={long ? "Sold, at most" : "Bought back, at most"} hint="Rounded down to the venue's lot">
          {quantity(part)}
        </Figure>
        <Figure label="Worth at the mark price" estimate>
          {dollars(worth)}
        </Figure>
        <Figure label="Profit or loss taken, before fees" estimate>
          {signedDollars(made)}
        </Figure>
      </dl>
      <div className="flex justify-end">
        <Button type="submit" tone="danger" disabled={!sane || sending}>
          {sending ? "Sending…" : `Close ${sane ? given : ""} % at market${worth === null ? "" : ` (${dollars(worth, 0)})`}`}
        </Button>
      </div>
    </form>
  );
}

/** Move the stop. Tightening is sent at once; loosening comes back with the dollars it adds and is asked again. */
export function StopForm({ position, sending, send, grows }: FormProps & { grows: Problem | null }) {
  const stands = position.stop?.trigger_price ?? null;
  const [given, setGiven] = useState(stands ?? "");
  const [told, setTold] = useState("");
  const sane = PRICE.test(given) && compare(given, "0") > 0;
  const long = position.side === "LONG";
  const moved = sane && stands !== null ? compare(given, stands) * (long ? 1 : -1) : 0;
  const distance = sane ? minus(given, position.entry_price) : null;
  const result = distance === null ? null : times(times(distance, position.quantity) ?? "", long ? "1" : "-1");
  const beyond = sane && position.mark !== null && compare(given, position.mark.price) * (long ? 1 : -1) >= 0;
  const confirming = grows !== null && told === given;
  const flaw = !sane ? "A price, as plain figures" : beyond ? `Beyond the mark price of ${price(position.mark?.price)}: it would close at once` : null;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (flaw !== null || sending) return;
        setTold(given);
        send(confirming ? { stop_price: given, confirm: true } : { stop_price: given });
      }}
    >
      <TextField
        label="New stop price"
        numeric
        value={given}
        onChange={setGiven}
        flaw={flaw}
        hint={`Stands at ${price(stands)}; mark price ${price(position.mark?.price)}. It may go no further from the price than the strategy's own stop.`}
      />
      <dl className="grid grid-cols-2 gap-3 rounded border border-line bg-raised p-3">
        <Figure label="Direction">{moved > 0 ? "▲ tighter" : moved < 0 ? "▼ looser" : "no change"}</Figure>
        <Figure label="Result at that stop, before fees" estimate>
          {signedDollars(result)}
        </Figure>
      </dl>
      {confirming && (
        <p role="alert" className="rounded border border-warning bg-warning-soft p-2 text-warning">
          {grows.detail}
        </p>
      )}
      <div className="flex justify-end">
        <Button type="submit" tone={moved < 0 ? "danger" : "primary"} disabled={flaw !== null || sending || moved === 0}>
          {sending ? "Sending…" : confirming ? "Loosen the stop all the same" : moved < 0 ? "Loosen the stop…" : "Tighten the stop"}
        </Button>
      </div>
    </form>
  );
}

/** The stop to where an exit pays the fees of both ends. */
export function BreakEvenForm({ position, sending, send }: FormProps) {
  return (
    <div className="flex flex-col gap-3">
      <p>
        The stop goes from <span className="figure">{price(position.stop?.trigger_price)}</span> to just beyond the entry price of{" "}
        <span className="figure">{price(position.entry_price)}</span>, where an exit pays the fees of both ends. It never loosens, and it is refused while the mark price
        of <span className="figure">{price(position.mark?.price)}</span> has not passed that point.
      </p>
      <div className="flex justify-end">
        <Button tone="primary" disabled={sending} onClick={() => send({})}>
          {sending ? "Sending…" : "Move the stop to break-even"}
        </Button>
      </div>
    </div>
  );
}

/** Freeze the ladder, or let it go on, which can add dollars and so is confirmed. */
export function LayersForm({ position, sending, send }: FormProps) {
  const ladder = position.ladder;
  if (ladder === null) return <p>The position has no ladder: nothing adds layers to it.</p>;
  if (ladder.frozen_at_ms !== null) return <p>The ladder gets no more layers in any case: they were given up, and their reserve is free again.</p>;
  const free = ladder.plan.filter((layer) => layer.state === "planned" || layer.state === "sent" || layer.state === "reserved");
  const notional = free.reduce<string | null>((sum, layer) => (sum === null ? null : minus(sum, `-${layer.notional}`)), "0");
  const frozen = isFrozen(ladder);
  return (
    <div className="flex flex-col gap-3">
      {frozen ? (
        <p>
          {free.length} layers of <span className="figure">{dollars(notional)}</span> together may then be added again. Their risk of{" "}
          <span className="figure">{dollars(ladder.unclaimed_risk)}</span> ({percent(position.reservedRiskPercentage)} of equity with the rest) is held in reserve already.
        </p>
      ) : (
        <p>
          No layer is added any more, and what waits at the venue is cancelled: {free.length} layers of <span className="figure">{dollars(notional)}</span> together. The
          reserve of <span className="figure">{dollars(ladder.unclaimed_risk)}</span> is kept, so that they can be let go on.
        </p>
      )}
      <div className="flex justify-end">
        <Button tone={frozen ? "danger" : "primary"} disabled={sending} onClick={() => send(frozen ? { freeze: false, confirm: true } : { freeze: true })}>
          {sending ? "Sending…" : frozen ? `Let layers of ${dollars(notional, 0)} be added again` : "Freeze the layers"}
        </Button>
      </div>
    </div>
  );
}
