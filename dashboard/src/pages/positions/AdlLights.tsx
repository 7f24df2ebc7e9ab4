import { NONE } from "../../words/figures";
import { useNow } from "../../words/now";
import { adlWords, LIGHTS, lightsOf } from "./adlWords";
import type { AdlRank } from "./types";

/** How early the venue would close the position to cover others' losses: one to five lights. */
export function AdlLights({ adl }: { adl: AdlRank | undefined }) {
  const words = adlWords(adl, useNow());
  const lights = lightsOf(adl);
  const paint = lights === LIGHTS ? "text-danger" : lights === LIGHTS - 1 ? "text-warning" : "text-dim";
  return (
    <span className="inline-flex items-center gap-1 text-2xs" title={words}>
      <span aria-hidden className="text-faint">
        ADL
      </span>
      <span aria-hidden className={`figure ${paint}`}>
        {lights === null ? NONE : "▮".repeat(lights) + "▯".repeat(LIGHTS - lights)}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
