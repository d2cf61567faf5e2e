/** What k6 has besides its modules and `@types/k6`. */
declare const console: Record<
  "log" | "info" | "warn" | "error" | "debug",
  (...values: unknown[]) => void
>;
