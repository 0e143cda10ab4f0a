import type { Correctness, CorrectnessVerdict } from './correctness.ts'

/** What several runs of one scenario say together: one violation is enough, and so is one doubt. */
export function sumCorrectness(parts: readonly Correctness[]): Correctness {
  const sum = (name: Count) => parts.reduce((total, part) => total + part[name], 0)
  return {
    verdict: worst(parts.map(part => part.verdict)),
    produced: sum('produced'),
    settled: sum('settled'),
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    corrupted: sum('corrupted'),
    unexpected: sum('unexpected'),
    leaseOverlaps: sum('leaseOverlaps'),
    idConflicts: sum('idConflicts'),
    redelivered: sum('redelivered'),
    reasons: parts.flatMap(part => part.reasons),
  }
}

type Count = Exclude<keyof Correctness, 'verdict' | 'reasons'>

function worst(verdicts: readonly CorrectnessVerdict[]): CorrectnessVerdict {
  if (verdicts.includes('violated')) return 'violated'
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'exactly-once'
}
