import { describe, expect, it } from "vitest";
import { stepsOf } from "./BudgetCard";
import { exposureOf } from "./ExposureCard";
import { scenariosOf } from "./ScenarioCard";
import { RULES, limitHeld, tried } from "./whatIf";
import type { Position } from "../positions/types";
import type { AccountRisk, Budget, TakenDecision } from "./types";

const budget = { filled: "175.87", reserved: "707.21", pending: "0", free: "652.99", cap: "1360.2", cap_pct: "14.5", without_reserve: "0", filledRiskPercentage: "1.87", reservedRiskPercentage: "7.54", pendingRiskPercentage: "0", freeRiskPercentage: "6.96" } satisfies Budget;

const decision = (id: string, leverage: string, symbol = "BTCUSDT"): TakenDecision => ({
  id,
  account: "main",
  symbol,
  strategy: "hunter",
  position_side: "LONG",
  inputs: { notional: "600", risk: "7.1" },
  layers: [{ number: 2, name: "effective_leverage", verdict: "passed", inputs: { effective_leverage: leverage }, limits: { max_effective_leverage: "10" } }],
  decided_at_ms: 1,
});

describe("the budget", () => {
  it("adds up to the cap: filled, reserved beyond it, free", () => {
    expect(stepsOf(budget).map((step) => step.amount)).toEqual(["175.87", "531.34", "652.99"]);
  });

  it("never shows less than nothing as reserved", () => {
    expect(stepsOf({ ...budget, reserved: "100" })[1]?.amount).toBe("0");
  });
});

describe("scenarios", () => {
  it("begin with all stops hit, which costs what has filled", () => {
    const risk = { equity: "9380.71", budget, positions: [], shocks: [] } as unknown as AccountRisk;
    const [first] = scenariosOf(risk);
    expect(first?.withStops).toMatchObject({ pnl: "-175.87", equity: "9204.84" });
  });
});

describe("exposure", () => {
  it("is summed by symbol and side at mark prices, the largest first", () => {
    const held = (symbol: string, side: string, quantity: string, mark: string | null) => ({ symbol, side, quantity, notional: "5", mark: mark === null ? null : { price: mark } }) as unknown as Position;
    expect(exposureOf([held("AAA", "LONG", "2", "10"), held("BBB", "SHORT", "3", "20"), held("AAA", "SHORT", "1", null)])).toEqual([
      { symbol: "BBB", long: "0", short: "60" },
      { symbol: "AAA", long: "20", short: "5" },
    ]);
  });
});

describe("a limit that is tried", () => {
  const [rule] = RULES;
  const taken = [decision("a", "1.2"), decision("b", "3.5"), decision("c", "3.6", "ETHUSDT"), { ...decision("d", "9"), layers: [] }];

  it("counts the entries that it would have refused, and what it cannot judge not at all", () => {
    const found = rule && tried(taken, rule, "3.5");
    expect(found?.blocked.map((one) => one.id)).toEqual(["c"]);
    expect(found).toMatchObject({ judged: 3, notional: "600", bySymbol: [["ETHUSDT", 1]] });
  });

  it("begins at the one that holds", () => {
    expect(rule && limitHeld(taken, rule)).toBe("10");
    expect(rule && limitHeld([], rule)).toBeNull();
  });

  it("is worse below where less is worse", () => {
    const distance = RULES.find((one) => one.key === "distance");
    const near: TakenDecision = { ...decision("e", "1"), layers: [{ number: 4, name: "liquidation_distance", verdict: "warned", inputs: { distance_pct: "9.48" }, limits: {} }] };
    expect(distance && tried([near], distance, "10").blocked).toHaveLength(1);
    expect(distance && tried([near], distance, "5").blocked).toHaveLength(0);
  });
});
