'use strict';
/**
 * A queue's hooks: the caller's functions, told in order, one after the other, on this thread. What they throw stays here.
 */

const { debuglog } = require('node:util');
const { ConfigError, describe } = require('./errors.js');
const { kindOf } = require('./kinds.js');
const { Outcome } = require('./outcome.js');
const { dropped } = require('./report.js');

/** Silent unless NODE_DEBUG names it. */
const log = debuglog('hogwire');

/** The arguments of each hook, from what the core told. @type {Record<string, (...told: any[]) => unknown[]>} */
const READ = {
  onDrop: (told) => [dropped(told)],
  onError: (told) => [new Outcome(told)],
  onDelivered: (uuids, delivery) => [Object.freeze(uuids), delivery],
};
const QUEUE_HOOKS = Object.keys(READ);

class QueueHooks {
  /** @param {Record<string, any>} options a queue's */
  constructor(options) {
    /** @type {Map<string, Function>} */
    this.hooks = new Map();
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
    const failed = (/** @type {unknown} */ thrown) => log('%s threw: %s', name, describe(thrown));
    try {
      const returned = this.hooks.get(name)?.(.../** @type {Function} */ (READ[name])(...told));
      // An async hook that fails must not count as unhandled.
      if (typeof returned?.then === 'function') Promise.resolve(returned).catch(failed);
    } catch (thrown) {
      failed(thrown);
    }
  }
}

module.exports = { QueueHooks, QUEUE_HOOKS };
