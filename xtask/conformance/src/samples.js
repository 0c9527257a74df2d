// Everything that the sandbox was heard to say, each distinct object once.

/** A collection of JSON objects, taken out of lists and error envelopes. */
export class Samples {
  #seen = new Map();

  /** Takes `value`, and the rows of a list one by one. `source` tells where it was seen. */
  add(value, source) {
    if (value?.object === 'list') {
      value.data.forEach((row) => this.add(row, source));
      this.#keep({ kind: 'list', value: { ...value, data: [] }, source });
    } else if (value?.error) {
      this.#keep({ kind: 'error', value: value.error, source });
    } else {
      this.#keep({ kind: value?.deleted ? `deleted ${value.object}` : value?.object, value, source });
    }
  }

  /** The samples, `{ kind, value, source }`, in the order in which they came. */
  all() {
    return [...this.#seen.values()];
  }

  /** The samples of one kind: the `object` of an object, `list`, `error`, or `deleted` and an object. */
  of(kind) {
    return this.all().filter((sample) => sample.kind === kind);
  }

  /** Every object of one kind, wherever it was: by itself, in an event, or inside another object. */
  within(kind) {
    const found = [];
    const visit = (value) => {
      if (value === null || typeof value !== 'object') return;
      if (value.object === kind && !value.deleted) found.push(value);
      for (const [key, held] of Object.entries(value)) if (key !== 'previous_attributes') visit(held);
    };
    this.all().forEach((sample) => visit(sample.value));
    return found;
  }

  #keep(sample) {
    const key = JSON.stringify(sample.value);
    if (!this.#seen.has(key)) this.#seen.set(key, sample);
  }
}
