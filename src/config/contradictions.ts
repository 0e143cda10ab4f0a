import type { ConfigIssue } from './config-issue.ts'
import type { ConfigPath } from './field.ts'
import type { Keys } from './outline.ts'

/** Pairs of keys that say two things about how much is sent, or when; the second has to go. */
const CONTRADICTIONS: readonly (readonly [key: string, rival: string, reason: string])[] = [
  ['find', 'stages', 'a search chooses the rates'],
  ['find', 'rate', 'a search chooses the rates'],
  ['find', 'msgs', 'a search sends what its rates make in holdSeconds'],
  ['find', 'durationSeconds', 'a search holds each rate for holdSeconds'],
  ['stages', 'rate', 'each stage has its own rate'],
  ['stages', 'msgs', 'the stages make as many messages as their rates and seconds say'],
  ['stages', 'durationSeconds', 'each stage has its own seconds'],
  ['msgs', 'durationSeconds', 'a run ends by number or by time'],
]

/** The keys of one object that cannot stand beside each other in it. */
export function issuesOfContradictions(keys: Keys, path: ConfigPath): ConfigIssue[] {
  const reproached = new Map<string, ConfigIssue>()
  for (const [key, rival, reason] of CONTRADICTIONS) {
    if (!(key in keys && rival in keys) || reproached.has(rival)) continue
    const message = `Cannot use ${rival} together with ${key}: ${reason}`
    reproached.set(rival, { path: [...path, rival], message })
  }
  return [...reproached.values()]
}

/** `keys` without those that contradict what `stronger` says. */
export function withoutContradicted(keys: Keys, stronger: Keys): Keys {
  const contradicted = new Set(
    CONTRADICTIONS.flatMap(([key, rival]) => [
      ...(key in stronger ? [rival] : []),
      ...(rival in stronger ? [key] : []),
    ]),
  )
  return Object.fromEntries(Object.entries(keys).filter(([key]) => !contradicted.has(key)))
}
