import { expect, test } from 'vitest'
import { help, readFlags } from './flags.ts'

test('without flags it is a small cluster', () => {
  expect(readFlags([], {})).toMatchObject({ workers: 8, users: 6, flooders: 0, timeScale: 0.05, seed: 1 })
})

test('all that is given is read', () => {
  const flags = readFlags(
    '--workers 20 --vram 12,24,80 --faults oom=0.01,crash=0.002 --closed 3 --mix 1,0,1 -h'.split(' '),
    {},
  )

  expect(flags).toMatchObject({
    workers: 20,
    vramGib: [12, 24, 80],
    faults: { oom: 0.01, crash: 0.002 },
    arrivals: { closed: 3 },
    mix: [1, 0, 1],
    help: true,
  })
})

test('every flag that is wrong is named', () => {
  const read = () =>
    readFlags(
      '--workers 0 --rate many --copies 2 --load 4,x --faults fire=1,oom=3 --api-key k --flooders 9'.split(
        ' ',
      ),
      {},
    )

  for (const name of ['workers', 'rate', 'copies', 'load', 'faults', 'api-key', 'flooders'])
    expect(read).toThrow(`--${name}`)
  expect(read).toThrow("'fire=1'")
  expect(read).toThrow("'oom=3'")
})

test('an unknown flag and one without its value are named', () => {
  expect(() => readFlags(['--wrokers', '3'], {})).toThrow('--wrokers')
  expect(() => readFlags(['--workers'], {})).toThrow('--workers')
})

test('an Easel that runs is loaded in real time, as the owner of the key unless users are to be made', () => {
  const flags = readFlags(['--url', 'http://localhost:8080/'], { EASEL_API_KEY: 'esl_1' })

  expect(flags).toMatchObject({
    target: { url: 'http://localhost:8080', apiKey: 'esl_1' },
    users: 0,
    timeScale: 1,
  })
  expect(() => readFlags(['--url', 'http://localhost', '--workers', '3'], { EASEL_API_KEY: 'k' })).toThrow(
    '--workers is not for --url',
  )
  expect(() => readFlags(['--url', 'localhost:8080'], {})).toThrow('--url wants')
  expect(() => readFlags(['--url', 'http://localhost'], {})).toThrow('EASEL_API_KEY')
})

test('help tells of every flag', () => {
  for (const name of ['workers', 'time-scale', 'faults', 'url', 'workflow', 'drain', 'json', 'quiet'])
    expect(help).toContain(`--${name} `.trimEnd())
})
