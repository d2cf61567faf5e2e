/** The embedded target in a thread of its own, for a run that brings its own server. */
import type { Address } from "../transport/flow.ts";
import type { Target, TargetOptions } from "./options.ts";
import { startTarget } from "./server.ts";

/** To the target's thread; each order gets one notice back, in order. */
export type TargetOrder =
  | { readonly kind: "start"; readonly options: PlainTargetOptions }
  | { readonly kind: "counters" }
  | { readonly kind: "close" };

/** From the target's thread. */
export type TargetNotice =
  | { readonly kind: "started"; readonly address: Address }
  | { readonly kind: "counters"; readonly counters: Record<string, number> }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly error: string };

/** Options that can cross threads: passwords as a record instead of a function. */
export type PlainTargetOptions = Omit<TargetOptions, "digest"> & {
  readonly digest?: { realm: string; algorithm: "MD5" | "SHA-256"; passwords: Readonly<Record<string, string>> };
};

async function obey(order: TargetOrder): Promise<TargetNotice> {
  switch (order.kind) {
    case "start": {
      const { digest, ...options } = order.options;
      target = await startTarget({
        ...options,
        ...(digest === undefined
          ? {}
          : { digest: { ...digest, secretOf: (username: string) => digest.passwords[username] } }),
      });
      return { kind: "started", address: target.addresses[0]!.address };
    }
    case "counters":
      return { kind: "counters", counters: target?.counters() ?? {} };
    case "close":
      await target?.close();
      return { kind: "closed" };
  }
}

let target: Target | undefined;

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<TargetOrder>) => void) | null;
  postMessage(notice: TargetNotice): void;
};

scope.onmessage = ({ data }) => {
  obey(data).then(
    (notice) => scope.postMessage(notice),
    (error) => scope.postMessage({ kind: "failed", error: error instanceof Error ? error.message : String(error) }),
  );
};
