import { describe, expect, it } from "vitest";
import { csvOf } from "./exported";

describe("a file for a spreadsheet", () => {
  it("keeps figures as they are and quotes what would break a line", () => {
    expect(csvOf(["a", "b"], [{ a: "-0.5", b: 'say "so", twice' }])).toBe('a,b\r\n-0.5,"say ""so"", twice"\r\n');
  });

  it("runs no formula that an exchange put into a name", () => {
    expect(csvOf(["symbol"], [{ symbol: "=HYPERLINK(1)" }, { symbol: "-1+2" }])).toBe("symbol\r\n'=HYPERLINK(1)\r\n'-1+2\r\n");
  });

  it("writes a cell as the API's own file does: signs of full width, broken lines and apostrophes too", () => {
    const names = ["\uFF1D1+1", "\uFF0B1", "\uFF0D1+2", "\uFF20SUM(1)", "'quoted"];
    expect(csvOf(["symbol"], names.map((symbol) => ({ symbol })))).toBe(["symbol", ...names.map((name) => `'${name}`), ""].join("\r\n"));
    expect(csvOf(["info"], [{ info: "\n=1+1" }])).toBe('info\r\n"\'\n=1+1"\r\n');
  });

  it("leaves unknown cells empty and writes nested ones as JSON", () => {
    expect(csvOf(["x", "y", "z"], [{ x: null, y: { gate: "volume" }, z: true }])).toBe('x,y,z\r\n,"{""gate"":""volume""}",true\r\n');
  });
});
