import type { ToolOutput } from '../../wire/types';
import { LineNote } from '../../base/codeField';
import { Json, Waiting } from '../../wire/transcript';

const APPROVE_CODE = 'approve_code';

/** Code that waits for a person's decision. */
export interface Proposal {
  code: string;
  sha256: string;
  /** Risks to review: files, network access, shell commands. */
  hints: string[];
  /** The same by lines, where the hints have lines. */
  notes: LineNote[];
  kernelId: string;
  /** Whether it runs in the thread's own kernel, which is in no sandbox then. */
  ownKernel: boolean;
  /** The language of its kernel. */
  language: string;
  /** The administrator's limit; with `ask`, every piece of code needs its own approval. */
  maxApproval: string;
}

/** The person's decision. */
export type Decision =
  | { approved: true; always: boolean; code: string }
  | { approved: false; reason: string };

/** Return whether a call asks for an approval of code. */
export function isApproval(call: Waiting): boolean {
  return call.name === APPROVE_CODE;
}

/** Return the code that a call asks to approve. */
export function proposalOf(call: Waiting): Proposal {
  const given = JSON.parse(call.arguments);
  return {
    code: String(given.code ?? ''),
    sha256: String(given.sha256 ?? ''),
    hints: (given.hints ?? []).map(String),
    notes: notesOf(given.findings ?? []),
    kernelId: String(given.kernel_id ?? ''),
    ownKernel: given.own_kernel === true,
    language: String(given.language ?? 'python'),
    maxApproval: String(given.max_approval ?? 'auto')
  };
}

/** Return one note a line, with everything that was found there. */
function notesOf(findings: Json[]): LineNote[] {
  const texts = new Map<number, string[]>();
  for (const { kind, lines } of findings) {
    for (const line of lines) {
      texts.set(line, [...(texts.get(line) ?? []), String(kind)]);
    }
  }
  return [...texts].map(([line, kinds]) => ({ line, text: kinds.join(' · ') }));
}

/** Return the tool output for a decision. An approval carries the hash of exactly the code that is to run. */
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

/** Return the SHA-256 of a UTF-8 text as hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('');
}
