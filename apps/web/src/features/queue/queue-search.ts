/** What the address of the queue holds; `job`: the one that is opened. */
export type QueueSearch = { show?: 'open' | 'done' | 'failed'; whose?: 'mine'; job?: string }
