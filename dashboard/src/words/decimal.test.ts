import { describe, expect, it } from "vitest";
import { figureText, signOf } from "./decimal";
import { percent, signedDollars } from "./figures";

describe("figures on the page", () => {
  it("are rounded on their digits, half away from zero", () => {
    expect(figureText("1234567.895", { places: 2 })).toBe("1,234,567.90");
    expect(figureText("-0.005", { places: 2 })).toBe("\u22120.01");
    expect(figureText("0.004", { places: 2 })).toBe("0.00");
    expect(figureText("99999999999999999.99", { places: 1 })).toBe("100,000,000,000,000,000.0");
  });

  it("never show a minus before nothing", () => {
    expect(figureText("-0.001", { places: 2, plus: true })).toBe("0.00");
    expect(signOf("-0.000")).toBe(0);
  });

  it("read the short form of very small and very large figures", () => {
    expect(figureText("1E-8", { places: 8 })).toBe("0.00000001");
    expect(figureText("1.5e+3", { places: 2, least: 0 })).toBe("1,500");
  });

  it("carry a sign where they are a gain or a loss", () => {
    expect(signedDollars("12.3")).toBe("+$12.30");
    expect(signedDollars("-4")).toBe("\u2212$4.00");
    expect(percent("2.50", 2, true)).toBe("+2.5%");
  });

  it("leave text that is no decimal as it is", () => {
    expect(figureText("unknown")).toBe("unknown");
  });
});
