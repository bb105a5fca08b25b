import { EaselError } from '@easel/client'
import { Link } from '@tanstack/react-router'
import { CircleAlert, ExternalLink, Lock } from 'lucide-react'
import { wordsOf } from '../../api/words.ts'
import { useRights } from '../../api/rights.ts'
import type { ReactNode } from 'react'

/** Why a download was refused or failed, and what to do about it. */
export function Refusal({
  code,
  message,
  approvalUrl,
}: {
  code: string
  message: string
  approvalUrl?: string
}) {
  const page = approvalUrl ?? /https?:\/\/[^\s,]+/.exec(message)?.[0]
  const isGate = code === 'MODEL_GATED'
  const advice = isGate ? undefined : whatToDo[code]
  return (
    <div role="alert" className="flex gap-2 rounded-control border border-bad/40 px-3 py-2 text-sm">
      {isGate ? (
        <Lock size={15} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      ) : (
        <CircleAlert size={15} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      )}
      <div className="min-w-0 flex-1">
        {isGate ? <GateSteps page={page} message={message} /> : <p className="text-bad">{message}</p>}
        {advice !== undefined && <p className="text-ink-2">{advice}</p>}
      </div>
    </div>
  )
}

export function RefusalOf({ error }: { error: unknown }) {
  if (!(error instanceof EaselError)) return <Refusal code="" message={wordsOf(error).detail} />
  const { approvalUrl } = error.details
  return (
    <Refusal
      code={error.code}
      message={error.isNetwork ? wordsOf(error).title : error.message}
      {...(typeof approvalUrl === 'string' && { approvalUrl })}
    />
  )
}

/** What somebody does about a model that is not given to everybody. */
export function GateSteps({ page, message }: { page: string | undefined; message?: string }) {
  const { admin } = useRights()
  return (
    <>
      <p className="font-medium">This model is not given to everybody.</p>
      {page === undefined && message !== undefined && <p className="text-ink-2">{message}</p>}
      <ol className="mt-1 list-decimal pl-4 text-ink-2">
        {page !== undefined && (
          <li>
            <ApprovalLink page={page} />, logged in there.
          </li>
        )}
        <li>
          {admin ? (
            <>
              Store a token of that account under{' '}
              <Link to="/downloads" hash="tokens" className="text-accent underline">
                Downloads
              </Link>
              .
            </>
          ) : (
            'Let an administrator store a token of that account under Downloads.'
          )}
        </li>
        <li>Then install it.</li>
      </ol>
    </>
  )
}

function ApprovalLink({ page }: { page: string }): ReactNode {
  if (!/^https?:\/\//.test(page)) return page
  return (
    <a
      href={page}
      target="_blank"
      rel="noreferrer noopener"
      className="inline-flex items-center gap-1 font-medium text-accent underline"
    >
      Ask for access on its page <ExternalLink size={12} aria-hidden />
    </a>
  )
}

const whatToDo: Readonly<Record<string, string>> = {
  DISK_FULL: 'Make room on the disk of the server, or let models go that can be fetched again.',
  HASH_MISMATCH:
    'What came is not what was announced, and was thrown away. Try again, or take another source.',
  SOURCE_UNAVAILABLE: 'The source does not answer now. Try again in a while.',
  SOURCE_NOT_FOUND: 'The file is no longer where it was. Look for it anew under Models.',
  NETWORK: 'The server of Easel cannot be reached. What was being fetched goes on.',
  SOURCE_FORBIDDEN: 'The account of the stored token may not have it: see its page at the source.',
  NOT_A_MODEL_FILE: 'Most often such a page asks to log in: a stored token helps, or another address.',
  SIZE_MISMATCH:
    'What came is not what was announced, and was thrown away. Try again, or take another source.',
  DISK_READ_ONLY: 'The models folder of the server cannot be written to: see to its rights.',
  SOURCE_BUSY: 'The source asks to come again later: try again in a while.',
  URL_FORBIDDEN: 'The address leads into a private network, which this server does not fetch from.',
  FILE_EXISTS: 'Another file has this name already. Give it another name, or move the other one.',
}
