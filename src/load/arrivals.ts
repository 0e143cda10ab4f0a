import type { Arrival } from '../config/scenario.ts'
import { type Assignment, messagesOf } from '../ledger/assignment.ts'
import { Random } from './random.ts'

/** Where in a run the messages of one producer stand: one position more with each call, in order. */
export interface Positions {
  next(): number
}

export interface ArrivalOptions {
  readonly assignment: Assignment
  readonly producer: number
  /** Length of the run on the scale of positions; if it is `msgs`, they count messages. */
  readonly span: number
  readonly seed: number
}

/** As many positions from 0 to `span` as the producer has messages. */
export function positionsOf(arrival: Arrival, options: ArrivalOptions): Positions {
  switch (arrival) {
    case 'constant':
      return new EvenPositions(options)
    case 'poisson':
      return new PoissonPositions(options)
    default:
      return arrival satisfies never
  }
}

/** Producers take turns, so that all together are as even as each alone. */
class EvenPositions implements Positions {
  readonly #options: ArrivalOptions
  #turn: number

  constructor(options: ArrivalOptions) {
    this.#options = options
    this.#turn = options.producer
  }

  next(): number {
    const { assignment, span } = this.#options
    const turn = this.#turn
    this.#turn = turn + assignment.producers
    return (turn * span) / assignment.msgs
  }
}

/**
 * A Poisson process given that exactly the producer's number of messages falls within the run.
 * Under that condition its positions are sorted uniform ones (Cox and Lewis, The Statistical
 * Analysis of Series of Events, 1966), which are sums of exponential spacings divided by the sum of
 * one spacing more (Devroye, Non-Uniform Random Variate Generation, 1986, V.3). Independent ones
 * of several producers are together sorted uniform ones again.
 */
class PoissonPositions implements Positions {
  readonly #spacings: Random
  readonly #scale: number
  #passed = 0

  constructor({ assignment, producer, span, seed }: ArrivalOptions) {
    const messages = messagesOf(assignment, producer)
    let sum = 0
    const summed = new Random(seed, producer)
    for (let count = 0; count <= messages; count += 1) sum += summed.exponential()
    this.#scale = span / sum
    // The same spacings again, so that none needs memory.
    this.#spacings = new Random(seed, producer)
  }

  next(): number {
    this.#passed += this.#spacings.exponential()
    return this.#passed * this.#scale
  }
}
