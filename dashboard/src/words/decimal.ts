/**
 * Decimal text, as the API writes figures. Rounding is done on the digits: a figure of money never passes through a
 * binary fraction on its way to the page. `asNumber` is for drawing only.
 */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

export type Sign = -1 | 0 | 1;

interface Digits {
  negative: boolean;
  digits: string;
  /** How many of the digits stand behind the point; never negative. */
  scale: number;
}

function digitsOf(text: string): Digits | null {
  const found = DECIMAL.exec(text.trim());
  const whole = found?.[2] ?? "";
  const fraction = found?.[3] ?? "";
  if (found === null || whole + fraction === "") return null;
  const scale = fraction.length - Number(found[4] ?? 0);
  const digits = scale < 0 ? whole + fraction + "0".repeat(-scale) : whole + fraction;
  return { negative: found[1] === "-", digits: digits.padStart(scale + 1, "0"), scale: Math.max(0, scale) };
}

/** -1, 0 or 1; text that is no decimal has no sign. */
export function signOf(text: string | null | undefined): Sign {
  const found = text == null ? null : digitsOf(text);
  if (found === null || /^0*$/.test(found.digits)) return 0;
  return found.negative ? -1 : 1;
}

function rounded(value: Digits, places: number): Digits {
  if (value.scale <= places) return { ...value, digits: value.digits + "0".repeat(places - value.scale), scale: places };
  const kept = value.digits.slice(0, value.digits.length - (value.scale - places));
  const cut = value.digits[kept.length] ?? "0";
  const up = cut >= "5" ? 1n : 0n;
  const digits = (BigInt(kept === "" ? "0" : kept) + up).toString().padStart(places + 1, "0");
  return { ...value, digits, scale: places };
}

function trimmed(value: Digits, least: number): Digits {
  let { digits, scale } = value;
  while (scale > least && digits.endsWith("0")) {
    digits = digits.slice(0, -1);
    scale -= 1;
  }
  return { ...value, digits, scale };
}

function grouped(whole: string): string {
  return whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
}

export interface Shape {
  /** At most so many digits behind the point. */
  places?: number;
  /** At least so many; as many as `places` unless given. */
  least?: number;
  /** A plus before what is above zero. */
  plus?: boolean;
}

/** The figure as people read it: grouped thousands, a real minus. Text that is no decimal is shown as it is. */
export function figureText(text: string, { places = 8, least = places, plus = false }: Shape = {}): string {
  const found = digitsOf(text);
  if (found === null) return text;
  const shown = trimmed(rounded(found, places), least);
  const whole = shown.digits.slice(0, shown.digits.length - shown.scale);
  const fraction = shown.scale === 0 ? "" : `.${shown.digits.slice(-shown.scale)}`;
  const nothing = /^0*$/.test(shown.digits);
  const sign = nothing ? "" : shown.negative ? "\u2212" : plus ? "+" : "";
  return `${sign}${grouped(whole)}${fraction}`;
}

export function asNumber(text: string | null | undefined): number {
  return text == null || text === "" ? NaN : Number(text);
}
