import type { ToolOutput } from '../../wire/types';
import { Waiting } from '../../wire/transcript';

/** Code that waits for a person's decision. */
export interface Proposal {
  code: string;
  sha256: string;
  /** What the person should look at: files, networks, shell commands. */
  hints: string[];
  kernelId: string;
  /** The language of its kernel. */
  language: string;
  /** The administrator's ceiling; with `ask` every piece of code is asked for. */
  maxApproval: string;
}

/** What the person decided. */
export type Decision =
  | { approved: true; always: boolean; code: string }
  | { approved: false; reason: string };

/** Give the code that a call asks to run. */
export function proposalOf(call: Waiting): Proposal {
  const given = JSON.parse(call.arguments);
  return {
    code: String(given.code ?? ''),
    sha256: String(given.sha256 ?? ''),
    hints: (given.hints ?? []).map(String),
    kernelId: String(given.kernel_id ?? ''),
    language: String(given.language ?? 'python'),
    maxApproval: String(given.max_approval ?? 'auto')
  };
}

/** Give the tool output that says a decision. An approval names the hash of exactly the code that is to run. */
export async function answerOf(
  call: Waiting,
  proposal: Proposal,
  decision: Decision
): Promise<ToolOutput> {
  return {
    tool_call_id: call.id,
    output: JSON.stringify(await said(proposal, decision))
  };
}

async function said(proposal: Proposal, decision: Decision): Promise<object> {
  if (!decision.approved) {
    return { approved: false, reason: decision.reason };
  }
  const always = decision.always ? { always: true } : {};
  if (decision.code === proposal.code) {
    return { approved: true, sha256: proposal.sha256, ...always };
  }
  return {
    approved: true,
    code: decision.code,
    sha256: await sha256(decision.code),
    ...always
  };
}

/** Give the SHA-256 of a text in UTF-8, in hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('');
}
