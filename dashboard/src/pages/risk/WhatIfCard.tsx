import { useState } from "react";
import { useApi } from "../../api/queries";
import { linkTo } from "../../app/route";
import { Card, cardState } from "../../ui/Card";
import { SelectField, TextField } from "../../ui/Field";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { figureText } from "../../words/decimal";
import { count, dollars } from "../../words/figures";
import { useNow } from "../../words/now";
import { limitHeld, RULES, shown, tried, type Rule, type WhatIf } from "./whatIf";
import type { DecisionsAnswer, TakenDecision } from "./types";

const DAY_MS = 86_400_000;
const STEP_MS = 60_000;
const MOST = 500;
const FIGURE = /^\d{1,15}(\.\d{1,12})?$/;

/** A limit tried on the entries of the last 24 hours, from what the gate recorded of each. Nothing is changed by it. */
export function WhatIfCard({ account }: { account: string }) {
  // In steps of a minute, so that the question stays the same one between two of them.
  const fromMs = Math.floor((useNow() - DAY_MS) / STEP_MS) * STEP_MS;
  const [askedMs] = useState(fromMs);
  const query = useApi<DecisionsAnswer>("decisions", { account, outcome: "taken", from_ms: askedMs, limit: MOST }, { everyMs: 120_000, keep: true });
  const decisions = query.data?.data.decisions ?? [];
  const [key, setKey] = useState(RULES[0]?.key ?? "");
  const rule = RULES.find((one) => one.key === key) ?? RULES[0];
  const [given, setGiven] = useState<string | null>(null);
  if (rule === undefined) return null;
  const held = limitHeld(decisions, rule);
  const limit = given ?? held ?? "";
  const sane = FIGURE.test(limit);
  const result = sane ? tried(decisions, rule, limit) : null;
  return (
    <Card
      title="What would be blocked"
      source="decision records of 24 h"
      atMs={query.data?.data.time_ms}
      periodMs={120_000}
      state={cardState(query, () => (decisions.length === 0 ? "No entry was taken within 24 hours: there is nothing to try a limit on." : null))}
      flush
    >
      <div className="grid gap-3 p-3 sm:grid-cols-2">
        <SelectField
          label="Limit to try"
          value={key}
          onChange={(chosen) => {
            setKey(chosen);
            setGiven(null);
          }}
          options={RULES.map((one) => ({ value: one.key, title: one.title }))}
        />
        <TextField
          label={rule.title}
          unit={rule.unit === "" ? undefined : rule.unit}
          numeric
          value={limit}
          onChange={setGiven}
          flaw={sane || limit === "" ? null : "A plain figure"}
          hint={held === null ? "The gate holds no such limit by itself now." : `Holds now: ${figureText(held, { places: 2, least: 0 })}. Change it under Settings.`}
        />
      </div>
      {result !== null && <Result result={result} rule={rule} />}
    </Card>
  );
}

function Result({ result, rule }: { result: WhatIf; rule: Rule }) {
  const columns: readonly Column<TakenDecision>[] = [
    { key: "at", title: "Entry (UTC)", cell: (one) => <Moment ms={one.decided_at_ms} /> },
    {
      key: "symbol",
      title: "Symbol",
      cell: (one) => (
        <a className="hover:underline" href={linkTo("decisions", [one.id])}>
          {one.symbol} {one.position_side?.toLowerCase()}
        </a>
      ),
    },
    { key: "strategy", title: "Strategy", wide: true, cell: (one) => one.strategy },
    { key: "value", title: "It showed", right: true, cell: (one) => <span className="figure">{figureText(shown(one, rule) ?? "", { places: 2, least: 0 })}</span> },
    { key: "size", title: "Size", right: true, cell: (one) => <span className="figure">{dollars(one.inputs["notional"])}</span> },
  ];
  return (
    <>
      <p role="status" className="px-3 pb-2">
        <strong className="figure">{count(result.blocked.length)}</strong> of <span className="figure">{count(result.judged)}</span> entries of the last 24 hours would have been refused
        {result.blocked.length > 0 && (
          <>
            , <span className="figure">{dollars(result.notional, 0)}</span> together: {result.bySymbol.map(([symbol, times]) => `${symbol} ${times}×`).join(", ")}
          </>
        )}
        .
      </p>
      {result.blocked.length > 0 && <Table caption="Entries that the limit would have refused" columns={columns} rows={result.blocked.slice(0, 8)} keyOf={(one) => one.id} />}
      {result.blocked.length > 8 && <p className="label px-3 py-1.5">and {result.blocked.length - 8} more</p>}
    </>
  );
}
