/** Sums and products of decimal text, exact: what a dialog promises in dollars does not pass through a float. */
interface Exact {
  units: bigint;
  scale: number;
}

const PLAIN = /^([+-]?)(\d+)(?:\.(\d*))?$/;

function exactOf(text: string): Exact | null {
  const found = PLAIN.exec(text.trim());
  if (found === null) return null;
  const fraction = found[3] ?? "";
  const units = BigInt(`${found[2] ?? ""}${fraction}`);
  return { units: found[1] === "-" ? -units : units, scale: fraction.length };
}

function textOf({ units, scale }: Exact): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? "" : digits.slice(-scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Null when one of them is no plain decimal. */
export function times(one: string, other: string): string | null {
  const left = exactOf(one);
  const right = exactOf(other);
  if (left === null || right === null) return null;
  return textOf({ units: left.units * right.units, scale: left.scale + right.scale });
}

export function plus(one: string, other: string): string | null {
  const left = exactOf(one);
  const right = exactOf(other);
  if (left === null || right === null) return null;
  const scale = Math.max(left.scale, right.scale);
  const aligned = (value: Exact) => value.units * 10n ** BigInt(scale - value.scale);
  return textOf({ units: aligned(left) + aligned(right), scale });
}

export function minus(one: string, other: string): string | null {
  const negated = times(other, "-1");
  return negated === null ? null : plus(one, negated);
}

/** `percent` of `amount`. */
export function share(amount: string, percent: string): string | null {
  const product = times(amount, percent);
  return product === null ? null : times(product, "0.01");
}

export function total(amounts: readonly (string | null)[]): string | null {
  return amounts.reduce<string | null>((sum, one) => (sum === null || one === null ? null : plus(sum, one)), "0");
}

/** Negative, 0 or positive, as `sort` wants it; texts that are no decimals are equal. */
export function compare(one: string, other: string): number {
  const difference = minus(one, other);
  if (difference === null || /^-?0(\.0*)?$/.test(difference)) return 0;
  return difference.startsWith("-") ? -1 : 1;
}
