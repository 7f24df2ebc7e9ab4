import { compare, total } from "../positions/arithmetic";
import type { TakenDecision } from "./types";

/** A limit that a person may try on the entries that were taken: what each of them showed, and which way is worse. */
export interface Rule {
  key: string;
  title: string;
  unit: string;
  /** The layer of the gate that records it; null for what the entry itself records. */
  layer: string | null;
  input: string;
  /** The name of the limit in the record, if the gate held one against it. */
  limit: string | null;
  worse: "above" | "below";
}

export const RULES: readonly Rule[] = [
  { key: "effective_leverage", title: "Effective leverage at most", unit: "×", layer: "effective_leverage", input: "effective_leverage", limit: "max_effective_leverage", worse: "above" },
  { key: "initial_usage", title: "Margin used by positions at most", unit: "% of equity", layer: "margin_usage", input: "initial_usage_pct", limit: null, worse: "above" },
  { key: "distance", title: "Distance to liquidation at least", unit: "%", layer: "liquidation_distance", input: "distance_pct", limit: "critical_at_pct", worse: "below" },
  { key: "reward_risk", title: "Reward to risk at least", unit: "", layer: "stop_and_target", input: "reward_risk", limit: "min_reward_risk", worse: "below" },
  { key: "leverage", title: "Leverage of an entry at most", unit: "×", layer: "leverage", input: "leverage", limit: "account_max", worse: "above" },
  { key: "risk", title: "Risk of an entry at most", unit: "USDT", layer: null, input: "risk", limit: null, worse: "above" },
  { key: "notional", title: "Size of an entry at most", unit: "USDT", layer: null, input: "notional", limit: null, worse: "above" },
];

const FIGURE = /^-?\d+(\.\d+)?$/;

/** What the entry showed for the rule; null where nothing was recorded. */
export function shown(decision: TakenDecision, rule: Rule): string | null {
  const inputs = rule.layer === null ? decision.inputs : decision.layers.find((layer) => layer.name === rule.layer)?.inputs;
  const value = inputs?.[rule.input];
  return value !== undefined && FIGURE.test(value) ? value : null;
}

export function limitHeld(decisions: readonly TakenDecision[], rule: Rule): string | null {
  const [latest] = decisions;
  const held = rule.limit === null ? undefined : latest?.layers.find((layer) => layer.name === rule.layer)?.limits[rule.limit];
  return held !== undefined && FIGURE.test(held) ? held : null;
}

export interface WhatIf {
  blocked: readonly TakenDecision[];
  judged: number;
  /** Of what would have been blocked; null where a record has none. */
  notional: string | null;
  bySymbol: readonly (readonly [string, number])[];
}

/** Which of the entries that were taken the limit would have refused. */
export function tried(decisions: readonly TakenDecision[], rule: Rule, limit: string): WhatIf {
  const told = decisions.map((decision) => ({ decision, value: shown(decision, rule) })).filter((one) => one.value !== null);
  const blocked = told.filter(({ value }) => compare(value ?? "0", limit) * (rule.worse === "above" ? 1 : -1) > 0).map((one) => one.decision);
  const counts = new Map<string, number>();
  for (const { symbol } of blocked) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return {
    blocked,
    judged: told.length,
    notional: total(blocked.map((one) => one.inputs["notional"] ?? null)),
    bySymbol: [...counts].sort((one, other) => other[1] - one[1]),
  };
}
