/** A short tone for what is critical. Off until the reader turns it on, in this browser. */
const PLACE = "undertow.sound";

export function soundIsOn(): boolean {
  return localStorage.getItem(PLACE) === "on";
}

export function turnSound(on: boolean): void {
  localStorage.setItem(PLACE, on ? "on" : "off");
  if (on) alarm();
}

let audio: AudioContext | undefined;

export function alarm(): void {
  if (!soundIsOn()) return;
  audio ??= new AudioContext();
  const from = audio.currentTime;
  for (const [index, pitch] of [880, 660, 880].entries()) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(audio.destination);
    tone.start(from + index * 0.18);
    tone.stop(from + index * 0.18 + 0.14);
  }
}
