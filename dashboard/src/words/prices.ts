import { figureText } from "./decimal";
import { NONE } from "./figures";

/**
 * A price with as many digits as are of use: averages have dozens. `beside` is a price of the same symbol, so that both
 * are written with the same digits.
 */
export function priceLike(text: string | null | undefined, beside?: string | null): string {
  if (text == null) return NONE;
  return figureText(text, { places: placesOf(beside ?? text), least: 0 });
}

function placesOf(text: string): number {
  const size = Math.abs(Number(text));
  if (!Number.isFinite(size) || size === 0) return 8;
  const whole = Math.floor(Math.log10(size)) + 1;
  return Math.max(2, Math.min(8, 6 - whole));
}
