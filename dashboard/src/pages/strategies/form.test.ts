import { describe, expect, it } from "vitest";
import { differences, rebased } from "../../documents/diff";
import { BASE, documentOf, draftOf, inherited, withSymbol, withText, withoutSymbol } from "./draft";
import { priceMarks } from "./ladderMarks";
import { NotAStrategy, fileText, readFileText } from "./fileText";
import { compareFigures, flawOf, valueOf, type FieldSchema, type SettingsSchema } from "../../documents/schema";
import type { JsonObject } from "../../documents/types";
import type { Layer, Preview } from "./types";

const field = (changes: Partial<FieldSchema>): FieldSchema => ({
  title: "A field",
  description: "It is there.",
  type: ["string", "number"],
  "x-unit": "%",
  "x-allowed": "a number above 0, at most 20",
  ...changes,
});

const STEP = field({ "x-exclusive-minimum": "0", "x-maximum": "20", default: "0.4" });
const LEVERAGE = field({ type: "integer", minimum: 1, maximum: 50, "x-required": true });
const BOUND = field({ type: ["string", "number", "null"], "x-exclusive-minimum": "0", "x-maximum": "100", default: null });
const SIDE = field({ type: "string", enum: ["both", "long"] });
const SWITCH = field({ type: "boolean", default: true });
const SCHEMA: SettingsSchema = {
  properties: { leverage: LEVERAGE, first_step_pct: STEP, upper: BOUND, trade_side: SIDE, enabled: SWITCH },
  "x-groups": [],
};

const STORED: JsonObject = {
  id: "ladder",
  kind: "ladder",
  account: "main",
  enabled: true,
  base: { leverage: 10, first_step_pct: "0.4", upper: null },
  symbols: { BTCUSDT: {}, ETHUSDT: { leverage: 5 } },
};

describe("a field of the form", () => {
  it("is held against the bounds of the schema, to the last digit", () => {
    expect(flawOf(STEP, "20")).toBeNull();
    expect(flawOf(STEP, "20.000000000001")).toContain("at most 20");
    expect(flawOf(STEP, "0")).not.toBeNull();
    expect(flawOf(STEP, "0.000000000001")).toBeNull();
    expect(flawOf(LEVERAGE, "50")).toBeNull();
    expect(flawOf(LEVERAGE, "51")).not.toBeNull();
    expect(flawOf(LEVERAGE, "1.5")).not.toBeNull();
  });

  it("refuses what the API's parser refuses", () => {
    for (const text of ["1e3", "1,000", "٣", "NaN", "0x10", ".5", "5."]) expect(flawOf(STEP, text)).not.toBeNull();
    expect(flawOf(SIDE, "short")).not.toBeNull();
    expect(flawOf(SWITCH, "yes")).not.toBeNull();
  });

  it("admits no bound only where there may be none", () => {
    expect(flawOf(BOUND, "none")).toBeNull();
    expect(valueOf(BOUND, "none")).toBeNull();
    expect(flawOf(STEP, "none")).not.toBeNull();
  });

  it("says nothing of an empty text: that is a setting not given", () => {
    expect(flawOf(LEVERAGE, "  ")).toBeNull();
  });
});

describe("figures", () => {
  it("are compared by their digits", () => {
    expect(compareFigures("0.1", "0.10")).toBe(0);
    expect(compareFigures("-0.2", "0.1")).toBe(-1);
    expect(compareFigures("9007199254740993", "9007199254740992")).toBe(1);
  });
});

describe("a draft", () => {
  it("comes out as the document that went in", () => {
    expect(documentOf(draftOf(STORED), SCHEMA)).toEqual(STORED);
  });

  it("keeps figures as text and whole numbers as numbers", () => {
    const draft = withText(withText(draftOf(STORED), BASE, "first_step_pct", "0.50"), BASE, "leverage", "7");
    expect(documentOf(draft, SCHEMA)["base"]).toEqual({ leverage: 7, first_step_pct: "0.50", upper: null });
  });

  it("takes a setting back when its field is emptied, and then says what holds instead", () => {
    const own = { kind: "symbol", symbol: "ETHUSDT" } as const;
    const draft = withText(draftOf(STORED), own, "leverage", "");
    expect(documentOf(draft, SCHEMA)["symbols"]).toEqual({ BTCUSDT: {}, ETHUSDT: {} });
    expect(inherited(draft, SCHEMA, own, "leverage")).toBe("10");
    expect(inherited(draft, SCHEMA, own, "enabled")).toBe("true");
    expect(inherited(draft, SCHEMA, BASE, "leverage")).toBeUndefined();
  });

  it("sends what is not allowed as it was typed, for the API to refuse", () => {
    expect(documentOf(withText(draftOf(STORED), BASE, "leverage", "ten"), SCHEMA)["base"]).toMatchObject({ leverage: "ten" });
  });
});

describe("what differs", () => {
  const changed = (document: JsonObject, base: JsonObject): JsonObject => ({ ...document, base });

  it("is told field by field, in the order of the document", () => {
    const after = documentOf(withText(withSymbol(draftOf(STORED), "SOLUSDT"), BASE, "leverage", "12"), SCHEMA);
    expect(differences(STORED, after)).toEqual([
      { field: "base.leverage", before: 10, after: 12 },
      { field: "symbols.SOLUSDT", before: undefined, after: {} },
    ]);
  });

  it("names a symbol's first own setting and not that it had none before", () => {
    const after = documentOf(withText(draftOf(STORED), { kind: "symbol", symbol: "BTCUSDT" }, "leverage", "3"), SCHEMA);
    expect(differences(STORED, after)).toEqual([{ field: "symbols.BTCUSDT.leverage", before: undefined, after: 3 }]);
  });

  it("is everything for a strategy that was not there", () => {
    expect(differences(null, STORED)).toHaveLength(9);
    expect(differences(STORED, STORED)).toEqual([]);
  });

  it("of mine is laid over theirs, and what both changed is named", () => {
    const mine = changed(STORED, { leverage: 12, first_step_pct: "0.4", upper: null });
    const theirs = changed(STORED, { leverage: 8, first_step_pct: "0.6" });
    const found = rebased(STORED, mine, theirs);
    expect(found.document["base"]).toEqual({ leverage: 12, first_step_pct: "0.6" });
    expect(found.conflicts).toEqual([{ field: "base.leverage", before: 8, after: 12 }]);
  });

  it("of mine holds for symbols that came and went", () => {
    const mine = documentOf(withoutSymbol(withSymbol(draftOf(STORED), "SOLUSDT"), "ETHUSDT"), SCHEMA);
    const theirs = changed(STORED, { leverage: 8, first_step_pct: "0.4", upper: null });
    const found = rebased(STORED, mine, theirs);
    expect(found.document["symbols"]).toEqual({ BTCUSDT: {}, SOLUSDT: {} });
    expect(found.document["base"]).toMatchObject({ leverage: 8 });
    expect(found.conflicts).toEqual([]);
  });
});

describe("a file", () => {
  it("comes in as it went out", () => {
    expect(readFileText(fileText(STORED))).toEqual(STORED);
  });

  it("keeps every digit of a figure that stands there as a number", () => {
    const read = readFileText('{"base": {"a": 0.10000000000000000001, "b": [1.5, 2], "c": "1.5, 2.5"}}');
    expect(read).toEqual({ base: { a: "0.10000000000000000001", b: ["1.5", 2], c: "1.5, 2.5" } });
  });

  it("is refused in words when it is no JSON object", () => {
    expect(() => readFileText("{")).toThrow(NotAStrategy);
    expect(() => readFileText("[1]")).toThrow("no JSON object");
  });
});

describe("the plan on a scale of prices", () => {
  const layer = (number: number, price: string, notional: string) =>
    ({ number, price, notional, target_price: "101", liquidation: { known: true, price: "91.2345678", reason: "" } }) as Layer;
  const plan = {
    mark: "100.005",
    layers: [layer(1, "100", "50"), layer(2, "99.9", "100")],
    stop_price: "99.8",
    worst_day: { entries_reached: 1, stop_reached: false, extreme_price: "99.95" },
  } as unknown as Preview;

  it("has its labels apart, from the highest price to the lowest, within the picture", () => {
    const marks = priceMarks(plan, true);
    expect(marks.map((mark) => mark.title)).toEqual(["Target", "Layer 1", "Worst day", "Layer 2", "Stop", "Liquidation"]);
    const labels = marks.map((mark) => mark.label);
    expect(labels.every((label, place) => label >= 0 && label <= 100 && (place === 0 || label - (labels[place - 1] ?? 0) >= 7.4))).toBe(true);
  });

  it("says of each layer how large it is and whether the worst day reached it", () => {
    const layers = priceMarks(plan, true).filter((mark) => mark.kind === "layer");
    expect(layers.map(({ size, reached }) => [size, reached])).toEqual([[0.5, true], [1, false]]);
    expect(priceMarks(plan, false).some((mark) => mark.reached)).toBe(false);
  });
});
