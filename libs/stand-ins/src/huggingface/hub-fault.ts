/** What the hub refuses, with the code it puts into `X-Error-Code`. */
export class HubFault extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly plain: boolean

  constructor(status: number, { code, message, plain }: { code?: string; message: string; plain?: boolean }) {
    super(message)
    this.status = status
    this.code = code
    this.plain = plain ?? false
  }
}
