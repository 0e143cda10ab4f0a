/** Which producer sends which messages. Messages are numbered densely, producer after producer. */
export interface Assignment {
  readonly producers: number
  readonly msgs: number
}

/** Messages of one producer: the first `msgs % producers` of them have one more than the rest. */
export function messagesOf(assignment: Assignment, producer: number): number {
  const { producers, msgs } = assignment
  return Math.floor(msgs / producers) + (producer < msgs % producers ? 1 : 0)
}

/** Number of the first message of `producer`; its others follow in order of their sequence. */
export function firstMessageOf(assignment: Assignment, producer: number): number {
  const { producers, msgs } = assignment
  return producer * Math.floor(msgs / producers) + Math.min(producer, msgs % producers)
}
