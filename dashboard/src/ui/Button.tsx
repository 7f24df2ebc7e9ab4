import type { ComponentProps } from "react";

export type Tone = "plain" | "primary" | "danger" | "quiet";

const LOOK: Record<Tone, string> = {
  plain: "border-line-strong bg-raised text-text hover:bg-hover",
  primary: "border-transparent bg-text text-ground hover:opacity-90",
  danger: "border-transparent bg-danger-solid text-on-danger hover:opacity-90",
  quiet: "border-transparent bg-transparent text-dim hover:bg-hover hover:text-text",
};

export interface ButtonProps extends ComponentProps<"button"> {
  tone?: Tone;
  small?: boolean;
}

export function buttonLook(tone: Tone = "plain", small = false): string {
  const size = small ? "h-6 px-2 text-xs" : "h-8 px-3";
  return `inline-flex items-center justify-center gap-1.5 rounded border font-medium whitespace-nowrap disabled:opacity-45 ${size} ${LOOK[tone]}`;
}

export function Button({ tone = "plain", small = false, className = "", type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={`${buttonLook(tone, small)} ${className}`} {...rest} />;
}
