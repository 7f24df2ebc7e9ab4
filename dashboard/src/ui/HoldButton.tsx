import { useEffect, useRef, useState, type ReactNode } from "react";
import { buttonLook, type Tone } from "./Button";

interface HoldButtonProps {
  children: ReactNode;
  onHeld: () => void;
  holdMs?: number;
  tone?: Tone;
  disabled?: boolean;
  className?: string;
}

/**
 * A button for what cannot be taken back: it acts after it was held for `holdMs` (2 s), with the pointer or with Space
 * or Enter. Letting go earlier, leaving it or Escape does nothing.
 */
export function HoldButton({ children, onHeld, holdMs = 2_000, tone = "danger", disabled, className = "" }: HoldButtonProps) {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const release = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setHeld(false);
  };
  const press = () => {
    if (disabled || timer.current !== undefined) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      release();
      onHeld();
    }, holdMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <button
      type="button"
      disabled={disabled}
      aria-description={`Hold for ${holdMs / 1_000} seconds`}
      className={`${buttonLook(tone)} relative touch-none overflow-hidden select-none ${className}`}
      onPointerDown={(event) => {
        if (event.button === 0) press();
      }}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === " " || event.key === "Enter") {
          event.preventDefault();
          press();
        } else if (event.key === "Escape") release();
      }}
      onKeyUp={release}
    >
      <span
        aria-hidden
        className="absolute inset-y-0 left-0 bg-ground/35"
        style={{ width: held ? "100%" : "0%", transition: held ? `width ${holdMs}ms linear` : "none" }}
      />
      <span className="relative">{children}</span>
    </button>
  );
}
