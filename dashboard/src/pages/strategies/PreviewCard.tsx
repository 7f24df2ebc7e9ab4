import { useState } from "react";
import { Card, cardState } from "../../ui/Card";
import { Tabs } from "../../ui/Tabs";
import { linkTo } from "../../app/route";
import { dollars } from "../../words/figures";
import { LadderChart } from "./LadderChart";
import { LeastBalanceTable } from "./LeastBalance";
import { PlanFigures, PlanTable, WorstDayFigures } from "./PlanTable";
import { PRICES_MS, usePreview } from "./usePreview";
import type { Preview } from "./types";

interface PreviewCardProps {
  /** The draft as JSON text, settled. */
  text: string;
  symbols: readonly string[];
  symbol: string;
  onSymbol: (symbol: string) => void;
  /** A draft with flaws is not asked about. */
  valid: boolean;
}

const CONTROL = "h-7 max-w-40 rounded border border-line-strong bg-ground px-1.5";

/** What the draft would do now: on live prices, and on the worst day on record. Nothing is stored or placed. */
export function PreviewCard({ text, symbols, symbol, onSymbol, valid }: PreviewCardProps) {
  const [side, setSide] = useState("long");
  const query = usePreview(text, symbol, side, valid && symbol !== "");
  const preview = query.data?.data;
  const state =
    symbol === ""
      ? ({ kind: "empty", text: "Add a symbol to see what the strategy would do." } as const)
      : !valid && preview === undefined
        ? ({ kind: "empty", text: "The draft has flaws. Once they are mended, this shows what it would do." } as const)
        : cardState(query);
  return (
    <Card
      title="What it would do"
      source="venue prices, est."
      atMs={preview === undefined ? undefined : preview.time_ms - preview.prices_age_ms}
      periodMs={PRICES_MS}
      state={state}
      actions={
        symbols.length > 0 && <>
          <select aria-label="Symbol of the preview" className={CONTROL} value={symbol} onChange={(event) => onSymbol(event.target.value)}>
            {symbols.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <select aria-label="Side of the preview" className={CONTROL} value={side} onChange={(event) => setSide(event.target.value)}>
            <option value="long">long</option>
            <option value="short">short</option>
          </select>
        </>
      }
    >
      {preview !== undefined && <Shown preview={preview} outdated={!valid} />}
    </Card>
  );
}

function Shown({ preview, outdated }: { preview: Preview; outdated: boolean }) {
  const planned = (preview.layers?.length ?? 0) > 0 || preview.entry != null;
  return (
    <div className={`flex flex-col gap-3 ${outdated ? "grayscale" : ""}`}>
      {outdated && <p className="text-warning">The draft has flaws: this is what it was before them.</p>}
      {preview.refused !== null && <Refused preview={preview} />}
      {planned && (
        <Tabs
          label="Which day"
          tabs={[
            { value: "live", title: "On live prices", content: <Live preview={preview} /> },
            { value: "worst", title: "On the worst day", content: <Worst preview={preview} /> },
          ]}
        />
      )}
      {preview.least_balance !== undefined && <LeastBalanceTable found={preview.least_balance} available={preview.available} />}
      {preview.least_balance === undefined && preview.balance_needed !== undefined && (
        <p>
          Balance that it needs: <span className="figure">{dollars(preview.balance_needed)}</span>
        </p>
      )}
      <p className="label">
        Estimates. The account is taken to hold nothing else. Live windows towards a signal are on the <a className="underline" href={linkTo("liquidations")}>liquidations page</a>.
      </p>
    </div>
  );
}

function Refused({ preview }: { preview: Preview }) {
  return (
    <div role="status" className="rounded border border-transparent bg-warning-soft px-3 py-2">
      <p className="font-medium text-warning">Nothing would be placed now: {preview.refused}.</p>
      {preview.trade_value_needed !== undefined && (
        <p>
          It takes a trade value of <span className="figure">{dollars(preview.trade_value_needed)}</span> to reach the venue's minimum of <span className="figure">{dollars(preview.min_notional)}</span>.
        </p>
      )}
    </div>
  );
}

function Live({ preview }: { preview: Preview }) {
  return (
    <div className="flex flex-col gap-3">
      <LadderChart preview={preview} worstDay={false} />
      <PlanFigures preview={preview} />
      <PlanTable preview={preview} worstDay={false} />
    </div>
  );
}

function Worst({ preview }: { preview: Preview }) {
  if (preview.worst_day == null) return <p className="text-dim">No daily candles are on record for this symbol, so there is no worst day.</p>;
  return (
    <div className="flex flex-col gap-3">
      <LadderChart preview={preview} worstDay />
      <WorstDayFigures day={preview.worst_day} side={preview.side} />
      <PlanTable preview={preview} worstDay />
    </div>
  );
}
