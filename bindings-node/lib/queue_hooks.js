'use strict';
/**
 * A queue's hooks: the caller's functions, told in order, one after the other, on this thread. What they throw, or reject with, stops
 * nothing; of each, the first is a warning of the process.
 */

const { debuglog } = require('node:util');
const { ConfigError, describe, stackOf } = require('./errors.js');
const { kindOf } = require('./kinds.js');
const { QUEUE_HOOKS } = require('./options.js');
const { Outcome } = require('./outcome.js');
const { dropped } = require('./report.js');

/** All that hooks throw. Silent unless NODE_DEBUG names it. */
const log = debuglog('hogwire');

/** The arguments of each hook, from what the core told. @type {Record<string, (...told: any[]) => unknown[]>} */
const READ = {
  onDrop: (told) => [dropped(told)],
  onError: (told) => [new Outcome(told)],
  onDelivered: (uuids, delivery) => [Object.freeze(uuids), delivery],
};

class QueueHooks {
  /** @param {Record<string, any>} options a queue's */
  constructor(options) {
    /** @type {Map<string, Function>} */
    this.hooks = new Map();
    /** Those of which there was a warning. @type {Set<string>} */
    this.failed = new Set();
    /** Lists of notices taken from the core, each from the first one on that no hook was told yet. @type {Iterator<string>[]} */
    this.untold = [];
    for (const name of QUEUE_HOOKS) {
      const hook = options[name];
      if (hook === undefined || hook === null) continue;
      if (typeof hook !== 'function') throw new ConfigError(name, `must be a function, not ${kindOf(hook)}`);
      this.hooks.set(name, hook);
    }
  }

  /**
   * Tells them everything. A hook that closes its queue comes here again, and goes on where the first one was.
   *
   * @param {string[]} notices
   */
  tell(notices) {
    if (notices.length === 0) return;
    // A list may hold a notice for each of a hundred thousand events: it is kept whole, and read once.
    this.untold.push(notices.values());
    for (let list = this.untold[0]; list !== undefined; list = this.untold[0]) {
      const { done, value } = list.next();
      if (done) this.untold.shift();
      else this.#run(value);
    }
  }

  /** @param {string} notice */
  #run(notice) {
    const [name, ...told] = JSON.parse(notice);
    const failed = (/** @type {unknown} */ thrown) => this.#warn(name, thrown);
    try {
      const returned = this.hooks.get(name)?.(.../** @type {Function} */ (READ[name])(...told));
      // An async hook that fails must not end the process, as what is unhandled does.
      if (typeof returned?.then === 'function') Promise.resolve(returned).catch(failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** One warning for each hook: what fails once often fails each time. @param {string} name @param {unknown} thrown */
  #warn(name, thrown) {
    const problem = describe(thrown);
    log('%s threw: %s', name, problem);
    if (this.failed.has(name)) return;
    this.failed.add(name);
    process.emitWarning(`${name} of a queue threw: ${problem}`, { type: 'HogwireWarning', detail: stackOf(thrown) });
  }
}

module.exports = { QueueHooks };
