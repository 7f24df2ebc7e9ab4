import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { AccountNow, PositionNow } from "../../api/overview";
import { RiskRing } from "./RiskRing";

const ACCOUNT = { risk: { filled: "10", reserved: "20", pending: "0", free: "380", cap: "400", cap_pct: "40" }, committed: {} } as AccountNow;

const withResults = (...results: (string | null)[]) => results.map((unrealized_pnl) => ({ notional: "100", unrealized_pnl }) as PositionNow);

afterEach(cleanup);

describe("the ring of the risk budget", () => {
  it("tells the open result of all positions", () => {
    render(<RiskRing account={ACCOUNT} positions={withResults("5", "-2.5")} />);
    expect(screen.getByRole("img").getAttribute("aria-label")).toContain("open result +$2.50");
  });

  it("has the colour of no result where the price of one position is not known", () => {
    const { container } = render(<RiskRing account={ACCOUNT} positions={withResults("5", null)} />);
    expect(screen.getByRole("img").getAttribute("aria-label")).toContain("open result not known");
    expect(container.querySelector(".stroke-profit")).toBeNull();
  });
});
