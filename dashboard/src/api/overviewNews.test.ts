import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../live/contract";
import type { Overview, PositionNow } from "./overview";
import { withNews } from "./overviewNews";

const position = (changes: Partial<PositionNow>): PositionNow =>
  ({ account: "main", symbol: "BTCUSDT", side: "LONG", quantity: "1", mark_price: "100", unrealized_pnl: "5", ...changes }) as PositionNow;
const overview = (changes: Partial<Overview>): Overview =>
  ({ positions: [], alerts: [], open_alerts: { critical: 0 }, events: [], accounts: [], blocks: [], ...changes }) as Overview;
const news = (kind: LiveEvent["kind"], data: object): LiveEvent => ({ seq: 1, kind, at_ms: 7, account: "main", data: { ...data } });

describe("news in the overview", () => {
  it("show a new position at once, and take away one that was closed", () => {
    const opened = withNews(overview({}), [news("position", { ...position({}), open: true })]);
    expect(opened.positions).toHaveLength(1);
    expect(withNews(opened, [news("position", { account: "main", symbol: "BTCUSDT", side: "LONG", open: false })]).positions).toEqual([]);
  });

  it("keep the known price of a position that did not grow, and show none of one that did", () => {
    const before = overview({ positions: [position({})] });
    const same = withNews(before, [news("position", { ...position({ mark_price: null, unrealized_pnl: null }), open: true })]);
    expect(same.positions[0]?.unrealized_pnl).toBe("5");
    const grown = withNews(before, [news("position", { ...position({ quantity: "2", mark_price: null, unrealized_pnl: null }), open: true })]);
    expect(grown.positions[0]?.unrealized_pnl).toBeNull();
  });

  it("count an alert once while it is open, and not when it is over", () => {
    const alert = { key: "naked#main", level: "critical", open: true };
    const told = withNews(overview({}), [news("alert", alert), news("alert", alert)]);
    expect([told.alerts.length, told.open_alerts["critical"]]).toEqual([1, 1]);
    const over = withNews(told, [news("alert", { ...alert, open: false })]);
    expect([over.alerts.length, over.open_alerts["critical"]]).toEqual([0, 0]);
  });

  it("name a fill as the API does, so that it is not shown twice", () => {
    const fill = { symbol: "BTCUSDT", trade_id: 5, side: "BUY", quantity: "1", price: "100" };
    const told = withNews(overview({}), [news("fill", fill), news("fill", fill)]);
    expect(told.events.map((one) => one.id)).toEqual(["fill main BTCUSDT 5"]);
  });
});
