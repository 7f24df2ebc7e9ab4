import type { components } from "../../api/schema";

/** What the API tells of the flow of liquidations. Figures are decimal text, times epoch ms. */
type Schemas = components["schemas"];

export type TapeRow = Schemas["TapeRow"];
export type Tape = Schemas["Liquidations"];
export type SizeAt = Schemas["SizeAt"];
export type HeatCell = Schemas["HeatCell"];
export type Hotspot = Schemas["Hotspot"];
export type SymbolSummary = Schemas["SymbolSummary"];
export type Gap = Schemas["GapRow"];
export type TapeSummary = Schemas["TapeSummary"];
export type Threshold = Schemas["Threshold"];
export type StrategyProgress = Schemas["StrategyProgress"];
export type CascadeRow = Schemas["CascadeRow"];
export type SymbolProgress = Schemas["SymbolProgress"];
export type CascadeAggregate = Schemas["AggregateRow"];
export type Windows = Schemas["Windows"];
export type CandleRow = Schemas["CandleRow"];
export type ChartFill = Schemas["ChartFill"];
export type LiquidatedInCandle = Schemas["LiquidatedRow"];
export type Chart = Schemas["Chart"];
