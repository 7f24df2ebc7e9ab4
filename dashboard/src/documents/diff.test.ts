import { describe, expect, it } from "vitest";
import { rebased } from "./diff";

const BASE = { leverage: 10 };

describe("my changes laid over somebody else's", () => {
  it("keep a symbol out that I took out, whatever was set in it meanwhile, and say so", () => {
    const original = { base: BASE, symbols: { AUSDT: { leverage: 5 }, BUSDT: {} } };
    const mine = { base: BASE, symbols: { BUSDT: {} } };
    const theirs = { base: BASE, symbols: { AUSDT: { leverage: 5, trade_value_usdt: "7" }, BUSDT: {} } };
    const found = rebased(original, mine, theirs);
    expect(found.document).toEqual(mine);
    expect(found.conflicts).toEqual([{ field: "symbols.AUSDT", before: theirs.symbols.AUSDT, after: undefined }]);
  });

  it("keep one out as well that had no settings of its own", () => {
    const original = { base: BASE, symbols: { AUSDT: {}, BUSDT: {} } };
    const theirs = { base: BASE, symbols: { AUSDT: { leverage: 3 }, BUSDT: { leverage: 4 } } };
    const found = rebased(original, { base: BASE, symbols: { BUSDT: {} } }, theirs);
    expect(found.document).toEqual({ base: BASE, symbols: { BUSDT: { leverage: 4 } } });
    expect(found.conflicts).toEqual([{ field: "symbols.AUSDT", before: { leverage: 3 }, after: undefined }]);
  });

  it("are no conflict where nobody else touched what I took out, or took it out too", () => {
    const original = { base: BASE, symbols: { AUSDT: { leverage: 5 }, BUSDT: {} } };
    const mine = { base: BASE, symbols: { BUSDT: {} } };
    expect(rebased(original, mine, original)).toEqual({ document: mine, conflicts: [] });
    expect(rebased(original, mine, mine)).toEqual({ document: mine, conflicts: [] });
  });
});
