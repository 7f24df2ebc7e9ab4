import type { components } from "../../api/schema";

/** What the API tells of decisions. Figures are decimal text, times epoch ms. */
type Schemas = components["schemas"];

export type DecisionRow = Schemas["DecisionRow"];
export type Decisions = Schemas["Decisions"];
export type GateCount = Schemas["GateCount"];
export type Bucket = Schemas["Bucket"];
export type Counts = Schemas["DecisionCounts"];
export type PriceThen = Schemas["PriceThen"];
export type AfterRow = Schemas["AfterRow"];
export type GateAfter = Schemas["GateAfter"];
export type PricesAfter = Schemas["PricesAfter"];
export type GateRow = Schemas["GateRow"];
export type Margin = Schemas["Margin"];
export type DecisionDetail = Schemas["DecisionDetail"];
