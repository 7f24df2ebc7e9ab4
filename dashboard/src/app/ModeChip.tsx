import type { AccountNow } from "../api/overview";
import { Chip, type ChipTone } from "../ui/Chip";

const LOOK: Record<AccountNow["mode"], { tone: ChipTone; word: string; means: string }> = {
  live: { tone: "alarm", word: "LIVE", means: "Real money at the venue" },
  paper: { tone: "reserved", word: "PAPER", means: "Live prices, our own matching, no order leaves" },
  demo: { tone: "reserved", word: "DEMO", means: "Virtual money, instant fills" },
  simulate: { tone: "plain", word: "SIMULATE", means: "Decides and records, sends nothing" },
};

export function ModeChip({ mode }: { mode: AccountNow["mode"] }) {
  const { tone, word, means } = LOOK[mode];
  return (
    <Chip tone={tone} title={means}>
      {word}
    </Chip>
  );
}

export function modeWord(mode: AccountNow["mode"]): string {
  return LOOK[mode].word;
}
